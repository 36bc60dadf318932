"""Answers that were told, for as long as somebody may go by them, and what puts them right when the tables have changed.

Pure but for what it remembers; time is given, and so are the tables. An answer of which a claim is broken is void: who asks
the same asks it anew. What puts it right is one correction for all that would be told the same, in the language they were
told in. There and back is nothing; whoever changes a price again and again is told of at most every `QUIET` once, with
what holds then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.claims import Tables, broken, known, renewed
from bot.types import Audience, Claim, ConversationKey, Language, Reply
from channels.live.changes import worded
from channels.live.triage import Question

# After a correction there is none of the same question for so long.
QUIET: Final = timedelta(seconds=10)
# Questions that are looked after at once.
MOST: Final = 200

Claims = tuple[Claim, ...]


@dataclass(slots=True)
class Told:
    """What was told to a question: on which claims it rests, by which replies, when."""

    question: Question
    key: ConversationKey
    language: Language
    claims: Claims
    replies: list[str]
    at: datetime
    corrected_at: datetime | None = None
    void: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What puts answers right: told to `language`, resting on the claims of its reply."""

    told: tuple[Told, ...]
    reply: Reply

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions whose answers it puts right."""
        return tuple(told.question for told in self.told)

    @property
    def replies(self) -> tuple[str, ...]:
        """The answers that it puts right."""
        return tuple(dict.fromkeys(name for told in self.told for name in told.replies))


@dataclass(slots=True)
class Review:
    """What the tables say to what was told: answers that are void now, those that are true again, new corrections, open ones
    that say something else by now or, where that is None, nothing any more."""

    void: list[Told] = field(default_factory=list)
    valid: list[Told] = field(default_factory=list)
    new: list[Correction] = field(default_factory=list)
    changed: dict[str, Correction | None] = field(default_factory=dict)


class Corrections:
    """The told answers of one room, each for `window_s` seconds since it was told or put right."""

    def __init__(self, window_s: float) -> None:
        self._window = timedelta(seconds=window_s)
        self._told: dict[str, Told] = {}
        self._proposed: dict[str, Correction] = {}
        self.unread: list[Question] = []

    def note(self, question: Question, key: ConversationKey, reply_id: str, reply: Reply, now: datetime) -> None:
        """An answer was told. A question that is answered again goes by the newest of each claim."""
        claims = tuple(claim for claim in reply.claims if known(claim))
        before = self._told.pop(question.first.id, None)
        if not claims and before is None:
            return
        replies, kept = ([*before.replies], before.claims) if before and not before.void else ([], ())
        merged = _merged(kept, claims)
        self._told[question.first.id] = Told(question, key, reply.language, merged, [*replies, reply_id], now)
        if len(self._told) > MOST:
            del self._told[next(iter(self._told))]

    def restore(self, told: Iterable[Told]) -> None:
        """These were told before a restart."""
        self._told |= {one.question.first.id: one for one in told}

    def watched(self, now: datetime) -> dict[str, Told]:
        """What somebody may still go by, by the id of its first comment."""
        self._told = {name: told for name, told in self._told.items() if now - _since(told) <= self._window}
        kept = list(self._told.values())
        self._proposed = {
            name: one for name, one in self._proposed.items() if any(told is other for told in one.told for other in kept)
        }
        return dict(self._told)

    def proposed(self, draft_id: str) -> Correction | None:
        """The correction of this id, which was not told."""
        return self._proposed.get(draft_id)

    def propose(self, draft_id: str, correction: Correction) -> None:
        """This correction is on its way to the room, under this id."""
        self._proposed[draft_id] = correction

    def corrected(self, draft_id: str, reply: Reply, now: datetime) -> Correction | None:
        """This correction was told: from now on its claims are what the room goes by. None for what is none."""
        correction = self._proposed.pop(draft_id, None)
        if correction is None:
            return None
        values = {(claim.subject, claim.aspect): claim for claim in reply.claims}
        for told in correction.told:
            told.claims = tuple(values.get((claim.subject, claim.aspect), claim) for claim in told.claims)
            told.replies, told.corrected_at, told.void = [draft_id], now, False
        self.unread += correction.questions
        return correction

    def review(self, watched: Mapping[str, Claims], tellable: Sequence[str], tables: Tables, now: datetime) -> Review:
        """What is to be done. `watched` are the claims whose tables were read, `tellable` drafts not yet told."""
        found = Review()
        told = [one for name, one in self._told.items() if watched.get(name) == one.claims]
        for one in told:
            wrong = bool(broken(one.claims, tables))
            if wrong is not one.void:
                (found.void if wrong else found.valid).append(one)
                one.void = wrong
        for name, proposed in list(self._proposed.items()):
            self._look_again(name, proposed, name in tellable, tables, found)
        held = [one for proposed in self._proposed.values() for one in proposed.told]
        ready = [one for one in told if one.void and _rested(one, now) and not any(one is other for other in held)]
        found.new += _corrections(ready, tables)
        return found

    def _look_again(self, name: str, proposed: Correction, is_tellable: bool, tables: Tables, found: Review) -> None:
        """A correction that was not told: whether it is still one, and the right one."""
        if not any(one.void for one in proposed.told):
            del self._proposed[name]
            if is_tellable:
                found.changed[name] = None
        elif broken(proposed.reply.claims, tables):
            if not is_tellable:  # the host did not want it; this is another
                del self._proposed[name]
                return
            found.changed[name] = self._proposed[name] = correction_of(proposed.told, tables)


def correction_of(told: Sequence[Told], tables: Tables) -> Correction:
    """The correction of answers in one language, by what the tables have now."""
    claims = _merged(*(one.claims for one in told))
    wrong = dict.fromkeys(claim for one in told for claim in broken(one.claims, tables))
    text = worded(wrong, tables, told[0].language, correction=True)
    return Correction(tuple(told), _reply(text, told[0].language, claims, tables))


def renewal(reply: Reply, tables: Tables) -> Reply:
    """What is to be told in the place of an answer whose claims broke before it was told."""
    claims = tuple(claim for claim in reply.claims if known(claim))
    text = worded(broken(claims, tables), tables, reply.language, correction=False)
    return _reply(text, reply.language, claims, tables)


def _corrections(told: Sequence[Told], tables: Tables) -> list[Correction]:
    """One for all answers that would be put right in the same words."""
    groups: dict[tuple[Language, str], list[Told]] = {}
    for one in told:
        groups.setdefault((one.language, correction_of([one], tables).reply.text), []).append(one)
    return [correction_of(group, tables) for group in groups.values()]


def _reply(text: str, language: Language, claims: Claims, tables: Tables) -> Reply:
    now = tuple(renewed(claim, tables) for claim in claims)
    return Reply(text, language=language, audience=Audience.PUBLIC, claims=now)


def _merged(*claims: Claims) -> Claims:
    """Claims of which the later ones take the place of earlier ones about the same."""
    return tuple({(claim.subject, claim.aspect): claim for some in claims for claim in some}.values())


def _since(told: Told) -> datetime:
    return told.corrected_at or told.at


def _rested(told: Told, now: datetime) -> bool:
    return told.corrected_at is None or now - told.corrected_at >= QUIET
