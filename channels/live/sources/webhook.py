"""A gateway of the merchant's, for every platform that we do not speak ourselves: signed batches in, signed lines out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from bot.channel import SourceSettings
from bot.errors import BadSettings
from bot.live import LivePlatform, OpenPlatform
from bot.ports import Clock

# The shortest secret for HMAC-SHA256, in bytes (RFC 2104, 3).
MIN_SECRET = 32


class WebhookSettings(SourceSettings):
    """An entry `source: webhook`. What is told is posted to `reply_url`, nowhere where that is empty.

    `secret` signs both ways; the environment has it as STREAMDESK_SOURCE_NAME_SECRET.
    """

    reply_url: Annotated[str, Field(pattern=r"^(https?://.+)?$")] = ""
    batches_a_minute: Annotated[int, Field(ge=1, le=60_000)] = 600
    timeout_s: Annotated[float, Field(gt=0, le=25)] = 10
    secret: SecretStr = SecretStr("")

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value().encode()) < MIN_SECRET:
            raise ValueError(f"a secret that signs requests has at least {MIN_SECRET} bytes")
        return secret


@asynccontextmanager
async def open_webhook(settings: WebhookSettings, clock: Clock) -> AsyncIterator[OpenPlatform]:
    """Raises BadSettings without a secret: everybody could write as anybody."""
    import httpx

    from channels.live.sources.gateway import Gateway, GatewayOutlet, gateway_router

    secret = settings.secret.get_secret_value()
    if not secret:
        remedy = f"Set STREAMDESK_SOURCE_{settings.name.upper()}_SECRET to {MIN_SECRET} random bytes or more."
        raise BadSettings("the secret is missing.", where=f"live.sources: {settings.name}", remedy=remedy)
    gateway = Gateway(settings.name, secret, clock, settings.batches_a_minute)
    async with httpx.AsyncClient(timeout=settings.timeout_s) as client:
        outlet = GatewayOutlet(client, settings.reply_url, secret, settings.room, clock) if settings.reply_url else None
        yield OpenPlatform(gateway, outlet, (gateway_router(gateway),))


PLATFORM = LivePlatform("webhook", WebhookSettings, open_webhook)
