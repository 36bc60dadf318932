"""Who has the host's control of the live room, as the service is composed: a secret counts, loopback proves nothing."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from bot.app import open_service
from bot.settings import Settings
from evals.bench_service import home_environment

SECRET = "a secret of the host"
REFUSED, LET_IN = 403, 404  # the shop is empty: who is let in is told that there is no such room


async def status(home: Path, light_models: Path, headers: dict[str, str], *, demo: bool, **environment: str) -> int:
    """What the host's control answers on a service in `home` that has no heavy models."""
    light = {
        "STREAMDESK_KNOWLEDGE__ENCODER": "hashing",
        "STREAMDESK_KNOWLEDGE__MODELS": str(light_models),
        "STREAMDESK_PHOTOS__ENCODER": "none",
    }
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8000), **light, **environment})
    async with open_service(settings, demo=demo) as service:
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            response = await client.post("/live/main/screen", json={"product_id": None}, headers=headers)
    return response.status_code


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize(
    ("given", "expected"),
    [("", REFUSED), ("Bearer wrong", REFUSED), (f"Bearer {SECRET}", LET_IN)],
    ids=["none", "wrong", "right"],
)
async def test_a_secret_counts_on_loopback_too(
    tmp_path: Path, light_models: Path, given: str, expected: int, *, demo: bool
) -> None:
    headers = {"authorization": given} if given else {}
    assert await status(tmp_path, light_models, headers, demo=demo, STREAMDESK_HOST_SECRET=SECRET) == expected


@pytest.mark.parametrize(
    ("host", "demo", "expected"),
    [("127.0.0.1", False, REFUSED), ("127.0.0.1", True, LET_IN), ("0.0.0.0", True, REFUSED)],
    ids=["a service", "the demo", "a demo that others reach"],
)
async def test_without_a_secret_only_the_demo_is_open(
    tmp_path: Path, light_models: Path, host: str, expected: int, *, demo: bool
) -> None:
    assert await status(tmp_path, light_models, {}, demo=demo, STREAMDESK_CHANNELS__WEB__HOST=host) == expected
