"""Order numbers in a text, by the forms of a shop's own: as people write them, and as the shop does. Pure functions.

Lower case, full width, missing or other separators, `O` for 0 where only a digit can stand: all are read, and so is the
number alone where a form is always the same letters and then a number. What could be anything else (`1001`) counts where the
text says what it is, or the question was for it. A code of the shop's that is something else, such as an SKU, never does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.types import Entity
from bot.values.forms import Form, Kind, Segment, learned
from bot.values.spoken import HAN_DIGITS

KIND = "order_number"
# A number alone that is not said to be an order's has at least so many digits, or is known to be one's and has so many.
_LONG, _KNOWN_LONG = 8, 5
# From so many digits on they may be written in groups, or with a letter that looks like one of them.
_GROUPED = 6
# Links of a live room have so many digits at most: `#12`.
_LINK_DIGITS = 3
# A number may be so much higher than those that were seen: orders go on.
_GROWTH = 1_000

_DASHES = r"\-‐‑–—_"
_GAP = rf"[\s{_DASHES}]?"
_BETWEEN_RUNS = rf"[\s{_DASHES}#:.]{{0,2}}"
_SEPARATOR = rf"[\s{_DASHES}/\\.:·#]{{0,3}}"
# What may not stand beside a number that is alone: it would be part of another one.
_ALONE = (r"(?<![A-Za-z0-9.,-])", r"(?![A-Za-z0-9]|[.,/-]\d)")
_DIGIT, _LIKE_DIGITS = r"\d", r"[\dOoIl]"
_TO_DIGIT = str.maketrans("OoIl", "0011")
_LOOKS_LIKE = {"O": "[Oo0]", "I": "[Ii1l]"}

_CUE = re.compile(
    r"(?:订单的?编?号?码?|单子?的?编?号码?|订的单|orders?(?:[\s_]*(?:numbers?|num|no\.?|nr\.?|id|#|№))?|\b(?:ord|po)\b\.?|№)"
    r"(?:\s*(?:号码?|是|为|叫|[:：=#/,，“\"'(（]|was|is|id))*\s*$",
    re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"^\s*(?:号|这个|那个|这笔|那笔|这单|那单|的|这)*\s*(?:订单|单子|单(?![号价只])|order\b)", re.IGNORECASE
)
_OTHER_THING = re.compile(
    r"(?:快递|运单|物流|包裹|顺丰|[中申圆]通|韵达|极兔|尾号|[后末]四位|后4位|尾数|手机|电话|微信|邮编|验证码|优惠[码券]|券码|货号|型号"
    r"|\b(?:tracking|waybill|parcel|courier|phone|mobile|last\s*(?:four|4)|ending|ends|zip|postcode|code|coupon|sku|model))"
    r"[^\d，。,;；?？]{0,14}$",
    re.IGNORECASE,
)
_OF_ORDER = re.compile(r"订单|order", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"(?:[¥￥$€£]|RMB|CNY|USD)\s*$", re.IGNORECASE)
_MEASURE_AFTER = re.compile(
    r"^\s?(?:[%％℃°]|元|块|件|个|只|双|套|箱|年|月|[天日](?!期)|号链接|号链|码|斤|公斤|克|毫升|毫安|米|厘米|mah|ml|mm|cm|kg|g\b|l\b|km|w\b|v\b"
    r"|pcs|pieces|yuan|dollars?|bucks|usd|cny|rmb)",
    re.IGNORECASE,
)
_ANOTHER = re.compile(r"^\s*(?:[、，,;；/&+]|和|跟|还有|与|and|or)*\s*$", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*")
_ENCODED = re.compile(r"%(23|2f|20)", re.IGNORECASE)
_ENCODED_SIGNS = {"23": "  #", "2f": "/  ", "20": "   "}
_HAN_NUMBER = re.compile(rf"[{''.join(HAN_DIGITS)}\d]{{6,}}")


@dataclass(frozen=True, slots=True)
class Declared:
    """A form that the shop has written down: a pattern, and how the identifier is written in full (`DD{1}-{2}`)."""

    pattern: re.Pattern[str]
    normal: str = ""
    private: bool = True
    example: str = ""

    def written(self, match: re.Match[str]) -> str:
        """The identifier as the shop writes it. Without a normal form, as it stands there, in upper case."""
        if not self.normal:
            return match.group().upper()
        return re.sub(r"\{(\w+)\}", lambda place: _group(match, place.group(1)), self.normal)


def _any(match: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Reader:
    """How one form is looked for, and what makes an identifier of what was found."""

    pattern: re.Pattern[str]
    written: Callable[[re.Match[str]], str]
    fits: Callable[[re.Match[str]], bool]
    telling: bool
    bare: bool = False
    private: bool = True
    lowest: int = 0
    highest: int = 0


@dataclass(frozen=True, slots=True)
class OrderForms:
    """The forms of a shop's order numbers: what finds them in a text.

    `known` has numbers that exist by their letters and digits; `codes` the letters and digits of what is no order.
    """

    forms: tuple[Form, ...] = ()
    declared: tuple[Declared, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    readers: tuple[_Reader, ...] = ()

    def find(self, text: str, *, asked: bool = False) -> list[Entity]:
        """The order numbers in a text, in order and apart; their values are as the shop writes them.

        `asked`: the text answers the question for one, so that a number alone is taken for it.
        """
        return [entity for entity, _ in self._found(text, asked=asked)]

    def private(self, text: str) -> list[Entity]:
        """The order numbers in a text that others must not read."""
        return [entity for entity, reader in self._found(text, asked=False) if reader is None or reader.private]

    def normal(self, text: str) -> str:
        """An order number as the shop writes it; one of no form of the shop's as it was given."""
        plain = unicodedata.normalize("NFKC", text).strip()
        if (known := self.known.get(key(plain))) is not None:
            return known
        found = self.find(plain, asked=True)
        return str(found[0].value) if len(found) == 1 else plain

    def examples(self, most: int = 2) -> tuple[str, ...]:
        """Made-up numbers of the forms of the newest orders."""
        told = [declared.example for declared in self.declared if declared.example]
        made = [form.example(self.known.values()) for form in self.forms]
        return tuple(dict.fromkeys((*told, *made)))[:most]

    def _found(self, text: str, *, asked: bool) -> list[tuple[Entity, _Reader | None]]:
        plain = _folded(text)
        found = [*self._named(plain), *(one for reader in self.readers for one in self._read(reader, plain))]
        taken: list[_Candidate] = []
        for one in sorted(
            found, key=lambda one: (one.start, one.reader is not None and one.reader.bare, one.start - one.end)
        ):
            if taken and one.start < taken[-1].end:
                continue
            if self._counts(one, plain, taken, asked=asked):
                taken.append(one)
        return [(Entity(KIND, one.value, text[one.start : one.end], one.start, one.end), one.reader) for one in taken]

    def _named(self, plain: str) -> Iterator[_Candidate]:
        """Numbers of no form that are known all the same."""
        for match in _TOKEN.finditer(plain):
            number = self.known.get(key(match.group()))
            telling = (
                len(match.group()) > _KNOWN_LONG and not match.group().isdigit() and any(map(str.isdigit, match.group()))
            )
            if number is not None and telling:
                yield _Candidate(match.start(), match.end(), number, None)

    def _read(self, reader: _Reader, plain: str) -> Iterator[_Candidate]:
        for match in reader.pattern.finditer(plain):
            if not reader.fits(match):
                continue
            value = reader.written(match)
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            yield _Candidate(start, match.end(), self.known.get(key(value), value), reader)

    def _counts(self, one: _Candidate, plain: str, before: Sequence[_Candidate], *, asked: bool) -> bool:
        """Whether what has the form of an order number is one, by what stands around it."""
        if one.reader is None:
            return True
        head, tail = plain[: one.start], plain[one.end :]
        another = bool(before and _ANOTHER.search(plain[before[-1].end : one.start]))
        cued = asked or another or bool(_CUE.search(head) or _CUE_AFTER.search(tail))
        exists = self.known.get(key(one.value)) == one.value
        if self._other_code(plain, one) and not (exists and cued):
            return False
        if one.reader.telling and not one.reader.bare:
            return True
        if "#" in plain[one.start : one.end] and _digit_count(plain[one.start : one.end]) > _LINK_DIGITS:
            return True
        if _is_something_else(head, tail):
            return False
        return cued or _likely(one.reader, plain[one.start : one.end], exists=exists)

    def _other_code(self, plain: str, one: _Candidate) -> bool:
        """Whether the word in which a number stands is another code of the shop's."""
        words = (match for match in _TOKEN.finditer(plain) if match.start() < one.end and one.start < match.end())
        return any(key(match.group()) in self.codes for match in words) or key(plain[one.start : one.end]) in self.codes


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    value: str
    reader: _Reader | None

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Which of several comes first: the one that begins first, whole numbers before those alone, the longest."""
        return self.start, self.reader is not None and self.reader.bare, -self.end


def order_forms(ids: Sequence[str], declared: Sequence[Declared] = (), codes: Iterable[str] = ()) -> OrderForms:
    """The forms of order numbers by some that exist, newest first, and by what the shop says; `codes` are no orders."""
    forms = learned(ids)
    known = {key(one): one for one in reversed(ids)}
    told = [_Reader(one.pattern, one.written, _any, telling=True, private=one.private) for one in declared]
    readers = (*told, *(_reader(form) for form in forms), *_bare(forms)) or (_ANY,)
    return OrderForms(forms, tuple(declared), known, frozenset(map(key, codes)), readers)


def key(identifier: str) -> str:
    """What identifies it however it is written: its letters and digits, in upper case."""
    return "".join(char for char in unicodedata.normalize("NFKC", identifier).upper() if char.isalnum())


NO_FORMS = OrderForms()
# Of a shop whose forms are not known: what is called an order's number, and has some digits.
_ANY = _Reader(
    re.compile(r"(?<![A-Za-z0-9])#?(?=(?:[A-Za-z/-]*\d){4})[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*", re.ASCII),
    lambda match: match.group().upper(),
    _any,
    telling=False,
)


def _reader(form: Form) -> _Reader:
    plain = form.digits_only
    written = "".join(_searched(segment, form, place) for place, segment in enumerate(form.segments))
    before, after = (
        (r"(?<![A-Za-z0-9.,])", r"(?![A-Za-z0-9]|[.,/-]\d)") if plain else ("(?<![A-Za-z0-9])", "(?![A-Za-z0-9])")
    )
    pattern = re.compile(f"{before}{written}{after}", re.IGNORECASE | re.ASCII)

    def as_written(match: re.Match[str]) -> str:
        return "".join(_in_form(segment, _group(match, f"s{place}")) for place, segment in enumerate(form.segments))

    return _Reader(
        pattern, as_written, lambda match: _fits(form, match), form.telling, plain, True, form.lowest, form.highest
    )


def _bare(forms: Iterable[Form]) -> Iterator[_Reader]:
    """Numbers alone, where they can be of one form only."""
    numbered = [form for form in forms if form.number_at_end]
    for form in numbered:
        run = form.runs[1]
        alike = [other for other in forms if other is not form and (other in numbered or other.digits_only)]
        if any(other.runs[-1].least <= run.most and run.least <= other.runs[-1].most for other in alike):
            continue
        pattern = re.compile(rf"\d{{{run.least},{run.most}}}".join(_ALONE), re.ASCII)

        def as_written(match: re.Match[str], form: Form = form) -> str:
            return "".join(match.group() if s.kind is Kind.DIGITS else s.texts[0] for s in form.segments)

        yield _Reader(pattern, as_written, _any, telling=False, bare=True, lowest=form.lowest, highest=form.highest)


def _searched(segment: Segment, form: Form, place: int) -> str:
    """The pattern for one segment as people write it."""
    name, times = f"s{place}", f"{{{segment.least},{segment.most}}}"
    begins = place == 0 or form.segments[place - 1].kind is Kind.BETWEEN
    gap = "" if begins else _BETWEEN_RUNS
    match segment.kind:
        case Kind.BETWEEN if place == 0:
            return rf"(?P<{name}>(?:{re.escape(segment.texts[0])})?\s?)"
        case Kind.BETWEEN:
            return rf"(?P<{name}>{_SEPARATOR})"
        case Kind.FIXED:
            return f"{gap}(?P<{name}>{'|'.join(_letters(text) for text in segment.texts)})"
        case Kind.YEAR:
            return f"{gap}(?P<{name}>2[0Oo]\\d\\d)"
        case Kind.LETTERS:
            return f"{gap}(?P<{name}>[A-Z]{times})"
        case Kind.MIXED:
            return f"{gap}(?P<{name}>[A-Z0-9]{times})"
        case Kind.DIGITS:
            grouped = segment.least >= _GROUPED and not form.digits_only
            one = _LIKE_DIGITS if grouped else _DIGIT
            more = f"{{{segment.least - 1},{segment.most - 1}}}"
            return f"{gap}(?P<{name}>{one}(?:{_GAP if grouped else ''}{one}){more})"


def _letters(text: str) -> str:
    return "".join(_LOOKS_LIKE.get(char.upper(), char) for char in text)


def _in_form(segment: Segment, said: str) -> str:
    """A part of an identifier as the shop writes it."""
    if segment.kind is Kind.BETWEEN:
        return segment.texts[0]
    if segment.kind in (Kind.DIGITS, Kind.YEAR):
        return "".join(char for char in said.translate(_TO_DIGIT) if char.isdigit())
    if segment.kind is Kind.FIXED:
        same = (text for text in segment.texts if re.fullmatch(_letters(text), said, re.IGNORECASE))
        return next(same, said)
    cased = said.lower() if not any(char.isupper() for char in segment.signs) else said
    cased = cased.upper() if not any(char.islower() for char in segment.signs) else cased
    return "".join(_as_seen(char, segment.signs) for char in cased)


def _as_seen(char: str, signs: str) -> str:
    """A sign that is never used in this place as the one that looks like it and is."""
    twin = {"O": "0", "I": "1", "0": "O", "1": "I"}.get(char, char)
    return twin if char not in signs and twin in signs else char


def _fits(form: Form, match: re.Match[str]) -> bool:
    """Whether a match is no words that happen to have the form: "2026 b other", and few digits are letters."""
    said = match.group()
    for place, segment in enumerate(form.segments):
        part = _group(match, f"s{place}")
        has_digit = any(char.isdigit() for char in part)
        if segment.kind is Kind.MIXED and not has_digit and (" " in said or len(form.runs) == 1):
            return False
        if segment.kind is Kind.DIGITS and sum(char.isalpha() for char in part) * 3 > segment.least:
            return False
    return True


def _in_range(number: int, reader: _Reader) -> bool:
    room = max(_GROWTH, reader.highest - reader.lowest)
    return max(0, reader.lowest - room) <= number <= reader.highest + room and reader.highest > 0


def _is_something_else(head: str, tail: str) -> bool:
    """Whether the words around a number say that it is none of an order: a phone's, a parcel's, a price, a measure."""
    other = _OTHER_THING.search(head)
    if other and not _OF_ORDER.search(other.group()):
        return True
    return bool(_MONEY_BEFORE.search(head) or _MEASURE_AFTER.search(tail))


def _likely(reader: _Reader, said: str, *, exists: bool) -> bool:
    """Whether a number of which nothing is said is one of an order."""
    digits = "".join(char for char in said if char.isdigit())
    if not digits or _MOBILE.fullmatch(digits):
        return False
    if exists and len(key(said)) >= _KNOWN_LONG:
        return True
    return reader.bare and len(digits) >= _LONG and _in_range(int(digits), reader)


def _digit_count(said: str) -> int:
    return sum(char.isdigit() for char in said)


def _group(match: re.Match[str], name: str) -> str:
    return match.group(int(name) if name.isdigit() else name) or ""


def _folded(text: str) -> str:
    """The text with plain digits and letters, each at its own place: full width, in a URL, spoken in Chinese."""
    narrow = "".join(_narrow(char) for char in text)
    decoded = _ENCODED.sub(lambda match: _ENCODED_SIGNS[match.group(1).lower()], narrow)
    return _HAN_NUMBER.sub(lambda match: "".join(HAN_DIGITS.get(char, char) for char in match.group()), decoded)


def _narrow(char: str) -> str:
    if char.isascii():
        return char
    form = unicodedata.normalize("NFKC", char)
    return form if len(form) == 1 else char
