"""What we use of TikTokLive 7, in one place: nothing else of ours knows its names.

Source: the package itself (github.com/isaackogan/TikTokLive), `client/client.py`, `events/`, `client/errors.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from bot.errors import BadSettings

# Events that are read (channels/live/sources/tiktok/reading.py), by the names of their classes.
READ: Final = ("CommentEvent", "GiftEvent", "LikeEvent", "JoinEvent", "FollowEvent", "ShareEvent")


@dataclass(frozen=True, slots=True)
class Library:
    """The package as it was found. `client` makes one for a streamer; `events` are classes that it calls back for.

    `anything` comes with every message of the platform, `connected` with the first, `ended` where the stream is over.
    """

    client: Callable[..., Any]
    events: tuple[Any, ...]
    anything: Any
    connected: Any
    ended: Any
    offline: type[Exception]


def loaded(name: str) -> Library:
    """Raises BadSettings where the package is not there, or is one whose names are others. `name` is the entry's."""
    where = f"live.sources: {name}"
    try:
        package, events = import_module("TikTokLive"), import_module("TikTokLive.events")
        errors = import_module("TikTokLive.client.errors")
    except ImportError as error:
        remedy = (
            "It is not a part of Streamdesk: read its licence (a modified AGPL-3), "
            "and install it with: pip install 'streamdesk[tiktok]'."
        )
        raise BadSettings(f"the package TikTokLive is not installed ({error}).", where=where, remedy=remedy) from error
    try:
        return Library(
            client=package.TikTokLiveClient,
            events=tuple(getattr(events, one) for one in READ),
            anything=events.WebsocketResponseEvent,
            connected=events.ConnectEvent,
            ended=events.LiveEndEvent,
            offline=errors.UserOfflineError,
        )
    except AttributeError as error:
        remedy = "Install a version that fits: pip install 'streamdesk[tiktok]'."
        raise BadSettings(f"this version of TikTokLive is not known: {error}.", where=where, remedy=remedy) from error
