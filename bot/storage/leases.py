"""Who works on which rows of inbox and outbox, where several processes share a database.

A row belongs to the process that wrote it, until its lease is over; a process that lives renews its leases, and what one
that died had is free after LEASE_S. A lease without an owner is an offer: until it is over, the row is for the process
that the receiver is connected to; after that, for anybody. The only process on a database has no name and no leases: every
lease is over at once, and nothing is written for it.

Of a conversation's deliveries at a door, whoever has the first has them all: what is behind waits for it, as everywhere in
the outbox. Claims therefore lock first rows only, and skip those that another process is claiming.

Times are the processes' own: their machines keep their clocks within a second or two of each other.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.clock import SystemClock
from bot.ports import Clock
from bot.storage.tables import inbox, outbox
from bot.types import ConversationKey, Delivery

# How long a row stays with a process that has not renewed its lease, in seconds. The engine renews three times as often.
LEASE_S = 6.0
PENDING = "pending"

NOBODY = {"owner": "", "leased_until": 0.0}


@dataclass(frozen=True, slots=True)
class Leases:
    """The terms on which a process has its rows: under which name, for how many seconds, by which clock."""

    owner: str = ""
    lasting_s: float = 0.0
    clock: Clock = field(default_factory=SystemClock)

    @property
    def shared(self) -> bool:
        """Whether other processes may write to the same database."""
        return bool(self.owner)

    def terms(self) -> dict[str, Any]:
        """The columns of a row that this process has from now on."""
        return {"owner": self.owner, "leased_until": self._now() + self.lasting_s}

    def args(self) -> dict[str, Any]:
        """What the statements below compare with and set."""
        return {"me": self.owner, "now": self._now(), "until": self._now() + self.lasting_s}

    def holds(self, row: sa.Row[Any]) -> bool:
        """Whether this process has a row of the outbox."""
        return bool(row.owner == self.owner and not self.is_over(row))

    def is_over(self, row: sa.Row[Any]) -> bool:
        """Whether the lease or the offer of a row is over: anybody may take it."""
        return bool(row.leased_until <= self._now())

    def _now(self) -> float:
        return self.clock.now().timestamp()


ALONE = Leases()


def one_of_many() -> Leases:
    """Terms under a name that no other process has, nor had: host, process id, and what makes it unique."""
    return Leases(f"{socket.gethostname()[:64]}/{os.getpid()}/{secrets.token_hex(8)}", LEASE_S)


# ---------------------------------------------------------------- conditions and statements

_earlier = outbox.alias()
_EARLIER = (
    (_earlier.c.status == PENDING)
    & (_earlier.c.key == outbox.c.key)
    & (_earlier.c.door == outbox.c.door)
    & (_earlier.c.seq < outbox.c.seq)
)


def _elsewhere(table: Any) -> sa.ColumnElement[bool]:
    """Another process has the row."""
    return sa.and_(table.c.owner.not_in(("", sa.bindparam("me"))), table.c.leased_until > sa.bindparam("now"))


_held_back = sa.exists().where(_EARLIER, sa.or_(_earlier.c.due_at > sa.bindparam("at"), _elsewhere(_earlier)))
DUE = (
    sa.select(*(outbox.c[name] for name in ("id", "key", "door", "body", "attempt", "owner", "leased_until")))
    .where(outbox.c.status == PENDING, outbox.c.door.in_(sa.bindparam("doors", expanding=True)))
    .where(outbox.c.due_at <= sa.bindparam("at"), outbox.c.key.not_in(sa.bindparam("apart_from", expanding=True)))
    .where(~_elsewhere(outbox), ~_held_back)
    .order_by(outbox.c.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)

_free = (
    (outbox.c.status == PENDING)
    & outbox.c.id.in_(sa.bindparam("ids", expanding=True))
    & (outbox.c.due_at <= sa.bindparam("at"))
    & ~_elsewhere(outbox)
)
_heads = (
    sa.select(outbox.c.key, outbox.c.door)
    .where(_free, ~sa.exists().where(_EARLIER))
    .with_for_update(skip_locked=True)
    .cte("heads")
)
# Those of `ids` whose conversation's first delivery at the door is theirs, too, and free.
CLAIM = (
    outbox.update()
    .where(_free, sa.exists().where(_heads.c.key == outbox.c.key, _heads.c.door == outbox.c.door))
    .values(owner=sa.bindparam("me"), leased_until=sa.bindparam("until"))
    .returning(outbox.c.id)
)
# Those of `ids` that this process has, to whoever their receiver is connected to.
OFFER = (
    outbox.update()
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)), outbox.c.owner == sa.bindparam("me"))
    .values(owner="", leased_until=sa.bindparam("until"))
)
_left = sa.select(inbox.c.seq).where(inbox.c.leased_until <= sa.bindparam("now")).with_for_update(skip_locked=True)
# Messages that nobody works on.
TAKE_UP = (
    inbox.update()
    .where(inbox.c.seq.in_(_left.scalar_subquery()))
    .values(owner=sa.bindparam("me"), leased_until=sa.bindparam("until"))
    .returning(inbox.c.seq, inbox.c.key, inbox.c.message_id, inbox.c.message)
)


def _own(table: Any, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Rows of this process, without waiting for those that somebody else is just clearing away."""
    mine = sa.select(table.c.seq).where(table.c.owner == sa.bindparam("me"), *conditions)
    found: sa.ColumnElement[bool] = table.c.seq.in_(mine.with_for_update(skip_locked=True).scalar_subquery())
    return found


