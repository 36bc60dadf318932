"""What sending costs: thresholds, zones, goods that do not count, and what a rule does not say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import Coupon, Money, Product, Promotion, Text, Variant
from bot.offers import Bill, CartLine, bill
from bot.postage import Band, Postage, Zone, charge


def bands(*pairs: tuple[str, str | None]) -> tuple[Band, ...]:
    return tuple(Band(Decimal(least), None if fee is None else Decimal(fee)) for least, fee in pairs)


RULE = Postage(
    bands(("0", "6.50"), ("50", "3"), ("80", "0")),
    (
        Zone(("CN-XJ", "CN-XZ"), bands(("0", "25"))),
        Zone(("HK",), bands(("0", "40"), ("300", "0"))),
        Zone(("CN-HI",), on_top=Decimal("4")),
        Zone(("TW",), served=False),
    ),
)
TEN_OFF = Promotion("A", Text("减十", "ten off"), "amount", "1000", "all")
FREE = Coupon("FREE", Text("免邮", "free delivery"), "shipping", "0", "all")


def line(price: str, category: str = "tools", currency: str = "CNY") -> CartLine:
    variant = Variant("V", Text(), "", Money.of(price, currency), 9)
    return CartLine(Product("P", Text("锤", "Hammer"), category, "", (variant,)), variant)


def buying(price: str, *offers: Promotion, coupons: tuple[Coupon, ...] = ()) -> Bill:
    return bill([line(price)], offers, coupons)


def fee(rule: Postage, of: Bill, *places: str) -> str | None:
    sent = charge(rule, of, places)
    return None if sent is None else str(sent.fee)


def test_each_band_begins_at_its_amount() -> None:
    assert [fee(RULE, buying(price)) for price in ("49.99", "50", "79.99", "80")] == ["¥6.50", "¥3", "¥3", "¥0"]


def test_what_is_paid_after_reductions_counts_unless_the_rule_says_the_goods() -> None:
    assert fee(RULE, buying("85", TEN_OFF)) == "¥3"
    assert fee(replace(RULE, counts="goods"), buying("85", TEN_OFF)) == "¥0"


def test_places_have_their_own_terms_in_the_place_of_the_general_ones_or_on_top() -> None:
    assert fee(RULE, buying("500"), "CN-XJ") == "¥25"
    assert (fee(RULE, buying("299"), "HK"), fee(RULE, buying("300"), "HK")) == ("¥40", "¥0")
    assert (fee(RULE, buying("10"), "CN-HI"), fee(RULE, buying("90"), "CN-HI")) == ("¥10.50", "¥4")
    assert fee(RULE, buying("10"), "CN-HN") == fee(RULE, buying("10"))
    sent = charge(RULE, buying("90"), ["TW"])
    assert sent is not None and not sent.served and sent.total == Money.of("90")


def test_a_region_has_the_terms_of_its_country_where_it_has_none_of_its_own() -> None:
    rule = Postage(bands(("0", "5")), (Zone(("US",), bands(("0", "30"))), Zone(("US-AK",), bands(("0", "60")))))
    assert (fee(rule, buying("9"), "US-HI"), fee(rule, buying("9"), "US-AK")) == ("¥30", "¥60")


def test_of_another_country_and_of_places_that_differ_nothing_is_known() -> None:
    assert fee(RULE, buying("10"), "JP") is None
    assert fee(RULE, buying("10"), "CN-XJ", "HK") is None
    assert fee(RULE, buying("10"), "CN-XJ", "CN-XZ") == "¥25"
    pounds = bill([line("10", currency="GBP")], ())
    assert (fee(RULE, pounds, "GB"), fee(RULE, pounds, "CN-HN")) == ("£6.50", None)


def test_where_the_rule_does_not_say_a_fee_there_is_none() -> None:
    rule = Postage(bands(("0", None), ("30", "0")))
    assert (fee(rule, buying("29")), fee(rule, buying("30"))) == (None, "¥0")


def test_goods_that_do_not_count_help_to_reach_nothing() -> None:
    rule = replace(RULE, not_counting=("category:sand",))
    mixed = bill([line("45"), line("60", "sand/fine")], ())
    assert fee(rule, mixed) == "¥6.50"
    assert fee(RULE, mixed) == "¥0"


def test_an_offer_of_free_delivery_waives_the_general_fee_and_says_nothing_of_zones() -> None:
    of = buying("10", coupons=(FREE,))
    sent = charge(RULE, of)
    assert sent is not None and sent.waived and not sent.fee.minor
    assert charge(RULE, of, ["CN-XJ"]) is None


@given(st.integers(1, 50_000), st.sampled_from(["", "CN-XJ", "HK", "CN-HI"]))
def test_what_is_missing_makes_it_free_and_the_sum_is_exact(minor: int, place: str) -> None:
    of = buying(f"{minor / 100:.2f}")
    sent = charge(RULE, of, [place] if place else [])
    assert sent is not None and sent.total == of.total + sent.fee
    if sent.missing is not None:
        enough = charge(RULE, buying(str((of.total + sent.missing).major)), [place] if place else [])
        assert enough is not None and not enough.fee.minor and enough.missing is None


def test_what_is_of_each_piece_is_paid_as_often_as_there_are_pieces_and_no_coupon_waives_it() -> None:
    rule = Postage(
        (Band(Decimal(0), Decimal(20), each=True),), (Zone(("CN-FJ",), (Band(Decimal(0), Decimal(9), each=True),)),)
    )
    three = bill([replace(line("100"), quantity=3)], ())
    assert (fee(rule, three), fee(rule, three, "CN-FJ")) == ("¥60", "¥27")
    assert fee(rule, bill([line("100")], (), [FREE])) is None


def test_an_amount_on_top_may_be_of_what_is_paid_only() -> None:
    rule = Postage(bands(("0", "6"), ("50", "0")), (Zone(("CN-HI",), on_top=Decimal(4), on_free=False),))
    assert (fee(rule, buying("10"), "CN-HI"), fee(rule, buying("60"), "CN-HI")) == ("¥10", "¥0")
