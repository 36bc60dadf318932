"""The page of the stage: plain HTML, CSS and ES modules from this folder, beside what all pages share under /static."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from channels.common.pages import page

FOLDER = Path(__file__).parent / "page"


def page_routes() -> list[BaseRoute]:
    """The page at /stage and its files under /stage/static."""
    shown = Route("/stage", page(FOLDER / "stage.html"), methods=["GET"], include_in_schema=False)
    return [shown, Mount("/stage/static", StaticFiles(directory=FOLDER))]
