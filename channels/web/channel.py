"""The web as a channel of the service: REST, the private chat, the shop's documents and the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.channel import Channel, DocumentReader, OpenChannel, ServiceParts, WebSettings

if TYPE_CHECKING:  # loads the web framework
    from channels.web.sources import SourceReader


@asynccontextmanager
async def open_web(settings: WebSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The doors. Where they are reached is the service's business: `settings` says it to its web server."""
    from channels.common.keys import Keys
    from channels.common.sockets import Hub
    from channels.web.doors import web_doors
    from channels.web.scenery import Scenery
    from channels.web.widget import Embedding

    yield web_doors(
        parts.receiver,
        parts.photos,
        parts.clock,
        hub=Hub(),
        sources=_sources(parts.documents),
        understanding=parts.understanding,
        keys=Keys(settings.integrations, is_open=parts.trial),
        limits=parts.limits,
        product=parts.shop.product,
        history=parts.history,
        pictures=parts.pictures,
        embedding=Embedding(settings.embed_origins, settings.hints, parts.trial),
        cashier=parts.cashier,
        sells=parts.sells,
        models=parts.models,
        libraries=settings.libraries,
        public_url=parts.public_url,
        scenery=Scenery(parts.scenes, parts.encoder),
        signals=parts.signals,
        zone=parts.zone,
    )


def _sources(documents: DocumentReader) -> SourceReader:
    """The documents that answers cite, for reading."""
    from channels.web.sources import Source, SourcePart

    async def read(path: str) -> Source | None:
        found = await documents(path)
        if found is None:
            return None
        title, language, parts = found
        return Source(title, tuple(SourcePart(text, location) for location, text in parts), language)

    return read


CHANNEL = Channel("web", WebSettings, open_web)
