"""Attributes: what a product states, what it does not, and two products side by side."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from bot.commerce import Attribute, Product, Text
from evals.truth.cases import Case, Claim, Either, Figures, Outcome, Shown, Slot, Stance, Utterance, Words
from evals.truth.judge import figures
from evals.truth.oracle.draw import Draw, price_claims, price_of, same_price
from evals.truth.oracle.draw import label as said_label
from evals.truth.tables import lowest, plain

_CLAUSES = re.compile(r"[，,、；;：:（）()]| with | and | or ")
# What the tables know of a product beside its attributes.
_KNOWN_OTHERWISE = re.compile(r"weight|size|colou?r|price|stock|warranty|return|care|ship", re.IGNORECASE)


def value_claims(value: Text, language: str) -> tuple[Claim, ...]:
    """What of a value must be said: its numbers, and at least half of its other clauses."""
    numbers = figures(plain(value.in_(language)))
    if value.zh and value.en:
        numbers &= figures(plain(value.zh)) & figures(plain(value.en))
    words = [clause for clause in clauses(value.in_(language)) if not re.search(r"\d", clause)]
    claims: list[Claim] = [Figures(frozenset({number})) for number in sorted(numbers)]
    if words:
        claims.append(Words(tuple((word,) for word in words), (len(words) + 1) // 2))
    elif not numbers:
        claims.append(Words(((value.in_(language),),)))
    return tuple(claims)


def clauses(value: str) -> list[str]:
    """The parts of a value; the whole of one that has none."""
    return [clause.strip() for clause in _CLAUSES.split(value) if clause.strip()] or [value]


def attribute(draw: Draw) -> Case | None:
    """What a product states under a label."""
    product = draw.product()
    if not (one := _stated(draw, product)):
        return None
    claims = value_claims(one.value, draw.language)
    right = one.value.in_(draw.language)
    return draw.case("attribute", f"{product.id}:{one.key}", [_asked(draw, product, one.label)], claims, right)


def check(draw: Draw) -> Case | None:
    """Whether a product states a value: its own, or that of another."""
    product = draw.product()
    if not (one := _stated(draw, product)):
        return None
    others = [
        a.value for p in draw.tables.products for a in p.attributes if a.key == one.key and _differ(a.value, one.value)
    ]
    asked = draw.rng.choice(others) if others and draw.rng.random() < 0.5 else one.value
    if len(asked.in_(draw.language)) > (14 if draw.language == "zh" else 40):
        return None
    slots = {
        "product": draw.named(product),
        "label": said_label(one.label.in_(draw.language), draw.language),
        "value": Slot(asked.in_(draw.language)),
    }
    said = value_claims(one.value, draw.language)
    if asked == one.value:
        claims: tuple[Claim, ...] = (Either((Stance(("yes",), ("no",)), *said)),)
    else:
        claims = (Either((Stance(("no",)), *said)), Stance(never=("yes",)))
    right = f"{'yes' if asked == one.value else 'no'}: {one.value.in_(draw.language)}"
    return draw.case("check", f"{product.id}:{one.key}:{asked.in_('en')}", [Utterance("check", slots)], claims, right)


def two_questions(draw: Draw) -> Case | None:
    """An attribute and the price of a product in one message, in either order."""
    product = draw.product()
    if not (one := _stated(draw, product)):
        return None
    asked = [_asked(draw, product, one.label), Utterance("price", {"product": draw.named(product)})]
    if draw.rng.random() < 0.5:
        asked.reverse()
    claims = (*value_claims(one.value, draw.language), *price_claims(product, product.variants, draw.tables))
    right = f"{one.value.in_(draw.language)}; {lowest(product)}"
    return draw.case("two_questions", f"{product.id}:{one.key}", [asked], claims, right)


def follow_attribute(draw: Draw) -> Case | None:
    """An attribute of one product, then of another that states it, too."""
    product, other = draw.product(), draw.product()
    shared = [
        (mine, theirs)
        for mine in product.attributes
        for theirs in other.attributes
        if mine.key == theirs.key and mine.label == theirs.label and _differ(mine.value, theirs.value)
    ]
    if product.id == other.id or not shared:
        return None
    mine, theirs = draw.rng.choice(shared)
    turns = [_asked(draw, product, mine.label), Utterance("follow_other", {"product": draw.named(other)})]
    claims = value_claims(theirs.value, draw.language)
    about = f"{product.id}:{other.id}:{mine.key}"
    return draw.case("follow_attribute", about, turns, claims, theirs.value.in_(draw.language))


def unanswerable(draw: Draw) -> Case | None:
    """A label of another kind of products that this one states nothing of, nor any document of the shop."""
    product, other = draw.product(), draw.product()
    if other.category.partition("/")[0] == product.category.partition("/")[0] or not other.attributes:
        return None
    one = draw.rng.choice(other.attributes)
    labels = [label.lower() for label in (one.label.zh, one.label.en) if label]
    same_kind = [p for p in draw.tables.products if p.category == product.category]
    stated = {a.key for p in same_kind for a in p.attributes}
    texts = " ".join(f"{p.description.zh} {p.description.en}" for p in same_kind).lower()
    # once as a label in the table of attributes for each row of it: any other mention may answer
    rows = sum(a.label == one.label for p in draw.tables.products for a in p.attributes)
    talked_of = any(draw.tables.words.count(label) > rows for label in labels)
    if one.key in stated or any(label in texts for label in labels) or talked_of or _KNOWN_OTHERWISE.search(one.key):
        return None
    claims = (Stance(("unknown",)), Shown(frozenset({product.id}), may_be_none=True))
    asked = _asked(draw, product, one.label)
    case = draw.case("unanswerable", f"{product.id}:{one.key}", [asked], claims, "nothing is stated")
    return replace(case, unanswerable=True)


def compare_price(draw: Draw) -> Case | None:
    """Which of two products is cheaper."""
    one, other = draw.product(), draw.product()
    if lowest(one) == lowest(other) or not (same_price(one) and same_price(other)):
        return None
    cheap, dear = sorted((one, other), key=lambda product: lowest(product).minor)
    prices = price_of(cheap.variants[0]), price_of(dear.variants[0])
    slots = {"product": draw.named(one), "other": draw.named(other)}
    claim = Outcome(cheap.id, dear.id, prices, higher=False)
    right = f"{cheap.name.in_(draw.language)} ({prices[0]:f}, {prices[1]:f})"
    return draw.case("compare_price", f"{one.id}:{other.id}", [Utterance("compare_price", slots)], [claim], right)


def compare_attribute(draw: Draw) -> Case | None:
    """Which of two products has more of something that both state as one number of one unit."""
    one, other = draw.product(), draw.product()
    shared = [
        (label, mine, theirs)
        for label, mine in measured(one).items()
        if (theirs := measured(other).get(label)) is not None and mine[0] != theirs[0] and mine[1] == theirs[1]
    ]
    if one.id == other.id or not shared:
        return None
    label, mine, theirs = draw.rng.choice(shared)
    (more, high), (less, low) = sorted(((one, mine[0]), (other, theirs[0])), key=lambda pair: -pair[1])
    slots = {
        "product": draw.named(one),
        "other": draw.named(other),
        "label": said_label(label.in_(draw.language), draw.language),
    }
    claim = Outcome(more.id, less.id, (high, low), higher=True)
    asked = Utterance("compare_attribute", slots)
    right = f"{more.name.in_(draw.language)} ({high:f}, {low:f})"
    return draw.case("compare_attribute", f"{one.id}:{other.id}:{label.en}", [asked], [claim], right)


def measured(product: Product) -> dict[Text, tuple[Decimal, str]]:
    """Attributes of a product that are one number with a unit, by label."""
    found: dict[Text, tuple[Decimal, str]] = {}
    for one in product.attributes:
        text = plain(one.value.in_("en"))
        numbers = re.findall(r"\d+(?:\.\d+)?", text)
        if len(numbers) == 1 and re.fullmatch(r"\d+(?:\.\d+)? ?[A-Za-z%°µ/]{1,6}", text.strip()):
            found[one.label] = Decimal(numbers[0]), text.replace(numbers[0], "").strip().lower()
    return found


def _stated(draw: Draw, product: Product) -> Attribute | None:
    """An attribute whose label no other one of the product has."""
    labels = [one.label for one in product.attributes]
    clear = [one for one in product.attributes if labels.count(one.label) == 1 and one.label.in_(draw.language)]
    return draw.rng.choice(clear) if clear else None


def _differ(one: Text, other: Text) -> bool:
    """Whether two values say different things: one inside the other may be the same."""
    pairs = ((one.zh, other.zh), (one.en.lower(), other.en.lower()))
    return not any(a and b and (a in b or b in a) for a, b in pairs)


def _asked(draw: Draw, product: Product, label: Text) -> Utterance:
    return Utterance(
        "attribute", {"product": draw.named(product), "label": said_label(label.in_(draw.language), draw.language)}
    )
