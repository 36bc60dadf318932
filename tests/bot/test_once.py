"""What several may make is made by one, while the others wait."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.once import making, making_async


async def test_of_many_who_want_it_one_makes_it(tmp_path: Path) -> None:
    target, makers = tmp_path / "models" / "made", 0

    async def want() -> None:
        nonlocal makers
        async with making_async(target):
            if not target.exists():
                makers += 1
                await asyncio.sleep(0.01)
                target.touch()

    await asyncio.gather(*(want() for _ in range(5)))
    assert (makers, target.exists()) == (1, True)


def test_both_ways_hold_the_same(tmp_path: Path) -> None:
    with making(tmp_path / "made"):
        assert making(tmp_path / "made").lock_file == making_async(tmp_path / "made").lock_file
        assert [path.name for path in tmp_path.iterdir()] == [".made.lock"]