_waiting = outbox.c.status == PENDING
_served = outbox.c.door.in_(sa.bindparam("doors", expanding=True))
_known = sa.tuple_(inbox.c.key, inbox.c.message_id).in_(sa.bindparam("known", expanding=True))
# Of messages only those that this process knows to be kept: one whose keeping was never confirmed, as the database went
# away meanwhile, has this process for its owner and is worked on by nobody. Its lease ends, and it is taken up as those of
# the dead.
RENEW_INBOX = inbox.update().where(_own(inbox, _known)).values(leased_until=sa.bindparam("until"))
RENEW_OUTBOX = outbox.update().where(_own(outbox, _waiting, _served)).values(leased_until=sa.bindparam("until"))
# Messages that are renewed at once: two values each, and a statement takes 32,767 of them.
RENEWED_AT_ONCE = 5_000
LET_GO = (inbox.update().where(_own(inbox)).values(NOBODY), outbox.update().where(_own(outbox, _waiting)).values(NOBODY))


# ---------------------------------------------------------------- sorting what is due

Due = tuple[Delivery, sa.Row[Any]]


@dataclass(slots=True)
class Sorted:
    """What is due, by what this process does about it: what it wants, and ids that it has, has to claim, or offers."""

    wanted: list[Due] = field(default_factory=list)
    had: set[str] = field(default_factory=set)
    claim: list[str] = field(default_factory=list)
    offer: list[str] = field(default_factory=list)

    def taken(self, claimed: Collection[str]) -> list[Delivery]:
        """Of what is wanted, each conversation's part up to the first delivery that this process did not get."""
        stopped: set[tuple[str, str]] = set()
        taken: list[Delivery] = []
        for delivery, row in self.wanted:
            if row.id not in claimed and row.id not in self.had:
                stopped.add((row.key, row.door))
            elif (row.key, row.door) not in stopped:
                taken.append(delivery)
        return taken


def sort_due(due: Sequence[Due], leases: Leases, is_near: Callable[[ConversationKey], bool]) -> Sorted:
    """Sort what is due, in order. `is_near` says whether a conversation's receiver can be reached from this process.

    What is for a receiver elsewhere is offered to the other processes, and taken only when none had it in time.
    """
    result = Sorted()
    lanes: dict[tuple[str, str], list[Due]] = {}
    for delivery, row in due:
        lanes.setdefault((row.key, row.door), []).append((delivery, row))
    for lane in lanes.values():
        first = lane[0][1]
        held = {row.id for _, row in lane if leases.holds(row)}
        if is_near(lane[0][0].key) or leases.is_over(first):
            result.wanted += lane
            result.had |= held
            result.claim += [] if len(held) == len(lane) else [row.id for _, row in lane]
        else:
            result.offer += held
    return result
