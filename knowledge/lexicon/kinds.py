"""The words for what products are: which of them a text says, and which products they name. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from bot.commerce import Product
from bot.text import normal, singular, words
from knowledge.lexicon.grams import PLURAL

# What anything is called: no kind by itself.
_ANYTHING = frozenset({"thing", "things", "stuff", "item", "product", "good", "goods", "东西", "用品", "商品", "产品"})
# What makes a word of one character one of two: 鞋子.
_ENDING, _ROOT = "子", 1
_IN_BRACKETS = re.compile(r"\([^)]*\)")


class Kinds:
    """The words for what each product of a shop is, made ready for looking them up."""

    def __init__(self, products: Iterable[Product]) -> None:
        products = list(products)
        apart = _told_apart(products)
        names = {p.id: [_plain(name) for name in _names_of(p, apart[p.category])] for p in products}
        self._names = names
        self._whole = {name for own in names.values() for name in own if len(name) == _ROOT and not name.isascii()}
        self._own = {product.id: [_plain(name) for name in _own_names_of(product)] for product in products}
        self._ends = [_ends_of(name) for name in dict.fromkeys(name for own in names.values() for name in own)]
        self._ends += [(end,) for end in dict.fromkeys(filter(None, map(_common_end, products)))]

    def said(self, text: str) -> tuple[str, ...]:
        """The product words that a normalised text says, without those inside longer ones, sorted.

        Of a word its head counts, which is its end, in Chinese as in English: "主动降噪头戴耳机" is an 耳机, "Waterproof
        Hiking Boots" are boots.
        """
        latin, tokens = f" {_singular_words(text)} ", set(words(text))
        said = {head for ends in self._ends if (head := next((e for e in ends if _says(e, text, latin, tokens)), ""))}
        return tuple(sorted(name for name in said if not any(name != other and name in other for other in said)))

    def named_by(self, kinds: Iterable[str], product_id: str) -> bool:
        """Whether one of these words, as `said` gives them, is for this product. None is for an unknown one.

        One character that is itself what things are called is for these: where 笔 are fountain pens, no 铅笔 is meant.
        """
        names = self._names.get(product_id, ())
        return any(kind in names if kind in self._whole else _any_ends_with(names, (kind,)) for kind in kinds)

    def place(self, word: str, plain: str) -> tuple[int, int] | None:
        """Where a normalised text says a word that `said` gave; None where only its singular or its parts stand there."""
        if not word.isascii():
            start = plain.rfind(word)
            return (start, start + len(word)) if start >= 0 else None
        parts = r"[\s'’-]+".join(rf"{re.escape(part)}{PLURAL}" for part in word.split())
        match = re.search(rf"(?<![a-z0-9]){parts}(?![a-z0-9])", plain)  # beside Chinese characters, too
        return match.span() if match else None

    def own_name_says(self, kinds: Iterable[str], product_id: str) -> bool:
        """Whether the product itself is called so, and not only its category."""
        return _any_ends_with(self._own.get(product_id, ()), kinds)


def _own_names_of(product: Product) -> list[str]:
    """What a product is called: its names and aliases."""
    names = (product.name.zh, _IN_BRACKETS.sub("", product.name.en).strip(), *product.aliases)
    return [normal(name) for name in names if name]


def _names_of(product: Product, told_apart: Mapping[str, int]) -> list[str]:
    """What a product is called, and what its category is.

    `told_apart` says by which aliases of its category how many products of it are called. Such a word is theirs alone:
    where the aliases of bedding are pillows and sheets, no sheet is a pillow. What is called by none of them may be
    anything, unless the word is one of several.
    """
    own = _own_names_of(product)
    aliases = [normal(name) for name in product.category_aliases if name]
    named = {alias for alias in aliases if _is_called(own, alias)}
    others = {alias for alias, count in told_apart.items() if named or count > 1}
    kept = [alias for alias in aliases if alias in named or alias not in others]
    return own + [normal(name) for name in (product.category_name.zh, product.category_name.en) if name] + kept


def _common_end(product: Product) -> str:
    """The character that all Chinese words for a product's category end in, of which there are two and more: 车 of 单车 and
    自行车; empty where they end in none."""
    called = (product.category_name.zh, *product.category_aliases)
    words = {normal(name) for name in called if name and not name.isascii()}
    ends = {word[-1] for word in words}
    return next(iter(ends)) if len(ends) == 1 and len(words) > 1 else ""


def _told_apart(products: Iterable[Product]) -> dict[str, Counter[str]]:
    """The aliases of each category that products of it are called by themselves, and how many are."""
    found: dict[str, Counter[str]] = {}
    for product in products:
        own = _own_names_of(product)
        said = {normal(alias) for alias in product.category_aliases if alias and _is_called(own, normal(alias))}
        found.setdefault(product.category, Counter()).update(said)
    return found


def _is_called(own: Iterable[str], alias: str) -> bool:
    """Whether one of a product's own names ends in an alias of its category, or in its last words: "tail light" and
    "bike lights"."""
    return _any_ends_with([_plain(name) for name in own], _ends_of(_plain(alias)))


def _any_ends_with(names: Iterable[str], kinds: Iterable[str]) -> bool:
    ends = [end for kind in kinds for end in ((f" {kind}",) if kind.isascii() else (kind, _root(kind)))]
    return any(f" {name}".endswith(end) for end in ends for name in names)


def _root(kind: str) -> str:
    """A word of one character without the ending that makes a word of it: 竿 of 竿子."""
    return kind[:1] if len(kind) == _ROOT + 1 and kind.endswith(_ENDING) else kind


def _ends_of(name: str) -> tuple[str, ...]:
    """The ends of a product word that can be its head, longest first."""
    if name.isascii():
        parts = name.split()
        ends = tuple(end for n in range(len(parts)) if len(end := " ".join(parts[n:])) > 2)
        return tuple(end for end in ends if end == name or end not in _ANYTHING)
    ends = tuple(end for n in range(max(len(name) - 1, 1)) if (end := name[n:]) == name or end not in _ANYTHING)
    return ends if name.endswith(_ENDING) else (*ends, name[-_ROOT:] + _ENDING)


def _says(end: str, text: str, latin: str, tokens: set[str]) -> bool:
    """Whether a text says this; one character must be said as a word: 鞋 in "防水的鞋", not in "鞋底"."""
    if end.isascii():
        return f" {end} " in latin
    if len(end) > 1:
        return end in text
    if end in tokens or re.search(rf"(?:^|[\s,，。!！?？]){end}(?=[有哪里都是几多]|$|[\s,，。!！?？])", text):
        return True
    ends_a_word = any(token.endswith(end) for token in tokens)  # of 支笔, not of 笔帽
    return ends_a_word and re.search(rf"(?:[的个款双只条件把台买找]|[哪这那几每一两]\w){end}", text) is not None


def _plain(name: str) -> str:
    """A Latin product word as it is compared, its words in the singular; others as they are."""
    return _singular_words(name) if name.isascii() else name


def _singular_words(text: str) -> str:
    return " ".join(singular(word) for word in re.findall(r"[a-z0-9-]+", text))
