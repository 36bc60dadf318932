"""The door of a live room: /live/{room}/ws for viewers, /live/{room}/screen for the host. See docs/live-protocol.md."""

from __future__ import annotations

import asyncio
import hmac
import math
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.websockets import WebSocket

from bot.errors import StreamdeskError, Unavailable
from bot.ports import Clock, Limits, Receiver
from bot.types import ConversationKey
from channels.common.limiting import address_of, refuse_excess
from channels.common.problems import BadRequest, TooMany, problem_responses
from channels.common.reading import message_text, optional_text, parse_object, read_body, refuse_unknown
from channels.common.sockets import (
    POLICY_VIOLATION,
    TRY_AGAIN_LATER,
    Allowance,
    Connection,
    frame,
    frame_id,
    hello_of,
    personal_token,
    read_frames,
    refusal,
)
from channels.live.frames import digest
from channels.live.intake import MAX_BEHIND_S, MAX_COMMENT, MAX_NAME, Intake, Speaker, Spoken, guest_name
from channels.live.openapi import SCREEN_EXAMPLES
from channels.live.room import Room
from channels.live.rooms import CHANNEL, Place, Rooms
from channels.live.taking import Taking
from channels.live.telling import hand_over

# What one viewer may say: a few comments at once, then one in two seconds.
BURST = 5
EVERY_S = 2.0
_HELLO = frozenset({"type", "viewer", "name", "locale", "customer_token"})
_COMMENT = frozenset({"type", "id", "text", "behind_s"})


@dataclass(frozen=True, slots=True)
class LiveDoor:
    """What the rooms are served with.

    `host_secret` is the bearer token of the host's control, and where there is one it is always asked for. Without one the
    control is closed, unless `open_host` says that everybody may use it (the demo on one's own machine). `sells`: what is on
    the shelf can be bought, in the private chat.
    """

    receiver: Receiver
    intake: Intake
    rooms: Rooms
    clock: Clock
    limits: Limits
    host_secret: str = ""
    open_host: bool = False
    sells: bool = False

    @property
    def taking(self) -> Taking:
        """Where comments go."""
        return Taking(self.rooms, self.intake, self.clock)

    @property
    def host_control(self) -> Literal["token", "open", "closed"]:
        """Who may use the host's control: who has the secret, everybody, or nobody."""
        if self.host_secret:
            return "token"
        return "open" if self.open_host else "closed"

    def is_host(self, given: str) -> bool:
        """Whether who gives this as the host's secret may use the control."""
        if self.host_control == "token":
            return hmac.compare_digest(given.encode(), self.host_secret.encode())
        return self.host_control == "open"


def live_router(door: LiveDoor) -> APIRouter:
    """The WebSocket /live/{room}/ws and POST /live/{room}/screen."""
    router = APIRouter(prefix="/live", tags=["Live room"])

    @router.websocket("/{room}/ws")
    async def watch(socket: WebSocket, room: str) -> None:
        await socket.accept()
        connection = Connection(socket)
        await connection.serve(_Seat(socket, connection, door).run(room))

    @router.post(
        "/{room}/screen",
        summary="Put a product on screen",
        openapi_extra=SCREEN_EXAMPLES,
        responses=problem_responses(403, 404, 422, 429, 503),
    )
    async def screen(room: str, request: Request) -> dict[str, Any]:
        """For the host: `{"product_id": "P1001"}`, or null for none. Needs `Authorization: Bearer SECRET`."""
        await authorise(request, door)
        body = parse_object(await read_body(request, 4_096))
        refuse_unknown(body, ("product_id",))
        shown = await door.rooms.show(room, optional_text(body.get("product_id"), "product_id") or None)
        return {"room": room, "on_screen": shown}

    return router


async def authorise(request: Request, door: LiveDoor) -> None:
    """Raises BadRequest for who is not the host, and TooMany: secrets are guessed no faster than that."""
    await refuse_excess(door.limits, "sockets", address_of(request))
    if door.is_host(request.headers.get("authorization", "").removeprefix("Bearer ")):
        return
    remedy = "Send the host's secret as a bearer token; the service has it in STREAMDESK_HOST_SECRET."
    raise BadRequest("only the host may do this.", key="authorization", remedy=remedy, status=403)


