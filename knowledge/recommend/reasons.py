"""Why a product is suggested: a true sentence from what was wished, from others' purchases and from the person's signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commerce import Product
from bot.signals import Signal, SignalKind
from bot.types import Card
from knowledge.facts.relevance import Corpus
from knowledge.facts.statements import statements
from knowledge.facts.wishes import AFFIRMED, support
from knowledge.recommend.aspects import COLOR, PRICE
from knowledge.recommend.constraints import Constraints
from knowledge.recommend.critiques import Demand
from knowledge.recommend.purchases import Link
from knowledge.wording import card, is_english, listed

# What somebody did with a product, as it is told to them: of the product itself, and of one that is like it.
_DONE: Mapping[SignalKind, tuple[str, str]] = {
    SignalKind.QUESTION: ("你问过{name}", "you asked about {name}"),
    SignalKind.CLICK: ("你点过{name}", "you tapped on {name}"),
    SignalKind.PHOTO: ("你发过像{name}的照片", "you sent a photo like {name}"),
    SignalKind.CART: ("你把{name}加进过购物车", "you put {name} into your cart"),
    SignalKind.VIEW: ("你看过{name}", "you looked at {name}"),
    SignalKind.LIKE: ("你给{name}点过赞", "you liked {name}"),
    SignalKind.LINK: ("你点过{name}的链接", "you pressed the link of {name}"),
}


@dataclass(frozen=True, slots=True)
class Because:
    """What reasons for a card are made of: the wishes, the words of the shop and its products, and the language."""

    constraints: Constraints
    corpus: Corpus
    products: Mapping[str, Product]
    language: str
    demands: tuple[Demand, ...] = ()


def reasoned(product: Product, because: Because, link: Link | None = None, done: Signal | None = None) -> Card:
    """The product as a card with its reasons; `done` is the signal of the person that speaks for it most."""
    return card(product, because.language, joined(reasons(product, because, link, done), because.language))


def reasons(product: Product, because: Because, link: Link | None = None, done: Signal | None = None) -> list[str]:
    """Everything true that speaks for a product, the wish first; that it is in stock where nothing else does."""
    constraints, language, products = because.constraints, because.language, because.products
    variants = constraints.variants(product)
    found = list(dict.fromkeys([*_demanded(product, because), *_properties(product, because)]))
    cheapest = min(variant.price for variant in variants)
    if constraints.most is not None:
        found.append(f"from {cheapest}, within budget" if is_english(language) else f"{cheapest} 起，在预算内")
    if constraints.foreign:
        found.append(
            f"our prices are in {cheapest.currency}" if is_english(language) else f"本店按 {cheapest.currency} 标价"
        )
    if constraints.colors or constraints.unwanted:
        colors = list(dict.fromkeys(variant.color.in_(language) for variant in variants))
        found.append(f"in {listed(colors, 'en')}" if is_english(language) else f"有{listed(colors, 'zh')}")
    if constraints.size:
        size = constraints.size.upper()
        found.append(f"size {size} in stock" if is_english(language) else f"{size} 码有货")
    if link is not None and link.because in products:
        name = products[link.because].name.in_(language)
        found.append(
            f"{link.together} customers bought it with {name}"
            if is_english(language)
            else f"{link.together} 位顾客和「{name}」一起买过"
        )
    if done is not None and done.product_id in products:
        found.append(_told(product, done, products[done.product_id], language))
    if not found:
        pieces = sum(variant.stock for variant in variants)
        found.append(f"in stock, {pieces} left" if is_english(language) else f"现货 {pieces} 件")
    return found


def joined(found: list[str], language: str) -> str:
    """Reasons as one sentence."""
    ended = [reason.rstrip(".。") for reason in found[:-1]]
    return ("; " if is_english(language) else "；").join([*ended, *found[-1:]])


def not_all(language: str, *, met: bool) -> str:
    """That no product has everything that was said in a search, or not even (`met` False) what was said last."""
    if not met:
        return (
            "Nothing in stock is like that. What else there is:"
            if is_english(language)
            else "现货里没有这样的了，还有这些："
        )
    if is_english(language):
        return "Nothing in stock has all of that. These keep to what you said last:"
    return "现货里没有全部符合的，先按你最后说的找了这些："


def _demanded(product: Product, because: Because) -> list[str]:
    """What a product has of the aspects that critiques were about, as its tables say it."""
    language, colon = because.language, ": " if is_english(because.language) else "："
    found = []
    for demand in because.demands:
        if demand.aspect == PRICE and because.constraints.most is None:
            price = min(variant.price for variant in product.variants if variant.stock > 0)
            found.append(f"from {price}" if is_english(language) else f"{price} 起")
        if demand.aspect == COLOR:
            found += _in_colors(product, language)
        stated = (one for one in product.attributes if one.key == demand.aspect)
        found += [f"{one.label.in_(language)}{colon}{one.value.in_(language)}" for one in stated]
    return found


def _in_colors(product: Product, language: str) -> list[str]:
    colors = dict.fromkeys(v.color.in_(language) for v in product.variants if v.stock > 0 and v.color.in_(language))
    said = listed(colors, language)
    return [f"in {said}" if is_english(language) else f"有{said}"] if colors else []


def near_in_meaning(text: str, language: str) -> str:
    """That a product is nearer to the words of a need than others."""
    return f'nearer to "{text}" than most' if is_english(language) else f"比多数商品更接近「{text}」"


def _told(product: Product, done: Signal, of: Product, language: str) -> str:
    """What the person did, and that the product is like the one they did it with where it is another."""
    zh, en = _DONE[done.kind]
    name = of.name.in_(language)
    if is_english(language):
        did = en.format(name=name)
        return did if of.id == product.id else f"like something of yours: {did}"
    did = zh.format(name=f"「{name}」")
    return did if of.id == product.id else f"{did}，这款和它相近"


def _properties(product: Product, because: Because) -> list[str]:
    """The statements that say what was wished, as the product has them."""
    told = statements(product, because.language)
    colon = ": " if is_english(because.language) else "："
    found = []
    for wish in because.constraints.wishes:
        scored = [(abs(support(wish.phrase, [statement], because.corpus)), n) for n, statement in enumerate(told)]
        best, place = max(scored, default=(0.0, 0))
        if best >= AFFIRMED:
            statement = told[place]
            found.append(f"{statement.label}{colon}{statement.text}" if statement.label else statement.text)
    for one in because.constraints.stated:
        found += [f"{a.label.in_(because.language)}{colon}{a.value.in_(because.language)}" for a in one.of(product)]
    for bound in because.constraints.bounds:
        stated = (s for s in told if any(q.dimension == bound.dimension for q in s.quantities))
        found += [f"{s.label}{colon}{s.text}" if s.label else s.text for s in list(stated)[:1]]
    return list(dict.fromkeys(found))[:2]
