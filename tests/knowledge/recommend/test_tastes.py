"""What a person's signals do to what is suggested, and that forgetting them leaves a stranger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commerce import Address, Money, Order, OrderLine, OrderStatus, Return, Text
from bot.fakes import EPOCH, MemorySignals
from bot.signals import Consent, SignalKind, signal
from bot.types import Language, Need, Search
from knowledge.encoders.hashing import HashingEncoder
from knowledge.recommend.recommender import Ranking, ShopRecommender
from knowledge.recommend.tastes import taste_of
from tests.knowledge.shop import MemoryShop

ME = "customer:C1"
NOWHERE = Address("", "", "", "", "", "", "")
BEHAVIOUR = [kind for kind in SignalKind if kind not in (SignalKind.ORDER, SignalKind.RETURN)]
PRODUCTS = [product.id for product in MemoryShop().items]


def order(name: str, product_id: str, status: OrderStatus = OrderStatus.COMPLETED) -> Order:
    line = OrderLine(1, f"{product_id}-1", product_id, Text("x", "x"), 1, Money(100), Money(0))
    zero = Money(0)
    return Order(name, "C1", status, EPOCH, (line,), zero, zero, zero, zero, "card", NOWHERE)


@dataclass
class Bought(MemoryShop):
    """A shop with orders of one customer."""

    orders: tuple[Order, ...] = field(default=())

    async def orders_of(self, customer_id: str, limit: int = 20) -> list[Order]:
        return [one for one in self.orders if one.customer_id == customer_id]

    async def returns(self, order_id: str) -> list[Return]:
        back = Return("R1", order_id, 1, 1, "return", "size", "done", EPOCH + timedelta(days=3))
        return [back] if order_id == "back" else []


def need(text: str = "", person: str = ME, customer: str | None = "C1", **more: object) -> Need:
    return Need(text, Language.EN, customer_id=customer, person=person, asked_at=EPOCH, limit=9, **more)  # type: ignore[arg-type]


async def ranked(recommender: ShopRecommender, wanted: Need) -> Ranking:
    found = await recommender.ranking(wanted)
    assert isinstance(found, Ranking)
    return found


def order_of(found: Ranking) -> list[tuple[str, float]]:
    return [(p.id, round(sum(found.features[p.id].values()), 6)) for p in found.products]


noted = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(BEHAVIOUR)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(noted=noted, bought=st.lists(st.sampled_from(PRODUCTS), max_size=2), text=st.sampled_from(["", "a sun jacket"]))
async def test_after_forgetting_the_ranking_is_a_strangers(
    noted: list[tuple[str, SignalKind]], bought: list[str], text: str
) -> None:
    signals = MemorySignals()
    shop = Bought(orders=tuple(order(f"o{n}", name) for n, name in enumerate(bought)))
    recommender = ShopRecommender(shop, HashingEncoder(), signals=signals)
    stranger = order_of(await ranked(recommender, need(text, "sender:web:x", None)))
    await signals.decide(ME, Consent.GIVEN, EPOCH)
    await signals.note(ME, [signal(name, kind, EPOCH) for name, kind in noted], "m1")
    await signals.decide(ME, Consent.REFUSED, EPOCH)
    assert order_of(await ranked(recommender, need(text))) == stranger


async def test_what_was_asked_about_comes_first_and_why_says_so() -> None:
    signals = MemorySignals()
    recommender = ShopRecommender(MemoryShop(), HashingEncoder(), signals=signals)
    last = (await ranked(recommender, need())).products[-1]
    await signals.decide(ME, Consent.GIVEN, EPOCH)
    await signals.note(ME, [signal(last.id, SignalKind.QUESTION, EPOCH)], "m1")
    assert (await ranked(recommender, need())).products[0].id == last.id
    assert await recommender.why(need(), last.id) == f"you asked about {last.name.en}"
    stranger = await recommender.why(need(person="sender:web:x"), last.id)
    assert "asked" not in stranger and stranger.startswith("in stock")


async def test_why_names_nothing_that_is_not_suggested() -> None:
    assert await ShopRecommender(MemoryShop(), HashingEncoder()).why(need(), "P404") == ""


@pytest.mark.parametrize("text", ["", "something for the sun"])
async def test_what_is_not_wanted_is_gone_for_the_conversation(text: str) -> None:
    recommender = ShopRecommender(MemoryShop(), HashingEncoder())
    first = (await ranked(recommender, need(text))).products[0].id
    again = await ranked(recommender, need(text, search=Search(rejected=(first,))))
    assert first not in [product.id for product in again.products]


async def test_not_this_speaks_against_it_later_where_that_was_agreed_to() -> None:
    signals = MemorySignals()
    recommender = ShopRecommender(MemoryShop(), HashingEncoder(), signals=signals)
    first = (await ranked(recommender, need())).products[0].id
    await signals.decide(ME, Consent.GIVEN, EPOCH)
    await signals.note(ME, [signal(first, SignalKind.NOT_THIS, EPOCH)], "m1")
    found = await ranked(recommender, need())
    assert found.products[-1].id == first and found.features[first]["taste"] == -1.0


async def test_a_return_is_in_the_books_and_neither_it_nor_its_order_is_suggested() -> None:
    shop = Bought(orders=(order("back", "P1", OrderStatus.RETURNED), order("kept", "P2")))
    taste = await taste_of(need(), shop, None)
    assert [(one.product_id, one.kind) for one in taste.signals if one.weight < 0] == [("P1", SignalKind.RETURN)]
    assert taste.kept == ("P2",)
    found = await ranked(ShopRecommender(shop, HashingEncoder()), need())
    assert not {"P1", "P2"} & {product.id for product in found.products}


async def test_a_cancelled_order_is_no_signal() -> None:
    shop = Bought(orders=(order("o", "P1", OrderStatus.CANCELLED),))
    assert (await taste_of(need(), shop, None)).signals == ()


async def test_signals_fade() -> None:
    signals = MemorySignals()
    recommender = ShopRecommender(MemoryShop(), HashingEncoder(), signals=signals)
    await signals.decide(ME, Consent.GIVEN, EPOCH)
    await signals.note(ME, [signal("P1", SignalKind.CLICK, EPOCH)], "m1")
    now = (await ranked(recommender, need())).features["P1"]["taste"]
    later = replace(need(), asked_at=EPOCH + timedelta(days=60))
    assert (await ranked(recommender, later)).features["P1"]["taste"] == pytest.approx(now / 2)
