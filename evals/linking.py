"""How well texts that name no product are linked to the one they mean: `python -m evals.linking`; `--fit` fits the weights.

`practice/references` has what people call the products of practice shops without their names, and things that these shops
do not sell, by a hand that saw their tables only. The weights of `knowledge/linking.json` are fitted on the training shops;
the calibration shops are for testing. Some shops of one language make one, so that there is something to choose from.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from bot.commerce import Attribute, Money, Product, Text, Variant
from bot.settings import Settings
from evals.knowledge import fit_relevance
from evals.languages import print_by_language
from evals.practice import CALIBRATION, TRAINING, shops_in
from knowledge.encoders import for_documents, load_encoder
from knowledge.facts.answers import FactAnswers
from knowledge.linking import FEATURES, WEIGHTS, ProductLinker, probabilities
from knowledge.relevance import keep, named

REFERENCES = Path(__file__).with_name("practice") / "references"
# So many practice shops make one.
TOGETHER = 8
# From here on a link is taken.
TAKEN = 0.5
# Keeps the weights from growing without bound; cosines are small and not scaled.
_RIDGE = 5e-7


@dataclass(frozen=True, slots=True)
class Referred:
    """A text that means a product of a shop, or none: `shop` is the shop's number, `product` an id or empty."""

    shop: int
    text: str
    product: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The evidence for every product of a shop, shape (products, features); `right` is the place of the one meant, or -1."""

    language: str
    x: NDArray[np.float64]
    right: int
    sure: NDArray[np.float64]


def practice(folder: Path) -> tuple[list[tuple[str, list[Product]]], list[Referred]]:
    """Shops as (language, products), and what is said of them. `folder` is that of training or of calibration."""
    known = [
        (f"{file.stem}/{shop['shop']}", shop, row)
        for file in sorted((REFERENCES / folder.name).glob("*.jsonl"))
        for shop, row in _both(shops_in(folder / file.name), shops_in(file))
    ]
    made: list[tuple[str, list[Product]]] = []
    referred: list[Referred] = []
    for language in ("zh", "en"):
        own = [one for one in known if one[1]["lang"] == language]
        for some in (own[n : n + TOGETHER] for n in range(0, len(own), TOGETHER)):
            for name, _, row in some:
                referred += [
                    Referred(len(made), text, f"{name}/{one['product']}")
                    for one in row["references"]
                    for text in one["texts"]
                ]
                referred += [Referred(len(made), text, "") for text in row["unsold"]]
            made.append((language, [_product(name, told) for name, shop, _ in some for told in shop["products"]]))
    return made, referred


def _both(
    told: Sequence[Mapping[str, Any]], said: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each shop of which something is said, with that."""
    by_name = {shop["shop"]: shop for shop in told}
    yield from ((by_name[row["shop"]], row) for row in said)


def _product(shop: str, told: Mapping[str, Any]) -> Product:
    """A product of a practice shop: labelled statements are its attributes, the others its description."""
    stated = told["statements"]
    attributes = tuple(Attribute(s["id"], _text(s["label"]), _text(s["text"])) for s in stated if s["label"])
    description = " ".join(s["text"] for s in stated if not s["label"])
    only = (Variant("1", Text("", ""), "", Money(100, "CNY"), 1),)
    name = told["name"]
    return Product(
        f"{shop}/{name}", _text(name), "goods", "", only, description=_text(description), attributes=attributes
    )  # fmt: skip


def _text(text: str) -> Text:
    return Text(text, text)


async def judge(folder: Path, linker: ProductLinker, facts: FactAnswers, encoder: str) -> list[Judged]:
    """The evidence for every text of the practice shops of a folder."""
    made, referred = practice(folder)
    for language, products in made:
        await facts.warm(products, language)
    judged = []
    for one in referred:
        language, products = made[one.shop]
        found = await linker.evidence(one.text, products, language)
        sure = probabilities(found, encoder)
        names = list(found)
        right = names.index(one.product) if one.product else -1
        x = np.array([astuple(evidence) for evidence in found.values()])
        judged.append(Judged(language, x, right, np.array([sure[name] for name in names])))
    return judged


def fit(judged: Sequence[Judged]) -> dict[str, float]:
    """The weights under which what is meant is likeliest: of a softmax over the products and, as a row of noughts, none."""
    lists = []
    for one in judged:
        choices = np.r_[np.c_[np.ones(len(one.x)), one.x], np.zeros((1, len(FEATURES) + 1))]
        lists.append((choices, np.arange(len(choices)) == one.right % len(choices)))
    bias, *weights = fit_relevance(lists, _RIDGE)
    return {"bias": round(bias, 4), **named(FEATURES, weights)}


def measured(judged: Sequence[Judged]) -> dict[str, float]:
    """How often the likeliest is the right one, and what is taken rightly and wrongly."""
    meant = [one for one in judged if one.right >= 0]
    none = [one for one in judged if one.right < 0]
    return {
        "n": len(judged),
        "first is right": sum(int(one.sure.argmax()) == one.right for one in meant) / len(meant),
        "taken rightly": sum(int(one.sure.argmax()) == one.right and one.sure.max() >= TAKEN for one in meant) / len(meant),
        "taken wrongly": sum(int(one.sure.argmax()) != one.right and one.sure.max() >= TAKEN for one in meant) / len(meant),
        "unsold, taken": sum(one.sure.max() >= TAKEN for one in none) / len(none),
    }


async def measure(console: Console, *, refit: bool = False) -> dict[str, float]:
    """Print the measures of the calibration shops by language; returns those of all. With `refit`, fit the weights first."""
    settings = Settings.load().knowledge
    encoder = await load_encoder(settings.encoder, settings.models)
    facts = FactAnswers(for_documents(encoder))
    linker = ProductLinker(encoder, facts.nearest)
    if refit:
        keep(WEIGHTS, encoder.name, fit(await judge(TRAINING, linker, facts, encoder.name)))
    judged = await judge(CALIBRATION, linker, facts, encoder.name)
    print_by_language(console, "Products meant and not named", judged, measured)
    return measured(judged)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the weights on practice shops")
    asyncio.run(measure(Console(width=140), refit=parser.parse_args().fit))
