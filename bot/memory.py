"""What a live room needs after a restart, kept in parts by their names; between the live rooms and storage/rooms.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class RoomMemory(Protocol):
    """Where rooms keep their parts. A part is a text of a few hundred kilobytes at most; keeping it replaces it."""

    async def recall(self, room: str) -> Mapping[str, str]:
        """All parts of a room, by name; empty for one that kept nothing. Raises StorageUnavailable."""
        ...

    async def keep(self, room: str, parts: Mapping[str, str]) -> None:
        """Keep these parts, all or none; the others stay. Raises StorageUnavailable."""
        ...
