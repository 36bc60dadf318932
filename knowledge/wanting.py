"""Whether products are wanted, rather than asked about, and what of a wish no product says. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.asking import asks_for_a_way
from bot.types import Passage
from knowledge.facts.goods import thing_asked
from knowledge.facts.reading import Act, Inquiry, has_cue
from knowledge.facts.relevance import features
from knowledge.lexicon.grams import grams, is_content, overlapping, without_spans
from knowledge.lexicon.lexicon import Lexicon
from knowledge.recommend.constraints import read_constraints

# Acts that are of single products, and that nothing but the tables answers.
OF_ONE_PRODUCT = frozenset({Act.PRICE, Act.STOCK, Act.CHOICES, Act.TOTAL, Act.SAVING})
# What the values of variants are said to be.
_AXIS = re.compile(r"[码號号色]|\b(?:size|in|colou?r)\b")
RECOMMEND = ("recommend", "recommend_by_budget", "search_product", "ask_extreme")
# Intents of questions that are about products; those of the others are about the shop, whatever is negated in them.
OF_PRODUCTS = (
    "",
    "out_of_scope",
    "ask_feature",
    "ask_material",
    "ask_use",
    "ask_stock",
    "ask_color",
    "ask_compare",
    *RECOMMEND,
)
# Intents of questions that may have goods for an answer.
OF_GOODS = (*OF_PRODUCTS, "ask_size_advice", "ask_price", "ask_discount")


def wishes_first(inquiry: Inquiry, lexicon: Lexicon) -> bool:
    """Whether products are looked for rather than asked about: a kind with a bound, a "not" or a form of wishing.

    Where one product is named and its price or stock is asked for, it is not.
    """
    others = (*OF_ONE_PRODUCT, Act.EXTREME, Act.COUNT, Act.OFFERS, Act.SIZE)
    read = read_constraints(inquiry.plain, lexicon)
    stated = [span for one in read.stated for span in one.spans]
    rest = without_spans(inquiry.plain, stated) if stated else inquiry.rest
    of_these = len(inquiry.finds.product_ids) > 1 and not stated  # which of them
    asks_else = Act.OFFERS in inquiry.acts or any(has_cue(act, rest) for act in others)
    if of_these or inquiry.only_values or asks_for_a_way(inquiry.plain) or asks_else:
        return False
    labels = [(said.start, said.end) for said in lexicon.labels(inquiry.plain)] if inquiry.firm else []
    inside = [*stated, *labels]  # a kind in the label of an attribute is not what is wanted
    several = any(kind.several and not overlapping(kind.start, kind.end, inside) for kind in inquiry.kinds)
    if stated and several and not _names_one(inquiry, stated):
        return True
    within = several and (read.least or read.most)  # "a kettle that has a timer, up to 200"
    if inquiry.label is not None and not within:
        return False
    bounded = bool(read.least or read.most or read.bounds)
    unwanted = any(not wish.wanted for wish in read.wishes)
    if inquiry.asks_yes_or_no or inquiry.intent not in OF_PRODUCTS:
        bounded = unwanted = False
    wished = inquiry.intent in RECOMMEND
    known = several or inquiry.kinds or wished or any(not w.wanted and lexicon.knows(w.phrase) for w in read.wishes)
    if (unwanted and known and (several or not inquiry.asks)) or (
        bounded and (several or (wished and not (inquiry.asks or inquiry.firm)))
    ):
        return True
    if bounded and inquiry.kinds and wished and not _names_one(inquiry, _places_of_kinds(inquiry)):
        return True  # "cheaper than 200, headphones" where a single pair is sold
    if several and inquiry.others and not inquiry.acts and says_only_values(inquiry):
        return True
    if (inquiry.firm and not several) or not _of_goods(inquiry):
        return False
    # what only the intent takes for a wish may stand in a table: "wiper lengths for a small car"
    return Act.FIND in inquiry.acts and has_cue(Act.FIND, inquiry.plain)


def may_wish(inquiry: Inquiry) -> bool:
    """Whether products may be wanted, where nothing else is found: it looks for some, or names a kind and asks nothing."""
    if not _of_goods(inquiry) or inquiry.label is not None:
        return False
    if inquiry.firm and inquiry.named and inquiry.asks and not inquiry.intent.startswith("recommend"):
        return False  # the product that something is asked of is no answer to that
    if len(inquiry.finds.product_ids) > 1:
        return False  # which of these
    names_kind = any(kind.several for kind in inquiry.kinds) and not inquiry.firm
    return Act.FIND in inquiry.acts or inquiry.intent in RECOMMEND or (names_kind and _may_look(inquiry))


def _of_goods(inquiry: Inquiry) -> bool:
    """Whether an inquiry may be for goods: by its intent, or for a kind of them, whatever somebody has at home."""
    return inquiry.intent in OF_GOODS or (bool(inquiry.kinds) and has_cue(Act.FIND, inquiry.plain))


def _may_look(inquiry: Inquiry) -> bool:
    """Whether a text that names a kind may look for one of it: it asks nothing else, of products or of the shop."""
    return inquiry.intent in OF_PRODUCTS and not inquiry.asks


def says_only_values(inquiry: Inquiry) -> bool:
    """Whether a text says a kind and values of variants, and nothing else: "black boots, size 40"."""
    left = without_spans(inquiry.plain, [*_places_of_kinds(inquiry), *inquiry.others])
    return not features(_AXIS.sub(" ", left))


def _places_of_kinds(inquiry: Inquiry) -> list[tuple[int, int]]:
    return [(kind.start, kind.end) for kind in inquiry.kinds]


def _names_one(inquiry: Inquiry, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a single product is named for sure outside of some stretches of the text."""
    kinds = [(kind.start, kind.end) for kind in inquiry.kinds if kind.several]
    sure = (m for m in inquiry.finds.products if m.sure)
    own = [m for m in sure if not overlapping(m.start, m.end, spans)]
    # "Quick-Dry Tee" is more than the tee in it
    return any(not any(start <= m.start and m.end <= end for start, end in kinds) for m in own)


def unsaid(inquiry: Inquiry, lexicon: Lexicon) -> str:
    """What tells the thing that is asked for from others of its kind, where no word of that stands anywhere in the shop:
    "lavender" of "lavender seeds"; empty where there is nothing of the kind."""
    thing = thing_asked(inquiry.plain)
    kinds = [kind.word for kind in inquiry.kinds if kind.word in thing]
    if not kinds:
        return ""
    left = " ".join(re.sub(rf"{re.escape(max(kinds, key=len))}(?:e?s\b)?", " ", thing).split())
    telling = [gram.text for gram in grams(left) if is_content(gram.text)]
    return left if telling and not lexicon.knows(left) else ""


def none_says(words: str, language: str) -> Passage:
    """That no product says so, before the ones of its kind."""
    said = (
        f"None of ours says “{words}”. These come nearest:" if language == "en" else f"没有写着“{words}”的，最接近的是这些："
    )
    return Passage(said, "products", "", language=language, live=True)
