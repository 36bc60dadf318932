"""The lexicon of a shop: everything that its tables call things, found in a text with place and confidence.

Compiled from the products; shared by understanding, answers, recommendation and search. A find that looks like a reference
and is none (a sign that no product has) is a find, too: it is answered as unknown, never with something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.commerce import Product
from bot.text import normal
from knowledge.lexicon.grams import PLURAL, gram_set, grams, overlapping, without_spans
from knowledge.lexicon.kinds import Kinds
from knowledge.lexicon.names import Mention, Names, all_texts, compile_names, kind_names, mentions, unknown_codes
from knowledge.lexicon.own_words import NO_WORDS, OwnWords
from knowledge.lexicon.quantities import dimensions

# A number that may be a size: with nothing that makes it an amount, a measure or a count.
_SIZE_NUMBER = re.compile(
    r"(?<![\d.,a-z¥$#×x*/-])\d{2,3}(?![\d.,%×*/a-z-]|\s*(?:[元块件个套包盒双条瓶片支岁天月年米克斤升粒袋台本张层格枚]"
    r"|(?:yuan|rmb|pcs|pieces?|pairs?|of|to|days?|hours?|months?|years?|off|[mck]?m|[mk]?g|[mc]?l|v|w|k|inch(?:es)?)\b))"
)
# Chinese values of so many characters are more than a plain colour.
_TELLING = 3
# Texts whose mentions are kept.
KEPT = 4096


@dataclass(frozen=True, slots=True)
class KindSaid:
    """A word for a kind of product in a text, and the products of that kind."""

    word: str
    product_ids: tuple[str, ...]
    start: int
    end: int

    @property
    def several(self) -> bool:
        """Whether more than one product is of it."""
        return len(self.product_ids) > 1


@dataclass(frozen=True, slots=True)
class LabelSaid:
    """A label of attributes in a text: the products that state something under it, and the dimensions of what they state.

    `label` is the label as the tables have it, normalised: the text may say a word of the shop's own for it.
    """

    label: str
    product_ids: frozenset[str]
    dimensions: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finds:
    """What a text refers to: single products in the order said, kinds, and signs that nothing has.

    `rest` is the normalised text with blanks where products are named; kinds stay in it, as they may be what is asked for.
    """

    plain: str
    products: tuple[Mention, ...]
    kinds: tuple[KindSaid, ...]
    unknown: tuple[tuple[int, int], ...]

    @property
    def product_ids(self) -> tuple[str, ...]:
        """The single products named, in order, each once."""
        return tuple(dict.fromkeys(mention.product_ids[0] for mention in self.products))

    @property
    def rest(self) -> str:
        """The text without the names of products."""
        return " ".join(without_spans(self.plain, [(m.start, m.end) for m in self.products]).split())

    @property
    def of_kinds(self) -> tuple[str, ...]:
        """The products of the kinds said: of several kinds all."""
        return tuple(dict.fromkeys(name for kind in self.kinds for name in kind.product_ids))


# What stands before a word for several things that are meant together.
_SEVERAL = re.compile(
    r"(?:\b(?:two|both|three|these|those)(?: of)?(?: the| your| ur)?|[这那]?[两三几][款台个种只把张件条支盒]|这些|那些)\s*$"
)


class Lexicon:
    """The words of one state of a shop's catalogue."""

    def __init__(self, products: Iterable[Product], words: OwnWords = NO_WORDS) -> None:
        """`words` are those that the shop has written down for its things."""
        self.products: Mapping[str, Product] = {product.id: product for product in words.over(products)}
        self.names: Names = compile_names(self.products.values())
        # texts are kept, as one is looked at by several; headings and rules of documents also in threads
        self._mentions, self._finds = lru_cache(KEPT)(self._mentions_in), lru_cache(KEPT)(self._found_in)
        self.kinds = Kinds(self.products.values())
        variants = [variant for product in self.products.values() for variant in product.variants]
        self.colors = tuple(dict.fromkeys(variant.color for variant in variants))
        said = {normal(text) for v in variants for text in (v.color.zh, v.color.en, v.size) if text}
        self._values = sorted((value for value in said if len(value) > 1 and not value.isdigit()), key=len, reverse=True)
        self._numbers = {value for value in said if value.isdigit()}
        self._said = [gram_set(f"{p.description.zh} {p.description.en}") for p in self.products.values()]
        self._words = frozenset().union(*(gram_set(all_texts(product)) for product in self.products.values()))
        self._owners = _owners_of(self.products.values())
        self.currency = next((variant.price.currency for variant in variants), "CNY")
        heads = {gram for ends in self.names.heads.values() for gram in ends}
        self._labels = _labels_of(self.products.values(), words)
        self._label = _any_of(self._labels)
        self._things = heads | {gram.text for p in self.products.values() for text in kind_names(p) for gram in grams(text)}

    def mentions(self, plain: str) -> list[Mention]:
        """The products named in a normalised text, in order."""
        return self._mentions(plain)

    def _mentions_in(self, plain: str) -> list[Mention]:
        return self._of_one(plain, self._outside_values(plain, mentions(self.names, plain)))

    def _of_one(self, plain: str, found: Sequence[Mention]) -> list[Mention]:
        """Without words for several things where several are meant: of "the two espresso machines" neither is named."""
        counted = [m for m in found if _SEVERAL.search(plain[: m.start])]
        if not counted:
            return list(found)
        kinds = self._kinds(plain)
        return [m for m in found if m not in counted or not _is_kind(m, kinds)]

    def _outside_values(self, plain: str, found: Sequence[Mention]) -> list[Mention]:
        """Without words of names that are part of what another product's variants are called: the mist of "mist blue"."""
        owned = [(span, owners) for span in self.values(plain) if (owners := self._owners.get(plain[slice(*span)]))]

        def is_part(m: Mention) -> bool:
            inside = (owners for (a, b), owners in owned if (a, b) != (m.start, m.end) and a <= m.start and m.end <= b)
            return any(owners.isdisjoint(m.product_ids) for owners in inside)

        return [m for m in found if not is_part(m)]

    def find(self, plain: str) -> Finds:
        """What a normalised text refers to."""
        return self._finds(plain)

    def _found_in(self, plain: str) -> Finds:
        values = self.values(plain)
        # "black" is in some product's name and a colour of many: by itself it names none
        found = [m for m in self.mentions(plain) if m.whole or m.head or (m.start, m.end) not in values]
        found = self._without_labels(plain, found)
        kinds = self._kinds(plain)
        spans = [(mention.start, mention.end) for mention in found if len(mention.product_ids) == 1]
        # "phone mount" is a part of one's name and the word for both: only a whole name stands for one of them
        singles = [m for m in found if len(m.product_ids) == 1 and (m.whole or not _is_kind(m, kinds))]
        shared = [m for m in found if len(m.product_ids) > 1 and m.whole and not _is_kind(m, kinds)]
        said = [*kinds, *(KindSaid(plain[m.start : m.end], m.product_ids, m.start, m.end) for m in shared)]
        unknown = [span for span in unknown_codes(self.names, plain) if not overlapping(*span, spans)]
        return Finds(plain, tuple(singles), tuple(said), tuple(unknown))

    def named_for_sure(self, plain: str) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
        """The kinds, and the products by a whole name, that a normalised text names, each with its place."""
        finds = self.find(plain)
        whole = [(mention.product_ids, (mention.start, mention.end)) for mention in finds.products if mention.whole]
        places = [span for _, span in whole]
        kinds = [(kind.product_ids, (kind.start, kind.end)) for kind in finds.kinds]
        return [*whole, *((ids, span) for ids, span in kinds if not overlapping(*span, places))]

    def _without_labels(self, plain: str, found: Sequence[Mention]) -> list[Mention]:
        """Without words of names that are labels of what their product states, where it is named beside them: of
        "how many tests in a Fivehue box" the tests are what is asked for."""
        named = {
            name for mention in found if mention.whole and len(mention.product_ids) == 1 for name in mention.product_ids
        }
        if not named:
            return list(found)
        asked = [(label.start, label.end, label.product_ids) for label in self.labels(plain)]
        return [
            m for m in found
            if m.whole or not any(a <= m.start and m.end <= b and named & ids & {*m.product_ids} for a, b, ids in asked)
        ]  # fmt: skip

    def owner(self, plain: str) -> str:
        """The one product that has a variant called as a normalised text says, by more than a colour that many things have;
        empty where none has, or several have."""
        said = [plain[start:end] for start, end in self.values(plain)]
        owners = [self._owners[value] for value in said if value in self._owners]
        shared = frozenset.intersection(*owners) if owners else frozenset()
        return next(iter(shared)) if len(shared) == 1 else ""

    def values(self, plain: str) -> list[tuple[int, int]]:
        """Where a normalised text says a value of some product's variants, the longest at each place."""
        found: list[tuple[int, int]] = []
        for value in self._values:
            start = plain.find(value)
            end = start + len(value)
            before = plain[max(start - 1, 0) : max(start, 0)]
            whole = start >= 0 and not (value[0].isascii() and before.isascii() and before.isalnum())
            whole = whole and not (value[-1].isascii() and plain[end : end + 1].isascii() and plain[end : end + 1].isalnum())
            if whole and not overlapping(start, end, found):
                found.append((start, end))
        for match in _SIZE_NUMBER.finditer(plain):
            if match.group() in self._numbers and not overlapping(*match.span(), found):
                found.append(match.span())
        return found

    def labels(self, plain: str) -> list[LabelSaid]:
        """The labels of attributes that a normalised text says, the longest at each place."""
        return [LabelSaid(*self._labels[match.group(1)], *match.span()) for match in self._label.finditer(plain)]

    def sells(self, thing: str) -> bool:
        """Whether anything is called what a phrase says at its end: "dog food" is food, "跑步机" is none of the shoes."""
        plain = normal(thing)
        last = grams(plain)[-1:]
        return bool(self.kinds.said(plain)) or bool(last and last[0].text in self._things)

    def knows(self, words: str) -> bool:
        """Whether anything that the tables call or say of any product has one of the telling words of a phrase."""
        return bool(gram_set(words) & self._words)

    def strange(self, words: str) -> float:
        """The share of the telling words of a phrase that nothing calls or says of any product, 0 to 1."""
        said = gram_set(words)
        return len(said - self._words) / len(said) if said else 0.0

    def speaks_of(self, thing: str) -> bool:
        """Whether all telling words of a phrase stand in what is said of one product."""
        words = gram_set(thing)
        return bool(words) and any(words <= said for said in self._said)

    def _kinds(self, plain: str) -> list[KindSaid]:
        found = []
        for word in self.kinds.said(plain):
            ids = tuple(name for name in self.products if self.kinds.named_by((word,), name))
            span = self.kinds.place(word, plain)
            if span is not None and ids:
                found.append(KindSaid(word, ids, *span))
        return found


