"""A question to the shop's tables, read once: what it is about, which act it is, and the values in it. Pure functions.

Acts compete by evidence: the words of the form ("how much", "which is lightest"), the classifier's intent, what is referred
to, and the quantities said. What people ask of a product beside these is a PROPERTY, which any statement may answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.asking import asks_for_a_way, asks_for_an_amount, asks_yes_or_no, has_question_words
from bot.text import normal
from bot.values.numbers import ENGLISH, number
from bot.values.quantities import quantities as pieces_in
from knowledge.lexicon.grams import overlapping, without_spans
from knowledge.lexicon.lexicon import Finds, KindSaid, LabelSaid
from knowledge.lexicon.quantities import quantities


class Act(StrEnum):
    """What a question wants of the tables."""

    PRICE = "price"
    TOTAL = "total"
    STOCK = "stock"
    CHOICES = "choices"
    COMPARE = "compare"
    EXTREME = "extreme"
    FIND = "find"
    COUNT = "count"
    OFFERS = "offers"
    CODE = "code"
    SAVING = "saving"
    EACH = "each"
    SIZE = "size"
    WARRANTY = "warranty"
    RETURNABLE = "returnable"
    OVERVIEW = "overview"
    PROPERTY = "property"


_FORMS = Path(__file__).with_name("forms.yml")
# "Have you got it in …", where nothing else is asked.
_MAYBE_STOCK = re.compile(r"有(?:没有)?.{0,8}(?:的)?(?:吗|么|没|不|伐)$|^(?:有|还有)|\bhave\b|\bgot\b")
# "How much sealant goes in each": of a stuff, and not what it costs.
_MUCH_OF_IT = re.compile(
    r"\bhow much (?!(?:the|it|this|that|they|these|those)\b)[a-z]{3,}(?: [a-z]+)?"
    r" (?:goes?|fits?|should|do i (?:need|use|put|add))\b"
)
OF_MONEY = (Act.PRICE, Act.EACH, Act.TOTAL)
_BY_INTENT: Mapping[str, Act] = {
    "ask_price": Act.PRICE,
    "ask_stock": Act.STOCK,
    "ask_color": Act.CHOICES,
    "ask_size_advice": Act.SIZE,
    "ask_discount": Act.OFFERS,
    "ask_coupon": Act.OFFERS,
    "ask_compare": Act.COMPARE,
    "ask_extreme": Act.EXTREME,
    "ask_warranty": Act.WARRANTY,
    "ask_gift": Act.OFFERS,
    "search_product": Act.FIND,
    "recommend": Act.FIND,
    "recommend_by_budget": Act.FIND,
}
# Acts that are only what the words say they are.
_BY_WORDS_ONLY = (Act.EXTREME, Act.COMPARE)
_ORDER = (
    Act.COUNT, Act.SAVING, Act.TOTAL, Act.EACH, Act.EXTREME, Act.COMPARE, Act.SIZE, Act.CHOICES, Act.STOCK, Act.PRICE,
    Act.OFFERS, Act.WARRANTY, Act.RETURNABLE, Act.FIND, Act.OVERVIEW,
)  # fmt: skip
_BEFORE_A_THING = re.compile(
    rf"(?<![a-z\d.,$¥#-])(?<!link )(?<!item )(?<!stage )(?<!size )(?<!no )(?<!than )"
    rf"([2-9]|1\d|{'|'.join(list(ENGLISH)[1:])})(?= [a-z]{{3,}})"
    r"(?! (?:days?|hours?|hrs?|weeks?|months?|years?|minutes?|mins?|pm|am|yuan|percent|off|times?|people"
    r"|persons?|items? number)\b)"
    r"|\b(?:buy|take|get|order|want|need|for|are|about|abt|bout|and|n)\s+([2-9]|1\d)(?=\s*[,.?;]|$)"
    r"|(?:要|买|来|拿|拍|想买|想要)\s*([2-9两三四五六七八九十])(?=[㐀-鿿])(?![元块号折码寸段岁月天年点米])"
)
_NEGATED = re.compile(r"不|没|无|别|非|除了|\bno\b|\bnot\b|n'?t\b|\bwithout\b|\bexcept\b|\bother than\b|\bfree of\b")


@dataclass(frozen=True, slots=True)
class LabelAsked:
    """A label of the shop's attributes that is asked for, as the tables have it; `own` where the products named have it.

    `dimensions` are those of everything that is stated under it.
    """

    label: str
    own: bool
    dimensions: frozenset[str]


# Acts whose words a question for what stands under a label may have, too: "有什么面料", "保质期是啥", "最粗剪枝".
_ASKS_A_LABEL = frozenset({Act.FIND, Act.STOCK, Act.EXTREME, Act.OVERVIEW})


def label_asked(rest: str, labels: Sequence[LabelSaid], product_ids: Sequence[str]) -> LabelAsked | None:
    """The label that a text asks for of products; None where it says none or asks for something else."""
    if not product_ids or not labels or set(acts_of(rest, "")) - _ASKS_A_LABEL or has_cue(Act.STOCK, rest):
        return None
    if Act.EXTREME in acts_of(without_spans(rest, [(label.start, label.end) for label in labels]), ""):
        return None  # "the highest capacity", but not "the thickest branch", which is a label
    own = [label for label in labels if any(name in label.product_ids for name in product_ids)]
    # of "the material of the sole" the sole is meant: fewer products have one
    meant = max(own or labels, key=lambda label: (-len(label.product_ids) if own else 0, label.end - label.start))
    return LabelAsked(meant.label, bool(own), meant.dimensions)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question as it is read.

    `plain` is normalised, `written` keeps capitals; `rest` is what is said beside the names. `product_ids` are those named,
    or meant by the conversation (`named` tells which; `firm`: by a whole name, its end, or a link); `kinds` the kinds said.
    `acts` are the acts that have evidence, the best first; `pieces` the number of pieces wanted, None where none is said.
    `values` are the colours and sizes said, each with its place, `others` where the text says a value of any product's
    variants, `spans` where `rest` names values of the product's own, and `only_values` that it says nothing else; `carried`
    are the values that were said in the question before, for one that says none. `labels` is where `rest` has labels of
    attributes, and `label` the one that it asks for of the products that it names.
    """

    plain: str
    written: str
    rest: str
    language: str
    finds: Finds
    product_ids: tuple[str, ...]
    named: bool
    kinds: tuple[KindSaid, ...]
    acts: tuple[Act, ...]
    firm: bool
    pieces: int | None
    intent: str
    values: tuple[tuple[str, int, int], ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    only_values: bool = False
    others: tuple[tuple[int, int], ...] = ()
    carried: str = ""
    labels: tuple[tuple[int, int], ...] = ()
    label: LabelAsked | None = None

    @property
    def asks_yes_or_no(self) -> bool:
        """Whether it can be answered by yes or no."""
        return asks_yes_or_no(self.plain)

    @property
    def asks(self) -> bool:
        """Whether it asks at all, rather than names or wishes."""
        return self.asks_yes_or_no or has_question_words(self.rest)

    @property
    def negated(self) -> bool:
        """Whether it says that something is not so."""
        return _NEGATED.search(self.rest) is not None

    def is_(self, act: Act) -> bool:
        """Whether an act has evidence at all."""
        return act in self.acts


@cache
def _cues() -> Mapping[Act, re.Pattern[str]]:
    """What each act is asked with (`forms.yml`)."""
    raw = YAML(typ="safe").load(_FORMS.read_text("utf-8"))
    return {Act(act): re.compile("|".join(form for of in forms.values() for form in of)) for act, forms in raw.items()}


def acts_of(rest: str, intent: str) -> tuple[Act, ...]:
    """The acts that a text has evidence for, the best first: those of its words, then that of the intent."""
    plain = normal(rest)
    cued = [act for act in _ORDER if _cues()[act].search(plain)]
    by_intent = _BY_INTENT.get(intent)
    if _MUCH_OF_IT.search(plain):
        cued, by_intent = [act for act in cued if act not in OF_MONEY], None if by_intent in OF_MONEY else by_intent
    if by_intent in _BY_WORDS_ONLY:
        by_intent = None
    if by_intent is not None and by_intent not in cued:
        cued.append(by_intent)
    elif by_intent in (Act.FIND, Act.STOCK, Act.PRICE) and cued[0] in (Act.FIND, Act.STOCK):
        cued.sort(key=lambda act: act is not by_intent)
    of_things = not (asks_for_a_way(plain) or asks_for_an_amount(plain))  # "and when do they open", "还有几点关门"
    if of_things and _MAYBE_STOCK.search(plain) and set(cued) - {by_intent} <= {Act.FIND} and Act.STOCK not in cued:
        cued.append(Act.STOCK)
    return tuple(cued)


def has_cue(act: Act, rest: str) -> bool:
    """Whether an act is asked for in words, and not only by the intent that the text was taken for."""
    cue = _cues().get(act)
    return cue is not None and cue.search(normal(rest)) is not None


def pieces_of(plain: str, taken: Sequence[tuple[int, int]] = ()) -> int | None:
    """How many pieces a text says, or None: with a word for pieces, or a small number before a thing.

    `taken` are stretches of the text that are something else: values of variants, measures.
    """
    free = [entity for entity in pieces_in(plain) if not overlapping(entity.start, entity.end, taken)]
    if free:
        return int(free[0].value)
    measures = [(q.start, q.end) for q in quantities(plain)]
    for match in _BEFORE_A_THING.finditer(plain):
        group = next(n for n, said in enumerate(match.groups(), 1) if said)
        if not overlapping(*match.span(group), [*taken, *measures]):
            return number(match.group(group))
    return None


def cue_spans(plain: str, acts: Sequence[Act]) -> list[tuple[int, int]]:
    """Where the words of these acts stand in a text."""
    return [match.span() for act in acts if act in _cues() for match in _cues()[act].finditer(plain)]
