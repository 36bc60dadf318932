"""Questions about an order, wishes by their verb, and questions in general."""

from __future__ import annotations

import pytest

from bot.understanding.orders import asked, done, general


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("我的单子怎么就被取消了", "order_status"),
        ("why has it been cancelled", "order_status"),
        ("换货申请审核过了吗，批了没", "refund_status"),
        ("was my return accepted yet", "refund_status"),
        ("下单三天了为什么还没发货", "track_shipment"),
        ("why isn't it sent yet", "track_shipment"),
        ("现在的收货地址是哪", "order_address"),
        ("which address is on my order", "order_address"),
        ("我一共付了多少", "order_paid"),
        ("取消订单", None),
        ("换个地址", None),
        ("I want to return it", None),
    ],
)
def test_what_is_asked_of_an_order(text: str, flow: str | None) -> None:
    assert asked(text) == flow


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("send one of them back, too tight", "return_item"),
        ("这双退掉", "return_item"),
        ("swap it for a 42", "exchange_item"),
        ("取消这单", "cancel_order"),
        ("what happens when I return it", None),
        ("地址换成杭州的", None),
        ("return it or exchange it", None),
    ],
)
def test_what_is_to_be_done(text: str, intent: str | None) -> None:
    assert done(text) == intent


def test_a_question_in_general() -> None:
    assert all(
        map(general, ["买了之后能改地址吗", "怎么开发票", "do you charge for cancelling?", "can I return worn shoes"])
    )
    assert not any(map(general, ["帮我改地址", "could you cancel it for me", "取消订单", "怎么还没发货"]))
