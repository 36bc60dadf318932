"""Quantities in a text: numbers with a unit of measure, in the base of their dimension, and ranges of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.text import number_of
from bot.values.numbers import ENGLISH, LARGER

_FILE = Path(__file__).with_name("units.yml")
_WORD_NUMBERS = {**ENGLISH, **LARGER}
_SPELT = "|".join(sorted(_WORD_NUMBERS, key=len, reverse=True))
_NUMERAL = rf"\d+(?:,\d{{3}})*(?:\.\d+)?|[零一二两三四五六七八九十百千]{{1,6}}|(?:{_SPELT})(?![a-z])"
# Between a number and its unit: so much, or not far from it ("四十来升").
_ABOUT = r"[来多余]?"
# Words for what lies below zero: "minus 30", "零下20度".
_BELOW_ZERO = r"(?:-|−|minus |零下|负)"


# "一米七五", "二尺三", "三斤半": a unit and the digits behind its point, said without a unit of their own.
_SPOKEN = re.compile(
    r"(?<![\d.零一二两三四五六七八九十百])(\d{1,3}|[一二两三四五六七八九十]{1,3})(米|尺|斤|公斤|升)"
    r"(半|[1-9]\d?|[一二三四五六七八九]{1,2})(?![\d.个件条双套盒瓶袋包块元毛岁码号点天月年米尺寸厘公斤两克升]|十|百)"
)
_BEHIND = "+"
# "一家五口", "a family of five".
_FAMILY = re.compile(rf"一家(?P<zh>[二两三四五六七八]|\d)口|\bfamily of (?P<en>\d|{_SPELT})\b")


# "My son is 6", "for my niece, she's 6", "just turned 6": an age by the words before it.
_CHILD = r"(?:son|daughter|kid|child|boy|girl|niece|nephew|grand[a-z]+)"
_IS = r"(?: is|['’]?s| are|['’]re)"
_AGED = re.compile(
    rf"\b(?:aged|turned|turning|{_CHILD}{_IS}|{_CHILD}\b[^.;?!]{{0,12}}\b(?:he|she|who|they){_IS})"
    rf" (?P<age>\d{{1,2}}|{_SPELT})(?=$|[,.;?!]| and | so | now )"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, or a range of them: `low` to `high` in the dimension's base; equal for one number.

    `number` is what was written, before its unit was reckoned in; `dimension` is empty for a number without a known unit.
    """

    low: float
    high: float
    dimension: str
    unit: str
    number: float
    start: int
    end: int


@cache
def _units() -> dict[str, tuple[str, float]]:
    """The dimension and size of each way to write a unit."""
    raw = YAML(typ="safe").load(_FILE.read_text("utf-8"))
    return {
        str(name): (str(dim), float(unit["size"])) for dim, units in raw.items() for unit in units for name in unit["names"]
    }


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_units(), key=len, reverse=True)
    latin = "|".join(re.escape(name) + "s?" for name in names if re.fullmatch(r"[a-z/²° -]+", name))
    other = "|".join(re.escape(name) for name in names if not re.fullmatch(r"[a-z/²° -]+", name))
    unit = rf"(?:(?P<{{0}}l>{latin})(?![a-z])|(?P<{{0}}o>{other}))"
    number = rf"(?P<{{0}}>{_BELOW_ZERO}?\s?(?:{_NUMERAL}))"
    first, second = number.replace("{0}", "a"), number.replace("{0}", "b")
    between = r"\s*(?:-|–|—|~|to|至|到|and)\s*"
    own, shared = unit.replace("{0}", "u"), unit.replace("{0}", "v")
    return re.compile(
        rf"(?<![a-z\d.]){first}[\s-]*(?:{own})?(?:{between}{second}[\s-]*(?:{shared}))"
        rf"|(?<![a-z\d.]){number.replace('{0}', 'c')}[\s-]*{_ABOUT}{unit.replace('{0}', 'w')}"
    )


@lru_cache(65_536)
def quantities(plain: str) -> tuple[Quantity, ...]:
    """The quantities with a known unit in a normalised text, in order."""
    found = [_spoken(match) for match in _SPOKEN.finditer(plain)]
    for match in _pattern().finditer(plain):
        groups = match.groupdict()
        if groups["c"] is not None:
            unit = groups["wl"] or groups["wo"]
            low = high = _value(groups["c"])
        else:
            unit = groups["vl"] or groups["vo"]
            low, high = _value(groups["a"]), _value(groups["b"])
        known = _units().get(unit) or _units().get(unit.removesuffix("s"))
        if known is None or low is None or high is None:
            continue
        dimension, size = known
        number = low
        own = groups["ul"] or groups["uo"]
        own_size = (_units().get(own) or _units().get(own.removesuffix("s")) or known)[1] if own else size
        low, high = low * own_size, high * size
        found.append(Quantity(min(low, high), max(low, high), dimension, unit, number, match.start(), match.end()))
    for match in _FAMILY.finditer(plain):
        if (people := _value(match["zh"] or match["en"])) is not None:
            found.append(Quantity(people, people, "people", match.group(), people, match.start(), match.end()))
    for match in _AGED.finditer(plain):
        if (years := _value(match["age"])) is not None:
            months = years * _units()["岁"][1]
            found.append(Quantity(months, months, "age", match.group(), years, *match.span("age")))
    taken = [(q.start, q.end) for q in found if q.unit.endswith(_BEHIND)]
    kept = [
        q for q in found if (q.start, q.end) in taken or not any(q.start < end and start < q.end for start, end in taken)
    ]
    return tuple(sorted(kept, key=lambda quantity: quantity.start))


def _spoken(match: re.Match[str]) -> Quantity:
    """What "一米三" and "1米65" say: the digits stand behind the point."""
    whole, unit, behind = match.groups()
    digits = "5" if behind == "半" else "".join(char if char.isdigit() else str(number_of(char)) for char in behind)
    number = float(f"{whole if whole.isdigit() else number_of(whole)}.{digits}")
    dimension, size = _units()[unit]
    return Quantity(number * size, number * size, dimension, f"{unit}{_BEHIND}", number, match.start(), match.end())


def _value(numeral: str) -> float | None:
    below = re.match(_BELOW_ZERO, numeral)
    said = numeral[below.end() :].strip() if below else numeral.strip()
    value: float | None
    if said[:1].isdigit():
        value = float(said.replace(",", ""))
    else:
        word = _WORD_NUMBERS.get(said)
        value = float(word) if word is not None else (float(n) if (n := number_of(said)) is not None else None)
    return -value if below and value is not None else value


def dimensions(plain: str) -> frozenset[str]:
    """The dimensions of the quantities in a normalised text."""
    return frozenset(quantity.dimension for quantity in quantities(plain))


def unit_dimension(word: str) -> str:
    """The dimension of a unit as it is written or said, in the singular or plural; empty for what is no unit."""
    known = _units().get(word) or _units().get(word.removesuffix("s")) or _units().get(word.removesuffix("es"))
    return known[0] if known else ""
