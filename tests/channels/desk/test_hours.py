"""When the desk is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.desk.hours import office_hours, parse_range

# A Monday, noon in London, 20:00 in Shanghai.
MONDAY = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
WEEK = office_hours(["Mon-Fri 09:00-18:00", "sat 10:00-16:00"], "Asia/Shanghai", [date(2026, 1, 6)])


def test_no_hours_are_always_open() -> None:
    assert office_hours([], "UTC").is_open(MONDAY) and office_hours([], "UTC").opens_at(MONDAY) is None


def test_it_opens_on_the_next_day_that_is_no_holiday() -> None:
    assert not WEEK.is_open(MONDAY)
    opens = WEEK.opens_at(MONDAY)
    assert opens is not None and opens.isoformat() == "2026-01-07T09:00:00+08:00"
    saturday = WEEK.opens_at(datetime(2026, 1, 9, 11, tzinfo=UTC))
    assert saturday is not None and saturday.isoformat() == "2026-01-10T10:00:00+08:00"


def test_a_night_shift_goes_on_after_midnight() -> None:
    night = office_hours(["Fri-Mon 22:00-02:00"], "UTC")
    assert night.is_open(datetime(2026, 1, 5, 1, tzinfo=UTC)) and night.is_open(datetime(2026, 1, 6, 1, 59, tzinfo=UTC))
    assert not night.is_open(datetime(2026, 1, 6, 2, tzinfo=UTC)) and not night.is_open(datetime(2026, 1, 7, 1, tzinfo=UTC))


def test_the_clocks_change_and_nine_stays_nine() -> None:
    berlin = office_hours(["Mon-Sun 09:00-17:00"], "Europe/Berlin")
    opens = berlin.opens_at(datetime(2026, 3, 28, 22, tzinfo=UTC))
    assert opens is not None and opens.astimezone(UTC) == datetime(2026, 3, 29, 7, tzinfo=UTC)


@given(st.integers(0, 60 * 24 * 14))
def test_where_it_is_closed_it_opens_later_and_is_open_then(minutes: int) -> None:
    at = MONDAY + timedelta(minutes=minutes)
    opens = WEEK.opens_at(at)
    assert WEEK.is_open(at) == (opens is None)
    if opens is not None:
        assert opens > at and WEEK.is_open(opens) and not WEEK.is_open(opens - timedelta(minutes=1))


@pytest.mark.parametrize("text", ["", "Mon 9-18", "Mon-Foo 09:00-18:00", "Mon 25:00-26:00", "09:00-18:00"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_range(text)
