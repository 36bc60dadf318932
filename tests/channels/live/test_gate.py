"""To whom a comment is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from channels.live.gate import FOR_SHOP, SLOTS, WEIGHTS, Gate, Said, Weights, characters, folded
from knowledge.encoders.hashing import HashingEncoder


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(HashingEncoder(), Weights.read(WEIGHTS))


def test_digits_and_repeats_are_folded() -> None:
    assert folded("ＨＡＨＡ 12345 啊啊啊啊啊啊") == "haha 000 啊啊啊"


def test_characters_are_of_length_one() -> None:
    places, values = characters("黑色还有吗")
    assert float(values @ values) == pytest.approx(1)
    assert len(set(places)) == len(places) and max(places) < SLOTS


@pytest.mark.parametrize("text", ["三号链接的外套多少钱，还有货吗", "what sizes do you have in stock and how much is it"])
async def test_who_asks_for_goods_is_heard_by_the_characters_alone(gate: Gate, text: str) -> None:
    assert (await gate.judge(text)).for_shop >= FOR_SHOP


@pytest.mark.parametrize("text", ["哈哈哈哈哈笑死我了", "hahaha lol she is so funny omg"])
async def test_who_laughs_is_not(gate: Gate, text: str) -> None:
    assert (await gate.judge(text)).for_shop < FOR_SHOP


async def test_an_encoder_that_nothing_was_learned_with_is_not_asked(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    async def encode(self: HashingEncoder, texts: list[str]) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(HashingEncoder, "encode_queries", encode)
    assert (await gate.judge("好看")).said in Said


def test_weights_are_kept(tmp_path: Path) -> None:
    weights = Weights.read(WEIGHTS)
    weights.write(tmp_path / "gate.npz")
    again = Weights.read(tmp_path / "gate.npz")
    assert again.labels == weights.labels and again.encoder == weights.encoder
    assert np.array_equal(again.of_chars, weights.of_chars)
