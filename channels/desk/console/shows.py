"""The shows of the shop's rooms as JSON, and what the browser must keep to with a report, which is a page of its own."""

from __future__ import annotations

from typing import Any, Final

from bot.shows import Show

# Shows that are listed.
LISTED: Final = 50
# A report brings its own style and needs nothing else, from here or from elsewhere.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def show_body(show: Show) -> dict[str, Any]:
    """A show as the page lists it. Pure."""
    return {"room": show.room, "since": show.since.isoformat(), "until": show.until.isoformat()}
