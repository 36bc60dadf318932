"""Recorded streams: lines of JSON, each an item as a gateway sends it, sent to a running service as if it were now."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import orjson
from pydantic import ValidationError

from bot.backoff import backoff
from bot.errors import BadDocument, ChannelUnavailable
from bot.ports import Clock
from channels.live.sources.items import ITEM, MOST, CommentItem, EventItem
from channels.live.sources.signing import signed

# What was said within this time of the replay goes into one batch, in seconds.
TOGETHER_S: Final = 0.2
# How often a batch is tried that the service does not take, before the replay is given up.
ATTEMPTS: Final = 8

Timed = tuple[float, CommentItem | EventItem]


def read_recording(path: Path) -> list[Timed]:
    """The items of a recording with the seconds since its first, in their order.

    Raises BadDocument, which names the line, for what is no item or has no time, and for a file that has none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadDocument(f"cannot be read: {error}.", where=str(path)) from error
    items = [_item(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not items:
        raise BadDocument("has no items.", where=str(path), remedy="Give one JSON object a line.")
    moments = [item.at for item in items if item.at is not None]
    return [((at - moments[0]).total_seconds(), item) for at, item in zip(moments, items, strict=True)]


def _item(line: str, where: str) -> CommentItem | EventItem:
    try:
        item = ITEM.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadDocument(f"{key}: {first['msg']}.", where=where, remedy="See docs/live-sources.md.") from error
    if item.at is None:
        raise BadDocument("`at` is missing.", where=where, remedy="Give the time, such as 2026-05-01T20:00:00+08:00.")
    return item


def together(items: Sequence[Timed], speed: float) -> Iterator[tuple[float, list[CommentItem | EventItem]]]:
    """Batches with the second of the replay at which each is due, at `speed` times the pace of the recording."""
    batch: list[CommentItem | EventItem] = []
    due = 0.0
    for offset, item in items:
        at = max(0.0, offset / speed)
        if batch and (at - due > TOGETHER_S or len(batch) == MOST):
            yield due, batch
            batch = []
        due = at if not batch else due
        batch.append(item)
    if batch:
        yield due, batch


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay to one gateway's address. `run` makes its ids its own, so that a recording can be shown again."""

    client: httpx.AsyncClient
    url: str
    secret: str
    clock: Clock
    run: str

    async def play(self, items: Sequence[Timed], speed: float) -> Counter[str]:
        """Send everything at its time. Returns how many items were taken, doubled and refused.

        Raises ChannelUnavailable where the service does not take a batch.
        """
        counts: Counter[str] = Counter()
        began = asyncio.get_running_loop().time()
        for number, (due, batch) in enumerate(together(items, speed)):
            await asyncio.sleep(max(0.0, began + due - asyncio.get_running_loop().time()))
            counts.update(await self._send(number, batch))
        return counts

    async def _send(self, number: int, batch: Sequence[CommentItem | EventItem]) -> dict[str, int]:
        now = self.clock.now()
        fields = {"id": f"{self.run}-{number}", "sequence": number, "items": [self._renewed(item, now) for item in batch]}
        body = orjson.dumps(fields)
        for attempt in range(1, ATTEMPTS + 1):
            wait = backoff(attempt, 0.5, 8)
            try:
                headers = signed(self.secret, self.clock.now().timestamp(), body)
                answer = await self.client.post(self.url, content=body, headers=headers)
            except httpx.HTTPError as error:
                failed = f"{self.url} does not answer: {type(error).__name__}"
            else:
                if answer.is_success:
                    return {name: count for name, count in answer.json().items() if isinstance(count, int)}
                failed = f"{self.url} answered {answer.status_code}: {answer.text[:300]}"
                if answer.status_code not in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
                    raise ChannelUnavailable(failed)
                wait = float(answer.headers.get("retry-after", wait))
            await asyncio.sleep(wait)
        raise ChannelUnavailable(failed)

    def _renewed(self, item: CommentItem | EventItem, now: datetime) -> dict[str, object]:
        fields: dict[str, object] = item.model_dump(exclude_none=True)
        return {**fields, "id": f"{self.run}-{item.id}"[:120], "at": now.isoformat()}
