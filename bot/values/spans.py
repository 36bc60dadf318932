"""Values that overlap in a text: which of them counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.types import Entity


def apart(found: Iterable[Entity]) -> Iterator[Entity]:
    """The values that overlap none that came before them."""
    taken: list[Entity] = []
    for entity in found:
        if not _overlaps(entity, taken):
            taken.append(entity)
            yield entity


def outside(wholes: Iterable[Entity], found: Iterable[Entity]) -> Iterator[Entity]:
    """What is no part of something larger: the 100号 of an address is no link, the 11号 of a date neither."""
    larger = list(wholes)
    return (entity for entity in found if not _overlaps(entity, larger))


def _overlaps(entity: Entity, others: Iterable[Entity]) -> bool:
    return any(other.start < entity.end and entity.start < other.end for other in others)
