"""The words for what products are: which of them a text says, and which products they name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.commerce import Product
from bot.text import normal, singular, words

_IN_BRACKETS = re.compile(r"\([^)]*\)")


class Kinds:
    """The words for what each product of a shop is, made ready for looking them up."""

    def __init__(self, products: Iterable[Product]) -> None:
        products = list(products)
        names = {product.id: [_plain(name) for name in _names_of(product)] for product in products}
        self._names = names
        self._own = {product.id: [_plain(name) for name in _own_names_of(product)] for product in products}
        self._ends = [_ends_of(name) for name in dict.fromkeys(name for own in names.values() for name in own)]

    def said(self, text: str) -> tuple[str, ...]:
        """The product words that a normalised text says, without those inside longer ones, sorted.

        Of a word its head counts, which is its end, in Chinese as in English: "主动降噪头戴耳机" is an 耳机, "Waterproof
        Hiking Boots" are boots.
        """
        latin, tokens = f" {_singular_words(text)} ", set(words(text))
        said = {head for ends in self._ends if (head := next((e for e in ends if _says(e, text, latin, tokens)), ""))}
        return tuple(sorted(name for name in said if not any(name != other and name in other for other in said)))

    def named_by(self, kinds: Iterable[str], product_id: str) -> bool:
        """Whether one of these words, as `said` gives them, is for this product. None is for an unknown one."""
        return _any_ends_with(self._names.get(product_id, ()), kinds)

    def place(self, word: str, plain: str) -> tuple[int, int] | None:
        """Where a normalised text says a word that `said` gave; None where only its singular or its parts stand there."""
        if not word.isascii():
            start = plain.rfind(word)
            return (start, start + len(word)) if start >= 0 else None
        match = re.search(r"\b" + r"[\s'’-]+".join(rf"{re.escape(part)}(?:e?s)?" for part in word.split()) + r"\b", plain)
        return match.span() if match else None

    def own_name_says(self, kinds: Iterable[str], product_id: str) -> bool:
        """Whether the product itself is called so, and not only its category."""
        return _any_ends_with(self._own.get(product_id, ()), kinds)


def _own_names_of(product: Product) -> list[str]:
    """What a product is called: its names and aliases."""
    names = (product.name.zh, _IN_BRACKETS.sub("", product.name.en).strip(), *product.aliases)
    return [normal(name) for name in names if name]


def _names_of(product: Product) -> list[str]:
    """What a product is called, and what its category is."""
    kind = (product.category_name.zh, product.category_name.en, *product.category_aliases)
    return _own_names_of(product) + [normal(name) for name in kind if name]


def _any_ends_with(names: Iterable[str], kinds: Iterable[str]) -> bool:
    return any(f" {name}".endswith(f" {kind}" if kind.isascii() else kind) for kind in kinds for name in names)


def _ends_of(name: str) -> tuple[str, ...]:
    """The ends of a product word that can be its head, longest first."""
    if name.isascii():
        parts = name.split()
        return tuple(end for n in range(len(parts)) if len(end := " ".join(parts[n:])) > 2)
    return tuple(name[n:] for n in range(max(len(name) - 1, 1)))


def _says(end: str, text: str, latin: str, tokens: set[str]) -> bool:
    """Whether a text says this; one character must be said as a word: 鞋 in "防水的鞋", not in "鞋底"."""
    if end.isascii():
        return f" {end} " in latin
    if len(end) > 1:
        return end in text
    return end in tokens or re.search(f"[的个款双只条件把台买找]{end}", text) is not None


def _plain(name: str) -> str:
    """A Latin product word as it is compared, its words in the singular; others as they are."""
    return _singular_words(name) if name.isascii() else name


def _singular_words(text: str) -> str:
    return " ".join(singular(word) for word in re.findall(r"[a-z0-9-]+", text))
