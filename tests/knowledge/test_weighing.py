"""Ways to answer are weighed by what speaks for them and by what the message was taken for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import weighing
from knowledge.facts.reading import Act
from knowledge.weighing import OF_ACTS, Source, features, odds, score, sure


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "WEIGHTS", tmp_path / "weighing.json")
    weighing.keep({"money": {"": -1.0, "said": 2.0, "about money": 3.0}, "property": {"about property": 1.5}})
    yield
    weighing._weights.cache_clear()


@given(st.floats(0.01, 0.99))
def test_a_probability_comes_back_from_its_odds(probability: float) -> None:
    assert sure(odds(probability)) == pytest.approx(probability)


def test_certainty_has_bounded_odds() -> None:
    assert odds(1.0) == pytest.approx(-odds(0.0)) and odds(1.0) < 10


def test_what_a_message_is_about_is_summed_over_its_intents() -> None:
    likely = (("ask_feature", 0.5), ("ask_use", 0.25), ("return_policy", 0.125), ("cancel_order", 0.0625))
    found = features({"sure": 1.0}, likely)
    assert found == {"": 1.0, "sure": 1.0, "about property": 0.75, "about shop": 0.125, "about business": 0.0625}


@pytest.mark.usefixtures("weights")
def test_the_same_words_are_weighed_by_what_the_message_was_taken_for() -> None:
    said = {"said": 1.0}
    assert score(Source.MONEY, said, (("ask_price", 1.0),)) == 4.0
    assert score(Source.MONEY, said, (("ask_feature", 1.0),)) == 1.0
    assert score(Source.PROPERTY, {}, (("ask_feature", 1.0),)) == 1.5
    assert score(Source.RULE, said, (("ask_price", 1.0),)) == 0.0, "what was never weighed is no likelier than nothing"


def test_every_act_has_its_source_and_no_weight_is_of_another() -> None:
    assert set(OF_ACTS) == set(Act)
    assert set(weighing._weights()) <= {source.value for source in Source}
