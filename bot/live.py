"""What a platform is to a live room: what it brings in, what it takes out, and how it declares itself.

A package registers its `LivePlatform` under the entry point group `streamdesk.live_sources` and is found there
(`bot.registered`), ours like everybody's. A complete small one is in docs/extending.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from bot.channel import SourceSettings
from bot.commerce import Money
from bot.ports import Clock

if TYPE_CHECKING:  # only a source with routes loads the web framework
    from fastapi import APIRouter


class EventKind(StrEnum):
    """What happens in a room beside what is said."""

    ENTER = "enter"
    FOLLOW = "follow"
    GIFT = "gift"
    LIKE = "like"
    SHARE = "share"
    ORDER_PAID = "order_paid"


@dataclass(frozen=True, slots=True)
class ViewerComment:
    """What somebody said on a platform. `id` and `author` are the platform's ids; a repeat has the same."""

    id: str
    author: str
    name: str
    text: str
    at: datetime
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """What somebody did on a platform: `count` of `what` (a gift, a product), worth `amount` in all where it is paid."""

    id: str
    kind: EventKind
    author: str
    name: str
    at: datetime
    count: int = 1
    what: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A public reply on its way to a platform, already within its length.

    `id` is the same when it is told again; `answers` are the platform's ids of the comments that it answers, `names` whose
    they are. Both are empty for thanks.
    """

    id: str
    text: str
    language: str
    at: datetime
    answers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class Inlet(Protocol):
    """A room as its sources see it. What comes again, also after a restart, is taken once."""

    async def comment(self, comment: ViewerComment) -> bool:
        """Take a comment. False for a repeat. Raises BadInput for one that cannot be stored; Unavailable: send it again."""
        ...

    async def event(self, event: RoomEvent) -> bool:
        """Take an event. False for a repeat. Raises as `comment` does."""
        ...


class RoomEvents:
    """What happens to rooms outside of them and their platforms, such as an order that was paid at our own checkout."""

    def __init__(self) -> None:
        self._take: Callable[[str, RoomEvent], Awaitable[None]] | None = None

    def open(self, take: Callable[[str, RoomEvent], Awaitable[None]]) -> None:
        """From now on the rooms of this process take events, by the room's name; the same event again is no other."""
        self._take = take

    async def tell(self, room: str, event: RoomEvent) -> None:
        """Tell a room, where there are rooms in this process."""
        if self._take is not None:
            await self._take(room, event)


@dataclass(slots=True)
class Health:
    """How a source is. The source says when it is connected and what it lost; what came in, the room counts.

    `lost` are things that the platform says it sent and that never came: None where the platform numbers nothing, so that
    nobody can know. `failed` could not be read or stored. `reconnects` counts how often a connection that held broke.
    """

    connected_at: datetime | None = None
    heard_at: datetime | None = None
    ever: bool = False
    received: int = 0
    doubled: int = 0
    failed: int = 0
    lost: int | None = None
    reconnects: int = 0
    error: str = ""

    def connected(self, now: datetime) -> None:
        """The platform has let us in."""
        self.connected_at, self.ever, self.error = now, True, ""

    def broke(self, error: str) -> None:
        """It does not answer, or is gone."""
        self.reconnects += self.connected_at is not None
        self.connected_at, self.error = None, error

    def state(self, now: datetime, silent_s: float) -> Literal["never", "away", "silent", "live"]:
        """Never connected, not connected now, connected but silent for `silent_s` seconds or more, or live."""
        if self.connected_at is None:
            return "away" if self.ever else "never"
        last = max(self.connected_at, self.heard_at or self.connected_at)
        return "silent" if (now - last).total_seconds() >= silent_s else "live"


class LiveSource(Protocol):
    """Brings what is said and done in one room of a platform."""

    @property
    def health(self) -> Health:
        """How it is, kept up to date."""
        ...

    async def run(self, inlet: Inlet) -> None:
        """Bring everything into `inlet` until cancelled, and connect again, with growing waits, whenever that breaks."""
        ...


class LiveOutlet(Protocol):
    """Takes public replies to one room of a platform."""

    async def tell(self, line: PublicLine) -> None:
        """Tell it. Raises ChannelUnavailable: the same line is tried again, before all later ones; Undeliverable: never."""
        ...


@dataclass(frozen=True, slots=True)
class OpenPlatform:
    """What a platform brings when it is open: at least one of the two ways, and routes of the service's web server."""

    source: LiveSource | None = None
    outlet: LiveOutlet | None = None
    routes: tuple[APIRouter, ...] = ()


S = TypeVar("S", bound=SourceSettings)


@dataclass(frozen=True, slots=True, eq=False)
class LivePlatform(Generic[S]):
    """A platform as it declares itself: light to import, and everything else loaded by `open`.

    `name` (small letters, digits, underscores) is what `source` says in an entry of `live.sources`, which `settings`
    validates. Fields of the type SecretStr come from the environment only, as STREAMDESK_SOURCE_NAME_FIELD with the
    entry's `name`. `open` raises BadSettings for what will never work, and waits for no platform.
    """

    name: str
    settings: type[S]
    open: Callable[[S, Clock], AbstractAsyncContextManager[OpenPlatform]]
