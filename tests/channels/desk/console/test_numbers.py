"""The playground keeps nothing; numbers of days are those of the shop's calendar."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import EventKind, TicketEvent
from bot.traces import Became
from channels.desk.console.days import SHOWN, Days, by_day
from tests.channels.desk.conftest import PERSON, Site, World

CONSOLE = "/desk/api/console"
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(("method", "path"), [("POST", "/try"), ("GET", "/numbers")])
async def test_owners_alone_come_in(
    site: Site, mia: httpx.AsyncClient, boss: httpx.AsyncClient, method: str, path: str
) -> None:
    body = {"text": "hi"} if method == "POST" else None
    async with site.browser() as nobody:
        assert (await nobody.request(method, CONSOLE + path, json=body)).status_code == 401
    assert (await mia.request(method, CONSOLE + path, json=body)).status_code == 403
    elsewhere = {"origin": "https://evil.example"}
    assert (await boss.request(method, CONSOLE + path, json=body, headers=elsewhere)).status_code == 403
    assert (await boss.request(method, CONSOLE + path, json=body)).status_code == 200


async def test_what_is_tried_is_read_and_answered_and_nothing_is_kept(
    site: Site, world: World, boss: httpx.AsyncClient
) -> None:
    before = str(vars(world.store)), str(vars(world.kept))
    turn = (await boss.post(f"{CONSOLE}/try", json={"text": "is it waterproof?"})).json()["turn"]
    assert turn["said"][0]["text"] == "answer to is it waterproof?" and turn["found"] and turn["read"]["commands"]
    asked = (await boss.post(f"{CONSOLE}/try", json={"text": PERSON})).json()["turn"]
    assert [one["kind"] for one in asked["decided"]] == ["escalate"] and asked["said"] == []
    assert (str(vars(world.store)), str(vars(world.kept))) == before
    assert (await boss.post(f"{CONSOLE}/try", json={"text": " "})).status_code == 422


async def test_the_numbers_of_today(world: World, boss: httpx.AsyncClient) -> None:
    await world.says("is it waterproof?")
    await world.says(PERSON)
    body = (await boss.get(f"{CONSOLE}/numbers")).json()
    today = body["days"][-1]
    assert len(body["days"]) == SHOWN and today["day"] == "2026-01-05"
    assert (today["unanswered"], today["handed_over"], today["resolved"], today["rated"]) == (1, 1, 0, 0)


@given(st.lists(st.tuples(st.integers(0, SHOWN * 96 - 1), st.sampled_from(list(Became)), st.integers(1, 9)), max_size=30))
def test_every_turn_is_of_one_day(counted: list[tuple[int, Became, int]]) -> None:
    days = Days.until(NOON, ZoneInfo("Asia/Kathmandu"))
    start = int(days.since.timestamp()) // 900
    turns: Counter[tuple[int, Became]] = Counter()
    for quarter, came_to, count in counted:
        turns[start + quarter, came_to] += count
    made = by_day(days, turns, [])
    for came_to in (Became.ANSWERED, Became.UNANSWERED, Became.SERVED):
        assert sum(getattr(day, came_to.value) for day in made) == sum(n for (_, one), n in turns.items() if one is came_to)


def test_a_day_is_one_of_the_shops_calendar_and_a_rating_counts_where_it_was_asked_for() -> None:
    days = Days.until(NOON, ZoneInfo("Europe/Berlin"))  # the clocks go forward on 29 March
    assert days.first == date(2026, 3, 2) and days.since == datetime(2026, 3, 1, 23, tzinfo=UTC)
    midnight = datetime(2026, 3, 29, 22, tzinfo=UTC)
    events = [
        TicketEvent("1", "t", EventKind.OPENED, midnight - timedelta(seconds=1)),
        TicketEvent("2", "t", EventKind.RESOLVED, midnight),
        TicketEvent("3", "t", EventKind.ASKED, midnight, text="h1"),
        TicketEvent("4", "t", EventKind.RATED, midnight + timedelta(days=1), text="h1 4"),
        TicketEvent("5", "u", EventKind.ASKED, midnight, text="h2"),
        TicketEvent("6", "u", EventKind.RATED, midnight, text="h2 2"),
    ]
    made = {day.day: day for day in by_day(days, {}, events)}
    assert (made["2026-03-29"].handed_over, made["2026-03-30"].handed_over) == (1, 0)
    assert (made["2026-03-30"].resolved, made["2026-03-30"].rated, made["2026-03-30"].satisfied) == (1, 2, 1)
    assert made["2026-03-31"].rated == 0
