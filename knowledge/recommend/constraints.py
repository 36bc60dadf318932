"""What a need rules out, read from its words. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.commerce import Money, Product, Text, Variant
from bot.text import normal
from bot.values.money import CURRENCIES, MARK, NUMBER, UNIT, amount_of
from knowledge.facts.goods import FOR_IT
from knowledge.facts.reading import Act, cue_spans
from knowledge.facts.stated import Stated, stated_wishes
from knowledge.facts.wishes import Bound, Wish, bounds, phrases, unwanted
from knowledge.lexicon.grams import overlapping, without_spans
from knowledge.lexicon.lexicon import Lexicon
from knowledge.lexicon.quantities import Quantity, quantities
from knowledge.recommend.audience import Audience, audience_of, places_of

_RANGE = re.compile(rf"{MARK}{NUMBER}\s*(?:-|–|~|到|至|to|and)\s*[¥￥$€£]?\s*{NUMBER}{UNIT}")
_MOST = (
    re.compile(rf"{MARK}{NUMBER}{UNIT}(?:以内|以下|之内|内|封顶|or less|or under|max|at most|tops\b)"),
    re.compile(rf"\b(?:not?|never)(?: be| go)? (?:over|above|more than|exceeding|beyond){MARK}{NUMBER}{UNIT}"),
    re.compile(
        rf"(?:不超过|不高于|低于|小于|不到|预算|under|below|less than|cheaper than|up to|at most|within"
        rf"|max(?:imum)?|budget(?: of| is)?)"
        rf"\s*(?:是|在|大概)?{MARK}{NUMBER}{UNIT}"
    ),
)
_LEAST = (
    re.compile(rf"{MARK}{NUMBER}{UNIT}(?:以上|起|or more)"),
    re.compile(
        rf"(?:(?<!不)(?:超过|高于|大于)|不低于|至少|(?<!\bno )(?<!\bnot )(?<!\bbe )(?<!\bgo )(?:over|above|more than)"
        rf"|at least|starting (?:at|from)){MARK}{NUMBER}{UNIT}"
    ),
    re.compile(rf"(?:from){MARK}{NUMBER}{UNIT}(?:up|and up|onwards|upwards?)\b"),
)
_ABOUT = (
    re.compile(rf"{MARK}{NUMBER}{UNIT}(?:左右|上下)"),
    re.compile(rf"(?:大概|差不多|around|about|roughly){MARK}{NUMBER}{UNIT}"),
)
# "The ones at 39 yuan".
_EXACTLY = re.compile(rf"(?:^|[^\d])(?P<mark>[¥￥])?\s*{NUMBER}\s*(?P<unit>元|块钱?|块)的(?![^\s]*(?:券|优惠))")
# "Cheaper than", with the other product's name at either end.
_CHEAPER = re.compile(r"比(?P<than>.+?)(?:更|还|要)?(?:便宜|低)|(?:cheaper|less expensive|lower priced) than (?P<other>.+)")
_DEARER = re.compile(r"比(?P<than>.+?)(?:更|还|要)?(?:贵|高档|高)|(?:more expensive|dearer|pricier) than (?P<other>.+)")
# "About 200" is taken as a fifth more or less.
_ABOUT_PART = Decimal("0.2")
_WITHOUT = (
    r"(?:不要|不想要|除了|别的?|不喜欢|不是|(?:is |are )?not|no|without|except|other than|anything but)\s*(?:the\s+|in\s+)?"
)
_SIZE = re.compile(
    r"(?<![a-z0-9'’])(?:size\s+)?(xxs|xs|[2-5]xl|xxl|xl)(?![a-z0-9])|(?:size|in)\s+(?:a\s+)?([sml])(?![a-z0-9'’])"
    r"|([sml])\s*[码号]|(\d{2,3})\s*码|\bsize\s+(\d{2,3})(?!\d)"
)
# Colours that name a family of the catalogue's ones, in Chinese by their character.
_BASIC_ZH = re.compile(r"([红橙黄绿蓝紫白黑灰粉棕金银])(?:色|的|款)")
_BASIC_EN = re.compile(r"\b(red|orange|yellow|green|blue|purple|pink|white|black|gr[ae]y|brown|gold|silver)\b")
# What is asked for by its form is no property.
_FORMS = (Act.FIND, Act.PRICE, Act.EXTREME, Act.COUNT, Act.COMPARE, Act.STOCK)
# A kind before 的, or behind "for a", says which ones of another kind are meant.
_MODIFIES = re.compile(r"\s*用?的")
_MODIFIED = re.compile(
    r"(?<!look )(?<!looking )(?<!search )(?<!searching )\b(?:for|with|of)\s+(?:(?:an?|the|my|your|ur|our|his|her|their)\s+)?"
    r"(?:(?!(?:and|or|but|is|are|i|we|you|to|for|with|of|in|on|at|that|which)\b)[\w'.-]+\s+){0,3}$"
    r"|\bto\s+(?:an?\s+|the\s+|my\s+|your\s+)?$|(?:配|给|用于|适合)(?:\d[^,，。我]{0,5})?$"
)
_OF_A_BODY = ("length", "mass", "age")
_AMOUNT = re.compile(
    rf"(?:预算|budget|max|最多)?{MARK}{NUMBER}{UNIT}(?:以内|以下|之内|左右|上下|以上|起|块|元|yuan|rmb)|[¥￥$€£]\s*\d+(?:\.\d+)?"
)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What must hold: price, colours, size, measures. `kinds` are product words, the longest said; `wishes` are phrases for
    properties wanted and not wanted, as they are said, `stated` values of attributes as the shop writes them, `measures`
    what somebody or something has that it is for, `audience` whether that is a grown-up or a child.

    `than` is the product that others are compared with, and are to be cheaper than (`cheaper`) or dearer.
    `foreign`: the budget was in another currency than the shop's prices, so it could not be kept to.
    """

    least: Money | None = None
    most: Money | None = None
    colors: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()
    size: str = ""
    kinds: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = ()
    bounds: tuple[Bound, ...] = ()
    stated: tuple[Stated, ...] = ()
    measures: tuple[Quantity, ...] = ()
    audience: Audience | None = None
    than: str = ""
    cheaper: bool = False
    foreign: bool = False

    @property
    def any(self) -> bool:
        """Whether the words ruled anything out."""
        return self != Constraints()

    def variants(self, product: Product) -> list[Variant]:
        """The variants in stock that nothing speaks against."""
        if product.id == self.than:
            return []
        return [variant for variant in product.variants if variant.stock > 0 and self._fits(variant)]

    def _fits(self, variant: Variant) -> bool:
        return (
            _at_most(variant.price, self.most)
            and _at_most(self.least, variant.price)
            and self._has_color(variant)
            and (not self.size or variant.size.lower() == self.size)
        )

    def _has_color(self, variant: Variant) -> bool:
        if not self.colors and not self.unwanted:
            return True
        colors = {name for name in (normal(variant.color.zh), normal(variant.color.en)) if name}
        wanted = not self.colors or any(wanted in color for wanted in self.colors for color in colors)
        return wanted and not any(banned in color for banned in self.unwanted for color in colors)


