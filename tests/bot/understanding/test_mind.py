"""A change of mind, told from an answer."""

from __future__ import annotations

import pytest

from bot.understanding.mind import all_done, given_up, rather


@pytest.mark.parametrize(
    ("text", "flow", "rest"),
    [
        ("不退了", "return_items", ""),
        ("等下，先不退了，谢谢", "return_items", ""),
        ("算了不换了，帮我开张发票", "exchange_items", "帮我开张发票"),
        ("別取消了", "cancel_order", ""),
        ("oh forget it", "invoice", ""),
        ("please don't cancel it after all", "cancel_order", ""),
        ("I no longer want to return them, exchange them for a 42", "return_items", "exchange them for a 42"),
    ],
)
def test_what_is_given_up(text: str, flow: str, rest: str) -> None:
    assert given_up(text, (flow,)) == rest


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("不要了", "return_items"),  # that is why it goes back
        ("不合身", "return_items"),
        ("I changed my mind", "return_items"),
        ("don't like the colour", "return_items"),
        ("不取消的话什么时候发货", "cancel_order"),
        ("不换了直接退", "return_items"),
        ("don't worry", "cancel_order"),
    ],
)
def test_what_is_not(text: str, flow: str) -> None:
    assert given_up(text, (flow,)) is None


def test_something_instead() -> None:
    assert all(map(rather, ["还是换货吧", "我改主意了，换成M", "I'd rather exchange it", "send me a bigger one instead"]))
    assert not any(map(rather, ["换成M", "太小了", "it is rather small"]))


def test_nothing_more() -> None:
    assert all(
        map(all_done, ["没别的了，谢谢", "谢谢，就这样", "that's all, thanks", "nothing else, bye", "I'm good, thank you"])
    )
    assert not any(map(all_done, ["就这样办", "that's all wrong", "谢谢", "没问题", "nothing fits"]))
