"""Amounts of money: `{"amount": "199.90", "currency": "CNY"}`, in the currency's main unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from bot.text import number_of
from bot.types import Entity

NUMBER = r"(\d{1,6}(?:\.\d{1,2})?|[一二两三四五六七八九十百千]{1,5})"
MARK = r"\s*(?P<mark>[¥￥$€£]|rmb|cny|usd)?\s*"
UNIT = r"\s*(?P<unit>元|块钱?|块|rmb|yuan|cny|dollars?|bucks|usd|刀)?\s*"
# What is said of other money than the shop's own; any other sign means that.
CURRENCIES: Mapping[str, str] = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "刀": "USD", "€": "EUR", "£": "GBP",
}  # fmt: skip
_YUAN = "CNY"
# After a "块" that is money and no piece of something.
_AFTER = "以左上下内的多吧吗啊呢起券包减还就够行到能可"
_MONEY = re.compile(
    rf"(?P<mark>[¥￥$€£]|\b(?:rmb|cny|usd)\b)\s*(?P<marked>\d{{1,6}}(?:,\d{{3}})*(?:\.\d{{1,2}})?)"
    rf"|(?<![\d.A-Za-z]){NUMBER}\s*"
    rf"(?P<unit>元|块钱|块(?![㐀-鿿]|\d[\d件个])|块(?=[{_AFTER}])|(?:rmb|yuan|cny|dollars?|bucks|usd)\b|刀)"
    r"(?P<tenths>\d)?(?![A-Za-z])",
    re.IGNORECASE,
)


def amount_of(numeral: str) -> Decimal | None:
    """Digits or a Chinese numeral as a decimal number; None for what is neither, or nothing."""
    value = Decimal(numeral) if numeral[0].isdigit() else Decimal(number_of(numeral) or 0)
    return value or None


def money(text: str) -> Iterator[Entity]:
    """Amounts with their sign or unit: "200块", "两百元", "99块9", "$60". A bare number is no amount."""
    for match in _MONEY.finditer(text):
        value = amount_of((match.group("marked") or match.group(3)).replace(",", ""))
        if value is None:
            continue
        if match.group("tenths"):
            value += Decimal(match.group("tenths")) / 10
        currency = CURRENCIES.get((match.group("mark") or match.group("unit")).lower(), _YUAN)
        yield Entity("money", {"amount": f"{value:f}", "currency": currency}, match.group(), match.start(), match.end())
