"""What a room knows of its viewers: whose comments it has taken, and whom the shop has just spoken to. Time is given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from channels.live.frames import public_id, source_of

# Comments by whose ids a repeat is known.
REMEMBERED: Final = 5_000
# How many ids of platforms' comments and events are kept for after a restart. Questions are known by the inbox for ever.
KEPT: Final = 2_000
# Whom the shop spoke to within this time may be answering it, in seconds.
IN_TALK_S: Final = 60.0


class Known:
    """The viewers of one room, the last ones of them."""

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}
        self._of_platforms: dict[str, None] = {}
        self._spoken_to: dict[str, datetime] = {}

    def repeated(self, token: str, message_id: str) -> bool:
        """Whether this viewer's message was taken before."""
        return public_id(token, message_id) in self._seen

    def remember(self, token: str, message_id: str) -> None:
        """This viewer's message is taken."""
        name = public_id(token, message_id)
        self.seen(name)
        if source_of(token):
            self._of_platforms[name] = None
            bound(self._of_platforms, KEPT)

    def forget(self, token: str, message_id: str) -> None:
        """This viewer's message was not taken after all."""
        name = public_id(token, message_id)
        self._seen.pop(name, None)
        self._of_platforms.pop(name, None)

    def seen(self, comment_id: str) -> None:
        """The comment with this public id is taken."""
        self._seen[comment_id] = None
        bound(self._seen)

    def of_platforms(self) -> list[str]:
        """What was taken of platforms, the last of it, oldest first: these send again what came before a restart of ours."""
        return list(self._of_platforms)

    def restore(self, of_platforms: Iterable[str]) -> None:
        """This was taken of platforms before a restart."""
        for name in of_platforms:
            self.seen(name)
            self._of_platforms[name] = None

    def spoke_to(self, token: str, at: datetime) -> None:
        """The shop has just answered this viewer."""
        self._spoken_to.pop(token, None)
        self._spoken_to[token] = at
        bound(self._spoken_to)

    def in_talk(self, token: str, at: datetime) -> bool:
        """Whether the shop has just answered this viewer, so that they may be answering it."""
        spoken = self._spoken_to.get(token)
        return spoken is not None and (at - spoken).total_seconds() <= IN_TALK_S


def bound(kept: dict[str, Any], most: int = REMEMBERED) -> None:
    """Forget the oldest of too many."""
    if len(kept) > most:
        del kept[next(iter(kept))]
