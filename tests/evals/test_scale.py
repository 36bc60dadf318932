"""The model of a large service: queues on paper against the simulation, what must hold of any load, and what is measured."""

from __future__ import annotations

import io
import itertools
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from evals.data import NoData
from evals.run import SUITES
from evals.scale import report
from evals.scale.demand import DAY_S, PEAK_HOUR, Demand, Machines, arrivals, of_peak, shown, sizes
from evals.scale.events import Clock, Disk, Station
from evals.scale.figures import Commits, Figures, Idle, Judging, Publishing, Room, Turns, load_figures, save_figures
from evals.scale.paper import Costs, costs, fanout, line, reach, sized
from evals.scale.processes import parse_cpu, parse_machine
from evals.scale.queueing import erlang_c, needed, utilisation, waiting_s
from evals.scale.simulation import Cell, Closed, closed, open_cell, shape

CPU = {"workers": 40.0, "postgres": 4.0, "redis": 0.1, "client": 1.0}
COST = Costs(
    turn_worker_s=0.04, turn_database_s=0.004, turn_redis_s=0.0001, statements=10, wal_bytes=8_000, write_s=0.002,
    frame_s=2e-5, comment_s=5e-4, judge_s=5e-3, relay_s=3e-4, publish_s=2e-6, receive_s=1e-6, frame_bytes=250,
    viewer_bytes=60_000, worker_bytes=900_000_000, idle_worker_s=0.01, idle_database_s=0.002,
)  # fmt: skip


def level(workers: int, senders: int) -> Turns:
    quantiles = tuple(30 + n / 2 for n in range(100))
    return Turns(workers, senders, 100, 0, 20.0, 50.0, 80.0, quantiles, CPU, 0.0, 12.0, 2.0, 9_000.0)


def room(workers: int, viewers: int, cpu_ms: float) -> Room:
    cpu = {**CPU, "workers": cpu_ms}
    return Room(workers, viewers, 100, 100 * viewers, cpu, cpu, 5.0, 9.0, 240.0, 50_000.0, 0.0)


@pytest.fixture
def figures() -> Figures:
    idle = {"workers": 0.01, "postgres": 0.002, "redis": 0.001, "client": 0.0}
    return Figures(
        at="2026-11-28T09:00:00+00:00",
        cores=2,
        worker_bytes=900_000_000,
        turns=(level(1, 1), level(2, 8)),
        idle=(Idle(1, idle, 5.0), Idle(2, idle, 5.0)),
        rooms=(room(1, 20, 1.0), room(1, 300, 6.6), room(2, 300, 7.1)),
        judging=Judging(100, 5.0),
        publishing=(Publishing(0, 400, 1_000, 2.0), Publishing(4, 400, 1_000, 6.0)),
        commits=(Commits(1, 500.0, 2.0, 4.0, 0.2, 1.0), Commits(16, 2_000.0, 6.0, 9.0, 0.2, 0.2)),
    )


# ---------------------------------------------------------------- queues


def test_erlang_c_is_that_of_the_book() -> None:
    # one server waits as often as it is busy; two servers at a = 1: 1/3 (Kleinrock, volume 1, chapter 3)
    assert erlang_c(0.7, 1.0, 1) == pytest.approx(0.7)
    assert erlang_c(1.0, 1.0, 2) == pytest.approx(1 / 3)
    assert waiting_s(0.5, 1.0, 1) == pytest.approx(1.0)
    assert (waiting_s(2.0, 1.0, 2), erlang_c(3.0, 1.0, 2), waiting_s(0.0, 1.0, 2)) == (math.inf, 1.0, 0.0)


@pytest.mark.parametrize(("per_s", "service_s", "at_most", "expected"), [(0, 1, 0.5, 1), (10, 0.1, 0.5, 2), (30, 0.1, 1, 3)])
def test_servers_that_are_needed(per_s: float, service_s: float, at_most: float, expected: int) -> None:
    assert needed(per_s, service_s, at_most) == expected


def test_a_queue_without_servers_is_none() -> None:
    with pytest.raises(ValueError, match="0 servers"):
        utilisation(1, 1, 0)
    with pytest.raises(ValueError, match="utilisation of 0"):
        needed(1, 1, 0)


