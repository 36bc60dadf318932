"""Two encoders as one."""

from __future__ import annotations

import numpy as np

from knowledge.encoders import for_intents
from knowledge.encoders.hashing import HashingEncoder
from knowledge.encoders.joined import JoinedEncoder


async def test_vectors_hold_those_of_both_and_have_unit_length() -> None:
    one = HashingEncoder()
    both = JoinedEncoder(one, one)
    [vector], [alone] = await both.encode_queries(["多少钱"]), await one.encode_queries(["多少钱"])
    assert vector.shape == (both.dimension,) == (2 * one.dimension,)
    assert np.allclose(np.linalg.norm(vector), np.linalg.norm(alone))
    assert np.allclose(vector[: one.dimension], vector[one.dimension :])


async def test_who_asks_nobody_gets_nothing() -> None:
    assert (await JoinedEncoder(HashingEncoder(), HashingEncoder()).encode_passages([])).shape[0] == 0


def test_an_encoder_that_has_learned_nothing_more_stays_itself() -> None:
    one = HashingEncoder()
    assert for_intents(one) is one
