"""The forms of identifiers, learned from some of them: `2026M-7F3K9` and `DD26-04817` are two. Pure functions.

A form is a row of segments. What is the same everywhere, or one of a few, stays so; a run of digits may have any digits, of
the lengths that were seen; where letters and digits are mixed at will, any of those signs may stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import takewhile

# Whole identifiers from which a form is learned; of these forms the rarest are left out.
MAX_FORMS = 12
# So many different letters at one place are a class of their own, where each was seen often enough.
_FEW, _OFTEN = 8, 3
# Letters that begin so many mixed runs belong to the form.
_ENOUGH = 5
# A run that changes so often between letters and digits is a mixed one, however few were seen.
_RUNS = 4
# So many signs of mixed runs tell which signs are never used.
_MANY_SIGNS = 100
_PARTS = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]+")
_RUN = re.compile(r"[A-Za-z]+|[0-9]+")
_YEAR = re.compile(r"20\d\d")
_MADE_UP = "1234567890"


class Kind(Enum):
    """What may stand in a segment."""

    FIXED = "one of a few runs of letters"
    YEAR = "a year"
    DIGITS = "digits"
    LETTERS = "letters"
    MIXED = "letters and digits"
    BETWEEN = "what stands between the others"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a form: its `texts` where it has few, the newest first, or is always the same; `signs` that were seen."""

    kind: Kind
    least: int
    most: int
    texts: tuple[str, ...] = ()
    signs: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form, and between which numbers its only run of digits was seen (0, 0 where it has others)."""

    segments: tuple[Segment, ...]
    lowest: int = 0
    highest: int = 0

    @property
    def digits_only(self) -> bool:
        """Whether it is a number and nothing else, but for a sign like `#` before it."""
        return all(s.kind in (Kind.DIGITS, Kind.BETWEEN) for s in self.segments) and len(self.runs) == 1

    @property
    def runs(self) -> tuple[Segment, ...]:
        """The segments of letters and digits."""
        return tuple(segment for segment in self.segments if segment.kind is not Kind.BETWEEN)

    @property
    def number_at_end(self) -> bool:
        """Whether it is letters that are always the same, and then a number: the number alone may be said for it."""
        kinds = [segment.kind for segment in self.runs]
        return kinds == [Kind.FIXED, Kind.DIGITS] and len(self.runs[0].texts) == 1

    @property
    def telling(self) -> bool:
        """Whether what has this form can hardly be anything else, so that no word need say what it is."""
        signs = sum(segment.least for segment in self.runs)
        if all(segment.kind in (Kind.MIXED, Kind.LETTERS) for segment in self.runs):
            return len(self.runs) > 2 and signs >= 12
        lettered = any(segment.kind in (Kind.FIXED, Kind.LETTERS) for segment in self.runs)
        return signs >= 6 if lettered else len(self.runs) > 1 and signs >= 8

    def example(self, taken: Iterable[str] = ()) -> str:
        """An identifier of this form with made-up signs, and none that is `taken` where that can be."""
        known = frozenset(taken)
        shifts = range(len(_MADE_UP))
        made = ["".join(_made_up(segment, shift) for segment in self.segments) for shift in shifts]
        return next((one for one in made if one not in known), made[0])


def learned(ids: Sequence[str]) -> tuple[Form, ...]:
    """The forms of identifiers, which come newest first: the form of the newest comes first. Rare ones are left out."""
    split = [tuple(_PARTS.findall(one.strip())) for one in dict.fromkeys(ids) if any(char.isalnum() for char in one)]
    by_frame: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for parts in split:
        by_frame.setdefault(tuple(_frame(part) for part in parts), []).append(parts)
    counted: Counter[Form] = Counter()
    for alike in (alike for framed in by_frame.values() for alike in _apart(framed, 0)):
        counted[_form(alike)] += len(alike)
    common = {form for form, _ in _merged(counted).most_common(MAX_FORMS)}
    return tuple(form for form in _merged(counted) if form in common)


def _frame(part: str) -> str:
    """What identifiers of one form have in common at first sight: separators, and how long what has letters is."""
    if not part[0].isascii() or not part[0].isalnum():
        return part
    return f"{len(part)}"


def _apart(alike: list[tuple[str, ...]], place: int) -> list[list[tuple[str, ...]]]:
    """Identifiers of one frame, those with letters and digits in another order apart, unless these are mixed at will."""
    if place == len(alike[0]):
        return [alike]
    by_order: dict[str, list[tuple[str, ...]]] = {}
    for parts in alike:
        by_order.setdefault(_order(parts[place]), []).append(parts)
    orders = list(by_order)
    two = len(orders) == 2 and all(len(order) <= 2 and len(by_order[order]) > 1 for order in orders)
    groups = list(by_order.values()) if two else [alike]
    return [group for one in groups for group in _apart(one, place + 1)]


def _order(part: str) -> str:
    """`LD` for letters and then digits."""
    return "".join("D" if run[0].isdigit() else "L" for run in _RUN.findall(part))


def _form(alike: Sequence[tuple[str, ...]]) -> Form:
    segments = tuple(segment for texts in zip(*alike, strict=True) for segment in _segments(texts))
    if all(segment.kind in (Kind.FIXED, Kind.YEAR, Kind.BETWEEN) for segment in segments):  # it is no year: it counts
        segments = tuple(replace(s, kind=Kind.DIGITS, texts=()) if s.kind is Kind.YEAR else s for s in segments)
    numbers = [place for place, segment in enumerate(segments) if segment.kind is Kind.DIGITS]
    if len(numbers) != 1 or any(segment.kind in (Kind.MIXED, Kind.YEAR) for segment in segments):
        return Form(segments)
    said = [int(re.sub(r"[^0-9]", "", "".join(parts))) for parts in alike]
    return Form(segments, min(said), max(said))


def _segments(texts: Sequence[str]) -> list[Segment]:
    """The segments of one part, as it is in each of some identifiers."""
    first = texts[0]
    if not (first[0].isascii() and first[0].isalnum()):
        return [Segment(Kind.BETWEEN, len(first), len(first), (first,))]
    orders = {_order(text) for text in texts}
    longest = max(map(len, orders))
    if len(orders) > 1 or longest >= _RUNS or (longest == _RUNS - 1 and len(texts) < _ENOUGH):
        return _mixed(texts)
    return [_run(runs) for runs in zip(*(_RUN.findall(text) for text in texts), strict=True)]


def _mixed(texts: Sequence[str]) -> list[Segment]:
    begins = _common_letters(texts) if len(texts) >= _ENOUGH else ""
    rest = [text[len(begins) :] for text in texts]
    signs = "".join(sorted(set("".join(rest))))
    known = signs if sum(map(len, rest)) >= _MANY_SIGNS else ""
    segment = Segment(Kind.MIXED, len(rest[0]), len(rest[0]), (), known or _case(signs))
    return [Segment(Kind.FIXED, len(begins), len(begins), (begins,)), segment] if begins else [segment]


def _common_letters(texts: Sequence[str]) -> str:
    """The letters with which all begin, but never a whole one of them."""
    columns = zip(*(text[:-1] for text in texts), strict=True)
    same = takewhile(lambda column: len(set(column)) == 1 and column[0].isalpha(), columns)
    return "".join(column[0] for column in same)


def _run(runs: Sequence[str]) -> Segment:
    least, most = min(map(len, runs)), max(map(len, runs))
    counted = Counter(runs)
    if runs[0][0].isdigit():
        is_year = all(_YEAR.fullmatch(run) for run in runs) and len(counted) <= _FEW
        same = len(counted) == 1 and len(runs) > 1
        return Segment(Kind.YEAR if is_year else Kind.DIGITS, least, most, (runs[0],) if is_year or same else ())
    if len(counted) == 1 or (len(counted) <= _FEW and len(runs) >= _OFTEN * len(counted)):
        return Segment(Kind.FIXED, least, most, tuple(counted))
    return Segment(Kind.LETTERS, least, most, (), _case("".join(runs)))


def _case(signs: str) -> str:
    """All signs of the cases that were seen."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    lower = letters if any(char.islower() for char in signs) else ""
    upper = letters.upper() if any(char.isupper() for char in signs) else ""
    return (_MADE_UP if any(char.isdigit() for char in signs) else "") + upper + lower


