"""The answer budget: never more than it allows in any minute, the worthiest first, and nobody passed over for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fakes import EPOCH
from channels.live.budget import BOUND_S, AnswerQueue, Budget, Candidate, score

ASKERS = st.sampled_from("abc")
CANDIDATE = st.builds(
    Candidate,
    id=st.uuids().map(str),
    asker=ASKERS,
    since=st.just(EPOCH),
    asked=st.integers(1, 5000),
    buying=st.booleans(),
    fresh=st.booleans(),
)
# Seconds until the next event, and what arrives then.
ARRIVALS = st.lists(st.tuples(st.floats(0, 8), st.lists(CANDIDATE, max_size=4)), min_size=1, max_size=60)


def later(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@given(ARRIVALS, st.integers(1, 12), st.floats(0, 10))
def test_never_more_than_the_budget_in_any_minute(
    arrivals: list[tuple[float, list[Candidate]]], per_minute: int, cooldown_s: float
) -> None:
    queue = AnswerQueue(Budget(per_minute, cooldown_s), most=1000, patience_s=10_000)
    now, told = EPOCH, []
    for wait, arrived in arrivals:
        now += later(wait)
        for candidate in arrived:
            queue.put(replace(candidate, since=now), now)
        while queue.take(now):
            told.append(now)
    for at in told:
        assert sum(at <= other < at + later(60) for other in told) <= per_minute
    assert all(b - a >= later(cooldown_s) for a, b in pairwise(told))


@given(ARRIVALS, st.integers(1, 6), st.integers(1, 8))
def test_each_is_told_left_over_or_waiting_and_none_twice(
    arrivals: list[tuple[float, list[Candidate]]], per_minute: int, most: int
) -> None:
    queue = AnswerQueue(Budget(per_minute), most=most, patience_s=30)
    now, offered, gone = EPOCH, [], []
    for wait, arrived in arrivals:
        now += later(wait)
        gone += [one.id for one in queue.overdue(now)]
        for candidate in arrived:
            offered.append(candidate.id)
            if left := queue.put(replace(candidate, since=now), now):
                gone.append(left.id)
        while best := queue.take(now):
            gone.append(best.id)
        assert len(queue) <= most
    assert len(gone) == len(set(gone))
    assert len(gone) + len(queue) == len(offered)


@given(CANDIDATE, CANDIDATE, st.integers(0, 9), st.floats(0.001, 1000))
def test_who_waits_long_enough_is_never_passed_over(old: Candidate, new: Candidate, lately: int, more: float) -> None:
    arrived = EPOCH + later(BOUND_S + more)
    now = arrived + later(5)
    assert score(old, now, lately) > score(replace(new, since=arrived), now)


def test_under_a_flood_of_what_everybody_asks_only_those_who_came_soon_after_go_before_a_lone_question() -> None:
    queue = AnswerQueue(Budget(6), most=10_000, patience_s=10_000)
    queue.put(Candidate("lone", "quiet", EPOCH, fresh=False), EPOCH)
    for second in range(2000):
        now = EPOCH + later(second)
        queue.put(Candidate(f"loud{second}", f"viewer{second}", now, asked=1000, buying=True), now)
        told = queue.take(now)
        if told and told.id == "lone":
            return
        assert told is None or told.since < EPOCH + later(BOUND_S)
    pytest.fail("the lone question starved")


@given(st.lists(CANDIDATE, min_size=1, max_size=12, unique_by=lambda one: one.id))
def test_the_worthiest_is_told_first(candidates: list[Candidate]) -> None:
    queue = AnswerQueue(Budget(None), most=100, patience_s=100)
    for candidate in candidates:
        queue.put(candidate, EPOCH)
    told = queue.take(EPOCH)
    assert told
    assert score(told, EPOCH) == max(score(candidate, EPOCH) for candidate in candidates)


def test_each_sign_counts() -> None:
    plain = Candidate("1", "ann", EPOCH, fresh=False)
    assert score(replace(plain, asked=8), EPOCH) == score(plain, EPOCH) + 3
    assert score(replace(plain, buying=True), EPOCH) > score(plain, EPOCH)
    assert score(replace(plain, fresh=True), EPOCH) > score(plain, EPOCH)
    assert score(plain, EPOCH + later(10)) == score(plain, EPOCH) + 1
    assert score(plain, EPOCH, lately=2) < score(plain, EPOCH, lately=1)


def test_one_asker_does_not_crowd_out_others() -> None:
    queue = AnswerQueue(Budget(4), most=100, patience_s=100)
    for number in range(6):
        queue.put(Candidate(f"loud{number}", "loud", EPOCH), EPOCH)
    queue.put(Candidate("quiet", "quiet", EPOCH), EPOCH + later(1))
    told = [queue.take(EPOCH + later(1)) for _ in range(2)]
    assert {one.asker for one in told if one} == {"loud", "quiet"}


def test_what_the_host_chose_comes_first_and_within_the_budget() -> None:
    queue = AnswerQueue(Budget(1), most=100, patience_s=100)
    queue.put(Candidate("many", "ann", EPOCH, asked=500), EPOCH)
    queue.put(Candidate("chosen", "bob", EPOCH, chosen=True), EPOCH)
    told = queue.take(EPOCH)
    assert told and told.id == "chosen"
    assert queue.take(EPOCH + later(59)) is None
    assert queue.take(EPOCH + later(60)) is not None


def test_a_full_queue_gives_up_what_is_worth_least_as_it_is_now() -> None:
    asked = {"a": 1, "b": 2, "c": 3}
    queue = AnswerQueue(
        Budget(1), most=2, patience_s=100, refreshed=lambda candidate: replace(candidate, asked=asked[candidate.id])
    )
    for name in "ab":
        assert queue.put(Candidate(name, name, EPOCH), EPOCH) is None
    asked["a"] = 100  # more ask it while it waits
    left = queue.put(Candidate("c", "c", EPOCH), EPOCH)
    assert left and left.id == "b"


def test_a_budget_of_none_lets_everything_through() -> None:
    queue = AnswerQueue(Budget(None), most=100, patience_s=100)
    for number in range(50):
        queue.put(Candidate(str(number), "ann", EPOCH), EPOCH)
    assert all(queue.take(EPOCH) for _ in range(50))
