"""Our own checkout: what it costs to where, the attempt at paying, and the order that comes of it, once.

What a callback comes to is decided by one row of the shop's audit, under a key made of the checkout's token: the order, or
that it came too late. Whatever else follows (the money back, the word in the conversation, the event in the room) is done
after it, again with each repeat of the callback, and harmless when it is repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from actions.backoffice import Backoffice, Change, Effect, HoldStock, MoveMoney, MoveStock, Payment, PlaceOrder, UseCoupon
from actions.buying import cart_lines, hold_of, reckoned
from actions.items import variant_details
from bot.buying import Attempt, Cart, Item, PricedItem, Purchase, Purchases, Recipient
from bot.commerce import Address, Customer, Money, Order, OrderLine, OrderStatus, Product, Text, Variant
from bot.errors import BadInput, VersionConflict
from bot.live import EventKind, RoomEvent, RoomEvents
from bot.offers import Bill
from bot.payments import Due, Line, Paid, PaymentProvider, View
from bot.ports import Clock, Receiver
from bot.postage import Charge
from bot.text import normal
from bot.types import Author, ConversationKey, Message, Say
from bot.values.places import is_within, places

log = structlog.get_logger(__name__)

# Attempts at writing an order while others buy the same or take the same number.
MAX_CONFLICTS = 5
# What offers took off an order, of which the shop keeps no names.
_REDUCED = Text("优惠", "Offers")
# What sending a purchase to places (ISO 3166 codes) costs at a moment, as the chat tells it; None where that is not known.
PostageOf = Callable[[Bill, Sequence[str], datetime], Awaitable[Charge | None]]


@dataclass(frozen=True, slots=True)
class Till:
    """What the cashier works with. `public_url` is where buyers reach us, `hold_for` how long pieces are held."""

    shop: Backoffice
    purchases: Purchases
    provider: PaymentProvider
    postage: PostageOf
    clock: Clock
    receiver: Receiver
    events: RoomEvents
    public_url: str
    hold_for: timedelta


class ShopCashier:
    """`Cashier` of a shop."""

    def __init__(self, till: Till) -> None:
        self._till = till

    async def view(self, token: str, recipient: Recipient | None) -> View | None:
        purchase = await self._till.purchases.find(token)
        if purchase is None:
            return None
        order = await self._till.shop.order(purchase.order_id) if purchase.order_id else None
        if order is not None:
            products = await self._till.shop.products([line.product_id for line in order.lines])
            return _view_of_order(purchase, order, {product.id: product for product in products})
        reckoning = await self._reckon(purchase)
        if reckoning is None:
            return None
        sent = await self._sent(reckoning, recipient)
        return _view(purchase, reckoning, sent, is_gone=await self._is_gone(purchase, reckoning))

    async def start(self, token: str, recipient: Recipient, total: Money) -> str | None:
        till, now = self._till, self._till.clock.now()
        purchase = await till.purchases.find(token)
        reckoning = await self._reckon(purchase) if purchase else None
        if purchase is None or reckoning is None:
            return None
        if purchase.order_id or purchase.refused:
            raise VersionConflict("this checkout is closed")
        sent = await self._sent(reckoning, recipient)
        if sent is None or not sent.served or sent.total != total:
            raise VersionConflict("the total is another by now, or goods are not sent there")
        attempt = _attempt(token, recipient, reckoning, sent, purchase.cart.coupon)
        until = now + till.hold_for
        await till.shop.commit(_holding(purchase, until, now))
        await till.purchases.add_attempt(token, attempt, until)
        back = f"{till.public_url}/checkout/{token}"
        return await till.provider.start(Due(attempt.id, total, back, purchase.language))

    async def callback(self, headers: Mapping[str, str], body: bytes) -> None:
        paid = await self._till.provider.read(headers, body)
        if paid is None:
            return
        purchase = await self._till.purchases.find(paid.due.partition(".")[0])
        attempt = purchase.attempt(paid.due) if purchase else None
        if purchase is None or attempt is None or paid.amount != Money(attempt.total, attempt.currency):
            log.error("checkout.unknown_payment", due=paid.due, amount=str(paid.amount))
            raise BadInput("this payment is of no checkout of ours, or of another amount.", where="payment", remedy="Look.")
        outcome = await self._settled(purchase, attempt, paid)
        if outcome["attempt"] != attempt.id or not outcome["order"]:
            await self._till.provider.refund(paid)
        await self._tell(purchase, outcome)

    # ------------------------------------------------------------ reckoning

    async def _reckon(self, purchase: Purchase) -> Bill | None:
        """What the checkout's cart costs now; None where nothing of it is in the catalogue any more."""
        lines = await cart_lines(self._till.shop, purchase.cart)
        now = self._till.clock.now()
        coupons = await self._till.shop.coupons(now)
        coupon = next((coupon for coupon in coupons if coupon.code == purchase.cart.coupon), None)
        promotions = await self._till.shop.promotions(now, purchase.room)
        return reckoned(lines, promotions, coupon) if lines else None

    async def _sent(self, reckoning: Bill, recipient: Recipient | None) -> Charge | None:
        """What sending it there costs; None where that is not known."""
        if recipient is None:
            return None
        return await self._till.postage(reckoning, _places(recipient), self._till.clock.now())

    async def _is_gone(self, purchase: Purchase, reckoning: Bill) -> bool:
        """Whether something is sold out by now; while it is held, nothing is."""
        if self._till.clock.now() < purchase.held_until or purchase.order_id:
            return False
        return any(line.variant.stock < line.quantity for line in reckoning.lines)

    # ------------------------------------------------------------ settling

    async def _settled(self, purchase: Purchase, attempt: Attempt, paid: Paid) -> Mapping[str, Any]:
        """What became of the checkout, decided once: {"attempt": ID, "order": ID or ""}."""
        key, now = f"checkout/{purchase.token}", self._till.clock.now()
        for number in range(MAX_CONFLICTS):
            receipt = await self._till.shop.receipt(key)
            if receipt is not None:
                return receipt
            order = await self._order(purchase, attempt, number, now)
            try:
                return await self._till.shop.commit(_selling(key, purchase, attempt, order, paid))
            except VersionConflict as error:
                log.info("checkout.conflict", error=str(error))
        outcome = {"attempt": attempt.id, "order": ""}
        return await self._till.shop.commit(_change(key, "checkout_refused", now, outcome=outcome))

    async def _order(self, purchase: Purchase, attempt: Attempt, number: int, now: datetime) -> Order:
        shop = self._till.shop
        products = await shop.products([priced.item.product_id for priced in attempt.items])
        names = {product.id: product.name for product in products}
        newest = await shop.order_ids(1)
        order_id = order_number(newest[0] if newest else "", f"{purchase.token}/{number}")
        method = self._till.provider.name
        return _order(purchase, attempt, names, order_id=order_id, method=method, now=now)

    async def _tell(self, purchase: Purchase, outcome: Mapping[str, Any]) -> None:
        """The page, the conversation and the room hear of it."""
        till, order_id = self._till, str(outcome["order"])
        await till.purchases.settle(purchase.token, order_id)
        if order_id and (await till.purchases.cart(purchase.key)) == purchase.cart:
            await till.purchases.keep_cart(purchase.key, Cart())
        await till.receiver.accept(_word(purchase, order_id, till.clock.now()))
        attempt = purchase.attempt(str(outcome["attempt"]))
        if order_id and purchase.room and attempt is not None:
            await till.events.tell(purchase.room, _event(purchase, attempt, order_id, till.clock.now()))


