"""What a public room must not learn of somebody, although they typed it there themselves. Pure functions.

Phones, e-mail addresses, ID and bank cards, accounts of messengers, street addresses, order and parcel numbers become masks.
A doubtful number is masked: the bot reads the whole text all the same, and who wrote it sees their own words. Prices, sizes,
measures, dates and numbers of links are shorter or look otherwise, and stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.text import language_of, simplified
from bot.types import Entity, Language
from bot.values.addresses import addresses

# The order numbers in a text, in the form that the shop gives them.
OrderNumbers = Callable[[str], Iterable[Entity]]


def no_orders(text: str) -> Iterable[Entity]:
    """`OrderNumbers` where the shop's form is not known: only what looks like a number of any shop is masked."""
    return ()


@dataclass(frozen=True, slots=True)
class Personal:
    """A span of a text that is somebody's own: `text[start:end]`."""

    kind: str
    start: int
    end: int


_WORDS = {
    "address": {Language.ZH: "[地址]", Language.ZH_HANT: "[地址]", Language.EN: "[address]"},
    "card": {Language.ZH: "[卡号]", Language.ZH_HANT: "[卡號]", Language.EN: "[card number]"},
    "id": {Language.ZH: "[证件号]", Language.ZH_HANT: "[證件號]", Language.EN: "[ID number]"},
}
# How many characters of a number are shown at its ends. Its owner knows it by them, and nobody else.
_ENDS = {"phone": (3, 4), "order": (4, 4), "parcel": (2, 4)}
_HIDDEN = "****"
# Fewer hidden characters than this could be guessed: then nothing is shown.
_MIN_HIDDEN = 3

# With its area code a phone number has at least so many digits; the short numbers of services are nobody's.
_SHORTEST_PHONE = 8

