"""What people call a product: its full name, an alias, or the part of the name that tells it from all others."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from functools import cache

import jieba

from bot.commerce import Product
from evals.truth.tables import Tables, has_han, plain


def called(product: Product, tables: Tables, language: str, rng: random.Random) -> str:
    """One of the ways to call a product that mean no other product of the shop."""
    full = product.name.in_(language)
    options = [full, *aliases(product, tables, language), *telling_parts(product, tables, language)]
    return rng.choice(list(dict.fromkeys(options)))


@cache
def aliases(product: Product, tables: Tables, language: str) -> list[str]:
    """The aliases of a product in a language that occur with no other product."""
    mine = [alias for alias in product.aliases if has_han(alias) == (language == "zh")]
    return [alias for alias in mine if _is_own(alias, product, tables)]


@cache
def telling_parts(product: Product, tables: Tables, language: str) -> list[str]:
    """Short forms of a name that occur with no other product: its first word, and its first with its last."""
    name = product.name.zh if language == "zh" else product.name.en
    cut = jieba.lcut(name) if language == "zh" else name.split()
    words = [word for word in cut if word.strip() and not re.search(r"\d", word)]
    if len(words) < 2 or words[0] != cut[0] or not words[-1].isalpha() or min(len(words[0]), len(words[-1])) < 2:
        return []
    first, joined = words[0], ("" if language == "zh" else " ").join((words[0], words[-1]))
    # a first word that others are described by is an adjective, and nobody says it alone; in English it mostly is one
    alone = [first] if language == "zh" and not _describes(first, product, tables) else []
    others = [" ".join(_texts(other)) for other in tables.products if other.id != product.id]
    both = [] if any(_occurs(words[0], text) and _occurs(words[-1], text) for text in others) else [joined]
    return [part for part in (*alone, *both) if _is_own(part, product, tables)]


def _describes(word: str, product: Product, tables: Tables) -> bool:
    """Whether a word stands in a product's own attributes, or in what is said of another one."""
    stated = (one.value.zh for one in product.attributes)
    told = (
        text
        for p in tables.products
        if p.id != product.id
        for text in (p.description.zh, *(a.value.zh for a in p.attributes))
    )
    return any(word in text for text in (*stated, *told))


def _is_own(name: str, product: Product, tables: Tables) -> bool:
    """Whether a name occurs in nothing else that people may call a product, a kind of products or a brand."""
    others = [other for other in tables.products if other.id != product.id]
    if any(_occurs(name, text) for other in others for text in _texts(other)):
        return False
    kinds = [
        text for p in tables.products for text in (p.category_name.zh, p.category_name.en, *p.category_aliases, p.brand)
    ]
    return not any(_occurs(name, text) for text in kinds)


def _texts(product: Product) -> tuple[str, ...]:
    """Everything in which a product's name could be mistaken for this one's."""
    return product.name.zh, product.name.en, *product.aliases


def _occurs(name: str, text: str) -> bool:
    if has_han(name):
        return name in text
    return re.search(rf"(?<![a-z0-9]){re.escape(name.lower())}(?![a-z0-9])", text.lower()) is not None


def mentioned(text: str, tables: Tables) -> list[str]:
    """The products that a text names in full, in the order of their first mention. A name inside a longer one is not one."""
    ids = _ids(tables)
    return list(dict.fromkeys(ids[found.lower()] for found in full_names(tables).findall(text)))


@cache
def full_names(tables: Tables) -> re.Pattern[str]:
    """Finds the full names of products, in either language, the longest first."""
    return one_of(_ids(tables))


def one_of(names: Iterable[str]) -> re.Pattern[str]:
    """Finds any of some names, the longest first; never anything where there are none."""
    ordered = sorted(filter(None, names), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)", re.IGNORECASE)


@cache
def _ids(tables: Tables) -> dict[str, str]:
    """Products by their full names as they are read in an answer."""
    return {plain(name).lower(): p.id for p in tables.products for name in (p.name.zh, p.name.en) if name}


@cache
def kind_words(category: str, tables: Tables, language: str) -> list[str]:
    """Words for a category that mean all of it and nothing outside it: its name, and aliases that all its products bear."""
    products = tables.categories()[category]
    first = products[0]
    aliases_of_all = [w for w in first.category_aliases if all(any(_occurs(w, t) for t in _texts(p)) for p in products)]
    words = (first.category_name.in_(language), *aliases_of_all)
    mine = [word for word in words if word and has_han(word) == (language == "zh")]
    outside = [product for product in tables.products if product.category != category]
    return [word for word in dict.fromkeys(mine) if not any(_touches(word, product) for product in outside)]


def _touches(word: str, product: Product) -> bool:
    """Whether a word for a kind could mean this product of another kind, too."""
    texts = (*_texts(product), product.category_name.zh, product.category_name.en, *product.category_aliases)
    stem = word.lower() if has_han(word) else word.lower().removesuffix("s")
    return any(stem in text.lower() or (text and text.lower() in stem) for text in texts)
