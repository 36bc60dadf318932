"""`lexicon.yml`: what a shop's customers call its things, over the words that its catalogue has already.

products:
  P1001: [the red one, 小红]       # what a product is called, by its id
kinds:
  lamps: [night light, 床头灯]     # what the products of a category are, by its id or one of its names
properties:
  Battery life: [runtime, how long it lasts]   # what an attribute is called, by its label in either language
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.commerce import Product
from bot.errors import BadContent
from bot.text import normal

_KEYS = ("products", "kinds", "properties")

Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """More words for products by id, for categories and for attributes; the names of the latter two are normalised."""

    products: Words = field(default_factory=dict)
    kinds: Words = field(default_factory=dict)
    properties: Words = field(default_factory=dict)

    def over(self, products: Iterable[Product]) -> list[Product]:
        """The products with these words among their aliases and those of their categories."""
        return [self._with_words(product) for product in products]

    def for_label(self, *labels: str) -> tuple[str, ...]:
        """What else an attribute is called that has one of these labels."""
        return tuple(word for label in labels for word in self.properties.get(normal(label), ()))

    def _with_words(self, product: Product) -> Product:
        names = (product.category, product.category_name.zh, product.category_name.en)
        kinds = tuple(word for name in dict.fromkeys(map(normal, names)) for word in self.kinds.get(name, ()))
        own = self.products.get(product.id, ())
        if not kinds and not own:
            return product
        return replace(product, aliases=(*product.aliases, *own), category_aliases=(*product.category_aliases, *kinds))


# A shop's that has written nothing down.
NO_WORDS = OwnWords()


def read_words(file: Path | None) -> OwnWords:
    """The words of a file; none without one. Raises BadContent: file, key and remedy."""
    if file is None:
        return NO_WORDS
    try:
        content = YAML(typ="safe").load(file.read_text("utf-8")) or {}
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    if not isinstance(content, dict):
        raise BadContent("this is no mapping.", where=str(file), remedy=f"Begin with one of {', '.join(_KEYS)}.")
    for key in content:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, 1)
            remedy = f"Did you mean {near[0]}?" if near else f"There are {', '.join(_KEYS)}."
            raise BadContent("this key is not known.", where=f"{file}, {key}", remedy=remedy)
    read = {key: _words_of(content.get(key) or {}, file, key) for key in _KEYS}
    return OwnWords(
        read["products"],
        {normal(name): words for name, words in read["kinds"].items()},
        {normal(name): words for name, words in read["properties"].items()},
    )


def _words_of(raw: Any, file: Path, key: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(raw, dict):
        raise BadContent("this is no mapping.", where=f"{file}, {key}", remedy="Write `name: [word, word]`.")
    return {str(name): _list(words, f"{file}, {key}.{name}") for name, words in raw.items()}


def _list(words: Any, where: str) -> tuple[str, ...]:
    listed: Sequence[Any] = words if isinstance(words, list) else [words]
    if not listed or any(not isinstance(word, str | int | float) or not str(word).strip() for word in listed):
        raise BadContent("these are no words.", where=where, remedy="Write a list: [word, word].")
    return tuple(str(word).strip() for word in listed)
