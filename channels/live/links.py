"""A platform as it is joined to a room: its health, and the way out to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.live import Health
from channels.live.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of `live.sources`. A platform that only takes lines has no `health`, one that takes none no `outgoing`."""

    name: str
    health: Health | None
    silent_s: float = 120
    outgoing: Outgoing | None = None

    def shown(self, now: datetime) -> dict[str, Any]:
        """What the host sees of it: see docs/live-protocol.md."""
        shown: dict[str, Any] = {"name": self.name}
        if (health := self.health) is not None:
            heard = health.heard_at.isoformat(timespec="seconds") if health.heard_at else None
            shown |= {"state": health.state(now, self.silent_s), "heard_at": heard, "error": health.error}
            shown |= {"received": health.received, "doubled": health.doubled, "failed": health.failed}
            shown |= {"lost": health.lost, "reconnects": health.reconnects}
        if (outgoing := self.outgoing) is not None:
            waiting = len(outgoing.waiting())
            shown |= {"told": outgoing.told, "given_up": outgoing.given_up, "waiting": waiting}
        return shown
