"""What an offer takes off, from the table a merchant writes to the cents that are saved: one unit all the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from actions.backoffice import Backoffice
from actions.shop.importers.choosing import load_shop
from actions.shop.rest import RestShop
from actions.shop.sql import SqlShop
from bot.commerce import Coupon, Money, Promotion, Text, reduction
from bot.errors import ShopUnavailable
from tests.actions.counter import Counter
from tests.actions.shop_server import shop_server
from tests.shop_folder import write_shop

LAMP = Money(19900)
COUPONS = """code,name_zh,name_en,kind,value,min_spend,max_discount,applies_to
TWENTY,减 20 元,¥20 off,amount,20,150,,product:P1
ODD,减 5.55 元,¥5.55 off,amount,5.55,,,product:P2
TENTH,9 折,10% off,percent,10,,12.50,product:P3
"""
PRODUCTS = "product_id,category,name_zh,name_en\nP1,a,台灯,Desk Lamp\nP2,a,地毯,Wool Rug\nP3,a,窗帘,Curtain\n"
VARIANTS = "sku,product_id,price,stock\nP1-1,P1,199.00,5\nP2-1,P2,350.00,2\nP3-1,P3,99.99,2\n"
PROMOTIONS = "promotion_id,name_zh,name_en,kind,value,min_spend,applies_to\nPR,减 30 元,¥30 off,amount,30,180,product:P1\n"


@pytest.fixture(params=["sql", "rest"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backoffice]:
    """A shop loaded from its folder: our own tables, and the same behind HTTP."""
    opened = await SqlShop.open(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    tables = {"coupons_csv": COUPONS, "products_csv": PRODUCTS, "variants_csv": VARIANTS, "promotions_csv": PROMOTIONS}
    report = await load_shop(write_shop(tmp_path / "shop", **tables), opened, date(2026, 6, 18))
    assert not [
        refusal for file in report.files for refusal in file.refused if file.name in ("coupons.csv", "promotions.csv")
    ]
    rest = RestShop(
        httpx.AsyncClient(transport=httpx.ASGITransport(app=shop_server(opened)), base_url="http://x"), pause_s=0
    )
    yield rest if request.param == "rest" else opened
    await rest.close()
    await opened.close()


@pytest.mark.parametrize(
    ("product", "costs", "used"),
    [
        ("P1", 19900 - 3000 - 2000, "TWENTY"),  # the promotion first
        ("P2", 35000 - 555, "ODD"),
        ("P3", 9999 - 999, "TENTH"),
    ],
)
async def test_from_the_folder_to_the_cents_that_an_order_saves(
    shop: Backoffice, product: str, costs: int, used: str
) -> None:
    outcome = await Counter(shop, verified=()).run("action_coupons", product=product)  # type: ignore[arg-type]
    assert (outcome.data["best"], outcome.data["costs"]) == ([used], costs)


@pytest.mark.parametrize("value", ["20.00", "-5", "", "twenty", "１２"])
def test_an_amount_that_is_no_minor_units_is_no_offer(value: str) -> None:
    with pytest.raises(ValueError, match="whole minor units"):
        Coupon("C", Text("券", "coupon"), "amount", value, "all")


@pytest.mark.parametrize("value", ["0", "101", "-1", "NaN", "ten"])
def test_percent_off_is_above_nothing_and_at_most_all(value: str) -> None:
    with pytest.raises(ValueError, match="percent off"):
        Promotion("P", Text("活动", "offer"), "percent", value, "all")


async def test_a_shop_over_rest_that_sends_major_units_is_told() -> None:
    coupon = {"code": "C", "name": {"zh": "券"}, "kind": "amount", "value": "20.00", "applies_to": "all"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=[coupon]))
    shop = RestShop(httpx.AsyncClient(transport=transport, base_url="http://x"), pause_s=0)
    with pytest.raises(ShopUnavailable, match="whole minor units"):
        await shop.coupons(Counter.now)
    await shop.close()


def test_a_reduction_is_never_more_than_the_amount_or_its_limit() -> None:
    assert reduction(Coupon("C", Text(), "amount", "50000", "all"), LAMP) == LAMP
    assert reduction(Coupon("C", Text(), "percent", "50", "all", max_discount=Money(4000)), LAMP) == Money(4000)
    assert reduction(Coupon("C", Text(), "amount", "2000", "all", min_spend=Money(20000)), LAMP) == Money(0)
    assert reduction(Coupon("C", Text(), "amount", "2000", "all", currency="USD"), LAMP) == Money(0)
