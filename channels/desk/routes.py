"""What the desk's page asks over HTTP, under /desk/api: coming in, the inbox, one conversation, and every act on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.desk import Accounts, Due, Priority, Role, Staff, Ticket, Tickets, TicketState
from bot.ports import Clock, Photos
from bot.types import Photo
from channels.common.problems import BadRequest
from channels.common.reading import MAX_NAME, message_text, optional_text, parse_object, read_body
from channels.desk.accounts import Doorkeeper, LoginRefused
from channels.desk.desk import Act, Desk
from channels.desk.entrance import COOKIE, member_of, refuse_others
from channels.desk.goals import Goals, urgency
from channels.desk.numbers import KINDS, numbers
from channels.desk.timeline import ticket_body, timeline
from channels.desk.transitions import Refused

MAX_BODY = 64 * 1024
MAX_DAYS = 3650
MAX_SNOOZE_MINUTES = 60 * 24 * 30
MEDIA_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_OPEN = (TicketState.WAITING, TicketState.CLAIMED, TicketState.SNOOZED)
VIEWS: Mapping[str, tuple[TicketState, ...]] = {
    "waiting": (TicketState.WAITING,),
    "mine": (TicketState.CLAIMED, TicketState.SNOOZED),
    "all": _OPEN,
    "resolved": (TicketState.RESOLVED,),
}

Json = dict[str, Any]
# One verb: the ticket's name, who does it, and the body of the request.
Verb = Callable[[str, Act, Json], Awaitable[Ticket]]


@dataclass(frozen=True, slots=True)
class DeskDoor:
    """What the routes are served with.

    `secure`: the page is reached over https, and its cookie goes nowhere else. `set_away` (name, away=) tells the floor.
    `goals` flag tickets.
    """

    desk: Desk
    tickets: Tickets
    accounts: Accounts
    doorkeeper: Doorkeeper
    photos: Photos
    clock: Clock
    canned: Sequence[Mapping[str, Mapping[str, str]]]
    secure: bool
    set_away: Callable[..., None]
    goals: Goals

    def due(self, ticket: Ticket) -> Due | None:
        """The goal of a ticket that is near or missed now."""
        return self.goals.due(ticket, self.clock.now())

    def body(self, ticket: Ticket) -> Json:
        """A ticket as it is now, for a page."""
        return ticket_body(ticket, self.due(ticket))


def desk_router(door: DeskDoor) -> APIRouter:
    """The routes under /desk/api. They serve the desk's own page and may change with it."""
    router = APIRouter(prefix="/desk/api", include_in_schema=False)
    _entrance(router, door)
    _looking(router, door)
    verbs = _verbs(door)

    @router.post("/tickets/{name}/{verb}")
    async def act(request: Request, name: str, verb: str) -> Response:
        member = await member_of(request, door.doorkeeper)
        if verb not in verbs:
            raise BadRequest("is no verb.", key="verb", value=verb, remedy=f"Known: {', '.join(verbs)}.", status=404)
        body = parse_object(await read_body(request, MAX_BODY))
        try:
            ticket = await verbs[verb](name, Act(member, _own_id(body)), body)
        except Refused as refused:
            raise _problem(refused) from refused
        return _json({"ticket": door.body(ticket)})

    return router


def _entrance(router: APIRouter, door: DeskDoor) -> None:
    @router.post("/login")
    async def login(request: Request) -> Response:
        refuse_others(request)
        body = parse_object(await read_body(request, MAX_BODY))
        name, password = optional_text(body.get("name"), "name"), optional_text(body.get("password"), "password")
        address = request.client.host if request.client else ""
        try:
            token = await door.doorkeeper.log_in(name, password, address)
        except LoginRefused as refused:
            raise BadRequest(refused.what, key="login", remedy=refused.remedy, status=refused.status) from refused
        answer = _json({"name": name})
        seconds = int(door.doorkeeper.lasts.total_seconds())
        answer.set_cookie(COOKIE, token, seconds, path="/desk", secure=door.secure, httponly=True, samesite="lax")
        return answer

    @router.post("/logout")
    async def logout(request: Request) -> Response:
        refuse_others(request)
        await door.doorkeeper.log_out(request.cookies.get(COOKIE, ""))
        answer = _json({})
        answer.delete_cookie(COOKIE, path="/desk", secure=door.secure, httponly=True, samesite="lax")
        return answer

    @router.get("/me")
    async def me(request: Request) -> Response:
        member = await door.doorkeeper.who(request.cookies.get(COOKIE, ""))
        if member is None:  # no fault: the page asks whether to show the login
            return _json({"name": ""})
        colleagues = [one.name for one in await door.accounts.staff() if one.role is not Role.HOST]
        known = {"name": member.name, "role": member.role.value, "away": member.work.away, "most": member.work.most}
        return _json({**known, "staff": colleagues, "canned": door.canned})

    @router.post("/away")
    async def away(request: Request) -> Response:
        member = await member_of(request, door.doorkeeper)
        value = parse_object(await read_body(request, MAX_BODY)).get("away")
        if not isinstance(value, bool):
            raise BadRequest("must be true or false.", key="away", value=value, remedy='Send {"away": true}.')
        await door.accounts.set_work(member.name, replace(member.work, away=value))
        door.set_away(member.name, away=value)
        return _json({"away": value})


