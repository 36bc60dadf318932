"""Order numbers of any shop: their forms are learned from its own, and they are read as people write them."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.values.forms import learned
from bot.values.identifiers import Declared, OrderForms, order_forms

RANDOM = random.Random(7)
SIGNS = "ACDEFGHJKLMNPRTUWXY2346789"


def _mixed(length: int, signs: str = SIGNS) -> str:
    return "".join(RANDOM.choice(signs) for _ in range(length))


SHOPIFY = [f"#{n}" for n in range(1450, 1000, -1)]
TAU = [f"#W{RANDOM.randint(1_000_000, 9_999_999)}" for _ in range(300)]
TWO = [f"2026{RANDOM.choice('MBC')}-{_mixed(5)}" for _ in range(120)] + [
    f"DD26-{RANDOM.randint(0, 9999):05}" for _ in range(80)
]
LETTERS = [f"SD26{n:08}" for n in range(400, 0, -1)]
PLAIN = [str(n) for n in range(100_245, 100_000, -1)]
UUIDS = ["-".join(_mixed(n, "0123456789abcdef") for n in (8, 4, 4, 4, 12)) for _ in range(60)]
SLASHED = [f"PO/2026/{n:05}" for n in range(60, 0, -1)]
SHOPS = {"shopify": SHOPIFY, "tau": TAU, "two": TWO, "letters": LETTERS, "plain": PLAIN, "uuids": UUIDS, "po": SLASHED}
CODES = ("P1001", "P1001-2-XL", "100045", "NEW20", "SAVE100", "WB-2604", "1002")


def shop(name: str) -> OrderForms:
    return order_forms(SHOPS[name], codes=CODES)


def found(name: str, text: str, *, asked: bool = False) -> list[str]:
    entities = shop(name).find(text, asked=asked)
    assert all(text[entity.start : entity.end] == entity.text for entity in entities)
    return [str(entity.value) for entity in entities]


@pytest.mark.parametrize(
    ("name", "text", "numbers"),
    [
        ("shopify", "where is #1777?", ["#1777"]),
        ("shopify", "订单１７７７ 到哪了", ["#1777"]),
        ("shopify", "order no. 1777 and 1778", ["#1777", "#1778"]),
        ("shopify", "https://shop.example/orders/1777?key=5", ["#1777"]),
        ("shopify", "1777那个订单想退", ["#1777"]),
        ("tau", "cancel w 9031847 please", ["#W9031847"]),
        ("tau", "is #w9031847 on its way", ["#W9031847"]),
        ("tau", "https://shop.example/o?id=%23W9031847", ["#W9031847"]),
        ("tau", "my order number is 9031847", ["#W9031847"]),
        ("two", "2026m-9xk4a 发了没", ["2026M-9XK4A"]),
        ("two", "2026C9XK4A", ["2026C-9XK4A"]),
        ("two", "ｄｄ２６ ０９９１２ 和 2026b 9xk4a", ["DD26-09912", "2026B-9XK4A"]),
        ("two", "dd2609912 退货", ["DD26-09912"]),
        ("letters", "sd26-1000-0004", ["SD2610000004"]),
        ("letters", "SD261OOOOOO4", []),
        ("letters", "SD26100O0004 还没到", ["SD2610000004"]),
        ("letters", "单子的编号：2610000004", ["SD2610000004"]),
        ("letters", "订单号二六一零零零零零零四", ["SD2610000004"]),
        ("letters", "2600000312 帮我看看", ["SD2600000312"]),
        ("plain", "订单号：100777", ["100777"]),
        ("plain", "100017 shipped?", ["100017"]),
        ("po", "po 2026 00017", ["PO/2026/00017"]),
        ("po", "see PO-2026-99017", ["PO/2026/99017"]),
    ],
)  # fmt: skip
def test_as_people_write_them(name: str, text: str, numbers: list[str]) -> None:
    assert found(name, text) == numbers


@pytest.mark.parametrize("name", SHOPS)
def test_every_order_is_read_as_it_is_and_in_lower_case(name: str) -> None:
    for one in SHOPS[name][:100]:
        if one not in CODES:
            assert found(name, f"订单 {one} 怎么样了") == found(name, f"order {one.lower()}") == [one]


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.parametrize(
    "text",
    [
        "P1001 有货吗", "P1001-2-XL 多少钱", "用 NEW20 还能减吗", "SAVE100", "WB-2604 还有吗", "3号链接", "link 12", "#12",
        "手机13812345678没有变过", "尾号 1777", "last 4: 1777", "快递号 9031847 在哪里", "顺丰的 SF725034509144 查不到",
        "1777元以内的", "¥1777 太贵了", "买 1777 件", "2026年的新款", "100777 毫安", "in 2026 b grade goods", "38码",
        "175cm",
        "2026-11-27 到", "100045", "is 1777 enough", "R2610000004-1", "10:30 开播", "我要订 3 件",
    ],
)  # fmt: skip
def test_what_is_something_else_is_none(name: str, text: str) -> None:
    assert found(name, text) == []


def test_the_question_for_it_makes_a_number_one() -> None:
    assert found("shopify", "1777", asked=True) == ["#1777"]
    assert found("plain", "100777", asked=True) == ["100777"]
    assert found("shopify", "手机尾号 1777", asked=True) == []


def test_a_code_that_is_an_order_too_needs_a_word() -> None:
    forms = order_forms([*PLAIN, "1002"], codes=CODES)
    assert [entity.value for entity in forms.find("订单 100045")] == ["100045"]
    assert forms.find("100045 还有货吗") == []


@pytest.mark.parametrize(
    ("name", "sample"),
    [("shopify", r"#\d{4}"), ("tau", r"#W\d{7}"), ("letters", r"SD\d{10}"), ("plain", r"\d{6}"), ("po", r"PO/2026/\d{5}"),
     ("two", r"2026[MBC]-[A-Z0-9]{5}"), ("uuids", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")],
)  # fmt: skip
def test_the_example_is_made_up(name: str, sample: str) -> None:
    example = shop(name).examples()[0]
    assert re.fullmatch(sample, example) and example not in SHOPS[name]


def test_each_form_of_a_shop_is_one() -> None:
    assert {name: len(learned(ids)) for name, ids in SHOPS.items()} == dict.fromkeys(SHOPS, 1) | {"two": 2}
    assert len(learned([*LETTERS, *SHOPIFY, *TWO, *(f"#{n}" for n in range(900, 990))])) == 4


def test_a_few_are_enough() -> None:
    assert [entity.value for entity in order_forms(["DD26-04817", "DD26-01112"]).find("dd2609912")] == ["DD26-09912"]
    assert [entity.value for entity in order_forms(["2026M-7F3K9"]).find("2026m-9xk4a")] == ["2026M-9XK4A"]


def test_without_any_what_is_called_one_is_one() -> None:
    forms = order_forms([])
    assert [entity.value for entity in forms.find("订单 ab-12345 到了吗")] == ["AB-12345"]
    assert forms.find("1234567 是什么") == forms.find("order 3 of them") == []


def test_what_the_shop_has_written_down() -> None:
    declared = Declared(re.compile(r"(?<!\w)VIP[- ]?(\d{3})(?!\w)", re.IGNORECASE), "VIP-{1}", private=False)
    forms = order_forms(SHOPIFY, (declared,))
    assert [entity.value for entity in forms.find("vip 007 和 #1777")] == ["VIP-007", "#1777"]
    assert [entity.value for entity in forms.private("vip 007 和 #1777")] == ["#1777"]


def test_normal() -> None:
    assert shop("two").normal(" 2026m 9xk4a ") == "2026M-9XK4A"
    assert shop("letters").normal("2610000004") == "SD2610000004"
    assert shop("letters").normal("nothing of ours") == "nothing of ours"


@given(st.lists(st.text(max_size=20), max_size=30), st.text(max_size=60))
def test_anything_may_be_an_identifier_and_a_text(ids: list[str], text: str) -> None:
    for entity in order_forms(ids).find(text):
        assert text[entity.start : entity.end] == entity.text
