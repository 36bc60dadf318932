"""The desk on the web as a channel of the service: where agents answer whoever asked for a person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from bot.channel import Channel, Gauge, OpenChannel, Section, ServiceParts
from bot.desk import Goal, Priority, Ticket
from bot.types import DESK
from channels.desk.hours import office_hours, parse_range

if TYPE_CHECKING:  # loads the web framework
    from fastapi import APIRouter
    from starlette.routing import BaseRoute


class TargetSettings(Section):
    """How soon something is due, in minutes while the desk is open. None: whenever."""

    first_answer: Annotated[float, Field(gt=0, le=60 * 24 * 30)] | None = None
    resolution: Annotated[float, Field(gt=0, le=60 * 24 * 30)] | None = None

    def spans(self) -> dict[Goal, timedelta]:
        """What is promised, in how much time."""
        named = {Goal.FIRST_ANSWER: self.first_answer, Goal.RESOLUTION: self.resolution}
        return {goal: timedelta(minutes=minutes) for goal, minutes in named.items() if minutes is not None}


TARGETS = {
    Priority.URGENT: TargetSettings(first_answer=5, resolution=120),
    Priority.HIGH: TargetSettings(first_answer=15, resolution=240),
    Priority.NORMAL: TargetSettings(first_answer=30, resolution=480),
    Priority.LOW: TargetSettings(first_answer=120, resolution=1440),
}


class DeskSettings(Section):
    """The section `channels.desk`.

    `enabled` null: open where no other desk is switched on. `hours` are ranges such as "Mon-Fri 09:00-18:00" in `timezone`
    (empty: the shop's), none for always; `closed` are days on which nobody comes. `targets` say by priority in how many
    minutes of these hours the first answer and the end are due. `canned` is a file of canned replies.
    """

    enabled: bool | None = None
    hours: tuple[str, ...] = ()
    closed: tuple[date, ...] = ()
    timezone: str = ""
    session_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 12
    canned: Path | None = None
    targets: Mapping[Priority, TargetSettings] = Field(default_factory=lambda: dict(TARGETS))

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
    from channels.desk.console.routes import ConsoleDoor, console_router
    from channels.desk.desk import Desk, DeskParts
    from channels.desk.floor import Floor
    from channels.desk.goals import Goals
    from channels.desk.offering import Offering
    from channels.desk.pages import page_routes
    from channels.desk.reminding import Reminding
    from channels.desk.routes import DeskDoor, desk_router
    from channels.desk.socket import socket_router

    hours = office_hours(settings.hours, settings.timezone or parts.zone.key, settings.closed)
    goals = Goals({priority: one.spans() for priority, one in settings.targets.items()}, hours)
    floor = Floor(parts.clock, goals)
    reminding = Reminding(parts.tickets, goals, parts.clock, parts.alarms, floor.due)
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
            parts.propose,
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
        goals=goals,
    )
    console = console_router(
        ConsoleDoor(
            doorkeeper,
            parts.traces,
            parts.gaps,
            parts.written,
            parts.propose,
            parts.tickets,
            parts.shop,
            parts.loads,
            parts.known_documents,
            parts.shows,
            parts.clock,
            parts.zone,
        )
    )
    routes: tuple[APIRouter | BaseRoute, ...] = (
        desk_router(door),
        console,
        socket_router(doorkeeper, floor),
        *page_routes(),
    )
    agents = Gauge("desk_agents", "Agents at the desk.", lambda: len(floor.here()))
    yield OpenChannel(
        {DESK: desk}, routes, work=(desk.wake, offering.run, reminding.run), gauges=(agents,), expect=desk.expectation
    )


CHANNEL = Channel("desk", DeskSettings, open_desk, desk=True)
