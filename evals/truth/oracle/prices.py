"""Prices, stock and totals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.commerce import Coupon, Product, Promotion
from evals.truth.cases import Case, Claim, Figures, Pieces, Shown, Slot, Stance, Total, Utterance
from evals.truth.oracle.draw import Draw, major, price_claims, same_price
from evals.truth.reckoning import BasketLine, reckon
from evals.truth.tables import Tables, covers, highest, lowest, state_of, values_of

_SOLD_OUT = r"没货|缺货|无货|售罄|断货|卖完|卖光|没有现货|没有库存|sold[ -]out|out of stock|none left"


def price(draw: Draw) -> Case:
    """What a product costs: from the cheapest of its variants to the dearest."""
    product = draw.product()
    claims = price_claims(product, product.variants, draw.tables)
    right = " – ".join(dict.fromkeys((str(lowest(product)), str(highest(product)))))
    return draw.case("price", product.id, [Utterance("price", {"product": draw.named(product)})], claims, right)


def variant_price(draw: Draw) -> Case | None:
    """What one variant costs, and no other figure."""
    if not (found := draw.variant()):
        return None
    product, variant = found
    slots = {"product": draw.named(product), "value": draw.value(product, variant)}
    claims = price_claims(product, (variant,), draw.tables)
    return draw.case("variant_price", variant.sku, [Utterance("variant_price", slots)], claims, str(variant.price))


def stock(draw: Draw) -> Case | None:
    """Whether a variant is there."""
    if not (found := draw.variant()):
        return None
    product, variant = found
    slots = {"product": draw.named(product), "value": draw.value(product, variant)}
    claim = Stance(("in_stock",), ("sold_out",)) if variant.stock else Stance(("sold_out",))
    right = f"{variant.stock} in stock" if variant.stock else "sold out"
    return draw.case("stock", variant.sku, [Utterance("stock", slots)], [claim, Pieces(variant.stock)], right)


def pieces(draw: Draw) -> Case | None:
    """How many pieces of a variant there are."""
    if not (found := draw.variant()):
        return None
    product, variant = found
    slots = {"product": draw.named(product), "value": draw.value(product, variant)}
    claim = Figures(frozenset({Decimal(variant.stock)}), as_words="" if variant.stock else _SOLD_OUT)
    claims: list[Claim] = [claim, Pieces(variant.stock)]
    return draw.case("pieces", variant.sku, [Utterance("pieces", slots)], claims, f"{variant.stock} pieces")


def no_value(draw: Draw) -> Case | None:
    """A value that another product has, and none of this one's variants."""
    if not (found := draw.variant()):
        return None
    product, other = found[0], draw.product()
    foreign = [word for variant in other.variants for word in values_of(other, variant, draw.language)]
    own = " ".join(text for v in product.variants for text in (v.color.zh, v.color.en, v.size)).lower()
    foreign = [word for word in dict.fromkeys(foreign) if word.lower() not in own]
    if other.category.partition("/")[0] != product.category.partition("/")[0] or not foreign:
        return None
    value = draw.rng.choice(foreign)
    asked = Utterance("stock", {"product": draw.named(product), "value": Slot(value)})
    return draw.case("no_value", f"{product.id}:{other.id}", [asked], [Stance(("absent",))], f"there is no {value}")


def basket(draw: Draw, among: list[Product], most: int = 4) -> list[BasketLine] | None:
    """One to `most` lines of variants in stock, which can be told and of which no offer is left open.

    An offer of a room counts only in it, so that its product is left out.
    """
    tables = draw.tables
    among = [product for product in among if not any(p.room and covers(p, product) for p in _running(tables))]
    chosen = draw.rng.sample(among, min(draw.rng.randint(1, most), len(among)))
    lines: list[BasketLine] = []
    for product in chosen:
        quantity = draw.rng.randint(1, 3)
        variants = [v for v in product.variants if v.stock >= quantity]
        if not same_price(product):
            variants = [v for v in variants if values_of(product, v, draw.language)]
        if not variants:
            return None
        lines.append(BasketLine(product, draw.rng.choice(variants), quantity))
    return lines or None


def _running(tables: Tables) -> list[Promotion]:
    return [promotion for promotion in tables.promotions if state_of(promotion, tables.now) == "running"]


def item(draw: Draw, line: BasketLine) -> Utterance:
    """A line as it is said; the variant is left out where it changes no price."""
    slots = {"n": Slot(str(line.quantity)), "product": draw.named(line.product)}
    if not values_of(line.product, line.variant, draw.language):
        return Utterance("line", slots)
    return Utterance("line_value", slots | {"value": draw.value(line.product, line.variant)})


def total(draw: Draw) -> Case | None:
    """What one to four lines come to with the offers that run."""
    if not (lines := basket(draw, list(draw.tables.products))):
        return None
    asked = Utterance("total", items=tuple(item(draw, line) for line in lines))
    return draw.case("total", _about(lines), [asked], *_comes_to(draw, lines, None))


