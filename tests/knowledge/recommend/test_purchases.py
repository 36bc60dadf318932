"""Suggestions from purchases, and the reasons that are given for them."""

from __future__ import annotations

from knowledge.recommend.purchases import Purchases

BOUGHT = {"a": ["tent", "mat"], "b": ["tent", "mat", "lamp"], "c": ["lamp", "tent"], "d": ["pan", "pot"]}


def test_a_reason_counts_the_people_who_bought_both() -> None:
    links = {link.product_id: link for link in Purchases(BOUGHT).suggest(["tent"])}
    assert set(links) == {"mat", "lamp"}  # one person's pot is no reason
    assert (links["mat"].because, links["mat"].together) == ("tent", 2)


def test_what_follows_comes_before_what_went_before() -> None:
    assert [link.product_id for link in Purchases(BOUGHT).suggest(["tent"])] == ["mat", "lamp"]


def test_nothing_known_suggests_nothing() -> None:
    assert Purchases({}).suggest(["tent"]) == [] == Purchases(BOUGHT).suggest(["kettle"])
    assert Purchases(BOUGHT).buyers("tent") == 3 and Purchases(BOUGHT).buyers("kettle") == 0
