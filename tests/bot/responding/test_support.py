"""What a passage says, and what it does not."""

from __future__ import annotations

import pytest

from bot.responding.support import supports
from bot.types import Passage

RETURNS = Passage(
    "签收次日起 7 天内，商品完好、吊牌齐全、不影响二次销售，可以无理由退货。"
    "超过 7 天不再支持无理由退货。贴身内衣拆封后不能退。退款 3 到 5 个工作日到账，满 1,000 元的订单由「极速达」上门取件。",
    "returns.zh.md",
    "退货",
    "七天无理由退货",
)
SHIPPING = Passage(
    "Orders paid before 16:00 ship the same day. Gift cards cannot be refunded. Returns are free, but exchanges are not. "
    "You have 15 days.",
    "shipping.en.md",
    "Shipping",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "签收后 7 天内商品完好可以无理由退货。",
        "七天内可以退货哦～",
        "内衣拆封后就不能退啦。",
        "超过 7 天不支持退货。",
        "满 1000 元的订单由「极速达」上门取件。",
    ],
)
def test_what_the_passage_says(sentence: str) -> None:
    assert supports(RETURNS, sentence)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("签收后 15 天内可以无理由退货。", "another number"),
        ("签收后十五天内可以无理由退货。", "another number, in words"),
        ("贴身内衣拆封后也能退。", "yes where it says no"),
        ("7 天内商品完好也不能退货。", "no where it says yes"),
        ("超过 7 天也支持无理由退货。", "yes where it says no, with the same number"),
        ("满 1000 元的订单由「闪电达」上门取件。", "another name"),
        ("我们的客服会为您申请额外补偿红包。", "other words"),
    ],
)
def test_what_it_does_not_say(sentence: str, why: str) -> None:
    assert not supports(RETURNS, sentence), why


@pytest.mark.parametrize(
    "sentence",
    ["Orders paid before 16:00 ship the same day.", "Gift cards can't be refunded.", "You have fifteen days.",
     "Returns are free, but exchanges are not free."],
)  # fmt: skip
def test_what_an_english_passage_says(sentence: str) -> None:
    assert supports(SHIPPING, sentence)


@pytest.mark.parametrize(
    "sentence",
    ["Orders paid before 18:00 ship the same day.", "Orders paid before 16:00 never ship the same day.",
     "Orders by Fast Courier paid before 16:00 ship the same day.", "Gift cards can be refunded.", "You have thirty days.",
     "Returns are not free.", "Exchanges are free."],
)  # fmt: skip
def test_what_an_english_passage_does_not_say(sentence: str) -> None:
    assert not supports(SHIPPING, sentence)