def total_coupon(draw: Draw) -> Case | None:
    """What lines come to with a coupon for all of them, whose minimum they meet."""
    tables = draw.tables
    coupons = [c for c in tables.coupons if state_of(c, tables.now) == "running" and c.kind in ("amount", "percent")]
    if not coupons:
        return None
    coupon = draw.rng.choice(coupons)
    lines = basket(draw, [product for product in tables.products if covers(coupon, product)])
    if not lines or coupon not in reckon(lines, tables.promotions, coupon, tables.now).offers:
        return None
    asked = Utterance("total_coupon", {"code": Slot(coupon.code)}, tuple(item(draw, line) for line in lines))
    return draw.case("total_coupon", f"{coupon.code}:{_about(lines)}", [asked], *_comes_to(draw, lines, coupon))


def follow_count(draw: Draw) -> Case | None:
    """The price of one, then what some of them come to."""
    lines = basket(draw, list(draw.tables.products), most=1)
    if not lines:
        return None
    line = replace(lines[0], quantity=draw.rng.randint(2, 5))
    slots = {"product": draw.named(line.product)}
    if values_of(line.product, line.variant, draw.language):
        first = Utterance("variant_price", slots | {"value": draw.value(line.product, line.variant)})
    else:
        first = Utterance("price", slots)
    then = Utterance("follow_count", {"n": Slot(str(line.quantity))})
    return draw.case("follow_count", _about([line]), [first, then], *_comes_to(draw, [line], None))


def follow_value(draw: Draw) -> Case | None:
    """The price of one variant, then that of another one that costs something else."""
    if not (found := draw.variant()):
        return None
    product, variant = found
    others = [v for v in product.variants if v.price != variant.price and values_of(product, v, draw.language)]
    if not others:
        return None
    other = draw.rng.choice(others)
    first = Utterance("variant_price", {"product": draw.named(product), "value": draw.value(product, variant)})
    then = Utterance("follow_value", {"value": draw.value(product, other)})
    claims = price_claims(product, (other,), draw.tables)
    return draw.case("follow_value", f"{variant.sku}:{other.sku}", [first, then], claims, str(other.price))


def follow_other(draw: Draw) -> Case | None:
    """The price of one product, then that of another."""
    first, other = draw.product(), draw.product()
    if first.id == other.id:
        return None
    turns = [
        Utterance("price", {"product": draw.named(first)}),
        Utterance("follow_other", {"product": draw.named(other)}),
    ]
    claims = price_claims(other, other.variants, draw.tables)
    return draw.case("follow_other", f"{first.id}:{other.id}", turns, claims, f"{lowest(other)}")


def link_price(draw: Draw) -> Case | None:
    """What the product of a link costs."""
    if not draw.tables.links:
        return None
    link = draw.rng.choice(draw.tables.links)
    product = draw.tables.product(link.product_id)
    claims = price_claims(product, product.variants, draw.tables)
    asked = Utterance("link_price", {"n": Slot(str(link.number))})
    return draw.case("link_price", str(link.number), [asked], claims, f"{product.name.in_(draw.language)} {lowest(product)}")


def link_product(draw: Draw) -> Case | None:
    """What a link means."""
    if not draw.tables.links:
        return None
    link = draw.rng.choice(draw.tables.links)
    product = draw.tables.product(link.product_id)
    asked = Utterance("link_product", {"n": Slot(str(link.number))})
    claims = [Shown(frozenset({product.id}))]
    return draw.case("link_product", str(link.number), [asked], claims, product.name.in_(draw.language))


def no_link(draw: Draw) -> Case | None:
    """A number that no link has."""
    numbers = {link.number for link in draw.tables.links}
    free = [number for number in range(1, 100) if number not in numbers]
    number = draw.rng.choice(free)
    asked = Utterance(draw.rng.choice(("link_price", "link_product")), {"n": Slot(str(number))})
    claims: list[Claim] = [Stance(("absent",)), Shown(frozenset(), may_be_none=True)]
    return draw.case("no_link", str(number), [asked], claims, "there is no such link") if numbers else None


def _comes_to(draw: Draw, lines: list[BasketLine], coupon: Coupon | None) -> tuple[list[Claim], str]:
    reckoned = reckon(lines, draw.tables.promotions, coupon, draw.tables.now)
    paid, goods = (major(minor, draw.tables.currency) for minor in (reckoned.paid, reckoned.goods))
    names = ", ".join(offer.name.in_(draw.language) for offer in reckoned.offers)
    return [Total(paid)], f"{paid:f}" + (f" ({goods:f}; {names})" if names else "")


def _about(lines: list[BasketLine]) -> str:
    return "+".join(f"{line.quantity}x{line.variant.sku}" for line in lines)
