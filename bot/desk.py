"""The nouns of the agents' desk and its ports, between the storage that keeps them and the channel that shows them.

Times are aware UTC datetimes. The engine knows of all this no more than `Expectation` (bot.types).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.types import ConversationKey, Language, Message, Turn

# The last turns of a conversation, oldest first: (conversation, how many).
History = Callable[[ConversationKey, int], Awaitable[list[Turn]]]
# What the buttons of a rating send begins so; it is no message to anybody.
RATES = "/rate "
# What the bot would make of a message now. Nothing is done, kept or sent. Raises Unavailable.
Propose = Callable[[Message], Awaitable[Turn]]


class TicketState(StrEnum):
    """Nobody has it, an agent has it, it is put off until a time, or it is done."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Priority(StrEnum):
    """How soon a ticket is to be answered."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Goal(StrEnum):
    """What is promised within a time: an agent's first answer, and the end."""

    FIRST_ANSWER = "first_answer"
    RESOLUTION = "resolution"


class EventKind(StrEnum):
    """What can happen to a ticket."""

    OPENED = "opened"
    MESSAGE = "message"
    NOTE = "note"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    RELEASED = "released"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RESOLVED = "resolved"
    RETURNED = "returned"
    TAGGED = "tagged"
    READ = "read"
    OFFERED = "offered"
    DUE = "due"
    ASKED = "asked"
    RATED = "rated"
    COMMENTED = "commented"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the desk keeps of a conversation that asked for a person; one a conversation, opened again by the next hand-off.

    `opened_at` is the hand-off that it waits for now. `unread` counts what the customer wrote since an agent looked.
    `resolved_at` is set by an agent's "resolved" and cleared by the next hand-off. `version` counts changes: two that were
    made of the same version cannot both be kept. A waiting ticket is `offered_to` an agent with room
    for it, since `offered_at`. `answered_at` is an agent's first answer since `opened_at`. `stars`
    (1 to 5, 0 for none) and `comment` are what the customer thought of it.
    """

    key: ConversationKey
    opened_at: datetime
    last_at: datetime
    state: TicketState = TicketState.WAITING
    customer: str = ""
    language: Language = Language.ZH
    reason: str = ""
    assignee: str = ""
    last_words: str = ""
    unread: int = 0
    tags: tuple[str, ...] = ()
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    priority: Priority = Priority.NORMAL
    answered_at: datetime | None = None
    stars: int = 0
    comment: str = ""
    offered_to: str = ""
    offered_at: datetime | None = None
    version: int = 0

    @property
    def rating_name(self) -> str:
        """What a rating of this hand-off is called: 16 hexadecimal digits."""
        return hashlib.sha256(f"{self.id} {self.opened_at.timestamp()}".encode()).hexdigest()[:16]

    @property
    def id(self) -> str:
        """Its name in addresses: a digest of the conversation's key, so that it tells nothing of the customer."""
        return ticket_id(self.key)


