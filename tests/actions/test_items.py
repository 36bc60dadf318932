"""Which lines of an order a text names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.items import pick
from actions.plans import Dossier, Refusal
from bot.commerce import Text
from tests.actions.counter import HAT, order

JEANS = replace(HAT, id="P8", name=Text("直筒牛仔裤", "Straight Jeans"), aliases=("牛仔裤", "jeans"))
FLEECE = replace(HAT, id="P9", name=Text("加绒牛仔裤", "Fleece Jeans"), aliases=())


def _dossier() -> Dossier:
    bought = order("SD9", "delivered", [("P3-1", 1, "0"), ("P1-1-M", 1, "0")])
    lines = tuple(
        replace(line, product_id=product.id, name=product.name)
        for line, product in zip(bought.lines, (JEANS, FLEECE), strict=True)
    )
    return Dossier(replace(bought, lines=lines), None, products={"P8": JEANS, "P9": FLEECE})


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("加绒牛仔裤", [2]),
        ("就要加绒牛仔裤那个", [2]),
        ("the fleece jeans", [2]),
        ("直筒牛仔裤", [1]),
        ("牛仔裤", None),
        ("直筒牛仔裤加绒牛仔裤", None),
    ],
)
def test_the_name_inside_of_another_is_not_said(text: str, lines: list[int] | None) -> None:
    found = pick(_dossier(), text, None, "zh")
    assert (None if isinstance(found, Refusal) else [piece.line.number for piece in found]) == lines
