"""The rooms of this process, and the sender that brings replies into them."""

from __future__ import annotations

from bot.commerce import Shop
from bot.errors import BadInput, Undeliverable
from bot.ports import Clock
from bot.types import Audience, ConversationKey, Delivery, ToCustomer
from channels.common.problems import BadRequest
from channels.common.rendering import reply_body
from channels.common.sockets import frame
from channels.live.room import Room, digest

CHANNEL = "live"
# Rooms that may be open at once in one process.
MAX_ROOMS = 200


class Rooms:
    """Opens rooms as viewers come. A room is one that the shop has a shelf for."""

    def __init__(self, shop: Shop, clock: Clock, *, merge_window_s: float = 20, history: int = 50) -> None:
        """`merge_window_s`: the same question within this time is answered once. `history`: comments shown on coming in."""
        self._shop = shop
        self._clock = clock
        self._window_s = merge_window_s
        self._history = history
        self._rooms: dict[str, Room] = {}

    async def enter(self, name: str) -> Room:
        """The room of this name, with its shelf just read. Raises BadRequest (404) where the shop has none."""
        room = self._rooms.get(name) or self._new(name)
        await room.refresh()
        if not room.shelf.items:
            raise BadRequest(
                f"no room {name!r} with a shelf.", key="room", value=name, remedy="Give its links in links.csv.", status=404
            )
        if name not in self._rooms:
            self._make_space()
            self._rooms[name] = room
        return self._rooms[name]

    async def show(self, name: str, product_id: str | None) -> Room:
        """Put a product on the room's screen. Raises BadRequest for an unknown room or product."""
        room = await self.enter(name)
        try:
            await self._shop.show(name, product_id, self._clock.now())
        except BadInput as error:
            raise BadRequest(
                "unknown product.", key="product_id", value=product_id, remedy="Give the id of an active product."
            ) from error
        await room.refresh()
        return room

    def opened(self, name: str) -> Room:
        """The room of this name, opened where it is not: replies may come back after a restart."""
        if name not in self._rooms:
            self._rooms[name] = self._new(name)
        return self._rooms[name]

    def is_inside(self, name: str, person: str) -> bool:
        """Whether this person is in the room of this name."""
        room = self._rooms.get(name)
        return room is not None and room.hub.is_connected(person)

    def viewers(self) -> int:
        """People in all rooms."""
        return sum(room.hub.count() for room in self._rooms.values())

    def _new(self, name: str) -> Room:
        return Room(name, self._shop, self._clock, window_s=self._window_s, history=self._history)

    def _make_space(self) -> None:
        if len(self._rooms) >= MAX_ROOMS:
            self._rooms = {name: room for name, room in self._rooms.items() if not room.empty}


class LiveSender:
    """`Sender` of the live channel: public replies to the whole room, private ones to the viewer alone."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def is_near(self, key: ConversationKey) -> bool:
        """Whether the viewer who asked is in the room at this process."""
        return self._rooms.is_inside(key.room, key.user)

    async def send(self, delivery: Delivery) -> None:
        """Deliver. Raises ChannelUnavailable for a private reply while its viewer is away."""
        if not isinstance(delivery.body, ToCustomer):
            raise Undeliverable("the live channel delivers replies to viewers only")
        room, reply = self._rooms.opened(delivery.key.room), delivery.body.reply
        room.spoke_to(delivery.key.user)
        if reply.audience is Audience.PUBLIC:
            room.answer(digest(delivery.id), answered_comment(delivery), reply)
        else:
            await room.hub.deliver(delivery.key.user, delivery.id, private_frame(delivery, delivery.body))


def private_frame(delivery: Delivery, body: ToCustomer) -> str:
    """A reply for one viewer's eyes, to be confirmed."""
    return frame("private", id=delivery.id, **reply_body(body.reply))


def public_id(token: str, message_id: str) -> str:
    """A comment's id that is unique in the room and gives no token away."""
    return f"{digest(token)}-{message_id}"


def answered_comment(delivery: Delivery) -> str:
    """The public id of the comment that a delivery answers; delivery ids are KEY/MESSAGE/NUMBER."""
    message_id = delivery.id.removeprefix(f"{delivery.key}/").rpartition("/")[0]
    return public_id(delivery.key.user, message_id)
