"""How a page of ours is served: a file, with what its browser must keep to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

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


def framed_by(origins: Sequence[str]) -> dict[str, str]:
    """SECURITY for a page that these other origins may frame as well."""
    ancestors = " ".join(("frame-ancestors 'self'", *origins))
    policy = SECURITY["Content-Security-Policy"].replace("frame-ancestors 'self'", ancestors)
    return {**SECURITY, "Content-Security-Policy": policy}


def page(file: Path, headers: Mapping[str, str] = SECURITY) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that serves a file as a page."""

    async def serve(request: Request) -> Response:
        return FileResponse(file, headers=headers)

    return serve
