"""The simulated customer says what is true of its target, and is counted as found only where it was shown."""

from __future__ import annotations

import random

import pytest

from bot.types import Button
from evals.critiques.customer import Customer, Said
from evals.critiques.measure import Played, figures
from tests.knowledge.shop import SHELL, SHOE, SUN


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_criticised_is_true_of_the_target(language: str) -> None:
    for seed in range(40):
        customer = Customer(SUN, language, random.Random(seed))
        assert customer.goes_on([SHELL], ()).sort in {"cheaper", "other_kind"}
        assert Customer(SHELL, language, random.Random(seed)).goes_on([SUN], ()).sort in {"dearer", "other_kind"}


def test_only_a_true_answer_is_given() -> None:
    right, wrong = ('/narrow{"aspect":"kind","value":"apparel/sun"}', '/narrow{"aspect":"kind","value":"shoes/running"}')
    for seed in range(20):
        customer = Customer(SUN, "en", random.Random(seed))
        said = customer.goes_on([SHOE], (Button("shoes", wrong), Button("sun", right)))
        assert said.sort == "answer" and said.text in ("sun", right)
        assert customer.goes_on([SHOE], (Button("shoes", wrong),)).sort != "answer"


def test_the_shares_count_what_was_shown_in_time() -> None:
    def played(found: int, *shown: tuple[str, ...]) -> Played:
        return Played("en", "kind", "P2", (Said("x", "kind"),) * len(shown), shown, 1, found)

    counted = figures([played(1, ("P2",)), played(3, ("P1",), (), ("P2",)), played(0, ("P1",), ("P1",), ("P1",))])
    assert (counted["within_1"], counted["within_2"], counted["within_3"]) == (1 / 3, 1 / 3, 2 / 3)
    assert (counted["critiques"], counted["unheard"]) == (4, 1)
