"""What becomes of the public answers of a room: told at once, held for the host, waiting for the budget, or never told.

Pure but for what it remembers; time is given. By the mode of the room an answer

    off        is never told
    suggest    is shown to the host, who says it in their own words
    approve    is held until the host approves it
    veto       is told after `veto_s` seconds unless the host vetoes it
    auto       is told

and whatever is told keeps to the answer budget (budget.py). What nobody decides on in time, or has no place any more, is
left over: the host still sees it, and may have it told. An answer that is open stays in the outbox and comes from there
again, be it after a restart; one that is settled does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.audit import AuditEntry
from bot.claims import written
from bot.types import Delivery, Language, Reply
from channels.live.budget import AnswerQueue, Budget, Candidate
from channels.live.known import bound
from channels.live.triage import Question

# Answers of which is known what became of them.
REMEMBERED: Final = 1000
# Whose words an edited answer shows.
HOST: Final = {Language.ZH: "主播", Language.ZH_HANT: "主播", Language.EN: "Host"}


class Mode(StrEnum):
    """How far the room answers by itself."""

    OFF = "off"
    SUGGEST = "suggest"
    APPROVE = "approve"
    VETO = "veto"
    AUTO = "auto"


class Standing(StrEnum):
    """Where an answer stands: with the host, counting down to be told, in the queue, or one of the ends."""

    SUGGESTED = "suggested"
    HELD = "held"
    COUNTING = "counting"
    WAITING = "waiting"
    LEFT = "left"
    TOLD = "told"
    VETOED = "vetoed"
    WITHDRAWN = "withdrawn"
    OFF = "off"


OPEN: Final = frozenset({Standing.SUGGESTED, Standing.HELD, Standing.COUNTING, Standing.WAITING})
# Modes in which the room says something of its own accord.
SPEAKS: Final = frozenset({Mode.VETO, Mode.AUTO})
_WITH_HOST: Final = {Mode.SUGGEST: Standing.SUGGESTED, Mode.APPROVE: Standing.HELD, Mode.VETO: Standing.COUNTING}


@dataclass(frozen=True, slots=True)
class Rules:
    """How a room answers. `most` answers may be open, each for `patience_s` seconds; `buying` are topics of buyers."""

    mode: Mode = Mode.AUTO
    veto_s: float = 8
    per_minute: int | None = None
    cooldown_s: float = 0
    patience_s: float = 120
    most: int = 60
    buying: frozenset[str] = frozenset()


@dataclass(slots=True)
class Draft:
    """A public answer. `id` is the one that viewers see; `question` is None where a restart has forgotten it.

    `until` is when it is told unless somebody vetoes; `chosen` says that the host wants it told, `edited` in other words.
    `kept`: the outbox has it until it is settled. `corrects` are the answers that it puts right, by their ids; `void` is one
    of which the tables say otherwise by now.
    """

    id: str
    delivery: Delivery
    comment_id: str
    reply: Reply
    question: Question | None
    at: datetime
    standing: Standing
    until: datetime | None = None
    chosen: bool = False
    edited: bool = False
    kept: bool = False
    corrects: tuple[str, ...] = ()
    void: bool = False

    @property
    def asked(self) -> int:
        """How many people asked."""
        return self.question.asked if self.question else 1


class Answers:
    """The public answers of one room."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.mode_set = False  # by the host
        self.counts: Counter[Standing] = Counter()
        self._drafts: dict[str, Draft] = {}
        self._answered: dict[str, None] = {}
        self._settled: list[Delivery] = []
        self._done: list[AuditEntry] = []
        self._queue = AnswerQueue(
            Budget(rules.per_minute, rules.cooldown_s),
            most=rules.most,
            patience_s=rules.patience_s,
            refreshed=lambda candidate: self._candidate(self._drafts[candidate.id]),
        )

    def drafts(self) -> list[Draft]:
        """All that is remembered, oldest first."""
        return list(self._drafts.values())

    def knows(self, draft_id: str) -> bool:
        """Whether this answer was offered before."""
        return draft_id in self._drafts

    def offer(self, draft: Draft, now: datetime) -> Draft:
        """An answer came out of the outbox. Returns what is known of it: the same again changes nothing."""
        known = self._drafts.get(draft.id)
        if known is not None:
            return known
        self._drafts[draft.id] = draft
        self._place(draft, now)
        self._make_space(now)
        return draft

    def set_mode(self, mode: Mode, now: datetime) -> None:
        """From now on, and for what is open and was not chosen by the host."""
        self.restore_mode(mode)
        self._done.append(AuditEntry(now, "mode", "", "host", mode))
        for draft in self.open():
            if not draft.chosen:
                self._queue.drop(draft.id)
                self._place(draft, now)

    def restore_mode(self, mode: Mode) -> None:
        """The host has set this mode, be it before a restart."""
        self.rules, self.mode_set = replace(self.rules, mode=mode), True

    def approve(self, draft_id: str, now: datetime, text: str = "") -> Draft:
        """The host wants it told, in other words where `text` is given. Raises KeyError for one that cannot be.

        Other words are the host's, and nothing that the service cites vouches for them.
        """
        draft = self._drafts[draft_id]
        if draft.standing not in {Standing.HELD, Standing.COUNTING, Standing.WAITING, Standing.LEFT}:
            raise KeyError(draft_id)
        if text and text != draft.reply.text:
            draft.edited = True
            self._note(draft, "edited", now, text)
            draft.reply = replace(draft.reply, text=text, speak="", citations=(), agent=HOST[draft.reply.language])
        draft.chosen = True
        self._wait(draft, now)
        return draft

    def veto(self, draft_id: str, now: datetime) -> Draft:
        """The host does not want it told. Raises KeyError for one that was told, or is not there."""
        draft = self._drafts[draft_id]
        if draft.standing not in OPEN | {Standing.LEFT}:
            raise KeyError(draft_id)
        self._queue.drop(draft.id)
        self._end(draft, Standing.VETOED, now)
        return draft

    def renew(self, draft_id: str, reply: Reply, now: datetime) -> None:
        """The tables have changed: an answer that was not told says this instead; the host's own words are left over."""
        draft = self._drafts[draft_id]
        if draft.edited:
            draft.void = True
            if draft.standing in OPEN:
                self._queue.drop(draft.id)
                self._end(draft, Standing.LEFT, now)
            return
        draft.reply = reply
        self._note(draft, "renewed", now, reply.text)

    def withdraw(self, draft_id: str, now: datetime) -> None:
        """An answer that was not told has nothing to say any more."""
        self._queue.drop(draft_id)
        self._end(self._drafts[draft_id], Standing.WITHDRAWN, now)

    def mark(self, draft_ids: Iterable[str], now: datetime, *, void: bool) -> None:
        """What was told by these is `void` from now on, or true again."""
        for draft in (self._drafts[name] for name in draft_ids if name in self._drafts):
            draft.void = void
            self._note(draft, "void" if void else "valid", now, draft.reply.text)

    def due(self, now: datetime) -> list[Draft]:
        """What is to be told now, in this order; it counts as told. What waited too long is left over."""
        for draft in self.open():
            if draft.standing is Standing.COUNTING and draft.until is not None and draft.until <= now:
                self._wait(draft, now)
            elif draft.standing is not Standing.WAITING and now - draft.at > timedelta(seconds=self.rules.patience_s):
                self._end(draft, Standing.LEFT, now)
        for late in self._queue.overdue(now):
            self._end(self._drafts[late.id], Standing.LEFT, now)
        told = []
        while (next_one := self._queue.take(now)) is not None:
            draft = self._drafts[next_one.id]
            self._end(draft, Standing.TOLD, now)
            self._answered[_cluster(draft)] = None
            bound(self._answered)
            told.append(draft)
        return told

    def settled(self) -> list[Delivery]:
        """What the outbox has no need to keep any more, since this was asked last."""
        settled, self._settled = self._settled, []
        return settled

    def done(self) -> list[AuditEntry]:
        """What was done with answers since this was asked last, for the audit."""
        done, self._done = self._done, []
        return done

    # ------------------------------------------------------------ inside

    def _place(self, draft: Draft, now: datetime) -> None:
        """Where its mode puts an answer."""
        match self.rules.mode:
            case Mode.OFF:
                self._end(draft, Standing.OFF, now)
            case Mode.AUTO:
                self._wait(draft, now)
            case mode:
                draft.standing = _WITH_HOST[mode]
                draft.until = now + timedelta(seconds=self.rules.veto_s) if mode is Mode.VETO else None
                self._note(draft, draft.standing, now, draft.reply.text)

    def _wait(self, draft: Draft, now: datetime) -> None:
        """Wait for the budget. The patience of the queue begins now; what the host kept is not given up at once."""
        draft.standing, draft.until = Standing.WAITING, None
        left = self._queue.put(replace(self._candidate(draft), since=now), now)
        if left is not None:
            self._end(self._drafts[left.id], Standing.LEFT, now)

    def _end(self, draft: Draft, standing: Standing, now: datetime) -> None:
        draft.standing, draft.until = standing, None
        self.counts[standing] += 1
        self._note(draft, standing, now, draft.reply.text)
        if draft.kept:
            self._settled.append(draft.delivery)

    def _note(self, draft: Draft, kind: str, now: datetime, text: str) -> None:
        by_host = draft.chosen or kind in (Standing.VETOED, "edited")
        evidence = (*(cited.url for cited in draft.reply.citations), *map(written, draft.reply.claims))
        self._done.append(AuditEntry(now, kind, draft.id, "host" if by_host else "room", text, evidence))

    def open(self) -> list[Draft]:
        """Those that may still be told without anybody bringing them back, oldest first."""
        return [draft for draft in self._drafts.values() if draft.standing in OPEN]

    def tellable(self) -> list[Draft]:
        """Those that may still be told, be it that the host brings them back, oldest first."""
        return [draft for draft in self._drafts.values() if draft.standing in OPEN or draft.standing is Standing.LEFT]

    def _make_space(self, now: datetime) -> None:
        """Give up the oldest of too many that are with the host, and forget the oldest settled one of too many."""
        kept = [draft for draft in self.open() if draft.standing is not Standing.WAITING]
        for draft in kept[: max(0, len(kept) - self.rules.most)]:
            self._end(draft, Standing.LEFT, now)
        if len(self._drafts) > REMEMBERED:
            del self._drafts[next(draft.id for draft in self._drafts.values() if draft.standing not in OPEN)]

    def _candidate(self, draft: Draft) -> Candidate:
        question = draft.question
        return Candidate(
            draft.id,
            draft.delivery.key.user,
            draft.at,
            draft.asked,
            buying=question is not None and question.topic in self.rules.buying,
            fresh=_cluster(draft) not in self._answered,
            chosen=draft.chosen,
            urgent=bool(draft.corrects),
        )


def _cluster(draft: Draft) -> str:
    """What makes two answers answers to the same: sense, wording, or the answer itself."""
    question = draft.question
    return (question.sense or question.wording if question else "") or draft.reply.text