def ticket_id(key: ConversationKey) -> str:
    """The name of a conversation's ticket: 24 hexadecimal digits."""
    return hashlib.sha256(str(key).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of a ticket's history. `id` is unique in the whole desk: what comes twice under one id happened once.

    `actor` is an agent's name, or empty for the customer and the desk itself. A note's words are in `text` and go to
    nobody but agents.
    """

    id: str
    ticket: str
    kind: EventKind
    at: datetime
    actor: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """When a goal is to be met, and whether that was missed; otherwise it is near."""

    goal: Goal
    at: datetime
    missed: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """A ticket whose goal is near or missed. What comes twice under one `id` is told once."""

    id: str
    ticket: Ticket
    due: Due


class Alarms:
    """Who else is told of alarms: channels put themselves here when they open. Each raises Unavailable to be told again."""

    def __init__(self) -> None:
        self._takers: list[Callable[[Alarm], Awaitable[None]]] = []

    def tell_also(self, taker: Callable[[Alarm], Awaitable[None]]) -> None:
        """From now on this one is told, too."""
        self._takers.append(taker)

    async def tell(self, alarm: Alarm) -> None:
        """Tell everybody. Raises Unavailable where somebody could not be told."""
        for taker in self._takers:
            await taker(alarm)


class Tickets(Protocol):
    """Where tickets are kept. Raises StorageUnavailable when the database does not answer."""

    async def ticket(self, name: str) -> Ticket | None:
        """The ticket called `name` (`Ticket.id`)."""
        ...

    async def save(self, ticket: Ticket, event: TicketEvent) -> bool:
        """Write a ticket and what happened to it, together. False when that event is kept already; nothing is written then.

        `ticket.version` is the version that was loaded, 0 for a new one; what is stored has one more. Raises VersionConflict
        when another version is stored by now: of all who change the same version, one wins.
        """
        ...

    async def tickets(
        self, states: Sequence[TicketState], *, assignee: str = "", words: str = "", limit: int = 200
    ) -> list[Ticket]:
        """Tickets in these states, the one that was spoken in last first.

        With `assignee` those of an agent; with `words` those that have them in name, last words, reason, tags or notes,
        whatever the case of their letters; only the last few thousand are looked through.
        """
        ...

    async def count(self, states: Sequence[TicketState], *, assignee: str = "", unread: bool = False) -> int:
        """How many tickets are in these states; with `unread` only those where the customer wrote something unseen."""
        ...

    async def waiting_before(self, at: datetime) -> int:
        """How many tickets wait that were opened before `at`."""
        ...

    async def events(self, name: str) -> list[TicketEvent]:
        """What happened to a ticket, oldest first."""
        ...

    async def happened(self, kinds: Sequence[EventKind], since: datetime) -> list[TicketEvent]:
        """What of these kinds happened to any ticket since then, in the order in which it was kept."""
        ...


class Role(StrEnum):
    """What a member of the staff may do: everything at the desk, answer there, or lead a live room."""

    OWNER = "owner"
    AGENT = "agent"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Work:
    """What an agent is offered: up to `most` open conversations at once, none while `away`.

    `languages` are those they answer in, none for all. `skills` are tags: a ticket whose tag is somebody's skill is theirs.
    """

    away: bool = False
    most: int = 5
    languages: tuple[Language, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of the staff. `password` is a hash (argon2), never the word itself."""

    name: str
    role: Role
    password: str
    work: Work = Work()


class Accounts(Protocol):
    """Who may come in, and who is in. A session is known by its token's digest; the browser alone has the token."""

    async def staff(self) -> list[Staff]:
        """Everybody, by name."""
        ...

    async def member(self, name: str) -> Staff | None:
        """The member of that name."""
        ...

    async def put_member(self, member: Staff) -> None:
        """Add or replace a member; sessions that were open under that name are closed."""
        ...

    async def set_work(self, name: str, work: Work) -> bool:
        """Change what a member is offered; their sessions stay open. False where there is none of that name."""
        ...

    async def remove_member(self, name: str) -> bool:
        """Remove a member and their sessions. False where there is none."""
        ...

    async def open_session(self, digest: str, name: str, until: datetime) -> None:
        """Keep a session."""
        ...

    async def session(self, digest: str, now: datetime) -> Staff | None:
        """Whose session that is, where it has not ended by `now`."""
        ...

    async def close_session(self, digest: str) -> None:
        """End a session. One that is not there is ended already."""
        ...


class LoginAttempts(Protocol):
    """How often somebody has failed to log in."""

    async def failed_attempts(self, subjects: Sequence[str], since: datetime) -> int:
        """How often since then: of the one of these subjects that failed most."""
        ...

    async def note_failed_attempt(self, subjects: Sequence[str], at: datetime) -> Sequence[int]:
        """Count one failure for each subject."""
        ...

    async def take_back(self, marks: Sequence[int]) -> None:
        """Count no longer what was no failure; `marks` is what `note_failed_attempt` gave."""
        ...
