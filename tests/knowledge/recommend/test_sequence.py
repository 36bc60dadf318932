"""The sequential linear model: order, the closed form, what is left out and kept, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from bot.errors import BadInput
from knowledge.recommend.ridge import solved
from knowledge.recommend.sequence import SequenceSettings, fit, load

ITEMS = 8
# 0 is followed by 1, 2 by 3; 1 is never followed by 0.
CHAINS = [[0, 1, 4], [0, 1, 5], [0, 1, 6], [2, 3, 4], [2, 3, 5], [2, 3]]
PLAIN = SequenceSettings(ridge=1.0, together=0.0, floor=0.0, keep=0)

histories = st.lists(st.lists(st.integers(0, ITEMS - 1), max_size=6), max_size=8)
history = st.lists(st.integers(0, ITEMS - 1), max_size=6)


def test_order_matters() -> None:
    model = fit(CHAINS, ITEMS, PLAIN)
    assert np.argmax(model.scores([0])) == 1 and np.argmax(model.scores([2])) == 3
    assert model.scores([0])[1] > model.scores([1])[0]
    assert np.argmax(model.scores([2, 0])) == 1 and np.argmax(model.scores([0, 2])) == 3


def test_closed_form_is_a_ridge_without_its_own_item() -> None:
    chance = np.random.default_rng(5)
    past, future = chance.random((40, ITEMS)), chance.random((40, ITEMS))
    penalised, target = past.T @ past + 2.0 * np.eye(ITEMS), past.T @ future
    rows = np.vstack([rows for _, rows in solved(csr_matrix(penalised), csr_matrix(target), np.arange(ITEMS))])
    for item in range(ITEMS):
        others = [other for other in range(ITEMS) if other != item]
        direct = np.linalg.solve(
            past[:, others].T @ past[:, others] + 2.0 * np.eye(ITEMS - 1), past[:, others].T @ future[:, item]
        )
        assert rows[others, item] == pytest.approx(direct, abs=1e-4)
    assert not rows.diagonal().any()


def test_items_beyond_the_dense_ones_stand_alone() -> None:
    model = fit(CHAINS, ITEMS, replace(PLAIN, dense_items=3))
    assert np.argmax(model.scores([0])) == 1 and np.argmax(model.scores([2])) == 3
    every, none = fit(CHAINS, ITEMS, PLAIN), fit(CHAINS, ITEMS, replace(PLAIN, dense_items=0))
    assert not np.allclose(every.weights.toarray(), none.weights.toarray())


def test_what_is_kept_is_the_largest_by_size() -> None:
    every, kept = (fit(CHAINS, ITEMS, replace(PLAIN, keep=keep)).weights.toarray() for keep in (0, 2))
    for full, left in zip(np.abs(every), np.abs(kept), strict=True):
        shown = left > 0
        assert shown.sum() <= max(2, (full == np.sort(full)[-2]).sum() + 1)
        assert full[~shown].max() <= left[shown].min(initial=np.inf) and np.allclose(full[shown], left[shown])


def test_an_empty_history_gives_popularity() -> None:
    model = fit(CHAINS, ITEMS, PLAIN)
    assert list(np.argsort(-model.scores([]), kind="stable")) == list(np.argsort(-model.taken, kind="stable"))


def test_content_speaks_for_what_nobody_took() -> None:
    content = np.eye(ITEMS, dtype=np.float32)
    content[7] = content[0]
    cold = fit(CHAINS, ITEMS, PLAIN).scores([0])[7]
    assert cold == 0.0 and fit(CHAINS, ITEMS, PLAIN, content).scores([0])[7] > 0
    assert fit(CHAINS, ITEMS, PLAIN, csr_matrix(content)).scores([0]) == pytest.approx(
        fit(CHAINS, ITEMS, PLAIN, content).scores([0])
    )


@settings(max_examples=40, deadline=None)
@given(histories, history)
def test_any_history_is_left_out_and_everything_else_has_a_score(people: list[list[int]], asked: list[int]) -> None:
    scores = fit(people, ITEMS).scores(asked)
    assert np.isneginf(scores[list(set(asked))]).all() and np.isneginf(scores).sum() == len(set(asked))
    assert scores.shape == (ITEMS,) and not np.isnan(scores).any()


@settings(max_examples=25, deadline=None)
@given(histories, history)
def test_people_in_another_order_are_the_same_people(people: list[list[int]], asked: list[int]) -> None:
    one, other = fit(people, ITEMS).scores(asked), fit(people[::-1], ITEMS).scores(asked)
    assert one == pytest.approx(other, abs=1e-5)


def test_a_saved_model_is_the_model(tmp_path: Path) -> None:
    model = fit(CHAINS, ITEMS, replace(PLAIN, memory=4.5, keep=3))
    model.save(tmp_path / "taste.npz")
    again = load(tmp_path / "taste.npz")
    assert again.settings == model.settings and again.scores([0, 2]) == pytest.approx(model.scores([0, 2]))
    (tmp_path / "broken.npz").write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"broken\.npz"):
        load(tmp_path / "broken.npz")


@pytest.mark.parametrize("wrong", [[ITEMS], [-1]])
def test_numbers_that_are_no_items_are_refused(wrong: list[int]) -> None:
    with pytest.raises(BadInput, match="0 to 7"):
        fit([wrong], ITEMS)
    with pytest.raises(BadInput, match="0 to 7"):
        fit(CHAINS, ITEMS).scores(wrong)


def test_a_shop_without_items_or_purchases() -> None:
    assert fit([], 0).scores([]).shape == (0,)
    assert not fit([], 3).scores([]).any()
