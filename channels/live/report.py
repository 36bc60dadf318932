"""The report of a show: what was asked, what became of it, and what the shop can learn from it. Pure; time is given.

Nobody is named in it: viewers are numbers, and words are masked as the room showed them.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from bot.audit import AuditEntry
from bot.commerce import Money
from bot.live import EventKind
from bot.types import Gap, Language
from bot.values.money import money
from channels.live.asks import Ask, Fate
from channels.live.clusters import clustered
from channels.live.frames import digest
from channels.live.spans import Span
from channels.live.tally import TALLY

# Wordings that are kept of one question, and FAQ candidates of one show.
WORDINGS: Final = 5
CANDIDATES: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its commonest wording and others, how often asked and when first, and what became of it at best.

    `seconds` is the median from asking to being told; None where nobody was.
    """

    words: str
    wordings: tuple[str, ...]
    asked: int
    first_at: datetime
    fate: Fate
    seconds: float | None = None
    answer: str = ""
    corrected: bool = False
    edited: bool = False
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the host decided on drafts of one kind of question: told as they were, in other words, or not at all."""

    topic: str
    approved: int
    edited: int
    vetoed: int

    @property
    def share(self) -> float:
        """The share that the host told as they were."""
        return self.approved / (self.approved + self.edited + self.vetoed)


@dataclass(frozen=True, slots=True)
class Interest:
    """How often a product was asked about, and shown as a card."""

    product_id: str
    asked: int
    shown: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What was asked for and could not be bought: a product that is sold out, or `words` for what the shop does not sell."""

    asked: int
    product_id: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair for the FAQ: the question in the viewers' words, and what was told. It rests on no price, stock or offer."""

    id: str
    wordings: tuple[str, ...]
    answer: str
    language: Language
    asked: int
    edited: bool


@dataclass(frozen=True, slots=True)
class Minute:
    """Comments and public answers in the minute that begins at `at`."""

    at: datetime
    comments: int
    answers: int


@dataclass(frozen=True, slots=True)
class ShowReport:
    """A show of one room. `viewers` is the most at once; that and `comments` are None where nobody counted them.

    `askers` are people who asked. `fates` are numbers of questions, and so are `corrected` and `edited`. `paid` are the
    amounts of `orders`, by currency. `hidden` are comments by reason. `missing` is what documents should say, grouped.
    """

    room: str
    span: Span
    comments: int | None
    viewers: int | None
    askers: int
    questions: tuple[Asked, ...]
    fates: Mapping[Fate, int]
    corrected: int
    edited: int
    agreement: tuple[Agreement, ...]
    products: tuple[Interest, ...]
    orders: int
    paid: tuple[str, ...]
    lost: tuple[Lost, ...]
    hidden: Mapping[str, int]
    missing: tuple[Gap, ...]
    candidates: tuple[Candidate, ...]
    minutes: tuple[Minute, ...]


def make_report(
    room: str, span: Span, asks: Sequence[Ask], entries: Sequence[AuditEntry], missing: Sequence[Gap] = ()
) -> ShowReport:
    """The report of what was asked and done within a span. Of more than that is only taken what lies in it."""
    asks = [ask for ask in asks if span.has(ask.at)]
    entries = [entry for entry in entries if span.has(entry.at)]
    tallies = [(entry.at, json.loads(entry.text)) for entry in entries if entry.kind == TALLY and entry.text]
    groups = clustered(asks)
    questions = tuple(sorted(map(_question, groups), key=lambda one: (-one.asked, one.first_at)))
    return ShowReport(
        room,
        span,
        comments=sum(one["comments"] for _, one in tallies) if tallies else None,
        viewers=max(one["viewers"] for _, one in tallies) if tallies else None,
        askers=len({ask.viewer for ask in asks}),
        questions=questions,
        fates=dict(Counter(one.fate for one in questions)),
        corrected=sum(one.corrected for one in questions),
        edited=sum(one.edited for one in questions),
        agreement=_agreement(asks),
        products=_interest(asks),
        orders=sum(one["events"].get(EventKind.ORDER_PAID, 0) for _, one in tallies),
        paid=_paid(one for _, one in tallies),
        lost=_lost(groups),
        hidden=dict(Counter(entry.text for entry in entries if entry.kind == "hidden").most_common()),
        missing=tuple(missing),
        candidates=_candidates(groups),
        minutes=_minutes(tallies, entries),
    )


def without_answer(asks: Iterable[Ask], span: Span) -> list[tuple[str, Language]]:
    """The questions within a span to which the shop knew no answer, as often as they were asked."""
    unknown = [ask for ask in asks if ask.fate is Fate.UNANSWERED and span.has(ask.at)]
    return [(ask.words, ask.language) for ask in unknown for _ in range(ask.times)]


