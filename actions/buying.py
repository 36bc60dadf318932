"""Buying by talk: a cart, summed up with every offer, held for some minutes once confirmed, and the way to the checkout."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import BaseModel

from actions.backoffice import HoldStock
from actions.context import Context
from actions.coupons import usable
from actions.items import folded, instead_in, variant_details, variant_text
from actions.plans import Plan, Refusal, Terms, refusal
from actions.products import find_product, find_variants
from actions.verify import PUBLIC_ROOM
from actions.work import Confirmation, Prepare, quote, write
from bot.buying import Cart, Checkout, Item, Purchase, Purchases
from bot.commerce import Coupon, Money, Product, Promotion, Shop, Variant
from bot.offers import Bill, CartLine, bill
from bot.types import Audience, ConversationKey, Outcome, Say
from bot.values.quantities import quantities

# Of so many variants it is said that they can be had.
_CHOICES = 8
# More pieces of one variant are no purchase for a chat.
MAX_PIECES = 99
_NO_COUPON = re.compile(r"[不别没]\w{0,2}用?\w{0,4}券|\b(?:no|without)\b[^.,]{0,12}\b(?:coupon|voucher|code)", re.IGNORECASE)
_GIVEN_UP = re.compile(
    r"不买|不要|不用了|先不|取消|\b(?:cancel|don'?t want|not (?:buy|now|interested)|no,? thanks?)", re.IGNORECASE
)
_COUPON_ZH = re.compile(r"([㐀-鿿]{1,10})券")
_COUPON_EN = re.compile(r"([\w' ]{1,40}?)\s*\b(?:coupon|voucher)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Buying:
    """What buying needs: where carts are kept, where they are paid for, and for how long their pieces are held.

    `room` is the one whose offers count where nobody says from which somebody comes.
    """

    purchases: Purchases
    checkout: Checkout
    hold_for: timedelta
    room: str = ""


class BuyRequest(BaseModel):
    """What is to be put into the cart: a product, which of it, how many, and a coupon.

    `buy_what` says any of these in a person's words: "两件黑色 L，用新人券". `from_room` is the live room that
    they come from.
    """

    product: str
    buy_what: str | None = None
    size: str | None = None
    color: str | None = None
    quantity: int | None = None
    coupon_code: str | None = None
    from_room: str | None = None


class ConfirmedBuy(BuyRequest, Confirmation):
    """A cart that the customer said yes to."""


class NothingMore(BaseModel):
    """No arguments."""


# ---------------------------------------------------------------- what is meant


def which_variant(product: Product, request: BuyRequest, terms: Terms) -> Variant | Refusal:
    """The variant that is meant, or the question which one."""
    size, color = instead_in(product, None, request.buy_what or "") or (None, None)
    size, color = size or request.size, color or request.color
    found = find_variants(product, size, color, request.product)
    if len(product.variants) == 1 or len(found) == 1:
        return (found or product.variants)[0]
    if request.buy_what and not (size or color) and _GIVEN_UP.search(request.buy_what):
        return Refusal("given_up", Say("utter_not_changed"))
    choices = [variant_details(variant, terms.language) for variant in product.variants if variant.stock][:_CHOICES]
    if not choices:
        return Refusal("no_stock", Say("utter_refused_sold_out", {"product": product.name.in_(terms.language)}))
    args = {"product": product.name.in_(terms.language), "choices": terms.listed(choices)}
    asked = request.buy_what or size or color
    if asked and not found:
        return Refusal("no_variant", Say("utter_refused_no_variant", args))
    return Refusal("which_one", Say("utter_which_one", args))


def how_many(request: BuyRequest) -> int:
    """The number of pieces that is meant; one where nobody says it."""
    said = [entity.value for entity in quantities(request.buy_what or "")]
    return int(said[0]) if said else request.quantity or 1


def coupon_meant(text: str, coupons: Sequence[Coupon]) -> Coupon | str | None:
    """The coupon that a text names by its code or a part of its name; the words where they name none; None: no coupon."""
    said = folded(text)
    codes = {coupon.code: rf"(?<![a-z0-9]){re.escape(folded(coupon.code))}(?![a-z0-9])" for coupon in coupons}
    by_code = [coupon for coupon in coupons if re.search(codes[coupon.code], said)]
    if by_code:
        return by_code[0]
    if _NO_COUPON.search(said):
        return None
    named = _COUPON_ZH.search(said) or _COUPON_EN.search(said)
    if named is None:
        return None
    shared = {coupon.code: _shared(named.group(1), coupon) for coupon in coupons}
    most = max(shared.values(), default=0)
    best = [coupon for coupon in coupons if most and shared[coupon.code] == most]
    return best[0] if len(best) == 1 else named.group().strip()


def _shared(said: str, coupon: Coupon) -> int:
    """How many characters before the word for a coupon stand in its name, the last ones first; one alone is chance."""
    names = [folded(coupon.name.zh), folded(coupon.name.en)]
    ends = [said[start:].strip() for start in range(len(said) - 1)]
    return max((len(end) for end in ends if len(end) > 1 and any(end in name for name in names)), default=0)


# ---------------------------------------------------------------- the cart


async def cart_lines(shop: Shop, cart: Cart) -> list[CartLine]:
    """The cart's items as the catalogue has them now; what has left it is left out."""
    products = {product.id: product for product in await shop.products([item.product_id for item in cart.items])}
    lines = []
    for item in cart.items:
        product = products.get(item.product_id)
        variant = next((v for v in product.variants if v.sku == item.sku), None) if product and product.active else None
        if product is not None and variant is not None:
            lines.append(CartLine(product, variant, item.pieces))
    return lines


