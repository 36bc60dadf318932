"""Values in a text, normalised. Pure functions; products are found by the catalogue.

order_number   SD and ten digits, upper case
phone_last4    four digits: said to be the last ones, the end of a whole number, or alone beside an order number
link_number    1 to 999, from digits or Chinese numerals
size           upper case letters or a shoe size: "XL", "38"
color          the value that the training data's synonyms give, in English
email          lower case
money, date, quantity, height, weight, foot_length, address: see bot/values
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from bot.text import number_of, simplified
from bot.types import Entity
from bot.values.addresses import addresses
from bot.values.dates import dates
from bot.values.measures import measures
from bot.values.money import money
from bot.values.numbers import read_out
from bot.values.quantities import quantities
from bot.values.spans import apart, outside

_ORDER = re.compile(r"(?<![A-Za-z0-9])[Ss][Dd][\s-]*((?:\d[\s-]?){9}\d)(?!\d)")
# A number without its letters is an order's where it is called one.
_BARE_ORDER = re.compile(
    r"(?:订单编?号码?|单号|订单|\border(?:\s+(?:number|no\.?|id))?)\s*(?:是|为|[:：#]|is)?\s*(\d{10})(?!\d)", re.IGNORECASE
)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d[\s-]?\d{4}[\s-]?(\d{4}))(?!\d)")
_LAST4 = re.compile(
    r"(?:尾号|后四位|后4位|末四位|last\s*(?:four|4)(?:\s*digits)?|ending(?:\s*in)?|ends?\s*(?:in|with))\D{0,12}?(\d{4})(?!\d)",
    re.IGNORECASE,
)
_LONE4 = re.compile(r"(?<![\dA-Za-z.])(\d{4})(?![\dA-Za-z%]|\s*(?:元|块|mm|ml|mAh|g\b))")
_NUMERAL = r"\d{1,3}|[一二两三四五六七八九十百]{1,4}"
_LINKS = (
    re.compile(rf"({_NUMERAL})\s*号\s*(?:链接|链|连接|宝贝|商品|品)"),
    re.compile(rf"(?:链接|宝贝|商品)\s*({_NUMERAL})(?!\d)"),
    re.compile(rf"第\s*({_NUMERAL})\s*(?:个|条)?\s*(?:链接|链|宝贝|商品)"),
    re.compile(r"\b(?:link|item|number|no\.?)\s*#?\s*(\d{1,3})\b", re.IGNORECASE),
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
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def find_entities(text: str, synonyms: Mapping[str, str], today: date) -> tuple[Entity, ...]:
    """All values in a cleaned text, in order. `synonyms` maps lower-case ways to say a value to the value.

    `today` is the day on which the text was written, where the shop is.
    """
    plain = read_out(simplified(text))
    places = list(addresses(plain))
    days = list(dates(plain, today))
    found = [*places, *_orders(plain), *apart(_sizes(plain)), *_colors(plain, synonyms), *_emails(plain), *days]
    found += outside([*places, *days], [*apart(_links(plain)), *measures(plain), *money(plain), *quantities(plain)])
    found += _phones(plain, [entity for entity in found if entity.kind == "order_number"], to_parcel=bool(places))
    spoken = [replace(entity, text=text[entity.start : entity.end]) for entity in found]
    return tuple(sorted(spoken, key=lambda entity: (entity.start, entity.end)))


def _orders(text: str) -> Iterator[Entity]:
    for match in _ORDER.finditer(text):
        digits = "".join(char for char in match.group(1) if char.isdigit())
        yield Entity("order_number", f"SD{digits}", match.group(), match.start(), match.end())
    for match in _BARE_ORDER.finditer(text):
        yield Entity("order_number", f"SD{match.group(1)}", match.group(1), match.start(1), match.end(1))


def _phones(text: str, orders: list[Entity], *, to_parcel: bool) -> Iterator[Entity]:
    """Digits that may prove an order to be someone's. A whole number beside an address is the receiver's."""
    for pattern, group in ((_LAST4, 1),) if to_parcel else ((_LAST4, 1), (_MOBILE, 2)):
        if match := pattern.search(text):
            yield Entity("phone_last4", match.group(group), match.group(), match.start(), match.end())
            return
    if orders:
        outside = (m for m in _LONE4.finditer(text) if not any(o.start <= m.start() < o.end for o in orders))
        if match := next(outside, None):
            yield Entity("phone_last4", match.group(1), match.group(), match.start(), match.end())


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
