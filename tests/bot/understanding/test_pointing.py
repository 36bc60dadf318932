"""Which product is meant by a text that does not name it."""

from __future__ import annotations

import pytest

from bot.types import ConversationKey, Exchange, State
from bot.understanding.pointing import pointed_at

SHOWN = State(
    ConversationKey("web", "", "ann"),
    product_ids=("P3", "P1"),
    shown=("P1", "P2", "P3"),
)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("第二个多少钱", "P2"),
        ("第1款有L码吗", "P1"),
        ("最后一个防水吗", "P3"),
        ("how much is the second one?", "P2"),
        ("the 1st one please", "P1"),
        ("is the last one waterproof", "P3"),
        ("第四个呢", None),
        ("第二件半价吗", None),
        ("第二个问题", None),
        ("is it the first time", "P3"),
        ("多久发货", None),
        ("how long does delivery take", None),
    ],
)
def test_places_in_what_was_shown(text: str, product: str | None) -> None:
    assert pointed_at(text, SHOWN, None) == ((product,) if product else ())


@pytest.mark.parametrize("text", ["第二个能装多少", "n the 2nd one, how many litres", "is second one lighter"])
def test_places_in_what_was_compared_last(text: str) -> None:
    told = (Exchange("哪个大", "…", ("P7", "P8")), Exchange("第一个呢", "…", ("P7",)))
    assert pointed_at(text, State(SHOWN.key, recent=told, shown=SHOWN.shown), None) == ("P8",)
    assert pointed_at(text, State(SHOWN.key, recent=told), None) == ("P8",)


def test_cards_are_counted_as_they_were_shown() -> None:
    told = (Exchange("推荐一下", "…", ("P3", "P1", "P2")),)
    assert pointed_at("第一个", State(SHOWN.key, recent=told, shown=SHOWN.shown), None) == ("P1",)


@pytest.mark.parametrize(
    "text", ["这个防水吗", "這件多少錢", "刚才那件还有吗", "蓝色那件", "does it shrink?", "the blue one", "this one in M"]
)
def test_this_is_what_was_on_screen_else_what_was_spoken_of(text: str) -> None:
    assert pointed_at(text, SHOWN, "P9") == ("P9",)
    assert pointed_at(text, SHOWN, None) == ("P3",)
    assert pointed_at(text, State(SHOWN.key), None) == ()
