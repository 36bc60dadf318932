"""The WebSocket of a desk page, /desk/ws: what changed is told as it changes; what an agent does goes over HTTP.

page:   {"type": "hello"}  {"type": "active"}  {"type": "ping"}
server: {"type": "welcome", "name", "here", "away"}  {"type": "ticket", "ticket"}  {"type": "presence", "here", "away"}
        {"type": "due", "ticket"}  {"type": "pong"}
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.websockets import WebSocket

from bot.desk import Staff
from bot.errors import StreamdeskError
from channels.common.origin import is_same_origin
from channels.common.problems import BadRequest
from channels.common.sockets import POLICY_VIOLATION, TRY_AGAIN_LATER, Connection, frame, read_frames, refusal
from channels.desk.accounts import Doorkeeper
from channels.desk.entrance import COOKIE
from channels.desk.floor import Floor

# How often an open page's session is looked at again, in seconds.
LOOK_S = 30.0


def socket_router(doorkeeper: Doorkeeper, floor: Floor) -> APIRouter:
    """The WebSocket /desk/ws."""
    router = APIRouter()

    @router.websocket("/desk/ws")
    async def desk(socket: WebSocket) -> None:
        await socket.accept()
        connection = Connection(socket)
        await connection.serve(_serve(socket, connection, doorkeeper, floor))

    return router


async def _serve(socket: WebSocket, connection: Connection, doorkeeper: Doorkeeper, floor: Floor) -> None:
    token = socket.cookies.get(COOKIE, "")
    try:
        member = await doorkeeper.who(token) if is_same_origin(socket.headers) else None
    except StreamdeskError as error:
        connection.end(TRY_AGAIN_LATER, str(error))
        return
    if member is None:
        connection.end(POLICY_VIOLATION, "log in first")
        return
    floor.join(member.name, connection, away=member.work.away)
    watch = asyncio.create_task(_watch(connection, doorkeeper, token))
    try:
        async for received in read_frames(socket, connection):
            _take(received.get("type"), member, connection, floor)
    finally:
        watch.cancel()
        floor.leave(member.name, connection)


async def _watch(connection: Connection, doorkeeper: Doorkeeper, token: str) -> None:
    """A session that is over takes its page with it. A database that does not answer ends nobody's session."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            if await doorkeeper.who(token) is None:
                connection.end(POLICY_VIOLATION, "the session is over")
        except StreamdeskError:
            continue


def _take(kind: object, member: Staff, connection: Connection, floor: Floor) -> None:
    match kind:
        case "hello":
            connection.push(frame("welcome", name=member.name, here=floor.here(), away=floor.away()))
        case "active":
            floor.touched(member.name)
        case "ping":
            connection.push(frame("pong"))
        case other:
            remedy = "Known: hello, active, ping."
            connection.push(refusal(BadRequest(f"unknown frame {other!r}.", key="type", value=other, remedy=remedy)))
