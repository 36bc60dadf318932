"""What is there: the variants asked for and how many pieces, and what there is to choose from. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from bot.claims import stocks
from bot.commerce import Product, Variant
from bot.types import Passage
from knowledge.facts.telling import Telling, told
from knowledge.facts.variants import Selection, described
from knowledge.wording import listed, quoted

# Of more variants than these the pieces are not told one by one.
_EACH = 4


def stock(product: Product, selection: Selection, missing: Sequence[str], telling: Telling) -> list[Passage]:
    """How many pieces there are of the variants asked for; of all where none was. `missing`: values that no variant has."""
    name = quoted(product, telling.language)
    every, chosen = stocks(product, product.variants), stocks(product, selection.variants)
    if missing:
        return [told(product, telling, _not_made(product, name, missing, telling), "variants", claims=every)]
    if not selection.said or len(selection.variants) == len(product.variants) > 1:
        return [told(product, telling, _all(product, name, telling), "variants", claims=every)]
    if len(selection.variants) == 1:
        one = selection.variants[0]
        said = _one(product, one, name, telling)
        return [told(product, telling, said, "variants", claims=chosen if one.stock > 0 else every)]
    there = [v for v in selection.variants if v.stock > 0]
    claims = chosen
    if not there:
        claims = every
        which = _together(selection.variants, telling)
        text = telling.say(f"{name}{which} 暂时没货了。", f"{name} in {which} is sold out.") + _others(product, telling)
    elif len(selection.variants) <= _EACH:
        pieces = _each_of(selection.variants, telling)
        text = telling.say(f"{name}：{pieces}。", f"{name}: {pieces}.")
    else:
        text = telling.say(f"{name}有货：{grouped(there, telling)}。", f"{name} is in stock: {grouped(there, telling)}.")
    return [told(product, telling, text, "variants", claims=claims)]


def choices(product: Product, telling: Telling, selection: Selection, axis: str = "") -> list[Passage]:
    """What there is to choose from on each axis; empty for a product that comes in one way. `axis`: color or size alone."""
    name = quoted(product, telling.language)
    kept = selection.variants if selection.said and len(selection.variants) < len(product.variants) else product.variants
    colors = _stocked(kept, telling, lambda v: v.color.in_(telling.language))
    sizes = _stocked(kept, telling, lambda v: v.size)
    chosen = [axis_values for axis_values, of in ((colors, "color"), (sizes, "size")) if axis_values and axis in ("", of)]
    chosen = chosen or [axis_values for axis_values in (colors, sizes) if axis_values]
    if not chosen:
        return []
    parts = []
    for stocked in chosen:
        text = listed(stocked, telling.language)
        gone = [value for value, pieces in stocked.items() if not pieces]
        if gone and len(gone) < len(stocked):
            text += telling.say(f"（{listed(gone, 'zh')}暂时没货）", f" ({listed(gone, 'en')} sold out)")
        parts.append(text)
    text = telling.say(f"{name}有{'；'.join(parts)}。", f"{name} comes in {'; '.join(parts)}.")
    return [told(product, telling, text, "variants", claims=stocks(product, kept))]


def grouped(variants: Sequence[Variant], telling: Telling) -> str:
    """`black S, M; blue L`."""
    sizes: defaultdict[str, list[str]] = defaultdict(list)
    for variant in variants:
        sizes[variant.color.in_(telling.language)].append(variant.size)
    return telling.say("；", "; ").join(f"{color} {'/'.join(filter(None, names))}".strip() for color, names in sizes.items())


def _one(product: Product, variant: Variant, name: str, telling: Telling) -> str:
    which = described(variant, telling.language)
    if variant.stock > 0:
        if not which:
            return telling.say(f"{name}有货，还剩 {variant.stock} 件。", f"{name} is in stock, {variant.stock} left.")
        return telling.say(f"{name}{which} 有货，还剩 {variant.stock} 件。", f"{name} in {which}: {variant.stock} left.")
    gone = telling.say(f"{name}{which} 暂时没货了。", f"{name} in {which} is sold out." if which else f"{name} is sold out.")
    return gone + _others(product, telling)


def _each_of(variants: Sequence[Variant], telling: Telling) -> str:
    """The pieces of each variant, those that are there first."""
    ordered = sorted(variants, key=lambda variant: variant.stock <= 0)
    return telling.say("；", "; ").join(_pieces(variant, telling) for variant in ordered)


def _pieces(variant: Variant, telling: Telling) -> str:
    which = described(variant, telling.language)
    if variant.stock <= 0:
        return telling.say(f"{which} 没货", f"{which} sold out")
    return telling.say(f"{which} 还剩 {variant.stock} 件", f"{which} {variant.stock} left")


def _all(product: Product, name: str, telling: Telling) -> str:
    there = [variant for variant in product.variants if variant.stock > 0]
    if not there:
        return telling.say(f"{name}目前全部售罄。", f"{name} is sold out at the moment.")
    if len(product.variants) == 1:
        return _one(product, product.variants[0], name, telling)
    return telling.say(f"{name}有货：{grouped(there, telling)}。", f"{name} is in stock: {grouped(there, telling)}.")


def _others(product: Product, telling: Telling) -> str:
    there = grouped([variant for variant in product.variants if variant.stock > 0], telling)
    if not there:
        return ""
    return telling.say(f"现在有货的是：{there}。", f" In stock: {there}.")


def _not_made(product: Product, name: str, missing: Sequence[str], telling: Telling) -> str:
    few = len(product.variants) <= _EACH
    all_of = _each_of(product.variants, telling) if few else grouped(product.variants, telling)
    said = listed(missing, telling.language)
    return telling.say(f"{name}没有{said}，有的是：{all_of}。", f"{name} does not come in {said}. It comes in {all_of}.")


def _together(variants: Sequence[Variant], telling: Telling) -> str:
    colors = {variant.color.in_(telling.language) for variant in variants}
    sizes = {variant.size for variant in variants}
    return " ".join(next(iter(values)) for values in (colors, sizes) if len(values) == 1) or grouped(variants, telling)


def _stocked(variants: Sequence[Variant], telling: Telling, value: Callable[[Variant], str]) -> dict[str, int]:
    stocked: defaultdict[str, int] = defaultdict(int)
    for variant in variants:
        stocked[value(variant)] += variant.stock
    stocked.pop("", None)
    return dict(stocked)
