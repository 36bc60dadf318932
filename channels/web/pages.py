"""The pages: plain HTML, CSS and ES modules from this folder, and the shop's pictures. Nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent / "pages"
PAGES = {"/": "index.html", "/room": "room.html", "/chat": "chat.html"}
# Pages may load and reach this origin only, and no other site may frame them.
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; form-action 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def page_routes(pictures: Path | None = None) -> list[BaseRoute]:
    """The pages, their files under /static, and the shop's pictures (a folder, where there is one) under /pictures."""
    pages = [Route(path, _page(name), methods=["GET"], include_in_schema=False) for path, name in PAGES.items()]
    files: list[BaseRoute] = [Mount("/static", StaticFiles(directory=FOLDER))]
    if pictures is not None:
        files.append(Mount("/pictures", StaticFiles(directory=pictures, check_dir=False)))
    return [*pages, *files]


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return FileResponse(FOLDER / name, headers=SECURITY)

    return page
