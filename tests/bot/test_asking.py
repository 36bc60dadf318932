"""The forms of questions, told by grammar."""

from __future__ import annotations

import pytest

from bot.asking import asks, asks_for_a_way, asks_for_an_amount, asks_yes_or_no, has_question_words


@pytest.mark.parametrize(
    "text",
    [
        "the zip tore after two weeks, is that covered",
        "bought a mat last month, could you swap it",
        "so there is a lid with it, right",
        "in the heat wont it melt",
        "paid yesterday, when do parcels leave usually",
        "from which sum can i pay in parts",
        "whats inside",
        "does the ring go on",
        "unpacked the kettle and the lid is loose can i send it back",
        "that blue mug does it go in the dishwasher",
        "还退得掉吗",
        "灯能不能调暗",
        "这个几伏的",
        "坏了咋处理",
        "有没有蓝色",
        "是正品不",
    ],
)
def test_what_asks_is_told_by_its_words_and_their_order(text: str) -> None:
    assert has_question_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "when i opened it the box was empty",
        "send it as fast as you can i need it",
        "he said just do it",
        "i have a problem with the lamp",
        "the one which broke",
        "do not cancel",
        "have a nice day",
        "cancel it please",
        "这几天没动静",
        "啥也没有收",
        "收到的是空盒",
    ],
)
def test_what_tells_does_not_ask(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize(
    ("text", "yes_or_no"), [("can it fly?", True), ("能飞吗", True), ("how far?", False), ("飞多远", False)]
)
def test_a_yes_or_a_no_may_answer(text: str, yes_or_no: bool) -> None:
    assert asks_yes_or_no(text) is yes_or_no


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("how do i clean a rug under the sofa", True),
        ("why is it wet", True),
        ("怎么装", True),
        ("几点下班", True),
        ("how much is it", False),
        ("which rugs are there", False),
        ("有什么地毯", False),
    ],
)
def test_no_product_answers_how_and_why(text: str, way: bool) -> None:
    assert asks_for_a_way(text) is way


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("几颗星", True),
        ("how many bars", True),
        ("功率多少", True),
        ("几天能到", False),
        ("过几个月", False),
        ("好几次了", False),
    ],
)
def test_an_amount_is_no_time(text: str, amount: bool) -> None:
    assert asks_for_an_amount(text) is amount


@pytest.mark.parametrize("text", ["please do it now", "ok, do that for me", "yes, do it", "do it please"])
def test_a_bid_asks_nothing(text: str) -> None:
    assert not asks(text)
    assert asks("do this come in red")
