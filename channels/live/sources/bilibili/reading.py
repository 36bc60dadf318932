"""What Bilibili's messages say, as our nouns. Pure.

Those of the open platform are LIVE_OPEN_PLATFORM_*; DANMU_MSG is the comment of the web's own connection, which a relay of
the merchant's may pass on in the same frames. Amounts of the open platform are in thousandths of a yuan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from bot.commerce import Money
from bot.live import EventKind, RoomEvent, ViewerComment
from channels.live.sources.bringing import Read, Unreadable

_OPEN: Final = "LIVE_OPEN_PLATFORM_"
# The interaction is over: there will be no more messages until it is started again.
ENDED: Final = f"{_OPEN}INTERACTION_END"


def read(message: Any) -> tuple[Read, ...]:
    """What a message brings: nothing for kinds that are not for a room. Raises Unreadable."""
    if not isinstance(message, dict):
        raise Unreadable("a message is no object")
    command = str(message.get("cmd", "")).partition(":")[0]
    try:
        if command == "DANMU_MSG":
            return (_web_comment(message["info"]),)
        reader = _READERS.get(command)
        return reader(message["data"]) if reader else ()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, ArithmeticError) as error:
        raise Unreadable(f"{command}: {type(error).__name__}: {error}") from error


def _comment(data: Mapping[str, Any]) -> tuple[Read, ...]:
    return (ViewerComment(str(data["msg_id"]), _author(data), str(data["uname"]), str(data["msg"]), _at(data)),)


def _gift(data: Mapping[str, Any]) -> tuple[Read, ...]:
    count = int(data["gift_num"])
    amount = _yuan(Decimal(int(data["price"])) * count / 1000) if data.get("paid") else None
    return (_event(data, EventKind.GIFT, count, str(data["gift_name"]), amount),)


def _guard(data: Mapping[str, Any]) -> tuple[Read, ...]:
    """Somebody joins the streamer's guard, for money; the three ranks have names."""
    person = {**data, **data["user_info"]}
    what = {1: "总督", 2: "提督", 3: "舰长"}.get(int(data["guard_level"]), "大航海")
    amount = _yuan(Decimal(int(data["price"])) / 1000) if data.get("price") else None
    return (_event(person, EventKind.GIFT, int(data["guard_num"]), what, amount),)


def _super_chat(data: Mapping[str, Any]) -> tuple[Read, ...]:
    """A comment that is paid for: a gift, and what it says."""
    paid = _event(data, EventKind.GIFT, 1, "醒目留言", _yuan(Decimal(str(data["rmb"]))))
    text = str(data["message"])
    if not text.strip():
        return (paid,)
    return (paid, ViewerComment(str(data["msg_id"]), _author(data), str(data["uname"]), text, _at(data)))


def _like(data: Mapping[str, Any]) -> tuple[Read, ...]:
    return (_event(data, EventKind.LIKE, max(1, int(data["like_count"]))),)


def _enter(data: Mapping[str, Any]) -> tuple[Read, ...]:
    return (_event(data, EventKind.ENTER),)


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[Read, ...]]]] = {
    f"{_OPEN}DM": _comment,
    f"{_OPEN}SEND_GIFT": _gift,
    f"{_OPEN}GUARD": _guard,
    f"{_OPEN}SUPER_CHAT": _super_chat,
    f"{_OPEN}LIKE": _like,
    f"{_OPEN}LIVE_ROOM_ENTER": _enter,
}


def _event(
    data: Mapping[str, Any], kind: EventKind, count: int = 1, what: str = "", amount: Money | None = None
) -> RoomEvent:
    """An event; one without an id of its own is known by all that it says."""
    name = str(data.get("msg_id") or _digest(kind, data))
    return RoomEvent(name, kind, _author(data), str(data["uname"]), _at(data), count, what, amount)


def _web_comment(info: Any) -> ViewerComment:
    """`info[0]` has time in milliseconds and, in newer ones, the id; `info[1]` the text, `info[2]` number and name."""
    about, text, (uid, uname, *_) = info[0], info[1], info[2]
    extra = orjson.loads(about[15]["extra"]) if len(about) > 15 and isinstance(about[15], dict) else {}
    name = str(extra.get("id_str") or _digest("comment", [uid, about[4], about[5], text]))
    return ViewerComment(name, str(uid), str(uname), str(text), datetime.fromtimestamp(int(about[4]) / 1000, UTC))


def _author(data: Mapping[str, Any]) -> str:
    """`open_id` is a viewer's number for this developer; older messages have `uid` instead."""
    return str(data.get("open_id") or data["uid"])


def _at(data: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(data["timestamp"]), UTC)


def _yuan(amount: Decimal) -> Money:
    return Money.of(amount, "CNY")


def _digest(kind: str, said: Any) -> str:
    return hashlib.sha256(orjson.dumps([kind, said], option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