@pytest.mark.parametrize("servers", [1, 4])
def test_a_simulated_queue_comes_to_the_formula(servers: int) -> None:
    clock, dice, waited = Clock(), random.Random(1), []
    station, per_s = Station(clock, servers), 0.7 * servers

    def come() -> None:
        at = clock.now

        def begin() -> None:
            waited.append(clock.now - at)
            clock.after(dice.expovariate(1.0), station.release)

        station.acquire(begin)
        clock.after(dice.expovariate(per_s), come)

    clock.after(0.0, come)
    clock.run(30_000)
    assert station.utilisation() == pytest.approx(0.7, rel=0.03)
    assert sum(waited) / len(waited) == pytest.approx(waiting_s(per_s, 1.0, servers), rel=0.1)  # 30,000 s leave 5 %


# ---------------------------------------------------------------- events


def test_what_is_due_at_one_time_happens_in_its_order() -> None:
    clock, seen = Clock(), []
    for name in "abc":
        clock.after(1.0, lambda name=name: seen.append(name))  # type: ignore[misc]
    clock.after(0.5, lambda: seen.append("first"))
    clock.run(0.9)
    assert (seen, clock.now) == (["first"], 0.9)
    clock.run(2.0)
    assert seen == ["first", "a", "b", "c"]
    with pytest.raises(ValueError, match="past"):
        clock.after(-1, lambda: None)


def test_one_write_takes_all_who_wait() -> None:
    clock, done = Clock(), []
    disk = Disk(clock, 1.0)
    for at in (0.0, 0.2, 0.9, 5.0):
        clock.after(at, lambda: disk.commit(lambda: done.append(clock.now)))
    clock.run(10.0)
    assert done == pytest.approx([1.0, 2.0, 2.0, 6.0])
    assert (disk.writes, disk.arrived, disk.served, disk.utilisation()) == (3, 4, 4, 0.3)


# ---------------------------------------------------------------- demand


def test_rooms_follow_their_ranks_and_hold_everybody() -> None:
    rooms = sizes(Demand(viewers=1_000, rooms=10))
    assert sum(rooms) == pytest.approx(1_000)
    assert rooms[0] == pytest.approx(2 * rooms[1]) == pytest.approx(10 * rooms[9])


def test_a_room_shows_what_it_may() -> None:
    assert shown(Demand(comments_per_viewer=0.01), 5_000) == 50
    assert shown(Demand(comments_per_viewer=0.01, shown_per_s=10), 5_000) == 10


def test_a_day_has_its_peak_in_the_evening_and_its_trough_half_a_day_before() -> None:
    assert of_peak(PEAK_HOUR * 3600, 0.2) == pytest.approx(1.0)
    assert of_peak(PEAK_HOUR * 3600 - DAY_S / 2, 0.2) == pytest.approx(0.2)


def test_arrivals_follow_a_rate_that_changes() -> None:
    found = list(arrivals(lambda at: 100 * of_peak(at, 0.2) / 60, 100 / 60, DAY_S, random.Random(1)))
    assert len(found) == pytest.approx(100 / 60 * DAY_S * 0.6, rel=0.02)
    night = sum(8 * 3600 <= at < 10 * 3600 for at in found)
    evening = sum(20 * 3600 <= at < 22 * 3600 for at in found)
    assert evening / night == pytest.approx(5, rel=0.15)
    with pytest.raises(ValueError, match="above"):
        list(arrivals(lambda at: 2.0, 1.0, 10.0, random.Random(1)))


# ---------------------------------------------------------------- what must hold of any load


@settings(max_examples=15, deadline=None)
@given(st.floats(1, 60), st.floats(1.1, 3), st.integers(1, 4), st.integers(0, 1_000))
def test_more_load_never_leaves_a_part_less_busy(per_s: float, times: float, workers: int, seed: int) -> None:
    less, more = (open_cell(Cell(workers, 2, per_s * factor, 30.0), COST, [1.0], seed) for factor in (1.0, times))
    # two draws of a Poisson process differ: by five standard deviations of the lesser one at the most
    chance = 5 / math.sqrt(per_s * 30)
    assert all(more.busy[part] >= less.busy[part] * (1 - chance) for part in less.busy)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 80), st.integers(1, 4), st.floats(0, 50), st.integers(0, 1_000))
