"""The reports of shows for owners, who have no host's secret: the port `ShowReports`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.errors import BadInput
from bot.shows import Show
from channels.live.report_html import LANGUAGES, file_html
from channels.live.reporting import Reporter
from channels.live.spans import span_of


@dataclass(frozen=True, slots=True)
class OwnerReports:
    """See `ShowReports`."""

    reporter: Reporter
    zone: tzinfo

    async def last(self, most: int) -> list[Show]:
        """See `ShowReports`."""
        spans = await self.reporter.everywhere()
        found = [Show(room, span.since, span.until) for room, held in spans.items() for span in held]
        return sorted(found, key=lambda show: (show.until, show.room), reverse=True)[:most]

    async def page(self, room: str, since: str, until: str, language: str) -> str:
        """See `ShowReports`."""
        if language not in LANGUAGES:
            raise BadInput(f"{language!r} is no language of reports.", where="language", remedy="Use zh or en.")
        span = span_of(since, until)
        await self.reporter.last(room)  # refuses a room that had no show
        made = await self.reporter.report(room, span)
        return file_html(made, self.zone, await self.reporter.names(made), language)
