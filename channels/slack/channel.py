"""Slack as a channel of the service: the desk of the agents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from pydantic import SecretStr

from bot.channel import Channel, OpenChannel, Section, ServiceParts
from bot.errors import ChannelUnavailable
from bot.types import DESK

log = structlog.get_logger(__name__)


class SlackSettings(Section):
    """The agents' desk in Slack. `channel` is where hand-offs open their threads.

    `alerts_only`: the agents answer at another desk, and the channel hears once of everything that is late there.
    """

    enabled: bool = False
    channel: str = ""
    alerts_only: bool = False
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    api_url: str = ""


@asynccontextmanager
async def open_slack(settings: SlackSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The desk. Raises BadSettings for what Slack refuses; a Slack that does not answer is waited for while it runs."""
    from channels.slack.client import SlackApi
    from channels.slack.desk import SlackDesk

    api = SlackApi(settings.bot_token.get_secret_value(), settings.app_token.get_secret_value(), settings.api_url)
    try:
        desk = SlackDesk(
            api, parts.receiver, parts.clock, channel=settings.channel, bindings=parts.bindings, photos=parts.photos
        )
        try:
            await desk.check()
        except ChannelUnavailable as error:
            log.warning("slack.unavailable", error=str(error))
        if settings.alerts_only:
            address = f"{parts.public_url}/desk" if parts.public_url else ""
            parts.alarms.tell_also(partial(desk.remind, zone=parts.zone, address=address))
            yield OpenChannel({})
        else:
            yield OpenChannel({DESK: desk}, work=(desk.run,))
    finally:
        await api.close()


CHANNEL = Channel("slack", SlackSettings, open_slack, desk=True, alone=True)
