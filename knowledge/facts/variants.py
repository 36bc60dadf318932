"""Which variants of a product a text means, by whatever tells them apart: colour, size, pack, length or flavour.

Pure functions. A variant's values are taken from its columns and cut into parts that people say apart ("stage 2, 800 g").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.commerce import Product, Variant
from bot.text import normal, number_of
from bot.values.numbers import ENGLISH
from knowledge.lexicon.grams import FUNCTION_WORDS
from knowledge.lexicon.quantities import Quantity, quantities, unit_dimension

# What cuts a value into parts that are said apart.
_PARTS = re.compile(r"[\s/·,，、;；()（）|+]+|(?<=[a-z])-(?=[a-z])")
# Endings that are left out when a value is said.
_ENDINGS = re.compile(r"(?:色|款|装|版|型|码|号|段|键|寸|系)$")
# What may follow one Chinese character that stands for a whole value: 白 for 白色.
_AFTER_CHAR = re.compile(r"\s*(?:色|的|款|那|有|还|没|多|$|[\s,，。?？a-z0-9])")
# And what may stand before it.
_BEFORE_CHAR = "要有的款个件双套条来买拿换还是寸码号版米升克斤"
_LETTERS = re.compile(r"x{0,4}s|m|x{0,5}l|[2-9]xl|[2-9]xs|[a-z]")
# What stands around a size of letters.
_CALLED = re.compile(r"\s*[码号]")
_BEFORE_LETTER = re.compile(r"(?:size|in|a|尺码|码)\s*$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_JOINED = re.compile(r"\d+(?:\.\d+)?(?:\s*[-–x×*/]\s*\d+(?:\.\d+)?)+")
# "the eight string" is the "8-string".
_SPELT = re.compile(rf"\b({'|'.join(ENGLISH)})[\s-]+([a-z]+)")
# "The tall one", "最大号": one end of what the variants differ in. "How tall", "big enough" ask for something else.
_OF_ENGLISH = r"(?<!how )(?<!too )(?<!so )(?<!as )\b(?:%s)\b(?! (?:enough|as|is|are|does|do|will|can)\b)"
_OF_CHINESE = r"(?<![多太够么不几很])(?:最|顶)?[%s](?=[的号款码瓶罐包盒份桶袋那装把只张台支]|个(?!子)|一?点的|$|[,，。?？])"
_BIG_OR_SMALL = re.compile(
    "(?P<big>"
    + _OF_ENGLISH % "big(?:gest|ger)?|large(?:st|r)?|tall(?:est|er)?|longest|longer|wid(?:e|est|er)|thick(?:est|er)?"
    + "|"
    + _OF_CHINESE % "大高宽厚粗"
    + ")|(?P<small>"
    + _OF_ENGLISH % "small(?:est|er)?|little|short(?:est|er)?|narrow(?:est|er)?|thin(?:nest|ner)?"
    + "|"
    + _OF_CHINESE % "小矮窄薄细"
    + ")"
)
# Sizes by letters and by words, from the smallest on.
_LETTER_SIZES = {
    name: n for n, name in enumerate(("xxxs", "xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "xxxxl", "xxxxxl"))
}
_LETTER_SIZES |= {f"{n}xl": _LETTER_SIZES["xl"] + n - 1 for n in range(2, 6)} | {"2xs": 1, "3xs": 0}
_WORD_SIZES = (re.compile(r"小|矮|\bsmall\b|\bmini\b"), re.compile(r"中|\bmedium\b"), re.compile(r"大|高|\blarge\b|\bbig\b"))
# A value that is a number by which things of a trade are called: "3#", "No. 7", "5号".
_NUMBERED = re.compile(r"(?:no\.?|nr\.?|#)\s*(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*(?:#|号)")
# Lengths without a unit, and what these may be in, in millimetres.
_SIDES = re.compile(r"(\d+(?:\.\d+)?)(?:\s*[×x*]\s*\d+(?:\.\d+)?)+")
_SIDE_UNITS = (10.0, 1.0, 1000.0)
_HAN = re.compile(r"[㐀-鿿]{3,}")
_COUNTED_EN = re.compile(r"(\d+(?:\.\d+)?)[ -]([a-z]{4,})")
_COUNTED_ZH = re.compile(r"([一二两三四五六七八九十])(?=[段号档键弦寸码格层])")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one axis as it can be said: normalised forms, of which `parts` are of the whole."""

    forms: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The variants that a text means, and where it says so. All of the product's where it says nothing of them.

    `said`: something of them is said; `spans` where.
    """

    variants: tuple[Variant, ...]
    said: bool
    spans: tuple[tuple[int, int], ...]


# How exactly each variant's values are said, an axis each, and where.
Hits = dict[str, list[tuple[float, tuple[tuple[int, int], ...]]]]


def select(product: Product, plain: str, written: str) -> Selection:
    """The variants of a product that a normalised text means; `written` is the same text with its capitals.

    Of the values said for an axis the most exact count; variants that have the most axes said win.
    """
    by_sku = [variant for variant in product.variants if variant.sku.lower() in plain]
    if by_sku:
        named = max(by_sku, key=lambda variant: len(variant.sku))
        start = plain.find(named.sku.lower())
        return Selection((named,), said=True, spans=((start, start + len(named.sku)),))
    spelt, plain = plain, _with_digits(plain, _words_of(product))
    written = written if len(written) == len(plain) else plain
    measured = quantities(plain)
    hits: Hits = {}
    for variant in product.variants:
        hits[variant.sku] = [_said(value, plain, written, measured) for value in values(variant)]
    hits = _longest(hits)
    axes = len(next(iter(hits.values()), ()))
    best = [max((found[n][0] for found in hits.values() if n < len(found)), default=0.0) for n in range(axes)]
    scores = {
        sku: sum(found[n][0] for n in range(axes) if best[n] and found[n][0] >= best[n] * 0.99)
        for sku, found in hits.items()
    }
    top = max(scores.values(), default=0.0)
    if not top:
        sized, by_size = _by_size(product.variants, spelt)
        return Selection(sized, said=bool(by_size), spans=by_size)
    chosen, by_size = _by_size(tuple(v for v in product.variants if scores[v.sku] >= top * 0.99), spelt)
    spans = {span for variant in chosen for _, where in hits[variant.sku] for span in where}
    return Selection(chosen, said=True, spans=tuple(sorted(spans | set(by_size))))


def _longest(hits: Hits) -> Hits:
    """What variants are said by, without values that stand only inside a longer one of their axis: 带定时 in 不带定时."""
    said = [[where for _, where in axis] for axis in zip(*hits.values(), strict=True)]
    longer = [{span for where in axis for span in where} for axis in said]
    return {
        sku: [(0.0, ()) if where and all(_inside(span, longer[n]) for span in where) else (score, where)
              for n, (score, where) in enumerate(found)]
        for sku, found in hits.items()
    }  # fmt: skip


def _inside(span: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end and (start, end) != span for start, end in spans)


def _by_size(variants: tuple[Variant, ...], plain: str) -> tuple[tuple[Variant, ...], tuple[tuple[int, int], ...]]:
    """Of variants that differ in size the largest or the smallest, where that is said: "the big tin", "小瓶".

    With the place where it is said; all of them, and no place, where it is not.
    """
    match = _BIG_OR_SMALL.search(plain)
    sizes = _in_order([variant.size for variant in variants])
    if match is None or len(set(sizes)) < 2:
        return variants, ()
    wanted = max(sizes) if match.lastgroup == "big" else min(sizes)
    return tuple(v for v, size in zip(variants, sizes, strict=True) if size == wanted), (match.span(),)


def _in_order(sizes: Sequence[str]) -> list[float]:
    """How large each of some sizes is, on one scale for all: by a measure, by letters, by words or by a number; empty where
    none has them all."""
    for scale in (_measured, _lettered, _worded, _numbered):
        found = [scale(normal(size)) for size in sizes]
        if all(place is not None for place in found):
            return [place for place in found if place is not None]
    return []


def _measured(size: str) -> float | None:
    return found[0].high if (found := quantities(size)) else None


def _lettered(size: str) -> float | None:
    return _LETTER_SIZES.get(_ENDINGS.sub("", size).strip())


def _worded(size: str) -> float | None:
    return next((float(n) for n, words in enumerate(_WORD_SIZES) if words.search(size)), None)


def _numbered(size: str) -> float | None:
    found = _NUMBER.findall(size)
    return float(found[0]) if found else None


def several(product: Product, plain: str, written: str) -> list[Selection]:
    """The selections of a text that names values of one axis side by side: "26 and 16 inch". One where it does not."""
    whole = select(product, plain, written)
    if len(whole.variants) < 2 or not whole.said or len(whole.spans) < 2:
        return [whole]
    apart: dict[tuple[int, int], list[Variant]] = {}
    for span in whole.spans:
        kept = "".join(
            char if span[0] <= n < span[1] or not any(a <= n < b for a, b in whole.spans) else " "
            for n, char in enumerate(plain)
        )
        alone = select(product, kept, written)
        if alone.said:
            apart[span] = list(alone.variants)
    singles = [Selection((variants[0],), said=True, spans=(span,)) for span, variants in apart.items() if len(variants) == 1]
    skus = {selection.variants[0].sku for selection in singles}
    return singles if len(singles) == len(apart) == len(skus) > 1 else [whole]


def described(variant: Variant, language: str) -> str:
    """What tells a variant from its siblings, as it is said: `黑色 XL`, `Black, XL`; empty where nothing does."""
    parts = [variant.color.in_(language), "" if _is_only(variant.size) else variant.size]
    return (" " if language != "en" else ", ").join(part for part in parts if part)


def values(variant: Variant) -> tuple[Value, ...]:
    """The values of a variant, an axis each."""
    return tuple(_value(texts) for texts in ((variant.color.zh, variant.color.en), (variant.size,)))


def _is_only(size: str) -> bool:
    return size.strip().lower() in ("", "free", "均码", "one size", "onesize", "os", "default title")


@lru_cache(65_536)
def _value(texts: tuple[str, ...]) -> Value:
    forms = tuple(dict.fromkeys(form for text in texts if text for form in _forms(normal(text))))
    parts = tuple(
        dict.fromkeys(form for text in texts if text for part in _PARTS.split(normal(text)) if part for form in _forms(part))
    )
    measures = [plain[q.start : q.end] for plain in map(normal, filter(None, texts)) for q in quantities(plain)]
    tokens = [part for text in texts if text for part in _PARTS.split(normal(text)) if part]
    counted = [f"{a} {b}" for a, b in pairwise(tokens) if _NUMBER.fullmatch(a) and not _NUMBER.fullmatch(b)]
    words = [part for part in (*counted, *parts) if part not in FUNCTION_WORDS and not unit_dimension(part)]
    said_apart = [part for part in dict.fromkeys([*words, *measures]) if part not in forms]
    worded = [part for part in said_apart if not _NUMBER.fullmatch(part)]
    return Value(forms, tuple(worded or said_apart))  # the 2 of "stage 2" is not said alone


def _forms(text: str) -> Iterable[str]:
    yield text
    if (counted := _counted(text)) != text:  # as it stands in a text whose numbers are read
        yield counted
    shorter = _ENDINGS.sub("", text)
    if shorter != text and len(shorter) > 1:
        yield shorter


def _said(value: Value, plain: str, written: str, measured: Sequence[Quantity]) -> tuple[float, tuple[tuple[int, int], ...]]:
    """How exactly a text says a value, 0 to 1, and where: the whole of it, some parts, or a word of it."""
    whole = [(span, 1.0) for form in value.forms if (span := _place(form, plain, written, measured))]
    if whole:
        return 1.0, (max(whole, key=lambda hit: hit[0][1] - hit[0][0])[0],)
    parts = [span for part in value.parts if (span := _place(part, plain, written, measured))]
    if parts:
        return 0.3 + 0.6 * len(parts) / max(len(value.parts), len(parts)), tuple(parts)
    shortened = [span for form in (*value.forms, *value.parts) if (span := _abbreviated(form, plain))]
    if shortened:
        return 0.8, (shortened[0],)
    cut = [span for form in value.forms if (span := _cut_short(form, plain))]
    if cut:
        return 0.5, (cut[0],)
    short = [span for form in value.forms if (span := _by_character(form, plain))]
    return (0.25, (short[0],)) if short else (0.0, ())


def _place(form: str, plain: str, written: str, measured: Sequence[Quantity]) -> tuple[int, int] | None:
    """Where a text says one form of a value as a word of its own, or as the same measure in another unit."""
    if numbered := _NUMBERED.fullmatch(form):
        return _by_number(numbered.group(1) or numbered.group(2), plain)
    if _LETTERS.fullmatch(form):
        return _letter(form, plain, written)
    if (own := _measure(form)) is not None:
        ends = ((q, (q.low, q.high)) for q in measured if q.dimension == own.dimension)  # "200 and 300 gsm" says both
        return next(
            ((q.start, q.end) for q, both in ends if any(_close(end, own.low) for end in both)), None
        ) or _bare_number(form, plain)
    if _NUMBER.fullmatch(form):
        return _bare_number(form, plain)
    pattern = re.escape(form).replace(r"\ ", r"[\s-]*").replace(r"\-", r"[\s–—-]*").replace("×", "[×x*]")
    if form[0].isascii() and form[0].isalnum():
        pattern = rf"(?<![a-z0-9.]){pattern}"
    if form[-1].isascii() and form[-1].isalnum():
        pattern = rf"{pattern}(?:e?s)?(?![a-z0-9])"
    elif len(form) < 2:
        return None
    match = re.search(pattern, plain)
    return match.span() if match else _by_first_side(form, measured)


def _by_first_side(form: str, measured: Sequence[Quantity]) -> tuple[int, int] | None:
    """Where a text says the first of several lengths that a value is written as, without their unit: a bed of 120×200 is one
    of "一米二"."""
    sides = _SIDES.fullmatch(form)
    if sides is None:
        return None
    first = float(sides.group(1))
    lengths = [q for q in measured if q.dimension == "length"]
    return next(((q.start, q.end) for q in lengths for unit in _SIDE_UNITS if _close(q.low, first * unit)), None)


def _measure(form: str) -> Quantity | None:
    """The measure that a form is, and nothing else."""
    found = quantities(form)
    return (
        found[0]
        if len(found) == 1 and found[0].start == 0 and found[0].end == len(form) and found[0].low == found[0].high
        else None
    )


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 0.005 * max(abs(a), abs(b), 1e-9)


def _bare_number(form: str, plain: str) -> tuple[int, int] | None:
    """A number said without its unit, but not inside another one, nor as an amount of money or of pieces."""
    number = _NUMBER.match(form)
    if number is None:
        return None
    joined = [match.span() for match in _JOINED.finditer(plain)]
    pattern = (
        rf"(?<![\d.a-z¥$#]){re.escape(number.group())}(?![\d.%]|\s*(?:元|块|件|个|套|包|盒|双|条|瓶|号链接|yuan|rmb"
        rf"|pcs|days?|天))"
    )
    for match in re.finditer(pattern, plain):
        if not any(start <= match.start() < end for start, end in joined):
            return match.span()
    return None


def _by_number(number: str, plain: str) -> tuple[int, int] | None:
    """A number that a thing is called by, with its sign or word, or without: "no 3", "3号", "3"."""
    said = re.escape(number)
    called = re.search(rf"(?:\bno\.?|\bnumber|\bsize|#)\s*{said}(?![\d.])|(?<![\d.]){said}\s*[#号]", plain)
    return called.span() if called else _bare_number(number, plain)


def _abbreviated(form: str, plain: str) -> tuple[int, int] | None:
    """Where a text says a number and a word with letters of the word left out: "10 spd" for "10 speed"."""
    counted = _COUNTED_EN.fullmatch(form)
    if counted is None:
        return None
    number, word = counted.groups()
    for match in re.finditer(rf"(?<![\d.]){re.escape(number)}[\s-]?([a-z]{{2,}})(?![a-z])", plain):
        letters = iter(word)
        if match.group(1)[0] == word[0] and all(letter in letters for letter in match.group(1)):
            return match.span()
    return None


def _cut_short(form: str, plain: str) -> tuple[int, int] | None:
    """Where a text says a Chinese value without characters of its middle: 带盖 for 带玻璃盖."""
    if not _HAN.fullmatch(form):
        return None
    match = re.search("".join((form[0], *(f"{char}?" for char in form[1:-1]), form[-1])), plain)
    return match.span() if match else None


def _letter(form: str, plain: str, written: str) -> tuple[int, int] | None:
    """A size of letters: written in capitals, or beside a word for size; longer ones in any way."""
    for match in re.finditer(rf"(?<![a-z0-9'’]){re.escape(form)}(?![a-z'’]|\d(?!\d?\s*[件个条双只套]))", plain):
        start, end = match.span()
        capital = written[start:end].isupper()
        called = _CALLED.match(plain, end)
        if capital or called or len(form) > 1 or _BEFORE_LETTER.search(plain[:start]):
            return start, called.end() if called else end
    return None


def _by_character(form: str, plain: str) -> tuple[int, int] | None:
    """A Chinese value by one telling character: 白 for 米白色, 红 for 酒红."""
    for char in _ENDINGS.sub("", form)[::-1]:
        if char.isascii():
            continue
        for match in re.finditer(re.escape(char), plain):
            before, after = plain[: match.start()], plain[match.end() :]
            alone = not before or not re.match(r"[㐀-鿿]", before[-1]) or before[-1] in _BEFORE_CHAR
            if alone and _AFTER_CHAR.match(after):
                return match.span()
        return None
    return None


def _with_digits(plain: str, words: frozenset[str]) -> str:
    """Numbers that are spelt before a word of the product's values in digits, places as they were: "eight string"."""

    def in_digits(match: re.Match[str]) -> str:
        spelt, word = match.groups()
        if word.removesuffix("s") not in words:
            return match.group()
        return str(ENGLISH[spelt]).ljust(len(spelt)) + match.group()[len(spelt) :]

    return _SPELT.sub(in_digits, _counted(plain))


def _counted(plain: str) -> str:
    """Chinese numbers of what values count in digits, places as they were."""
    return _COUNTED_ZH.sub(lambda match: str(number_of(match.group(1))), plain)


@lru_cache(4096)
def _words_of(product: Product) -> frozenset[str]:
    """The Latin words in a product's values."""
    said = " ".join(normal(f"{v.color.en} {v.color.zh} {v.size}") for v in product.variants)
    return frozenset(word.removesuffix("s") for word in re.findall(r"[a-z]{2,}", said))