_GAP = r"[\s.·–—－_()-]{0,3}"
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_SPELT = re.compile(r"[〇零一二三四五六七八九幺\d]{7,}")
_MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_CALLED = re.compile(
    r"(?:电话|座机|手机|号码|联系|打给|call|phone|tel|mobile|text)\D{0,10}?(\d(?:[\s-]?\d){6,12})(?!\d)", re.IGNORECASE
)
_ABROAD = re.compile(r"(?:\+|(?<!\d)00)[1-9][\s().-]{0,3}(?:\d[\s().-]{0,3}){7,13}\d(?!\d)")
_AMERICAN = re.compile(r"(?<![\d.])(?:\([2-9]\d\d\)\s?|[2-9]\d\d[-. ])[2-9]\d\d[-. ]\d{4}(?![\d.])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+\s?@\s?[A-Za-z0-9-]+(?:\s?\.\s?[A-Za-z0-9-]+)*\s?\.\s?[A-Za-z]{2,}")
_ID_CARD = re.compile(
    r"(?<!\d)[1-9]\d{5}[\s-]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s-]?\d{3}[\dXx](?![\dA-Za-z])"
)
_CARD = re.compile(r"(?<!\d)\d(?:[\s-]?\d){12,18}(?!\d)")
_PRINTED_CARD = re.compile(r"(?<!\d)\d{4}(?:[\s-]\d{4}){3}(?:[\s-]\d{1,3})?(?!\d)")
_LONG = re.compile(
    r"(?<![A-Za-z0-9])(?:1Z[A-Z0-9]{16}|[A-Z]{1,5}-?\d{9,22}[A-Z]{0,2}|\d{11,22}[A-Z]{0,2})(?![A-Za-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_PARCEL = re.compile(
    r"(?:单号|运单|快递|物流|订单号?|tracking|parcel|waybill|order)"
    r"(?:\s*(?:号码?|id|number|no\.?|is|是|为|[:：#=]))*\s*([A-Z]{0,4}[\s-]?\d[\dA-Z-]{6,22})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LINK = r"\s*(?:号码?|账号|帐号|是|为|我|加|id|no\.?|number|is|:|=)"
_ACCOUNT = re.compile(
    rf"(?<![A-Za-z])(?:微信|薇信|威信|weixin|we\s?chat|[vw]x|加[v薇微](?![a-z])|v信|QQ|扣扣|whats\s?app)(?:{_LINK})*\s*"
    r"(?:[:=]\s*(?P<told>[A-Za-z][\w-]{5,19})|(?P<plain>(?=[A-Za-z_-]{0,19}[\d_])[\w-]{5,20}))",
    re.IGNORECASE | re.ASCII,
)

_HAN = re.compile(r"[㐀-鿿]")
_NUMERAL = r"[\d一二三四五六七八九十百]{1,5}"
_PLACE = "路|街|大道|道|巷|弄|胡同|村|小区|花园|花苑|大厦|公寓|新村|苑|城|园|坊|里|庭|府|湾"
_UNIT = "号楼|号院|号|弄|栋|幢|座|楼|层|单元|室|门"
_BEFORE = r"(?:(?![到在是寄送住址于给往和我])[㐀-鿿])"
# Within a city: a road or an estate, and at once a number that belongs to it; or a building, its stairs and its door.
_LOCAL = re.compile(
    rf"{_BEFORE}{{1,16}}(?:{_PLACE})\s*{_NUMERAL}\s*(?:{_UNIT})(?!链|链接|宝贝|商品|品)"
    rf"(?:[㐀-鿿A-Za-z]{{0,8}}?\s*{_NUMERAL}\s*(?:{_UNIT})?(?!\d|天|件|元|块|个))*"
    rf"|{_NUMERAL}\s*(?:号楼|栋|幢|座)\s*(?:{_NUMERAL}\s*(?:单元|门))?\s*{_NUMERAL}\s*(?:室|房|号)?"
)
_NUMBERED = re.compile(rf"(?:{_PLACE})\s*\d|\d\s*(?:{_UNIT})")
_NUMBERED_STREET = re.compile(
    r"(?<![\dA-Za-z])\d{1,5}\s+(?:[NSEW]\.?\s+)?\d{1,3}(?:st|nd|rd|th)\s+(?:street|st|avenue|ave|road|rd)\b\.?(?:[^\n]{0,40}?\b\d{5}\b)?",
    re.IGNORECASE,
)
_LONG_STREET = re.compile(r"\b(?:street|road|rd|avenue|ave|boulevard|blvd|lane|parkway|pkwy)\b|\b\d{5}\b", re.IGNORECASE)
_NAMED_STREET = re.compile(r"\b[A-Z][\w'.-]*\s+(?:St|Dr|Drive|Ct|Court|Way|Pl|Place|Sq|Square|Ln)\b")


def masked(text: str, orders: OrderNumbers = no_orders) -> str:
    """The text with masks for what is personal in it."""
    language = language_of(text, Language.ZH)
    shown: list[str] = []
    end = 0
    for found in personal(text, orders):
        shown += (text[end : found.start], _mask(found.kind, _folded(text)[found.start : found.end], language))
        end = found.end
    return "".join((*shown, text[end:]))


def personal(text: str, orders: OrderNumbers = no_orders) -> list[Personal]:
    """What is personal in a text, in order and apart from each other."""
    folded = _folded(text)
    kinds = (
        *_addresses(folded),
        *(Personal("email", *match.span()) for match in _EMAIL.finditer(folded)),
        *(Personal("order", order.start, order.end) for order in orders(folded)),
        *(Personal("id", *match.span()) for match in _ID_CARD.finditer(folded)),
        *_phones(folded),
        *(Personal("card", *match.span()) for match in _CARD.finditer(folded) if _luhn(match.group())),
        *(Personal("card", *match.span()) for match in _PRINTED_CARD.finditer(folded)),
        *(Personal("parcel", *match.span()) for match in _LONG.finditer(folded)),
        *(Personal("parcel", *match.span(1)) for match in _PARCEL.finditer(folded)),
        *_accounts(folded),
    )
    return _apart(one for one in kinds if not _is_cheering(folded[one.start : one.end]))


def _is_cheering(said: str) -> bool:
    """Whether a long number is one digit over and over: "666666666666"."""
    return said.isdigit() and len(set(said)) == 1


def _folded(text: str) -> str:
    """The text with plain digits and letters, each at its own place: full width ones and spelt numbers made ASCII."""
    plain = "".join(_narrow(char) for char in text)
    return _SPELT.sub(lambda match: match.group().translate(_HAN_DIGITS), plain)


def _narrow(char: str) -> str:
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    form = unicodedata.normalize("NFKC", char)
    return form if len(form) == 1 else char


def _apart(found: Iterable[Personal]) -> list[Personal]:
    """What overlaps is one: of the kind that is longest, or of those of one length named first."""
    apart: list[Personal] = []
    for one in sorted(found, key=lambda span: span.start):
        last = apart[-1] if apart else None
        if last is None or one.start >= last.end:
            apart.append(one)
            continue
        kind = one.kind if one.end - one.start > last.end - last.start else last.kind
        apart[-1] = Personal(kind, last.start, max(last.end, one.end))
    return apart


def _phones(text: str) -> Iterator[Personal]:
    for pattern in (_MOBILE, _ABROAD):
        yield from (Personal("phone", *match.span()) for match in pattern.finditer(text))
    yield from (Personal("phone", *match.span(1)) for match in _CALLED.finditer(text))
    if sum(char.isdigit() for char in text) < _SHORTEST_PHONE:
        return
    import phonenumbers  # its tables take a third of a second to load

    for found in phonenumbers.PhoneNumberMatcher(text, "CN"):
        if (
            found.raw_string.lstrip("(")[0] in "0+"
        ):  # an area code or a country: without either, two prices look like a number
            yield Personal("phone", found.start, found.end)
    for match in _AMERICAN.finditer(text):
        if any(True for _ in phonenumbers.PhoneNumberMatcher(match.group(), "US")):
            yield Personal("phone", *match.span())


def _addresses(text: str) -> Iterator[Personal]:
    plain = simplified(text)
    plain = plain if len(plain) == len(text) else text
    for place in (*addresses(plain), *addresses(_HAN.sub(" ", plain))):  # English ones begin where a word does
        if place.text[0].isdigit():
            sure = bool(_LONG_STREET.search(place.text) or _NAMED_STREET.search(place.text))
        else:
            sure = bool(_NUMBERED.search(place.text))
        if sure:
            yield Personal("address", place.start, place.end)
    for pattern in (_LOCAL, _NUMBERED_STREET):
        yield from (Personal("address", *match.span()) for match in pattern.finditer(plain))


def _accounts(text: str) -> Iterator[Personal]:
    for match in _ACCOUNT.finditer(text):
        yield Personal("account", *match.span("told" if match.group("told") else "plain"))


def _luhn(number: str) -> bool:
    digits = [int(char) for char in number if char.isdigit()][::-1]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def _mask(kind: str, said: str, language: Language) -> str:
    if kind in _WORDS:
        return _WORDS[kind][language]
    if kind == "email":
        return f"{said[0]}***@***"
    if kind not in _ENDS:
        return _HIDDEN
    number = "".join(char for char in said if char.isalnum())
    if kind == "phone":
        number = re.sub(r"^(?:00)?86(?=\d{11}$)", "", number)
    head, tail = _ENDS[kind]
    shows_ends = len(number) >= head + tail + _MIN_HIDDEN
    return f"{number[:head]}{_HIDDEN}{number[-tail:]}" if shows_ends else _HIDDEN
