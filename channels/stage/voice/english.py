"""Reads an English sentence, with the Chinese names in it, as it is said. Pure."""

from __future__ import annotations

import re
from functools import cache

from channels.stage.months import MONTHS
from channels.stage.voice.chinese import chinese
from channels.stage.voice.numerals import NUMBER, en_digits, en_number, en_ordinal, en_year, plain, value_of
from channels.stage.voice.screen import (
    CAPITALS,
    CODE,
    DASH,
    DATE,
    EITHER,
    FRACTION,
    HAN,
    LEFT,
    LETTER_HYPHEN,
    PHONE,
    Rule,
    apply,
    money_pattern,
    numbered_pattern,
    pers,
    sides,
    sizes_pattern,
    spelt_letters,
    tidy,
    unit_pattern,
    words,
)

_MONTH = rf"({'|'.join(MONTHS)})"
_YEAR = r"((?:19|20)\d\d)"
_HALF = r"(?:\s*([AaPp])\.?\s?[Mm]\b\.?)"
_CLOCK = rf"(?<![\d:])(\d{{1,2}}):([0-5]\d)(?!\d){_HALF}?"
_RANGE = rf"({NUMBER})(?:{DASH}({NUMBER}))?"
_SIGNS = str.maketrans(
    {"≥": " at least ", "≤": " at most ", "&": " and ", "×": " times ", "=": " equals ", "°": " degrees", "，": ", "}
)


def english(text: str) -> str:
    """A text without brackets and emoji, as it is said in English. No digits are left."""
    return tidy(apply(text, _rules()).translate(_SIGNS))


@cache
def _rules() -> tuple[Rule, ...]:
    """In this order: what is told by more comes before what is told by less."""
    return (*_codes(), *_times(), *_amounts(), *_plain_numbers(), *_capitals())


def _codes() -> tuple[Rule, ...]:
    """What is read one by one; and Chinese names, with the numbers that stand right beside them."""
    return (
        (PHONE, lambda m: _spelt(m[0])),
        (numbered_pattern(), lambda m: m[1] + _spelt(m[2])),
        (CODE, lambda m: _spelt(m[0])),
        (re.compile(rf"[\d.,]*[{HAN}]+(?:[\d.,]*[{HAN}]+)*"), lambda m: chinese(m[0])),
    )


def _times() -> tuple[Rule, ...]:
    day, year = r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?", rf"(?:,? {_YEAR}\b)?"
    in_year = rf"\b(in|since|until|by|of) {_YEAR}(?![\d%]|[,.-]\d|\s+[a-z]+s\b)"
    return (
        (DATE, lambda m: _day(m[3], MONTHS[int(m[2]) - 1], m[1])),
        (re.compile(rf"\b(?:the )?{day}(?: of)? {_MONTH}\b{year}"), lambda m: _day(m[1], m[2], m[3])),
        (re.compile(rf"\b{_MONTH} {day}\b(?!:){year}"), _month_day),
        (re.compile(rf"(?<=[:\d]\d){DASH}(?=\d?\d:\d\d)"), lambda m: " to "),
        (re.compile(_CLOCK), lambda m: _clock(m[1], m[2], m[3])),
        (re.compile(rf"{LEFT}(\d{{1,2}}){_HALF}"), lambda m: f"{en_number(m[1])} {m[2].lower()} m"),
        (re.compile(in_year), lambda m: f"{m[1]} {en_year(int(m[2]))}"),
    )


def _amounts() -> tuple[Rule, ...]:
    return (
        (re.compile(rf"(-?){_RANGE}\s*°\s*([CcFf])\b"), _degrees),
        (money_pattern(), _money),
        (re.compile(rf"{_RANGE}\s*%"), lambda m: f"{_span(m[1], m[2])} percent"),
        (FRACTION, lambda m: _fraction(int(m[1]), int(m[2]))),
        (EITHER, lambda m: " or "),
        (sizes_pattern(), _sizes),
        (re.compile(rf"(\b[Aa]n?\s+)?{LEFT}{_RANGE}{unit_pattern()}"), _measure),
    )


