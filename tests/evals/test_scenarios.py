"""Every scripted conversation, over the whole service with its real models."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.settings import Settings
from evals.scenarios.play import play
from evals.scenarios.script import Scenario, load_scenarios
from evals.scenarios.stage import Stage, open_stage

SCENARIOS = load_scenarios()

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_stage(Settings.load()) as opened:
        yield opened


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
async def test_scenario(scenario: Scenario, stage: Stage) -> None:
    played = await play(scenario, stage)
    if played.problems and scenario.waits_for:
        pytest.xfail(f"waits for {scenario.waits_for}: {'; '.join(played.problems)}")
    assert not played.problems, "\n".join(played.problems)
