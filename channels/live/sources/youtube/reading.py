"""What messages of a YouTube live chat say, as our nouns. Pure.

Source: developers.google.com/youtube/v3/live/docs/liveChatMessages. Amounts are in millionths of a unit of `currency`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bot.commerce import Money
from bot.live import EventKind, RoomEvent, ViewerComment
from channels.live.sources.bringing import Read, Unreadable, short_id

# The chat is over: there will be no more messages.
ENDED: Final = "chatEndedEvent"


def kind(item: Any) -> str:
    """What kind of message it is, in YouTube's words; empty where it says none."""
    snippet = item.get("snippet") if isinstance(item, dict) else None
    return str(snippet.get("type", "")) if isinstance(snippet, dict) else ""


def author(item: Any) -> str:
    """The channel of who wrote it; empty where there is none."""
    snippet = item.get("snippet") if isinstance(item, dict) else None
    return str(snippet.get("authorChannelId") or "") if isinstance(snippet, dict) else ""


def read(item: Any) -> tuple[Read, ...]:
    """What a message brings: nothing for kinds that are not for a room. Raises Unreadable."""
    reader = _READERS.get(kind(item))
    if reader is None:
        if not kind(item):
            raise Unreadable("a message without a type")
        return ()
    try:
        return reader(item, item["snippet"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, ArithmeticError) as error:
        raise Unreadable(f"{kind(item)}: {type(error).__name__}: {error}") from error


def _said(item: Mapping[str, Any], text: Any) -> tuple[Read, ...]:
    """What somebody wrote, where they wrote something."""
    if not isinstance(text, str) or not text.strip():
        return ()
    return (ViewerComment(_id(item), _author(item), _name(item), text, _at(item)),)


def _gift(item: Mapping[str, Any], what: str, count: int = 1, amount: Money | None = None) -> RoomEvent:
    return RoomEvent(_id(item), EventKind.GIFT, _author(item), _name(item), _at(item), max(1, count), what[:60], amount)


def _text(item: Mapping[str, Any], snippet: Mapping[str, Any]) -> tuple[Read, ...]:
    return _said(item, snippet["textMessageDetails"]["messageText"])


def _super_chat(item: Mapping[str, Any], snippet: Mapping[str, Any]) -> tuple[Read, ...]:
    """A comment that is paid for: a gift, and what it says."""
    details = snippet["superChatDetails"]
    return (_gift(item, "Super Chat", amount=_paid(details)), *_said(item, details.get("userComment")))


def _sticker(item: Mapping[str, Any], snippet: Mapping[str, Any]) -> tuple[Read, ...]:
    details = snippet["superStickerDetails"]
    return (_gift(item, "Super Sticker", amount=_paid(details)),)


def _member(item: Mapping[str, Any], snippet: Mapping[str, Any]) -> tuple[Read, ...]:
    """Somebody becomes a member, for money that is not said."""
    return (_gift(item, str((snippet.get("newSponsorDetails") or {}).get("memberLevelName") or "membership")),)


def _milestone(item: Mapping[str, Any], snippet: Mapping[str, Any]) -> tuple[Read, ...]:
    """A member for so many months says so."""
    details = snippet["memberMilestoneChatDetails"]
    return (_gift(item, str(details.get("memberLevelName") or "membership")), *_said(item, details.get("userComment")))


def _members_given(item: Mapping[str, Any], snippet: Mapping[str, Any]) -> tuple[Read, ...]:
    """Memberships given away; each that somebody receives comes as a message of its own, and is counted here already."""
    details = snippet["membershipGiftingDetails"]
    name = str(details.get("giftMembershipsLevelName") or "membership")
    return (_gift(item, name, int(details["giftMembershipsCount"])),)


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[Read, ...]]]] = {
    "textMessageEvent": _text,
    "superChatEvent": _super_chat,
    "superStickerEvent": _sticker,
    "newSponsorEvent": _member,
    "memberMilestoneChatEvent": _milestone,
    "membershipGiftingEvent": _members_given,
}


def _paid(details: Mapping[str, Any]) -> Money:
    return Money.of(Decimal(int(details["amountMicros"])) / 1_000_000, str(details["currency"]))


def _id(item: Mapping[str, Any]) -> str:
    return short_id(str(item["id"]))


def _author(item: Mapping[str, Any]) -> str:
    return str(item["snippet"].get("authorChannelId") or item["authorDetails"]["channelId"])


def _name(item: Mapping[str, Any]) -> str:
    return str((item.get("authorDetails") or {}).get("displayName") or "")


def _at(item: Mapping[str, Any]) -> datetime:
    at = datetime.fromisoformat(str(item["snippet"]["publishedAt"]))
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at
