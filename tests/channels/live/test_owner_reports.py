"""The reports of shows as owners read them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.audit import REDACTED
from bot.errors import BadInput
from bot.fakes import MemoryAudit
from bot.shows import Show as OwnersShow
from channels.live.owner_reports import OwnerReports
from channels.live.reporting import Reporter
from tests.channels.live.shows import Show, moment
from tests.knowledge.shop import MemoryShop

HOUR = 3600


@pytest.fixture
def past() -> Show:
    past = Show()
    past.ask("ann", "多久<b>发货</b>？", 30, told_after=4)
    past.then("hidden", 5 * HOUR, "c", "abuse")
    return past


@pytest.fixture
def reports(past: Show) -> OwnerReports:
    audit = MemoryAudit()
    second = Show("second")
    second.tally(2 * HOUR, 5)
    second.then(REDACTED, 9 * HOUR, "digest")
    audit.entries |= {"main": past.entries, "second": second.entries}
    return OwnerReports(Reporter(audit, past.read, MemoryShop()), ZoneInfo("Asia/Shanghai"))


async def test_the_shows_of_all_rooms_the_last_first(reports: OwnerReports) -> None:
    shows = await reports.last(10)
    assert [(show.room, show.since) for show in shows] == [
        ("main", moment(5 * HOUR)),
        ("second", moment(2 * HOUR)),
        ("main", moment(34)),
    ]
    assert shows[1] == OwnersShow("second", moment(2 * HOUR), moment(2 * HOUR) + timedelta(minutes=1))
    assert await reports.last(1) == shows[:1]


async def test_a_report_is_one_page_in_the_language_that_was_asked_for(reports: OwnerReports) -> None:
    asked = (moment(0).isoformat(), moment(HOUR).isoformat())
    page = await reports.page("main", *asked, "en")
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "多久&lt;b&gt;发货" in page and "<b>发货" not in page


@pytest.mark.parametrize(
    ("room", "since", "language", "where"),
    [("none", "", "zh", "room"), ("main", "x", "zh", "since"), ("main", "", "fr", "language")],
)
async def test_what_is_wrong_is_named(reports: OwnerReports, room: str, since: str, language: str, where: str) -> None:
    with pytest.raises(BadInput) as refused:
        await reports.page(room, since or moment(0).isoformat(), moment(HOUR).isoformat(), language)
    assert refused.value.where == where
