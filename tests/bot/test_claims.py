"""Claims hold of the tables that they were made from, and break with what they tell and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims import Tables, broken, holding, payable, prices, read_tables, renewed, running, spans, stocks, usable
from bot.commerce import Coupon, Money, Product, Promotion, Text, Variant
from bot.fakes import EPOCH
from bot.types import Claim
from tests.channels.live.shop import PRODUCTS, RoomShop

OFFER = Promotion("PR1", Text("九折", "10% off"), "percent", "10", "product:P1")
COUPON = Coupon("SAVE10", Text("券", "coupon"), "amount", "1000", "all")


def product(minors: list[int], pieces: list[int]) -> Product:
    variants = tuple(
        Variant(f"S{n}", Text("黑", "black"), str(n), Money(minor), stock)
        for n, (minor, stock) in enumerate(zip(minors, pieces, strict=True))
    )
    return Product("P1", Text("夹克", "Jacket"), "apparel", "", variants)


def tables(one: Product, *, offers: tuple[Promotion, ...] = (OFFER,), coupons: tuple[Coupon, ...] = (COUPON,)) -> Tables:
    return Tables({one.id: one}, offers, coupons)


def everything(one: Product, now: Tables) -> tuple[Claim, ...]:
    return (
        *prices(one, one.variants),
        *payable(one, one.variants, now.promotions),
        *stocks(one, one.variants),
        *spans(one),
        *running(one, now.promotions),
        *running(None, now.promotions),
        *usable(one, now.coupons),
        *holding(OFFER, holds=True),
        *holding(COUPON, holds=True),
    )


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 9)), min_size=1, max_size=4))
def test_claims_hold_of_their_own_tables_and_a_price_breaks_those_that_tell_it(rows: list[tuple[int, int]]) -> None:
    one = product([minor for minor, _ in rows], [pieces for _, pieces in rows])
    now = tables(one)
    claims = everything(one, now)
    assert broken(claims, now) == ()
    dearer = replace(one, variants=(replace(one.variants[0], price=one.variants[0].price + Money(10)), *one.variants[1:]))
    aspects = {claim.aspect for claim in broken(claims, tables(dearer))}
    assert {"price:S0", "pay:S0"} <= aspects <= {"price:S0", "pay:S0", "span"}


@pytest.mark.parametrize(
    ("before", "after", "breaks"), [(9, 1, False), (1, 9, False), (9, 0, True), (0, 1, True), (0, 0, False)]
)
def test_pieces_break_a_claim_only_to_and_from_none(before: int, after: int, breaks: bool) -> None:
    claims = stocks(product([100], [before]), product([100], [before]).variants)
    assert bool(broken(claims, tables(product([100], [after])))) is breaks


def test_an_offer_that_begins_ends_or_changes_breaks_what_tells_of_it() -> None:
    one = product([10_000], [3])
    claims = everything(one, tables(one))
    gone = {claim.aspect for claim in broken(claims, tables(one, offers=(), coupons=()))}
    assert gone == {"pay:S0", "offers", "coupons", "offer:PR1", "coupon:SAVE10"}
    other = {claim.aspect for claim in broken(claims, tables(one, offers=(replace(OFFER, value="20"),)))}
    assert other == {"pay:S0", "offers", "offer:PR1"}
    elsewhere = (OFFER, Promotion("PR2", Text("x", "x"), "percent", "5", "product:P2"))
    assert {claim.subject for claim in broken(claims, tables(one, offers=elsewhere))} == {""}  # of the whole shop
    assert broken(holding(OFFER, holds=False), tables(one))


def test_what_is_not_sold_any_more_breaks_everything_of_it() -> None:
    one = product([100], [3])
    claims = (*prices(one, one.variants), *stocks(one, one.variants), *spans(one))
    assert broken(claims, Tables()) == broken(claims, tables(replace(one, active=False))) == claims
    assert {renewed(claim, Tables()).value for claim in claims} == {""}


async def test_the_tables_of_claims_are_read_of_these_products_alone() -> None:
    claims = prices(PRODUCTS[1], PRODUCTS[1].variants)
    read = await read_tables(RoomShop(), "main", claims, EPOCH)  # type: ignore[arg-type]
    assert set(read.products) == {"P1002"} and broken(claims, read) == ()
