"""The port Knowledge on a small shop and a folder of documents: what settles a question, and what is left unanswered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.commerce import Text
from bot.responding.responder import Responder
from bot.types import Entity, Exchange, Findings, Language, Question
from knowledge.encoders.hashing import HashingEncoder
from knowledge.finder import KnowledgeBase, _likeliest
from knowledge.recommend.recommender import ShopRecommender
from knowledge.synonyms import with_document_words
from tests.knowledge.shop import NOW, SHOE, MemoryShop

RETURNS = """---
title: 退货规则
---
# 退货规则
## 七天无理由退货
签收次日起 7 天内，商品完好可以无理由退货。
## 运费
单笔订单满 99 元包邮，不满收运费 8 元。
"""
OLD = RETURNS.replace("7 天", "15 天").replace("title: 退货规则", "title: 旧规则\nvalid_until: 2026-01-01")
LEVELS = """# 会员
## 会员等级
| 等级 | 年消费 | 权益 |
|---|---|---|
| 银卡 | 1000 元 | 98 折 |
| 金卡 | 3000 元 | 95 折 |
"""


@pytest_asyncio.fixture
async def base(tmp_path: Path) -> AsyncIterator[KnowledgeBase]:
    documents = tmp_path / "documents"
    documents.mkdir()
    for name, text in (("returns.zh.md", RETURNS), ("old.zh.md", OLD), ("levels.zh.md", LEVELS)):
        (documents / name).write_text(text, "utf-8")
    knowledge = KnowledgeBase(MemoryShop(), HashingEncoder(), tmp_path / "index")
    await knowledge.load(documents)
    yield knowledge


async def ask(base: KnowledgeBase, text: str, language: Language = Language.ZH, **more: object) -> Findings:
    return await base.find(Question(text, language, asked_at=NOW, **more))  # type: ignore[arg-type]


async def test_the_document_in_force_answers(base: KnowledgeBase) -> None:
    found = await ask(base, "几天内可以无理由退货")
    assert found.passages[0].source == "returns.zh.md"
    assert "7 天" in found.passages[0].text
    assert all(passage.source != "old.zh.md" for passage in found.passages)


async def test_customers_words_find_the_documents_words(base: KnowledgeBase) -> None:
    assert (await ask(base, "邮费怎么收")).passages[0].location == "运费"


async def test_rows_that_answer_alike_come_together(base: KnowledgeBase) -> None:
    text = (await ask(base, "会员等级有哪些", topic="ask_membership")).passages[0].text
    assert "银卡" in text and "金卡" in text


async def test_prices_come_from_the_table_with_the_time_until_which_they_hold(base: KnowledgeBase) -> None:
    passage = (await ask(base, "防晒衣多少钱")).passages[0]
    assert passage.live and "¥159" in passage.text and passage.valid_until is not None


async def test_price_and_stock_that_are_asked_for_together_are_both_told(base: KnowledgeBase) -> None:
    texts = " ".join(passage.text for passage in (await ask(base, "黑色 M 码的冲锋衣有货吗 多少钱")).passages)
    assert "¥599" in texts and "还剩 5 件" in texts


async def test_a_follow_up_keeps_the_product(base: KnowledgeBase) -> None:
    recent = (Exchange("防晒衣防晒指数多少", "UPF100+", ("P2",)),)
    assert (await ask(base, "多少钱", recent=recent)).product_ids == ("P2",)
    assert (await ask(base, "and the price?", Language.EN, recent=recent)).product_ids == ("P2",)


async def test_a_follow_up_asks_the_last_question_of_another_colour_or_product(base: KnowledgeBase) -> None:
    recent = (Exchange("防晒衣多少钱", "¥159", ("P2",)),)
    assert "¥169" in (await ask(base, "那浅蓝的呢", recent=recent)).passages[0].text
    assert "¥169" in (await ask(base, "and the light blue one?", Language.EN, recent=recent)).passages[0].text
    other = await ask(base, "what about the running shoes?", Language.EN, recent=recent)
    assert other.passages[0].text == "The Cloud Running Shoes are ¥329."


async def test_without_a_product_its_name_is_asked_for(base: KnowledgeBase) -> None:
    assert (await ask(base, "多少钱")).missing == "product"
    assert (await ask(base, "is it in stock?", Language.EN)).missing == "product"
    size = (Entity("size", "M", "M", 1, 2),)
    assert (await ask(base, "有M码吗", entities=size)).missing == "product"


@pytest.mark.parametrize("name", ["防晒衣", "那个防晒衣呢？", "冰感防晒衣的", "P2"])
async def test_a_name_alone_answers_which_one_is_meant(base: KnowledgeBase, name: str) -> None:
    recent = (Exchange("多少钱", "是哪一款呀？"),)
    assert "白色 M ¥159；浅蓝 M ¥169" in (await ask(base, name, recent=recent)).passages[0].text
    recent = (Exchange("is it in stock?", "Which product do you mean?"),)
    text = (await ask(base, "the sun jacket", Language.EN, recent=recent)).passages[0].text
    assert text == "The IceFeel Sun Jacket is in stock: White M; Light Blue M."


async def test_so_does_a_link_number(base: KnowledgeBase) -> None:
    recent = (Exchange("多少钱", "是哪一款呀？"),)
    link = Entity("product", "P2", "3号链接", 0, 4)
    number = Entity("link_number", 3, "3号链接", 0, 4)
    found = await ask(base, "3号链接", recent=recent, product_ids=("P2",), entities=(number, link))
    assert "白色 M ¥159；浅蓝 M ¥169" in found.passages[0].text


async def test_a_name_alone_and_first_is_told_about(base: KnowledgeBase) -> None:
    passage = (await ask(base, "防晒衣")).passages[0]
    assert passage.text.startswith("「冰感防晒衣」，¥159") and "凉感" in passage.text


async def test_the_documents_are_asked_of_the_product_that_is_implied_and_as_it_stands(base: KnowledgeBase) -> None:
    alone = await ask(base, "几天内可以无理由退货")
    after = await ask(base, "几天内可以无理由退货", recent=(Exchange("跑鞋多少钱", "¥329", ("P5",)),))
    assert after.product_ids == ("P5",)
    assert after.passages[0].text == alone.passages[0].text
    assert after.confidence >= alone.confidence


async def test_the_words_of_a_name_are_no_question(base: KnowledgeBase) -> None:
    """ "Sun jacket" names a product; only what is said beside it asks for its sun protection."""
    assert "UPF" not in (await ask(base, "防晒衣什么材质")).passages[0].text
    assert "UPF100+" in (await ask(base, "防晒衣防晒指数多少")).passages[0].text


async def test_what_nothing_answers_is_not_answered(base: KnowledgeBase) -> None:
    question = Question("今晚月亮圆不圆", Language.ZH, asked_at=NOW)
    replies = await Responder([Path("bot")]).answer(question, await base.find(question))
    assert not replies[0].citations and replies[0].buttons


async def test_a_link_that_the_room_has_not_is_said_to_be_none(base: KnowledgeBase) -> None:
    link = Entity("link_number", 99, "九十九号链接", 0, 6)
    recent = (Exchange("防晒衣多少钱", "¥159", ("P2",)),)
    found = await ask(base, "九十九号链接什么价", entities=(link,), recent=recent)
    assert "99" in found.passages[0].text and not found.product_ids


async def test_a_sign_like_the_shops_own_that_is_none_is_unknown(base: KnowledgeBase) -> None:
    assert "P9999" in (await ask(base, "P9999还有没有库存", recent=(Exchange("防晒衣", "", ("P2",)),))).passages[0].text


async def test_two_products_cost_together_what_their_lines_do(base: KnowledgeBase) -> None:
    text = (await ask(base, "一件防晒衣白色M和两双跑鞋一共多少钱")).passages[0].text
    assert "¥159" in text and "¥329 × 2" in text


@pytest.mark.parametrize("text", ["防晒衣浅蓝的一件再加姜黄冲锋衣 一共多少", "浅蓝防晒衣加冲锋衣姜黄的 一共多少"])
async def test_values_belong_to_the_product_that_has_them(base: KnowledgeBase, text: str) -> None:
    total = (await ask(base, text)).passages[0].text
    assert "浅蓝" in total and "姜黄" in total


async def test_two_products_are_compared_by_what_is_asked(base: KnowledgeBase) -> None:
    assert "¥170" in (await ask(base, "防晒衣和跑鞋哪个便宜")).passages[0].text


async def test_a_value_that_no_variant_has_is_said_to_be_none(base: KnowledgeBase) -> None:
    size = (Entity("size", "XXL", "XXL", 3, 6),)
    text = (await ask(base, "防晒衣XXL有货吗", entities=size)).passages[0].text
    assert "没有XXL" in text and "白色 M" in text


async def test_a_value_is_sought_where_the_part_that_is_asked_has_it(base: KnowledgeBase) -> None:
    """Entities stand where the whole message has them: "防晒衣能机洗吗，M 码还有吗" is asked in two parts."""
    size = (Entity("size", "M", "M", 9, 10),)
    text = (await ask(base, "M码还有吗", entities=size, product_ids=("P2",))).passages[0].text
    assert "没有" not in text and "白色 M" in text


@pytest.mark.parametrize(("text", "all_of_them"), [("一共有几款商品", True), ("帐篷灯一共有几种", False)])
async def test_all_goods_are_counted_where_nothing_else_is_named(base: KnowledgeBase, text: str, all_of_them: bool) -> None:
    passages = (await ask(base, text)).passages
    assert any("一共有" in passage.text for passage in passages) is all_of_them


def test_added_words_keep_the_question() -> None:
    assert with_document_words("邮费多少") == "邮费多少 运费"
    assert with_document_words("运费多少") == "运费多少"
    assert "pre-sale" in with_document_words("when do presale orders ship")


async def test_what_stands_under_other_goods_is_no_rule_for_these(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    rules = "## Running shoes\nWorn outside they stay yours.\n## Jackets\nWorn outside they come back within 9 days.\n"
    (documents / "returns.en.md").write_text(rules, "utf-8")
    knowledge = KnowledgeBase(MemoryShop(), HashingEncoder(), tmp_path / "index")
    await knowledge.load(documents)
    for thing, rule in (("ridge jacket", "9 days"), ("cloud running shoes", "stay yours")):
        text = f"can my {thing} come back once worn outside"
        found = await ask(knowledge, text, Language.EN, topic="return_policy")
        assert rule in next(p.text for p in found.passages if not p.live), text


async def test_a_kind_is_counted_by_the_askers_word_for_it(base: KnowledgeBase) -> None:
    found = await ask(base, "how many kinds of running shoes do you sell", Language.EN)
    assert found.passages[0].text == "We have 1 kind of running shoes on sale."
    assert (await ask(base, "跑鞋一共有几款")).passages[0].text == "跑鞋现在在售的一共有 1 款。"


async def test_a_compound_that_nobody_says_here_is_another_thing(tmp_path: Path) -> None:
    twin = replace(SHOE, id="P6", name=Text("月行鞋", "Lunar Shoes"), aliases=())
    base = KnowledgeBase(MemoryShop(items=(SHOE, twin)), HashingEncoder(), tmp_path)
    found = await ask(base, "any moon-shoes?", Language.EN)
    assert found.denied and found.passages[0].text == "We don't sell moon-shoes. The nearest we have: shoes."
    assert not (await ask(base, "any running-shoes?", Language.EN)).denied


async def test_the_second_question_is_of_the_product_that_the_first_one_named(base: KnowledgeBase) -> None:
    found = await ask(base, "how much is it", Language.EN, before="do the running shoes run small")
    assert found.product_ids == ("P5",)


async def test_who_complains_of_something_that_did_not_happen_wishes_nothing(tmp_path: Path) -> None:
    shop = MemoryShop()
    knowledge = KnowledgeBase(shop, HashingEncoder(), tmp_path, recommender=ShopRecommender(shop, HashingEncoder()))
    assert not (await ask(knowledge, "等了一晚上没睡着 烦死")).cards


class Meaning:
    """Links texts as it is told to."""

    def __init__(self, **meant: float) -> None:
        self.meant = meant

    async def link(self, text: str, products: object, language: str) -> dict[str, float]:
        return self.meant


async def linked(base: KnowledgeBase, text: str, meant: dict[str, float], **more: object) -> tuple[str, ...]:
    """The products of the answer where a text means these with these probabilities."""
    base._linker = Meaning(**meant)  # type: ignore[assignment]
    return (await ask(base, text, **more)).product_ids  # type: ignore[arg-type]


async def test_what_names_no_product_is_asked_of_the_one_that_is_meant(base: KnowledgeBase) -> None:
    assert await linked(base, "下雨天也能跑的那双还剩几件", {SHOE.id: 0.7}) == (SHOE.id,)
    assert await linked(base, "下雨天也能跑的那双还剩几件", {SHOE.id: 0.5}) == ()


async def test_a_product_that_is_meant_gives_way_to_what_is_named_talked_about_or_of_several(base: KnowledgeBase) -> None:
    assert await linked(base, "防晒衣多少钱", {SHOE.id: 0.9}) == ("P2",)
    before = (Exchange("防晒衣多少钱", "", ("P2",), "多少钱", "ask_price"),)
    assert await linked(base, "还剩几件", {SHOE.id: 0.7}, recent=before) == ("P2",)
    assert await linked(base, "一共有几款", {SHOE.id: 0.9}) != (SHOE.id,)
    assert await linked(base, "运费怎么算", {SHOE.id: 0.9}, topic="ask_shipping_fee") != (SHOE.id,)


def test_what_is_far_less_likely_meant_or_sold_out_is_not_shown_beside_the_likeliest() -> None:
    gone = replace(SHOE, id="GONE", variants=tuple(replace(variant, stock=0) for variant in SHOE.variants))
    near, far = replace(SHOE, id="NEAR"), replace(SHOE, id="FAR")
    shown = _likeliest([far, near, gone, SHOE], {SHOE.id: 0.5, "NEAR": 0.4, "GONE": 0.4, "FAR": 0.1})
    assert [product.id for product in shown] == [SHOE.id, "NEAR"]
    assert _likeliest([gone], {"GONE": 0.5}) == [gone], "what is meant and sold out is shown as it is"
