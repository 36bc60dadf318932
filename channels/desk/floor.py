"""Who is at the desk: open pages, and whether somebody sits at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.desk import Due, Ticket
from bot.ports import Clock
from channels.common.sockets import Connection, Hub, frame
from channels.desk.goals import Goals
from channels.desk.timeline import ticket_body

# A page at which nobody has touched anything for this long has nobody at it: customers are not told that somebody is there.
IDLE = timedelta(minutes=10)


@dataclass
class Floor:
    """The agents' open pages. What changes is told to all of them."""

    clock: Clock
    goals: Goals
    hub: Hub = field(default_factory=Hub)
    _active: dict[str, datetime] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)

    def join(self, name: str, connection: Connection, *, away: bool = False) -> None:
        """An agent has opened a page; `away` as their account says."""
        self.hub.join(name, connection)
        self._note(name, away=away)
        self.touched(name)

    def leave(self, name: str, connection: Connection) -> None:
        """A page is gone, and with the last one the agent."""
        self.hub.leave(name, connection)
        if not self.hub.connections(name):
            self._active.pop(name, None)
        self._tell_presence()

    def touched(self, name: str) -> None:
        """An agent has done something at a page."""
        self._active[name] = self.clock.now()
        self._tell_presence()

    def set_away(self, name: str, *, away: bool) -> None:
        """An agent takes nothing more for now, or takes something again."""
        self._note(name, away=away)
        self.touched(name)

    def _note(self, name: str, *, away: bool) -> None:
        (self._away.add if away else self._away.discard)(name)

    def here(self) -> list[str]:
        """Who is at the desk now and not away, by name."""
        return [name for name in self._seated() if name not in self._away]

    def away(self) -> list[str]:
        """Who is at the desk and away, by name."""
        return [name for name in self._seated() if name in self._away]

    def _seated(self) -> list[str]:
        since = self.clock.now() - IDLE
        return sorted(name for name, at in self._active.items() if at >= since)

    def present(self) -> bool:
        """Whether anybody is."""
        return bool(self.here())

    def changed(self, ticket: Ticket) -> None:
        """Show a ticket as it is now."""
        self._tell(frame("ticket", ticket=self.body(ticket)))

    def due(self, ticket: Ticket, due: Due) -> None:
        """Say that a goal of a ticket is near or missed."""
        self._tell(frame("due", ticket=ticket_body(ticket, due)))

    def body(self, ticket: Ticket) -> dict[str, Any]:
        """A ticket as it is now, for a page."""
        return ticket_body(ticket, self.goals.due(ticket, self.clock.now()))

    def _tell_presence(self) -> None:
        self._tell(frame("presence", here=self.here(), away=self.away()))

    def _tell(self, text: str) -> None:
        for connection in [one for name in list(self._active) for one in self.hub.connections(name)]:
            connection.push(text)
