"""What the console's page asks over HTTP, under /desk/api/console, where the desk's cookie goes: for owners only."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channel import GroupGaps
from bot.commerce import Shop
from bot.desk import Propose, Role, Staff, Tickets
from bot.loads import KnownDocuments, Loads
from bot.ports import Clock
from bot.shows import Shows
from bot.traces import Became, Traces
from bot.types import ConversationKey, Message
from bot.written import WrittenAnswers
from channels.common.problems import BadRequest
from channels.common.reading import MAX_NAME, message_text, optional_text, parse_object, read_body
from channels.desk.accounts import Doorkeeper
from channels.desk.console.days import KINDS, Days, by_day
from channels.desk.console.gaps import gaps_body, written_answer, written_body
from channels.desk.console.knowledge import counts_of, document_body, loads_body
from channels.desk.console.shows import HEADERS, LISTED, show_body
from channels.desk.console.trace import talk_body, turn_body
from channels.desk.entrance import member_of

# Conversations in one answer, unanswered turns that are grouped, and the largest body, in bytes.
PAGE = 50
LOOKED_AT = 500
MAX_BODY = 128 * 1024
# The channel of what is tried out; no door has this name.
PLAYGROUND = "console"


@dataclass(frozen=True, slots=True)
class ConsoleDoor:
    """What the routes are served with."""

    doorkeeper: Doorkeeper
    traces: Traces
    gaps: GroupGaps
    written: WrittenAnswers
    propose: Propose
    tickets: Tickets
    shop: Shop
    loads: Loads
    documents: KnownDocuments
    shows: Shows
    clock: Clock
    zone: tzinfo


def console_router(door: ConsoleDoor) -> APIRouter:
    """The routes under /desk/api/console. They serve the console's own page and may change with it."""
    router = APIRouter(prefix="/desk/api/console", include_in_schema=False)
    _conversations(router, door)
    _knowledge(router, door)
    _gaps(router, door)
    _shows(router, door)
    _playground(router, door)
    _numbers(router, door)
    return router


async def owner_of(request: Request, doorkeeper: Doorkeeper) -> Staff:
    """Which owner makes a request. Raises BadRequest: 401 for nobody, 403 for agents and for another site's page."""
    member = await member_of(request, doorkeeper)
    if member.role is not Role.OWNER:
        raise BadRequest("the console is for owners.", key="role", remedy="Ask an owner, or use the desk.", status=403)
    return member


def _conversations(router: APIRouter, door: ConsoleDoor) -> None:
    @router.get("/conversations")
    async def listed(request: Request, words: str = "", became: str = "", before: str = "") -> Response:
        await owner_of(request, door.doorkeeper)
        search, came_to = optional_text(words, "words", MAX_NAME).strip(), _became(became)
        found = await door.traces.talks(words=search, came_to=came_to, before=_moment(before), limit=PAGE)
        return answer({"conversations": [talk_body(talk) for talk in found], "more": len(found) == PAGE})

    @router.get("/conversations/{name}")
    async def conversation(request: Request, name: str) -> Response:
        await owner_of(request, door.doorkeeper)
        turns = await door.traces.talk(name)
        if not turns:
            remedy = "Load the list again: what is deleted or too old is gone."
            raise BadRequest("is no conversation.", key="conversation", value=name, remedy=remedy, status=404)
        return answer({"turns": [turn_body(turn) for turn in turns]})


def _knowledge(router: APIRouter, door: ConsoleDoor) -> None:
    @router.get("/knowledge")
    async def knowledge(request: Request) -> Response:
        await owner_of(request, door.doorkeeper)
        now, documents = door.clock.now(), await door.documents()
        loads = loads_body(await door.loads.last())
        counts = await counts_of(door.shop)
        return answer({**loads, "counts": counts, "documents": [document_body(one, now) for one in documents]})


def _gaps(router: APIRouter, door: ConsoleDoor) -> None:
    @router.get("/gaps")
    async def gaps(request: Request) -> Response:
        await owner_of(request, door.doorkeeper)
        turns = await door.traces.unanswered(LOOKED_AT)
        found = await door.gaps([(turn.message.text, turn.replies[0].language) for turn in turns])
        return answer(gaps_body(found, await door.written.answers()))

    @router.post("/written")
    async def write(request: Request) -> Response:
        await owner_of(request, door.doorkeeper)
        body = parse_object(await read_body(request, MAX_BODY))
        return answer({"written": written_body(await door.written.write(written_answer(body)))})

    @router.post("/written/{name}/remove")
    async def remove(request: Request, name: str) -> Response:
        await owner_of(request, door.doorkeeper)
        return answer({"removed": await door.written.remove(name)})


def _shows(router: APIRouter, door: ConsoleDoor) -> None:
    @router.get("/shows")
    async def shows(request: Request) -> Response:
        await owner_of(request, door.doorkeeper)
        reports = door.shows.reports
        return answer({"shows": [show_body(show) for show in await reports.last(LISTED)] if reports else []})

    @router.get("/shows/report")
    async def report(request: Request, room: str = "", since: str = "", until: str = "", language: str = "zh") -> Response:
        await owner_of(request, door.doorkeeper)
        if door.shows.reports is None:
            remedy = "Look where the rooms are served."
            raise BadRequest("there are no rooms here.", key="room", value=room, remedy=remedy, status=404)
        return HTMLResponse(await door.shows.reports.page(room, since, until, language), headers=HEADERS)


def _playground(router: APIRouter, door: ConsoleDoor) -> None:
    @router.post("/try")
    async def attempt(request: Request) -> Response:
        await owner_of(request, door.doorkeeper)
        text = message_text(parse_object(await read_body(request, MAX_BODY)).get("text"), "text")
        name = secrets.token_hex(8)  # a conversation that nobody has, and that is not kept
        turn = await door.propose(Message(name, ConversationKey(PLAYGROUND, "", name), text, door.clock.now()))
        return answer({"turn": turn_body(turn)})


def _numbers(router: APIRouter, door: ConsoleDoor) -> None:
    @router.get("/numbers")
    async def numbers(request: Request) -> Response:
        await owner_of(request, door.doorkeeper)
        span = Days.until(door.clock.now(), door.zone)
        counted = await door.traces.counted(span.since)
        days = by_day(span, counted, await door.tickets.happened(KINDS, span.since))
        return answer({"days": [asdict(day) for day in days], "since": span.first.isoformat()})


def answer(body: dict[str, Any]) -> Response:
    """JSON that no cache keeps."""
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def _became(text: str) -> Became | None:
    try:
        return Became(text) if text else None
    except ValueError as error:
        remedy = f"Known: {', '.join(Became)}."
        raise BadRequest("is nothing that becomes of a turn.", key="became", value=text, remedy=remedy) from error


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError) as error:
        remedy = "Use `last_at` of an answer."
        raise BadRequest("is no time.", key="before", value=text, remedy=remedy) from error
