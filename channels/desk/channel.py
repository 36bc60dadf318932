"""The desk on the web as a channel of the service: where agents answer whoever asked for a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from bot.channel import Channel, Gauge, OpenChannel, Section, ServiceParts
from bot.desk import Ticket
from bot.types import DESK
from channels.desk.hours import office_hours, parse_range

if TYPE_CHECKING:  # loads the web framework
    from fastapi import APIRouter
    from starlette.routing import BaseRoute


class DeskSettings(Section):
    """The section `channels.desk`.

    `enabled` null: open where no other desk is switched on. `hours` are ranges such as "Mon-Fri 09:00-18:00" in `timezone`
    (empty: the shop's), none for always; `closed` are days on which nobody comes. `canned` is a file of canned replies.
    """

    enabled: bool | None = None
    hours: tuple[str, ...] = ()
    closed: tuple[date, ...] = ()
    timezone: str = ""
    session_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 12
    canned: Path | None = None

    @field_validator("hours")
    @classmethod
    def _ranges(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        for text in hours:
            parse_range(text)
        return hours

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        from zoneinfo import ZoneInfo

        if name:
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise ValueError("no such time zone; write one such as Asia/Shanghai") from None
        return name


@asynccontextmanager
async def open_desk(settings: DeskSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The desk, its page and its routes. Raises BadContent for canned replies that cannot be read."""
    from channels.desk.accounts import Doorkeeper
    from channels.desk.canned import DEFAULTS, read_canned
    from channels.desk.desk import Desk, DeskParts
    from channels.desk.floor import Floor
    from channels.desk.offering import Offering
    from channels.desk.pages import page_routes
    from channels.desk.routes import DeskDoor, desk_router
    from channels.desk.socket import socket_router

    floor = Floor(parts.clock)
    hours = office_hours(settings.hours, settings.timezone or parts.zone.key, settings.closed)
    offering = Offering(parts.tickets, parts.accounts, parts.clock, floor.here, floor.changed)

    def changed(ticket: Ticket) -> None:
        floor.changed(ticket)
        offering.ring()

    def set_away(name: str, *, away: bool) -> None:
        floor.set_away(name, away=away)
        offering.ring()

    desk = Desk(
        DeskParts(
            parts.tickets,
            parts.receiver,
            parts.history,
            parts.clock,
            hours,
            present=floor.present,
            minutes=offering.minutes,
            changed=changed,
        )
    )
    doorkeeper = Doorkeeper(parts.accounts, parts.attempts, parts.clock, timedelta(hours=settings.session_hours))
    door = DeskDoor(
        desk,
        parts.tickets,
        parts.accounts,
        doorkeeper,
        parts.photos,
        parts.clock,
        canned=read_canned(settings.canned or DEFAULTS),
        secure=parts.public_url.startswith("https://"),
        set_away=set_away,
    )
    routes: tuple[APIRouter | BaseRoute, ...] = (desk_router(door), socket_router(doorkeeper, floor), *page_routes())
    agents = Gauge("desk_agents", "Agents at the desk.", lambda: len(floor.here()))
    yield OpenChannel({DESK: desk}, routes, work=(desk.wake, offering.run), gauges=(agents,), expect=desk.expectation)


CHANNEL = Channel("desk", DeskSettings, open_desk, desk=True)
