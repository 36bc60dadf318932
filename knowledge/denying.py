"""What is said of what the shop has not: links and signs that nothing has, goods that are not sold. Pure functions."""

from __future__ import annotations

import re

from bot.types import Findings, Question
from knowledge.facts import promos
from knowledge.facts.goods import asks_for_nothing_else, not_sold, thing_asked
from knowledge.facts.reading import Act, Inquiry, has_cue
from knowledge.facts.relevance import features
from knowledge.facts.telling import Telling, of_shop
from knowledge.lexicon.grams import without_spans
from knowledge.lexicon.lexicon import Lexicon
from knowledge.recommend.constraints import is_modifier
from knowledge.wanting import OF_PRODUCTS

# How sure it is that a thing is not here which the tables do not have.
CERTAIN = 0.93
_COMPOUND = re.compile(r"(?<![a-z0-9'’-])(?P<before>[a-z]+)-(?P<kind>[a-z]{3,})(?![a-z0-9'’-])")


def unknown_denied(inquiry: Inquiry, question: Question, telling: Telling) -> Findings | None:
    """What is said of a link that a room has not, or of a sign that no product has; None where everything is known."""
    links = {e.text for e in question.entities if e.kind == "link_number"}
    meant = {e.text for e in question.entities if e.kind == "product"}
    missing = sorted(links - meant)
    if missing and not inquiry.named:
        numbers = [str(e.value) for e in question.entities if e.kind == "link_number" and e.text in missing]
        text = telling.say(f"现在没有 {numbers[0]} 号链接。", f"There is no link {numbers[0]} at the moment.")
        return Findings((of_shop(telling, text, "links", telling.say("链接", "Links")),), confidence=CERTAIN, denied=True)
    signs = [inquiry.plain[start:end] for start, end in inquiry.finds.unknown]
    if signs and not inquiry.product_ids and promos.named(inquiry.plain, telling) is None:
        text = telling.say(f"没有找到 {signs[0].upper()} 这个编号的商品。", f"There is no product {signs[0].upper()} here.")
        return Findings(
            (of_shop(telling, text, "products", telling.say("商品", "Products")),), confidence=CERTAIN, denied=True
        )
    return None


def unsold_denied(inquiry: Inquiry, lexicon: Lexicon, telling: Telling) -> Findings | None:
    """That a thing which is asked for to buy is not sold here; None where none is, or where it is."""
    said = {act for act in inquiry.acts if has_cue(act, inquiry.rest)}  # what only the intent says is a guess
    if inquiry.firm or said - {Act.FIND, Act.STOCK, Act.COMPARE, Act.CHOICES}:
        return None
    if inquiry.intent and inquiry.intent not in OF_PRODUCTS:
        return None
    if compound := _unknown_compound(inquiry.plain, lexicon):
        return Findings((not_sold(compound[0], lexicon, compound[1:], telling),), confidence=CERTAIN, denied=True)
    thing = thing_asked(inquiry.plain)
    wanted = [kind for kind in inquiry.kinds if not is_modifier(inquiry.plain, kind.start)]
    if not thing or wanted or lexicon.sells(thing) or not features(without_spans(thing, lexicon.values(thing))):
        return None
    alone = asks_for_nothing_else(inquiry.plain, thing)
    if not alone and (lexicon.speaks_of(thing) or not set(inquiry.acts) & {Act.FIND, Act.STOCK}):
        return None  # "I want foam for my latte": what makes it may be sold
    return denied_of(thing, lexicon, telling)


def denied_of(thing: str, lexicon: Lexicon, telling: Telling) -> Findings:
    """That a thing is not sold here; where it is not known what it is called, `thing` is empty."""
    return Findings((not_sold(thing, lexicon, (), telling),), confidence=CERTAIN, denied=True)


def _unknown_compound(plain: str, lexicon: Lexicon) -> tuple[str, ...]:
    """A word that is made of a kind and of something before its hyphen which nobody says in this shop, and the kind: the
    "e-scooters" of a shop with scooters; empty where there is none."""
    for match in _COMPOUND.finditer(plain):
        word, before, kind = match.group(), match["before"], match["kind"]
        if lexicon.kinds.said(kind) and not lexicon.kinds.said(word) and not lexicon.knows(before):
            return word, kind
    return ()
