"""What notifications of Twitch's EventSub say, as our nouns. Pure.

Source: dev.twitch.tv/docs/eventsub/eventsub-reference and .../eventsub-subscription-types. Of subscriptions and Bits no
amount of money is said, so none is shown: what 100 Bits cost depends on where they are bought.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.live import EventKind, RoomEvent, ViewerComment
from channels.live.sources.bringing import Read, Unreadable, short_id
from channels.live.sources.twitch.helix import CHAT, CHEER


@dataclass(frozen=True, slots=True)
class _Notice:
    """A notification: its own id and time (chat messages have ids of theirs, nothing else has), and what happened."""

    id: str
    at: datetime
    event: Mapping[str, Any]

    def gift(self, what: str, count: int = 1, prefix: str = "user") -> RoomEvent:
        """Who gives and wants no name shown has none."""
        return self.happened(EventKind.GIFT, what, count, prefix)

    def happened(self, kind: EventKind, what: str = "", count: int = 1, prefix: str = "user") -> RoomEvent:
        """By whom the fields `<prefix>_id` and `<prefix>_name` say."""
        known = not self.event.get("is_anonymous")
        author = str(self.event[f"{prefix}_id"]) if known else ""
        name = str(self.event[f"{prefix}_name"]) if known else ""
        return RoomEvent(self.id, kind, author, name, self.at, max(1, count), what)


def read(message: Any, *, cheers: bool = False) -> tuple[Read, ...]:
    """What a notification brings: nothing for kinds that are not for a room. Raises Unreadable.

    `cheers`: count Bits from the comment that they come with, because nothing else tells of them here.
    """
    try:
        about, event = message["metadata"], message["payload"]["event"]
        kind = str(about["subscription_type"])
        reader = _READERS.get(kind)
        if reader is None:
            return ()
        notice = _Notice(short_id(str(about["message_id"])), _time(about["message_timestamp"]), event)
        found = reader(notice)
        if kind == CHAT and cheers and event.get("cheer"):
            found = (notice.gift("Bits", int(event["cheer"]["bits"]), "chatter_user"), *found)
        return found
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _chat(notice: _Notice) -> tuple[Read, ...]:
    """Where chats are shared, what is said in another channel is that one's."""
    event = notice.event
    elsewhere = event.get("source_broadcaster_user_id")
    text = str(event["message"]["text"])
    if not text.strip() or (elsewhere and str(elsewhere) != str(event["broadcaster_user_id"])):
        return ()
    name = short_id(str(event["message_id"]))
    return (ViewerComment(name, str(event["chatter_user_id"]), str(event["chatter_user_name"]), text, notice.at),)


def _follow(notice: _Notice) -> tuple[Read, ...]:
    return (notice.happened(EventKind.FOLLOW),)


def _subscribe(notice: _Notice) -> tuple[Read, ...]:
    """Who was given it gave nothing: the giver's own notification counts."""
    return () if notice.event.get("is_gift") else (notice.gift(_tier(notice.event)),)


def _subscriptions_given(notice: _Notice) -> tuple[Read, ...]:
    return (notice.gift(_tier(notice.event), int(notice.event["total"])),)


def _subscribed_again(notice: _Notice) -> tuple[Read, ...]:
    """Somebody goes on, and may say something, which comes nowhere else."""
    gift = notice.gift(_tier(notice.event))
    text = str((notice.event.get("message") or {}).get("text") or "")
    if not text.strip():
        return (gift,)
    return (gift, ViewerComment(notice.id, gift.author, gift.name, text, notice.at))


def _cheer(notice: _Notice) -> tuple[Read, ...]:
    """What was said with it comes as a message of the chat."""
    return (notice.gift("Bits", int(notice.event["bits"])),)


_READERS: Final[Mapping[str, Callable[[_Notice], tuple[Read, ...]]]] = {
    CHAT: _chat,
    "channel.follow": _follow,
    "channel.subscribe": _subscribe,
    "channel.subscription.gift": _subscriptions_given,
    "channel.subscription.message": _subscribed_again,
    CHEER: _cheer,
}


def _tier(event: Mapping[str, Any]) -> str:
    """The three kinds of subscription are numbered 1000, 2000 and 3000."""
    return f"Tier {int(event['tier']) // 1000} sub"


def _time(given: Any) -> datetime:
    """RFC 3339 with nanoseconds, of which a datetime holds the first six digits."""
    text = str(given)
    whole, dot, rest = text.partition(".")
    digits = rest.rstrip("Z")
    at = datetime.fromisoformat(f"{whole}.{digits[:6]:0<6}+00:00" if dot else text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at
