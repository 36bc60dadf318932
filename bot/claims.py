"""What answers claim of the shop's tables, and whether these still have it. Pure functions beside `bot.offers`.

    price:SKU       the price of a variant
    pay:SKU         what one piece of it costs with the promotions
    stock:SKU       none, low or plenty
    span            the lowest and the highest price of a product
    offers          the promotions that run for a product, or for the shop
    coupons         the coupons that can be used for a product, or in the shop
    offer:ID        whether this promotion runs
    coupon:CODE     whether this coupon can be used

A value is empty where the tables have nothing of it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.commerce import Coupon, Product, Promotion, Shop, Variant
from bot.offers import CartLine, applies, bill
from bot.types import Claim

NONE, LOW, PLENTY = "none", "low", "plenty"
# So few pieces are few.
FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables have at one moment, as far as claims rest on it: products by id, offers that hold in a room.

    `others` are all offers there are, those that do not hold, too: for their names.
    """

    products: Mapping[str, Product] = field(default_factory=dict)
    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    others: tuple[Promotion | Coupon, ...] = ()


async def read_tables(shop: Shop, room: str, claims: Sequence[Claim], at: datetime) -> Tables:
    """The tables that these claims rest on, as they are now. Raises ShopUnavailable."""
    wanted = sorted({claim.subject for claim in claims if claim.subject})
    products = await shop.products(wanted) if wanted else []
    promotions, coupons = await shop.promotions(at, room), await shop.coupons(at)
    others: tuple[Promotion | Coupon, ...] = ()
    if any(claim.aspect.startswith(("offer:", "coupon:")) for claim in claims):
        others = (*await shop.promotions(None), *await shop.coupons(None))
    return Tables({product.id: product for product in products}, tuple(promotions), tuple(coupons), others)


def prices(product: Product, variants: Iterable[Variant]) -> tuple[Claim, ...]:
    """That these variants cost what they do, without offers."""
    return tuple(_claim(product, f"price:{variant.sku}", Tables({product.id: product})) for variant in variants)


def payable(product: Product, variants: Iterable[Variant], promotions: Sequence[Promotion]) -> tuple[Claim, ...]:
    """That one piece of these variants costs what it does with the promotions."""
    tables = Tables({product.id: product}, tuple(promotions))
    return tuple(_claim(product, f"pay:{variant.sku}", tables) for variant in variants)


def stocks(product: Product, variants: Iterable[Variant]) -> tuple[Claim, ...]:
    """That of these variants there are none, few or plenty."""
    return tuple(_claim(product, f"stock:{variant.sku}", Tables({product.id: product})) for variant in variants)


def spans(product: Product) -> tuple[Claim, ...]:
    """That the prices of a product reach from the lowest to the highest."""
    return (_claim(product, "span", Tables({product.id: product})),)


def running(product: Product | None, promotions: Sequence[Promotion]) -> tuple[Claim, ...]:
    """That these promotions run for a product, or for the shop."""
    return (_claim(product, "offers", Tables(_by_id(product), tuple(promotions))),)


def usable(product: Product | None, coupons: Sequence[Coupon]) -> tuple[Claim, ...]:
    """That these coupons can be used for a product, or in the shop."""
    return (_claim(product, "coupons", Tables(_by_id(product), coupons=tuple(coupons))),)


def holding(offer: Promotion | Coupon, *, holds: bool) -> tuple[Claim, ...]:
    """That an offer can be used now, or cannot."""
    aspect = f"coupon:{offer.code}" if isinstance(offer, Coupon) else f"offer:{offer.id}"
    return (Claim("", aspect, _terms(offer) if holds else ""),)


def renewed(claim: Claim, tables: Tables) -> Claim:
    """The claim with the value that the tables have. Raises KeyError for an aspect that is not one of answers."""
    aspect, _, which = claim.aspect.partition(":")
    return Claim(claim.subject, claim.aspect, _VALUES[aspect](claim.subject, which, tables))


