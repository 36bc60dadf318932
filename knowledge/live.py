"""Facts from the shop's live tables, said as passages. Nothing here is remembered from one question to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commerce import Coupon, Money, Product, Promotion, Variant, reduction
from bot.text import normal
from bot.types import Entity, Passage
from knowledge import sizing
from knowledge.concepts import answering, asked
from knowledge.topics import Topic
from knowledge.wording import agreeing, is_english, listed, moment, price_range, quoted, size_span

# Topics that promotions and coupons are read for.
OF_PROMOTIONS = frozenset({Topic.PRICE, Topic.DISCOUNT, Topic.COUPON})
OF_COUPONS = frozenset({Topic.DISCOUNT, Topic.COUPON})
# Passages about more products than these would not be read.
MAX_PRODUCTS = 3


@dataclass(frozen=True, slots=True)
class Tables:
    """What was read from the shop for one question."""

    products: tuple[Product, ...]
    promotions: tuple[Promotion, ...]
    coupons: tuple[Coupon, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """The parts of a question that live facts depend on."""

    text: str
    language: str
    entities: tuple[Entity, ...]
    zone: ZoneInfo


def facts(topic: Topic, tables: Tables, asking: Asking) -> list[Passage]:
    """What the tables say on a topic, best first; empty when they say nothing."""
    if topic is Topic.DISCOUNT:
        return _discounts(tables, asking)
    if topic is Topic.COUPON:
        return _coupons(tables, asking) or _discounts(tables, asking)
    writer = _PER_PRODUCT.get(topic)
    if writer is None:
        return []
    return [passage for product in tables.products[:MAX_PRODUCTS] for passage in writer(product, tables, asking)]


# ---------------------------------------------------------------- price and promotions


def _price(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    variants = _chosen(product, asking) or product.variants
    if not variants:
        return []
    english = is_english(asking.language)
    low, high = min(v.price for v in variants), max(v.price for v in variants)
    name = quoted(product, asking.language)
    text = f"{name} is {low}" if english else f"{name}现在 {low}"
    if low != high:
        text = f"{name} costs {low} to {high}, by size or colour" if english else f"{name}{low} 到 {high}，看尺码和颜色"
    before = {v.compare_at for v in variants if v.compare_at and v.compare_at > v.price}
    if low == high and len(before) == 1:
        text += f" (was {before.pop()})" if english else f"（原价 {before.pop()}）"
    offers = [offer for offer in tables.promotions if applies(offer.applies_to, product)]
    reduced = min(((reduced, o) for o in offers if (reduced := _reduced(low, o)) is not None), key=_first, default=None)
    if reduced is not None:
        text += (
            f", {reduced[0]} with “{reduced[1].name.en}”" if english else f"，参加「{reduced[1].name.zh}」后 {reduced[0]}"
        )
    if not any(v.stock > 0 for v in variants):
        text += ", sold out at the moment" if english else "，目前没有货"
    until = reduced[1].ends_at if reduced else None
    return [_passage(product, asking, text + ("." if english else "。"), "variants", until)]


def _first(pair: tuple[Money, Promotion]) -> Money:
    return pair[0]


def _reduced(price: Money, offer: Promotion) -> Money | None:
    """The price of one piece after an offer, or None when one piece does not earn it."""
    off = reduction(offer, price)
    return price - off if off.minor else None


def applies(scope: str, product: Product) -> bool:
    """Whether `all`, `category:SLUG` (with all below it) or `product:ID` covers a product."""
    kind, _, value = scope.partition(":")
    if kind == "category":
        return product.category == value or product.category.startswith(f"{value}/")
    return kind == "all" or (kind == "product" and value == product.id)


def _discounts(tables: Tables, asking: Asking) -> list[Passage]:
    offers = [offer for offer in tables.promotions if _concerns(offer.applies_to, tables.products)]
    said = [_said(offer.name.in_(asking.language), offer.ends_at, asking) for offer in offers]
    coupons = [coupon for coupon in tables.coupons if _concerns(coupon.applies_to, tables.products)]
    if not said:
        return _coupons(tables, asking)
    english = is_english(asking.language)
    about = tables.products[0] if tables.products else None
    what = (quoted(about, asking.language) + (" has" if english else "")) if about else "Running now" if english else "现在"
    text = f"{what}: " if english else f"{what}的活动有："
    text += listed(said, asking.language) + ("." if english else "。")
    until = min((offer.ends_at for offer in offers if offer.ends_at), default=None)
    first = Passage(text, "promotions", "Promotions" if english else "优惠活动", language=asking.language, live=True,
                    valid_until=until, product_id=about.id if about else None)  # fmt: skip
    return [first, *(_coupons(tables, asking) if coupons else [])]


def _coupons(tables: Tables, asking: Asking) -> list[Passage]:
    coupons = [coupon for coupon in tables.coupons if _concerns(coupon.applies_to, tables.products)]
    if not coupons:
        return []
    english = is_english(asking.language)
    said = [_said(_coupon_name(coupon, asking.language), coupon.ends_at, asking) for coupon in coupons]
    text = f"Coupons you can use: {listed(said, 'en')}." if english else f"能用的券有：{listed(said, 'zh')}。"
    until = min((coupon.ends_at for coupon in coupons if coupon.ends_at), default=None)
    title = "Coupons" if english else "优惠券"
    return [Passage(text, "coupons", title, language=asking.language, live=True, valid_until=until)]


def _coupon_name(coupon: Coupon, language: str) -> str:
    name = coupon.name.in_(language)
    if coupon.min_spend is None:
        return f"{name} (code {coupon.code})" if is_english(language) else f"{name}（券码 {coupon.code}）"
    if is_english(language):
        return f"{name} from {coupon.min_spend} (code {coupon.code})"
    return f"{name}（满 {coupon.min_spend} 可用，券码 {coupon.code}）"


def _said(name: str, until: datetime | None, asking: Asking) -> str:
    if until is None:
        return name
    when = moment(until, asking.language, asking.zone)
    return f"{name} until {when}" if is_english(asking.language) else f"{name}（到 {when}）"


def _concerns(scope: str, products: Sequence[Product]) -> bool:
    return not products or any(applies(scope, product) for product in products)


# ---------------------------------------------------------------- stock, colours, sizes


def _stock(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    english = is_english(asking.language)
    name = quoted(product, asking.language)
    chosen = _chosen(product, asking)
    if chosen:
        pieces = sum(variant.stock for variant in chosen)
        which = " / ".join(dict.fromkeys(_variant_name(v, asking.language) for v in chosen[:1])) if len(chosen) == 1 else ""
        which = which or _asked_variant(asking)
        if pieces:
            text = f"{name} in {which}: {pieces} left." if english else f"{name}{which} 有货，还剩 {pieces} 件。"
        else:
            others = _in_stock(product, asking.language)
            text = f"{name} in {which} is sold out." if english else f"{name}{which} 暂时没货了。"
            if others:
                text += f" In stock: {others}." if english else f"现在有货的是：{others}。"
        return [_passage(product, asking, text, "variants")]
    available = _in_stock(product, asking.language)
    if not available:
        text = f"{name} is sold out at the moment." if english else f"{name}目前全部售罄。"
    else:
        text = f"{name} is in stock: {available}." if english else f"{name}有货：{available}。"
    return [_passage(product, asking, text, "variants")]


def _colors(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    english = is_english(asking.language)
    stock: defaultdict[str, int] = defaultdict(int)
    for variant in product.variants:
        stock[variant.color.in_(asking.language)] += variant.stock
    stock.pop("", None)
    if not stock:
        return []
    colors = listed(stock, asking.language)
    name = quoted(product, asking.language)
    text = f"{name} comes in {colors}" if english else f"{name}有{colors}"
    gone = [color for color, pieces in stock.items() if not pieces]
    if gone:
        text += f"; {listed(gone, 'en')} is sold out" if english else f"，其中{listed(gone, 'zh')}暂时没货"
    return [_passage(product, asking, text + ("." if english else "。"), "variants")]


def _size_advice(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    if not product.size_chart:
        return []
    english = is_english(asking.language)
    person = sizing.body(asking.text)
    name = quoted(product, asking.language)
    advice = sizing.advise(product.size_chart, person) if person.known else None
    if advice is None:
        rows = "; ".join(f"{row.size}: {size_span(row, asking.language)}" for row in product.size_chart)
        text = f"{name} by size: {rows}." if english else f"{name}的尺码：{rows.replace('; ', '；')}。"
        fit = [attribute for attribute in product.attributes if attribute.key == "fit"]
        if fit:
            value = fit[0].value.in_(asking.language)
            text += f" The fit is {value}." if english else f"版型是{value}。"
        return [_passage(product, asking, text, "size_charts")]
    span = size_span(advice.row, asking.language)
    size = advice.row.size
    if advice.exact:
        text = f"{name}: take {size} (made for {span})." if english else f"{name}建议穿 {size} 码（适合 {span}）。"
        if advice.other:
            text += f" {advice.other.size} fits as well." if english else f"{advice.other.size} 码也能穿，看您喜欢的松紧。"
    else:
        text = f"{name} has no size that fits exactly; the nearest is {size} (made for {span})." if english else (
            f"{name}没有完全合适的码，最接近的是 {size} 码（适合 {span}）。"
        )  # fmt: skip
    if not any(variant.stock for variant in product.variants if variant.size == size):
        text += f" {size} is sold out at the moment." if english else f"{size} 码暂时没货。"
    return [_passage(product, asking, text, "size_charts")]


def _chosen(product: Product, asking: Asking) -> list[Variant]:
    """The variants of the colour and size that the question names; empty when it names none that exist."""
    colors = {normal(str(entity.value)) for entity in asking.entities if entity.kind == "color"}
    sizes = {str(entity.value).upper() for entity in asking.entities if entity.kind == "size"}
    plain = normal(asking.text)
    colors |= {name for v in product.variants for name in (normal(v.color.zh), v.color.en.lower()) if name and name in plain}
    if not colors and not sizes:
        return []
    sized = [variant for variant in product.variants if not sizes or variant.size.upper() in sizes]
    exact = [variant for variant in sized if colors & _color_names(variant)]
    # "the blue one" is the light blue one where there is no other blue
    shades = [variant for variant in sized if any(color in name for color in colors for name in _color_names(variant))]
    return (exact or shades) if colors else sized


def _color_names(variant: Variant) -> set[str]:
    return {name for name in (normal(variant.color.zh), variant.color.en.lower()) if name}


def _asked_variant(asking: Asking) -> str:
    return " ".join(entity.text for entity in asking.entities if entity.kind in ("color", "size"))


def _variant_name(variant: Variant, language: str) -> str:
    color = variant.color.in_(language)
    if not variant.size or variant.size.lower() in ("free", "均码", "one size"):
        return color
    return f"{color} {variant.size}" if is_english(language) else f"{color} {variant.size} 码"


def _in_stock(product: Product, language: str) -> str:
    """`black S, M; blue L`."""
    sizes: defaultdict[str, list[str]] = defaultdict(list)
    for variant in product.variants:
        if variant.stock > 0:
            sizes[variant.color.in_(language)].append(variant.size)
    joined = [f"{color} {'/'.join(filter(None, names))}".strip() for color, names in sizes.items()]
    return ("; " if is_english(language) else "；").join(joined)


# ---------------------------------------------------------------- what a product is


def _attributes(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    """The attributes that were asked for, and what the description says in the same words."""
    english = is_english(asking.language)
    name = quoted(product, asking.language)
    answers = answering(product, asking.text)[:2]
    told = _description_on(product, asking)
    if not answers and not told:
        return []
    parts = [f"{a.label.in_(asking.language)}{': ' if english else '：'}{a.value.in_(asking.language)}" for a in answers]
    text = ""
    if parts:
        head = f"{name} – " if english else name
        text = head + ("; ".join(parts) + "." if english else "，".join(parts) + "。")
    elif english:
        text = f"{name}: "
    else:
        text = f"{name}："
    glue = " " if english and parts else ""
    return [_passage(product, asking, text + glue + told, "attributes")]


def _description_on(product: Product, asking: Asking) -> str:
    """The sentence of the description that speaks of what was asked, or an empty string."""
    description = product.description.in_(asking.language)
    stops = (".", "!", "?") if is_english(asking.language) else ("。", "！", "？")
    for concept, _ in asked(asking.text):
        for sentence in _sentences(description, stops):
            if concept.asked_in(normal(sentence)):
                return sentence
    return ""


def _sentences(text: str, stops: tuple[str, ...]) -> list[str]:
    found, start = [], 0
    for n, char in enumerate(text):
        if char in stops and (char != "." or text[n + 1 : n + 2] in ("", " ")):
            found.append(text[start : n + 1].strip())
            start = n + 1
    return [*found, text[start:].strip()] if text[start:].strip() else found


def _warranty(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    english = is_english(asking.language)
    name = quoted(product, asking.language)
    if product.warranty_months:
        months = product.warranty_months
        text = f"{name} has a warranty of {months} months." if english else f"{name}保修 {months} 个月。"
    else:
        text = f"{name} has no extra warranty." if english else f"{name}没有额外的保修期。"
    return [_passage(product, asking, text, "products")]


def _returnable(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    if product.returnable:
        return []  # the documents say how
    english = is_english(asking.language)
    reason = product.final_sale_reason.in_(asking.language)
    name = quoted(product, asking.language)
    text = f"{name} cannot be returned: {reason}." if english else f"{name}不支持无理由退货：{reason}。"
    return [_passage(product, asking, text, "products")]


def _overview(product: Product, tables: Tables, asking: Asking) -> list[Passage]:
    english = is_english(asking.language)
    price = price_range(product, asking.language)
    name = quoted(product, asking.language)
    text = (
        f"{name}, {price}: {product.description.in_('en')}"
        if english
        else f"{name}，{price}。{product.description.in_('zh')}"
    )
    return [_passage(product, asking, text, "products")]


_PER_PRODUCT: Mapping[Topic, Callable[[Product, Tables, Asking], list[Passage]]] = {
    Topic.PRICE: _price,
    Topic.STOCK: _stock,
    Topic.COLOR: _colors,
    Topic.SIZE_ADVICE: _size_advice,
    Topic.ATTRIBUTE: _attributes,
    Topic.WARRANTY: _warranty,
    Topic.RETURNABLE: _returnable,
    Topic.PRODUCT: _overview,
}


def _passage(product: Product, asking: Asking, text: str, table: str, until: datetime | None = None) -> Passage:
    english = is_english(asking.language)
    return Passage(
        text=agreeing(text, quoted(product, asking.language)) if english else text,
        source=table,
        title=product.name.in_(asking.language),
        location="live" if english else "实时数据",
        product_id=product.id,
        language=asking.language,
        score=1.0,
        live=True,
        valid_until=until,
    )