def test_who_arrived_is_served_or_waits(per_s: float, workers: int, comments: float, seed: int) -> None:
    found = open_cell(Cell(workers, 2, per_s, 10.0, 0.001, comments, 5.0), COST, [0.5, 1.0, 1.5], seed)
    assert found.arrived == found.served + found.waiting
    assert all(0 <= busy <= 1 for busy in found.busy.values())


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(st.floats(0, 5), st.floats(0, 3)), max_size=30))
def test_a_station_keeps_nobody_and_invents_nobody(servers: int, people: list[tuple[float, float]]) -> None:
    clock = Clock()
    station = Station(clock, servers)
    for at, seconds in people:
        clock.after(at, lambda seconds=seconds: station.serve(seconds, lambda: None))  # type: ignore[misc]
    for until in (1.0, 3.0, 1_000.0):
        clock.run(until)
        assert station.arrived == station.served + station.inside
    assert station.busy_s() == pytest.approx(sum(seconds for _, seconds in people), abs=1e-6)


def test_the_same_seed_is_the_same_run() -> None:
    plan = Cell(3, 2, 40.0, 5.0)
    assert open_cell(plan, COST, [0.5, 1.5], 7) == open_cell(plan, COST, [0.5, 1.5], 7)
    assert open_cell(plan, COST, [0.5, 1.5], 7) != open_cell(plan, COST, [0.5, 1.5], 8)


def test_a_cell_that_is_asked_too_much_is_saturated_where_it_is_narrow() -> None:
    found = open_cell(Cell(1, 2, 50.0, 30.0), COST, [1.0])
    assert (found.first, found.saturated) == ("workers", True)
    assert found.waiting > 100
    assert not open_cell(Cell(1, 2, 5.0, 30.0), COST, [1.0]).saturated


# ---------------------------------------------------------------- this machine, simulated


def test_one_sender_alone_waits_for_nobody() -> None:
    found = closed(Closed(1, 1, 50, 2, 0.0, 0.001, 0.0), COST, [1.0])
    assert found.p99_ms == pytest.approx((0.001 + 0.04 + 0.004 + 0.002) * 1000)
    assert found.per_s == pytest.approx(1 / 0.047, rel=0.01)


def test_many_senders_are_as_fast_as_what_is_narrowest() -> None:
    one = closed(Closed(1, 16, 200, 2, 0.0, 0.001, 0.0), COST, [1.0])
    two = closed(Closed(2, 16, 200, 2, 0.0, 0.001, 0.0), COST, [1.0])
    assert one.per_s == pytest.approx(1 / 0.04, rel=0.06)  # the one event loop
    assert two.per_s == pytest.approx(2 / 0.045, rel=0.06)  # both cores, with the client and the database on them


def test_cores_that_others_take_are_missed() -> None:
    with pytest.raises(ValueError, match=r"2\.0 of 2 cores"):
        closed(Closed(1, 1, 10, 2, 2.0, 0.0, 0.0), COST, [1.0])
    alone, beside = (closed(Closed(1, 8, 200, 2, others, 0.0, 0.0), COST, [1.0]) for others in (0.0, 1.2))
    assert beside.per_s < alone.per_s * 0.9


def test_a_shape_has_the_mean_one() -> None:
    assert shape([1.0, 3.0]) == [0.5, 1.5]
    with pytest.raises(ValueError, match="no shape"):
        shape([])


# ---------------------------------------------------------------- on paper


def test_a_line_gives_what_one_more_costs() -> None:
    assert line([(20, 1.0), (300, 6.6)]) == pytest.approx((0.02, 0.6))
    assert line([(0, 2.0), (4, 1.0)]) == (0.0, 2.0)  # noise: one more costs nothing less than nothing
    with pytest.raises(ValueError, match="all at 3"):
        line([(3, 1.0), (3, 2.0)])


