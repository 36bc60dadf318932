"""Live rooms as a channel of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.channel import Channel, LiveSettings, OpenChannel, ServiceParts
from bot.errors import BadSettings
from bot.live import RoomEvent
from bot.types import Entity, Language

if TYPE_CHECKING:  # light to import
    from channels.live.room import Room
    from channels.live.sharing import Sharing
    from channels.live.taking import Push


@asynccontextmanager
async def open_live(settings: LiveSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The rooms, with the gate that hears who is spoken to."""
    from channels.common.problems import BadRequest
    from channels.live.answers import Mode, Rules
    from channels.live.correcting import Corrector
    from channels.live.gate import WEIGHTS, Gate, Weights
    from channels.live.host import host_router, take_host
    from channels.live.host_reports import Reports, reports_router
    from channels.live.intake import Intake
    from channels.live.keeper import Keeper
    from channels.live.linking import Linker
    from channels.live.meaning import Meanings
    from channels.live.openapi import TAGS
    from channels.live.owner_reports import OwnerReports
    from channels.live.pages import page_routes
    from channels.live.reporting import Reporter
    from channels.live.rooms import CHANNEL as NAME
    from channels.live.rooms import LiveSender, Rooms
    from channels.live.socket import LiveDoor, live_router
    from channels.live.telling import Teller
    from channels.live.thanks import Thanks

    def orders(text: str) -> Iterable[Entity]:  # by the forms of order numbers as they are at that moment
        return parts.numbers.forms.private(text)

    def rules(room: str) -> Rules:
        return Rules(
            Mode(settings.modes.get(room, settings.mode)),
            veto_s=settings.veto_s,
            per_minute=settings.answers_a_minute,
            cooldown_s=settings.answer_cooldown_s,
            patience_s=settings.answer_patience_s,
            most=settings.answers_waiting,
            buying=frozenset(settings.buying_topics),
        )

    sharing = _sharing(settings, parts)
    rooms = Rooms(
        parts.shop,
        parts.clock,
        merge_window_s=settings.merge_window_s,
        history=settings.history,
        rules=rules,
        audit=parts.audit,
        memory=parts.memory,
        correct_s=settings.correct_s,
        thanks=lambda: Thanks(settings.thanks_every_s, Language(settings.language)),
        stages=parts.stages,
        sharing=sharing,
    )
    meanings = Meanings(parts.understanding, parts.senses, NAME)
    intake = Intake(parts.receiver, orders, Gate(parts.comments, Weights.read(WEIGHTS)), meanings)
    secret = settings.host_secret.get_secret_value()
    door = LiveDoor(
        parts.receiver, intake, rooms, parts.clock, parts.limits, secret, open_host=parts.trial, sells=parts.sells
    )
    reporter = Reporter(parts.audit, parts.turns, parts.shop, orders, parts.gaps)
    sender = LiveSender(rooms, parts.history, orders)
    teller = Teller(rooms, parts.receiver, sender)
    corrector = Corrector(rooms, parts.shop, parts.clock, meanings)
    keeper = Keeper(rooms, parts.memory, parts.clock)

    async def happened(name: str, event: RoomEvent) -> None:
        try:
            await rooms.enter(name)
        except BadRequest:
            return  # no room of ours
        await door.taking.event(name, event)

    async def host_asks(room: Room, asked: Mapping[str, Any], push: Push) -> None:
        await take_host(asked["received"], room, push, door)

    if sharing is not None:
        sharing.serve({**door.taking.handlers(), "host": host_asks})

    parts.events.open(happened)
    parts.shows.open(OwnerReports(reporter, parts.zone))
    async with AsyncExitStack() as closing:
        linkers = [
            Linker(source, await closing.enter_async_context(opened), rooms, intake, parts.clock)
            for source in settings.sources
            for opened in [parts.platforms[source.source].open(source, parts.clock)]
        ]
        routes = [route for linker in linkers for route in linker.platform.routes]
        warm = partial(intake.warm, settings.default_room, parts.clock)
        shared = (partial(sharing.run, rooms, keeper.tick), warm) if sharing is not None else ()
        yield OpenChannel(
            {NAME: sender},
            (
                live_router(door),
                host_router(door),
                reports_router(Reports(door, reporter, parts.zone, settings.faq_folder)),
                *routes,
                *page_routes(),
            ),
            TAGS,
            work=(teller.run, corrector.run, keeper.run, *(linker.run for linker in linkers), *shared),
        )


def _sharing(settings: LiveSettings, parts: ServiceParts) -> Sharing | None:
    """What makes the rooms one with those of other processes, where there are some. Raises BadSettings."""
    from channels.live.sharing import Sharing

    if parts.room_leases is None:
        return None
    if settings.sources:
        what = "a room that processes share cannot be joined to other platforms yet."
        raise BadSettings(what, where="live.sources", remedy="Run it in a service without redis.url (docs/running.md).")
    return Sharing(parts.bus, parts.room_leases)


CHANNEL = Channel("live", LiveSettings, open_live)
