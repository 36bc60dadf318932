"""What is promised within a time: near, missed, told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Alarm, Due, EventKind, Goal, Priority, TicketState
from bot.errors import ChannelUnavailable
from channels.desk.goals import Goals, urgency
from channels.desk.hours import office_hours
from tests.channels.desk.conftest import BEN, PERSON, SPANS, Site, World
from tests.channels.desk.test_transitions import NEW

# A Monday, 20:00 in Shanghai.
MONDAY = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DAYS = office_hours(["Mon-Fri 09:00-18:00", "Wed 08:00-12:00"], "Asia/Shanghai")
MINUTE = timedelta(minutes=1)


@given(st.integers(0, 60 * 24 * 7), st.integers(1, 60 * 20))
def test_open_time_is_counted_minute_by_minute(since: int, minutes: int) -> None:
    at = MONDAY + since * MINUTE
    after = DAYS.after(at, minutes * MINUTE)
    assert after is not None
    assert sum(DAYS.is_open(at + n * MINUTE) for n in range(int((after - at) / MINUTE))) == minutes


def test_where_the_clocks_change_an_hour_is_an_hour() -> None:
    berlin = office_hours(["Sun 00:00-12:00"], "Europe/Berlin")
    since = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert berlin.after(since, timedelta(hours=3)) == since + timedelta(hours=3)
    assert office_hours([], "UTC").after(MONDAY, MINUTE) == MONDAY + MINUTE
    assert DAYS.after(MONDAY, timedelta(days=40)) is None


def _due(goals: Goals, minutes: float, **fields: object) -> tuple[Goal, bool] | None:
    ticket = replace(NEW, opened_at=MONDAY, **fields)  # type: ignore[arg-type]
    due = goals.due(ticket, MONDAY + minutes * MINUTE)
    return (due.goal, due.missed) if due else None


def test_a_goal_is_near_then_missed_and_gone_when_it_is_met() -> None:
    goals = Goals(SPANS, office_hours([], "UTC"))
    told = [_due(goals, minutes) for minutes in (14.9, 15, 19.9, 20)]
    assert told == [None, (Goal.FIRST_ANSWER, False), (Goal.FIRST_ANSWER, False), (Goal.FIRST_ANSWER, True)]
    assert _due(goals, 20, answered_at=MONDAY) is None
    assert _due(goals, 180, answered_at=MONDAY) == (Goal.RESOLUTION, False)
    assert _due(goals, 999, state=TicketState.RESOLVED) is None
    assert _due(goals, 999, priority=Priority.LOW) is None, "nothing is promised for it"


def test_at_night_no_time_runs() -> None:
    goals = Goals(SPANS, DAYS)
    assert _due(goals, 12 * 60) is None and _due(goals, 13 * 60 + 20) == (Goal.FIRST_ANSWER, True)


@given(st.lists(st.none() | st.builds(Due, st.sampled_from(Goal), st.datetimes(timezones=st.just(UTC)), st.booleans())))
def test_what_is_missed_comes_before_what_is_near_before_the_rest(dues: list[Due | None]) -> None:
    ranks = [0 if due and due.missed else 1 if due else 2 for due in sorted(dues, key=urgency)]
    assert ranks == sorted(ranks)


async def test_the_pages_hear_of_both_and_other_channels_once_even_where_they_were_away(world: World) -> None:
    heard: list[Alarm] = []
    away = [True]

    async def take(alarm: Alarm) -> None:
        if away:
            raise ChannelUnavailable(f"away, {away.pop()}")
        heard.append(alarm)

    world.alarms.tell_also(take)
    await world.says(PERSON)
    await world.reminding.remind()
    assert not world.due and not heard
    world.clock.pass_seconds(16 * 60)
    for _ in range(3):
        await world.reminding.remind()
    assert [due.missed for _, due in world.due] == [False] and len(heard) == 1
    world.clock.pass_seconds(5 * 60)
    world.reminding._known.clear()  # another process
    for _ in range(2):
        await world.reminding.remind()
    assert [due.missed for _, due in world.due] == [False, True] and len(heard) == 1
    kinds = [event.kind for event in await world.kept.events((await world.ticket()).id)]
    assert kinds.count(EventKind.DUE) == 2
    await world.desk.reply((await world.ticket()).id, world.act(), "Hello")
    assert world.goals.due(await world.ticket(), world.clock.now()) is None


async def test_what_is_late_stands_first_and_says_so(site: Site, mia: httpx.AsyncClient) -> None:
    world = site.world
    await world.says(PERSON, BEN)
    ben = (await world.ticket(BEN)).id
    low = await mia.post(f"/desk/api/tickets/{ben}/priority", json={"id": "p", "priority": "low"})
    assert low.json()["ticket"]["priority"] == "low"
    await world.says(PERSON)
    world.clock.pass_seconds(21 * 60)
    shown = (await mia.get("/desk/api/tickets")).json()["tickets"]
    assert [ticket["due"] and ticket["due"]["missed"] for ticket in shown] == [True, None]
    assert [ticket["id"] for ticket in shown] == [(await world.ticket()).id, ben]
    wrong = await mia.post(f"/desk/api/tickets/{ben}/priority", json={"id": "q", "priority": "soon"})
    assert wrong.status_code == 422