# ---------------------------------------------------------------- pure


def order_number(newest: str, source: str) -> str:
    """A number for a new order in the form of the shop's newest one: its last digits, at most eight, are others.

    Where it ends in fewer than six, which others would soon have, the new one ends in eight.
    """
    digits = len(newest) - len(newest.rstrip("0123456789"))
    changed = min(digits, 8) if digits >= 6 else 8
    drawn = int(hashlib.sha256(source.encode()).hexdigest(), 16) % 10**changed
    return f"{newest[: len(newest) - min(digits, changed)]}{drawn:0{changed}d}"


def _places(recipient: Recipient) -> tuple[str, ...]:
    """The codes of where it goes: the places of its country that the region names, or else the town; the country where
    they name none."""
    country = recipient.country
    said = ([code for place in places(normal(text)) for code in place.codes] for text in (recipient.region, recipient.city))
    inside = ([code for code in named if code != country and is_within(code, country)] for named in said)
    return tuple(dict.fromkeys(next(filter(None, inside), [country])))


def _attempt(token: str, recipient: Recipient, reckoning: Bill, sent: Charge, coupon: str) -> Attempt:
    items = tuple(
        PricedItem(
            Item(line.product.id, line.variant.sku, line.quantity), line.variant.price.minor, (line.goods - left).minor
        )
        for line, left in zip(reckoning.lines, reckoning.left, strict=True)
    )
    used = coupon if any(getattr(taken.offer, "code", "") == coupon for taken in reckoning.taken) else ""
    fresh = Attempt("", recipient, items, sent.fee.minor, sent.fee.currency, used)
    digest = hashlib.sha256(orjson.dumps(asdict(fresh), option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
    return replace(fresh, id=f"{token}.{digest}")


def _view(purchase: Purchase, reckoning: Bill, sent: Charge | None, *, is_gone: bool) -> View:
    served = sent is None or sent.served
    return View(
        lines=tuple(
            Line(
                line.product.id,
                line.product.name,
                _details(line.variant),
                line.quantity,
                line.variant.price,
                line.goods,
                line.product.picture,
            )
            for line in reckoning.lines
        ),
        goods=reckoning.goods,
        offers=tuple((taken.offer.name, taken.off) for taken in reckoning.taken),
        reduced=reckoning.total,
        postage=sent.fee if sent and served else None,
        total=sent.total if sent and served else None,
        served=served,
        state="refused" if purchase.refused else "gone" if is_gone else "open",
        held_until=purchase.held_until,
        language=purchase.language,
    )


def _view_of_order(purchase: Purchase, order: Order, products: Mapping[str, Product]) -> View:
    """What was paid for, whatever it costs now."""

    def line(bought: OrderLine) -> Line:
        product = products.get(bought.product_id)
        variant = next((v for v in product.variants if v.sku == bought.sku), None) if product else None
        details = _details(variant) if variant else Text()
        costs, picture = bought.unit_price * bought.quantity, product.picture if product else ""
        return Line(bought.product_id, bought.name, details, bought.quantity, bought.unit_price, costs, picture)

    return View(
        lines=tuple(map(line, order.lines)),
        goods=order.items_total,
        offers=((_REDUCED, order.discount),) if order.discount.minor else (),
        reduced=order.items_total - order.discount,
        postage=order.shipping_fee,
        total=order.total,
        served=True,
        state="paid",
        held_until=purchase.held_until,
        language=purchase.language,
        order_id=order.id,
    )


def _details(variant: Variant) -> Text:
    return Text(variant_details(variant, "zh"), variant_details(variant, "en"))


def _change(key: str, action: str, now: datetime, *, effects: Sequence[Effect] = (), outcome: Mapping[str, Any]) -> Change:
    order = str(outcome.get("order", ""))
    return Change(key, action, "checkout", now, "the buyer pays", tuple(effects), outcome, order)


def _holding(purchase: Purchase, until: datetime, now: datetime) -> Change:
    """The pieces are held anew while the buyer pays."""
    hold, items = hold_of(purchase.key), purchase.cart.items
    holds = [HoldStock(hold, item.sku, item.pieces, until) for item in items] if until > now else []
    key = f"checkout/{purchase.token}/hold/{now.isoformat()}"
    return _change(key, "checkout_hold", now, effects=holds, outcome={"ok": True})


def _selling(key: str, purchase: Purchase, attempt: Attempt, order: Order, paid: Paid) -> Change:
    """The hold becomes the sale: order, pieces, coupon and money in one transaction."""
    hold, now = hold_of(purchase.key), order.placed_at
    money = Payment(f"{paid.reference}/{attempt.id}", order.id, "payment", paid.amount, order.payment_method, now)
    effects: list[Effect] = [
        PlaceOrder(order, _customer(purchase, attempt, order, now)),
        *(MoveStock(priced.item.sku, -priced.item.pieces, hold) for priced in attempt.items),
        MoveMoney(money),
    ]
    if attempt.coupon:
        effects.append(UseCoupon(attempt.coupon))
    return _change(key, "checkout_paid", now, effects=effects, outcome={"attempt": attempt.id, "order": order.id})


def _order(
    purchase: Purchase, attempt: Attempt, names: Mapping[str, Text], *, order_id: str, method: str, now: datetime
) -> Order:
    def money(minor: int) -> Money:
        return Money(minor, attempt.currency)

    lines = tuple(
        OrderLine(
            number,
            priced.item.sku,
            priced.item.product_id,
            names.get(priced.item.product_id, Text(priced.item.sku, priced.item.sku)),
            priced.item.pieces,
            money(priced.unit),
            money(priced.discount),
        )
        for number, priced in enumerate(attempt.items, 1)
    )
    return Order(
        id=order_id,
        customer_id=purchase.customer_id or _guest(purchase.key),
        status=OrderStatus.PENDING,
        placed_at=now,
        paid_at=now,
        lines=lines,
        items_total=money(attempt.goods),
        discount=money(attempt.discount),
        shipping_fee=money(attempt.postage),
        total=money(attempt.total),
        payment_method=method,
        ship_to=_address(attempt.recipient),
        coupon_code=attempt.coupon,
        room=purchase.room,
    )


def _guest(key: ConversationKey) -> str:
    """The customer's id of somebody without an account: one for all that is bought in a conversation."""
    return f"G{hashlib.sha256(str(key).encode()).hexdigest()[:15].upper()}"


def _customer(purchase: Purchase, attempt: Attempt, order: Order, now: datetime) -> Customer:
    to, address = attempt.recipient, _address(attempt.recipient)
    return Customer(order.customer_id, to.name, to.email.lower(), to.phone, purchase.language, "", 0, now, address)


def _address(to: Recipient) -> Address:
    return Address(to.name, to.phone, to.line, to.city, to.region, to.postal_code, to.country)


def _word(purchase: Purchase, order_id: str, now: datetime) -> Message:
    """What the conversation hears."""
    say = Say("utter_order_placed", {"order_number": order_id}) if order_id else Say("utter_payment_refused")
    name = f"checkout/{purchase.token}"
    return Message(name, purchase.key, "", now, locale=purchase.language, author=Author.SHOP, say=say)


def _event(purchase: Purchase, attempt: Attempt, order_id: str, now: datetime) -> RoomEvent:
    """What the room hears: that somebody bought, never who."""
    pieces = sum(priced.item.pieces for priced in attempt.items)
    author = hashlib.sha256(str(purchase.key).encode()).hexdigest()[:16]
    what = attempt.items[0].item.product_id
    return RoomEvent(order_id, EventKind.ORDER_PAID, author, "", now, pieces, what, Money(attempt.total, attempt.currency))
