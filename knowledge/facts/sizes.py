"""Which size of a chart is for whom, of any product that has one. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from bot.commerce import Product
from bot.text import normal
from bot.types import Passage
from knowledge import sizing
from knowledge.facts.telling import Telling, of_shop, told
from knowledge.lexicon.quantities import quantities
from knowledge.wording import listed, quoted, size_span

_KG, _CM = 1000.0, 10.0


def size_advice(product: Product, text: str, telling: Telling, fit: str = "") -> list[Passage]:
    """The size for the person whose measures a text gives; the chart where it gives none. Empty without a chart.

    `fit` is what the product states of how it is cut, told with the chart.
    """
    if not product.size_chart:
        return []
    name = quoted(product, telling.language)
    advice = sizing.advise(product.size_chart, _body(text))
    if advice is None:
        rows = telling.say("；", "; ").join(f"{row.size}: {size_span(row, telling.language)}" for row in product.size_chart)
        told_fit = telling.say(f"{fit}。", f" {fit}.") if fit else ""
        return [
            told(
                product,
                telling,
                telling.say(f"{name}的尺码：{rows}。", f"{name} by size: {rows}.") + told_fit,
                "size_charts",
            )
        ]
    span, size = size_span(advice.row, telling.language), advice.row.size
    if advice.exact:
        text = telling.say(f"{name}建议穿 {size} 码（适合 {span}）。", f"{name}: take {size} (made for {span}).")
        if advice.other:
            text += telling.say(f"{advice.other.size} 码也能穿，看您喜欢的松紧。", f" {advice.other.size} fits as well.")
    else:
        text = telling.say(
            f"{name}没有完全合适的码，最接近的是 {size} 码（适合 {span}）。",
            f"{name} has no size that fits exactly; the nearest is {size} (made for {span}).",
        )
    of_size = [variant for variant in product.variants if variant.size == size]
    if of_size and not any(variant.stock for variant in of_size):
        text += telling.say(f"{size} 码暂时没货。", f" {size} is sold out at the moment.")
    return [told(product, telling, text, "size_charts")]


def advice_by_kind(products: Iterable[Product], text: str, telling: Telling) -> list[Passage]:
    """The sizes for the person whose measures a text gives, by kind of product: those of most products whose chart fits.

    Empty where no chart has a size that is made for such a person.
    """
    person = _body(text)
    sizes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for product in products:
        advice = sizing.advise(product.size_chart, person) if product.size_chart else None
        if advice is not None and advice.exact:
            sizes[product.category, product.category_name.in_(telling.language)][advice.row.size] += 1
    if not sizes:
        return []
    by_size: defaultdict[str, list[str]] = defaultdict(list)
    for (_, kind), counts in sizes.items():
        by_size[counts.most_common(1)[0][0]].append(kind)
    parts = [
        telling.say(f"{'、'.join(kinds)}穿 {size} 码", f"{size} in {listed(kinds, telling.language)}")
        for size, kinds in by_size.items()
    ]
    whole = telling.say("；", "; ").join(parts)
    text = telling.say(
        f"按您的尺寸：{whole}。具体到某一款，说商品名我再查它的尺码表。",
        f"By your measures: {whole}. Name an item and I look at its own chart.",
    )
    return [of_shop(telling, text, "size_charts", telling.say("尺码表", "Size charts"))]


def measured(text: str) -> bool:
    """Whether a text gives a measure of a body."""
    return _body(text).known


def _body(text: str) -> sizing.Body:
    """The measures of a person of any age in a text: bare numbers as grown-ups say theirs, others by their units."""
    known = sizing.body(text)
    if known.known:
        return known
    found = quantities(normal(text))
    mass = next((q.low / _KG for q in found if q.dimension == "mass"), None)
    length = next((q.low / _CM for q in found if q.dimension == "length"), None)
    return sizing.Body(height=length, weight=mass)
