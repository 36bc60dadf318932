"""Tells what its time has come for, in all rooms, and confirms to the outbox what was settled there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

import structlog

from bot.errors import ChannelUnavailable, StreamdeskError
from bot.ports import Receiver, Sender
from bot.types import Audience, ConversationKey, ToCustomer
from channels.live.room import Room
from channels.live.rooms import Place, Rooms, private_frame

log = structlog.get_logger(__name__)

# How often the rooms are looked at, in seconds.
TICK_S = 0.25
# How often is looked for what the outbox keeps behind a viewer's answer that is held, in seconds.
BEHIND_S = 2.0


@dataclass(slots=True)
class Teller:
    """Looks after the answers of all rooms."""

    rooms: Rooms
    receiver: Receiver
    sender: Sender
    _looked_behind: float = field(default=0.0)

    async def run(self) -> None:
        """Until cancelled, whatever goes wrong meanwhile."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except StreamdeskError as error:
                log.warning("live.not_settled", error=str(error))
            except Exception:  # a fault of ours must not leave the rooms silent until the next start
                log.exception("live.telling_failed")

    async def tick(self) -> None:
        """Once. Raises StorageUnavailable where nothing can be confirmed: then the outbox asks again by itself."""
        for room in self.rooms.all():
            room.tell_due()
            room.show_hosts()
            await room.write_down()
            if settled := room.answers.settled():
                await self.receiver.delivered(settled)
        if time.monotonic() - self._looked_behind >= BEHIND_S:
            self._looked_behind = time.monotonic()
            await asyncio.gather(*(self._look_behind(room, key) for room in self.rooms.all() for key in _kept(room)))

    async def _look_behind(self, room: Room, key: ConversationKey) -> None:
        """Send what waits behind a viewer's answer that is held: private replies if they are here, and other answers."""
        for delivery in await self.receiver.collect(key):
            if not isinstance(delivery.body, ToCustomer):
                continue
            if delivery.body.reply.audience is Audience.PUBLIC or room.hub.is_connected(key.user):
                with contextlib.suppress(ChannelUnavailable):  # held, too, or the viewer has just left
                    await self.sender.send(delivery)
                    await self.receiver.delivered([delivery])


def _kept(room: Room) -> set[ConversationKey]:
    """Those whose public answers are held."""
    return {draft.delivery.key for draft in room.answers.open() if draft.kept}


async def hand_over(receiver: Receiver, room: Place, key: ConversationKey) -> None:
    """Give a viewer who is here the private replies that wait for them. Raises StorageUnavailable."""
    try:
        for delivery in await receiver.collect(key):
            if isinstance(delivery.body, ToCustomer) and delivery.body.reply.audience is Audience.PRIVATE:
                await room.hub.deliver(key.user, delivery.id, private_frame(delivery, delivery.body))
                await receiver.delivered([delivery])
    except ChannelUnavailable:
        return  # the viewer left again and will be back
