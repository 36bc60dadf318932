"""The rule for postage as the documents that hold say it: each sentence understood whole, and no two that disagree.

What the same passages say beside it in sentences that were not understood (members, goods of some kind) is kept, so that
nothing is reckoned for what such a sentence names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bot.postage import Band, Postage, Zone
from bot.text import normal
from bot.values.places import country_of, places
from knowledge.documents import Entry
from knowledge.postage.sentences import (
    Said,
    Span,
    has_amount,
    names_fee,
    names_no_fee,
    names_no_freedom,
    names_postage,
    only_names,
    only_names_places,
    own_goods,
    said,
    sentences,
)

# Under such headings stands what sending back costs, or what only some customers have.
_OF_SOMETHING_ELSE = re.compile(
    r"退|换|返修|保修|维修|会员|等级|\breturn|\bexchang|\bswap|\brefund|\brepair|\bwarrant|\bmember|\blevel|\btier"
)
# A sentence with such a word is not of the goods alone that it names.
_OF_ORDERS = re.compile(r"订单|\borders?\b")
# Under such ones a sentence that names no place is not about the shop's own country.
_ABROAD = re.compile(r"海外|境外|国外|国际|\babroad\b|\binternational|\boverseas\b")


# Where a sentence is parted that is not understood whole.
_CLAUSES = re.compile(r"[:;]")
# Which goods a normalised text names, each name with its place in it.
Names = Callable[[str], Sequence[tuple[tuple[str, ...], Span]]]
_UNKNOWN = (Band(Decimal(0), None),)


def _no_names(_: str) -> Sequence[tuple[tuple[str, ...], Span]]:
    return ()


@dataclass(frozen=True, slots=True)
class RuleRead:
    """A rule, the entries that say it, and their sentences that were not understood; `of_goods` are sentences of others on
    postage that have an amount, which may be that of some goods. `goods` are the rules of products with one of their own,
    None where that is not known; of the places `unknown` the documents speak, but not in words that were understood."""

    postage: Postage
    entries: tuple[Entry, ...]
    unread: tuple[str, ...] = ()
    of_goods: tuple[str, ...] = ()
    goods: Mapping[str, RuleRead | None] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def of(self, products: Sequence[str]) -> RuleRead | None:
        """The rule for a purchase of some products; None where these differ, or one is not known."""
        if not any(name in self.goods for name in products):
            return self
        first, *others = [self.goods.get(name) for name in products]
        return first if first is not None and all(other == first for other in others) else None

    def excepting(self, country: str) -> list[str]:
        """The sentences that may say of some goods what the rule does not: not those that are of other countries only."""
        return [text for text in (*self.unread, *self.of_goods) if not _is_of_others(text, country)]

    def keeps_silent_of(self, codes: Sequence[str]) -> bool:
        """Whether a sentence that was not understood names one of these places, or a heading one without terms."""
        named = {code for zone in self.postage.zones for code in zone.places}
        return bool(set(codes) & (self.unknown - named)) or any(
            set(codes) & set(place.codes) for text in self.unread for place in places(text)
        )

    def of_language(self, language: str) -> tuple[Entry, ...]:
        """The entries in a language (`en`, or Chinese), or all where none is."""
        own = "en" if language == "en" else "zh"
        return tuple(entry for entry in self.entries if entry.language == own) or self.entries


def rule_of(entries: Iterable[Entry], at: datetime, currency: str, names: Names = _no_names) -> RuleRead | None:
    """The rule in a currency that the entries say which hold at a moment; None where they say none or disagree.

    With `names` rules of goods that have terms of their own are read as well, each as wholly as the general one.
    """
    found: list[tuple[Said, Entry]] = []
    unread: list[str] = []
    of_goods: list[str] = []
    on_postage: list[str] = []
    by_product: defaultdict[str, list[tuple[Said, Entry]]] = defaultdict(list)
    untold: set[str] = set()
    unknown: set[str] = set()
    for entry in entries:
        if _holds(entry, at) and names_postage(normal(entry.searchable)):
            own = _goods_of(entry, currency, names)
            for name in own[0] if own else ():
                by_product[name] += [(one, entry) for one in own[1]] if own else []
            if own:
                continue
            of_entry, others = _of_entry(entry, currency, names)
            found += [(one, entry) for one in of_entry]
            unread += others if of_entry else []
            amounts = [] if of_entry else [text for text in others if has_amount(text)]
            of_goods += amounts
            untold |= _untold_goods(entry, names)
            unknown |= set() if of_entry else _untold_places(entry)
            on_postage += [text for text in amounts if names_postage(text) or names_postage(_parted(entry)[0])]
    postage = _together([one for one, _ in found])
    if postage is None:
        return None
    general = RuleRead(postage, _entries(found), tuple(unread), tuple(of_goods), {}, frozenset(unknown))
    beside = replace(general, of_goods=tuple(on_postage))
    known = {name: _rule_of_goods(of_product, beside) for name, of_product in by_product.items()}
    return replace(general, goods=dict.fromkeys(untold, None) | known)


def _rule_of_goods(found: Sequence[tuple[Said, Entry]], beside: RuleRead) -> RuleRead | None:
    """The rule of one product by all that is said of it, with what is said `beside`; None where that disagrees."""
    postage = _together([one for one, _ in found], rest=_UNKNOWN)
    return None if postage is None else replace(beside, postage=postage, entries=_entries(found))


def _untold_goods(entry: Entry, names: Names) -> set[str]:
    """The products that an entry without a rule for them has terms for: its heading names them and it is about the fee, or
    a sentence says that they are not sent free."""
    if _is_of_something_else(entry):
        return set()
    heading, text = _parted(entry)
    of_heading, spans = _named(heading, names)
    headed = bool(of_heading) and only_names(heading, spans) and names_fee(normal(f"{heading}\n{text}"))
    bound = [_named(sentence, names)[0] for sentence in sentences(text) if names_no_freedom(sentence)]
    return {*(of_heading if headed else ()), *(name for named in bound for name in named)}


def _untold_places(entry: Entry) -> set[str]:
    """The places that an entry without a rule has terms for: its heading names them, and it is about the fee."""
    heading, text = _parted(entry)
    headed = not _is_of_something_else(entry) and only_names_places(heading) and names_fee(normal(f"{heading}\n{text}"))
    return {code for place in places(heading) for code in place.codes} if headed else set()


def _is_of_something_else(entry: Entry) -> bool:
    """Whether one of the headings over an entry is about something else, such as sending back, and not about postage."""
    heads = (normal(head) for head in (_parted(entry)[0], *entry.headings, entry.details.title))
    return any(_OF_SOMETHING_ELSE.search(head) and not names_postage(head) for head in heads)


def _entries(found: Sequence[tuple[Said, Entry]]) -> tuple[Entry, ...]:
    return tuple({(entry.path, entry.position): entry for _, entry in found}.values())


def _is_of_others(text: str, country: str) -> bool:
    """Whether a sentence names places, all of them in other countries."""
    named = {country_of(code) for place in places(text) for code in place.codes}
    return bool(named) and country not in named


def _goods_of(entry: Entry, currency: str, names: Names) -> tuple[frozenset[str], list[Said]] | None:
    """Which goods an entry has terms for, and what it says of them; None where it is of none, or not wholly understood.

    Its heading names them, or each of its sentences does that says what is paid. Sentences on other things are left out.
    """
    heading, text = _parted(entry)
    if _OF_SOMETHING_ELSE.search(heading) or _ABROAD.search(heading) or places(heading):
        return None
    goods: set[frozenset[str]] = set()
    found: list[Said] = []
    of_heading, spans = _named(heading, names)
    headed = bool(of_heading) and only_names(heading, spans)
    for sentence in _stretches(text, names, headed=headed):
        of_sentence, spans = _named(sentence, names)
        of_this = said(sentence, about_postage=True, goods=spans, of_goods=headed)
        if not (_is_of_them(of_this, sentence, spans) if of_this else names_no_fee(sentence, spans)):
            return None
        if of_this and (
            not (of_sentence or headed) or any(one.currencies and currency not in one.currencies for one in of_this)
        ):
            return None
        goods |= {of_sentence or of_heading} if of_this else set()
        found += [_at_home(one, currency) for one in of_this]
    return (goods.pop(), found) if len(goods) == 1 else None


def _stretches(text: str, names: Names, *, headed: bool) -> list[str]:
    """The sentences of a text, in stretches up to a colon or semicolon where one is not understood whole. `headed`: the
    heading over them names goods."""
    found: list[str] = []
    for sentence in sentences(text):
        whole = said(sentence, about_postage=True, goods=_named(sentence, names)[1], of_goods=headed)
        found += [sentence] if whole else [part for part in _CLAUSES.split(sentence) if part.strip()]
    return found


def _is_of_them(found: Sequence[Said], sentence: str, spans: Sequence[Span]) -> bool:
    """Whether a sentence is of its goods only, and says what each of them costs: an amount alone may be that of an order."""
    if spans and _OF_ORDERS.search(sentence):
        return False
    return all(band.each or not band.fee for one in found for band in one.bands)


def _named(text: str, names: Names) -> tuple[frozenset[str], list[Span]]:
    """The products that a text names, as far as no word of postage is taken for one, and where."""
    said_of = names(text)
    spans = own_goods(text, [span for _, span in said_of])
    return frozenset(name for ids, span in said_of if span in spans for name in ids), spans


def _holds(entry: Entry, at: datetime) -> bool:
    details = entry.details
    within = (details.valid_from is None or details.valid_from <= at) and (
        details.valid_until is None or at < details.valid_until
    )
    return within and details.audience != "agent" and not (details.products or details.categories)


def _of_entry(entry: Entry, currency: str, names: Names) -> tuple[list[Said], list[str]]:
    """What an entry says of amounts in a currency, and its sentences that were not understood.

    Under a heading that names goods stands nothing that is said of all.
    """
    heading, text = _parted(entry)
    if _OF_SOMETHING_ELSE.search(heading):
        return [], []
    if _named(heading, names)[0]:
        return [], sentences(text)
    of_postage = names_postage(heading)
    own_country = not _ABROAD.search(heading) and not places(heading)
    found: list[Said] = []
    unread: list[str] = []
    for sentence in sentences(text):
        whole = said(sentence, about_postage=of_postage)
        for part, of_part in [(sentence, whole)] if whole else _clauses(sentence, of_postage):
            if not of_part:
                unread.append(part)
            found += [_at_home(one, currency) for one in of_part if one.places or own_country]
    return [one for one in found if one.currencies is None or currency in one.currencies], unread


def _clauses(sentence: str, of_postage: bool) -> list[tuple[str, tuple[Said, ...]]]:
    """The parts of a sentence between its semicolons, each with what it says."""
    return [(part, said(part, about_postage=of_postage)) for part in sentence.split(";") if part.strip()]


def _parted(entry: Entry) -> tuple[str, str]:
    """The heading right above an entry, or the question that it answers, and its text, as they are compared."""
    question, _, answer = entry.text.partition("\n")
    if entry.kind == "qa":
        return normal(question), answer
    return normal(entry.headings[-1] if entry.headings else entry.details.title), entry.text


def _at_home(one: Said, currency: str) -> Said:
    """What is said of the whole of the shop's own country is said of all places that are not named."""
    return replace(one, places=()) if one.places == (currency[:2],) else one


