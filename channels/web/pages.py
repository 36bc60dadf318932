"""The pages: plain HTML, CSS and ES modules from this folder, and the shop's pictures. Nothing is loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from channels.common.pages import SECURITY, framed_by, page
from channels.web.widget import Embedding, widget_routes

FOLDER = Path(__file__).parent / "pages"
PAGES = {"/": "index.html", "/room": "room.html", "/chat": "chat.html"}


def page_routes(pictures: Path | None = None, embedding: Embedding = Embedding()) -> list[BaseRoute]:  # noqa: B008 - frozen
    """The pages, their files under /static, and the shop's pictures (a folder, where there is one) under /pictures.

    Other sites may frame the chat, as `embedding` says, and no other page.
    """
    headers = {"/chat": framed_by(embedding.origins)}
    pages = [
        Route(path, page(FOLDER / name, headers.get(path, SECURITY)), methods=["GET"], include_in_schema=False)
        for path, name in PAGES.items()
    ]
    files: list[BaseRoute] = [Mount("/static", StaticFiles(directory=FOLDER))]
    if pictures is not None:
        files.append(Mount("/pictures", StaticFiles(directory=pictures, check_dir=False)))
    return [*pages, *widget_routes(FOLDER, embedding), *files]
