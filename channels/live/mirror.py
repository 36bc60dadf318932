"""A room that another process has, as viewers at this one see it.

Its owner numbers what it shows. Who has missed a number asks for the state as it is, and shows its viewers what is new in
that: nothing is lost by a bus that loses something, and nothing shown twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from channels.common.sockets import Connection, frame
from channels.live.frames import name_in
from channels.live.viewers import Shown, Viewers

# What of a reply in the history changes when others join its question.
_COUNTS = ("answers", "asked", "names", "question")


class Mirror:
    """One such room."""

    def __init__(
        self, name: str, viewers: Viewers, history: deque[dict[str, Any]], say: Callable[[dict[str, Any]], None]
    ) -> None:
        """`say` tells the owner something. `history` may hold what was seen before."""
        self.name = name
        self.viewers = viewers
        self.hub = viewers.hub
        self.history = history
        self.ready = asyncio.Event()  # the owner has said how the room is
        self.say = say
        self._seen = (0, 0)  # the owner's reign, and the number of what it showed last
        self._shelf: dict[str, Any] = {"shelf": [], "on_screen": None}
        self._count = 0

    # ------------------------------------------------------------ viewers

    def join(self, token: str, connection: Connection, welcome: dict[str, Any]) -> None:
        """A viewer comes in."""
        self.viewers.join(token, connection)
        state = {"history": list(self.history), "viewers": max(self._count, self.hub.count()), **self._shelf}
        connection.push(frame("welcome", room=self.name, **state, **welcome))
        self.here()

    def leave(self, token: str, connection: Connection) -> None:
        """A viewer is gone."""
        self.viewers.leave(token, connection)
        self.here()

    def join_host(self, connection: Connection) -> None:
        """A host's console is open; the owner shows it."""
        self.viewers.hosts.add(connection)
        self.here()
        self.say({"kind": "console"})

    def leave_host(self, connection: Connection) -> None:
        """It is gone."""
        self.viewers.hosts.discard(connection)
        self.here()

    def name_of(self, tag: str) -> str:
        """The name under which the viewer of this tag spoke last, as far as it is known."""
        return name_in(self.history, tag)

    def here(self) -> None:
        """Tell the owner how many are here."""
        self.say({"kind": "present", "viewers": self.hub.count(), "hosts": len(self.viewers.hosts)})

    @property
    def empty(self) -> bool:
        """Whether nobody is here."""
        return not self.viewers.connections

    @property
    def busy(self) -> bool:
        """Whether a host is here."""
        return bool(self.viewers.hosts)

    # ------------------------------------------------------------ what the owner says

    def beat(self, reign: int, number: int) -> None:
        """The owner is there, and has shown so much."""
        if self._seen < (reign, number):
            self.say({"kind": "state"})

    def shown(self, reign: int, number: int, shown: Shown) -> None:
        """The owner shows something."""
        if self._seen == (reign, number - 1):
            self._seen = (reign, number)
            self._take(shown)
        else:
            self.beat(reign, number)

    def state(self, reign: int, number: int, state: Mapping[str, Any]) -> None:
        """How the room is, by its owner, after it has shown so much."""
        if self._seen >= (reign, number):
            return
        self._seen = (reign, number)
        self._count = state["viewers"]
        shelf = {name: state[name] for name in self._shelf}
        if shelf != self._shelf:
            self._shelf = shelf
            self.viewers.push(Shown({"type": "shelf", **shelf}))
        known = {line["id"]: line for line in self.history}
        for line in state["history"]:
            self._catch_up(line, known.get(line["id"]))
        self.history = deque(state["history"], self.history.maxlen)
        self.ready.set()

    def _catch_up(self, line: dict[str, Any], before: Mapping[str, Any] | None) -> None:
        if before is None:
            self.viewers.push(Shown(line))
        elif line["type"] == "reply" and line["asked"] != before["asked"]:
            counts = {name: line[name] for name in _COUNTS}
            self.viewers.push(Shown({"type": "credit", "replies": [line["id"]], "comment": line["answers"][-1], **counts}))

    def _take(self, shown: Shown) -> None:
        """Keep what is to be kept of it, and show it."""
        told = shown.told or {}
        match told.get("type"):
            case "comment" | "reply":
                if any(line["id"] == told["id"] for line in self.history):
                    return
                void(self.history, told.get("corrects", ()))
                self.history.append(dict(told))
            case "credit":
                credited(self.history, told)
            case "shelf":
                self._shelf = {name: told[name] for name in self._shelf}
            case "presence":
                self._count = told["viewers"]
        self.viewers.push(shown)


def void(history: Iterable[dict[str, Any]], corrected: Iterable[str]) -> None:
    """What these replies told is put right by another."""
    for line in history:
        if line["type"] == "reply" and line["id"] in corrected:
            line["void"] = True


def credited(history: Iterable[dict[str, Any]], credit: Mapping[str, Any]) -> None:
    """More have asked what these replies answer."""
    for line in history:
        if line["type"] == "reply" and line["id"] in credit["replies"]:
            line.update({name: credit[name] for name in _COUNTS})
