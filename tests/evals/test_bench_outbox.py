"""The measurement of deliveries beside those who are stuck."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import outbox
from evals.bench_outbox import CASES, Delay, measure, rows, summary


@pytest.mark.parametrize(("stuck", "door"), CASES)
async def test_every_reply_is_timed_whoever_is_stuck(
    stuck: str, door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FAREWELL_S", 0)
    delay = await measure(stuck, door, tmp_path, replies=30, every_s=0)
    assert (delay.stuck, delay.replies) == (stuck, 30)


def test_what_being_stuck_adds_is_told_beside_it() -> None:
    free, beside = summary("nobody", [1.0, 2.0, 9.0]), Delay("ann", 3, 2.5, 8.0)
    assert rows([free, beside]) == [
        ("nobody", "3", "2.0", "9.0", "-", "-"),
        ("ann", "3", "2.5", "8.0", "+0.5", "-1.0"),
    ]
