"""Confidence that means what it says: calibration, mixture, thresholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.understanding.combination import Combination, fit_combination, least, sharpened

RANDOM = np.random.default_rng(7)


def stage(true: np.ndarray, right: float, said: float) -> np.ndarray:  # type: ignore[type-arg]
    """Probabilities of a stage that is right in `right` of the cases and always says `said`."""
    intents = 4
    wrong = (true + 1 + RANDOM.integers(intents - 1, size=len(true))) % intents
    chosen = np.where(RANDOM.random(len(true)) < right, true, wrong)
    found = np.full((len(true), intents), (1 - said) / (intents - 1), np.float32)
    found[np.arange(len(true)), chosen] = said
    return found


def test_a_boastful_stage_is_toned_down_and_a_shy_one_believed() -> None:
    true = RANDOM.integers(4, size=3000)
    boastful, shy = stage(true, 0.6, 0.97), stage(true, 0.9, 0.5)
    fitted = fit_combination(boastful, shy, true, None)
    assert fitted.linear < 1 < fitted.semantic
    assert fitted.weight < 0.5
    together = fitted.together(boastful, shy)
    assert together.max(1).mean() == pytest.approx((together.argmax(1) == true).mean(), abs=0.05)
    assert np.allclose(together.sum(1), 1, atol=1e-5)


def test_a_threshold_keeps_its_share_of_right_decisions() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    right = np.array([True, True, False, True])
    assert least(confidence, right, 1.0) == pytest.approx(0.8)
    assert least(confidence, right, 0.75) == pytest.approx(0.6)
    assert least(confidence, ~right, 1.0) == 1.0


def test_sharpness_keeps_the_order() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2]], np.float32)
    assert sharpened(probabilities, 3.0)[0].argsort().tolist() == probabilities[0].argsort().tolist()
    assert sharpened(probabilities, 3.0).max() > 0.5 > sharpened(probabilities, 0.3).max()


def test_kept_and_read_back(tmp_path: Path) -> None:
    true = RANDOM.integers(4, size=200)
    fitted = fit_combination(stage(true, 0.6, 0.9), stage(true, 0.9, 0.6), true, 0)
    fitted.save(tmp_path)
    assert Combination.load(tmp_path) == fitted
