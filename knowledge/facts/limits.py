"""What a product states of a measure, for all of it or for each variant, as ranges: "S 32–44 cm; M from 44 cm". Pure.

What a person or a thing measures is inside one of these ranges or in none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.commerce import Product, Variant
from bot.text import clean, normal
from knowledge.facts.statements import Statement
from knowledge.facts.variants import select
from knowledge.lexicon.grams import without_spans
from knowledge.lexicon.quantities import Quantity, quantities

# What stands between what is stated of one variant and of the next.
_BETWEEN = re.compile(r"\s*[;；]\s*")
# Words that make a number the least or the most, before it and behind it.
_LEAST_BEFORE = re.compile(
    r"(?:from|over|above|at least|min(?:imum)?|[>≥]|最低|最少|至少|不低于|大于|超过|满)\s*(?:of\s*)?$"
)
_LEAST_AFTER = re.compile(r"^\s*(?:及|和)?(?:以上|起|and (?:up|over|above)|or (?:more|over)|up\b|\+)")
_MOST_BEFORE = re.compile(r"(?:up to|under|below|at most|max(?:imum)?|[<≤]|最高|最大|最多|不超过|小于|限)\s*(?:of\s*)?$")
_MOST_AFTER = re.compile(r"^\s*(?:及|和)?(?:以下|以内|之内|and (?:under|below)|or (?:less|under)|max)")


@dataclass(frozen=True, slots=True)
class Range:
    """`low` to `high` in the base of a dimension (infinite where it has no end), as `text` says it of some variants.

    Without `variants` it is of all.
    """

    low: float
    high: float
    dimension: str
    text: str
    variants: tuple[Variant, ...] = ()

    def holds(self, given: Quantity) -> bool:
        """Whether a quantity lies in the range."""
        return given.dimension == self.dimension and self.low <= given.low and given.high <= self.high


def ranges_of(statement: Statement, product: Product) -> tuple[Range, ...]:
    """The ranges that a statement of a product has, of the variants that each part of it begins with."""
    found = []
    for part in _BETWEEN.split(statement.text):
        variants, said = stated_for(part, product)
        plain = without_spans(normal(part), [said])
        found += [Range(*ends, q.dimension, part, variants) for q in quantities(plain) if (ends := _ends(q, plain))]
    return tuple(found)


def for_variants(text: str, product: Product, chosen: Sequence[Variant]) -> str:
    """Of what is stated of each variant, the parts that are of the chosen ones; all of it where it is not stated so."""
    parts = _BETWEEN.split(text)
    if len(parts) < 2:
        return text
    skus = {variant.sku for variant in chosen}
    of_each = [{variant.sku for variant in stated_for(part, product)[0]} for part in parts]
    kept = [part for part, own in zip(parts, of_each, strict=True) if own & skus]
    return ("；" if "；" in text else "; ").join(kept) if kept and all(of_each) else text


def stated_for(part: str, product: Product) -> tuple[tuple[Variant, ...], tuple[int, int]]:
    """The variants that a part of a statement begins with, and where it names them; none where it is of all."""
    plain, written = normal(part), clean(part)
    selection = select(product, plain, written if len(written) == len(plain) else plain)
    span = min(selection.spans, default=(0, 0))
    of_some = selection.said and span[0] == 0 and len(selection.variants) < len(product.variants)
    return (selection.variants, span) if of_some else ((), (0, 0))


def _ends(quantity: Quantity, plain: str) -> tuple[float, float] | None:
    """The ends of a range; None for a single number."""
    if quantity.low < quantity.high:
        return quantity.low, quantity.high
    before, after = plain[: quantity.start], plain[quantity.end :]
    if _LEAST_BEFORE.search(before) or _LEAST_AFTER.search(after):
        return quantity.low, math.inf
    if _MOST_BEFORE.search(before) or _MOST_AFTER.search(after):
        return -math.inf, quantity.high
    return None
