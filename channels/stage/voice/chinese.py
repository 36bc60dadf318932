"""Reads a Chinese sentence, with the English names in it, as it is said. Pure."""

from __future__ import annotations

import re
from functools import cache

from channels.stage.voice.numerals import NUMBER, plain, zh_digits, zh_number
from channels.stage.voice.screen import (
    CAPITALS,
    CODE,
    DASH,
    DATE,
    EITHER,
    FRACTION,
    LEFT,
    LETTER_HYPHEN,
    PHONE,
    Rule,
    apply,
    money_pattern,
    numbered_pattern,
    one_of,
    pers,
    sides,
    sizes_pattern,
    spelt_letters,
    tidy,
    unit_pattern,
    words,
)

_RANGE = rf"({NUMBER})(?:{DASH}({NUMBER}))?"
_SIGNS = str.maketrans({"≥": "不低于", "≤": "不超过", "&": "和", "×": "乘", "=": "等于", "#": "", "°": "度"})


def chinese(text: str) -> str:
    """A text without brackets and emoji, as it is said in Chinese. No digits are left."""
    return tidy(apply(text, _rules()).translate(_SIGNS)).replace(",", "，")


@cache
def _rules() -> tuple[Rule, ...]:
    """In this order: what is told by more comes before what is told by less."""
    return (*_codes(), *_times(), *_amounts(), *_plain_numbers(), *_capitals())


def _codes() -> tuple[Rule, ...]:
    """What is read one by one."""
    known = words()
    day_sale = rf"{LEFT}({one_of(known.day_sales)})(?=\s*(?:{one_of(known.day_sale_words)}))"
    return (
        (PHONE, lambda m: _spelt(m[0])),
        (numbered_pattern(), lambda m: m[1] + _spelt(m[2])),
        (CODE, lambda m: _spelt(m[0])),
        (re.compile(day_sale), lambda m: zh_digits(m[1])),
    )


def _times() -> tuple[Rule, ...]:
    return (
        (DATE, lambda m: f"{zh_digits(m[1])}年{zh_number(m[2])}月{zh_number(m[3])}日"),
        (re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)"), lambda m: zh_digits(m[1])),
        (re.compile(rf"(?<=:\d\d){DASH}(?=\d?\d:\d\d)"), lambda m: "到"),
        (re.compile(r"(?<!\d)(\d{1,2}):([0-5]\d)(?!\d)"), lambda m: _clock(m[1], m[2])),
    )


def _amounts() -> tuple[Rule, ...]:
    off = rf"满\s*({NUMBER})\s*元?\s*[,，]?\s*减\s*({NUMBER})(?![\d.]|\s*[件%])\s*元?"
    return (
        (re.compile(rf"(-?){_RANGE}\s*°\s*[Cc]"), lambda m: f"{'零下' if m[1] else ''}{_span(m[2], m[3])}摄氏度"),
        (money_pattern(), _money),
        (re.compile(r"(?<=[元镑])\s*[元块]"), lambda m: ""),
        (re.compile(off), _off),
        (re.compile(r"(?<![\d.])(\d)\.?(\d)\s*折"), lambda m: f"{zh_digits(m[1] + m[2])}折"),
        (re.compile(rf"{_RANGE}\s*%"), lambda m: "到".join(_percent(part) for part in m.groups() if part)),
        (FRACTION, lambda m: f"{zh_number(m[2])}分之{zh_number(m[1])}"),
        (EITHER, lambda m: "或"),
        (sizes_pattern(), _sizes),
        (re.compile(rf"{LEFT}{_RANGE}{unit_pattern()}"), lambda m: _span(m[1], m[2], two=True) + _unit(m[3], m[4])),
    )


def _plain_numbers() -> tuple[Rule, ...]:
    counted = rf"(?<![第双A-Za-z\d.]){_RANGE}(?=\s*(?:{one_of(words().counted)}))"
    return (
        (re.compile(rf"(?<=[A-Z]){_RANGE}\+"), lambda m: f"{_span(m[1], m[2])}加"),
        (re.compile(rf"({NUMBER})\+"), lambda m: f"{zh_number(m[1])}多"),
        (re.compile(r"(?<=[A-Za-z])\s?(\++)"), lambda m: f"{zh_number(str(len(m[1])))}个加" if len(m[1]) > 1 else "加"),
        (re.compile(counted), lambda m: _span(m[1], m[2], two=True)),
        (re.compile(_RANGE), lambda m: _span(m[1], m[2])),
    )


def _capitals() -> tuple[Rule, ...]:
    return ((CAPITALS, lambda m: f" {spelt_letters(m[0])} "), (LETTER_HYPHEN, lambda m: " "))


def _clock(hours: str, minutes: str) -> str:
    hour = "两" if int(hours) == 2 else zh_number(str(int(hours)))
    if int(minutes) == 0:
        return f"{hour}点"
    return f"{hour}点{'零' if int(minutes) < 10 else ''}{zh_number(str(int(minutes)))}分"


def _span(low: str, high: str | None, *, two: bool = False) -> str:
    """A number, or two with 到 between them; `two` of something that is counted is 两."""
    named = ["两" if two and number == "2" else zh_number(number) for number in (low, high) if number]
    return "到".join(named)


def _sizes(found: re.Match[str]) -> str:
    unit = _unit(found[4], found[5]) if found[4] else ""
    return "乘".join(zh_number(side) for side in sides(found)) + unit


def _unit(unit: str, per: str) -> str:
    others = [f"每{zh_number(number) if number else ''}{words().units[other][0]}" for number, other in pers(per)]
    return words().units[unit][0] + "".join(others)


def _money(found: re.Match[str]) -> str:
    sign, low, high = found.groups()
    return f"{_span(plain(low), plain(high) if high else None, two=True)}{words().money[sign][0]}"


def _off(found: re.Match[str]) -> str:
    """A pause, and 元 after both amounts: otherwise 减 drowns between the numbers."""
    return f"满{zh_number(found[1])}元，减{zh_number(found[2])}元"


def _percent(number: str) -> str:
    return "百分之百" if number == "100" else f"百分之{zh_number(plain(number))}"


def _spelt(code: str) -> str:
    """Letters and digits one by one; a pause where the code is divided by more than nothing."""
    groups = [group for group in re.split(r"[ -]+", code) if group]
    return "，".join(_spelt_group(group) for group in groups)


def _spelt_group(group: str) -> str:
    parts = re.findall(r"[A-Za-z]+|\d+|\+", group)
    return "".join("加" if part == "+" else _spelt_part(part) for part in parts)


def _spelt_part(part: str) -> str:
    return zh_digits(part, spelt=True) if part.isdigit() else f" {' '.join(part.upper())} "