def reckoned(lines: Sequence[CartLine], promotions: Sequence[Promotion], coupon: Coupon | None) -> Bill:
    """What a cart costs with all promotions and its coupon. Raises ValueError for an empty one."""
    return bill(lines, promotions, [coupon] if coupon else ())


def hold_of(key: ConversationKey) -> str:
    """The name of the hold of a conversation's pieces: it has one, whatever it buys."""
    return f"c{hashlib.sha256(str(key).encode()).hexdigest()[:32]}"


def plan_buy(key: ConversationKey, cart: Cart, reckoning: Bill, hold_for: timedelta, terms: Terms) -> Plan:
    """The pieces are held; paying is up to the buyer."""
    total, language = reckoning.total, terms.language
    items = [f"{variant_text(one.product.name, one.variant, language)} × {one.quantity}" for one in reckoning.lines]
    offers = [f"{terms.text(taken.offer.name)} -{taken.off}" for taken in reckoning.reductions]
    args = {
        "items": terms.listed(items),
        "total": str(total),
        "price": str(reckoning.goods),
        "offers": terms.listed([*offers, *(terms.text(gift.name) for gift in reckoning.gifts)]),
        "minutes": int(hold_for.total_seconds() // 60),
    }
    ends_at = terms.now + hold_for
    holds = tuple(HoldStock(hold_of(key), item.sku, item.pieces, ends_at) for item in cart.items) if hold_for else ()
    return Plan(
        facts={
            "items": {item.sku: item.pieces for item in cart.items},
            "coupon": cart.coupon,
            "total": total.minor,
            "currency": total.currency,
        },
        summary=Say("utter_summary_buy" if offers else "utter_summary_buy_plain", args),
        done=Say("utter_checkout_ready", args),
        effects=holds,
        why="a checkout is begun",
    )


# ---------------------------------------------------------------- verbs


async def quote_buy(context: Context, request: BuyRequest) -> Outcome:
    """What the cart would cost with one product more, in minor units and without postage. Changes nothing."""
    return await quote(context, _buying(context, request))


async def buy(context: Context, request: ConfirmedBuy) -> Outcome:
    """Hold what is in the cart for some minutes, as quoted and confirmed, and say where it is paid for."""
    return await write(context, request, _buying(context, request, request))


async def empty_cart(context: Context, request: NothingMore) -> Outcome:
    """Take everything out of the cart."""
    if context.call.audience is Audience.PUBLIC:
        return Outcome(context.call.action, ok=False, refusal=PUBLIC_ROOM, say=(Say("utter_public_privacy"),))
    if context.buying is not None:
        await context.buying.purchases.keep_cart(context.call.key, Cart())
    return Outcome(context.call.action, ok=True, say=(Say("utter_cart_empty"),))


def _buying(context: Context, request: BuyRequest, confirmed: Confirmation | None = None) -> Prepare:
    async def prepare(terms: Terms) -> Plan | Refusal:
        buying = context.buying
        if buying is None:
            return refusal(terms, None, "not_offered")
        room = request.from_room or context.call.key.room or buying.room
        filled = await _filled(context, buying, request, terms)
        if isinstance(filled, Refusal):
            return filled
        cart, coupon = filled
        lines = await cart_lines(context.shop, cart)
        cart = replace(cart, items=tuple(Item(one.product.id, one.variant.sku, one.quantity) for one in lines))
        reckoning = reckoned(lines, await context.shop.promotions(terms.now, room), coupon)
        if coupon is not None and not any(taken.offer == coupon for taken in reckoning.taken):
            return _unfit(coupon, terms)
        plan = plan_buy(context.call.key, cart, reckoning, buying.hold_for, terms)
        if confirmed is None or not confirmed.confirmed or confirmed.quote != plan.digest():
            return plan
        return await _begun(context, buying, cart, room, plan)

    return prepare


async def _filled(
    context: Context, buying: Buying, request: BuyRequest, terms: Terms
) -> tuple[Cart, Coupon | None] | Refusal:
    """The cart with what is wanted in it, and its coupon."""
    product = find_product(await context.shop.products(), request.product)
    if product is None:
        return Refusal("no_product", Say("utter_refused_no_product", {"product": request.product}))
    variant = which_variant(product, request, terms)
    if isinstance(variant, Refusal):
        return variant
    pieces = how_many(request)
    if not 1 <= pieces <= min(variant.stock, MAX_PIECES):
        named = variant_text(product.name, variant, terms.language)
        args = {"product": named, "most": min(variant.stock, MAX_PIECES)}
        return Refusal("no_stock", Say("utter_refused_too_many" if variant.stock else "utter_refused_sold_out", args))
    coupons = await usable(context)
    cart = (await buying.purchases.cart(context.call.key)).with_item(Item(product.id, variant.sku, pieces))
    said = f"{request.buy_what or ''} {request.coupon_code or ''}"
    meant = coupon_meant(said, coupons)
    if isinstance(meant, str):
        return Refusal("coupon", Say("utter_refused_coupon", {"coupon": meant}))
    meant = meant or next((coupon for coupon in coupons if coupon.code == cart.coupon), None)
    meant = None if _NO_COUPON.search(folded(said)) else meant
    return replace(cart, coupon=meant.code if meant else ""), meant


def _unfit(coupon: Coupon, terms: Terms) -> Refusal:
    """A coupon takes nothing off this cart; most often because of its minimum."""
    least = coupon.min_spend or Money(0, coupon.currency)
    args = {"coupon": f"{terms.text(coupon.name)} ({coupon.code})", "least": str(least)}
    return Refusal("coupon", Say("utter_refused_coupon_minimum" if least.minor else "utter_refused_coupon", args))


async def _begun(context: Context, buying: Buying, cart: Cart, room: str, plan: Plan) -> Plan:
    """The plan with the address of its checkout. It is kept first: who takes the call up again finds the same."""
    call = context.call
    proven = [proof.removeprefix("customer:") for proof in call.verified if proof.startswith("customer:")]
    fresh = Purchase(
        token=secrets.token_urlsafe(18),
        key=call.key,
        cart=cart,
        room=room,
        language="en" if call.language == "en" else "zh",
        begun_at=call.at,
        held_until=call.at + buying.hold_for,
        customer_id=proven[-1] if proven else "",
    )
    purchase = await buying.purchases.begin(fresh, call.idempotency_key)
    await buying.purchases.keep_cart(call.key, cart)
    return replace(plan, done=replace(plan.done, args={**plan.done.args, "checkout": buying.checkout.link(purchase)}))
