"""Reads what a report of a show is made of: the audit, the turns, the names of products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.audit import REDACTED, Audit, AuditEntry, entries_of, entry_of
from bot.channel import GroupGaps, RoomTurns
from bot.commerce import Shop, Text
from bot.errors import BadInput
from channels.common.masking import OrderNumbers, no_orders
from channels.live.asks import Ask, asks_of
from channels.live.report import ShowReport, make_report, without_answer
from channels.live.rooms import CHANNEL
from channels.live.spans import Span, shows
from channels.live.tally import MINUTE, TALLY


@dataclass(frozen=True, slots=True)
class Reporter:
    """Makes reports. Without `group` nothing is said of missing documents. `orders` are masked in what was asked."""

    audit: Audit
    turns: RoomTurns
    shop: Shop
    orders: OrderNumbers = no_orders
    group: GroupGaps | None = None

    async def shows(self, room: str) -> list[Span]:
        """The shows of a room by its audit, the first one first. Raises Unavailable."""
        return _spans(await entries_of(self.audit, room))

    async def everywhere(self) -> dict[str, list[Span]]:
        """The same of every room, by its name. Raises Unavailable."""
        entries: defaultdict[str, list[AuditEntry]] = defaultdict(list)
        async for row in self.audit.rows():
            entries[row.room].append(entry_of(row))
        return {room: _spans(done) for room, done in entries.items()}

    async def last(self, room: str) -> Span:
        """The newest show of a room. Raises BadInput where there was none; Unavailable."""
        found = await self.shows(room)
        if not found:
            remedy = "Name a room that was used; streamdesk audit verify lists them."
            raise BadInput(f"there was no show in the room {room!r}.", where="room", remedy=remedy)
        return found[-1]

    async def report(self, room: str, span: Span) -> ShowReport:
        """The report of a span. What was done with its questions later counts, too. Raises Unavailable."""
        entries, asks = await self._read(room, span)
        missing = await self.group(without_answer(asks, span)) if self.group else ()
        return make_report(room, span, asks, entries, missing)

    async def names(self, report: ShowReport) -> Mapping[str, Text]:
        """The names of the products in a report, by id. Raises Unavailable."""
        wanted = {*(one.product_id for one in report.products), *(one.product_id for one in report.lost)} - {""}
        return {product.id: product.name for product in await self.shop.products(sorted(wanted))} if wanted else {}

    async def _read(self, room: str, span: Span) -> tuple[list[AuditEntry], list[Ask]]:
        entries = [entry for entry in await entries_of(self.audit, room) if entry.at >= span.since - MINUTE]
        turns = await self.turns(CHANNEL, room, span.since, span.until)
        return entries, asks_of(turns, entries, self.orders)


def _spans(entries: Sequence[AuditEntry]) -> list[Span]:
    """The shows of a room. That words were taken out for somebody's rights is nothing that was done in one."""
    done = [entry for entry in entries if entry.kind != REDACTED]
    ends = [entry.at + MINUTE for entry in done if entry.kind == TALLY]  # in each of these minutes something was said
    return shows([*(entry.at for entry in done), *ends])
