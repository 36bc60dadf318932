"""The pages of the desk and of the console: plain files of this folder, beside what all pages share under /static."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from channels.common.pages import page

FOLDER = Path(__file__).parent / "page"


def page_routes() -> list[BaseRoute]:
    """The pages /desk and /console, with files under /desk/static. Those are no secret; every answer under /desk/api is."""
    shown = [
        Route(f"/{name}", page(FOLDER / f"{name}.html"), methods=["GET"], include_in_schema=False)
        for name in ("desk", "console")
    ]
    return [*shown, Mount("/desk/static", StaticFiles(directory=FOLDER))]
