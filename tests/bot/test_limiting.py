"""How much the doors take: in memory, and in a Redis that processes share."""

from __future__ import annotations

import time

import pytest

from bot.errors import BadSettings
from bot.limiting import CountedLimits
from bot.settings import LimitSettings
from evals.bench_service import free_port


async def test_a_bound_holds_for_each_who_and_each_name() -> None:
    limits = CountedLimits({"chat": "3/minute", "photos": "1/minute"})
    assert [await limits.wait("chat", "ann") == 0 for _ in range(4)] == [True, True, True, False]
    assert 1 <= await limits.wait("chat", "ann") <= 60
    assert await limits.wait("chat", "ben") == 0
    assert await limits.wait("photos", "ann") == 0


async def test_what_is_used_up_comes_back() -> None:
    limits = CountedLimits({"chat": "1/second"})
    assert (await limits.wait("chat", "ann"), await limits.wait("chat", "ann") > 0) == (0, True)
    time.sleep(1.1)  # noqa: ASYNC251 - the library counts by the machine's clock
    assert await limits.wait("chat", "ann") == 0


async def test_fifty_messages_a_second_do_not_meet_the_bound_of_the_rest_door() -> None:
    limits = CountedLimits(LimitSettings().bounds)
    assert not any([await limits.wait("rest", "127.0.0.1") for _ in range(50 * 60)])


@pytest.mark.parametrize(
    ("bounds", "storage", "named"),
    [({"chat": "many"}, "memory", "limits.chat"), ({"chat": "1/minute"}, "memcached://x", "limits.storage")],
)
def test_settings_that_cannot_be_are_named(bounds: dict[str, str], storage: str, named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        CountedLimits(bounds, storage)


@pytest.mark.redis
async def test_processes_share_what_is_counted_in_redis_and_its_loss_closes_no_door(redis_url: str) -> None:
    one, other = (CountedLimits({"chat": "4/hour"}, redis_url) for _ in range(2))
    deadline = time.monotonic() + 5
    while await one.wait("chat", "warm") == 0 and time.monotonic() < deadline:  # until it listens, nothing is counted
        pass
    taken = [await limits.wait("chat", "ann") == 0 for _ in range(3) for limits in (one, other)]
    assert taken == [True] * 4 + [False] * 2
    lost = CountedLimits({"chat": "1/hour"}, f"redis://127.0.0.1:{free_port()}")
    assert [await lost.wait("chat", "ann") for _ in range(3)] == [0, 0, 0]
    for limits in (one, other, lost):
        await limits.close()
