"""What `streamdesk room` does: a recorded stream is shown again to a service that is running."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.clock import SystemClock
from bot.errors import BadSettings
from bot.settings import Settings


async def replay(settings: Settings, file: Path, room: str, speed: float, url: str = "") -> Counter[str]:
    """Send a recording through the gateway's address of `room`, `speed` times as fast. Returns what became of its items.

    `url` is where the service is, by default where the settings say. Raises BadSettings where the room has no gateway;
    BadDocument for the recording; ChannelUnavailable where the service does not take it.
    """
    import httpx

    from channels.live.sources.replaying import Replay, read_recording
    from channels.live.sources.webhook import WebhookSettings

    items = read_recording(file)
    found = next((one for one in settings.live.sources if isinstance(one, WebhookSettings) and one.room == room), None)
    if found is None or not found.secret.get_secret_value():
        remedy = (
            f"Add {{source: webhook, name: replay, room: {room}}} and set STREAMDESK_SOURCE_REPLAY_SECRET, here and there."
        )
        raise BadSettings(f"no source brings anything into the room {room!r}.", where="live.sources", remedy=remedy)
    web, clock = settings.channels.web, SystemClock()
    address = f"{(url or f'http://{web.host}:{web.port}').rstrip('/')}/live/webhook/{found.name}"
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        run = f"{clock.now():%Y%m%d%H%M%S%f}"
        return await Replay(client, address, found.secret.get_secret_value(), clock, run).play(items, speed)
