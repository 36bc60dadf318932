"""A small shop in memory: `Shop` as far as the knowledge room reads it, with products that are easily confused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commerce import (
    Attribute,
    Coupon,
    Customer,
    Money,
    Order,
    Product,
    Promotion,
    Return,
    ShelfLink,
    Shipment,
    SizeRow,
    Text,
    Variant,
)
from bot.errors import BadInput

NOW = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)

ADULT = (
    SizeRow("S", (155, 165), (40, 50)),
    SizeRow("M", (160, 170), (50, 60)),
    SizeRow("L", (165, 175), (60, 70)),
)
SHOES = (SizeRow("38", foot_cm=24.0), SizeRow("39", foot_cm=24.5), SizeRow("40", foot_cm=25.0))


def variant(product_id: str, n: int, zh: str, en: str, size: str, price: str, stock: int, was: str = "") -> Variant:
    compare_at = Money.of(was) if was else None
    return Variant(f"{product_id}-{n}-{size}", Text(zh, en), size, Money.of(price), stock, compare_at)


SHELL = Product(
    id="P1",
    name=Text("山脊三合一冲锋衣", "Ridge 3-in-1 Shell Jacket"),
    category="apparel/jackets",
    category_name=Text("外套", "Jackets"),
    brand="屿岚 Yulan",
    aliases=("冲锋衣", "shell jacket", "ridge jacket"),
    description=Text(
        "10000mm 防水、接缝全压胶，暴雨里走两小时里面依旧干爽。抓绒内胆可以单独穿。",
        "Waterproof to 10000 mm with fully taped seams. The fleece liner zips out.",
    ),
    attributes=(
        Attribute("waterproof_mm", Text("防水指数", "Waterproof rating"), Text("10000 mm", "10000 mm")),
        Attribute("material", Text("面料", "Material"), Text("锦纶牛津布", "nylon oxford")),
    ),
    variants=(
        variant("P1", 1, "黑色", "Black", "M", "599", 5, "799"),
        variant("P1", 1, "黑色", "Black", "L", "599", 0, "799"),
        variant("P1", 2, "姜黄", "Mustard", "M", "599", 0, "799"),
    ),
    size_chart=ADULT,
    picture="pictures/P1.png",
    warranty_months=12,
    tags=("waterproof", "outdoor"),
)
SUN = Product(
    id="P2",
    name=Text("冰感防晒衣", "IceFeel Sun Jacket"),
    category="apparel/sun",
    category_name=Text("防晒服饰", "Sun protection"),
    brand="北纬 Beiwei",
    aliases=("防晒衣", "sun jacket", "sun hoodie"),
    description=Text("UPF100+ 实测，上身凉感。", "Tested UPF100+, cool to the touch."),
    attributes=(Attribute("upf", Text("防晒指数", "UV protection"), Text("UPF100+", "UPF100+")),),
    variants=(
        variant("P2", 1, "白色", "White", "M", "159", 3),
        variant("P2", 2, "浅蓝", "Light Blue", "M", "169", 8),
    ),
    size_chart=ADULT,
)
KIDS = Product(
    id="P3",
    name=Text("儿童三防冲锋衣", "Kids' Waterproof Shell"),
    category="apparel/kids",
    category_name=Text("童装", "Kids"),
    brand="小满 Xiaoman",
    aliases=("儿童冲锋衣", "kids shell"),
    variants=(variant("P3", 1, "亮橙", "Orange", "120", "289", 2),),
)
GOWN = Product(
    id="P4",
    name=Text("重工亮片礼服裙", "Sequin Evening Gown"),
    category="apparel/dresses",
    category_name=Text("连衣裙", "Dresses"),
    brand="素年 Sunian",
    aliases=("礼服", "evening gown"),
    returnable=False,
    final_sale_reason=Text("定制级手工亮片，售出不退", "made to order"),
    variants=(variant("P4", 1, "银色", "Silver", "M", "1599", 0),),
)
SHOE = Product(
    id="P5",
    name=Text("轻云跑鞋", "Cloud Running Shoes"),
    category="shoes/running",
    category_name=Text("跑鞋", "Running shoes"),
    brand="北纬 Beiwei",
    aliases=("跑鞋", "running shoes"),
    variants=(variant("P5", 1, "白色", "White", "39", "329", 4),),
    size_chart=SHOES,
)
PRODUCTS = (SHELL, SUN, KIDS, GOWN, SHOE)
SALE = Promotion(
    "PR1", Text("防晒季 9 折", "10% off sun protection"), "percent", "10", "category:apparel/sun", ends_at=LATER
)
COUPON = Coupon("NEW20", Text("新人券 20 元", "New customers: ¥20 off"), "amount", "2000", "all", min_spend=Money.of("129"))


@dataclass
class MemoryShop:
    """`Shop` from tuples."""

    items: tuple[Product, ...] = PRODUCTS
    offers: tuple[Promotion, ...] = (SALE,)
    vouchers: tuple[Coupon, ...] = (COUPON,)
    links: tuple[ShelfLink, ...] = (ShelfLink("main", 3, "P2"), ShelfLink("main", 1, "P1"))
    shown: str | None = None

    async def product(self, product_id: str) -> Product | None:
        return next((item for item in self.items if item.id == product_id), None)

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        if product_ids is None:
            return [item for item in self.items if item.active]
        found = [await self.product(product_id) for product_id in product_ids]
        return [item for item in found if item is not None]

    async def shelf(self, room: str, at: datetime) -> list[ShelfLink]:
        return [link for link in self.links if link.room == room]

    async def on_screen(self, room: str, at: datetime) -> str | None:
        return self.shown

    async def show(self, room: str, product_id: str | None, at: datetime) -> None:
        if product_id is not None and await self.product(product_id) is None:
            raise BadInput(f"there is no product {product_id}.")
        self.shown = product_id

    async def promotions(self, at: datetime | None, room: str = "") -> list[Promotion]:
        return list(self.offers)

    async def coupons(self, at: datetime | None) -> list[Coupon]:
        return list(self.vouchers)

    async def customer(self, customer_id: str) -> Customer | None:
        return None

    async def order(self, order_id: str) -> Order | None:
        return None

    async def order_ids(self, limit: int) -> list[str]:
        return []

    async def orders_of(self, customer_id: str, limit: int = 20) -> list[Order]:
        return []

    async def shipments(self, order_id: str) -> list[Shipment]:
        return []

    async def returns(self, order_id: str) -> list[Return]:
        return []

    async def purchases(self) -> Mapping[str, Sequence[str]]:
        return {}
