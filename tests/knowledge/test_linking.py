"""Texts that name no product, and the one that they mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.commerce import Attribute, Text
from bot.types import Language, Need
from evals.linking import Judged, fit, measured, practice
from evals.practice import CALIBRATION, TRAINING
from knowledge.encoders.hashing import HashingEncoder
from knowledge.facts.answers import FactAnswers
from knowledge.linking import Evidence, ProductLinker, probabilities, told_of
from knowledge.recommend.recommender import ShopRecommender
from tests.knowledge.recommend.test_what_it_is_for import ITEMS
from tests.knowledge.shop import SHELL, SHOE, SUN, MemoryShop

SHOP = (SHELL, SUN, SHOE)
NOTHING = Evidence(0.0, 0.0, 0.0, 0.0, 0.0)


class CountingEncoder(HashingEncoder):
    """Counts the passages that it was given."""

    passages = 0

    async def encode_passages(self, texts: object) -> NDArray[np.float32]:
        self.passages += len(texts)  # type: ignore[arg-type]
        return await super().encode_passages(texts)  # type: ignore[arg-type]


def test_the_likeliest_has_the_most_evidence_and_none_of_them_is_a_choice() -> None:
    found = probabilities(
        {"A": Evidence(0.2, 0.1, 0.9, 0.0, 1.0), "B": Evidence(0.0, 0.0, 0.1, 0.0, 0.0), "C": NOTHING}, "x"
    )
    assert found["A"] > found["B"] > found["C"] > 0 and sum(found.values()) < 1
    assert sum(probabilities({"A": NOTHING}, "x").values()) < 0.5
    assert probabilities({}, "x") == {}


async def test_what_is_told_of_a_product_speaks_for_it() -> None:
    waterproof = replace(SHOE, attributes=(Attribute("use", Text("用途", "Use"), Text("下雨天跑", "runs in the rain")),))
    found = await ProductLinker(HashingEncoder(), FactAnswers(HashingEncoder()).nearest).evidence(
        "in the rain", (SHELL, SUN, waterproof), "en"
    )
    assert max(found, key=lambda name: found[name].words) == SHOE.id and found[SHOE.id].told > 0
    assert found[SHOE.id].name == 0.0


async def test_a_measure_speaks_for_what_states_it() -> None:
    tank = replace(SHOE, attributes=(Attribute("holds", Text("容量", "Holds"), Text("5.5 升", "5.5 L")),))
    found = await ProductLinker(HashingEncoder(), FactAnswers(HashingEncoder()).nearest).evidence(
        "5.5升的那个", (SHELL, tank), "zh"
    )
    assert (found[SHELL.id].measures, found[SHOE.id].measures) == (0.0, 1.0)


async def test_products_are_encoded_once_and_again_when_they_change() -> None:
    encoder = CountingEncoder()
    linker = ProductLinker(encoder, FactAnswers(HashingEncoder()).nearest)
    await linker.warm(SHOP, "zh")
    await linker.link("跑步的", SHOP, "zh")
    assert encoder.passages == len(SHOP)
    await linker.link("跑步的", (*SHOP[:2], replace(SHOE)), "zh")
    assert encoder.passages == len(SHOP) + 1
    assert await linker.link("anything", (), "en") == {}


def test_all_that_is_told_stands_in_one_text() -> None:
    text = told_of(SHELL, "en")
    assert text.startswith(SHELL.name.en) and all(a.value.en in text for a in SHELL.attributes)


@pytest.mark.parametrize("folder", [TRAINING, CALIBRATION])
def test_references_mean_products_of_their_shops(folder: object) -> None:
    made, referred = practice(folder)  # type: ignore[arg-type]
    assert made and referred
    for one in referred:
        assert not one.product or one.product in {product.id for product in made[one.shop][1]}


def test_weights_are_those_under_which_what_is_meant_is_likeliest() -> None:
    dice = np.random.default_rng(1)
    judged = []
    for n in range(60):
        x = dice.random((5, 5)) * 0.2
        right = n % 6 - 1  # of every sixth none is meant
        if right >= 0:
            x[right, 2] = 0.9
        judged.append(Judged("en", x, right, np.zeros(5)))
    weights = fit(judged)
    assert weights["words"] > 1 and weights["bias"] < 0
    sure = [
        np.array(list(probabilities_of(one.x, weights).values())) for one in judged
    ]  # fmt: skip
    figures = measured([replace(one, sure=of) for one, of in zip(judged, sure, strict=True)])
    assert figures["first is right"] == 1.0 and figures["taken wrongly"] == 0.0


def probabilities_of(x: NDArray[np.float64], weights: dict[str, float]) -> dict[str, float]:
    """The softmax that the service reckons, with weights of one's own."""
    scores = np.r_[
        weights["bias"] + x @ np.array([weights[name] for name in ("told", "stated", "words", "name", "measures")]), 0.0
    ]
    powers = np.exp(scores - scores.max())
    return dict(enumerate((powers / powers.sum())[:-1].tolist()))  # type: ignore[arg-type]


async def shown(text: str, meant: dict[str, float]) -> list[str]:
    recommender = ShopRecommender(MemoryShop(items=ITEMS), HashingEncoder())
    found = await recommender.recommend(Need(text, Language.EN), meant=meant)
    return [card.product_id for card in found.cards]


async def test_where_one_is_likely_what_is_far_less_so_is_not_shown() -> None:
    assert await shown("a kite", {"K2": 0.7, "K1": 0.3, "K3": 0.01}) == ["K2", "K1"]
    assert len(await shown("a kite", {"K2": 0.3, "K3": 0.01})) == 3


async def test_what_is_meant_beyond_doubt_is_shown_whatever_kind_is_said() -> None:
    assert await shown("a kite", {"S2": 0.9}) == ["S2"]
    assert await shown("a kite", {"S2": 0.6, "K1": 0.05}) == ["S2"]
    assert sorted(await shown("a kite", {"S2": 0.6, "K1": 0.2})) == ["K1", "K2", "K3"]
