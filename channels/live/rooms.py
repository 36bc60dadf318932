"""The rooms of this process, and the sender that brings replies into them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.audit import Audit
from bot.commerce import Shop
from bot.desk import History
from bot.errors import BadInput, ChannelUnavailable, ShopUnavailable, Undeliverable
from bot.memory import RoomMemory
from bot.ports import Clock
from bot.stage import Stages
from bot.types import Answer, Audience, ConversationKey, Delivery, ToCustomer, Turn
from bot.waiting import comes_within
from channels.common.masking import OrderNumbers, masked, no_orders
from channels.common.problems import BadRequest
from channels.common.rendering import reply_body
from channels.common.sockets import frame
from channels.live.answers import OPEN, Rules
from channels.live.frames import digest, public_id, source_of
from channels.live.keeping import recall
from channels.live.mirror import Mirror
from channels.live.room import Room
from channels.live.sharing import PATIENCE_S, Sharing
from channels.live.shelf import read_shelf
from channels.live.thanks import Thanks
from channels.live.triage import Comment, Question, normalised
from channels.live.viewers import Shown, Viewers

CHANNEL = "live"
# When the outbox asks again for an answer that is held, in seconds: so soon is it there again after a restart.
HELD_RETRY_S = 5.0
# When it asks again for what only another process may tell, in seconds.
ELSEWHERE_RETRY_S = 1.0
# Turns of a viewer among which that of a delivery is looked for.
LOOKED_BACK = 20
# Rooms that may be open at once in one process.
MAX_ROOMS = 200

# A room as viewers of this process come in: its own, or that of another process.
Place = Room | Mirror


class Rooms:
    """Opens rooms as viewers come. A room is one that the shop has a shelf for."""

    def __init__(
        self,
        shop: Shop,
        clock: Clock,
        *,
        merge_window_s: float = 20,
        history: int = 50,
        rules: Callable[[str], Rules] = lambda room: Rules(),
        audit: Audit | None = None,
        memory: RoomMemory | None = None,
        correct_s: float = 300,
        thanks: Callable[[], Thanks] = Thanks,
        stages: Stages | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        """`merge_window_s`: the same question within this time is answered once. `history`: comments shown on coming in.

        `rules` are those by which a room of that name answers; `audit` keeps what was done in it, `memory` what it needs
        after a restart. What is told is put right for `correct_s` seconds, and said on the room's stage among `stages`.
        `thanks` makes a room's thanks. `sharing`: rooms are one with those of other processes.
        """
        self._shop = shop
        self._clock = clock
        self._window_s = merge_window_s
        self._history = history
        self._rules = rules
        self._audit = audit
        self._memory = memory
        self._correct_s = correct_s
        self._thanks = thanks
        self._stages = stages
        self._sharing = sharing
        self._opening = asyncio.Lock()
        self._rooms: dict[str, Place] = {}

    async def enter(self, name: str) -> Place:
        """The room of this name, with its shelf just read. Raises BadRequest (404) where the shop has none; Unavailable."""
        if name not in self._rooms and not (await read_shelf(self._shop, name, self._clock.now())).items:
            raise _no_room(name)
        place = await self.opened(name)
        if isinstance(place, Mirror):
            await _known(place)
            return self._rooms[name]
        await place.refresh()
        if not place.shelf.items:
            raise _no_room(name)
        return place

    async def show(self, name: str, product_id: str | None) -> str | None:
        """Put a product on the room's screen. Returns what is there then.

        Raises BadRequest for an unknown room or product.
        """
        place = await self.enter(name)
        try:
            await self._shop.show(name, product_id, self._clock.now())
        except BadInput as error:
            raise BadRequest(
                "unknown product.", key="product_id", value=product_id, remedy="Give the id of an active product."
            ) from error
        if isinstance(place, Room):
            await place.refresh()
            return place.shelf.on_screen
        place.say({"kind": "refresh"})
        return (await read_shelf(self._shop, name, self._clock.now())).on_screen

    async def opened(self, name: str) -> Place:
        """The room of this name, opened where it is not: replies come back after a restart. Raises StorageUnavailable."""
        async with self._opening:
            if name not in self._rooms:
                self._make_space()
                self._rooms[name] = await self._open(name)
            return self._rooms[name]

    async def own(self, name: str) -> Room:
        """The room of this name, where this process has it. Raises ChannelUnavailable where another has."""
        place = await self.opened(name)
        if isinstance(place, Mirror) or not self.has(name):
            raise ChannelUnavailable("another process has the room", retry_after=ELSEWHERE_RETRY_S)
        return place

    def at(self, name: str) -> Place:
        """The room of this name, which is open. Raises KeyError."""
        return self._rooms[name]

    def has(self, name: str) -> bool:
        """Whether this process has the room of this name: only one does, and only it answers there."""
        return isinstance(self._rooms.get(name), Room) and (self._sharing is None or self._sharing.holds(name))

    def is_inside(self, name: str, person: str) -> bool:
        """Whether what this person is told goes through this process.

        A room alone tells those who are in it, here or on a platform that is joined to it; where rooms are shared, whoever
        has one tells all.
        """
        room = self._rooms.get(name)
        if self._sharing is not None:
            return self.has(name)
        return isinstance(room, Room) and (room.hub.is_connected(person) or room.is_linked(source_of(person)))

    async def deliver(self, room: Room, person: str, delivery_id: str, text: str) -> None:
        """Hand a private frame to a viewer, at whichever process. Raises ChannelUnavailable."""
        if self._sharing is None or room.hub.is_connected(person):
            await room.hub.deliver(person, delivery_id, text)
        else:
            await self._sharing.deliver(room.name, person, delivery_id, text)

    async def ask(self, mirror: Mirror, push: Callable[[str], None], question: Mapping[str, Any]) -> bool:
        """Ask the process that has a room for something, once (sharing.py). False where no answer came."""
        return self._sharing is not None and await self._sharing.ask(mirror, push, question)

    def now(self) -> datetime:
        """The time in the rooms."""
        return self._clock.now()

    def all(self) -> list[Room]:
        """The rooms that are open, and that this process has."""
        return [room for name, room in self._rooms.items() if isinstance(room, Room) and self.has(name)]

    def places(self) -> Mapping[str, Place]:
        """Those that are open, this process's or another's, by name."""
        return dict(self._rooms)

    def viewers(self) -> int:
        """People in all rooms, at this process."""
        return sum(room.hub.count() for room in self._rooms.values())

    async def _open(self, name: str) -> Place:
        if self._sharing is None:
            return await self._recalled(name)
        if reign := await self._sharing.claim(name):
            room = await self._recalled(name)
            await _look(room)
            self._sharing.own(room, reign)
            return room
        mirror = Mirror(name, Viewers(), deque(maxlen=self._history), self._sharing.teller(name))
        self._sharing.follow(mirror)
        return mirror

    async def take_over(self, name: str) -> Room:
        """Have a room that another process had, as it was kept and as its viewers here have seen it."""
        before = self._rooms[name]
        if isinstance(before, Room):
            before.retire()
        room = await self._recalled(name, before.viewers)
        known, seen = ({line["id"] for line in lines} for lines in (room.history, before.history))
        unseen = [line for line in room.history if line["id"] not in seen]
        for line in before.history:
            if line["id"] not in known:
                room.history.append(line)
                room.known.seen(line["id"])
        self._rooms[name] = room
        for line in unseen:
            room.viewers.push(Shown(line))
        room.touched = True
        await _look(room)
        return room

    def give_up(self, room: Room) -> None:
        """Another process has it: watch that."""
        if self._sharing is not None:
            room.retire()
            mirror = Mirror(room.name, room.viewers, room.history, self._sharing.teller(room.name))
            self._rooms[room.name] = mirror
            self._sharing.follow(mirror)

    async def _recalled(self, name: str, viewers: Viewers | None = None) -> Room:
        room = Room(
            name,
            self._shop,
            self._clock,
            window_s=self._window_s,
            history=self._history,
            rules=self._rules(name),
            audit=self._audit,
            correct_s=self._correct_s,
            thanks=self._thanks(),
            stages=self._stages,
            viewers=viewers,
        )
        if self._memory is not None:
            recall(room, await self._memory.recall(name))
        return room

    def _make_space(self) -> None:
        if len(self._rooms) >= MAX_ROOMS:
            self._rooms = {name: room for name, room in self._rooms.items() if not room.empty or room.busy}


def _no_room(name: str) -> BadRequest:
    return BadRequest(
        f"no room {name!r} with a shelf.", key="room", value=name, remedy="Give its links in links.csv.", status=404
    )


async def _look(room: Room) -> None:
    """Have the shelf for those who come in. Where the shop does not answer, the room looks again by itself."""
    with contextlib.suppress(ShopUnavailable):
        await room.refresh()


async def _known(mirror: Mirror) -> None:
    """Wait until the process that has the room has said how it is. Raises ChannelUnavailable where none does."""
    if not await comes_within(mirror.ready, PATIENCE_S):
        raise ChannelUnavailable("the process that has the room does not answer; come again")


class LiveSender:
    """`Sender` of the live channel: public replies to the whole room, private ones to the viewer alone."""

    def __init__(self, rooms: Rooms, history: History | None = None, orders: OrderNumbers = no_orders) -> None:
        """`history`, where there is one, says what was asked before a restart, and what an aside leaves without an answer.

        `orders` are masked in it.
        """
        self._rooms = rooms
        self._history = history
        self._orders = orders

    def is_near(self, key: ConversationKey) -> bool:
        """Whether what the viewer who asked is told goes through this process."""
        return self._rooms.is_inside(key.room, key.user)

    async def send(self, delivery: Delivery) -> None:
        """Deliver. Raises ChannelUnavailable for a private reply while its viewer is away, a public one while it is held.

        Nothing private leaves for a platform: the host is shown the question of a viewer who cannot be told alone.
        What is held stays in the outbox, and is looked at again from there until it was told or will never be.
        """
        if not isinstance(delivery.body, ToCustomer):
            raise Undeliverable("the live channel delivers replies to viewers only")
        room, reply = await self._rooms.own(delivery.key.room), delivery.body.reply
        if reply.audience is Audience.PUBLIC:
            standing = room.offer(delivery, answered_comment(delivery), reply, await self._forgotten(room, delivery))
            await room.write_down()  # what is not written down stays in the outbox
            if standing in OPEN:
                raise ChannelUnavailable("the answer is held in the room", retry_after=HELD_RETRY_S)
        elif source_of(delivery.key.user):
            await self._note_unanswered(room, delivery, anyway=True)
        else:
            room.known.spoke_to(delivery.key.user, self._rooms.now())
            if reply.aside:
                await self._note_unanswered(room, delivery)
            await self._rooms.deliver(room, delivery.key.user, delivery.id, private_frame(delivery, delivery.body))

    async def _note_unanswered(self, room: Room, delivery: Delivery, *, anyway: bool = False) -> None:
        """The host hears of a question to which the shop has no answer, or `anyway`. Raises StorageUnavailable."""
        turn = await self._turn(delivery)
        if turn is not None and (anyway or _without_answer(turn)):
            room.cannot_answer(answered_comment(delivery), masked(turn.message.text, self._orders))

    async def _forgotten(self, room: Room, delivery: Delivery) -> Question | None:
        """What a public reply answers where the room has forgotten it, as after a restart. Raises StorageUnavailable."""
        comment_id = answered_comment(delivery)
        if room.triage.question(comment_id) or room.answers.knows(digest(delivery.id)):
            return None
        turn = await self._turn(delivery)
        if turn is None:
            return None
        message = turn.message
        shown, name = masked(message.text, self._orders), message.author_name or ""
        user, on_screen = delivery.key.user, message.context.on_screen
        comment = Comment(comment_id, digest(user), name, shown, message.sent_at, on_screen, source=source_of(user))
        return Question(comment, normalised(shown), [comment])

    async def _turn(self, delivery: Delivery) -> Turn | None:
        """The turn that a delivery is of, where it is among the viewer's last."""
        turns = await self._history(delivery.key, LOOKED_BACK) if self._history else []
        comment_id = answered_comment(delivery)
        return next((turn for turn in turns if public_id(delivery.key.user, turn.message.id) == comment_id), None)


def _without_answer(turn: Turn) -> bool:
    """Whether a turn was asked something and found nothing that answers it."""
    asked = any(isinstance(decision, Answer) for decision in turn.decisions)
    return asked and not any(reply.citations or reply.cards for reply in turn.replies)


def private_frame(delivery: Delivery, body: ToCustomer) -> str:
    """A reply for one viewer's eyes, to be confirmed."""
    return frame("private", id=delivery.id, **reply_body(body.reply))


def answered_comment(delivery: Delivery) -> str:
    """The public id of the comment that a delivery answers; delivery ids are KEY/MESSAGE/NUMBER."""
    message_id = delivery.id.removeprefix(f"{delivery.key}/").rpartition("/")[0]
    return public_id(delivery.key.user, message_id)
