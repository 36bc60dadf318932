"""The card says what the tables say, and nothing where they were not read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import ShopUnavailable
from channels.stage.cards import card
from channels.stage.show import Show
from evals.stage.world import ROOM, open_world
from tests.channels.stage.shop import GUITAR, NAPPY, NOW, OFFER, TENT, ZONE, facts_of
from tests.channels.stage.test_driver import Time


def test_a_card_has_link_names_prices_and_the_offer() -> None:
    shown = card(facts_of(replace(TENT, picture="pictures/T1.png")))
    assert shown == {
        "id": "T1",
        "name": {"zh": "两人帐篷", "en": "Two-Person Tent"},
        "picture": "/pictures/T1.png",
        "link": 7,
        "price": "¥599",
        "from": False,
        "former": "¥799",
        "to_pay": "¥549",
        "offer": {"name": {"zh": "满 500 减 50", "en": "¥50 off from ¥500"}, "ends_at": "2026-06-20T12:00:00+00:00"},
    }


def test_different_prices_are_shown_from_the_lowest() -> None:
    shown = card(facts_of(NAPPY, promotions=()))
    assert (shown["price"], shown["from"], shown["offer"], shown["former"]) == ("¥89", True, None, "")


def test_what_is_sold_out_or_without_a_link_has_no_price_or_number() -> None:
    gone = replace(GUITAR, variants=tuple(replace(variant, stock=0) for variant in GUITAR.variants))
    shown = card(facts_of(gone, links=[]))
    assert (shown["price"], shown["from"], shown["link"], shown["to_pay"]) == ("", False, None, "")


def test_of_offers_the_one_that_ends_first_is_named() -> None:
    sooner = replace(OFFER, id="O2", ends_at=NOW + timedelta(hours=1))
    forever = replace(OFFER, id="O3", ends_at=None)
    for offers in ((OFFER, sooner, forever), (forever, sooner, OFFER)):
        assert card(facts_of(TENT, promotions=offers))["offer"]["ends_at"] == "2026-06-18T13:00:00+00:00"
    assert card(facts_of(TENT, promotions=(forever,)))["offer"]["ends_at"] is None


async def test_a_shop_that_does_not_answer_leaves_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_world(NOW) as world:
        show = Show(world.shop, Time(), ZONE, ROOM, "zh")
        product = world.products[0]
        assert show.card(product) is None
        await show.tables(frozenset({product}), NOW)
        assert (show.card(product) or {})["id"] == product
        monkeypatch.setattr(world.shop, "products", _away)
        with pytest.raises(ShopUnavailable):
            await show.tables(frozenset({product}), NOW + timedelta(minutes=1))
        assert show.card(product) is None


async def _away(ids: object) -> None:
    raise ShopUnavailable("away")
