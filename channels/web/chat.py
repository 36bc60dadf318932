"""Private chat: one WebSocket a page, and photos by upload. The protocol is in docs/live-protocol.md.

A person is a random token made here at the first connection and kept by the page; who does not have it sees nothing.
Messages are kept before they are acknowledged; replies come through the outbox and wait there until the page has confirmed
them.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.websockets import WebSocket

from bot.commerce import Product
from bot.desk import History
from bot.errors import BadInput, ChannelUnavailable, StreamdeskError, Unavailable, Undeliverable
from bot.ports import Clock, Limits, Photos, Receiver
from bot.types import Context, ConversationKey, Delivery, Message, Photo, ToCustomer
from channels.common.limiting import address_of, refuse_excess
from channels.common.photos import MAX_PHOTO, keep_photo
from channels.common.problems import BadRequest, TooMany, problem_responses
from channels.common.reading import MAX_TEXT, message_text, optional_text, refuse_unknown
from channels.common.rendering import picture_url, reply_body
from channels.common.sockets import (
    POLICY_VIOLATION,
    TRY_AGAIN_LATER,
    Allowance,
    Connection,
    Hub,
    frame,
    frame_id,
    hello_of,
    personal_token,
    read_frames,
    refusal,
)
from channels.web.earlier import TURNS, said_earlier
from channels.web.openapi import PHOTO_UPLOAD

CHANNEL = "web"
# What one page may send: a few messages at once, then one a second.
BURST = 8
EVERY_S = 1.0
MAX_PHOTOS = 4
_HELLO = frozenset({"type", "user", "locale", "room", "product", "customer_token", "history"})
_MESSAGE = frozenset({"type", "id", "text", "photos", "locale"})


# The product of an id, None where the shop has none.
ProductReader = Callable[[str], Awaitable[Product | None]]


@dataclass(frozen=True, slots=True)
class ChatDoor:
    """What the chat pages are served with. `hub` is the one that ChatSender delivers to."""

    receiver: Receiver
    photos: Photos
    clock: Clock
    hub: Hub
    limits: Limits
    product: ProductReader
    history: History
    sells: bool = False


class ChatSender:
    """`Sender` of the web channel: to the person's open pages; who is away finds everything on coming back."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def is_near(self, key: ConversationKey) -> bool:
        """Whether the person has a page open at this process."""
        return self._hub.is_connected(key.user)

    async def send(self, delivery: Delivery) -> None:
        """Deliver to the pages and wait for one to confirm. Raises ChannelUnavailable when nobody does."""
        if not isinstance(delivery.body, ToCustomer):
            raise Undeliverable("the web channel delivers replies to customers only")
        await self._hub.deliver(delivery.key.user, delivery.id, _reply_frame(delivery, delivery.body))


def _reply_frame(delivery: Delivery, body: ToCustomer) -> str:
    return frame("reply", id=delivery.id, **reply_body(body.reply))


def chat_router(door: ChatDoor) -> APIRouter:
    """The WebSocket /chat/ws and POST /chat/photos."""
    router = APIRouter(tags=["Private chat"])

    @router.websocket("/chat/ws")
    async def chat(socket: WebSocket) -> None:
        await socket.accept()
        connection = Connection(socket)
        await connection.serve(_Page(socket, connection, door).run())

    @router.post(
        "/chat/photos", summary="Upload a photo", openapi_extra=PHOTO_UPLOAD, responses=problem_responses(413, 422, 429, 503)
    )
    async def upload(request: Request) -> dict[str, str]:
        """Keeps a picture and names it; put the answer into `photos` of the next message."""
        await refuse_excess(door.limits, "photos", address_of(request), request.headers.get("accept-language"))
        photo = await keep_photo(door.photos, await _uploaded(request))
        return {"digest": photo.digest, "media_type": photo.media_type}

    return router


async def _uploaded(request: Request) -> bytes:
    """The bytes of the form's field `photo`."""
    try:
        form = await MultiPartParser(request.headers, _limited(request), max_files=1, max_fields=1).parse()
    except (MultiPartException, KeyError) as error:
        raise _no_form(str(error)) from error
    try:
        return await _file_of(form)
    finally:
        await form.close()


async def _file_of(form: FormData) -> bytes:
    file = form.get("photo")
    if not isinstance(file, UploadFile):
        raise _no_form("no file in the field `photo`")
    return await file.read()


def _no_form(why: str) -> BadRequest:
    return BadRequest(
        f"is no upload of one file ({why}).", key="photo", remedy="Send multipart/form-data with the picture as `photo`."
    )


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_PHOTO + 64 * 1024:
            raise BadRequest("is larger than 8 MB.", key="photo", value=size, remedy="Send a smaller picture.", status=413)
        yield chunk