def _looking(router: APIRouter, door: DeskDoor) -> None:
    @router.get("/tickets")
    async def inbox(request: Request, view: str = "waiting", words: str = "") -> Response:
        member = await member_of(request, door.doorkeeper)
        if view not in VIEWS:
            raise BadRequest("is no view.", key="view", value=view, remedy=f"Known: {', '.join(VIEWS)}.")
        assignee = member.name if view == "mine" else ""
        search = optional_text(words, "words", MAX_NAME).strip()
        found = await door.tickets.tickets(VIEWS[view], assignee=assignee, words=search)
        if view == "waiting":  # what is offered to the agent, then whoever waits longest
            found.sort(key=lambda ticket: (ticket.offered_to != member.name, ticket.opened_at))
        found.sort(key=lambda ticket: urgency(door.due(ticket)))  # what is missed or near comes first everywhere
        counts = await _counts(door.tickets, member.name)
        return _json({"tickets": [door.body(ticket) for ticket in found], "counts": counts})

    @router.get("/numbers")
    async def numbers_of(request: Request, days: int = 30) -> Response:
        await member_of(request, door.doorkeeper)
        if not 1 <= days <= MAX_DAYS:
            raise BadRequest("is no period.", key="days", value=days, remedy=f"Give days, from 1 to {MAX_DAYS}.")
        now = door.clock.now()
        since = now - timedelta(days=days)
        found = numbers(await door.tickets.happened(KINDS, since), since, now + timedelta(seconds=1))
        return _json({"days": days, "numbers": [{"agent": agent, **asdict(one)} for agent, one in found.items()]})

    @router.get("/tickets/{name}")
    async def conversation(request: Request, name: str) -> Response:
        await member_of(request, door.doorkeeper)
        try:
            ticket, turns, events = await door.desk.conversation(name)
        except Refused as refused:
            raise _problem(refused) from refused
        return _json({"ticket": door.body(ticket), "timeline": timeline(turns, events)})

    @router.get("/tickets/{name}/draft")
    async def draft(request: Request, name: str) -> Response:
        await member_of(request, door.doorkeeper)
        try:
            return _json({"draft": await door.desk.draft(name)})
        except Refused as refused:
            raise _problem(refused) from refused

    @router.get("/photos/{digest}")
    async def photo(request: Request, digest: str, media_type: str = "image/jpeg") -> Response:
        await member_of(request, door.doorkeeper)
        if media_type not in MEDIA_TYPES:
            raise BadRequest("is no picture.", key="media_type", value=media_type, remedy="Use the conversation's own.")
        data = await door.photos.read(Photo(digest, media_type))
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400"}
        return Response(data, media_type=media_type, headers=headers)


async def _counts(tickets: Tickets, agent: str) -> dict[str, int]:
    """How many wait, how many are the agent's own, and in how many of both the customer wrote something unseen."""
    return {
        "waiting": await tickets.count(VIEWS["waiting"]),
        "mine": await tickets.count(VIEWS["mine"], assignee=agent),
        "unread": await tickets.count(VIEWS["waiting"], unread=True)
        + await tickets.count(VIEWS["mine"], assignee=agent, unread=True),
    }


def _verbs(door: DeskDoor) -> Mapping[str, Verb]:
    desk = door.desk

    async def assign(name: str, act: Act, body: Json) -> Ticket:
        return await desk.assign(name, act, await _colleague(door.accounts, body.get("to")))

    async def snooze(name: str, act: Act, body: Json) -> Ticket:
        return await desk.snooze(name, act, door.clock.now() + timedelta(minutes=_minutes(body.get("minutes"))))

    return {
        "claim": lambda name, act, body: desk.claim(name, act),
        "release": lambda name, act, body: desk.release(name, act),
        "assign": assign,
        "snooze": snooze,
        "resolve": lambda name, act, body: desk.resolve(name, act),
        "back": lambda name, act, body: desk.give_back(name, act),
        "reply": lambda name, act, body: desk.reply(name, act, message_text(body.get("text"), "text")),
        "note": lambda name, act, body: desk.note(name, act, message_text(body.get("text"), "text")),
        "tag": lambda name, act, body: desk.tag(name, act, _tags(body.get("tags"))),
        "priority": lambda name, act, body: desk.prioritise(name, act, _priority(body.get("priority"))),
        "read": lambda name, act, body: desk.read(name, act),
    }


async def _colleague(accounts: Accounts, value: Any) -> str:
    found: Staff | None = await accounts.member(optional_text(value, "to"))
    if found is None or found.role is Role.HOST:
        raise BadRequest("is nobody at the desk.", key="to", value=value, remedy="Name a colleague.")
    return found.name


def _minutes(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_SNOOZE_MINUTES:
        remedy = f"Give whole minutes, from 1 to {MAX_SNOOZE_MINUTES}."
        raise BadRequest("is no time to put it off.", key="minutes", value=value, remedy=remedy)
    return value


def _priority(value: Any) -> Priority:
    if value not in list(Priority):
        remedy = f"Known: {', '.join(Priority)}."
        raise BadRequest("is no priority.", key="priority", value=value, remedy=remedy)
    return Priority(value)


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadRequest("must be a list.", key="tags", value=value, remedy='Send ["…"].')
    tags = (optional_text(tag, "tags", 40).strip() for tag in value)
    return tuple(tag for tag in tags if tag)


def _own_id(body: Json) -> str:
    value = optional_text(body.get("id"), "id", 64)
    if not value:
        raise BadRequest("is missing.", key="id", remedy="Give every act an id of its own, such as a UUID.")
    return value


def _problem(refused: Refused) -> BadRequest:
    status = 404 if refused.code == "unknown" else 409
    return BadRequest(refused.what, key=refused.code, remedy=refused.remedy, status=status)


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers={"Cache-Control": "no-store"})
