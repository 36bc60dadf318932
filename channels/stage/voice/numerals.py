"""Numbers in words, in Chinese and English. Pure."""

from __future__ import annotations

from decimal import Decimal

# A number as it is written, with or without separators of thousands.
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"

_ZH_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
# One by one, 1 is read 幺, which cannot be taken for 七.
_ZH_SPELT = _ZH_DIGITS | {"1": "幺"}
_EN_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EN_DIGITS = dict(zip("0123456789", _EN_NAMES, strict=True))


def value_of(number: str) -> Decimal:
    """What a text of the form `NUMBER` amounts to."""
    return Decimal(number.replace(",", ""))


def zh_number(number: str) -> str:
    """`1,280` is 一千二百八十; ten to nineteen begin with 十; two thousand, and just two hundred, with 两."""
    import cn2an

    whole, _, decimals = number.replace(",", "").partition(".")
    words = str(cn2an.an2cn(whole.lstrip("0") or "0", "low"))
    words = words.removeprefix("一") if words.startswith("一十") else words
    if words == "二百" or words.startswith(("二千", "二万", "二亿")):
        words = f"两{words[1:]}"
    return f"{words}点{zh_digits(decimals)}" if decimals else words


def zh_digits(digits: str, *, spelt: bool = False) -> str:
    """Digits one by one; `spelt` as in telephone numbers."""
    names = _ZH_SPELT if spelt else _ZH_DIGITS
    return "".join(names[digit] for digit in digits)


def en_number(number: str) -> str:
    """`1,280` is one thousand two hundred and eighty."""
    from num2words import num2words

    value = value_of(number)
    return str(num2words(value if value % 1 else int(value))).replace(",", "")


def en_digits(digits: str) -> str:
    """Digits one by one."""
    return " ".join(_EN_DIGITS[digit] for digit in digits)


def en_ordinal(number: int) -> str:
    """`18` is eighteenth."""
    from num2words import num2words

    return str(num2words(number, to="ordinal"))


def en_year(year: int) -> str:
    """`2026` is twenty twenty-six."""
    from num2words import num2words

    return str(num2words(year, to="year"))


def plain(number: str) -> str:
    """A number without separators and without noughts at the end of its decimals: 1,280.00 is 1280."""
    value = value_of(number)
    return f"{value.normalize():f}"
