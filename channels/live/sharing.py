"""Makes the rooms of several processes one: each has one owner at a time, by a lease, and viewers at every process.

On the bus a room has two topics: what its owner says to all, and what all others say to its owner. Everything on it may be
lost: what is shown is numbered (mirror.py), what is asked is asked again until it is answered, and what must not be lost is
in the database.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import uuid4

import orjson
import structlog

from bot.bus import Bus
from bot.errors import ChannelUnavailable, StreamdeskError
from bot.memory import ROOM_LEASE_S, RoomLeases
from channels.live.mirror import Mirror
from channels.live.owning import Handle, Owning
from channels.live.room import Room
from channels.live.viewers import Shown

log = structlog.get_logger(__name__)

# How often leases are renewed, and those of the dead taken over, in seconds.
RENEW_S: Final = 0.7
# How often owners and others say that they are there, in seconds.
BEAT_S: Final = 0.5
# When what was asked is asked again, and for how long, in seconds: longer than a room is without an owner.
ASK_AGAIN_S: Final = 1.0
PATIENCE_S: Final = 6.0
# Messages that may wait for the bus. Of more, the oldest are lost.
WAITING: Final = 10_000


class Places(Protocol):
    """The rooms of this process, as sharing them sees them."""

    def places(self) -> Mapping[str, Room | Mirror]:
        """Those that are open, by name."""
        ...

    async def take_over(self, name: str) -> Room:
        """Have this room from now on, as it was kept. Raises StorageUnavailable."""
        ...

    def give_up(self, room: Room) -> None:
        """Another process has it: watch that."""
        ...


@dataclass(slots=True)
class _Line:
    """What this process has on the bus for one room: as its owner, or as another."""

    listening: asyncio.Task[None]
    owning: Owning | None = None


@dataclass(slots=True)
class _Asked:
    push: Callable[[str], None]
    answered: asyncio.Future[None]


@dataclass(slots=True)
class Sharing:
    """The rooms of this process among those of all. `serve` first, then `run`."""

    bus: Bus
    leases: RoomLeases
    _me: str = field(default_factory=lambda: uuid4().hex)
    _handlers: dict[str, Handle] = field(default_factory=dict)
    _lines: dict[str, _Line] = field(default_factory=dict)
    _held_until: dict[str, float] = field(default_factory=dict)
    _asked: dict[str, _Asked] = field(default_factory=dict)
    _outgoing: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=WAITING))
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _delivering: set[asyncio.Task[None]] = field(default_factory=set)

    def serve(self, handlers: Mapping[str, Handle]) -> None:
        """What others may ask of rooms that this process has, by its kind."""
        self._handlers.update(handlers)

    # ------------------------------------------------------------ leases

    def holds(self, name: str) -> bool:
        """Whether this process has the room, and its lease lasts."""
        return self._held_until.get(name, 0.0) > time.monotonic()

    async def claim(self, name: str) -> int:
        """Have a room where no other process does. Returns the number of the reign, 0 where one does."""
        until = time.monotonic() + ROOM_LEASE_S
        reign = (await self.leases.hold([name])).get(name, 0)
        if reign:
            self._held_until[name] = until
        return reign

    async def run(self, rooms: Places, keep: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled; then `keep` what the rooms need and leave them to others."""
        tasks = [asyncio.create_task(work) for work in (self._publish(), self._beat(rooms))]
        try:
            while True:
                try:
                    await self.renew(rooms)
                except StreamdeskError as error:
                    log.warning("live.leases_not_renewed", error=str(error))
                except Exception:  # a fault of ours must not leave the rooms without an owner until the next start
                    log.exception("live.renewing_failed")
                await asyncio.sleep(RENEW_S)
        finally:
            for task in (*tasks, *(line.listening for line in self._lines.values())):
                task.cancel()
            await keep()
            await self.leases.let_go()

    async def renew(self, rooms: Places) -> None:
        """Once: go on having what this process has, take over what nobody has, give up what another has."""
        places = rooms.places()
        for name in [name for name in self._lines if name not in places]:  # closed, as nobody is there
            self._lines.pop(name).listening.cancel()
            self._held_until.pop(name, None)
        until = time.monotonic() + ROOM_LEASE_S
        held = await self.leases.hold(places)
        for name, place in places.items():
            line = self._lines.get(name)
            reign = line.owning.reign if line is not None and line.owning is not None else 0
            if name in held:
                if held[name] != reign:
                    self.own(await rooms.take_over(name), held[name])
                self._held_until[name] = until
            elif isinstance(place, Room):
                log.warning("live.room_lost", room=name)
                self._held_until.pop(name, None)
                rooms.give_up(place)

    # ------------------------------------------------------------ lines

    def own(self, room: Room, reign: int) -> None:
        """This process has the room."""
        log.info("live.room_owned", room=room.name, reign=reign)
        owning = Owning(room, reign, lambda message: self._say(_to_all(room.name), message), self._handlers)
        self._listen(room.name, _to_owner(room.name), owning.take, owning=owning)

    def follow(self, mirror: Mirror) -> None:
        """Another process has the room."""

        def begin() -> None:
            mirror.say({"kind": "state"})

        self._listen(mirror.name, _to_all(mirror.name), lambda message: self._heard(mirror, message), begin)

    def teller(self, name: str) -> Callable[[dict[str, Any]], None]:
        """What tells the owner of this room something."""
        return lambda message: self._say(_to_owner(name), message)

    def _listen(
        self,
        name: str,
        topic: str,
        take: Callable[[Mapping[str, Any]], None],
        begin: Callable[[], None] = lambda: None,
        owning: Owning | None = None,
    ) -> None:
        """Hand what comes on this topic over, in place of what came for the room until now. `begin` once it is heard."""
        if (before := self._lines.pop(name, None)) is not None:
            before.listening.cancel()

        async def listen() -> None:
            async with self.bus.subscribe(topic) as heard:
                begin()
                async for body in heard:
                    try:
                        take(orjson.loads(body))
                    except Exception:  # a message of another version must not make the process deaf
                        log.exception("live.not_heard", room=name)

        self._lines[name] = _Line(asyncio.create_task(listen()), owning)

    def _heard(self, mirror: Mirror, message: Mapping[str, Any]) -> None:
        """What the owner of a room says to others."""
        match message["kind"]:
            case "beat":
                mirror.beat(message["reign"], message["number"])
            case "shown":
                mirror.shown(message["reign"], message["number"], Shown(**message["shown"]))
            case "state":
                mirror.state(message["reign"], message["number"], message["state"])
            case "answer" if message["to"] == self._me and (asked := self._asked.pop(message["id"], None)):
                asked.push(message["frame"])
                asked.answered.set_result(None)
            case "deliver":
                delivering = asyncio.create_task(_deliver(mirror, message))
                self._delivering.add(delivering)
                delivering.add_done_callback(self._delivering.discard)

    # ------------------------------------------------------------ what is said

    async def ask(self, mirror: Mirror, push: Callable[[str], None], question: Mapping[str, Any]) -> bool:
        """Ask the owner of a room for something, by its `kind`, once; its answer is pushed. False where none came in time.

        `question` has an `id`: asked again while the owner is at it, it is not done again.
        """
        name, asked = question["id"], _Asked(push, asyncio.get_running_loop().create_future())
        self._asked[name] = asked
        mirror.say(dict(question))
        try:
            async with asyncio.timeout(ASK_AGAIN_S):
                await asked.answered
        except TimeoutError:
            return False
        finally:
            self._asked.pop(name, None)
        return True

    async def deliver(self, name: str, person: str, delivery_id: str, text: str) -> None:
        """Hand a private frame to a viewer at another process. Raises ChannelUnavailable."""
        line = self._lines.get(name)
        if line is None or line.owning is None:
            raise ChannelUnavailable("another process has the room")
        await line.owning.deliver(person, delivery_id, text)

    def _say(self, topic: str, message: dict[str, Any]) -> None:
        self._outgoing.append((topic, orjson.dumps({"from": self._me, **message})))
        self._bell.set()

    async def _publish(self) -> None:
        """Everything that is said, in its order."""
        while True:
            while self._outgoing:
                await self.bus.publish(*self._outgoing.popleft())
            self._bell.clear()
            await self._bell.wait()

    async def _beat(self, rooms: Places) -> None:
        while True:
            for name, place in rooms.places().items():
                line = self._lines.get(name)
                if isinstance(place, Mirror):
                    place.here()
                elif line is not None and line.owning is not None and self.holds(name):
                    line.owning.beat()
            await asyncio.sleep(BEAT_S)


def _to_all(room: str) -> str:
    return f"live/{room}/shown"


def _to_owner(room: str) -> str:
    return f"live/{room}/asked"


async def _deliver(mirror: Mirror, message: Mapping[str, Any]) -> None:
    """Hand a private frame over where its viewer is here, and say what became of it."""
    ok = True
    try:
        await mirror.hub.deliver(message["person"], message["delivery"], message["frame"])
    except ChannelUnavailable:
        ok = False
    mirror.say({"kind": "delivered", "id": message["id"], "ok": ok})
