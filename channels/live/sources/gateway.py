"""What `source: webhook` does: POST /live/webhook/NAME in, POSTs to the gateway out. See docs/live-sources.md."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections import Counter
from typing import Any, Final

import httpx
import orjson
from fastapi import APIRouter
from starlette.requests import Request

from bot.errors import BadInput, ChannelUnavailable, Undeliverable
from bot.live import Health, Inlet, PublicLine, ViewerComment
from bot.ports import Clock
from channels.common.problems import BadRequest, TooMany, problem_responses
from channels.common.reading import read_body
from channels.common.sockets import Allowance
from channels.live.sources.items import Batch, noun, read_batch
from channels.live.sources.signing import check, signed

# The largest body, in bytes.
MAX_BODY: Final = 256 * 1024
# Batches by whose ids a repeat is known.
REMEMBERED: Final = 1_000
# Batches that may come at once.
BURST: Final = 20


class Numbers:
    """The numbers of batches: what was left out is lost, unless it comes late; a smaller one that was not begins anew."""

    def __init__(self) -> None:
        self.lost = 0
        self._next: int | None = None
        self._missing: set[int] = set()

    def came(self, number: int) -> None:
        """The batch of this number came."""
        if number in self._missing:
            self._missing.remove(number)
            self.lost -= 1
            return
        if self._next is not None and number > self._next:
            self.lost += number - self._next
            self._missing.update(range(max(self._next, number - REMEMBERED), number))
        elif self._next is not None and number < self._next:
            self._missing.clear()
        self._next = number + 1


class Gateway:
    """`LiveSource` of one gateway. It is connected once it has sent something that is signed."""

    def __init__(self, name: str, secret: str, clock: Clock, batches_a_minute: int) -> None:
        self.name = name
        self.health = Health()
        self._secret = secret
        self._clock = clock
        self._allowance = Allowance(BURST, 60 / batches_a_minute)
        self._inlet: Inlet | None = None
        self._taken: dict[str, str] = {}
        self._numbers = Numbers()
        self._turn = asyncio.Lock()

    async def run(self, inlet: Inlet) -> None:
        """The gateway comes to us: there is nothing to do but to be there."""
        self._inlet = inlet
        try:
            await asyncio.Event().wait()
        finally:
            self._inlet = None

    async def take(self, request: Request) -> dict[str, Any]:
        """Take a request. Raises BadRequest (400, 401, 409, 413), TooMany, and Unavailable: it is to be sent again."""
        body = await read_body(request, MAX_BODY)
        check(self._secret, request.headers, body, self._clock.now().timestamp())
        async with self._turn:
            wait = self._allowance.take(time.monotonic())
            if wait:
                raise TooMany("batches", math.ceil(wait), "en")
            batch = read_batch(body)
            digest = hashlib.sha256(body).hexdigest()
            known = self._taken.get(batch.id)
            if known is not None and known != digest:
                remedy = "Give every batch an id of its own; send the same bytes when you repeat one."
                raise BadRequest("was another batch's.", key="id", value=batch.id, remedy=remedy, status=409)
            if known is not None:
                self.health.doubled += len(batch.items)
                return _answer(batch, doubled=len(batch.items))
            if self._inlet is None:
                raise ChannelUnavailable("the service is starting or stopping")
            answer = await self._into(self._inlet, batch)
            self._remember(batch, digest)
            return answer

    async def _into(self, inlet: Inlet, batch: Batch) -> dict[str, Any]:
        """Each item by itself: what was taken before is taken for a repeat, so that a batch that broke off is sent again."""
        now, counts = self._clock.now(), Counter[str]()
        if self.health.connected_at is None:
            self.health.connected(now)
        self.health.heard_at = now
        for item in batch.items:
            one = noun(item, now)
            try:
                new = await (inlet.comment(one) if isinstance(one, ViewerComment) else inlet.event(one))
            except BadInput:
                counts["refused"] += 1  # it would be as bad the next time, and hold up all others
                continue
            counts["taken" if new else "doubled"] += 1
        return _answer(batch, **counts)

    def _remember(self, batch: Batch, digest: str) -> None:
        self._taken[batch.id] = digest
        if len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]
        if batch.sequence is not None:
            self._numbers.came(batch.sequence)
            self.health.lost = self._numbers.lost


def _answer(batch: Batch, *, taken: int = 0, doubled: int = 0, refused: int = 0) -> dict[str, Any]:
    return {"id": batch.id, "taken": taken, "doubled": doubled, "refused": refused}


def gateway_router(gateway: Gateway) -> APIRouter:
    """POST /live/webhook/NAME."""
    router = APIRouter(tags=["Live room"])

    @router.post(
        f"/live/webhook/{gateway.name}",
        status_code=202,
        summary="Comments and events of a platform",
        responses=problem_responses(400, 401, 409, 413, 429, 503),
    )
    async def webhook(request: Request) -> dict[str, Any]:
        """For the merchant's gateway: a signed batch of comments and events (docs/live-sources.md)."""
        return await gateway.take(request)

    return router


class GatewayOutlet:
    """`LiveOutlet` of one gateway: a signed POST a line."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str, room: str, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._room = room
        self._clock = clock

    async def tell(self, line: PublicLine) -> None:
        """Post it. 409 says that the gateway has it. Raises ChannelUnavailable or Undeliverable."""
        fields = {"id": line.id, "room": self._room, "text": line.text, "language": line.language}
        body = orjson.dumps({**fields, "at": line.at.isoformat(), "answers": line.answers, "names": line.names})
        try:
            headers = signed(self._secret, self._clock.now().timestamp(), body)
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ChannelUnavailable(f"the gateway does not answer: {type(error).__name__}") from error
        if answer.is_success or answer.status_code == httpx.codes.CONFLICT:
            return
        if answer.status_code in {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS} or answer.is_server_error:
            given = answer.headers.get("retry-after", "")
            wait = float(given) if given.isdigit() else None
            raise ChannelUnavailable(f"the gateway answered {answer.status_code}", retry_after=wait)
        raise Undeliverable(f"the gateway refused it with {answer.status_code}")
