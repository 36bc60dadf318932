"""Addresses as customers write them, with what they say around them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.addresses import read_address
from bot.commerce import Address

OLD = Address("王芳", "13800001111", "文三路 90 号", "杭州市", "浙江省", "310012", "China")


@pytest.mark.parametrize(
    "text",
    [
        "浙江省杭州市上城区解放路18号902室",
        "浙江省杭州市上城区解放路18号902室，麻烦啦",
        "哦哦，浙江省杭州市上城区解放路18号902室",
        "那行吧 浙江省杭州市上城区解放路18号902室 谢谢 尽快哈",
        "方便的话，浙江省杭州市上城区解放路18号902室。拜托了",
    ],
)
def test_small_talk_is_no_part_of_an_address(text: str) -> None:
    read = read_address(text, OLD)
    assert read is not None
    assert (read.region, read.city, read.line.rstrip("。")) == ("浙江省", "杭州市", "上城区解放路18号902室")
    assert (read.name, read.phone) == (OLD.name, OLD.phone)


@pytest.mark.parametrize(
    "text",
    ["周文 浙江省杭州市解放路18号 13900002222", "浙江省杭州市解放路18号，周文", "收件人：周文，浙江省杭州市解放路18号"],
)
def test_who_gets_it_is_read(text: str) -> None:
    read = read_address(text, OLD)
    assert read is not None and read.name == "周文"


@pytest.mark.parametrize(
    ("behind", "country"),
    [
        ("", "China"),
        (". Be quick", "China"),
        ("!", "China"),
        (", is that it?", "China"),
        (", thanks a lot", "China"),
        (", Canada", "Canada"),
        (", US", "US"),
    ],
)
def test_only_a_country_is_one(behind: str, country: str) -> None:
    read = read_address(f"12 Oak Street, Portland, OR 97205{behind}", OLD)
    assert read == replace(OLD, line="12 Oak Street", city="Portland", region="OR", postal_code="97205", country=country)


def test_a_name_with_a_dot_is_one() -> None:
    read = read_address("阿卜杜拉·热合曼 13700000000 新疆喀什市色满路77号", OLD)
    assert read is not None and (read.name, read.city) == ("阿卜杜拉·热合曼", "喀什市")


@pytest.mark.parametrize(
    ("said", "line"), [("5号西户吧", "上城区解放路5号西户"), ("5号旁边的网吧", "上城区解放路5号旁边的网吧")]
)
def test_a_particle_is_no_part_of_a_place(said: str, line: str) -> None:
    read = read_address(f"浙江省杭州市上城区解放路{said}", OLD)
    assert read is not None
    assert read.line == line


@pytest.mark.parametrize("before", ["", "no trouble at all, ", "ok so, here you go, "])
def test_talk_before_a_western_address_is_no_name(before: str) -> None:
    read = read_address(f"{before}Ann Lee, 5551230099, 9 Mill Lane, Salem, OR 97301", OLD)
    assert read is not None and (read.name, read.line, read.city) == ("Ann Lee", "9 Mill Lane", "Salem")
    small = read_address("ann lee, 5551230099, 9 mill lane, salem, or 97301", OLD)
    assert small is not None and (small.name, small.line) == ("ann lee", "9 mill lane")
