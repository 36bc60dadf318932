"""Of a table the rows that are made for what a question names."""

from __future__ import annotations

import pytest

from knowledge.rows import made_for

DELIVERY = (
    "地区 Region: 江苏 上海 Jiangsu Shanghai; 几天 Days: 1",
    "地区 Region: 川渝 Sichuan Chongqing; 几天 Days: 4",
    "地区 Region: 华南 South China; 几天 Days: 3",
    "地区 Region: 西藏 新疆 Tibet Xinjiang; 几天 Days: 9",
)
COUNTRIES = ("Country: Japan; Fee: 60", "Country: mainland China; Fee: 0", "Country: France; Fee: 120")
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
    ],
)
def test_rows_are_made_for_a_place_or_a_measure(question: str, rows: tuple[str, ...], numbers: list[int]) -> None:
    assert made_for(question, rows) == numbers
