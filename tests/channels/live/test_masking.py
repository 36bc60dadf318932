"""What is personal in a comment: never shown to others, never kept, still asked; and what is not personal stays."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fakes import FakeOrderNumbers
from bot.types import Audience, Reply
from channels.common.masking import masked, personal
from tests.channels.live.conftest import Live, enter
from tests.channels.live.test_room import say

DIGITS = "0123456789"
NOISE = ("", "我的", "你好，", "在吗？ ", "急急急！", "hello ", "please check ", "😀 ", "（", "\u200b", "亲 ")
AFTER = ("", " ", "，谢谢", "。", " thanks", "！！", "）", " 😀", "怎么还没到", "到哪了")

ORDER_NUMBERS = FakeOrderNumbers().forms.private


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


@st.composite
def spaced(draw: st.DrawFn, number: str) -> str:
    """The number as people type it: in groups, digit by digit, full width."""
    gap = draw(st.sampled_from(("", " ", "-", " - ", ".")))
    groups = draw(st.sampled_from(((3, 7), (3, 6), tuple(range(1, len(number))), ())))
    pieces = [number[a:b] for a, b in zip((0, *groups), (*groups, len(number)), strict=True)]
    written = gap.join(pieces)
    wide = str.maketrans(DIGITS, "０１２３４５６７８９")
    return written.translate(wide) if draw(st.booleans()) else written


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return draw(spaced("1" + draw(st.sampled_from("3456789")) + draw(digits(9))))


EMAILS = st.from_regex(r"[a-z][a-z0-9._+-]{2,12}[a-z0-9]@[a-z][a-z0-9-]{1,8}[a-z0-9]\.(?:com|cn|com\.cn)", fullmatch=True)
ORDERS = st.tuples(st.sampled_from(("SD", "sd", "SD ", "SD-")), digits(10)).map("".join)
PARCELS = st.one_of(
    st.tuples(st.sampled_from(("SF", "YT", "JD", "ZTO")), digits(13)).map("".join),
    digits(9).map(lambda number: f"EE{number}CN"),
    digits(8).map(lambda number: f"快递单号：{number}"),
).filter(lambda said: len(set(said[-8:])) > 1)
LANDLINES = st.tuples(st.sampled_from(("010", "021")), st.sampled_from(("-", " ", "")), digits(7)).map(
    lambda parts: f"{parts[0]}{parts[1]}6{parts[2]}"
)
ABROAD = st.tuples(st.sampled_from(("+44 20 7946 ", "+852 9123 ", "+1 415 555 ")), digits(4)).map("".join)
CITIES = st.sampled_from(("上海市浦东新区", "广东省深圳市南山区", "北京朝阳区", "朝阳区", "杭州市西湖区", ""))
ROADS = st.sampled_from(("世纪大道", "建国路", "文三路", "阳光花园", "中山北路"))
CHINESE_ADDRESSES = st.tuples(CITIES, ROADS, st.integers(1, 999), st.integers(1, 30), st.integers(101, 2505)).map(
    lambda parts: f"{parts[0]}{parts[1]}{parts[2]}号{parts[3]}栋{parts[4]}室"
)
ENGLISH_ADDRESSES = st.tuples(
    st.integers(1, 9999), st.sampled_from(("Main Street", "Oak Avenue", "Elm Dr", "W 5th Street")), st.integers(10000, 99999)
).map(lambda parts: f"{parts[0]} {parts[1]}, Springfield, IL {parts[2]}")
ACCOUNTS = st.tuples(
    st.sampled_from(("微信", "微信号：", "加v ", "vx:", "wechat id ", "我微信是")),
    st.from_regex(r"[a-z]{3,8}[_0-9]{3,8}", fullmatch=True),
)
CARDS = st.tuples(st.sampled_from("3456"), digits(15)).map(lambda parts: " ".join(_fours("".join(parts))))
IDS = st.tuples(digits(5), st.dates(), digits(3), st.sampled_from("0123456789Xx")).map(
    lambda parts: f"3{parts[0]}{max(parts[1].year, 1920) % 100 + 1900}{parts[1]:%m%d}{parts[2]}{parts[3]}"
)


def _fours(number: str) -> list[str]:
    return [number[start : start + 4] for start in range(0, len(number), 4)]


def bare(text: str) -> str:
    """Digits and letters alone: a number is given away in whatever way it is written."""
    plain = text.translate(str.maketrans("０１２３４５６７８９", DIGITS))
    return "".join(char for char in plain if char.isalnum()).lower()


@given(
    st.sampled_from(NOISE),
    st.one_of(mobiles(), EMAILS, ORDERS, PARCELS, LANDLINES, ABROAD, CHINESE_ADDRESSES, ENGLISH_ADDRESSES, CARDS, IDS),
    st.sampled_from(AFTER),
)
def test_what_is_personal_is_not_shown(before: str, secret: str, after: str) -> None:
    shown = masked(before + secret + after, ORDER_NUMBERS)
    assert secret not in shown
    assert bare(secret) not in bare(shown)
    kept = sum(char.isdigit() for char in shown)
    assert kept <= 8, shown


@given(st.sampled_from(NOISE), ACCOUNTS, st.sampled_from(AFTER))
def test_accounts_of_messengers_are_not_shown(before: str, account: tuple[str, str], after: str) -> None:
    assert account[1] not in masked(before + "".join(account) + after)


PRICES = st.integers(1, 99_999).flatmap(
    lambda price: st.sampled_from(
        (f"{price}元", f"{price}", f"¥{price}", f"{price}块", f"${price}.99", f"{price}-{price}元")
    )
)
SIZES = st.one_of(
    st.tuples(st.integers(150, 195), st.integers(76, 112), st.sampled_from("AB")).map(lambda p: f"{p[0]}/{p[1]}{p[2]}"),
    st.sampled_from(("XL", "XXL", "M码", "38码", "size 42", "2XL")),
)
DAYS = st.one_of(
    st.dates().map(lambda day: f"{day:%Y-%m-%d}"),
    st.dates().map(lambda day: f"{day.month}月{day.day}日"),
    st.datetimes().map(lambda time: f"{time:%Y/%m/%d %H:%M}"),
)
COUNTS = st.tuples(st.integers(1, 999), st.sampled_from(("件", "双", " pieces", "个", "kg", "ml", " cm", "斤", "%"))).map(
    lambda parts: f"{parts[0]}{parts[1]}"
)
LINKS = st.integers(1, 200).flatmap(lambda n: st.sampled_from((f"{n}号链接", f"链接{n}", f"link {n}", f"#{n}", f"{n}号")))


@given(
    st.sampled_from(("", "这件", "how much is ", "还有", "我要", "身高175体重70，")),
    st.one_of(PRICES, SIZES, DAYS, COUNTS, LINKS),
    st.sampled_from(("", "吗", "有货吗？", " in stock?", "的话呢", " please", "！")),
)
def test_what_is_not_personal_is_shown_as_it_was_said(before: str, said: str, after: str) -> None:
    assert masked(before + said + after, ORDER_NUMBERS) == before + said + after


@given(st.text(max_size=80))
def test_any_text_can_be_masked_and_a_mask_is_not_masked_again(text: str) -> None:
    found = personal(text, ORDER_NUMBERS)
    assert all(one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert masked(masked(text, ORDER_NUMBERS), ORDER_NUMBERS) == masked(text, ORDER_NUMBERS)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我电话13800138000，SD2600000002到哪了", "我电话138****8000，SD26****0002到哪了"),
        ("+86 138 0013 8000", "138****8000"),
        ("一三八零零一三八零零零", "138****8000"),
        ("寄到上海市浦东新区世纪大道100号3栋501室", "寄到[地址]"),
        ("寄到上海市浦東新區世紀大道100號3棟501室可以嗎", "寄到[地址]可以嗎"),
        ("ship it to 12 Main Street, Springfield, IL 62704 please", "ship it to [address] please"),
        ("身份证31010119900307123X", "身份证[证件号]"),
        ("card 4111 1111 1111 1111", "card [card number]"),
        ("mail me: ann.li@example.com", "mail me: a***@***"),
        ("微信号：annlily88", "微信号：****"),
        ("wechat payment accepted?", "wechat payment accepted?"),
        ("微信付款199元可以吗", "微信付款199元可以吗"),
        ("666666666666", "666666666666"),
        ("2 pieces way too small", "2 pieces way too small"),
        ("上海发货到北京路上要3天吗", "上海发货到北京路上要3天吗"),
        ("一路走来3号链接最好", "一路走来3号链接最好"),
    ],
)
def test_masks(said: str, shown: str) -> None:
    assert masked(said, ORDER_NUMBERS) == shown


@pytest.mark.parametrize(
    "text", ["1" * 500, "1 " * 250, "路" * 500, "a@" * 250, "上海路1" * 100, "加v " * 150, "5 Ab " * 100, "一号" * 250]
)
def test_no_comment_holds_up_the_room(text: str) -> None:
    masked("13800138000 " * 2)  # what is loaded once
    started = time.perf_counter()
    masked(text, ORDER_NUMBERS)
    assert time.perf_counter() - started < 0.5


async def test_a_room_shows_and_keeps_masks_and_the_bot_reads_the_whole(live: Live) -> None:
    secret = "我的手机13800138000，订单SD2600000002，寄到上海市浦东新区世纪大道100号，什么时候到"
    shown = "我的手机138****8000，订单SD26****0002，寄到[地址]，什么时候到"
    async with live.viewer() as ann, live.viewer() as bob:
        token = (await enter(ann, "Ann 13800138000"))["viewer"]
        await enter(bob, "Bob")
        live.receiver.reply = lambda message: (Reply("在路上了", audience=Audience.PUBLIC),)
        await ann.send(type="comment", id="c1", text=secret)
        own, seen = await ann.receive("comment"), await bob.receive("comment")
        await live.deliver()
        reply = await bob.receive("reply")
    assert (own["text"], own["name"]) == (secret, "Ann 138****8000")
    assert (seen["text"], seen["name"]) == (shown, "Ann 138****8000")
    assert {**own, "text": ""} == {**seen, "text": ""}
    assert reply["question"] == shown
    (message,) = live.asked
    assert message.text == secret
    async with live.viewer() as cy, live.viewer() as again:
        history = (await enter(cy, "Cy"))["history"]
        assert (await enter(again, viewer=token))["history"] == history
    assert history[0]["text"] == shown
    room = await live.rooms.opened("main")
    assert "13800138000" not in f"{room.history}{vars(room.triage)}"


async def test_two_people_with_numbers_of_their_own_do_not_ask_the_same(live: Live) -> None:
    await live.shop.show("main", "P1001", live.clock.now())
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        first = await say(ann, "SD2600010002什么时候到", "c1")
        second = await say(bob, "SD2600020002什么时候到", "c2")
    assert (first["fate"], second["fate"]) == ("ask", "ask")
    assert len(live.asked) == 2
