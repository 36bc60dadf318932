"""What classes are called by people, and which larger class they are in."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commerce import Product, Text


def class_name(named: str, products: Sequence[Product]) -> Text:
    """The name of the kind or product, or the label as a text."""
    form, _, name = named.partition(":")
    if form == "product":
        return next((product.name for product in products if product.id == name), Text(name, name))
    told = next((one.category_name for one in products if form == "kind" and one.category == name), Text())
    plain = name.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return told if told.zh or told.en else Text(plain, plain)


def larger_class(named: str, products: Sequence[Product]) -> str:
    """A product's kind; of another class what its path is in, or itself."""
    form, _, name = named.partition(":")
    if form == "product":
        return next((f"kind:{product.category}" for product in products if product.id == name), named)
    return named.rpartition("/")[0] or named
