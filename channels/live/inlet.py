"""`Inlet` of a room: what a platform brings goes the way of our own comments, and events a cheaper one."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from bot.errors import BadInput, StreamdeskError
from bot.live import EventKind, Health, RoomEvent, ViewerComment
from bot.ports import Clock
from channels.live.frames import digest, platform_token
from channels.live.intake import MAX_BEHIND_S, MAX_COMMENT, MAX_NAME, Intake, Speaker, Spoken, guest_name
from channels.live.known import bound
from channels.live.room import Room

# The longest id of a comment, an event or an author, in characters: the database keeps these.
MAX_ID: Final = 120
# Who is named in public; of everybody else's events only the number is.
_NAMED: Final = frozenset({EventKind.GIFT, EventKind.ORDER_PAID})


class RoomInlet:
    """The way of one source into one room, one thing at a time and in the order in which they come."""

    def __init__(self, source: str, room: Room, intake: Intake, clock: Clock, health: Health) -> None:
        self._source = source
        self._room = room
        self._intake = intake
        self._clock = clock
        self._health = health
        self._names: dict[tuple[str, str], str] = {}
        self._turn = asyncio.Lock()

    async def comment(self, comment: ViewerComment) -> bool:
        """Take a comment. False for a repeat. Raises BadInput for one that cannot be stored; Unavailable: send it again."""
        async with self._turn:
            with _Counted(self._health, self._clock.now()) as counted:
                _check(comment.id, comment.author)
                text = comment.text.replace("\0", "").strip()[:MAX_COMMENT]
                if not text:
                    raise BadInput("is empty.", where="text", remedy="Send at least one visible character.")
                token = platform_token(self._source, comment.author)
                name = await self._name(comment.author, comment.name, comment.locale)
                spoken = Spoken(comment.id, text, self._when(comment.at))
                taken = await self._intake.take(self._room, Speaker(token, name, comment.locale), spoken)
                if taken is not None:
                    taken.credit(self._room)
                counted.doubled = taken is None
                return taken is not None

    async def event(self, event: RoomEvent) -> bool:
        """Take an event. False for a repeat. Raises as `comment` does. Nothing of it is understood or searched for."""
        async with self._turn:
            with _Counted(self._health, self._clock.now()) as counted:
                _check(event.id, event.author or "-")
                token, name = platform_token(self._source, event.author), f"event {event.id}"
                counted.doubled = self._room.known.repeated(token, name)
                if counted.doubled:
                    return False
                named = await self._name(event.author, event.name, None) if event.kind in _NAMED else ""
                self._room.known.remember(token, name)
                self._room.happened(event, named, self._source)
                return True

    async def _name(self, author: str, name: str, locale: str | None) -> str:
        """The name under which somebody is shown, as for viewers of our own room; judged once."""
        shown = self._names.get((author, name))
        if shown is None:
            given = self._intake.masked(" ".join(name.replace("\0", "").split())[:MAX_NAME])
            guest = guest_name(digest(platform_token(self._source, author)), locale)
            shown = self._names[author, name] = await self._intake.fit_to_show(given, guest)
            bound(self._names)  # type: ignore[arg-type]
        return shown

    def _when(self, at: datetime) -> datetime:
        """When it was said: a platform's clock may be wrong, and what came late is meant for the room as it is now."""
        now = self._clock.now()
        return min(now, max(at, now - timedelta(seconds=MAX_BEHIND_S)))


class _Counted:
    """Counts what came in: received, doubled or failed."""

    def __init__(self, health: Health, now: datetime) -> None:
        self._health = health
        self._now = now
        self.doubled = False

    def __enter__(self) -> _Counted:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._health.heard_at = self._now
        if isinstance(error, StreamdeskError):
            self._health.failed += 1
        elif error is None and self.doubled:
            self._health.doubled += 1
        elif error is None:
            self._health.received += 1


def _check(*ids: str) -> None:
    """Raises BadInput for an id that cannot be kept."""
    for given in ids:
        if not given or len(given) > MAX_ID or "\0" in given:
            remedy = f"Send 1 to {MAX_ID} characters without null bytes."
            raise BadInput(f"{given[:40]!r} is no id.", where="id", remedy=remedy)
