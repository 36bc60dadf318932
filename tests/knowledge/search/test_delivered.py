"""What a purchase costs with its postage: by the documents, by the shop's own rule, and where neither says it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from bot.postage import Band, Postage
from bot.responding.responder import Responder
from bot.types import Exchange, Findings, Language, Question
from knowledge.encoders.hashing import HashingEncoder
from knowledge.finder import KnowledgeBase
from tests.knowledge.shop import NOW, MemoryShop

ZH = """# 配送
## 运费
实付满 300 元包邮，不满收 11 元。新疆、西藏一律 26 元。童装怎么寄要看天气。
"""
EN = """# Delivery
## Postage
Free from ¥300 paid, otherwise ¥11. Xinjiang and Tibet always cost ¥26.
"""


async def base(folder: Path, postage: Postage | None = None, zh: str = ZH, en: str = EN) -> KnowledgeBase:
    documents = folder / "documents"
    documents.mkdir()
    (documents / "delivery.zh.md").write_text(zh, "utf-8")
    (documents / "delivery.en.md").write_text(en, "utf-8")
    knowledge = KnowledgeBase(MemoryShop(), HashingEncoder(), folder / "index", postage=postage)
    await knowledge.load(documents)
    return knowledge


@pytest_asyncio.fixture
async def shop(tmp_path: Path) -> AsyncIterator[KnowledgeBase]:
    yield await base(tmp_path)


async def ask(base: KnowledgeBase, text: str, language: Language = Language.ZH, topic: str = "") -> Findings:
    return await base.find(Question(text, language, asked_at=NOW, topic=topic))


@pytest.mark.parametrize(
    ("text", "total", "fee"),
    [
        ("白色防晒衣一件寄长沙，邮费算上多少钱", "¥154.10", "运费 ¥11（满 ¥300 免，还差 ¥156.90）"),
        ("白色防晒衣三件一共多少钱，含邮", "¥429.30", "免运费（满 ¥300）"),
        ("白色防晒衣三件寄到拉萨多少钱", "¥455.30", "寄西藏运费 ¥26"),
        ("白色防晒衣两件到手多少钱", "¥297.20", "还差 ¥13.80"),
        ("three white sun jackets to Urumqi, everything included?", "¥455.30", "delivery to Xinjiang is ¥26"),
        ("two white sun jackets delivered to Changsha, how much altogether", "¥297.20", "¥13.80 to go"),
        ("a white sun jacket with postage please", "¥154.10", "delivery is ¥11"),
    ],
)
async def test_a_total_has_the_postage_for_the_place_named(shop: KnowledgeBase, text: str, total: str, fee: str) -> None:
    first, rule, *_ = (await ask(shop, text, Language.ZH if "件" in text else Language.EN)).passages
    assert first.live and fee in first.text and first.text.rstrip("。.").endswith(total)
    assert rule.source == ("delivery.zh.md" if "件" in text else "delivery.en.md")


async def test_whether_postage_is_paid_is_answered_first_with_why(shop: KnowledgeBase) -> None:
    text = (await ask(shop, "白色防晒衣要付运费吗")).passages[0].text
    assert text.startswith("运费 ¥11（满 ¥300 免，还差 ¥156.90）：") and text.endswith("一共 ¥154.10。")
    text = (await ask(shop, "will you charge me delivery on the running shoes", Language.EN)).passages[0].text
    assert text.startswith("Delivery is free (from ¥300): ") and text.endswith("total to pay ¥329.")


async def test_nothing_is_reckoned_for_what_a_sentence_names_that_was_not_understood(shop: KnowledgeBase) -> None:
    found = await ask(shop, "儿童三防冲锋衣要付运费吗")
    assert not any(passage.live for passage in found.passages)
    assert any("看天气" in passage.text for passage in found.passages)


async def test_a_question_for_the_time_is_not_one_for_the_fee(shop: KnowledgeBase) -> None:
    passages = (await ask(shop, "how long does shipping the sun jacket to Beijing take", Language.EN)).passages
    assert not any(passage.live and "delivery" in passage.text for passage in passages)


async def test_abroad_without_a_rule_the_goods_alone_are_told(shop: KnowledgeBase) -> None:
    text = (await ask(shop, "the white sun jacket delivered to Japan, how much", Language.EN)).passages[0].text
    assert "¥143.10" in text and "delivery" not in text


async def test_documents_that_disagree_leave_it_to_the_passage(tmp_path: Path) -> None:
    shop = await base(tmp_path, en=EN.replace("300", "200"))
    passages = (await ask(shop, "白色防晒衣要付运费吗")).passages
    assert not any(passage.live for passage in passages)
    assert any("满 300" in passage.text for passage in passages)


async def test_documents_loaded_anew_change_the_fee(tmp_path: Path) -> None:
    shop = await base(tmp_path)
    for name, text in (("delivery.zh.md", ZH), ("delivery.en.md", EN)):
        (tmp_path / "documents" / name).write_text(text.replace("11", "13"), "utf-8")
    await shop.load(tmp_path / "documents")
    assert "运费 ¥13" in (await ask(shop, "白色防晒衣要付运费吗")).passages[0].text


async def test_the_shops_own_rule_goes_before_the_documents(tmp_path: Path) -> None:
    shop = await base(tmp_path, Postage((Band(Decimal(0), Decimal(4)),)))
    text = (await ask(shop, "跑鞋要付运费吗")).passages[0].text
    assert text.startswith("运费 ¥4：") and text.endswith("一共 ¥333。")


async def test_what_the_passage_says_of_costs_is_said_beside_the_sum(shop: KnowledgeBase) -> None:
    found = await ask(shop, "will you charge me delivery on a white sun jacket", Language.EN)
    question = Question("will you charge me delivery on a white sun jacket", Language.EN, asked_at=NOW)
    replies = await Responder([Path("bot")]).answer(question, found)
    assert "always cost ¥26" in "\n".join(reply.text for reply in replies)


async def test_a_place_alone_asks_the_question_before_for_that_place(shop: KnowledgeBase) -> None:
    first = "白色防晒衣两件寄长沙邮费多少"
    asked = await ask(shop, first, topic="ask_shipping_fee")
    recent = [Exchange(first, "", asked.product_ids, asked.about, "ask_shipping_fee")]
    for said, place in (("发新疆呢", "寄新疆运费 ¥26"), ("那拉萨呢", "寄西藏运费 ¥26"), ("换成广州", "运费 ¥11")):
        found = await shop.find(Question(said, Language.ZH, asked_at=NOW, recent=tuple(recent)))
        assert place in found.passages[0].text and "× 2" in found.passages[0].text
        recent.append(Exchange(said, "", found.product_ids, found.about, found.topic))


async def test_goods_with_freight_of_their_own_are_reckoned_with_it(tmp_path: Path) -> None:
    own = "## 防晒衣怎么寄\n防晒衣走物流，不算在免邮里。湖南每件 9 元，其他地方每件 14 元。西藏不送防晒衣。\n"
    base_ = await base(tmp_path, zh=ZH + own)
    for said, fee in (
        ("白色防晒衣三件寄长沙一共多少钱", "寄湖南运费 ¥27"),
        ("白色防晒衣三件寄广州一共多少钱", "运费 ¥42"),
        ("白色防晒衣三件寄拉萨一共多少钱", "西藏不发货"),
    ):
        assert fee in (await ask(base_, said)).passages[0].text
