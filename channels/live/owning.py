"""What the process that has a room does for the viewers at others: shows them everything, and takes what they say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import uuid4

import structlog

from bot.errors import ChannelUnavailable, ShopUnavailable, StreamdeskError
from channels.common.sockets import CONFIRM_S, refusal
from channels.live.room import Room
from channels.live.viewers import Shown

log = structlog.get_logger(__name__)

# A process that has said nothing for so long has no viewers any more, in seconds.
GONE_S: Final = 4.0

# Takes what somebody at another process asks of the room; what it pushes is for them.
Handle = Callable[[Room, Mapping[str, Any], Callable[[str], None]], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class _There:
    """How many are at another process, and when it said so last (of a steady clock)."""

    viewers: int
    hosts: int
    at: float


@dataclass(slots=True)
class _Passing:
    """A delivery to somebody at another process: which do not have them, and whether one has handed it over."""

    done: asyncio.Future[None]
    without: set[str] = field(default_factory=set)


class Owning:
    """One room while this process has it. `say` tells all other processes something."""

    def __init__(
        self, room: Room, reign: int, say: Callable[[dict[str, Any]], None], handlers: Mapping[str, Handle]
    ) -> None:
        self.room = room
        self.reign = reign
        self._say = say
        self._handlers = handlers
        self._number = 0
        self._there: dict[str, _There] = {}
        self._passing: dict[str, _Passing] = {}
        self._taking: dict[str, asyncio.Task[None]] = {}
        room.viewers.relay = self._relay
        room.viewers.elsewhere = room.viewers.hosts_elsewhere = 0
        self.tell_state()

    def _relay(self, shown: Shown) -> None:
        self._number += 1
        self._say({"kind": "shown", "shown": asdict(shown), **self._mark()})

    def _mark(self) -> dict[str, int]:
        return {"reign": self.reign, "number": self._number}

    def tell_state(self) -> None:
        """How the room is now."""
        self._say({"kind": "state", "state": self.room.state(), **self._mark()})

    def beat(self) -> None:
        """This process is there. What those say who are silent is not counted any more."""
        self._say({"kind": "beat", **self._mark()})
        now = time.monotonic()
        self._there = {name: one for name, one in self._there.items() if now - one.at < GONE_S}
        self._count()

    def _count(self) -> None:
        viewers = self.room.viewers
        there = (sum(one.viewers for one in self._there.values()), sum(one.hosts for one in self._there.values()))
        if there != (viewers.elsewhere, viewers.hosts_elsewhere):
            viewers.elsewhere, viewers.hosts_elsewhere = there
            self.room.counted()

    async def deliver(self, person: str, delivery_id: str, text: str) -> None:
        """Hand a private frame to somebody at another process. Raises ChannelUnavailable where nobody has it confirmed."""
        if not self._there:
            raise ChannelUnavailable("the viewer is not connected")
        name, passing = uuid4().hex, _Passing(asyncio.get_running_loop().create_future())
        self._passing[name] = passing
        self._say({"kind": "deliver", "id": name, "person": person, "delivery": delivery_id, "frame": text})
        try:
            async with asyncio.timeout(CONFIRM_S + 1):
                await passing.done
        except TimeoutError:
            raise ChannelUnavailable("no process has the viewer's confirmation") from None
        finally:
            del self._passing[name]

    def take(self, message: Mapping[str, Any]) -> None:
        """Another process says something to the owner."""
        match message["kind"]:
            case "state":
                self.tell_state()
            case "refresh":
                self._begin("refresh", self._refresh())
            case "console":
                self.room.show_hosts(anew=True)
            case "present":
                self._there[message["from"]] = _There(message["viewers"], message["hosts"], time.monotonic())
                self._count()
            case "delivered":
                self._delivered(message)
            case kind if kind in self._handlers:
                self._begin(message["id"], self._handle(message))

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Do it, unless it is being done: it was only asked again."""
        if name in self._taking:
            work.close()
            return
        task = self._taking[name] = asyncio.create_task(work)
        task.add_done_callback(lambda done: self._taking.pop(name, None))

    async def _refresh(self) -> None:
        try:
            await self.room.refresh()
        except ShopUnavailable as error:
            log.warning("live.shop_unavailable", room=self.room.name, error=str(error))

    def _delivered(self, message: Mapping[str, Any]) -> None:
        passing = self._passing.get(message["id"])
        if passing is None or passing.done.done():
            return
        if message["ok"]:
            passing.done.set_result(None)
            return
        passing.without.add(message["from"])
        if passing.without >= set(self._there):
            passing.done.set_exception(ChannelUnavailable("the viewer is not connected"))

    async def _handle(self, message: Mapping[str, Any]) -> None:
        def push(text: str) -> None:
            self._say({"kind": "answer", "to": message["from"], "id": message["id"], "frame": text})

        try:
            await self._handlers[message["kind"]](self.room, message, push)
        except StreamdeskError as error:
            push(refusal(error, str(message.get("of", ""))))
        except Exception:  # a fault of ours must not end the room; whoever asked is told that nothing came
            log.exception("live.not_handled", room=self.room.name, kind=message["kind"])
