"""Values in a text: what they come to, and what only looks like one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from bot.types import Entity
from bot.values.addresses import addresses
from bot.values.dates import dates
from bot.values.measures import measures
from bot.values.money import money
from bot.values.quantities import quantities

WEDNESDAY = date(2026, 11, 25)


def values(found: Sequence[Entity], text: str) -> list[object]:
    """The values, after making sure that the spans hold what was said."""
    assert all(text[entity.start : entity.end] == entity.text for entity in found)
    return [entity.value for entity in found]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("上周五买的", ["2026-11-20"]),
        ("上上周一", ["2026-11-09"]),
        ("下周三发吗", ["2026-12-02"]),
        ("这周日能到吗", ["2026-11-29"]),
        ("周五能到吗", ["2026-11-27"]),
        ("周五买的还没到", ["2026-11-20"]),
        ("礼拜天", ["2026-11-29"]),
        ("大前天", ["2026-11-22"]),
        ("前天买的今天到了", ["2026-11-23", "2026-11-25"]),
        ("昨晚下的单", ["2026-11-24"]),
        ("11月11号买的", ["2026-11-11"]),
        ("一月三号", ["2027-01-03"]),
        ("2026年1月5日", ["2026-01-05"]),
        ("上个月15号", ["2026-10-15"]),
        ("3天前", ["2026-11-22"]),
        ("两周前", ["2026-11-11"]),
        ("三天后", ["2026-11-28"]),
        ("last Friday", ["2026-11-20"]),
        ("next Friday", ["2026-12-04"]),
        ("can it come on Friday?", ["2026-11-27"]),
        ("I ordered it on Friday", ["2026-11-20"]),
        ("the day before yesterday", ["2026-11-23"]),
        ("2 days ago", ["2026-11-23"]),
        ("a week ago", ["2026-11-18"]),
        ("in three days", ["2026-11-28"]),
        ("Nov 20th", ["2026-11-20"]),
        ("20 November 2025", ["2025-11-20"]),
        ("on 2026-11-20", ["2026-11-20"]),
        # no days
        ("7天内可以退吗", []),
        ("7天无理由", []),
        ("within 7 days", []),
        ("2月31号", []),
        ("双11的活动", []),
        ("3号链接", []),
        ("Black Friday deals", []),
        ("may I return it", []),
        ("it takes 3 days", []),
    ],
)
def test_days(text: str, days: list[str]) -> None:
    assert values(list(dates(text, WEDNESDAY)), text) == days


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("200块以内", ["200 CNY"]),
        ("两百元", ["200 CNY"]),
        ("99块9", ["99.9 CNY"]),
        ("¥1,299.00", ["1299.00 CNY"]),
        ("五百块钱的", ["500 CNY"]),
        ("$60", ["60 USD"]),
        ("under 60 dollars", ["60 USD"]),
        ("€15 or £12", ["15 EUR", "12 GBP"]),
        ("20刀", ["20 USD"]),
        ("200", []),
        ("3块蛋糕", []),
        ("一块巧克力", []),
        ("100%", []),
        ("160cm", []),
    ],
)
def test_amounts_of_money(text: str, amounts: list[str]) -> None:
    assert [f"{entity.value['amount']} {entity.value['currency']}" for entity in money(text)] == amounts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("160 100斤", {"height": 160, "weight": 50}),
        ("165cm 110斤穿多大", {"height": 165, "weight": 55}),
        ("1米65 55kg", {"height": 165, "weight": 55}),
        ("1米7", {"height": 170}),
        ("一米六五，一百二十斤", {"height": 165, "weight": 60}),
        ("身高170体重60", {"height": 170, "weight": 60}),
        ("身高1.72", {"height": 172}),
        ("5'4 120lb", {"height": 162.6, "weight": 54.4}),
        ("5 ft 10 in, 180 pounds", {"height": 177.8, "weight": 81.6}),
        ("脚长24.5", {"foot_length": 24.5}),
        ("150以内的鞋", {}),
        ("2斤装的", {}),
        ("a 3 kg tent", {}),
        ("订单SD2610000160", {}),
        ("发货要170小时", {}),
    ],
)
def test_measures_of_a_person(text: str, found: dict[str, float]) -> None:
    assert {entity.kind: entity.value for entity in measures(text)} == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("165/55", {"height": 165, "weight": 55}),
        ("168穿什么码", {"height": 168}),
        ("1.68 穿什么码", {"height": 168}),
        ("165 55kg", {"height": 165, "weight": 55}),
        ("i'm 170, what size", {"height": 170}),
    ],
)
def test_in_talk_of_sizes_bare_numbers_are_measures(text: str, found: dict[str, float]) -> None:
    assert {entity.kind: entity.value for entity in measures(text, of_sizes=True)} == found


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("买了两件", [2]),
        ("十二个", [12]),
        ("3双袜子和1条裤子", [3, 1]),
        ("2 pcs", [2]),
        ("one of them", [1]),
        ("just two please", [2]),
        ("the blue one x2", [2]),
        ("第二件半价", []),
        ("这件多少钱", []),
        ("三个月保修", []),
        ("问一个问题", []),
        ("2件装", []),
        ("满3件打折", []),
        ("just two days", []),
        ("30x40cm", []),
        ("要仨", [3]),
        ("毛线来9团", [9]),
        ("这个来俩", [2]),
        ("我们俩都买了", []),
    ],
)
def test_numbers_of_pieces(text: str, counts: list[int]) -> None:
    assert values(list(quantities(text)), text) == counts


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("把地址改成浙江省杭州市西湖区文三路100号3栋502室，张三", ["浙江省杭州市西湖区文三路100号3栋502室"]),
        ("改到杭州市西湖区文三路100号", ["杭州市西湖区文三路100号"]),
        ("上海市浦东新区世纪大道88号金茂大厦12楼", ["上海市浦东新区世纪大道88号金茂大厦12楼"]),
        ("ship it to 12 Main Street, Springfield, IL 62704 please", ["12 Main Street, Springfield, IL 62704"]),
        ("221B Baker Street, London", ["221B Baker Street, London"]),
        ("发到上海多少钱", []),
        ("你们广东哪里发货", []),
        ("广州市有店吗", []),
        ("5 days on the way", []),
        ("2 pairs in the shop", []),
    ],
)
def test_places(text: str, places: list[str]) -> None:
    assert values(list(addresses(text)), text) == places
