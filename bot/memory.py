"""What a live room needs after a restart, kept in parts by their names, and which process has it; between the live rooms
and storage/rooms.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Protocol

# How long a room stays with a process that has not renewed its lease, in seconds.
ROOM_LEASE_S: Final = 3.0


class RoomMemory(Protocol):
    """Where rooms keep their parts. A part is a text of a few hundred kilobytes at most; keeping it replaces it."""

    async def recall(self, room: str) -> Mapping[str, str]:
        """All parts of a room, by name; empty for one that kept nothing. Raises StorageUnavailable."""
        ...

    async def keep(self, room: str, parts: Mapping[str, str]) -> None:
        """Keep these parts, all or none; the others stay.

        Raises StorageUnavailable, also where another process has the room.
        """
        ...


class RoomLeases(Protocol):
    """Which process has which room, where several share a database: one at a time."""

    async def hold(self, rooms: Collection[str]) -> Mapping[str, int]:
        """Have those of these rooms that no other process has, for ROOM_LEASE_S from now on.

        Returns the rooms that this process has then, each with the number of its reign: one more with every other owner.
        Raises StorageUnavailable.
        """
        ...

    async def let_go(self) -> None:
        """Leave all rooms to others at once. Raises StorageUnavailable."""
        ...
