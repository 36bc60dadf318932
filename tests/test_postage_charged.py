"""What the chat tells of a purchase that is sent is what the checkout charges, for any cart, place and offers.

Where one knows no sum, neither does the other. The cart is asked for in words, in both languages, of shops whose documents
have rules for some of their goods.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from actions.cashier import ShopCashier, Till
from actions.trial_payments import TrialPayments
from bot.buying import Cart, Item, Purchase, Recipient
from bot.commerce import Coupon, Money, Product, Promotion, Text, Variant
from bot.errors import VersionConflict
from bot.fakes import FakeClock, FakeReceiver, MemoryPurchases
from bot.live import RoomEvents
from bot.payments import View
from bot.postage import Band, Postage, Zone
from bot.types import ConversationKey, Findings, Language, Question
from knowledge.encoders.hashing import HashingEncoder
from knowledge.finder import KnowledgeBase
from tests.knowledge.shop import NOW, MemoryShop

ROUNDS = 120
KEY = ConversationKey("web", "", "u1")


def sold(name: str, zh: str, en: str, kind: tuple[str, str], price: str) -> Product:
    """A product with a single variant."""
    variant = Variant(f"{name}-1", Text(), "", Money.of(price), 50)
    return Product(name, Text(zh, en), f"music/{kind[1].lower()}", "", (variant,), category_name=Text(*kind))


PIANOS, HARPS, DRUMS, STANDS = ("钢琴", "Pianos"), ("竖琴", "Harps"), ("架子鼓", "Drum kits"), ("谱架", "Music stands")
GOODS = (
    sold("P1", "晨曦立式钢琴", "Dawn Upright Piano", PIANOS, "3000"),
    sold("P2", "夜莺三角钢琴", "Nightingale Grand Piano", PIANOS, "9000"),
    sold("H1", "云杉竖琴", "Spruce Pedal Harp", HARPS, "5200"),
    sold("D1", "雷霆架子鼓", "Thunder Drum Kit", DRUMS, "2400"),
    sold("S1", "折叠谱架", "Folding Music Stand", STANDS, "80"),
    sold("S2", "铸铁谱架", "Castiron Music Stand", STANDS, "210"),
)
DOCUMENTS = {
    "delivery.zh.md": """# 配送
## 运费
实付满 300 元包邮，不满收 11 元。新疆、西藏一律 26 元。香港 60 元。台湾不发货。
## 钢琴怎么送
钢琴不在免邮范围内。福建、湖南每台 130 元，其他地方每台 270 元。西藏不送钢琴。
## 竖琴运费
竖琴不参加免邮，四川每架 90 元，其他地区每架 150 元。
## 架子鼓运费
架子鼓按体积算，每套大约 50 元起，看远近。
""",
    "delivery.en.md": """# Delivery
