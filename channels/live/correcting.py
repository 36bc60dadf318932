"""Watches the tables for what was told in the rooms, and puts it right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.claims import Tables, broken, known, read_tables
from bot.commerce import Shop
from bot.errors import StreamdeskError
from bot.ports import Clock
from bot.types import Delivery, ToCustomer
from channels.live.answers import Draft, Standing
from channels.live.corrections import Claims, Correction, renewal
from channels.live.frames import digest
from channels.live.meaning import Meanings
from channels.live.room import Room
from channels.live.rooms import Rooms

log = structlog.get_logger(__name__)

# How often the tables are looked at for what was told, in seconds: a correction is told within twice that.
CHECK_S = 1.0


@dataclass(slots=True)
class Corrector:
    """Looks after what is told in all rooms. `meanings`, where given, read a question again once its answer has changed."""

    rooms: Rooms
    shop: Shop
    clock: Clock
    meanings: Meanings | None = None

    async def run(self) -> None:
        """Until cancelled, whatever goes wrong meanwhile."""
        while True:
            await asyncio.sleep(CHECK_S)
            await self.tick()

    async def tick(self) -> None:
        """Once, for all rooms at the same time. A room whose tables do not answer is looked at the next time."""
        await asyncio.gather(*(self._look_after(room) for room in self.rooms.all()))

    async def _look_after(self, room: Room) -> None:
        try:
            await self.look(room)
            await self._read_again(room)
        except StreamdeskError as error:
            log.warning("live.not_looked_after", room=room.name, error=str(error))
        except Exception:  # a fault of ours must not leave what is untrue standing until the next start
            log.exception("live.correcting_failed")

    async def look(self, room: Room) -> None:
        """Compare what a room was told, and is to be told, with the tables as they are. Raises Unavailable.

        What comes while the tables are read may rest on newer ones, and is compared the next time.
        """
        told = {name: one.claims for name, one in room.corrections.watched(self.clock.now()).items()}
        drafts = {draft.id: draft.reply.claims for draft in room.answers.tellable()}
        claims = list(dict.fromkeys(claim for some in (*told.values(), *drafts.values()) for claim in some if known(claim)))
        if not claims:
            return
        now = self.clock.now()
        tables = await read_tables(self.shop, room.name, claims, now)
        _renew(room, drafts, tables, now)
        _correct(room, told, tables, now)
        room.tell_due()
        await room.write_down()

    async def _read_again(self, room: Room) -> None:
        """Who asks in other words what was put right is to join that. Raises Unavailable."""
        unread, room.corrections.unread = room.corrections.unread, []
        for question in unread:
            if self.meanings is not None and question.sense == "":
                sense, _ = await self.meanings.of(question.first, room.name)
                room.triage.restore(question, sense)


def _renew(room: Room, drafts: dict[str, Claims], tables: Tables, now: datetime) -> None:
    """An answer that nobody was told yet says what holds now."""
    for draft in room.answers.tellable():
        mine = [claim for claim in drafts.get(draft.id, ()) if known(claim)]
        if not room.corrections.proposed(draft.id) and draft.reply.claims == drafts.get(draft.id) and broken(mine, tables):
            room.answers.renew(draft.id, renewal(draft.reply, tables), now)


def _correct(room: Room, told: dict[str, Claims], tables: Tables, now: datetime) -> None:
    found = room.corrections.review(told, [draft.id for draft in room.answers.tellable()], tables, now)
    for one in found.void:
        room.triage.withdraw(one.question)
        room.answers.mark(one.replies, now, void=True)
        room.take_back(one.replies)
    for one in found.valid:
        room.triage.restore(one.question, one.question.sense)
        room.answers.mark(one.replies, now, void=False)
    for name, changed in found.changed.items():
        if changed is None:
            room.answers.withdraw(name, now)
        else:
            room.answers.renew(name, changed.reply, now)
    for correction in found.new:
        draft = _draft(correction, now)
        room.corrections.propose(draft.id, correction)
        room.answers.offer(draft, now)
    if found.void or found.valid or found.new or found.changed:
        room.touched = True


def _draft(correction: Correction, now: datetime) -> Draft:
    """A correction as an answer: it goes the way of all answers, and is urgent. It is in no outbox: it is made anew."""
    first = correction.told[0]
    name = digest(f"{first.question.first.id}/correction/{now.isoformat()}")
    delivery = Delivery(f"{first.key}/correction/{name}", first.key, ToCustomer(correction.reply))
    draft = Draft(name, delivery, first.question.first.id, correction.reply, first.question, now, Standing.WAITING)
    return replace(draft, corrects=correction.replies)
