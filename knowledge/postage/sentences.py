"""What one sentence says of postage, where every word of it is understood. Pure functions.

A sentence becomes a row of signs, one a word (`words.yml`), amounts and places beside; what says nothing is left out. A
sentence says something where its row is made of the forms below and of nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.postage import Band
from bot.text import normal
from bot.values.places import PlaceSaid, places

_WORDS = Path(__file__).with_name("words.yml")
_AMOUNT, _PLACES, _GOODS = "A", "P", "K"
_SIGNS = {
    "free": "F", "not_free": "N", "from": "G", "below": "B", "up_to_it": "L", "costs": "C", "always": "W",
    "on_top": "T", "only_paid": "Q", "apiece": "I", "none": "Z", "paid": "D", "goods": "U", "everywhere": "E",
    "not_sent": "X", "fee": "S", "topic": "S", "other": "",
}  # fmt: skip
# A number without a currency is an amount where one of these words stands before it: "满 99", but not "1.".
_BEFORE_A_NUMBER = tuple("GBCTS")
# An amount alone is no rule.
_ALONE = re.compile(r"C*AC*")
# Which currencies a sign or word may be of. A bare number is of any.
_DOLLARS = ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN")
_CURRENCIES: Mapping[str, tuple[str, ...]] = {
    "¥": ("CNY", "JPY"), "元": ("CNY", "HKD", "TWD", "SGD"), "块": ("CNY", "HKD", "TWD"), "块钱": ("CNY", "HKD", "TWD"),
    "rmb": ("CNY",), "yuan": ("CNY",), "$": _DOLLARS, "dollars": _DOLLARS, "dollar": _DOLLARS, "us$": ("USD",),
    "美元": ("USD",), "hk$": ("HKD",), "港币": ("HKD",), "港元": ("HKD",), "ca$": ("CAD",), "c$": ("CAD",), "a$": ("AUD",),
    "s$": ("SGD",), "nt$": ("TWD",), "€": ("EUR",), "euro": ("EUR",), "euros": ("EUR",), "欧元": ("EUR",), "£": ("GBP",),
    "pounds": ("GBP",), "英镑": ("GBP",), "₩": ("KRW",), "₹": ("INR",), "日元": ("JPY",),
}  # fmt: skip
_CODES = "cny|usd|eur|gbp|hkd|jpy|sgd|cad|aud|nzd|twd|krw|inr|chf|sek|dkk|nok"
_SIGN = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True)) + f"|{_CODES}"
_MONEY = re.compile(
    rf"(?P<before>{_SIGN})?\s*(?P<whole>\d{{1,3}}(?:,\d{{3}})+|\d+)(?:[.,](?P<part>\d{{1,2}}))?(?!\d|[.,]\d)"
    rf"\s*(?P<after>(?:{_SIGN})(?![a-z]))?"
)
# What makes a heading a question is left out before it is read.
_ASKING = re.compile(r"怎么样?|怎样|如何|多少钱?|\b(?:how|what|much|does|do|about|sent|posted)\b|\?")
# Words that may bind what another sentence says, though no amount stands beside them.
_QUALIFIES = re.compile(
    r"除外|例外|除了|[半折]价?(?=$|[,;，；])|减半|打折|优惠|会员|等级|订单|\b(?:except\w*|excluded|unless|half|off|discount\w*|members?)\b"
)
# What is done for somebody at the door is asked for and paid there: carrying up, fitting, taking old things away.
_AT_THE_DOOR = re.compile(
    r"上楼|每层|楼层|电梯|安装费|组装|拆旧|\b(?:floors?|lifts?|elevators?|stairs|upstairs|assembl\w+|install\w*|fitt(?:er|ing)s?)\b"
)
_JOINED = re.compile(r"\s*(?:[、,/&和及与或]|以及|,?\s*(?:and|or)\b)\s*")
_ENDS = re.compile(r"[。!?]|(?<=[^\d\s])\.(?:\s+|$)|(?<=\d)\.(?:\s+|$)")


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of all places, or of these (ISO 3166 codes): bands, an amount on top, or that nothing is sent there.

    `counts` as in `bot.postage.Postage`, empty where it is not said; `currencies` that the amounts may be in, None for any.
    """

    places: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    on_top: Decimal | None = None
    served: bool = True
    on_free: bool = True
    counts: str = ""
    currencies: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A sentence as signs, with the amounts and the places that stand in it, in their order."""

    signs: str
    amounts: tuple[Decimal, ...]
    places: tuple[tuple[str, ...], ...]
    currencies: frozenset[str] | None


def sentences(text: str) -> list[str]:
    """The sentences of a passage, as `bot.text.normal` gives them."""
    return [part.strip() for line in text.split("\n") for part in _ENDS.split(normal(line)) if part and part.strip()]


def names_postage(plain: str) -> bool:
    """Whether a text is about sending, or about its being free."""
    return any(pattern.search(plain) for name, pattern in _patterns() if _SIGNS[name] in ("S", "F"))


def names_fee(plain: str) -> bool:
    """Whether a text is about what sending costs, rather than about sending."""
    return any(pattern.search(plain) for name, pattern in _patterns() if name in ("fee", "free", "not_free"))


def names_no_freedom(plain: str) -> bool:
    """Whether a text says of something that it has no part in the general freedom from postage."""
    return any(pattern.search(plain) for name, pattern in _patterns() if name == "not_free")


def has_amount(plain: str) -> bool:
    """Whether a text has an amount with its currency."""
    return any(_currencies(match) is not None for match in _MONEY.finditer(plain))


def said(sentence: str, *, about_postage: bool, goods: Sequence[Span] = (), of_goods: bool = False) -> tuple[Said, ...]:
    """What a sentence says of postage; nothing where a word of it is not understood, or it is about something else.

    `about_postage`: the passage that it stands in is, so that the sentence need not say it. `goods` are where it names some
    that it is about; `of_goods`: the passage is about them. Only of goods an amount may be of each piece.
    """
    row = _read(sentence, goods)
    if row is not None and (of_goods or goods):
        row = replace(row, signs=_of_goods(row.signs))
    elif row is not None and "I" in row.signs:
        return ()
    if row is None or (not row.amounts and "F" not in row.signs and "X" not in row.signs):
        return ()
    if not about_postage and not set(row.signs) & set("SFX"):
        return ()
    if _ALONE.fullmatch(re.sub("[DU]", "", row.signs)):
        return ()
    counts = "paid" if "D" in row.signs else "goods" if "U" in row.signs else ""
    found = list(_parsed(replace(row, signs=re.sub("[SDU]", "", row.signs))))
    if None in found or not _agree(found):
        return ()
    return tuple(replace(one, counts=counts, currencies=row.currencies) for one in found if one is not None)


def own_goods(sentence: str, goods: Sequence[Span]) -> list[Span]:
    """The names of goods in a sentence that are no part of a word about postage: no bag is in "包邮"."""
    words = [match.span() for _, pattern in _patterns() for match in pattern.finditer(sentence)]
    return [(start, end) for start, end in goods if not any(a < end and start < b and b - a > end - start for a, b in words)]


def only_names(heading: str, goods: Sequence[Span]) -> bool:
    """Whether a heading is about goods and says nothing more of them than that they are sent: no "large" before them."""
    return _is_about(heading, _GOODS, goods)


def only_names_places(heading: str) -> bool:
    """Whether a heading is about places and says nothing more than that something is sent there."""
    return _is_about(heading, _PLACES)


def _is_about(heading: str, what: str, goods: Sequence[Span] = ()) -> bool:
    blanked = _ASKING.sub(lambda match: " " * len(match.group()), heading)
    row = _read(blanked, goods)
    return row is not None and what in row.signs and not set(row.signs) - set(what + "SCW")


def names_no_fee(sentence: str, goods: Sequence[Span]) -> bool:
    """Whether a sentence says nothing of what sending goods costs: that they have rules of their own, or other things."""
    row = _read(sentence, goods)
    if (row is not None and set(_of_goods(row.signs)) <= set("SN")) or _AT_THE_DOOR.search(sentence):
        return True
    signs = {
        sign for name, pattern in _patterns() if (sign := _SIGNS[name]) and sign in "FNTQIEX" and pattern.search(sentence)
    }
    return not (signs or has_amount(sentence) or places(sentence) or _QUALIFIES.search(sentence))


def _of_goods(signs: str) -> str:
    """The signs of a sentence about goods without these: none of them go there; that the general freedom does not hold."""
    signs = re.sub("ZK", "X", signs).replace(_GOODS, "")
    return re.sub(r"^([SCW]*)N+(?=[SAPEX])", r"\1", signs)


# ---------------------------------------------------------------- words


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    raw = YAML(typ="safe").load(_WORDS.read_text("utf-8"))
    return tuple((name, re.compile("|".join(forms))) for name, forms in raw.items())


def _read(sentence: str, goods: Sequence[Span] = ()) -> _Row | None:
    """A sentence as a row; None where a word is not known, or the amounts cannot be of one currency."""
    ends = dict(goods)
    named = _joined(places(sentence), sentence)
    signs, amounts, codes, currencies, at = "", [], [], None, 0
    while at < len(sentence):
        if at in ends:
            signs, at = signs + _GOODS, ends[at]
        elif (money := _MONEY.match(sentence, at)) is not None:
            of = _currencies(money)
            if of is None and signs[-1:] not in _BEFORE_A_NUMBER:
                return None
            if of is not None:
                currencies = of if currencies is None else currencies & of
            amounts.append(Decimal(money["whole"].replace(",", "") + "." + (money["part"] or "0")))
            signs, at = signs + _AMOUNT, money.end()
        elif (place := next((one for one in named if one.start == at), None)) is not None:
            codes.append(place.codes)
            signs, at = signs + _PLACES, place.end
        elif (word := _word(sentence, at)) is not None:
            signs, at = signs + word[0], word[1]
        else:
            return None
    return None if currencies == frozenset() else _Row(signs, tuple(amounts), tuple(codes), currencies)


def _word(sentence: str, at: int) -> tuple[str, int] | None:
    """The sign of the longest word at a place, and where that ends."""
    found = [(match.end(), _SIGNS[name]) for name, pattern in _patterns() if (match := pattern.match(sentence, at))]
    end, sign = max(found, key=lambda pair: pair[0], default=(at, ""))
    return (sign, end) if end > at else None


def _currencies(money: re.Match[str]) -> frozenset[str] | None:
    """What an amount may be in, by the signs before and after it; None for a bare number."""
    of = [frozenset(_CURRENCIES.get(sign, (sign.upper(),))) for sign in (money["before"], money["after"]) if sign]
    return frozenset.intersection(*of) if of else None


def _joined(found: Sequence[PlaceSaid], sentence: str) -> list[PlaceSaid]:
    """Neighbouring places as one: "新疆、西藏和青海"."""
    merged: list[PlaceSaid] = []
    for place in found:
        if merged and _JOINED.fullmatch(sentence, merged[-1].end, place.start):
            merged[-1] = PlaceSaid((*merged[-1].codes, *place.codes), merged[-1].start, place.end)
        else:
            merged.append(place)
    return merged


# ---------------------------------------------------------------- forms


def _free_from(row: _Row) -> Said | None:
    """ "Free from 99", "free from 99, otherwise 9", "满 99 包邮，不满 99 收 9"."""
    threshold, *others = row.amounts
    if len(others) == 2 and others[0] != threshold:
        return None
    return _with(row, (Band(Decimal(0), others[-1] if others else None), Band(threshold, Decimal(0))))


def _below(row: _Row) -> Said | None:
    """ "Orders under 30 pay 3.95", "under 30 pay 3.95, otherwise free"; what is not said above it is not known."""
    threshold, fee, *others = row.amounts
    if others and others[0] != threshold:
        return None
    return _with(row, (Band(Decimal(0), fee), Band(threshold, Decimal(0) if "F" in row.signs else None)))


def _fee_first(row: _Row) -> Said | None:
    """ "3.95 for orders under 30"."""
    return _below(replace(row, amounts=(row.amounts[1], row.amounts[0], *row.amounts[2:])))


def _of_zone(row: _Row) -> Said | None:
    """ "Xinjiang always 28", "Xinjiang another 26"."""
    [amount] = row.amounts
    if "T" in row.signs:
        return None if "I" in row.signs else Said(row.places[0], on_top=amount, on_free="Q" not in row.signs)
    return _with(row, (Band(Decimal(0), amount, "I" in row.signs),))


def _free_there(row: _Row) -> Said | None:
    """ "Free in Jiangsu"."""
    return _with(row, (Band(Decimal(0), Decimal(0)),))


def _flat(row: _Row) -> Said | None:
    """ "Postage is 8 an order", "all orders are free": one fee for everything."""
    return _with(row, (Band(Decimal(0), row.amounts[0] if row.amounts else Decimal(0), "I" in row.signs),))


def _not_sent(row: _Row) -> Said | None:
    return Said(row.places[0], served=False)


def _with(row: _Row, bands: tuple[Band, ...]) -> Said | None:
    """Bands of the places that a form names; None where the fee is no less than the threshold: something else is meant."""
    if len(bands) > 1 and bands[1].least <= (bands[0].fee or 0):
        return None
    return Said(row.places[0] if row.places else (), bands)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[_Row], Said | None]], ...] = tuple(
    (re.compile(form), reads)
    for form, reads in (
        (r"P?E?(?:G+AG?|AG)F(?:B+A?C*AW?|C*AB)?|P?E?FE?P?(?:G+AG?|AG)(?:B+A?C*AW?|C*AB)?", _free_from),
        (r"P?E?(?:BA|AL)C*A(?:[GB]+A?G?F|FG?A?G?)?", _below),
        (r"P?E?C*A(?:BA|AL)(?:[GB]+A?G?F|FG?A?G?)?", _fee_first),
        (r"W?P[NWC]*T?I?C*T?A(?:[WCTI]|Q(?=$))*", _of_zone),
        (r"PE?[CW]*F(?=[PE]|$)|FP$", _free_there),
        (r"PX|XP", _not_sent),
        (r"(?:E[CWI]*|W[CWI]*|[CI]*)A[WCI]*$|AI?E[CW]*$|E[CW]*F|FE", _flat),
    )
)
# An amount before its place is the place's only where all amounts stand so; the last may be that of all others.
_REVERSED = re.compile(r"(?:W?C*T?AI?C*W?P)+(?:AI?E)?")
_REVERSED_PART = re.compile(r"[^PE]*[PE]")


def _parsed(row: _Row) -> Iterator[Said | None]:
    """What a row says, form by form; None where a part is of no form."""
    if _REVERSED.fullmatch(row.signs):
        for part in _REVERSED_PART.finditer(row.signs):
            of_part = _part(row, *part.span())
            yield _of_zone(of_part) if of_part.places else _flat(of_part)
        return
    at = 0
    while at < len(row.signs):
        found = [(match, reads) for pattern, reads in _FORMS if (match := pattern.match(row.signs, at)) and match.end() > at]
        if not found:
            yield None
            return
        match, reads = max(found, key=lambda pair: pair[0].end())
        yield reads(_part(row, *match.span()))
        at = match.end()


def _part(row: _Row, start: int, end: int) -> _Row:
    """The part of a row between two signs, with its own amounts and places."""

    def own(kind: str) -> slice:
        before = row.signs[:start].count(kind)
        return slice(before, before + row.signs[start:end].count(kind))

    return replace(row, signs=row.signs[start:end], amounts=row.amounts[own(_AMOUNT)], places=row.places[own(_PLACES)])


def _agree(found: Sequence[Said | None]) -> bool:
    """Whether a sentence says something, and of all places at most once."""
    return bool(found) and sum(one is not None and not one.places for one in found) <= 1
