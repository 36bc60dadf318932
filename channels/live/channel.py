"""Live rooms as a channel of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from bot.channel import Channel, LiveSettings, OpenChannel, ServiceParts
from bot.types import Entity


@asynccontextmanager
async def open_live(settings: LiveSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The rooms, with the gate that hears who is spoken to."""
    from channels.live.gate import WEIGHTS, Gate, Weights
    from channels.live.meaning import Meanings
    from channels.live.openapi import TAGS
    from channels.live.rooms import CHANNEL as NAME
    from channels.live.rooms import LiveSender, Rooms
    from channels.live.socket import LiveDoor, live_router

    def orders(text: str) -> Iterable[Entity]:  # by the forms of order numbers as they are at that moment
        return parts.numbers.forms.private(text)

    rooms = Rooms(parts.shop, parts.clock, merge_window_s=settings.merge_window_s, history=settings.history)
    door = LiveDoor(
        parts.receiver,
        rooms,
        parts.clock,
        settings.host_secret.get_secret_value(),
        open_host=parts.trial,
        orders=orders,
        judge=Gate(parts.encoder, Weights.read(WEIGHTS)),
        meanings=Meanings(parts.understanding, parts.senses, NAME),
    )
    yield OpenChannel({NAME: LiveSender(rooms)}, (live_router(door),), TAGS)


CHANNEL = Channel("live", LiveSettings, open_live)