def read_constraints(text: str, lexicon: Lexicon) -> Constraints:
    """What the words of a need rule out among a shop's products; amounts without a sign are in its currency."""
    whole = normal(text)
    stated = stated_of_kinds(whole, lexicon)
    # what is stated so is said in full: a number or a word for goods in it is no other wish
    plain = without_spans(whole, [span for one in stated for span in one.spans])
    compared = _compared(plain, lexicon)
    if compared is not None:
        rest, other, cheaper = compared
        return replace(read_constraints(rest, lexicon), stated=stated, than=other, cheaper=cheaper)
    least, most = _budget(plain, lexicon.currency)
    foreign = any(amount is not None and amount.currency != lexicon.currency for amount in (least, most))
    if foreign:
        least = most = None
    colors, banned = _colors(plain, lexicon.colors)
    size = next((group for match in _SIZE.finditer(plain) for group in match.groups() if group), "")
    not_wanted = [(phrase, span) for phrase, span in unwanted(plain) if not _is_color(phrase, colors | banned)]
    if any(not one.wanted for one in stated):
        not_wanted = []  # the "not" belongs to what is stated
    positive = "".join(" " if any(a <= n < b for _, (a, b) in not_wanted) else char for n, char in enumerate(plain))
    said = lexicon.kinds.said(positive)
    kinds = _heads(said, positive, lexicon)
    purposes = _purposes(said, kinds, positive, lexicon)
    if len(said) == 1:  # "what cream": the word for the thing is no colour of it
        colors, banned = colors - {*said}, banned - {*said}
    limits = [limit for limit in bounds(plain) if not overlapping(*limit[1], purposes)]
    taken = [span for _, span in (*not_wanted, *limits)]
    given = tuple(
        q
        for q in quantities(plain)
        if not overlapping(q.start, q.end, taken) and (q.dimension in _OF_A_BODY or overlapping(q.start, q.end, purposes))
    )
    taken += [(q.start, q.end) for q in given]
    taken += [span for word in kinds if (span := lexicon.kinds.place(word, positive)) is not None]
    taken += [*cue_spans(plain, _FORMS), *places_of(plain)]
    taken += [
        match.span() for pattern in (_RANGE, _AMOUNT, *_MOST, *_LEAST, *_ABOUT, _SIZE) for match in pattern.finditer(plain)
    ]
    wanted = [phrase for phrase in phrases(plain, taken) if not _is_color(phrase, colors | banned)] if not stated else []
    wishes = (*(Wish(phrase, wanted=False) for phrase, _ in not_wanted), *(Wish(phrase, wanted=True) for phrase in wanted))
    return Constraints(
        least, most, colors, banned, size, kinds, wishes, tuple(bound for bound, _ in limits), stated, given,
        audience_of(plain), foreign=foreign,
    )  # fmt: skip


