"""The pages: plain HTML, CSS and ES modules from this folder, and the shop's pictures. Nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
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


def install_pages(app: FastAPI, pictures: Path | None = None) -> None:
    """Serve the pages, their files under /static, and the shop's pictures (a folder, where there is one) under /pictures."""
    for path, name in PAGES.items():
        app.add_route(path, _page(name), methods=["GET"], include_in_schema=False)
    app.mount("/static", StaticFiles(directory=FOLDER))
    if pictures is not None:
        app.mount("/pictures", StaticFiles(directory=pictures, check_dir=False))


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return FileResponse(FOLDER / name, headers=SECURITY)

    return page
