"""What a room knows of its viewers: whose comments it has taken, and whom the shop has just spoken to. Time is given."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from channels.live.frames import public_id

# Comments by whose ids a repeat is known.
REMEMBERED: Final = 5_000
# Whom the shop spoke to within this time may be answering it, in seconds.
IN_TALK_S: Final = 60.0


class Known:
    """The viewers of one room, the last ones of them."""

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}
        self._spoken_to: dict[str, datetime] = {}

    def repeated(self, token: str, message_id: str) -> bool:
        """Whether this viewer's message was taken before."""
        return public_id(token, message_id) in self._seen

    def remember(self, token: str, message_id: str) -> None:
        """This viewer's message is taken."""
        self.seen(public_id(token, message_id))

    def forget(self, token: str, message_id: str) -> None:
        """This viewer's message was not taken after all."""
        self._seen.pop(public_id(token, message_id), None)

    def seen(self, comment_id: str) -> None:
        """The comment with this public id is taken."""
        self._seen[comment_id] = None
        bound(self._seen)

    def spoke_to(self, token: str, at: datetime) -> None:
        """The shop has just answered this viewer."""
        self._spoken_to.pop(token, None)
        self._spoken_to[token] = at
        bound(self._spoken_to)

    def in_talk(self, token: str, at: datetime) -> bool:
        """Whether the shop has just answered this viewer, so that they may be answering it."""
        spoken = self._spoken_to.get(token)
        return spoken is not None and (at - spoken).total_seconds() <= IN_TALK_S


def bound(kept: dict[str, Any]) -> None:
    """Forget the oldest of too many."""
    if len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