class _Page:
    """One connected page."""

    def __init__(self, socket: WebSocket, connection: Connection, door: ChatDoor) -> None:
        self._socket = socket
        self._connection = connection
        self._door = door
        self._allowance = Allowance(BURST, EVERY_S)
        self._address = address_of(socket)

    async def run(self) -> None:
        frames = read_frames(self._socket, self._connection)
        hello = await hello_of(frames, self._connection)
        if hello is None:
            return
        try:
            _only(hello, "hello", _HELLO)
            self._person = personal_token(hello.get("user"))
            self._locale = optional_text(hello.get("locale"), "locale") or None
            self._context = replace(_context(hello), origin=self._address)
            await refuse_excess(self._door.limits, "sockets", self._address, self._locale)
        except TooMany as error:
            await self._socket.send_text(refusal(error))
            self._connection.end(TRY_AGAIN_LATER, error.text)
            return
        except StreamdeskError as error:
            self._connection.end(POLICY_VIOLATION, str(error))
            return
        self._key = ConversationKey(CHANNEL, "", self._person)
        self._door.hub.join(self._person, self._connection)
        about = await self._about()
        self._connection.push(frame("welcome", user=self._person, about=about))
        if hello.get("history") is True:
            await self._hand_over_history()
        replay = asyncio.create_task(self._replay())
        try:
            async for received in frames:
                await self._take(received)
        finally:
            replay.cancel()
            self._door.hub.leave(self._person, self._connection)

    async def _about(self) -> dict[str, Any] | None:
        """The product that the page was opened for, in the shop's own words; whatever else the address says is nothing."""
        named = self._context.on_screen
        try:
            product = await self._door.product(named) if named else None
        except Unavailable:
            product = None
        if product is None or not product.active:
            self._context = replace(self._context, on_screen=None)
            return None
        name = {"zh": product.name.zh, "en": product.name.en}
        about = {"product_id": product.id, "name": name, "picture": picture_url(product.picture)}
        return {**about, "sells": True} if self._door.sells else about

    async def _hand_over_history(self) -> None:
        """What was said, to a page that has lost it. Only this person's own: their token is the proof."""
        try:
            turns = await self._door.history(self._key, TURNS)
        except Unavailable:
            return  # the page is as good as new, and its next message says what is wrong
        self._connection.push(frame("history", items=said_earlier(turns)))

    async def _replay(self) -> None:
        """Hand over what waited while nobody was connected."""
        try:
            for delivery in await self._door.receiver.collect(self._key):
                if isinstance(delivery.body, ToCustomer):
                    await self._door.hub.deliver(self._person, delivery.id, _reply_frame(delivery, delivery.body))
                    await self._door.receiver.delivered([delivery])
        except ChannelUnavailable:
            return  # the page left again; it will be back
        except StreamdeskError as error:
            self._connection.push(refusal(error))

    async def _take(self, received: dict[str, Any]) -> None:
        message_id = received.get("id")
        name = message_id if isinstance(message_id, str) else ""
        try:
            match received.get("type"):
                case "message":
                    await self._accept(received)
                case "received":
                    self._door.hub.confirm(self._person, name)
                case "ping":
                    self._connection.push(frame("pong"))
                case other:
                    raise BadRequest(
                        f"unknown frame {other!r}.", key="type", value=other, remedy="Known: message, received, ping."
                    )
        except StreamdeskError as error:
            self._connection.push(refusal(error, name))

    async def _accept(self, received: dict[str, Any]) -> None:
        message = await self._message(received)
        wait = self._allowance.take(time.monotonic())
        if wait:
            raise TooMany("message", math.ceil(wait), message.locale)
        await refuse_excess(self._door.limits, "chat", self._address, message.locale)
        new = await self._door.receiver.accept(message)
        self._connection.push(frame("accepted", id=message.id, repeat=not new))

    async def _message(self, received: dict[str, Any]) -> Message:
        _only(received, "message", _MESSAGE)
        photos = await _named_photos(self._door.photos, received.get("photos"))
        return Message(
            id=frame_id(received),
            key=self._key,
            text=message_text(received.get("text"), "text", has_photo=bool(photos)),
            sent_at=self._door.clock.now(),
            photos=photos,
            locale=optional_text(received.get("locale"), "locale") or self._locale,
            context=self._context,
        )


def _only(received: dict[str, Any], kind: str, known: frozenset[str]) -> None:
    if received.get("type") != kind:
        raise BadRequest(f"must be {kind!r}.", key="type", value=received.get("type"), remedy=f"Send a {kind} first.")
    refuse_unknown(received, known)


def _context(hello: dict[str, Any]) -> Context:
    room = optional_text(hello.get("room"), "room")
    return Context(
        on_screen=optional_text(hello.get("product"), "product") or None,
        customer_token=optional_text(hello.get("customer_token"), "customer_token", MAX_TEXT) or None,
        metadata={"room": room} if room else {},
    )


async def _named_photos(photos: Photos, value: Any) -> tuple[Photo, ...]:
    """The uploaded photos that a message names, each proven to be kept here."""
    if not value:
        return ()
    if not isinstance(value, list) or len(value) > MAX_PHOTOS:
        raise BadRequest(f"must be a list of at most {MAX_PHOTOS}.", key="photos", value=value, remedy="Send fewer.")
    named = []
    for item in value:
        if not isinstance(item, dict) or not all(isinstance(item.get(part), str) for part in ("digest", "media_type")):
            raise BadRequest("is no photo.", key="photos", value=item, remedy="Use the answers of POST /chat/photos.")
        photo = Photo(item["digest"], item["media_type"])
        try:
            await photos.read(photo)
        except BadInput as error:
            raise BadRequest("is not kept here.", key="photos", value=item["digest"], remedy="Upload it again.") from error
        named.append(photo)
    return tuple(named)