def _merged(counted: Counter[Form]) -> Counter[Form]:
    """Forms that differ in how many digits a number has are one."""
    merged: dict[tuple[Segment, ...], tuple[Form, int]] = {}
    for form, count in counted.items():
        frame = tuple(replace(s, least=0, most=0, texts=()) if s.kind is Kind.DIGITS else s for s in form.segments)
        known = merged.get(frame)
        merged[frame] = (_both(known[0], form), known[1] + count) if known else (form, count)
    return Counter(dict(merged.values()))


def _both(one: Form, other: Form) -> Form:
    segments = tuple(
        replace(a, least=min(a.least, b.least), most=max(a.most, b.most))
        for a, b in zip(one.segments, other.segments, strict=True)
    )
    return Form(segments, min(one.lowest, other.lowest), max(one.highest, other.highest))


def _made_up(segment: Segment, shift: int) -> str:
    if segment.texts:
        return segment.texts[0]
    digits = _MADE_UP[shift:] + _MADE_UP[:shift]
    signs = digits
    if segment.kind is not Kind.DIGITS:
        letters = [sign for sign in segment.signs if sign.isalpha()]
        some = letters[shift:] + letters[:shift]
        seen = [digit for digit in digits if digit in segment.signs]
        signs = "".join(sign for pair in zip(seen, some, strict=False) for sign in pair) or "".join(some)
    return (signs * (segment.least // len(signs) + 1))[: segment.least]
