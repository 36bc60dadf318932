"""For the host alone: the shows of a room, the report of one, and answers that go into the FAQ. See docs/live-reports.md."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.errors import BadInput
from channels.common.origin import is_same_origin
from channels.common.problems import BadRequest, problem_responses
from channels.common.reading import optional_text, parse_object, read_body, refuse_unknown
from channels.live.faq import add_to_faq
from channels.live.report_html import LANGUAGES, Look, file_html, part_html, report_json
from channels.live.reporting import Reporter
from channels.live.socket import LiveDoor, authorise
from channels.live.spans import Span, span_of

# Shows that are listed, the last first.
LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Reports:
    """What the page is served with. `faq_folder` is the shop's folder, where the merchant has named it."""

    door: LiveDoor
    reporter: Reporter
    zone: tzinfo
    faq_folder: Path | None = None
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


def reports_router(reports: Reports) -> APIRouter:
    """GET /live/{room}/shows and /live/{room}/report, POST /live/{room}/faq."""
    router = APIRouter(prefix="/live", tags=["Live room"])
    problems = problem_responses(403, 422, 429, 503)

    @router.get("/{room}/shows", summary="The shows of a room, the last first", responses=problems)
    async def shows(room: str, request: Request) -> dict[str, Any]:
        """For the host. A show ends where nothing was done in the room for half an hour."""
        await _let_in(request, reports)
        found = await reports.reporter.shows(room)
        listed = [{"since": one.since.isoformat(), "until": one.until.isoformat()} for one in found[: -LISTED - 1 : -1]]
        return {"room": room, "shows": listed}

    @router.get("/{room}/report", summary="The report of a show", responses=problems)
    async def report(room: str, request: Request) -> Response:
        """For the host. `since` and `until`; `language` zh or en; `form` part (of a page), file (HTML) or json."""
        await _let_in(request, reports)
        asked = request.query_params
        language = _one_of(asked.get("language", "zh"), "language", LANGUAGES)
        form = _one_of(asked.get("form", "part"), "form", ("part", "file", "json"))
        made = await reports.reporter.report(room, _span(asked.get("since", ""), asked.get("until", "")))
        if form == "json":
            return Response(report_json(made), media_type="application/json")
        names = await reports.reporter.names(made)
        if form == "file":
            return HTMLResponse(file_html(made, reports.zone, names, language))
        return HTMLResponse(part_html(made, Look(language, reports.zone, names)))

    @router.post("/{room}/faq", summary="Add an answer of a show to the FAQ", responses=problems)
    async def faq(room: str, request: Request) -> dict[str, Any]:
        """For the host: `{"since", "until", "candidate"}`, the id of a candidate in that report."""
        await _let_in(request, reports)
        body = parse_object(await read_body(request, 4_096))
        refuse_unknown(body, ("since", "until", "candidate"))
        span = _span(optional_text(body.get("since"), "since"), optional_text(body.get("until"), "until"))
        chosen = optional_text(body.get("candidate"), "candidate")
        made = await reports.reporter.report(room, span)
        candidate = next((one for one in made.candidates if one.id == chosen), None)
        if candidate is None:
            remedy = "Look at the report as it is now."
            raise BadRequest("is no candidate of this show.", key="candidate", value=chosen, remedy=remedy)
        async with reports.writing:
            file, added = await asyncio.to_thread(add_to_faq, reports.faq_folder, candidate)
        return {"file": f"documents/{file.name}", "added": added}

    return router


async def _let_in(request: Request, reports: Reports) -> None:
    """Raises BadRequest for who is not the host, and for the page of another site; TooMany."""
    if not is_same_origin(request.headers):
        raise BadRequest("is another site.", key="origin", remedy="Use the page of this service.", status=403)
    await authorise(request, reports.door)


def _span(since: str, until: str) -> Span:
    try:
        return span_of(since, until)
    except BadInput as error:
        raise BadRequest(error.what, key="since", value=since, remedy=error.remedy) from error


def _one_of(given: str, key: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise BadRequest("is not known.", key=key, value=given, remedy=f"Known: {', '.join(known)}.")
    return given
