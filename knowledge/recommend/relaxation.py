"""What to show where nothing fits: which single wish given up brings products back, and the ones that then come nearest.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.commerce import Money, Product
from knowledge.facts.stated import Stated
from knowledge.recommend.constraints import Constraints
from knowledge.recommend.properties import off_measures
from knowledge.wording import is_english, listed


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A wish given up (`given_up`: price, color, size, properties, measures), what is left to keep to, what fits then."""

    given_up: tuple[str, ...]
    constraints: Constraints
    products: tuple[Product, ...]


_WISHES = ("color", "size", "price", "properties", "measures")


def relax(constraints: Constraints, fitting: Callable[[Constraints], Sequence[Product]]) -> Relaxed | None:
    """The first wish whose loss brings something back, then two of them; of prices the nearest come first.

    None where even that brings nothing. `fitting` gives the products in stock that keep to constraints.
    """
    made = [wish for wish in _WISHES if _has(constraints, wish)]
    pairs = [(a, b) for n, a in enumerate(made) for b in made[n + 1 :]]
    for given_up in [*((wish,) for wish in made), *pairs]:
        looser = constraints
        for wish in given_up:
            looser = _without(looser, wish)
        products = list(fitting(looser))
        if products:
            if "price" in given_up:
                products.sort(key=lambda product: (_beyond(product, constraints), product.id))
            if "measures" in given_up:  # of what is made for others only that which is made for the nearest
                off = {product.id: off_measures(product, constraints) for product in products}
                products = [product for product in products if off[product.id] == min(off.values())]
            return Relaxed(given_up, looser, tuple(products))
    return None


def explained(relaxed: Relaxed, constraints: Constraints, language: str) -> str:
    """Why nothing fits, and what was given up, as a sentence for the customer."""
    english = is_english(language)
    wishes = [_said(wish, constraints, english) for wish in relaxed.given_up]
    if english:
        return f"Nothing in stock fits {listed(wishes, 'en')}. This comes nearest:"
    return f"现货里没有{listed(wishes, 'zh')}的，最接近的是这些："


def _has(constraints: Constraints, wish: str) -> bool:
    return {
        "price": constraints.least is not None or constraints.most is not None,
        "color": bool(constraints.colors or constraints.unwanted),
        "size": bool(constraints.size),
        "properties": bool(constraints.wishes or constraints.bounds or constraints.stated),
        "measures": bool(constraints.measures),
    }[wish]


def _without(constraints: Constraints, wish: str) -> Constraints:
    match wish:
        case "price":
            return replace(constraints, least=None, most=None)
        case "color":
            return replace(constraints, colors=frozenset(), unwanted=frozenset())
        case "size":
            return replace(constraints, size="")
        case "measures":
            return replace(constraints, measures=())
        case _:
            return replace(constraints, wishes=(), bounds=(), stated=())


def _beyond(product: Product, constraints: Constraints) -> int:
    """How far the nearest price of a product in stock is outside the budget, in minor units."""
    prices = [variant.price.minor for variant in product.variants if variant.stock > 0]
    return min(max(_minor(constraints.least, 0) - price, price - _minor(constraints.most, price), 0) for price in prices)


def _minor(amount: Money | None, default: int) -> int:
    return default if amount is None else amount.minor


def _said(wish: str, constraints: Constraints, english: bool) -> str:
    match wish:
        case "price":
            return _said_price(constraints, english)
        case "color":
            wanted, unwanted = sorted(constraints.colors), sorted(constraints.unwanted)
            said = [f"not {color}" if english else f"不带{color}" for color in unwanted]
            return listed([*wanted, *said], "en" if english else "zh")
        case "size":
            return f"size {constraints.size.upper()}" if english else f" {constraints.size.upper()} 码"
        case "measures":
            return "that age or size" if english else "这个年龄或尺寸"
        case _:
            said = [f"not {w.phrase}" if english else f"不{w.phrase}" for w in constraints.wishes if not w.wanted]
            said += [_said_stated(one, english) for one in constraints.stated]
            return listed(said, "en" if english else "zh") or ("what you asked for" if english else "完全合要求")


def _said_stated(one: Stated, english: bool) -> str:
    if english:
        return f"{one.label} {one.value}" if one.wanted else f"{one.label} other than {one.value}"
    return f"{one.label}是{one.value}" if one.wanted else f"{one.label}不是{one.value}"


def _said_price(constraints: Constraints, english: bool) -> str:
    least, most = constraints.least, constraints.most
    if least is not None and most is not None:
        return f"{least} to {most}" if english else f" {least} 到 {most} "
    if most is not None:
        return f"up to {most}" if english else f" {most} 以内"
    return f"from {least}" if english else f" {least} 以上"
