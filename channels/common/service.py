"""What an operator and an orchestrator ask: alive, ready, numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
import structlog
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from bot.channel import Check
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.common.problems import problem_responses

log = structlog.get_logger(__name__)

# How the page of the API introduces these routes.
TAG = {"name": "Operation", "description": "Is it alive, is it ready, how is it doing."}

# How long one check may take, in seconds.
CHECK_S = 2.0


def service_router(checks: Mapping[str, Check], metrics: Metrics, keys: Keys) -> APIRouter:
    """Routes /health, /ready and /metrics. `checks` are the parts that must work before traffic may come.

    /metrics is for who has the scope `metrics`.
    """
    router = APIRouter(tags=[TAG["name"]])

    @router.get("/health", summary="Is the process alive?")
    async def health() -> dict[str, str]:
        """Answers as long as the event loop turns."""
        return {"status": "ok"}

    @router.get("/ready", summary="Can it answer people?", responses={503: {"description": "A part does not work."}})
    async def ready() -> Response:
        """200 when every part works, 503 with the names of those that do not."""
        states = await asyncio.gather(*(_state(name, check) for name, check in checks.items()))
        failing = [name for name, ok in zip(checks, states, strict=True) if not ok]
        body = {
            "status": "unavailable" if failing else "ok",
            "checks": {name: "failing" if name in failing else "ok" for name in checks},
        }
        return Response(orjson.dumps(body), 503 if failing else 200, media_type="application/json")

    @router.get("/metrics", summary="Numbers for Prometheus", response_class=Response, responses=problem_responses(401, 403))
    async def numbers(request: Request) -> Response:
        """Prometheus' text format. Needs an API key with the scope `metrics`."""
        keys.admit(request, "metrics")
        return Response(metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


async def _state(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_S):
            await check()
    except Exception as error:  # whatever it is, the part does not work
        log.warning("web.not_ready", check=name, error=f"{type(error).__name__}: {error}")
        return False
    return True
