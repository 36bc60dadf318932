"""Product search through the port Recommender: what is kept to, what stands at an end, what is shown where nothing fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commerce import Money
from bot.types import Findings, Language, Need
from knowledge.encoders.hashing import HashingEncoder
from knowledge.recommend.recommender import ShopRecommender
from tests.knowledge.shop import KIDS, SHOE, MemoryShop, variant

TWIN = replace(
    SHOE, id="P6", name=replace(SHOE.name, zh="疾风跑鞋", en="Gale Running Shoes"), aliases=("跑鞋", "running shoes")
)
DEAR = replace(TWIN, id="P7", variants=(variant("P7", 1, "墨绿", "Dark Green", "40", "499", 4),))


async def find(text: str, language: Language = Language.ZH, *more: object) -> Findings:
    shop = MemoryShop(items=(*MemoryShop().items, TWIN, DEAR))
    return await ShopRecommender(shop, HashingEncoder()).recommend(Need(text, language))


def shown(found: Findings) -> list[str]:
    return [card.product_id for card in found.cards]


async def test_budget_and_unwanted_colour_are_kept_to() -> None:
    found = await find("200以内的防晒衣 不要白色")
    assert shown(found) == ["P2"]
    assert "浅蓝" in found.cards[0].reason and "白色" not in found.cards[0].reason


@pytest.mark.parametrize(
    ("text", "language", "first"),
    [
        ("最便宜的跑鞋", Language.ZH, "P5"),
        ("最贵的跑鞋", Language.ZH, "P7"),
        ("the most expensive running shoes", Language.EN, "P7"),
        ("第二便宜的跑鞋", Language.ZH, "P7"),
        ("the second cheapest running shoes", Language.EN, "P7"),
        ("the cheapest thing you have", Language.EN, "P2"),
        ("店里最贵的", Language.ZH, "P1"),
    ],
)
async def test_the_table_says_what_stands_at_an_end(text: str, language: Language, first: str) -> None:
    assert shown(await find(text, language))[0] == first


async def test_equal_prices_share_their_place() -> None:
    found = await find("the cheapest running shoes", Language.EN)
    assert shown(found) == ["P5", "P6", "P7"]
    assert [card.reason.split(";")[0] for card in found.cards] == [
        "1 of 3, lowest first", "1 of 3, lowest first", "2 of 3, lowest first"
    ]  # fmt: skip


async def test_another_product_is_a_bound() -> None:
    assert sorted(shown(await find("比P7便宜的跑鞋"))) == ["P5", "P6"]
    assert shown(await find("running shoes more expensive than P5", Language.EN)) == ["P7"]


async def test_prices_stock_and_what_is_sold_are_those_of_the_moment() -> None:
    shop = MemoryShop(items=(*MemoryShop().items, TWIN, DEAR))
    recommender = ShopRecommender(shop, HashingEncoder())

    async def ids(text: str) -> list[str]:
        return sorted(shown(await recommender.recommend(Need(text, Language.ZH))))

    assert await ids("比P7便宜的跑鞋") == ["P5", "P6"]
    dearer = replace(TWIN, variants=(replace(TWIN.variants[0], price=Money.of("888")),))
    shop.items = (*MemoryShop().items, dearer, DEAR)
    assert await ids("比P7便宜的跑鞋") == ["P5"]
    assert await ids("800以上的跑鞋") == ["P6"]
    reduced = replace(DEAR, variants=(replace(DEAR.variants[0], price=Money.of("300")),))
    shop.items = (*MemoryShop().items, dearer, reduced)
    none = await recommender.recommend(Need("比P7便宜的跑鞋", Language.ZH))
    assert none.confidence == 0.0 and none.passages  # the bound is the present price, too: only the nearest are shown
    shop.items = (*MemoryShop().items, replace(dearer, active=False), reduced)
    assert "P6" not in await ids("跑鞋 推荐")


async def test_a_colour_family_finds_its_shades() -> None:
    assert shown(await find("绿色的跑鞋")) == ["P7"]
    assert shown(await find("green running shoes", Language.EN)) == ["P7"]


async def test_what_is_not_wanted_is_left_out() -> None:
    assert "P6" not in shown(await find("跑鞋 不要疾风的"))


@pytest.mark.parametrize(
    ("text", "language", "why", "nearest"),
    [
        ("100以内的跑鞋", Language.ZH, "现货里没有 ¥100 以内的，最接近的是这些：", "P5"),
        ("running shoes under 100 yuan", Language.EN, "Nothing in stock fits up to ¥100. This comes nearest:", "P5"),
        ("姜黄的冲锋衣", Language.ZH, "现货里没有姜黄的，最接近的是这些：", "P1"),
        ("shell jacket in size L", Language.EN, "Nothing in stock fits size L. This comes nearest:", "P1"),
    ],
)
async def test_where_nothing_fits_the_nearest_is_shown_with_what_was_given_up(
    text: str, language: Language, why: str, nearest: str
) -> None:
    found = await find(text, language)
    assert [passage.text for passage in found.passages] == [why]
    assert shown(found)[0] == nearest


async def test_sold_out_products_are_never_shown() -> None:
    assert "P4" not in shown(await find("最贵的东西"))
    assert KIDS.id in shown(await find("最便宜的儿童冲锋衣"))
