"""Products as people name them: the port Catalogue."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from bot.commerce import Product, Shop
from bot.text import normal, singular
from bot.types import Entity

# Names are read again after this many seconds; prices and stock never come from here.
NAMES_FOR_S = 60.0
# Texts whose products are kept until then: a text is looked at for its entities and again to be answered.
KEPT = 1024
# Shorter names are too much like other words to allow for a typing mistake, in characters.
FUZZY_LENGTH_EN, FUZZY_LENGTH_ZH = 7, 5
# Likeness from which a misspelt name is taken for the product, 0 to 100.
FUZZY_SCORE = 86
# How sure a name of which only some words are said is.
_SHORTENED = 0.8
_HEAD = 2
_LATIN = re.compile(r"[a-z0-9][a-z0-9'’+-]*")
_HAN_RUN = re.compile(r"[㐀-鿿]+")
_ARTICLES = re.compile(r"^(?:the|a|an|this|that) ")


@dataclass(frozen=True, slots=True)
class _Names:
    """Names by their first two characters, longest first, with the products they may mean.

    `by_last_word` has the words of Latin names of two words and more, with their product, by the last of them.
    """

    by_head: Mapping[str, list[str]]
    products: Mapping[str, tuple[str, ...]]
    fuzzy: tuple[str, ...]
    by_last_word: Mapping[str, list[tuple[frozenset[str], str]]]


class ShopCatalogue:
    """`Catalogue` over the shop's product table."""

    def __init__(self, shop: Shop, default_room: str = "") -> None:
        """`default_room` is whose links are meant by people who write from no room."""
        self._shop = shop
        self._default_room = default_room
        self._names = _Names({}, {}, (), {})
        self._read_at = float("-inf")
        self._known: OrderedDict[str, list[Entity]] = OrderedDict()
        self._refreshing = asyncio.Lock()

    async def mentions(self, text: str) -> Sequence[Entity]:
        """Products named in `text` by name, alias, id or SKU, in order. An ambiguous name gives one entity a product."""
        await self._refresh()
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = mentions(self._names, text)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return known

    async def link(self, room: str, number: int, at: datetime) -> str | None:
        """The product that link `number` of `room` meant at `at`, or None."""
        shelf = await self._shop.shelf(room or self._default_room, at)
        return next((link.product_id for link in shelf if link.number == number), None)

    async def _refresh(self) -> None:
        async with self._refreshing:  # once, however many ask at the moment when the names are old
            if time.monotonic() - self._read_at > NAMES_FOR_S:
                self._names = compile_names(await self._shop.products())
                self._known.clear()
                self._read_at = time.monotonic()


def compile_names(products: Iterable[Product]) -> _Names:
    """The names of products, made ready for scanning."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for product in products:
        for name in _names_of(product):
            if len(name) >= _HEAD and product.id not in owners[name]:
                owners[name].append(product.id)
    by_head: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(owners, key=len, reverse=True):
        by_head[name[:_HEAD]].append(name)
    fuzzy = tuple(name for name in owners if len(name) >= (FUZZY_LENGTH_EN if name.isascii() else FUZZY_LENGTH_ZH))
    by_last_word: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    for name, ids in owners.items():
        words = _name_words(name)
        if len(words) > 1 and len(ids) == 1:
            by_last_word[words[-1]].append((frozenset(words), ids[0]))
    return _Names(dict(by_head), {name: tuple(ids) for name, ids in owners.items()}, fuzzy, dict(by_last_word))


def mentions(names: _Names, text: str) -> list[Entity]:
    """Products named in a text: exactly where possible, else by some words of a name, else with letters mistyped."""
    plain = normal(text)
    found = [
        entity
        for start, name in _exact(names, plain)
        for entity in _entities(names.products[name], text, plain, (start, start + len(name)), 1.0)
    ]
    return found or _shortened(names, text, plain) or _misspelt(names, text, plain)


def _names_of(product: Product) -> Iterator[str]:
    yield from (normal(name) for name in (product.name.zh, product.name.en, *product.aliases, product.id) if name)
    yield from (variant.sku.lower() for variant in product.variants)
    brand = normal(product.brand)
    for name in (product.name.zh, product.name.en):
        for part in brand.split():
            if name:
                yield f"{part}{normal(name)}" if not part.isascii() else f"{part} {normal(name)}"


def _exact(names: _Names, text: str) -> Iterator[tuple[int, str]]:
    """The longest name at each place, without overlaps."""
    start = 0
    while start < len(text):
        name = next((n for n in names.by_head.get(text[start : start + _HEAD], ()) if _stands(n, text, start)), None)
        if name:
            yield start, name
        start += len(name) if name else 1


def _stands(name: str, text: str, start: int) -> bool:
    """Whether `name` stands at `start` as whole words; an English plural counts."""
    end = start + len(name)
    if not text.startswith(name, start):
        return False
    before = text[start - 1] if start else " "
    if name[0].isascii() and before.isascii() and before.isalnum():
        return False
    if not name[-1].isascii():
        return True
    rest = re.match(r"(?:e?s)?(?![a-z0-9])", text[end : end + 3])
    return rest is not None


def _entities(products: Sequence[str], text: str, plain: str, span: tuple[int, int], confidence: float) -> Iterator[Entity]:
    same = len(plain) == len(text)  # cleaning may have moved the places
    start, end = span if same else (0, len(text))
    for product_id in products:
        yield Entity("product", product_id, text[start:end], start, end, confidence / len(products))


def _shortened(names: _Names, text: str, plain: str) -> list[Entity]:
    """A product named by two or more words of its name, the last among them, that no other product's name has all of.

    "The 40L pack" is the "40 L Trekking Pack" where there is no other pack of 40 litres.
    """
    latin = list(_LATIN.finditer(plain))
    for last in range(len(latin) - 1, 0, -1):
        for first in range(max(0, last - 3), last):
            words = _name_words(plain[latin[first].start() : latin[last].end()])
            if not words:  # there is Chinese between them: no name
                continue
            owned = {owner for name, owner in names.by_last_word.get(words[-1], ()) if set(words) <= name}
            if len(owned) == 1:
                span = latin[first].start(), latin[last].end()
                return list(_entities([*owned], text, plain, span, _SHORTENED))
    return []


def _name_words(name: str) -> list[str]:
    """The words of a Latin name, numbers apart from their units, in the singular; empty for other names."""
    if not name.isascii():
        return []
    words = re.findall(r"\d+|[a-z]+", name)
    return [singular(word) for word in words]


def _misspelt(names: _Names, text: str, plain: str) -> list[Entity]:
    best: tuple[float, str, int] | None = None
    for start, window in _windows(plain):
        match = process.extractOne(window, names.fuzzy, scorer=fuzz.ratio, score_cutoff=best[0] if best else FUZZY_SCORE)
        if match and (best is None or match[1] > best[0]):
            best = match[1], match[0], start
    if best is None:
        return []
    score, name, start = best
    return list(_entities(names.products[name], text, plain, (start, start + len(name)), score / 100))


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Runs of one to four words, and of five to ten Chinese characters."""
    latin = list(_LATIN.finditer(text))
    for first in range(len(latin)):
        for last in range(first, min(first + 4, len(latin))):
            window = text[latin[first].start() : latin[last].end()]
            if len(window) >= FUZZY_LENGTH_EN - 1 and not _ARTICLES.match(window):
                yield latin[first].start(), window
    for run in _HAN_RUN.finditer(text):
        for length in range(FUZZY_LENGTH_ZH, min(len(run.group()), 10) + 1):
            for start in range(len(run.group()) - length + 1):
                yield run.start() + start, run.group()[start : start + length]