class _Seat:
    """One viewer's connection."""

    def __init__(self, socket: WebSocket, connection: Connection, door: LiveDoor) -> None:
        self._socket = socket
        self._connection = connection
        self._door = door
        self._allowance = Allowance(BURST, EVERY_S)
        self._address = address_of(socket)

    async def run(self, room_name: str) -> None:
        frames = read_frames(self._socket, self._connection)
        hello = await hello_of(frames, self._connection)
        if hello is None:
            return
        try:
            name = self._greet(hello)
            await refuse_excess(self._door.limits, "sockets", self._address, self._locale)
            room = await self._door.rooms.enter(room_name)
            self._name = await self._door.intake.fit_to_show(name or room.name_of(self._tag), self._guest)
        except TooMany as error:
            await self._socket.send_text(refusal(error))
            self._connection.end(TRY_AGAIN_LATER, error.text)
            return
        except StreamdeskError as error:
            code = TRY_AGAIN_LATER if isinstance(error, Unavailable) else POLICY_VIOLATION
            self._connection.end(code, str(error))
            return
        self._key = ConversationKey(CHANNEL, room_name, self._token)
        seat = {"viewer": self._token, "tag": self._tag, "name": self._name, "host": self._door.host_control}
        room.join(self._token, self._connection, {**seat, "sells": self._door.sells})
        replay = asyncio.create_task(self._replay(room))
        try:
            async for received in frames:
                await self._take(received)
        finally:
            replay.cancel()
            self._room.leave(self._token, self._connection)

    @property
    def _room(self) -> Place:
        """The room, of this process or another: that may change while the viewer is here."""
        return self._door.rooms.at(self._key.room)

    def _greet(self, hello: dict[str, Any]) -> str:
        """Takes the hello; returns the name that it gives."""
        if hello.get("type") != "hello":
            raise BadRequest("must be 'hello'.", key="type", value=hello.get("type"), remedy="Say hello first.")
        refuse_unknown(hello, _HELLO)
        self._token = personal_token(hello.get("viewer"))
        self._tag = digest(self._token)
        self._locale = optional_text(hello.get("locale"), "locale") or None
        self._customer_token = optional_text(hello.get("customer_token"), "customer_token", 4_000) or None
        self._guest = guest_name(self._tag, self._locale)
        name = " ".join(optional_text(hello.get("name"), "name", MAX_NAME).split())
        return self._door.intake.masked(name)

    async def _replay(self, room: Place) -> None:
        """Hand over private replies that waited while the viewer was away."""
        try:
            await hand_over(self._door.receiver, room, self._key)
        except StreamdeskError as error:
            self._connection.push(refusal(error))

    async def _take(self, received: dict[str, Any]) -> None:
        message_id = received.get("id")
        name = message_id if isinstance(message_id, str) else ""
        try:
            match received.get("type"):
                case "comment":
                    await self._comment(received)
                case "received":
                    self._room.hub.confirm(self._token, name)
                case "ping":
                    self._connection.push(frame("pong"))
                case other:
                    raise BadRequest(
                        f"unknown frame {other!r}.", key="type", value=other, remedy="Known: comment, received, ping."
                    )
        except StreamdeskError as error:
            self._connection.push(refusal(error, name))

    async def _comment(self, received: dict[str, Any]) -> None:
        refuse_unknown(received, _COMMENT)
        message_id = frame_id(received)
        text = message_text(received.get("text"), "text", limit=MAX_COMMENT)
        behind = _behind(received.get("behind_s"))
        room = self._room
        if isinstance(room, Room) and room.known.repeated(self._token, message_id):
            self._connection.push(frame("accepted", id=message_id, repeat=True))
            return
        wait = self._allowance.take(time.monotonic())
        if wait:
            raise TooMany("comment", math.ceil(wait), self._locale)
        await refuse_excess(self._door.limits, "chat", self._address, self._locale)
        speaker = Speaker(self._token, self._name, self._locale, self._customer_token, self._address)
        said = Spoken(message_id, text, self._door.clock.now() - behind)
        await self._door.taking.comment(room.name, speaker, said, self._connection.push)


def _behind(value: Any) -> timedelta:
    if value is None:
        return timedelta()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_BEHIND_S:
        raise BadRequest(
            "must be seconds.", key="behind_s", value=value, remedy=f"Send a number from 0 to {MAX_BEHIND_S:.0f}."
        )
    return timedelta(seconds=value)
