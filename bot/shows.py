"""Shows of live rooms, as owners are told of them: the noun, and the port between the rooms and the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Show:
    """A show in a room, from the first thing that was done there to the last."""

    room: str
    since: datetime
    until: datetime


class ShowReports(Protocol):
    """The shows of all rooms and what is to be read of each. Raises Unavailable."""

    async def last(self, most: int) -> Sequence[Show]:
        """So many of them, the last first."""
        ...

    async def page(self, room: str, since: str, until: str, language: str) -> str:
        """The report of a show as HTML that needs nothing else. Raises BadInput for what is none of these."""
        ...


class Shows:
    """The shows of this service's rooms: who opens rooms puts their reports here."""

    def __init__(self) -> None:
        self.reports: ShowReports | None = None

    def open(self, reports: ShowReports) -> None:
        """From now on there are these."""
        self.reports = reports