# ---------------------------------------------------------------- one rule of what was said


def _together(found: Sequence[Said], rest: tuple[Band, ...] = ()) -> Postage | None:
    """One rule of all that was said; None where two disagree, or nothing is said of places without terms of their own,
    for which `rest` may stand."""
    by_place: defaultdict[str, list[Said]] = defaultdict(list)
    for one in found:
        for place in one.places or ("",):
            by_place[place].append(one)
    terms = {place: _terms(of_place) for place, of_place in by_place.items()}
    counts = {one.counts for one in found if one.counts}
    if None in terms.values() or len(counts) > 1:
        return None
    known = {place: one for place, one in terms.items() if one is not None}
    general = known.pop("", Zone(())).bands or rest
    return Postage(general, _zones(known), _counts(counts)) if general else None


def _counts(said_of: set[str]) -> Literal["paid", "goods"]:
    """What thresholds are of: what is paid, unless the rule says otherwise."""
    return "goods" if said_of == {"goods"} else "paid"


def _terms(found: Sequence[Said]) -> Zone | None:
    """The terms of one place by all that is said of it; None where that disagrees."""
    bands: tuple[Band, ...] = ()
    for one in found:
        merged = _merged(bands, one.bands) if bands and one.bands else bands or one.bands
        if merged is None:
            return None
        bands = merged
    others = {(one.on_top, one.served, one.on_free) for one in found}
    return Zone((), bands, *others.pop()) if len(others) == 1 else None


def _merged(first: Sequence[Band], second: Sequence[Band]) -> tuple[Band, ...] | None:
    """Bands that say what both say; None where they differ."""
    found = []
    for least in sorted({band.least for band in (*first, *second)}):
        fees = {fee for fee in (_fee_at(first, least), _fee_at(second, least)) if fee is not None}
        if len(fees) > 1:
            return None
        found.append(Band(least, *fees.pop()) if fees else Band(least, None))
    return tuple(found)


def _fee_at(bands: Sequence[Band], amount: Decimal) -> tuple[Decimal, bool] | None:
    """The fee at an amount, and whether it is of each piece; None where it is not said."""
    band = next((band for band in reversed(bands) if band.least <= amount), None)
    return (band.fee, band.each) if band is not None and band.fee is not None else None


def _zones(terms: Mapping[str, Zone]) -> tuple[Zone, ...]:
    """Places with the same terms as one zone."""
    same: defaultdict[Zone, list[str]] = defaultdict(list)
    for place, zone in terms.items():
        same[zone].append(place)
    return tuple(replace(zone, places=tuple(codes)) for zone, codes in same.items())
