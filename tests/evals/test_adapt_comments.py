"""What the half for comments is taught with: parts of each source, in batches of like lengths."""

from __future__ import annotations

from itertools import islice

import numpy as np

from channels.live.gate import Said
from evals.adapt.comments import PARTS, batches
from evals.adapt.kinds import BATCH, POOL
from evals.adapt.learning import risen
from evals.room.comments import Labelled

SOURCES = [[Labelled("x" * length, Said.SHOP, source=name) for length in range(1, 40)] for name in ("a", "b", "c")]


def test_every_source_has_its_part_and_a_batch_has_like_lengths() -> None:
    drawn = list(islice(batches(SOURCES, np.random.default_rng(1)), POOL - 1))
    every = [comment for batch in drawn for comment in batch]
    shares = [sum(comment.source == name for comment in every) / len(every) for name in ("a", "b", "c")]
    assert np.allclose(shares, PARTS, atol=0.05) and max(map(len, drawn)) == BATCH
    spread = [max(len(comment.text) for comment in batch) - min(len(comment.text) for comment in batch) for batch in drawn]
    assert np.mean(spread) < 6


def test_the_rate_rises_and_then_falls() -> None:
    assert risen(0.0) == 0.0 and risen(0.05) == 1.0 and risen(0.02) < risen(0.05) > risen(0.5) > risen(1.0) > 0
