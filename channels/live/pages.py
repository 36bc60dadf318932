"""The host's page: plain HTML, CSS and ES modules from this folder, beside what all pages share under /static."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from channels.common.pages import page

FOLDER = Path(__file__).parent / "page"


def page_routes() -> list[BaseRoute]:
    """The page at /host and its files under /host/static. What they hold is no secret; what the console shows is."""
    shown = Route("/host", page(FOLDER / "host.html"), methods=["GET"], include_in_schema=False)
    return [shown, Mount("/host/static", StaticFiles(directory=FOLDER))]
