"""What `streamdesk room` does: a recorded stream is shown again to a service that is running, a show is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import SystemClock
from bot.commerce import Text
from bot.errors import BadSettings
from bot.pack import IDENTIFIERS
from bot.settings import Settings
from bot.storage.sql import SqlStore
from bot.types import Gap, Language

if TYPE_CHECKING:
    from channels.live.report import ShowReport


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


async def report(settings: Settings, room: str, since: str = "", until: str = "") -> tuple[ShowReport, Mapping[str, Text]]:
    """The report of a room's last show, or of a span in ISO 8601, with the names of its products.

    Raises BadInput for what is no span, and where there was no show; Unavailable.
    """
    from actions.identifiers import read_identifiers
    from actions.numbers import ShopOrderNumbers
    from actions.shop.opening import open_shop_system
    from channels.live.reporting import Reporter
    from channels.live.spans import span_of

    async with AsyncExitStack() as closing:
        store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
        closing.push_async_callback(store.close)
        shop = await open_shop_system(settings.shop.url, settings.shop.token.get_secret_value())
        closing.push_async_callback(shop.close)
        numbers = ShopOrderNumbers(shop, read_identifiers(settings.shop.pack_folder / IDENTIFIERS))
        await numbers.refreshed()
        reporter = Reporter(store.audit(), store.room_turns, shop, numbers.forms.private, partial(_grouped, settings))
        made = await reporter.report(room, span_of(since, until) if since or until else await reporter.last(room))
        return made, await reporter.names(made)


async def _grouped(settings: Settings, questions: Sequence[tuple[str, Language]]) -> list[Gap]:
    """Questions without an answer by meaning. The encoder is read only where there are some."""
    from knowledge.encoders import load_encoder
    from knowledge.gaps import gaps

    return (
        await gaps(questions, await load_encoder(settings.knowledge.encoder, settings.knowledge.models)) if questions else []
    )