## Postage
Free from ¥300 paid, otherwise ¥11. Xinjiang and Tibet always cost ¥26. Hong Kong ¥60. We don't deliver to Taiwan.
## How pianos are sent
Pianos aren't part of the free postage: ¥130 each to Fujian and Hunan, ¥270 each elsewhere. We don't deliver pianos to Tibet.
## Postage for harps
Harps aren't part of the free postage: ¥90 apiece to Sichuan, ¥150 apiece elsewhere.
## Postage for drum kits
Drum kits go by volume, roughly ¥50 a set and up, depending on the distance.
""",
}
HOME = Recipient("王小明", "+8613800001234", "人民路 1 号", "", "", "310000", "CN")
# What the chat hears of a place, and what stands in an address there.
PLACES: tuple[tuple[str, str, Recipient], ...] = (
    ("成都", "Chengdu", replace(HOME, region="四川省", city="成都市")),
    ("长沙", "Changsha", replace(HOME, region="湖南", city="长沙")),
    ("拉萨", "Lhasa", replace(HOME, region="西藏自治区", city="拉萨市")),
    ("新疆", "Xinjiang", replace(HOME, region="新疆维吾尔自治区", city="喀什地区")),
    ("厦门", "Xiamen", replace(HOME, region="Fujian Province", city="Xiamen")),
    ("广州", "Guangzhou", replace(HOME, region="", city="广州市")),
    ("香港", "Hong Kong", replace(HOME, region="香港特别行政区", city="九龙")),
    ("台湾", "Taiwan", replace(HOME, region="台湾", city="台北市", country="TW")),
    ("日本", "Japan", replace(HOME, region="", city="Nagoya", country="JP")),
)
OFFERS: tuple[tuple[Promotion, ...], ...] = (
    (),
    (Promotion("A", Text("谱架八五折", "15% off stands"), "percent", "15", "category:music/music stands"),),
    (Promotion("B", Text("满减", "off"), "amount", "2500", "all", min_spend=Money.of("300")),),
    (Promotion("C", Text("免邮", "free delivery"), "shipping", "0", "all", min_spend=Money.of("160")),),
)
COUPON = Coupon("SPRING12", Text("春日券", "Spring coupon"), "amount", "1200", "all")


@dataclass
class World:
    """A shop with its chat and its checkout."""

    shop: MemoryShop
    knowledge: KnowledgeBase
    purchases: MemoryPurchases = field(default_factory=MemoryPurchases)
    begun: int = 0

    @property
    def cashier(self) -> ShopCashier:
        clock, receiver = FakeClock(NOW), FakeReceiver()
        hold_for = timedelta(minutes=10)
        return ShopCashier(
            Till(
                self.shop,
                self.purchases,
                TrialPayments(),
                self.knowledge.postage,
                clock,
                receiver,
                RoomEvents(),
                "",
                hold_for,
            )
        )

    async def checkout(self, cart: Cart) -> str:
        """The token of a purchase."""
        self.begun += 1
        token = f"t{self.begun}"
        await self.purchases.begin(Purchase(token, KEY, cart, "", "zh", NOW, NOW + timedelta(minutes=10)), token)
        return token

    async def told(self, text: str, language: Language) -> Findings:
        return await self.knowledge.find(Question(text, language, asked_at=NOW))


async def world(folder: Path, documents: dict[str, str], own: Postage | None = None) -> World:
    kept = folder / "documents"
    kept.mkdir()
    for name, text in documents.items():
        (kept / name).write_text(text, "utf-8")
    shop = MemoryShop(items=GOODS, offers=(), vouchers=(COUPON,), links=())
    knowledge = KnowledgeBase(shop, HashingEncoder(), folder / "index", postage=own)
    await knowledge.load(kept)
    return World(shop, knowledge)


def asked(cart: Sequence[tuple[Product, int]], place: str, language: Language, coupon: str) -> str:
    """How much a cart comes to when it is sent somewhere."""
    if language is Language.EN:
        goods = " and ".join(f"{pieces} x {product.name.en}" for product, pieces in cart)
        return f"how much altogether for {goods}, sent to {place}{f', with coupon {coupon}' if coupon else ''}?"
    goods = "和".join(f"{pieces}个{product.name.zh}" for product, pieces in cart)
    return f"{goods}寄到{place}一共多少钱{f'，用券 {coupon}' if coupon else ''}？"


def in_chat(found: Findings) -> str | None:
    """The sum with postage that the chat tells, "-" for a place to which nothing is sent, None where it tells no postage."""
    text = next((passage.text for passage in found.passages if passage.live), "")
    if "不发货" in text or "don't send to" in text:
        return "-"
    if "运费" not in text and "delivery" not in re.sub(r"“[^”]*”", "", text):
        return None
    return re.findall(r"(?:一共|total to pay) (¥[\d,.]*\d)", text)[-1].replace(",", "")


def at_the_checkout(view: View | None) -> str | None:
    assert view is not None
    if not view.served:
        return "-"
    assert (view.total is None) == (view.postage is None)
    return str(view.total).replace(",", "") if view.total is not None else None


async def both(
    here: World, cart: Sequence[tuple[Product, int]], place: int, language: Language, coupon: str = ""
) -> tuple[str | None, str | None, str]:
    """What the chat tells, what the checkout shows, and what was asked."""
    zh, en, recipient = PLACES[place]
    text = asked(cart, en if language is Language.EN else zh, language, coupon)
    told = in_chat(await here.told(text, language))
    items = tuple(Item(product.id, product.variants[0].sku, pieces) for product, pieces in cart)
    token = await here.checkout(Cart(items, coupon))
    return told, at_the_checkout(await here.cashier.view(token, recipient)), text


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
async def test_any_cart_costs_at_the_checkout_what_the_chat_tells(language: Language, tmp_path: Path) -> None:
    here, drawn = await world(tmp_path, DOCUMENTS), random.Random(language.value)
    known = unknown = mixed = 0
    for _ in range(ROUNDS):
        here.shop.offers = drawn.choice(OFFERS)
        goods = drawn.sample(GOODS, drawn.choice((1, 1, 2, 3)))
        cart = [(product, drawn.randint(1, 4)) for product in goods]
        told, charged, text = await both(
            here, cart, drawn.randrange(len(PLACES)), language, drawn.choice(("", "", COUPON.code))
        )
        assert told == charged, (text, here.shop.offers)
        known, unknown, mixed = known + (told is not None), unknown + (told is None), mixed + (len(goods) > 1)
    assert min(known, unknown, mixed) > ROUNDS // 6


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
async def test_of_goods_that_the_rules_are_silent_of_nothing_is_charged(language: Language, tmp_path: Path) -> None:
    here = await world(tmp_path, DOCUMENTS)
    piano, _, harp, drums, stand, _ = GOODS
    expected: list[tuple[list[tuple[Product, int]], int, str | None]] = [
        ([(piano, 2)], 0, "¥6540"),  # 270 each
        ([(harp, 3)], 0, "¥15870"),  # 90 each
        ([(piano, 1)], 2, "-"),
        ([(stand, 1)], 0, "¥91"),
        ([(stand, 1)], 3, "¥106"),
        ([(stand, 1)], 6, "¥140"),
        ([(stand, 1)], 7, "-"),
        ([(piano, 1), (stand, 1)], 0, None),  # different rules in one parcel
        ([(piano, 1), (harp, 1)], 0, None),
        ([(drums, 1)], 0, None),  # a rule that was not understood
        ([(drums, 1), (stand, 1)], 0, None),
        ([(stand, 1)], 8, None),  # no rule for the country
    ]
    for cart, place, total in expected:
        told, charged, text = await both(here, cart, place, language)
        assert (told, charged) == (total, total), text


async def test_no_money_is_taken_before_the_postage_is_known(tmp_path: Path) -> None:
    here = await world(tmp_path, DOCUMENTS)
    drums = GOODS[3]
    token, to = await here.checkout(Cart((Item(drums.id, drums.variants[0].sku, 1),))), PLACES[0][2]
    view = await here.cashier.view(token, to)
    assert view is not None
    assert (view.state, view.served, view.postage, view.total) == ("open", True, None, None)
    for total in (view.reduced, Money.of("2411"), Money(0)):
        with pytest.raises(VersionConflict):
            await here.cashier.start(token, to, total)


async def test_the_rule_of_the_shops_own_is_said_and_charged_whatever_the_documents_say(tmp_path: Path) -> None:
    own = Postage((Band(Decimal(0), Decimal(7)),), (Zone(("CN-XZ",), on_top=Decimal(5)), Zone(("TW",), served=False)))
    here, drawn = await world(tmp_path, DOCUMENTS, own), random.Random(7)
    for _ in range(ROUNDS // 4):
        cart = [(product, drawn.randint(1, 4)) for product in drawn.sample(GOODS, drawn.choice((1, 2, 3)))]
        told, charged, text = await both(here, cart, drawn.randrange(len(PLACES)), Language.ZH)
        assert told == charged, text


async def test_documents_that_disagree_charge_nothing(tmp_path: Path) -> None:
    here = await world(tmp_path, DOCUMENTS | {"delivery.en.md": DOCUMENTS["delivery.en.md"].replace("¥11", "¥12")})
    assert (await both(here, [(GOODS[4], 1)], 0, Language.ZH))[:2] == (None, None)


@pytest.mark.parametrize(
    ("region", "city", "country", "fee"),
    [
        ("西藏自治区", "阿里地区", "CN", "¥26"),
        ("Xinjiang Uygur Autonomous Region", "Kashgar", "CN", "¥26"),
        ("中国新疆", "", "CN", "¥26"),
        ("四川省", "成都市", "CN", "¥11"),
        ("", "拉萨市", "CN", "¥26"),
        ("Hong Kong SAR", "Kowloon", "CN", "¥60"),
        ("", "", "HK", "¥60"),
        ("Georgia", "Atlanta", "US", None),
    ],
)
async def test_an_address_is_where_its_region_or_town_says(
    region: str, city: str, country: str, fee: str | None, tmp_path: Path
) -> None:
    here, stand = await world(tmp_path, DOCUMENTS), GOODS[4]
    token = await here.checkout(Cart((Item(stand.id, stand.variants[0].sku, 1),)))
    view = await here.cashier.view(token, replace(HOME, region=region, city=city, country=country))
    assert view is not None and (str(view.postage) if view.postage is not None else None) == fee
