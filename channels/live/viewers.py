"""Who watches a room at this process, and what is shown to them: here, and through `relay` at other processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.common.sockets import Connection, Hub, frame


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame for everybody in the room, by its fields.

    Whoever has the token `writer` sees `own` in its place; where `told` is None, nobody else sees anything. `hosts`: it is
    for the consoles of hosts. `droppable`: the next one of its kind says the same and more.
    """

    told: Mapping[str, Any] | None
    writer: str = ""
    own: Mapping[str, Any] | None = None
    hosts: bool = False
    droppable: bool = False


@dataclass(slots=True)
class Viewers:
    """The viewers and hosts of one room at this process. `elsewhere` are the viewers and hosts at all others."""

    hub: Hub = field(default_factory=Hub)
    connections: set[Connection] = field(default_factory=set)
    hosts: set[Connection] = field(default_factory=set)
    elsewhere: int = 0
    hosts_elsewhere: int = 0
    relay: Callable[[Shown], None] | None = None

    def count(self) -> int:
        """How many people watch, at all processes."""
        return self.hub.count() + self.elsewhere

    @property
    def nobody(self) -> bool:
        """Whether nobody watches, at any process."""
        return not self.connections and not self.elsewhere

    def join(self, token: str, connection: Connection) -> None:
        """A viewer comes in."""
        self.connections.add(connection)
        self.hub.join(token, connection)

    def leave(self, token: str, connection: Connection) -> None:
        """A viewer is gone."""
        self.connections.discard(connection)
        self.hub.leave(token, connection)

    def show(self, shown: Shown) -> None:
        """Show it at all processes."""
        if self.relay is not None:
            self.relay(shown)
        self.push(shown)

    def push(self, shown: Shown) -> None:
        """Show it here."""
        writers = self.hub.connections(shown.writer) if shown.writer else []
        if shown.told is not None:
            text = as_frame(shown.told)
            for connection in self.hosts if shown.hosts else self.connections:
                if connection not in writers:
                    connection.push(text, droppable=shown.droppable)
        if shown.own is not None:
            text = as_frame(shown.own)
            for connection in writers:
                connection.push(text)


def as_frame(told: Mapping[str, Any]) -> str:
    """A frame of its fields, of which one is its type."""
    return frame(told["type"], **{name: value for name, value in told.items() if name != "type"})
