"""Measures of a person: `height` and `foot_length` in centimetres, `weight` in kilograms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.text import number_of
from bot.types import Entity

KG_PER_JIN = 0.5
KG_PER_LB = 0.45359237
CM_PER_INCH = 2.54

_FEET = re.compile(
    r"\b([3-7])\s*(?:'|’|ft\b\.?|feet|foot)\s*(?:(\d{1,2})(?!\d)\s*(?:\"|”|''|in(?:ch(?:es)?)?\b)?)?", re.IGNORECASE
)
_CM = re.compile(r"(?<!\d)(1[0-9]{2}|20\d|[5-9]\d)\s*(?:cm|厘米|公分)", re.IGNORECASE)
_METRES = re.compile(
    r"(?<!\d)1\s*(?:米|m)\s*([0-9]{1,2})(?!\d)|(?<!\d)1\.([0-9]{2})\s*(?:米|m\b)"
    r"|(?:(?<=身高)|(?<=height )|(?<=我))\s*1\.([0-9]{2})(?!\d)",
    re.IGNORECASE,
)
_METRES_ZH = re.compile(r"一米([一二三四五六七八九])([一二三四五六七八九])?(?![十百个件条])")
_KG = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d)?)\s*(?:kg|kilos?|公斤|千克)", re.IGNORECASE)
_JIN = re.compile(r"(?<![\d.])(\d{2,3}(?:\.\d)?|[一二三四五六七八九]?百?[一二三四五六七八九]?[一二三四五六七八九十百])\s*斤")
_LB = re.compile(r"(?<![\d.])(\d{2,3})\s*(?:lbs?|pounds?)\b", re.IGNORECASE)
_FOOT = re.compile(r"(?:脚长|foot\D{0,12})\s*(\d{2}(?:\.\d)?)|(\d{2}(?:\.\d)?)\s*(?:cm)?\s*(?:的脚|foot)", re.IGNORECASE)
# `160 100斤`: a height, then a weight with its unit.
_BESIDE_WEIGHT = re.compile(r"(?<![\d.])(1[3-9]\d|20\d)(?:cm)?[\s,，/、和高重体的]*$", re.IGNORECASE)
_SAID_HEIGHT = re.compile(r"(?:身高|height(?: is| of|:)?)\s*(1[3-9]\d|20\d)(?![\d.%])", re.IGNORECASE)
_SAID_WEIGHT = re.compile(r"(?:体重|weight(?: is| of|:)?|i weigh)\s*(\d{2,3})(?![\d.%])", re.IGNORECASE)
# In talk of sizes only: `165/55`, a lone 165.
_PAIR = re.compile(
    r"(?<![\d.])(1[3-9]\d|20\d)\s*(?:cm)?\s*[,，/、 和高]*\s*(?:体重|weight)?\s*(\d{2,3})(?![\d%])", re.IGNORECASE
)
_LONE_HEIGHT = re.compile(r"(?<![\d.])(?:i'?m)?\s*(1[3-9]\d|20\d)(?![\d.%])(?!\s*(?:斤|元|块|kg|lb|件|ml|g))", re.IGNORECASE)
_LONE_METRES = re.compile(r"(?<!\d)1\.([0-9]{2})(?!\d)")
# A bare weight above this is in jin, at or below it in kilograms: few adults are under 40 kg, few over 80 kg say so in kg.
_JIN_FROM = 80
# Less is what a thing weighs: "2斤装", "a 3 kg tent".
_LIGHTEST_KG = 15


def measures(text: str, *, of_sizes: bool = False) -> tuple[Entity, ...]:
    """The first height, weight and length of a foot. With `of_sizes`, in talk of sizes, bare numbers count, too."""
    if (foot := _FOOT.search(text)) is not None:
        return (_entity("foot_length", float(foot.group(1) or foot.group(2)), foot),)
    weight = next(_weights(text), None)
    height = next(_heights(text, weight), None)
    if of_sizes and (height is None or weight is None):
        bare_height, bare_weight = _bare(text, weight)
        height, weight = height or bare_height, weight or bare_weight
    return tuple(entity for entity in (height, weight) if entity is not None)


def _heights(text: str, weight: Entity | None) -> Iterator[Entity]:
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], float]], ...] = (
        (_CM, lambda match: float(match.group(1))),
        (_FEET, lambda match: round((int(match.group(1)) * 12 + int(match.group(2) or 0)) * CM_PER_INCH, 1)),
        (_METRES, lambda match: _hundred_and(next(group for group in match.groups() if group))),
        (_METRES_ZH, lambda match: _hundred_and("".join(str(number_of(digit)) for digit in match.groups() if digit))),
        (_SAID_HEIGHT, lambda match: float(match.group(1))),
    )
    for pattern, value in readers:
        if match := pattern.search(text):
            yield _entity("height", value(match), match)
    if weight is not None and (match := _BESIDE_WEIGHT.search(text[: weight.start])):
        yield _entity("height", float(match.group(1)), match, 1)


def _weights(text: str) -> Iterator[Entity]:
    for pattern, factor in ((_KG, 1.0), (_JIN, KG_PER_JIN), (_LB, KG_PER_LB)):
        if match := pattern.search(text):
            said = match.group(1)
            value = float(said) if said[0].isdigit() else float(number_of(said) or 0)
            if value * factor >= _LIGHTEST_KG:
                yield _entity("weight", round(value * factor, 1), match)
    if match := _SAID_WEIGHT.search(text):
        yield _entity("weight", _bare_weight(float(match.group(1))), match)


def _bare(text: str, weight: Entity | None) -> tuple[Entity | None, Entity | None]:
    if match := _PAIR.search(text):
        return (
            _entity("height", float(match.group(1)), match, 1),
            weight or _entity("weight", _bare_weight(float(match.group(2))), match, 2),
        )
    if match := _LONE_HEIGHT.search(text):
        return _entity("height", float(match.group(1)), match, 1), weight
    if match := _LONE_METRES.search(text):
        return _entity("height", _hundred_and(match.group(1)), match), weight
    return None, weight


def _hundred_and(digits: str) -> float:
    """`1米65`, `1米6`: what stands behind the metre, in centimetres, and the metre."""
    return 100.0 + float(digits if len(digits) == 2 else f"{digits}0")


def _bare_weight(value: float) -> float:
    return value * KG_PER_JIN if value > _JIN_FROM else value


def _entity(kind: str, value: float, match: re.Match[str], group: int = 0) -> Entity:
    return Entity(kind, value, match.group(group), match.start(group), match.end(group))
