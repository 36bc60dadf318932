"""Properties of products as customers ask about them (`concepts.yml`), and the attributes that answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.commerce import Attribute, Product
from bot.text import normal

_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Concept:
    """One property: the ways to ask for it, and the attribute keys that answer, best first."""

    name: str
    zh: tuple[str, ...]
    en: re.Pattern[str]
    keys: tuple[str, ...]

    def asked_in(self, text: str) -> str:
        """The words in `text` (normalised) that ask for this property, or an empty string."""
        for word in self.zh:
            if word in text:
                return word
        match = self.en.search(text)
        return match.group() if match else ""


@cache
def concepts() -> tuple[Concept, ...]:
    """All concepts of `concepts.yml`."""
    raw = YAML(typ="safe").load(Path(__file__).with_name("concepts.yml").read_text("utf-8"))
    return tuple(
        Concept(
            name,
            tuple(word.lower() for word in fields["zh"]),
            re.compile(r"\b(?:" + "|".join(_stem(word) for word in fields["en"]) + ")"),
            tuple(fields["keys"]),
        )
        for name, fields in raw.items()
    )


def _stem(word: str) -> str:
    """What a word begins with, or with a dot at its end all of it, as an expression."""
    return f"{re.escape(word[:-1])}\\b" if word.endswith(".") else re.escape(word)


def asked(text: str) -> list[tuple[Concept, str]]:
    """The concepts that a text asks for, each with the words that do."""
    plain = normal(text)
    return [(concept, word) for concept in concepts() if (word := concept.asked_in(plain))]


def answering(product: Product, text: str) -> list[Attribute]:
    """The product's attributes that answer a question, best first; empty when none does."""
    by_key = {attribute.key: attribute for attribute in product.attributes}
    found = [by_key[key] for concept, _ in asked(text) for key in concept.keys if key in by_key]
    return list(dict.fromkeys([*found, *_by_label(product.attributes, normal(text))]))


def _by_label(attributes: Sequence[Attribute], text: str) -> list[Attribute]:
    """Attributes whose label is said in the text."""
    return [
        attribute
        for attribute in attributes
        if (attribute.label.zh and normal(attribute.label.zh) in text)
        or ((label := set(_WORD.findall(attribute.label.en.lower()))) and label <= set(_WORD.findall(text)))
    ]
