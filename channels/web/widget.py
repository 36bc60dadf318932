"""The chat on a merchant's own site: one script, and who may frame the page that it opens (docs/widget.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channel import Hint
from channels.common.pages import page

# Where the script takes what the settings say; its file runs as it is, without hints.
HINTS = "const HINTS = [];"
# Any site may load the script, also one that isolates itself; a change of the settings arrives within five minutes.
HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Embedding:
    """Where the chat may be shown (`origins`), what it says by itself there, and whether our own page shows it for trial."""

    origins: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    trial: bool = False


def widget_routes(folder: Path, embedding: Embedding) -> list[BaseRoute]:
    """GET /widget.js and, for trial, /widget-demo. `folder` has both files."""
    script = widget_script((folder / "widget.js").read_text("utf-8"), embedding.hints)

    async def widget(request: Request) -> Response:
        return Response(script, media_type="text/javascript", headers=HEADERS)

    routes: list[BaseRoute] = [Route("/widget.js", widget, methods=["GET"], include_in_schema=False)]
    if embedding.trial:
        demo = page(folder / "widget-demo.html")
        routes.append(Route("/widget-demo", demo, methods=["GET"], include_in_schema=False))
    return routes


def widget_script(source: str, hints: Sequence[Hint]) -> str:
    """The script with these hints in it."""
    said = orjson.dumps([hint.model_dump() for hint in hints]).decode()
    return source.replace(HINTS, f"const HINTS = {said};", 1)