def test_costs_are_those_that_were_measured(figures: Figures) -> None:
    found = costs(figures)
    assert (found.turn_worker_s, found.turn_database_s, found.write_s) == pytest.approx((0.04, 0.004, 0.002))
    assert (found.frame_s, found.comment_s, found.relay_s) == pytest.approx((2e-5, 6e-4, 5e-4))
    assert (found.publish_s, found.receive_s) == pytest.approx((2e-6, 1e-6))


def test_a_room_s_comments_reach_fewer_workers_where_it_is_routed() -> None:
    demand = Demand(viewers=10_000, rooms=10)
    spread, routed = (fanout(demand, 100, routed=routed) for routed in (False, True))
    assert spread.copies == pytest.approx(100 * spread.comments)
    assert routed.copies < spread.copies / 5
    assert (routed.frames, routed.largest) == (spread.frames, spread.largest)


@settings(max_examples=30, deadline=None)
@given(st.integers(100, 50_000), st.floats(1, 500), st.floats(1, 5), st.booleans())
def test_more_demand_never_takes_less(viewers: int, turns: float, times: float, routed: bool) -> None:
    less, more = (
        sized(Demand(int(viewers * n), turns * n, rooms=50), Machines(), COST, routed=routed) for n in (1.0, times)
    )
    assert more.workers >= less.workers * 0.99
    assert all(b.used >= a.used * 0.99 for a, b in itertools.islice(zip(less.parts, more.parts, strict=True), 3))


def test_where_each_worker_is_told_too_much_no_number_is_enough() -> None:
    demand = Demand(viewers=1_000_000, turns_per_s=10)
    assert not sized(demand, Machines(), COST).holds
    assert sized(Demand(viewers=1_000_000, turns_per_s=10, shown_per_s=1), Machines(), COST, routed=True).holds


def test_what_breaks_first_is_what_there_is_one_of() -> None:
    name, part = reach(Demand(viewers=1, turns_per_s=20_000), Machines(), COST)
    assert name.startswith("PostgreSQL")
    assert part < 1


# ---------------------------------------------------------------- what was measured


def test_cpu_is_read_from_the_kernel_s_words() -> None:
    stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 30 20 20 0 7 0 100 1000 200"
    assert parse_cpu(stat) == pytest.approx(2.0)
    assert parse_cpu(stat, with_gone=True) == pytest.approx(2.5)
    assert parse_machine("cpu  100 0 100 5000 70 0 0 100 0 0\ncpu0 1 2 3") == pytest.approx(3.0)


def test_figures_are_read_as_they_were_written(figures: Figures, tmp_path: Path) -> None:
    save_figures(figures, tmp_path / "figures.json")
    assert load_figures(tmp_path / "figures.json") == figures
    assert figures.turns_of(2, 8).senders == 8
    with pytest.raises(NoData, match="3 workers"):
        figures.turns_of(3, 1)
    with pytest.raises(NoData, match="--keep"):
        load_figures(tmp_path / "none.json")


def test_checks_say_how_far_off_the_simulation_is(figures: Figures) -> None:
    first, second = report.checks(figures, costs(figures))
    assert (first.predicted_per_s, first.predicted_p99_ms) == (first.own_per_s, first.own_p99_ms)
    assert second.predicted_per_s > first.predicted_per_s
    assert report.off(22.0, 20.0) == pytest.approx(0.1)


def test_the_tables_show_it_all(figures: Figures) -> None:
    text = io.StringIO()
    console = Console(file=text, width=200)
    cost, machines, demand = costs(figures), Machines(), Demand(viewers=20_000, turns_per_s=100, rooms=20)
    report.show_figures(figures, console)
    report.show_checks(report.checks(figures, cost), console)
    found = sized(demand, machines, cost, routed=True)
    report.show_sized("small", found, demand, machines, console)
    plan, many = report.cell(demand, machines, cost, found)
    report.show_cell(plan, many, report.loaded(plan, cost, [1.0], (0.5,)), console)
    for words in ("PostgreSQL: CPU", "20,000 viewers in 20 rooms, 100 turns/s", "One of", "error"):
        assert words in text.getvalue()


def test_it_is_a_suite_with_figures_that_are_kept() -> None:
    assert SUITES["scale"] is report.measure
    assert load_figures().turns_of(1, 1).turns_per_s > 0
