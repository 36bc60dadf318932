"""A small shop in SQL and somebody at its counter: rows put in directly, verbs called through their real door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.buying import Buying
from actions.codes import CodeSender
from actions.numbers import ShopOrderNumbers
from actions.policy import Policy, load_policy
from actions.registry import VERBS, ShopActions, Verb
from actions.shop import rows, tables
from actions.shop.sql import SqlShop
from bot.commerce import Address, Coupon, Customer, Money, Order, OrderLine, OrderStatus, Product, Promotion, Text, Variant
from bot.fakes import MemoryStore
from bot.responding.templates import Templates
from bot.types import Audience, Call, ConversationKey, Language, Outcome

RESPONSES = Templates([Path("bot/data/responses")])
POLICY = load_policy()
NOW = datetime(2026, 6, 18, 4, 0, tzinfo=UTC)  # noon in Shanghai
HOME = Address("王小明", "+8613800001234", "人民路 1 号", "杭州市", "浙江省", "310000", "CN")


def _variant(sku: str, color: Text, size: str, price: str, stock: int) -> Variant:
    return Variant(sku, color, size, Money.of(price), stock)


BLACK, YELLOW = Text("黑色", "Black"), Text("姜黄", "Mustard")
JACKET = Product(
    id="P1",
    name=Text("山脊冲锋衣", "Ridge Shell Jacket"),
    category="apparel/jackets",
    brand="屿岚",
    aliases=("冲锋衣", "shell jacket"),
    warranty_months=12,
    variants=(
        _variant("P1-1-M", BLACK, "M", "599", 5),
        _variant("P1-1-L", BLACK, "L", "599", 2),
        _variant("P1-2-M", YELLOW, "M", "649", 1),
        _variant("P1-2-L", YELLOW, "L", "559", 3),
        _variant("P1-1-XL", BLACK, "XL", "599", 0),
    ),
)
SERUM = Product(
    id="P2",
    name=Text("早 C 晚 A 精华", "Day C Night A Serum"),
    category="beauty/skincare",
    brand="素年",
    returnable=False,
    final_sale_reason=Text("护肤品拆封后不退", "opened skincare cannot be returned"),
    variants=(_variant("P2-1", Text(), "30ml", "199", 9), _variant("P2-2", Text(), "50ml", "299", 9)),
)
HAT = Product(
    id="P3",
    name=Text("渔夫帽", "Bucket Hat"),
    category="apparel/hats",
    brand="栖木",
    tags=("clearance",),
    variants=(_variant("P3-1", BLACK, "M", "59", 20),),
)
GOWN = Product(
    id="P4",
    name=Text("亮片礼服裙", "Sequin Gown"),
    category="apparel/dresses",
    brand="素年",
    returnable=False,
    final_sale_reason=Text("定制礼服，售出不退", "made to order"),
    variants=(
        _variant("P4-1-S", Text("银色", "Silver"), "S", "1599", 2),
        _variant("P4-1-M", Text("银色", "Silver"), "M", "1599", 2),
    ),
)
PRODUCTS = (JACKET, SERUM, HAT, GOWN)
COUPONS = (
    Coupon(
        "NEW20", Text("新人券", "New customers"), "amount", "2000", "all", min_spend=Money.of("129"), per_customer=1, used=5
    ),
    Coupon(
        "JACKET10", Text("外套 9 折券", "10% off jackets"), "percent", "10", "category:apparel", max_discount=Money.of("40")
    ),
    Coupon("SHIPFREE", Text("免运费券", "Free shipping"), "shipping", "0", "all", stackable=True),
)
PROMOTIONS = (
    Promotion("PR1", Text("满 300 减 40", "¥40 off from ¥300"), "amount", "4000", "all", min_spend=Money.of("300")),
)


def customer(number: str, level: str = "basic", points: int = 1000) -> Customer:
    """A customer with an address."""
    return Customer(number, "王小明", f"{number.lower()}@example.com", HOME.phone, "zh", level, points, NOW, HOME)


def order(
    number: str,
    status: str,
    lines: Sequence[tuple[str, int, str]],
    *,
    customer_id: str = "C1",
    method: str = "alipay",
    shipping: str = "0",
    days_ago: int = 3,
    points: tuple[int, int] = (0, 0),
    coupon: str = "",
    discount: str | None = None,
) -> Order:
    """An order of (sku, quantity, discount) lines; it was paid, sent and delivered as far as its status says."""
    prices = {variant.sku: (product, variant) for product in PRODUCTS for variant in product.variants}
    made = tuple(
        OrderLine(n, sku, prices[sku][0].id, prices[sku][0].name, quantity, prices[sku][1].price, Money.of(off))
        for n, (sku, quantity, off) in enumerate(lines, 1)
    )
    items = Money(sum(line.unit_price.minor * line.quantity for line in made))
    off = Money.of(discount) if discount else Money(sum(line.discount.minor for line in made))
    at = NOW - timedelta(days=days_ago)
    arrived = status not in ("pending_payment", "pending", "processed", "shipped", "cancelled")
    return Order(
        id=number,
        customer_id=customer_id,
        status=OrderStatus(status),
        placed_at=at - timedelta(days=3),
        lines=made,
        items_total=items,
        discount=off,
        shipping_fee=Money.of(shipping),
        total=items - off + Money.of(shipping),
        payment_method=method,
        ship_to=HOME,
        coupon_code=coupon,
        points_used=points[0],
        points_earned=points[1],
        paid_at=None if status == "pending_payment" else at - timedelta(days=3),
        delivered_at=at if arrived else None,
        closed_at=at if status == "completed" else None,
    )


CUSTOMERS = (customer("C1"), customer("C2"), customer("C3", "gold"))
ORDERS = (
    order("SD1", "pending", [("P1-1-M", 1, "40"), ("P3-1", 2, "0")], shipping="8", points=(300, 0), coupon="NEW20"),
    order("SD2", "pending_payment", [("P1-1-M", 1, "0")]),
    order("SD3", "shipped", [("P1-1-M", 1, "0")]),
    order("SD4", "delivered", [("P1-1-M", 3, "100"), ("P2-1", 1, "20"), ("P3-1", 1, "0")], shipping="8", points=(100, 1900)),
    order("SD5", "completed", [("P1-1-M", 1, "0")], days_ago=12),
    order("SD6", "delivered", [("P1-1-M", 1, "0")], customer_id="C2"),
    order("SD7", "pending", [("P4-1-S", 2, "0")], method="gift-C1"),
    order("SD8", "delivered", [("P4-1-S", 1, "0")]),
    order("SD9", "delivered", [("P1-1-M", 1, "0")], customer_id="C3"),
)


async def fill(shop: SqlShop, orders: Iterable[Order], customers: Sequence[Customer]) -> None:
    """Put the catalogue, the offers, customers, and orders with their payments into an empty shop."""
    async with shop.transaction() as connection:
        for product in PRODUCTS:
            head = {"id": product.id, "active": 1, "category": product.category, "data": rows.product_data(product)}
            await connection.execute(tables.products.insert(), head)
            for position, variant in enumerate(product.variants):
                row = {"sku": variant.sku, "product_id": product.id, "position": position, "size": variant.size}
                colors = {"color_zh": variant.color.zh, "color_en": variant.color.en}
                price = {"price": variant.price.minor, "currency": "CNY", "stock": variant.stock}
                await connection.execute(tables.variants.insert(), {**row, **colors, **price})
        await connection.execute(tables.coupons.insert(), [_offer(coupon) for coupon in COUPONS])
        await connection.execute(tables.promotions.insert(), [_offer(promotion) for promotion in PROMOTIONS])
        for person in customers:
            row = {name: getattr(person, name) for name in ("id", "name", "email", "phone", "locale", "level", "points")}
            more = {"created_at": rows.time_text(NOW), "address": rows.address_data(person.address)}
            await connection.execute(tables.customers.insert(), {**row, **more})
            cards = [(f"gift-{person.id}", "gift_card", 100_000), (f"card-{person.id}", "card", None)]
            for method, kind, balance in cards:
                card = {"id": method, "customer_id": person.id, "kind": kind, "balance": balance, "currency": "CNY"}
                await connection.execute(tables.payment_methods.insert(), card)
        for made in orders:
            await connection.execute(tables.orders.insert(), {"id": made.id, **rows.order_data(made), "version": 0})
            await connection.execute(tables.order_lines.insert(), [rows.line_data(made.id, line) for line in made.lines])
            if made.paid_at:
                paid = {"id": f"pay-{made.id}", "order_id": made.id, "kind": "payment", "amount": made.total.minor}
                more = {"method": made.payment_method, "at": rows.time_text(made.paid_at), "status": "done", "reason": ""}
                await connection.execute(tables.payments.insert(), {**paid, **more, "currency": "CNY", "line": None})


def _offer(offer: Coupon | Promotion) -> dict[str, Any]:
    names = ("kind", "value", "currency", "applies_to")
    row: dict[str, Any] = {name: getattr(offer, name) for name in names}
    row |= {
        "name_zh": offer.name.zh,
        "name_en": offer.name.en,
        "min_spend": offer.min_spend.minor if offer.min_spend else None,
    }
    row |= {"starts_at": None, "ends_at": None}
    if isinstance(offer, Promotion):
        return {"id": offer.id, "room": offer.room, **row}
    limit = offer.max_discount.minor if offer.max_discount else None
    uses = {"per_customer": offer.per_customer, "total": offer.total, "used": offer.used, "stackable": int(offer.stackable)}
    return {"code": offer.code, "max_discount": limit, **uses, **row}


@dataclass
class Counter:
    """Calls verbs like the engine does: one conversation, a new idempotency key for each call."""

    shop: SqlShop
    policy: Policy = POLICY
    verified: tuple[str, ...] = ("customer:C1",)
    language: Language = Language.ZH
    audience: Audience = Audience.PRIVATE
    now: datetime = NOW
    calls: int = 0
    user: str = "u1"
    origin: str = ""
    proofs: MemoryStore = field(default_factory=MemoryStore)
    codes: CodeSender | None = None
    buying: Buying | None = None
    verbs: Mapping[str, Verb] = field(default_factory=lambda: VERBS)

    async def run(self, action: str, *, key: str = "", **arguments: Any) -> Outcome:
        """One call of a verb."""
        self.calls += 1
        conversation = ConversationKey("web", "", self.user)
        call = Call(
            action,
            arguments,
            conversation,
            self.language,
            self.audience,
            key or f"{conversation}/{self.calls}/0",
            self.now,
            self.verified,
            origin=self.origin,
        )
        outcome = await ShopActions(
            self.shop,
            self.proofs,
            policy=self.policy,
            codes=self.codes,
            numbers=ShopOrderNumbers(self.shop),
            buying=self.buying,
            verbs=self.verbs,
        ).run(call)
        self._as_declared(action, outcome)
        return outcome

    def _as_declared(self, action: str, outcome: Outcome) -> None:
        """Whatever a test makes a verb do is in the table that docs/actions.md is made of."""
        verb = self.verbs[action]
        assert outcome.action == action
        assert outcome.ok != bool(outcome.refusal)
        assert outcome.ok or outcome.refusal in verb.refusals, f"{action} does not declare {outcome.refusal}"
        assert set(outcome.slots) <= set(verb.slots), f"{action} does not declare all of {set(outcome.slots)}"
        said = {say.response for say in outcome.say}
        assert not outcome.ok or said <= set(verb.says), f"{action} does not declare all of {said}"
        for say in outcome.say:
            for language in (Language.ZH, Language.EN, Language.ZH_HANT):
                slots = {"language": language.value, "audience": self.audience.value, "link": "/chat"}
                assert RESPONSES.say(say.response, say.args, language, slots, "seed").text

    async def do(self, action: str, *, key: str = "", **arguments: Any) -> Outcome:
        """Quote, say yes, write. A refusal of the quote is the outcome."""
        quoted = await self.run(self.verbs[action].quote, **arguments)
        if not quoted.ok:
            return quoted
        return await self.run(action, key=key, confirmed=True, quote=quoted.slots["quote"], **arguments)


async def everything(shop: SqlShop) -> dict[str, list[Mapping[str, Any]]]:
    """All rows of all tables, to see that nothing was written."""
    async with shop.transaction() as connection:
        return {
            table.name: [dict(row) for row in (await connection.execute(sa.select(table))).mappings()]
            for table in tables.METADATA.sorted_tables
        }


async def stock(shop: SqlShop) -> dict[str, int]:
    """Pieces on the shelf by SKU."""
    products = await shop.products()
    return {variant.sku: variant.stock for product in products for variant in product.variants}


async def set_price(shop: SqlShop, sku: str, price: str) -> None:
    """The shop changes a price."""
    async with shop.transaction() as connection:
        update = tables.variants.update().where(tables.variants.c.sku == sku)
        await connection.execute(update.values(price=Money.of(price).minor))


def with_policy(**changes: Any) -> Policy:
    """Our policy with sections replaced."""
    return POLICY.model_copy(update=changes)
