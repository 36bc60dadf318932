"""What installed packages register, found by entry points: platforms of live rooms, and channels, opened where wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from bot.channel import Channel, OpenChannel, Section, ServiceParts
from bot.errors import BadSettings
from bot.live import LivePlatform
from bot.payments import PaymentPlatform
from bot.ports import Sender
from bot.types import DESK

GROUP = "streamdesk.channels"
PLATFORMS = "streamdesk.live_sources"
PAYMENTS = "streamdesk.payments"
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
D = TypeVar("D", Channel[Any], LivePlatform[Any], PaymentPlatform)

# A channel that is switched on, with its settings.
Configured = tuple[Channel[Any], Section]


def registered_channels() -> dict[str, Channel[Any]]:
    """Every channel that an installed package registers, by name and in its order.

    Raises BadSettings, which names the packages, for what is no channel, cannot be loaded, or has the name of another; and
    where there is none at all, because this source was never installed since it registers its own.
    """
    found = _registered(GROUP, Channel, "channel")
    if not found:
        raise BadSettings("no channel is registered.", where=GROUP, remedy="Install Streamdesk again: pip install -e .")
    return found


def registered_platforms() -> dict[str, LivePlatform[Any]]:
    """Every platform for live rooms that an installed package registers, by name. Raises BadSettings as for channels."""
    return _registered(PLATFORMS, LivePlatform, "live source")


def registered_payments() -> dict[str, PaymentPlatform]:
    """Every payment provider that an installed package registers, by name. Raises BadSettings as for channels."""
    return _registered(PAYMENTS, PaymentPlatform, "payment provider")


def _registered(group: str, kind: type[D], what: str) -> dict[str, D]:
    found: dict[str, tuple[D, EntryPoint]] = {}
    for entry in sorted(entry_points(group=group).select(group=group), key=lambda entry: entry.name):
        declared = _loaded(entry, group, kind, what)
        if declared.name in found:
            both = f"{_origin(found[declared.name][1])} and {_origin(entry)}"
            remedy = "Uninstall one of the two packages."
            raise BadSettings(f"two {what}s are called {declared.name!r}: {both}.", where=group, remedy=remedy)
        found[declared.name] = declared, entry
    return {name: found[name][0] for name in sorted(found)}


def _loaded(entry: EntryPoint, group: str, kind: type[D], what: str) -> D:
    remedy = "Install a version that fits this service, or uninstall the package."
    try:
        declared = entry.load()
    except Exception as error:  # whatever a package of somebody else's raises when it is imported
        broken = f"the {what} {_origin(entry)} cannot be loaded: {type(error).__name__}: {error}."
        raise BadSettings(broken, where=group, remedy=remedy) from error
    if not isinstance(declared, kind) or not _NAME.fullmatch(declared.name):
        wanted = f"{kind.__module__}.{kind.__name__}"
        wrong = f"{_origin(entry)} is no {wanted} with a name of small letters, digits and underscores."
        raise BadSettings(wrong, where=group, remedy=remedy)
    return declared


def _origin(entry: EntryPoint) -> str:
    return f"{entry.value} (package {entry.dist.name if entry.dist else 'unknown'})"


def enabled_channels(section: Callable[[str], Section]) -> list[Configured]:
    """The channels that are switched on, with their settings. `section` gives a channel's settings by its name.

    Only one desk can be open: one whose `enabled` is None stands in where no other is switched on.
    """
    configured = [(channel, section(name)) for name, channel in registered_channels().items()]
    switched = [getattr(settings, "enabled", True) for _, settings in configured]
    has_desk = any(channel.is_desk(settings) and on for (channel, settings), on in zip(configured, switched, strict=True))
    return [one for one, on in zip(configured, switched, strict=True) if on or (on is None and one[0].desk and not has_desk)]


async def open_channels(
    channels: Sequence[Configured], parts: ServiceParts, closing: AsyncExitStack
) -> tuple[list[OpenChannel], dict[str, Sender]]:
    """Open channels; `closing` closes them. Returns them, and the senders of all. Raises BadSettings.

    A platform that does not answer now is waited for while the service runs.
    """
    opened: dict[str, OpenChannel] = {}
    for channel, settings in channels:
        opened[channel.name] = await closing.enter_async_context(channel.open(settings, parts))
        if channel.is_desk(settings) != (DESK in opened[channel.name].senders):
            what = f"the channel {channel.name!r} must declare `desk` and bring a sender {DESK!r}, or neither."
            raise BadSettings(what, where=GROUP)
    return list(opened.values()), _senders(opened)


def _senders(opened: Mapping[str, OpenChannel]) -> dict[str, Sender]:
    owners: dict[str, str] = {}
    for channel, brought in opened.items():
        for name in brought.senders:
            if name in owners:
                what = f"the channels {owners[name]!r} and {channel!r} both deliver for {name!r}."
                raise BadSettings(what, where="channels", remedy="Switch one of the two off.")
            owners[name] = channel
    return {name: sender for brought in opened.values() for name, sender in brought.senders.items()}