def _question(group: Sequence[Ask]) -> Asked:
    told = [ask for ask in group if ask.told_at]
    seconds = [(ask.told_at - ask.at).total_seconds() for ask in group if ask.told_at]
    wordings = _wordings(group)
    return Asked(
        wordings[0],
        wordings,
        _times(group),
        min(ask.at for ask in group),
        min((ask.fate for ask in group), key=list(Fate).index),
        median(seconds) if seconds else None,
        answer=told[-1].answer if told else "",
        corrected=any(ask.corrected for ask in group),
        edited=any(ask.edited for ask in group),
        topic=group[0].topic,
    )


def _wordings(group: Sequence[Ask]) -> tuple[str, ...]:
    """In what words something was asked, the commonest first."""
    times: Counter[str] = Counter()
    for ask in group:
        times[ask.words] += ask.times
    return tuple(words for words, _ in times.most_common(WORDINGS))


def _times(group: Sequence[Ask]) -> int:
    return sum(ask.times for ask in group)


def _agreement(asks: Sequence[Ask]) -> tuple[Agreement, ...]:
    """By kind of question, those first on which the host decided most often. What the room did by itself says nothing."""
    by_topic: defaultdict[str, list[Ask]] = defaultdict(list)
    for ask in asks:
        if ask.chosen or ask.edited or ask.vetoed:
            by_topic[ask.topic].append(ask)
    most = sorted(by_topic.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Agreement(
            topic,
            sum(ask.chosen and not ask.edited for ask in decided),
            sum(ask.edited and not ask.vetoed for ask in decided),
            sum(ask.vetoed for ask in decided),
        )
        for topic, decided in most
    )


def _interest(asks: Sequence[Ask]) -> tuple[Interest, ...]:
    asked: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for ask in asks:
        asked.update(dict.fromkeys(ask.products, ask.times))
        shown.update(dict.fromkeys(ask.shown, ask.times))
    names = sorted({*asked, *shown}, key=lambda name: (-asked[name], -shown[name], name))
    return tuple(Interest(name, asked[name], shown[name]) for name in names)


def _paid(tallies: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    paid: Counter[str] = Counter()
    for one in tallies:
        paid.update(one["paid"])
    return tuple(str(Money(minor, currency)) for currency, minor in paid.items())


def _lost(groups: Sequence[Sequence[Ask]]) -> tuple[Lost, ...]:
    sold_out: Counter[str] = Counter()
    for ask in (ask for group in groups for ask in group):
        sold_out.update(dict.fromkeys(ask.sold_out, ask.times))
    not_sold = [group for group in groups if any(ask.not_sold for ask in group)]
    lost = [Lost(times, product_id) for product_id, times in sold_out.items()]
    lost += [Lost(_times(group), words=_wordings(group)[0]) for group in not_sold]
    return tuple(sorted(lost, key=lambda one: -one.asked))


def _candidates(groups: Sequence[Sequence[Ask]]) -> tuple[Candidate, ...]:
    """Answers that were told and hold longer than a show; the host's own words first, then what was asked most."""
    found = [candidate for group in groups if (candidate := _candidate(group))]
    return tuple(sorted(found, key=lambda one: (not one.edited, -one.asked))[:CANDIDATES])


def _candidate(group: Sequence[Ask]) -> Candidate | None:
    """The answer of a question as a pair, the last one that was told; None where none lasts."""
    lasting = [ask for ask in group if ask.told_at and _lasts(ask)]
    best = max(lasting, key=lambda ask: (ask.edited, ask.at), default=None)
    if best is None or any(ask.claims or ask.corrected for ask in group):
        return None
    wordings = _wordings([ask for ask in group if ask.language is best.language and not ask.personal])
    name = digest("\n".join((wordings[0], best.answer)))
    return Candidate(name, wordings, best.answer, best.language, _times(group), best.edited)


def _lasts(ask: Ask) -> bool:
    """Whether an answer is fit for everybody and tells nothing that changes: no claims on the tables, no amounts."""
    return not (ask.personal or ask.claims or ask.corrected or ask.shown or next(money(ask.answer), None))


def _minutes(tallies: Sequence[tuple[datetime, Mapping[str, Any]]], entries: Iterable[AuditEntry]) -> tuple[Minute, ...]:
    """Every minute from the first to the last in which something was said, those in which nothing was among them."""
    comments: Counter[datetime] = Counter()
    for at, one in tallies:
        comments[_minute(at)] += one["comments"]
    answers = Counter(_minute(entry.at) for entry in entries if entry.kind == "told")
    said = sorted({*comments, *answers})
    count = int((said[-1] - said[0]) / timedelta(minutes=1)) + 1 if said else 0
    every = [said[0] + timedelta(minutes=number) for number in range(count)]
    return tuple(Minute(at, comments[at], answers[at]) for at in every)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
