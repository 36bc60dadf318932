"""What events of TikTokLive say, as our nouns. Pure.

Each has `common` (`msg_id`, `create_time` in milliseconds) and `user` (`id`, `nickname`, `unique_id`). Gifts cost diamonds,
which are no money of the viewer's country: no amount is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.live import EventKind, RoomEvent, ViewerComment
from channels.live.sources.bringing import Read, Unreadable


def read(kind: str, event: Any, now: datetime) -> tuple[Read, ...]:
    """What an event of this class brings: nothing for those that are not for a room. Raises Unreadable."""
    reader = _READERS.get(kind)
    if reader is None:
        return ()
    try:
        return reader(event, now)
    except (AttributeError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"{kind}: {type(error).__name__}: {error}") from error


def _comment(event: Any, now: datetime) -> tuple[Read, ...]:
    text = str(event.comment)
    if not text.strip():
        return ()
    return (ViewerComment(_id(event), _author(event), _name(event), text, _at(event, now)),)


def _gift(event: Any, now: datetime) -> tuple[Read, ...]:
    """A streak comes again with each gift, and once more at its end, with how many there were: that one counts."""
    if event.streaking:
        return ()
    count = max(1, int(event.repeat_count))
    what = str(event.gift.name)[:60] if event.gift is not None else ""
    return (_happened(EventKind.GIFT, event, now, count, what),)


def _like(event: Any, now: datetime) -> tuple[Read, ...]:
    return (_happened(EventKind.LIKE, event, now, max(1, int(event.count))),)


def _of(kind: EventKind) -> Callable[[Any, datetime], tuple[Read, ...]]:
    return lambda event, now: (_happened(kind, event, now),)


_READERS: Final[Mapping[str, Callable[[Any, datetime], tuple[Read, ...]]]] = {
    "CommentEvent": _comment,
    "GiftEvent": _gift,
    "LikeEvent": _like,
    "JoinEvent": _of(EventKind.ENTER),
    "FollowEvent": _of(EventKind.FOLLOW),
    "ShareEvent": _of(EventKind.SHARE),
}


def _happened(kind: EventKind, event: Any, now: datetime, count: int = 1, what: str = "") -> RoomEvent:
    return RoomEvent(_id(event), kind, _author(event), _name(event), _at(event, now), count, what)


def _id(event: Any) -> str:
    """Of the message. Without one, a repeat could not be told from what was said again."""
    number = int(event.common.msg_id)
    if not number:
        raise ValueError("no msg_id")
    return str(number)


def _author(event: Any) -> str:
    number = int(event.user.id)
    if not number:
        raise ValueError("nobody")
    return str(number)


def _name(event: Any) -> str:
    return str(event.user.nickname or event.user.unique_id or "")


def _at(event: Any, now: datetime) -> datetime:
    made = int(event.common.create_time or 0)
    return datetime.fromtimestamp(made / 1000, UTC) if made > 0 else now
