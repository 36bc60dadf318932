"""Days: `date` in ISO 8601, as of the day on which a text was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta

from bot.text import number_of
from bot.types import Entity
from bot.values.numbers import SMALL, number
from bot.values.spans import apart

_N = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_SHIFTS_ZH = {
    "大前天": -3, "前天": -2, "昨": -1, "今": 0, "明": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_SHIFTS_EN = {
    "day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0, "tomorrow": 1,
    "day after tomorrow": 2,
}  # fmt: skip
_WEEKDAYS_ZH = {day: n for n, day in enumerate("一二三四五六日")} | {str(n): n - 1 for n in range(1, 8)} | {"天": 6}
_WEEKDAYS_EN = {
    day: n for n, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_MONTHS = {
    name: n for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\.?"
)
_WEEKDAY = rf"({'|'.join(_WEEKDAYS_EN)})"
# What is told of, not hoped for.
_PAST = re.compile(
    r"买的|拍的|下的?单|下单的|订的|收到|签收|到的|(?:买|拍|下单|付款|订|寄|退|到|说)了"
    r"|\b(?:bought|ordered|placed|paid|got|received|arrived|delivered|sent|shipped|came|was|were|did)\b",
    re.IGNORECASE,
)

# A match and the day of writing; None where there is no such day.
_Read = Callable[[re.Match[str], date], date | None]


def dates(text: str, today: date) -> Iterator[Entity]:
    """The days that a text names. `today` is the day of writing where the shop is.

    A weekday alone is the next one that comes, or the last that was in a text that tells of the past ("周五买的"). A day
    without a year is in the year that brings it nearest. Spans of time ("within 7 days", "last week") are no days.
    """
    return apart(_readings(text, today))


def _readings(text: str, today: date) -> Iterator[Entity]:
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            with suppress(ValueError, OverflowError):  # the 31st of February
                if (found := read(match, today)) is not None:
                    yield Entity("date", found.isoformat(), match.group(), match.start(), match.end())


def _whole(match: re.Match[str], today: date) -> date:
    year, month, day = match.groups()
    return date(int(year), int(month), int(day))


def _month_and_day(match: re.Match[str], today: date) -> date | None:
    month, day = number_of(match.group(1)), number_of(match.group(2))
    return _nearest(today, month, day) if month and day else None


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    months = {"上": -1, "下": 1}.get(match.group(1)[0], 0)
    day = number_of(match.group(2))
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, day) if day else None


def _month_first(match: re.Match[str], today: date) -> date:
    name, day, year = match.groups()
    return _named(today, day, name, year)


def _day_first(match: re.Match[str], today: date) -> date:
    day, name, year = match.groups()
    return _named(today, day, name, year)


def _named(today: date, day: str, name: str, year: str | None) -> date:
    month = _MONTHS[name[:3].lower()]
    return date(int(year), month, int(day)) if year else _nearest(today, month, int(day))


def _nearest(today: date, month: int, day: int) -> date:
    return min((date(today.year + n, month, day) for n in (0, -1, 1)), key=lambda found: abs(found - today))


def _shift_zh(match: re.Match[str], today: date) -> date:
    said = match.group(1)
    return today + timedelta(days=_SHIFTS_ZH[said] if said in _SHIFTS_ZH else _SHIFTS_ZH[said[0]])


def _shift_en(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=_SHIFTS_EN[" ".join(match.group(1).lower().split())])


def _weekday_zh(match: re.Match[str], today: date) -> date:
    weeks, weekday = match.group(1) or "", _WEEKDAYS_ZH[match.group(2)]
    if not weeks:
        return _alone(match, today, weekday)
    return _in_week(today, weeks.count("下") - weeks.count("上"), weekday)


def _weekday_en(match: re.Match[str], today: date) -> date:
    which, weekday = (match.group(1) or "").lower(), _WEEKDAYS_EN[match.group(2).lower()]
    if which in ("last", "past"):
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    if which in ("this", "next"):
        return _in_week(today, int(which == "next"), weekday)
    return _alone(match, today, weekday)


def _in_week(today: date, weeks: int, weekday: int) -> date:
    return today + timedelta(days=weekday - today.weekday(), weeks=weeks)


def _alone(match: re.Match[str], today: date, weekday: int) -> date:
    if _PAST.search(match.string):
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _ago_zh(match: re.Match[str], today: date) -> date | None:
    days = 7 if match.group(2) != "天" else 1
    return _ago(match.group(1), days if match.group(3) in ("后", "之后", "以后") else -days, today)


def _ago_en(match: re.Match[str], today: date) -> date | None:
    days = 7 if match.group(2).lower().startswith("week") else 1
    return _ago(match.group(1), -days if match.group(3).lower() == "ago" else days, today)


def _in_days(match: re.Match[str], today: date) -> date | None:
    return _ago(match.group(1), 7 if match.group(2).lower().startswith("week") else 1, today)


def _ago(said: str, days: int, today: date) -> date | None:
    n = 1 if said.lower() in ("a", "an") else number(said)
    return today + timedelta(days=n * days) if n else None


_READERS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (re.compile(r"(?<!\d)(20\d\d)\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})(?!\d)[日号]?"), _whole),
    (re.compile(rf"(?<!\d)({_N})月({_N})[日号]"), _month_and_day),
    (re.compile(rf"(上个?|下个?|这个?|本)月({_N})[日号]"), _day_of_month),
    (
        re.compile(rf"\b{_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*(20\d\d)\b)?(?!\s*(?:people|items|pairs|%))", re.I),
        _month_first,
    ),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?![a-z])(?:,?\s*(20\d\d)\b)?", re.I), _day_first),
    (re.compile(r"(大前天|大后天|前天|后天|昨[天日晚]|今[天日晚早]|明[天日晚早])"), _shift_zh),
    (
        re.compile(
            r"\b(?:the\s+)?(day before yesterday|day after tomorrow|yesterday|last night|today|tonight|tomorrow)\b", re.I
        ),
        _shift_en,
    ),
    (re.compile(r"(上+个?|下+个?|这个?|本)?(?:周|星期|礼拜)([一二三四五六日天1-7])(?![\d年个])"), _weekday_zh),
    (re.compile(rf"(?<!black )(?<!cyber )\b(?:(last|past|this|next|on)\s+)?{_WEEKDAY}\b", re.I), _weekday_en),
    (re.compile(rf"({SMALL})\s*(天|周|个?星期|个?礼拜)\s*(前|之前|以前|后|之后|以后)", re.I), _ago_zh),
    (re.compile(rf"({SMALL}|\ban?)\s+(days?|weeks?)\s+(ago|later|from now)\b", re.I), _ago_en),
    (re.compile(rf"\bin\s+({SMALL}|an?)\s+(days?|weeks?)(?:'\s+time)?\b", re.I), _in_days),
)