def stated_of_kinds(plain: str, lexicon: Lexicon) -> tuple[Stated, ...]:
    """The values of attributes that a text wishes of the kinds it says; none where it says no kind beside them."""
    kinds = lexicon.kinds.said(plain)
    named = [product for name, product in lexicon.products.items() if kinds and lexicon.kinds.named_by(kinds, name)]
    found = stated_wishes(plain, named)
    left = without_spans(plain, [span for one in found for span in one.spans])
    return found if found and lexicon.kinds.said(left) else ()


def _heads(kinds: tuple[str, ...], plain: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Of several kinds said those that are wanted: all where they are alternatives or one is the other, else the ones that
    do not tell the others apart: "nylon strings" of "guitars with nylon strings", "吉他" of "尼龙弦的吉他".

    None where all are what something unnamed is for."""
    places = {kind: place for kind in kinds if (place := lexicon.kinds.place(kind, plain)) is not None}
    if places and all(FOR_IT.search(plain[:start]) for start, _ in places.values()):
        return ()
    if len(places) < 2:
        return kinds
    tells = {kind for kind, (start, end) in places.items() if _MODIFIES.match(plain, end) or is_modifier(plain, start)}
    left = tuple(kind for kind in kinds if kind not in tells)
    return left or kinds


def is_modifier(plain: str, start: int) -> bool:
    """Whether what stands there tells which thing is meant, and is not the thing: "with a camera", "for my guitar"."""
    return _MODIFIED.search(plain[:start]) is not None


def _purposes(said: tuple[str, ...], wanted: tuple[str, ...], plain: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Where a text says things that something is for, with what tells them: "for a 2 m pole", where no pole is wanted."""
    found = []
    for kind in set(said) - set(wanted):
        start, end = lexicon.kinds.place(kind, plain) or (0, 0)
        modified = _MODIFIED.search(plain[:start])
        begin = modified.start() if modified else max(plain.rfind(stop, 0, start) for stop in " ,，。;；") + 1
        found.append((begin, end))
    return found


def bounded(constraints: Constraints, other: Product | None) -> Constraints:
    """The constraints with the bound that is set by the present price of the product which others are compared with."""
    if other is None:
        return constraints
    price = min(variant.price for variant in other.variants)
    step = Money(1, price.currency)
    return replace(constraints, most=price - step) if constraints.cheaper else replace(constraints, least=price + step)


def _compared(text: str, lexicon: Lexicon) -> tuple[str, str, bool] | None:
    """The rest of "cheaper than that one", which one, and whether it is cheaper; None where it is none of the shop's."""
    for pattern, cheaper in ((_CHEAPER, True), (_DEARER, False)):
        match = pattern.search(text)
        name = (match.group("than") or match.group("other")) if match else ""
        other = next(iter(lexicon.find(name).product_ids), None) if name and not name[0].isdigit() else None
        if match is None or other is None:
            continue
        rest = f"{text[: match.start()]} {text[match.end() :]}" if match.group("than") else text[: match.start()]
        return rest + _after_name(match.group("other") or ""), other, cheaper
    return None


def _after_name(text: str) -> str:
    """What follows after a comma or a preposition: "than P1096 for the gym" goes on with "for the gym"."""
    match = re.search(r"(?:,| for | in | with ).*", text)
    return f" {match.group()}" if match else ""


def _is_color(word: str, colors: Iterable[str]) -> bool:
    return any(color in word or word in color for color in colors) or _BASIC_ZH.search(f"{word}色") is not None


def _budget(text: str, currency: str) -> tuple[Money | None, Money | None]:
    if match := _RANGE.search(text):
        low, high = _amount(match.group(2), match, currency), _amount(match.group(3), match, currency)
        told = match.group("mark", "unit") != (None, None) or text[match.end() :].startswith(("的", "之间"))
        if low and high and low.currency == high.currency and told:
            return min(low, high), max(low, high)
    if exact := _first((_EXACTLY,), text, currency):
        return exact, exact
    if amount := _first(_ABOUT, text, currency):
        part = int(amount.minor * _ABOUT_PART)
        return Money(amount.minor - part, amount.currency), Money(amount.minor + part, amount.currency)
    return _first(_LEAST, text, currency), _first(_MOST, text, currency)


def _first(patterns: Iterable[re.Pattern[str]], text: str, currency: str) -> Money | None:
    matches = (match for pattern in patterns for match in [pattern.search(text)] if match)
    return next((amount for match in matches if (amount := _amount(match.group(2), match, currency))), None)


def _amount(number: str, match: re.Match[str], currency: str) -> Money | None:
    value = amount_of(number)
    sign = match.group("mark") or match.group("unit") or ""
    return Money.of(str(value), CURRENCIES.get(sign, currency)) if value else None


def _at_most(low: Money | None, high: Money | None) -> bool:
    return low is None or high is None or low <= high


def _colors(text: str, sold: Iterable[Text]) -> tuple[frozenset[str], frozenset[str]]:
    said = _said_colors(text, sold)
    unwanted = {name for name in said if re.search(_WITHOUT + re.escape(name), text)}
    # "a green one" may be dark green or olive green, but "dark green" is not any green
    said -= {name for name in said - unwanted if any(name != other and name in other for other in said - unwanted)}
    return frozenset(said - unwanted), frozenset(unwanted)


def _said_colors(text: str, sold: Iterable[Text]) -> set[str]:
    """Colour words of the catalogue that are said: whole names, and their short Chinese forms (白 for 白色)."""
    colors = [(normal(color.zh), normal(color.en)) for color in sold]
    found: set[str] = set()
    for zh, en in colors:
        if (zh and zh in text) or (zh.endswith("色") and len(zh) == 2 and re.search(rf"{zh[0]}(?:色|的)", text)):
            found.add(zh)
        if en and en in text and re.search(rf"\b{re.escape(en)}\b", text):
            found.add(en)
    basic = {match.group(1) for pattern in (_BASIC_ZH, _BASIC_EN) for match in pattern.finditer(text)}
    return found | {color for color in basic if any(color in name for names in colors for name in names)}
