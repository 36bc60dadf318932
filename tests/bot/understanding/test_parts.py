"""Several things in one message, taken apart; one thing left whole."""

from __future__ import annotations

import pytest

from bot.types import Entity
from bot.understanding.parts import parts_of, without_names


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("这个防水吗？多久发货？", ["这个防水吗", "多久发货"]),
        ("这个防水吗多久发货", ["这个防水吗", "多久发货"]),
        ("有L码吗，能开发票吗", ["有L码吗", "能开发票吗"]),
        ("這個防水嗎 多久發貨 要幾天", ["這個防水嗎", "多久發貨", "要幾天"]),
        ("查一下订单，顺便问下怎么退货", ["查一下订单", "顺便问下怎么退货"]),
        ("is it waterproof and when do you ship", ["is it waterproof", "when do you ship"]),
        ("Is it warm? Do you have it in M?", ["Is it warm", "Do you have it in M"]),
        ("这是什么料子的，怎么洗", ["这是什么料子的", "怎么洗"]),
        ("亲，这是什么料子的，会缩水吗，怎么洗", ["亲，这是什么料子的，会缩水吗", "怎么洗"]),
        ("1. 运费怎么算 2. 什么时候发 3. 能刻字吗", ["运费怎么算", "什么时候发", "能刻字吗"]),
        ("自重多少 充电要几个小时", ["自重多少", "充电要几个小时"]),
        ("这台多少转 噪不噪", ["这台多少转", "噪不噪"]),
        ("got any moon-boots? like with springs", ["got any moon-boots, like with springs"]),
        ("有没有弹簧鞋？就是说能跳高的", ["有没有弹簧鞋, 就是说能跳高的"]),
        ("寄到要几天，可以开收据吗", ["寄到要几天", "可以开收据吗"]),
        ("what is it made of, how do I wash it", ["what is it made of", "how do I wash it"]),
        ("cancel my order, and can I get a refund", ["cancel my order", "can I get a refund"]),
    ],
)
def test_two_things_are_two_parts(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "有货吗现在",
        "可以吗谢谢",
        "在吗亲",
        "我想知道这个和那个有什么区别",
        "black and white jacket",
        "jacket and trousers for hiking",
        "I bought it and it broke",
        "怎么退货",
        "你好，我的订单到哪了",
        "要带重锤的 别推荐折叠的",
        "鞋子开胶了怎么办，能退吗",
        "1,200 how much is that",
    ],
)
def test_one_thing_stays_whole(text: str) -> None:
    assert parts_of(text) == [text]


@pytest.mark.parametrize("text", ["你能帮我吗我要退货", "有人在吗？我要退货", "您好！請問可以幫我嗎 我要退货"])
def test_an_opening_is_no_part(text: str) -> None:
    assert parts_of(text)[-1] == "我要退货"
    assert len(parts_of(text)) == 1 + text.startswith("您好")


def test_more_than_five_things_are_one() -> None:
    asked = "多少钱？有货吗？多久发货？怎么退？有发票吗？能送人吗？"
    assert parts_of(asked) == [asked]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("收到的竹编灯是坏的", "竹编灯", "收到的这个是坏的"),
        ("can I swap the Bamboo Lamp for another", "Bamboo Lamp", "can I swap it for another"),
        ("竹编灯", "竹编灯", "竹编灯"),
    ],
)
def test_what_is_wanted_is_the_same_of_every_product(text: str, name: str, said: str) -> None:
    start = text.index(name)
    assert without_names(text, [Entity("product", "P1", name, start, start + len(name))]) == said


def test_a_name_that_may_be_any_of_many_stays() -> None:
    assert without_names("灯坏了", [Entity("product", "P1", "灯", 0, 1, 0.2)]) == "灯坏了"
