"""Comments and events as JSON: what a gateway sends, and the lines of a recorded stream."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.commerce import Money
from bot.live import EventKind, RoomEvent, ViewerComment
from channels.common.problems import BadRequest

# Items of one batch.
MOST: Final = 100
_Id = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
_Name = Annotated[str, Field(max_length=60)]


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: _Id
    author: _Id
    name: _Name = ""
    at: Annotated[AwareDatetime | None, Field(strict=False)] = None


class CommentItem(_Item):
    """Something said."""

    type: Literal["comment"]
    text: Annotated[str, Field(min_length=1, max_length=500)]
    locale: Annotated[str | None, Field(max_length=20)] = None


class EventItem(_Item):
    """Something done. `amount` is in major units, as text: "199.90"."""

    type: Literal["enter", "follow", "gift", "like", "share", "order_paid"]
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    what: Annotated[str, Field(max_length=60)] = ""
    amount: Annotated[str | None, Field(pattern=r"^\d{1,9}(\.\d{1,4})?$")] = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"


Item = Annotated[CommentItem | EventItem, Field(discriminator="type")]
ITEM: Final[TypeAdapter[CommentItem | EventItem]] = TypeAdapter(Item)


class Batch(BaseModel):
    """What a gateway sends at once. `sequence` grows by one from batch to batch, where the gateway numbers them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: _Id
    sequence: Annotated[int | None, Field(ge=0)] = None
    items: Annotated[list[Item], Field(max_length=MOST)]


def read_batch(body: bytes) -> Batch:
    """The batch in a body. Raises BadRequest (400), which names the first thing that is wrong."""
    try:
        return Batch.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "body"
        remedy = "docs/live-sources.md says what a batch has."
        raise BadRequest(f"{first['msg']}.", key=key, value=_short(first["input"]), remedy=remedy, status=400) from error


def noun(item: CommentItem | EventItem, now: datetime) -> ViewerComment | RoomEvent:
    """What an item says; without a time of its own it is of now."""
    at = item.at or now
    if isinstance(item, CommentItem):
        return ViewerComment(item.id, item.author, item.name, item.text, at, item.locale)
    amount = Money.of(Decimal(item.amount), item.currency) if item.amount is not None else None
    return RoomEvent(item.id, EventKind(item.type), item.author, item.name, at, item.count, item.what, amount)


def _short(value: Any) -> str:
    return repr(value)[:60]
