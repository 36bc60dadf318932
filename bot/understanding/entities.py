"""Values in a text, normalised. Pure functions; products are found by the catalogue.

order_number   as the shop writes it: its forms are learned from its orders (bot/values/identifiers)
phone_last4    four digits: said to be the last ones, the end of a whole number, or alone beside an order number
link_number    1 to 999, from digits or Chinese numerals
size           upper case letters or a shoe size: "XL", "38"
color          the value that the training data's synonyms give, in English
email          lower case
money, date, quantity, height, weight, foot_length, address: see bot/values
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from bot.text import number_of, simplified
from bot.types import Entity
from bot.values.addresses import addresses
from bot.values.dates import dates
from bot.values.identifiers import NO_FORMS, OrderForms
from bot.values.measures import measures
from bot.values.money import money
from bot.values.numbers import read_out
from bot.values.quantities import quantities
from bot.values.spans import apart, outside
from bot.values.spoken import spoken_digits

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d[\s-]?\d{4}[\s-]?(\d{4}))(?!\d)")
# Whose digits they are is no part of what is wanted.
_PHONE = r"(?:(?:我的?)?(?:手机|电话)(?:号码?)?的?\s*|\b(?:(?:my|the)\s+)?(?:phone|mobile)(?:\s+number)?\W{1,3})?"
_LAST4_WORDS = (
    rf"{_PHONE}(?:尾号|尾数|后四位|后4位|末四位|last\s*(?:four|4)(?:\s*digits)?|ending(?:\s*in)?|ends?\s*(?:in|with))"
    r"\D{0,12}?"
)
_LAST4 = re.compile(rf"{_LAST4_WORDS}(\d{{4}})(?!\d)", re.IGNORECASE)
_LAST4_SAID = re.compile(rf"{_LAST4_WORDS}$", re.IGNORECASE)
# The four of "last four" is none of the digits that are said after it.
_LAST = re.compile(r"\blast\s*$", re.IGNORECASE)
_PHONE_DIGITS = 4
_LONE4 = re.compile(rf"{_PHONE}(?<![\dA-Za-z.])(\d{{4}})(?![\dA-Za-z%]|\s*(?:元|块|mm|ml|mAh|g\b))", re.IGNORECASE)
_NUMERAL = r"\d{1,3}|[一二两三四五六七八九十百]{1,4}"
_UNITS_EN = r"(?:[mck]?m|[mk]?g|[mc]?l|k?w|m?ah|wh|v|k|k?pa|k?hz|db|lm|oz|lbs?|inch(?:es)?|min|hours?|days?|months?|years?)"
_LINKS = (
    re.compile(rf"({_NUMERAL})\s*号?\s*(?:链接|链|连接)"),
    re.compile(rf"({_NUMERAL})\s*号\s*(?:宝贝|商品|品)"),
    re.compile(rf"(?:链接|宝贝|商品)\s*({_NUMERAL})(?!\d)"),
    re.compile(rf"第\s*({_NUMERAL})\s*(?:个|条)?\s*(?:链接|链|宝贝|商品)"),
    re.compile(r"\b(?:link|item|number|no\.|nr\.?|num\.?)\s*(?:number|no\.?)?\s*#?\s*(\d{1,3})\b", re.IGNORECASE),
    # "no 5", but not "no 90 mm blade" nor "no 100% wool": there the number is a measure that is not wanted
    re.compile(rf"\bno\s*#?\s*(\d{{1,3}})\b(?!\.\d|\s*(?:%|{_UNITS_EN}\b))", re.IGNORECASE),
    re.compile(r"(?<![\w&])#\s*(\d{1,3})\b"),
    # "3号多少钱": a number alone is a link unless it is a day of the month
    re.compile(rf"(?<![\d月])({_NUMERAL})\s*号(?!\s*(?:发|到|送|前|后|之前|开始|结束|下|上午|晚|早|码|楼|店))"),
)
_SIZE = re.compile(r"(?<![A-Za-z0-9'’])(XXS|XS|S|M|L|XL|XXL|XXXL|[2-5]XL)(?![A-Za-z0-9'’])")
_SIZE_LOOSE = re.compile(
    r"(?<![A-Za-z0-9'’])(?:size\s+(xxs|xs|s|m|l|xl|xxl|[2-5]xl|\d{2})|(xs|s|m|l|xl|xxl|[2-5]xl)\s*码|(\d{2,3})\s*码)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# Chinese is written without blanks, so that only what is ASCII belongs to it: "邮箱ann@example.com".
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def find_entities(
    text: str, synonyms: Mapping[str, str], today: date, orders: OrderForms = NO_FORMS, asked: str | None = None
) -> tuple[Entity, ...]:
    """All values in a cleaned text, in order. `synonyms` maps lower-case ways to say a value to the value.

    `today` is the day on which the text was written, where the shop is; `orders` are the forms of its order numbers, and
    `asked` is the slot that the text answers for.
    """
    plain = read_out(simplified(text))
    places = list(addresses(plain))
    numbers = orders.find(plain, asked=asked == "order_number")
    days = list(outside(numbers, dates(plain, today)))
    sizes = outside(numbers, apart(_sizes(plain)))
    found = [*places, *numbers, *sizes, *_colors(plain, synonyms), *_emails(plain), *days]
    amounts = [*apart(_links(plain)), *measures(plain), *money(plain), *quantities(plain)]
    found += outside([*places, *days, *numbers], amounts)
    found += _phones(plain, numbers, to_parcel=bool(places), asked=asked == "phone_last4")
    spoken = [replace(entity, text=text[entity.start : entity.end]) for entity in found]
    return tuple(sorted(spoken, key=lambda entity: (entity.start, entity.end)))


def _phones(text: str, orders: list[Entity], *, to_parcel: bool, asked: bool) -> Iterator[Entity]:
    """Digits that may prove an order to be someone's. A whole number beside an address is the receiver's."""
    for pattern, group in ((_LAST4, 1),) if to_parcel else ((_LAST4, 1), (_MOBILE, 2)):
        for match in pattern.finditer(text):
            entity = Entity("phone_last4", match.group(group), match.group(), match.start(), match.end())
            if any(True for _ in outside(orders, [entity])):
                yield entity
                return
    for start, end, digits in spoken_digits(_without(orders, text)):
        last = digits[1:] if _LAST.search(text[:start]) else digits
        cued = asked or bool(orders) or _LAST.search(text[:start]) or _LAST4_SAID.search(text[:start])
        if len(last) == _PHONE_DIGITS and cued:
            yield Entity("phone_last4", last, text[start:end], start, end)
            return
    if orders:
        others = (m for m in _LONE4.finditer(text) if not any(o.start < m.end() and m.start() < o.end for o in orders))
        if lone := next(others, None):
            yield Entity("phone_last4", lone.group(1), lone.group(), lone.start(), lone.end())


def _without(found: Iterable[Entity], text: str) -> str:
    """The text with signs that say nothing in the places of values."""
    for entity in found:
        text = f"{text[: entity.start]}{'|' * (entity.end - entity.start)}{text[entity.end :]}"
    return text


def _links(text: str) -> Iterator[Entity]:
    for match in (match for pattern in _LINKS for match in pattern.finditer(text)):
        if number := number_of(match.group(1)):
            yield Entity("link_number", number, match.group(), match.start(), match.end())


def _sizes(text: str) -> Iterator[Entity]:
    for match in (match for pattern in (_SIZE_LOOSE, _SIZE) for match in pattern.finditer(text)):
        value = next(group for group in match.groups() if group).upper()
        yield Entity("size", value, match.group(), match.start(), match.end())


def _colors(text: str, synonyms: Mapping[str, str]) -> Iterator[Entity]:
    """The longest colour names that do not overlap; Latin ones as whole words."""
    names = _any_of(tuple(synonyms))
    for match in names.finditer(text.lower()) if names else ():
        yield Entity("color", synonyms[match.group()], match.group(), match.start(), match.end())


@lru_cache(4)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """A pattern for the names of two characters or more, the longest first."""
    said = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
    patterns = (rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name) for name in said)
    return re.compile("|".join(patterns)) if said else None


def _emails(text: str) -> Iterator[Entity]:
    for match in _EMAIL.finditer(text):
        yield Entity("email", match.group().lower(), match.group(), match.start(), match.end())
