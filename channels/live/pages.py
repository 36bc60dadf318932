"""The host's pages: plain HTML, CSS and ES modules from this folder, beside what all pages share under /static."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from channels.common.pages import page

FOLDER = Path(__file__).parent / "page"


def page_routes() -> list[BaseRoute]:
    """/host, /host/report and their files under /host/static. What they hold is no secret; what they show is."""
    files = {"/host": "host.html", "/host/report": "report.html"}
    shown = [Route(at, page(FOLDER / file), methods=["GET"], include_in_schema=False) for at, file in files.items()]
    return [*shown, Mount("/host/static", StaticFiles(directory=FOLDER))]
