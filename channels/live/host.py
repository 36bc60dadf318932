"""The host's console: the WebSocket /live/{room}/host. See docs/live-protocol.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import uuid4

from fastapi import APIRouter
from starlette.websockets import WebSocket

from bot.errors import BadInput, ChannelUnavailable, StreamdeskError, Unavailable
from bot.stage import Act, Stage
from channels.common.limiting import address_of, refuse_excess
from channels.common.origin import is_same_origin
from channels.common.problems import BadRequest
from channels.common.reading import message_text, optional_text, refuse_unknown
from channels.common.sockets import (
    POLICY_VIOLATION,
    TRY_AGAIN_LATER,
    Connection,
    frame,
    frame_id,
    hello_of,
    read_frames,
    refusal,
)
from channels.live.answers import Mode
from channels.live.room import Room
from channels.live.socket import LiveDoor
from channels.live.taking import Push

# The longest answer in the host's own words, and the longest text for the virtual host to say.
MAX_ANSWER, MAX_SAID = 500, 200
E = TypeVar("E", bound=StrEnum)
_FIELDS = {
    "approve": ("type", "id", "answer", "text"),
    "veto": ("type", "id", "answer"),
    "show": ("type", "id", "comment"),
    "dismiss": ("type", "id", "question"),
    "mode": ("type", "id", "mode"),
    "stage": ("type", "id", "act"),
    "say": ("type", "id", "text"),
}


def host_router(door: LiveDoor) -> APIRouter:
    """The WebSocket /live/{room}/host."""
    router = APIRouter(prefix="/live")

    @router.websocket("/{room}/host")
    async def host(socket: WebSocket, room: str) -> None:
        await socket.accept()
        connection = Connection(socket)
        await connection.serve(_serve(socket, connection, door, room))

    return router


async def _serve(socket: WebSocket, connection: Connection, door: LiveDoor, name: str) -> None:
    frames = read_frames(socket, connection)
    hello = await hello_of(frames, connection)
    if hello is None:
        return
    try:
        await refuse_excess(door.limits, "sockets", address_of(socket))  # secrets are guessed no faster than this
        _let_in(hello, door, same_origin=is_same_origin(socket.headers))
        room = await door.rooms.enter(name)
    except StreamdeskError as error:
        connection.end(TRY_AGAIN_LATER if isinstance(error, Unavailable) else POLICY_VIOLATION, str(error))
        return
    connection.push(frame("welcome", room=name, now=door.clock.now().isoformat(), host=door.host_control))
    room.join_host(connection)
    try:
        async for received in frames:
            await _ask(received, name, connection.push, door)
    finally:
        door.rooms.at(name).leave_host(connection)


def _let_in(hello: dict[str, Any], door: LiveDoor, *, same_origin: bool) -> None:
    """Raises BadRequest for who is not the host, and for the page of another site."""
    if hello.get("type") != "hello":
        raise BadRequest("must be 'hello'.", key="type", value=hello.get("type"), remedy="Say hello first.")
    refuse_unknown(hello, ("type", "token"))
    if not same_origin:
        raise BadRequest("is another site.", key="origin", remedy="Use the console of this service.", status=403)
    if not door.is_host(optional_text(hello.get("token"), "token")):
        remedy = "Give the host's secret; the service has it in STREAMDESK_HOST_SECRET."
        raise BadRequest("only the host may come in.", key="token", remedy=remedy, status=403)


async def _ask(received: dict[str, Any], name: str, push: Push, door: LiveDoor) -> None:
    """Have the room do what the host wants, at whichever process it is."""
    if received.get("type") == "ping":
        push(frame("pong"))
        return
    question = {"kind": "host", "id": uuid4().hex, "received": received}
    try:
        place = door.rooms.at(name)
        if isinstance(place, Room) and door.rooms.has(name):
            await take_host(received, place, push, door)
        elif isinstance(place, Room) or not await door.rooms.ask(place, push, question):
            raise ChannelUnavailable("the process that has the room does not answer; look at what the console shows")
    except Unavailable as error:
        given = received.get("id")
        push(refusal(error, given if isinstance(given, str) else ""))


async def take_host(received: dict[str, Any], room: Room, push: Push, door: LiveDoor) -> None:
    """Do what the host wants in a room that this process has, and push what became of it."""
    kind = received.get("type")
    try:
        if kind not in _FIELDS:
            known = ", ".join((*_FIELDS, "ping"))
            raise BadRequest(f"unknown frame {kind!r}.", key="type", value=kind, remedy=f"Known: {known}.")
        refuse_unknown(received, _FIELDS[kind])
        request_id = frame_id(received)
        if kind == "say":
            await _say(received, room, door)
        else:
            _do(kind, received, room, door.clock.now())
    except Unavailable as error:
        push(refusal(error, request_id))
        return
    except BadRequest as error:
        given = received.get("id")
        push(refusal(error, given if isinstance(given, str) else ""))
        return
    push(frame("accepted", id=request_id))
    room.show_hosts()


def _do(kind: str, received: dict[str, Any], room: Room, now: datetime) -> None:
    match kind:
        case "mode":
            room.answers.set_mode(_one_of(Mode, received.get("mode"), "mode"), now)
        case "approve":
            text = optional_text(received.get("text"), "text", MAX_ANSWER).strip()
            _known(received, "answer", lambda name: room.answers.approve(name, now, text))
        case "veto":
            _known(received, "answer", lambda name: room.answers.veto(name, now))
        case "show":
            _known(received, "comment", room.show_hidden)
        case "stage":
            _stage(room).act(_one_of(Act, received.get("act"), "act"))
        case _:
            _known(received, "question", room.notes.unanswered.pop)
    room.touched = True
    room.tell_due()


def _known(received: dict[str, Any], key: str, act: Callable[[str], object]) -> None:
    """Do it to what the frame names. Raises BadRequest where it is not there, or not any more."""
    name = optional_text(received.get(key), key)
    try:
        act(name)
    except KeyError:
        raise BadRequest(
            "is not there, or settled.", key=key, value=name, remedy="Look at what the console shows now."
        ) from None


async def _say(received: dict[str, Any], room: Room, door: LiveDoor) -> None:
    """Have the virtual host say the host's words. Raises BadRequest for what the room would hide, or the stage not say."""
    stage = _stage(room)
    text = message_text(received.get("text"), "text", limit=MAX_SAID)
    hidden = (await door.intake.judge.judge(text)).hidden if door.intake.judge else None
    if hidden is not None:
        raise BadRequest(f"is not fit to be said ({hidden}).", key="text", remedy="Say it in other words.")
    try:
        stage.say(text)
    except BadInput as error:
        raise BadRequest(error.what, key="text", remedy=error.remedy) from error
    room.host_said(text)


def _stage(room: Room) -> Stage:
    if room.stage is None:
        raise BadRequest("the room has no stage.", key="type", remedy="Switch on channels.stage for this room.", status=404)
    return room.stage


def _one_of(kind: type[E], given: Any, key: str) -> E:
    """Raises BadRequest for what is none."""
    try:
        return kind(given)
    except ValueError:
        known = ", ".join(kind)
        raise BadRequest(f"unknown {key}.", key=key, value=given, remedy=f"Known: {known}.") from None
