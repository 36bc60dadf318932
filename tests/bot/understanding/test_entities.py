"""All values of a text together: each is found once, as what it is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.fakes import EPOCH, FakeOrderNumbers
from bot.types import SetSlot
from bot.understanding.entities import find_entities
from bot.understanding.volunteered import volunteered

COLORS = {"藏青": "navy", "藏青色": "navy", "navy": "navy", "red": "red", "红色": "red", "红": "red"}
ORDERS = FakeOrderNumbers().forms
MOVED = "把SD2610000003的地址改成浙江省杭州市西湖区文三路100号，张三 13900001234"


def found(text: str) -> dict[str, Any]:
    entities = find_entities(text, COLORS, EPOCH.date(), ORDERS)
    assert all(text[entity.start : entity.end] == entity.text for entity in entities)
    return {entity.kind: entity.value for entity in entities}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sd26-1000-0003 尾号0003", {"order_number": "SD2610000003", "phone_last4": "0003"}),
        ("SD2610000003 0003", {"order_number": "SD2610000003", "phone_last4": "0003"}),
        ("末四位嘛 零一零四", {"phone_last4": "0104"}),
        ("my last four are oh one oh four", {"phone_last4": "0104"}),
        ("last four double oh one five", {"phone_last4": "0015"}),
        ("last four one two three four", {"phone_last4": "1234"}),
        ("SD2610000003 幺幺零四", {"order_number": "SD2610000003", "phone_last4": "1104"}),
        ("一二三四", {}),
        ("my phone is +86 139 0000 0003", {"phone_last4": "0003"}),
        ("3号链接有XL码吗", {"link_number": 3, "size": "XL"}),
        ("三号链接", {"link_number": 3}),
        ("link 12 in navy", {"link_number": 12, "color": "navy"}),
        ("三号多少钱", {"link_number": 3}),
        ("要藏青色的，38码", {"color": "navy", "size": "38"}),
        ("发票发到 Ann.Lee@Example.com", {"email": "ann.lee@example.com"}),
        ("邮箱ann.lee@example.com谢谢", {"email": "ann.lee@example.com"}),
        ("$60以内的红色", {"money": {"amount": "60", "currency": "USD"}, "color": "red"}),
        ("165cm 110斤 两件", {"height": 165.0, "weight": 55.0, "quantity": 2}),
        # one value is no other one, too
        ("11月11号买的", {"date": "2025-11-11"}),
        (MOVED, {"order_number": "SD2610000003", "address": "浙江省杭州市西湖区文三路100号"}),
        ("3号发货吗", {}),
        ("2小时", {}),
        ("I'm tired", {}),
        ("bored", {}),
        ("", {}),
    ],
)
def test_values_of_a_text(text: str, values: dict[str, Any]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        (MOVED, SetSlot("new_address", "浙江省杭州市西湖区文三路100号，张三 13900001234")),
        (
            "please ship it to Ann Lee, 12 Main Street, Springfield",
            SetSlot("new_address", "Ann Lee, 12 Main Street, Springfield"),
        ),
        ("只退两件", SetSlot("quantity", 2)),
        ("I want to return one of them", SetSlot("quantity", 1)),
        ("只退一件红色的", SetSlot("quantity", 1)),
    ],
)
def test_what_is_said_unasked(text: str, slot: SetSlot) -> None:
    assert slot in list(volunteered(text, find_entities(text, COLORS, EPOCH.date(), ORDERS)))


@pytest.mark.parametrize("text", ["我买了两件，想退", "bought 2 pcs and want my money back", "第二件半价"])
def test_what_was_bought_is_not_what_goes_back(text: str) -> None:
    assert all(slot.name != "quantity" for slot in volunteered(text, find_entities(text, COLORS, EPOCH.date(), ORDERS)))
