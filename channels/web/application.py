"""The web application: every door of this room and of the live rooms in one FastAPI app."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from bot.ports import Clock, Photos, Receiver, Understanding
from channels.common.metrics import Metrics
from channels.common.problems import install_problems
from channels.common.service import Check, service_router
from channels.common.sockets import Hub
from channels.web.chat import ChatDoor, chat_router
from channels.web.openapi import TAGS
from channels.web.pages import install_pages
from channels.web.parsing import parsing_router
from channels.web.rest import rest_router
from channels.web.sources import SourceReader, sources_router


def web_application(
    receiver: Receiver,
    photos: Photos,
    clock: Clock,
    *,
    hub: Hub,
    metrics: Metrics,
    checks: Mapping[str, Check],
    sources: SourceReader,
    understanding: Understanding,
    pictures: Path | None = None,
    routers: tuple[APIRouter, ...] = (),
    **options: Any,
) -> FastAPI:
    """Wire the doors. `hub` is shared with ChatSender; `routers` are those of other rooms (`channels.live.live_router`);
    `options` go to FastAPI, such as `lifespan` and `version`."""
    app = FastAPI(
        title="Streamdesk",
        description="Answers people in live shopping rooms and after the sale. Errors are RFC 9457 problem bodies.",
        openapi_tags=TAGS,
        **options,
    )
    install_problems(app)
    app.include_router(rest_router(receiver, photos, clock))
    app.include_router(parsing_router(understanding, clock))
    app.include_router(chat_router(ChatDoor(receiver, photos, clock, hub)))
    app.include_router(sources_router(sources))
    app.include_router(service_router(checks, metrics))
    for router in routers:
        app.include_router(router)
    install_pages(app, pictures)
    metrics.watch("chat_people", "People with the chat page open.", hub.count)
    return app