def _labels_of(products: Iterable[Product], words: OwnWords) -> dict[str, tuple[str, frozenset[str], frozenset[str]]]:
    """What attributes are called, each with the label that it stands for, the products that have it, and the dimensions that
    every one of its values states."""
    ids: dict[str, set[str]] = {}
    measures: dict[str, list[frozenset[str]]] = {}
    for product in products:
        for attribute in product.attributes:
            for label, value in ((attribute.label.zh, attribute.value.zh), (attribute.label.en, attribute.value.en)):
                if len(label) > 1:
                    ids.setdefault(normal(label), set()).add(product.id)
                    measures.setdefault(normal(label), []).append(dimensions(normal(value)))
    found = {label: (label, frozenset(of), frozenset.intersection(*measures[label])) for label, of in ids.items()}
    return {normal(word): told for label, told in found.items() for word in words.for_label(label)} | found


def _owners_of(products: Iterable[Product]) -> dict[str, frozenset[str]]:
    """The products that have a variant called so, by what their variants are called: of words that tell something."""
    found: dict[str, set[str]] = {}
    for product in products:
        for text in {normal(text) for v in product.variants for text in (v.color.zh, v.color.en) if text}:
            if len(text.split()) > 1 if text.isascii() else len(text) >= _TELLING:
                found.setdefault(text, set()).add(product.id)
    return {text: frozenset(ids) for text, ids in found.items()}


def _any_of(labels: Iterable[str]) -> re.Pattern[str]:
    """Finds any of some labels, the longest first; Latin ones as whole words, in the singular or plural."""
    ordered = sorted(labels, key=len, reverse=True)
    said = [
        rf"(?<![a-z0-9]){re.escape(text)}(?={PLURAL}(?![a-z0-9]))" if text.isascii() else re.escape(text) for text in ordered
    ]
    return re.compile(f"({'|'.join(said)})" if said else r"(?!)")


def _is_kind(mention: Mention, kinds: Sequence[KindSaid]) -> bool:
    """Whether a mention is nothing but the word for a kind of several products."""
    return any(kind.start <= mention.start and mention.end <= kind.end and kind.several for kind in kinds)


def in_order(products: Mapping[str, Product], ids: Sequence[str]) -> list[Product]:
    """The products of these ids that there are, in that order."""
    return [products[name] for name in ids if name in products]
