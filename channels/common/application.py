"""The web application: the routes of every channel, and what an operator asks, in one FastAPI app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI

from bot.channel import Check, OpenChannel
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.common.problems import install_problems
from channels.common.reference import reference_router
from channels.common.service import TAG, service_router


def web_application(
    channels: Sequence[OpenChannel], checks: Mapping[str, Check], metrics: Metrics, keys: Keys, **options: Any
) -> FastAPI:
    """Serve what `channels` bring. `checks` are those of the service's own parts, beside the channels'; `keys` admits to
    what is not public.

    `options` go to FastAPI, such as `lifespan` and `version`.
    """
    app = FastAPI(
        title="Streamdesk",
        description="Answers people in live shopping rooms and after the sale. Errors are RFC 9457 problem bodies.",
        openapi_url=None,  # served by `reference_router`, with a page that needs nothing from elsewhere
        openapi_tags=[*(dict(tag) for channel in channels for tag in channel.tags), TAG],
        **options,
    )
    install_problems(app)
    routes = [route for channel in channels for route in channel.routes]
    for router in routes:
        if isinstance(router, APIRouter):
            app.include_router(router)
    all_checks = dict(checks)
    for channel in channels:
        all_checks |= channel.checks
        for gauge in channel.gauges:
            metrics.watch(gauge.name, gauge.meaning, gauge.read)
    app.include_router(service_router(all_checks, metrics, keys))
    app.include_router(reference_router(app, keys))
    app.router.routes.extend(route for route in routes if not isinstance(route, APIRouter))
    return app
