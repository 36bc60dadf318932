"""The rooms of this process, and the sender that brings replies into them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.audit import Audit
from bot.commerce import Shop
from bot.desk import History
from bot.errors import BadInput, ChannelUnavailable, Undeliverable
from bot.memory import RoomMemory
from bot.ports import Clock
from bot.stage import Stages
from bot.types import Answer, Audience, ConversationKey, Delivery, ToCustomer, Turn
from channels.common.masking import OrderNumbers, masked, no_orders
from channels.common.problems import BadRequest
from channels.common.rendering import reply_body
from channels.common.sockets import frame
from channels.live.answers import OPEN, Rules
from channels.live.frames import digest, public_id, source_of
from channels.live.keeping import recall
from channels.live.room import Room
from channels.live.thanks import Thanks
from channels.live.triage import Comment, Question, normalised

CHANNEL = "live"
# When the outbox asks again for an answer that is held, in seconds: so soon is it there again after a restart.
HELD_RETRY_S = 5.0
# Turns of a viewer among which that of a delivery is looked for.
LOOKED_BACK = 20
# Rooms that may be open at once in one process.
MAX_ROOMS = 200


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
    ) -> None:
        """`merge_window_s`: the same question within this time is answered once. `history`: comments shown on coming in.

        `rules` are those by which a room of that name answers; `audit` keeps what was done in it, `memory` what it needs
        after a restart. What is told is put right for `correct_s` seconds, and said on the room's stage among `stages`.
        `thanks` makes a room's thanks.
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
        self._rooms: dict[str, Room] = {}

    async def enter(self, name: str) -> Room:
        """The room of this name, with its shelf just read. Raises BadRequest (404) where the shop has none; Unavailable."""
        room = self._rooms.get(name) or await self._new(name)
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

    async def opened(self, name: str) -> Room:
        """The room of this name, opened where it is not: replies come back after a restart. Raises StorageUnavailable."""
        return self._rooms.get(name) or self._rooms.setdefault(name, await self._new(name))

    def is_inside(self, name: str, person: str) -> bool:
        """Whether this person is in the room of this name, here or on a platform that is joined to it."""
        room = self._rooms.get(name)
        return room is not None and (room.hub.is_connected(person) or room.is_linked(source_of(person)))

    def now(self) -> datetime:
        """The time in the rooms."""
        return self._clock.now()

    def all(self) -> list[Room]:
        """The rooms that are open."""
        return list(self._rooms.values())

    def viewers(self) -> int:
        """People in all rooms."""
        return sum(room.hub.count() for room in self._rooms.values())

    async def _new(self, name: str) -> Room:
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
        )
        if self._memory is not None:
            recall(room, await self._memory.recall(name))
        return room

    def _make_space(self) -> None:
        if len(self._rooms) >= MAX_ROOMS:
            self._rooms = {name: room for name, room in self._rooms.items() if not room.empty or room.busy}


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
        """Whether the viewer who asked is in the room at this process."""
        return self._rooms.is_inside(key.room, key.user)

    async def send(self, delivery: Delivery) -> None:
        """Deliver. Raises ChannelUnavailable for a private reply while its viewer is away, a public one while it is held.

        Nothing private leaves for a platform: the host is shown the question of a viewer who cannot be told alone.
        What is held stays in the outbox, and is looked at again from there until it was told or will never be.
        """
        if not isinstance(delivery.body, ToCustomer):
            raise Undeliverable("the live channel delivers replies to viewers only")
        room, reply = await self._rooms.opened(delivery.key.room), delivery.body.reply
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
            await room.hub.deliver(delivery.key.user, delivery.id, private_frame(delivery, delivery.body))

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
