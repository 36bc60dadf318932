"""Of a table the rows that are made for what a question names."""

from __future__ import annotations

import pytest

from knowledge.rows import looks_up, made_for

DELIVERY = (
    "地区 Region: 江苏 上海 Jiangsu Shanghai; 几天 Days: 1",
    "地区 Region: 川渝 Sichuan Chongqing; 几天 Days: 4",
    "地区 Region: 华南 South China; 几天 Days: 3",
    "地区 Region: 西藏 新疆 Tibet Xinjiang; 几天 Days: 9",
)
COUNTRIES = ("Country: Japan; Fee: 60", "Country: mainland China; Fee: 0", "Country: France; Fee: 120")
BIRDS = (
    "鸟 Bird: 山雀 great tit; 洞口 Hole: 32 mm; 高度 Height: 2 m",
    "鸟 Bird: 蓝山雀 blue tit; 洞口 Hole: 28 mm; 高度 Height: 3 m",
    "鸟 Bird: 椋鸟 starling; 洞口 Hole: 45 mm; 高度 Height: 4 m",
)
TYRES = ("Rider weight (kg): 50–69; 38 mm tyre (psi): 40", "Rider weight (kg): 70–90; 38 mm tyre (psi): 50")
CLOTHES = ("身高 Height (cm): 90–105; 臂长 Arm (cm): 30–35", "身高 Height (cm): 106–120; 臂长 Arm (cm): 36–40")
SIZES = ("Height (cm): 80–100; Size: S", "Height (cm): 101–120; Size: M")


@pytest.mark.parametrize(
    ("question", "rows", "numbers"),
    [
        ("几天到成都", DELIVERY, [1]),
        ("how long to Shenzhen", DELIVERY, [2]),
        ("寄拉萨要多久", DELIVERY, [3]),
        ("几天能到", DELIVERY, []),
        ("what is it to Harbin", COUNTRIES, [1]),
        ("and to France?", COUNTRIES, [2]),
        ("my girl is 112 cm", SIZES, [1]),
        ("my girl is 150 cm", SIZES, []),
        ("一百六十斤打多少", TYRES, [1]),
        ("孩子一米一二", CLOTHES, [1]),  # the first column of centimetres is looked up
        ("which hole for a great tit", BIRDS, [0]),
        ("蓝山雀的洞口开多大", BIRDS, [1]),  # of names that are said, the longest
        ("which hole for an owl", BIRDS, []),
    ],
)
def test_rows_are_made_for_a_place_or_a_measure(question: str, rows: tuple[str, ...], numbers: list[int]) -> None:
    assert made_for(question, rows) == numbers


def test_a_row_is_looked_up_by_its_name_and_the_head_of_a_column() -> None:
    assert looks_up(BIRDS[2], "how big a hole does a starling need")
    assert not looks_up(BIRDS[2], "do starlings bite") and not looks_up(BIRDS[2], "how big is the hole")


def test_the_unit_behind_the_head_of_a_column_need_not_be_said() -> None:
    row = "曲子 Tune: 竹林 Bamboo Grove; 弦长 String length (cm): 64; 要几根 Strings needed: 3"
    assert looks_up(row, "what string length for bamboo grove")
    assert not looks_up(row, "how long is bamboo grove")
