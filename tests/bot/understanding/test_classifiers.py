"""The two classifiers, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.understanding.linear import LinearClassifier, train_linear
from bot.understanding.semantic import SemanticClassifier, train_semantic
from knowledge.encoders.hashing import HashingEncoder

SAYS = {
    "greet": ["hello", "hi there", "good morning", "你好", "在吗"],
    "order_status": ["where is my parcel", "track my order", "查物流", "快递到哪了", "order status please"],
    "size_advice": ["what size should I take", "which size fits me", "穿什么码", "160 100斤穿多大", "does it run small"],
}
ASKED = {
    "hi, good morning": "greet",
    "order status": "order_status",
    "帮我查物流": "order_status",
    "which size": "size_advice",
}


@pytest.mark.parametrize("intents", [("greet", "order_status"), ("greet", "order_status", "size_advice")])
async def test_two_intents_or_more_are_told_apart_and_kept(tmp_path: Path, intents: tuple[str, ...]) -> None:
    texts = [text for intent in intents for text in SAYS[intent]]
    labels = [intent for intent in intents for _ in SAYS[intent]]
    encoder = HashingEncoder()
    linear = train_linear(texts, labels)
    semantic = train_semantic(await encoder.encode_queries(texts), labels, encoder.name)
    linear.save(tmp_path)
    semantic.save(tmp_path)
    linear_again, semantic_again = LinearClassifier.load(tmp_path), SemanticClassifier.load(tmp_path)
    assert linear.intents == semantic.intents == intents
    for text, intent in ASKED.items():
        [vector] = await encoder.encode_queries([text])
        for stage, again in (
            (linear.probabilities(text), linear_again.probabilities(text)),
            (semantic.probabilities(vector), semantic_again.probabilities(vector)),
        ):
            assert stage.sum() == pytest.approx(1, abs=1e-5)
            assert np.allclose(stage, again)
            if intent in intents:
                assert intents[int(stage.argmax())] == intent, text


def test_a_text_of_nothing_says_nothing() -> None:
    linear = train_linear(["hello", "bye"], ["greet", "goodbye"])
    assert linear.probabilities("").tolist() == [0.5, 0.5]