def _plain_numbers() -> tuple[Rule, ...]:
    return (
        (re.compile(rf"(?<=[A-Z])\s?{_RANGE}"), lambda m: f" {_span(m[1], m[2])} "),
        (re.compile(r"\+"), lambda m: " plus "),
        (re.compile(r"(?:#|\bNo\. ?)(\d+)"), lambda m: f"number {en_number(m[1])}"),
        (re.compile(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda m: en_ordinal(int(m[1]))),
        (re.compile(rf"{LEFT}-(?=\d)"), lambda m: "minus "),
        (re.compile(_RANGE), lambda m: f" {_span(m[1], m[2])} "),
    )


def _capitals() -> tuple[Rule, ...]:
    return ((CAPITALS, lambda m: f" {_letters(m[0])} "), (LETTER_HYPHEN, lambda m: " "))


def _letters(capitals: str) -> str:
    return capitals if capitals in {"I", "A"} else spelt_letters(capitals)


def _span(low: str, high: str | None) -> str:
    return f"{en_number(low)} to {en_number(high)}" if high else en_number(low)


def _day(day: str, month: str, year: str | None) -> str:
    """British: the eighteenth of June."""
    return f"the {en_ordinal(int(day))} of {month}" + (f" {en_year(int(year))}" if year else "")


def _month_day(found: re.Match[str]) -> str:
    """American: June eighteenth."""
    return f"{found[1]} {en_ordinal(int(found[2]))}" + (f" {en_year(int(found[3]))}" if found[3] else "")


def _clock(hours: str, minutes: str, half: str | None) -> str:
    """The time by the clock of twelve hours. Noon and midnight have names."""
    hour, minute = int(hours), int(minutes)
    if minute == 0 and half is None and hour in {0, 12, 24}:
        return "noon" if hour == 12 else "midnight"
    past = "" if minute == 0 else f" {'oh ' if minute < 10 else ''}{en_number(str(minute))}"
    letter = half.lower() if half else "pa"[hour % 24 < 12]
    return f"{en_number(str(hour % 12 or 12))}{past} {letter} m"


def _degrees(found: re.Match[str]) -> str:
    scale = "Celsius" if found[4] in "Cc" else "Fahrenheit"
    return f"{'minus ' if found[1] else ''}{_span(found[2], found[3])} degrees {scale}"


def _money(found: re.Match[str]) -> str:
    """An amount; hundredths have their own name where English has one."""
    sign, low, high = found.groups()
    one, several, *minor = words().money[sign][1:]
    cents = int(value_of(low) * 100 % 100)
    if high or not minor or not cents:
        last = high or low
        return f"{_span(plain(low), plain(high) if high else None)} {one if value_of(last) == 1 else several}"
    whole = int(value_of(low))
    parts = [f"{en_number(str(whole))} {one if whole == 1 else several}"] if whole else []
    return " and ".join([*parts, f"{en_number(str(cents))} {minor[cents != 1]}"])


def _sizes(found: re.Match[str]) -> str:
    unit = f" {_unit(found[4], found[5], alone=False)}" if found[4] else ""
    return " by ".join(en_number(side) for side in sides(found)) + unit


def _fraction(top: int, bottom: int) -> str:
    if bottom < 2:
        return f"{en_number(str(top))} over {en_number(str(bottom))}"
    name = {2: "half", 4: "quarter"}.get(bottom) or en_ordinal(bottom)
    several = "halves" if bottom == 2 else f"{name}s"
    return f"{en_number(str(top))} {name if top == 1 else several}"


def _measure(found: re.Match[str]) -> str:
    """Of one, and before what it describes ("a 2 kg bag"), the unit stands alone; otherwise in the plural."""
    article, low, high, unit, per = found.groups()
    alone = article is not None or (value_of(low) == 1 and high is None)
    return f"{article or ''}{_span(low, high)} {_unit(unit, per, alone=alone)}"


def _unit(unit: str, per: str, *, alone: bool) -> str:
    others = [f"every {en_number(n)} {words().units[u][2]}" if n else f"per {words().units[u][1]}" for n, u in pers(per)]
    return " ".join([words().units[unit][1 if alone else 2], *others])


def _spelt(code: str) -> str:
    """Letters and digits one by one; a pause where a number is divided."""
    plus, groups = code.startswith("+"), [group for group in re.split(r"[ +-]+", code) if group]
    spelt = [_spelt_group(group) for group in groups]
    divided = ", " if code.strip("+")[0].isdigit() else " "
    return ("plus " if plus else "") + divided.join(spelt)


def _spelt_group(group: str) -> str:
    parts = re.findall(r"[A-Za-z]+|\d+", group)
    return " ".join(en_digits(part) if part.isdigit() else " ".join(part.upper()) for part in parts)
