"""The measures of the suite `recommend`, on histories small enough to reckon by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evals import recommend
from evals.data import VARIABLE, NoData


def test_history_is_left_out_and_ties_count_against_the_sought_item() -> None:
    scores = np.array([9.0, 5.0, 5.0, 1.0], np.float32)
    assert recommend.place(scores, [0], 1) == 1
    assert recommend.place(scores, [0, 2], 1) == 0
    assert recommend.place(np.zeros(4, np.float32), [], 1) == 3


def test_gains_are_those_of_the_first_ten() -> None:
    assert recommend.gains([0, 1, 10]) == (pytest.approx(2 / 3), pytest.approx((1 + 1 / np.log2(3)) / 3))


@pytest.mark.parametrize("way", ["popularity", "item-kNN", "EASE", "ours"])
def test_no_way_sees_the_item_that_is_sought(way: str) -> None:
    people = tuple([person % 5, (person + 1) % 5, 5, 6] for person in range(10))
    data = recommend.Histories("tiny", people, 7, recommend.MOVIES, 1.0)
    scores = recommend.WAYS[way](data)([0, 1])
    assert scores[5] == scores[6] == 0.0


async def test_sets_that_are_absent_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(NoData, match="recommend/amazon_beauty"):
        await recommend.measure(Console(quiet=True))
    folder = tmp_path / "recommend" / "ml-100k"
    folder.mkdir(parents=True)
    rows = [f"{person}\t{item}\t3\t{86400 * item}" for person in range(1, 5) for item in range(1, 6)]
    (folder / "ml-100k.inter").write_text("\n".join(["user_id:token", *rows]) + "\n")
    monkeypatch.setattr(recommend, "SCALE", 50)
    figures = await recommend.measure(Console(quiet=True))
    assert set(figures) == {"MovieLens", "MovieLens, days shuffled", "scale"} and figures["MovieLens"]["ours"]["n"] == 4
