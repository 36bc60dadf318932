"""The rule for postage as the documents that hold say it: each sentence understood whole, and no two that disagree.

What the same passages say beside it in sentences that were not understood (members, goods of some kind) is kept, so that
nothing is reckoned for what such a sentence names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bot.postage import Band, Postage, Zone
from bot.text import normal
from bot.values.places import places
from knowledge.documents import Entry
from knowledge.postage.sentences import Said, has_amount, names_postage, said, sentences

# Under such headings stands what sending back costs, or what only some customers have.
_OF_SOMETHING_ELSE = re.compile(
    r"退|换|返修|保修|维修|会员|等级|\breturn|\bexchang|\bswap|\brefund|\brepair|\bwarrant|\bmember|\blevel|\btier"
)
# Under such ones a sentence that names no place is not about the shop's own country.
_ABROAD = re.compile(r"海外|境外|国外|国际|\babroad\b|\binternational|\boverseas\b")


@dataclass(frozen=True, slots=True)
class RuleRead:
    """A rule, the entries that say it, and their sentences that were not understood; `of_goods` are sentences of others on
    postage that have an amount, which may be that of some goods."""

    postage: Postage
    entries: tuple[Entry, ...]
    unread: tuple[str, ...] = ()
    of_goods: tuple[str, ...] = ()

    def keeps_silent_of(self, codes: Sequence[str]) -> bool:
        """Whether a sentence that was not understood names one of these places."""
        return any(set(codes) & set(place.codes) for text in self.unread for place in places(text))

    def of_language(self, language: str) -> tuple[Entry, ...]:
        """The entries in a language (`en`, or Chinese), or all where none is."""
        own = "en" if language == "en" else "zh"
        return tuple(entry for entry in self.entries if entry.language == own) or self.entries


def rule_of(entries: Iterable[Entry], at: datetime, currency: str) -> RuleRead | None:
    """The rule in a currency that the entries say which hold at a moment; None where they say none or disagree."""
    found: list[tuple[Said, Entry]] = []
    unread: list[str] = []
    of_goods: list[str] = []
    for entry in entries:
        if _holds(entry, at) and names_postage(normal(entry.searchable)):
            of_entry, others = _of_entry(entry, currency)
            found += [(one, entry) for one in of_entry]
            unread += others if of_entry else []
            of_goods += [] if of_entry else [text for text in others if has_amount(text)]
    postage = _together([one for one, _ in found])
    by_place = {(entry.path, entry.position): entry for _, entry in found}
    return None if postage is None else RuleRead(postage, tuple(by_place.values()), tuple(unread), tuple(of_goods))


def _holds(entry: Entry, at: datetime) -> bool:
    details = entry.details
    within = (details.valid_from is None or details.valid_from <= at) and (
        details.valid_until is None or at < details.valid_until
    )
    return within and details.audience != "agent" and not (details.products or details.categories)


def _of_entry(entry: Entry, currency: str) -> tuple[list[Said], list[str]]:
    """What an entry says of amounts in a currency, and its sentences that were not understood."""
    heading, text = _parted(entry)
    if _OF_SOMETHING_ELSE.search(heading):
        return [], []
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


def _together(found: Sequence[Said]) -> Postage | None:
    """One rule of all that was said; None where two disagree, or nothing is said of places without terms of their own."""
    by_place: defaultdict[str, list[Said]] = defaultdict(list)
    for one in found:
        for place in one.places or ("",):
            by_place[place].append(one)
    terms = {place: _terms(of_place) for place, of_place in by_place.items()}
    counts = {one.counts for one in found if one.counts}
    if None in terms.values() or len(counts) > 1 or "" not in terms:
        return None
    known = {place: one for place, one in terms.items() if one is not None}
    general = known.pop("")
    return Postage(general.bands, _zones(known), _counts(counts)) if general.bands else None


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
    others = {(one.on_top, one.served) for one in found}
    return Zone((), bands, *others.pop()) if len(others) == 1 else None


def _merged(first: Sequence[Band], second: Sequence[Band]) -> tuple[Band, ...] | None:
    """Bands that say what both say; None where they differ."""
    found = []
    for least in sorted({band.least for band in (*first, *second)}):
        fees = {fee for fee in (_fee_at(first, least), _fee_at(second, least)) if fee is not None}
        if len(fees) > 1:
            return None
        found.append(Band(least, fees.pop() if fees else None))
    return tuple(found)


def _fee_at(bands: Sequence[Band], amount: Decimal) -> Decimal | None:
    return next((band.fee for band in reversed(bands) if band.least <= amount), None)


def _zones(terms: Mapping[str, Zone]) -> tuple[Zone, ...]:
    """Places with the same terms as one zone."""
    same: defaultdict[Zone, list[str]] = defaultdict(list)
    for place, zone in terms.items():
        same[zone].append(place)
    return tuple(replace(zone, places=tuple(codes)) for zone, codes in same.items())
