"""The show plan: which product is on the stage when, round the clock. Pure: time and stock are given.

The plan is a round of slots that is gone through again and again from its start. What is sold out gives its time to the next
product of the round that is not, so that nothing else moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commerce import ShelfLink
from bot.errors import BadInput


@dataclass(frozen=True, slots=True)
class Slot:
    """`minutes` for a product under its link; a break where `product_id` is empty."""

    product_id: str
    minutes: float
    link: int | None = None

    @property
    def is_break(self) -> bool:
        """Whether nothing is sold in it."""
        return not self.product_id

    @property
    def length(self) -> timedelta:
        """Its minutes."""
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Due:
    """On from `since` until `until`: a product, or a break (`product_id` empty); `instead` of one that is sold out."""

    product_id: str
    link: int | None
    since: datetime
    until: datetime
    instead: str = ""


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """A round of slots, the first of which began at `starts_at` for the first time."""

    slots: tuple[Slot, ...]
    starts_at: datetime

    def __post_init__(self) -> None:
        if not self.slots:
            raise BadInput("a show plan has no slots.", remedy="Put at least one product on the shelf.")
        for slot in self.slots:
            if slot.minutes <= 0:
                what = f"a slot of {slot.minutes} minutes ({slot.product_id or 'break'})"
                raise BadInput(what, where="show plan", remedy="Give it more than 0 minutes.")

    @property
    def round_length(self) -> timedelta:
        """How long it takes until the first slot comes again."""
        return sum((slot.length for slot in self.slots), timedelta())

    def due(self, at: datetime, sellable: Callable[[str], bool]) -> Due:
        """What is on at `at`, also before the start. A break where nothing of the round can be sold."""
        number, since = self._slot_at(at)
        planned = self.slots[number]
        until = since + planned.length
        if planned.is_break or sellable(planned.product_id):
            return Due(planned.product_id, planned.link, since, until)
        following = (*self.slots[number + 1 :], *self.slots[:number])
        other = next((slot for slot in following if not slot.is_break and sellable(slot.product_id)), Slot("", 1))
        return Due(other.product_id, other.link, since, until, instead=planned.product_id)

    def reloaded(self, slots: Sequence[Slot], at: datetime) -> ShowPlan:
        """The plan with other slots from `at` on, for a shop that was loaded anew in the middle of the show.

        What is on stays on for the rest of the slot. Where that is gone, and from a break, the round goes on with the
        product that followed and is still there, or begins anew. Raises BadInput for no slots.
        """
        number, since = self._slot_at(at)
        following = (*self.slots[number:], *self.slots[:number])
        places = {slot.product_id: n for n, slot in reversed(list(enumerate(slots))) if not slot.is_break}
        place = next((places[slot.product_id] for slot in following if slot.product_id in places), 0)
        stays = bool(slots) and slots[place].product_id == self.slots[number].product_id
        elapsed = at - since if stays and at - since < slots[place].length else timedelta()
        before = sum((slot.length for slot in slots[:place]), timedelta())
        return ShowPlan(tuple(slots), at - elapsed - before)

    def _slot_at(self, at: datetime) -> tuple[int, datetime]:
        """The number of the slot at `at`, and when it began. Whole rounds are reckoned exactly, so that nothing drifts."""
        rounds = (at - self.starts_at) // self.round_length
        since = self.starts_at + rounds * self.round_length
        for number, slot in enumerate(self.slots):
            if at < since + slot.length:
                return number, since
            since += slot.length
        raise AssertionError("a moment lies in its round")


def slots_of(
    links: Iterable[ShelfLink],
    minutes: float,
    own_minutes: Mapping[str, float] | None = None,
    break_after: int = 0,
    break_minutes: float = 0.0,
) -> list[Slot]:
    """A slot for each product of a shelf, by link number; `own_minutes` by product id; a break after every so many.

    A product with several links has one slot, under the smallest.
    """
    slots: list[Slot] = []
    seen: set[str] = set()
    for link in sorted(links, key=lambda link: link.number):
        if link.product_id in seen:
            continue
        seen.add(link.product_id)
        slots.append(Slot(link.product_id, (own_minutes or {}).get(link.product_id, minutes), link.number))
        if break_after and break_minutes and len(seen) % break_after == 0:
            slots.append(Slot("", break_minutes))
    return slots