def written(claim: Claim) -> str:
    """A claim as one line, for people who look for what was told and why."""
    return f"{claim.subject} {claim.aspect} = {claim.value}".strip()


def known(claim: Claim) -> bool:
    """Whether a claim is one of answers."""
    return claim.aspect.partition(":")[0] in _VALUES


def broken(claims: Iterable[Claim], tables: Tables) -> tuple[Claim, ...]:
    """Those of the claims that the tables make no more. More or fewer pieces break none, as long as there are any."""
    return tuple(claim for claim in claims if not _agree(claim, renewed(claim, tables)))


def _agree(told: Claim, now: Claim) -> bool:
    if told.aspect.startswith("stock:"):
        return (told.value in ("", NONE)) == (now.value in ("", NONE))
    return told.value == now.value


def _claim(product: Product | None, aspect: str, tables: Tables) -> Claim:
    return renewed(Claim(product.id if product else "", aspect, ""), tables)


def _by_id(product: Product | None) -> dict[str, Product]:
    return {product.id: product} if product else {}


# ---------------------------------------------------------------- the values of the tables


def variant_of(subject: str, sku: str, tables: Tables) -> Variant | None:
    """The variant of a product that is sold; None where it is not, or not any more."""
    product = tables.products.get(subject)
    if product is None or not product.active:
        return None
    return next((variant for variant in product.variants if variant.sku == sku), None)


def offers_of(subject: str, offers: Sequence[Promotion] | Sequence[Coupon], tables: Tables) -> list[Promotion | Coupon]:
    """Those of the offers that cover a product, or all of them for the shop."""
    product = tables.products.get(subject)
    return [offer for offer in offers if not subject or (product is not None and applies(offer.applies_to, product))]


def _price(subject: str, sku: str, tables: Tables) -> str:
    variant = variant_of(subject, sku, tables)
    return str(variant.price) if variant else ""


def _pay(subject: str, sku: str, tables: Tables) -> str:
    variant = variant_of(subject, sku, tables)
    return str(bill([CartLine(tables.products[subject], variant)], tables.promotions).total) if variant else ""


def _stock(subject: str, sku: str, tables: Tables) -> str:
    variant = variant_of(subject, sku, tables)
    if variant is None:
        return ""
    return NONE if variant.stock <= 0 else LOW if variant.stock <= FEW else PLENTY


def _span(subject: str, _: str, tables: Tables) -> str:
    product = tables.products.get(subject)
    amounts = sorted(variant.price for variant in product.variants) if product and product.active else []
    return " – ".join(dict.fromkeys(str(amount) for amount in (amounts[0], amounts[-1]))) if amounts else ""


def _offers(subject: str, _: str, tables: Tables) -> str:
    return "; ".join(sorted(_terms(offer) for offer in offers_of(subject, tables.promotions, tables)))


def _coupons(subject: str, _: str, tables: Tables) -> str:
    return "; ".join(sorted(_terms(coupon) for coupon in offers_of(subject, tables.coupons, tables)))


def _offer(_: str, offer_id: str, tables: Tables) -> str:
    return next((_terms(offer) for offer in tables.promotions if offer.id == offer_id), "")


def _coupon(_: str, code: str, tables: Tables) -> str:
    return next((_terms(coupon) for coupon in tables.coupons if coupon.code == code), "")


def _terms(offer: Promotion | Coupon) -> str:
    """What an offer is known by and what it gives: `SAVE10 percent 10 ¥100 2026-01-01`."""
    name = offer.code if isinstance(offer, Coupon) else offer.id
    until = offer.ends_at.isoformat() if offer.ends_at else ""
    return " ".join(part for part in (name, offer.kind, offer.value, str(offer.min_spend or ""), until) if part)


_VALUES: Final[Mapping[str, Callable[[str, str, Tables], str]]] = {
    "price": _price,
    "pay": _pay,
    "stock": _stock,
    "span": _span,
    "offers": _offers,
    "coupons": _coupons,
    "offer": _offer,
    "coupon": _coupon,
}
