"""Which product of a shop a text means that names none: entity linking, by meaning and by the words that both share.

People say what a thing is for or what it is like ("something to grind beans when camping"). The evidence for every product
is weighed in a conditional logit (McFadden, "Conditional Logit Analysis of Qualitative Choice Behavior", 1974), in which
"none of these" is a choice, too. Its weights are fitted on what people call the products of practice shops
(`python -m evals.linking --fit`) and kept in `linking.json`, a row an encoder.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.commerce import Product
from bot.ports import Encoder
from bot.text import normal
from knowledge.facts.relevance import features
from knowledge.facts.statements import statements
from knowledge.lexicon.names import all_texts, kind_names, said_names
from knowledge.lexicon.quantities import quantities
from knowledge.relevance import weights_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How near what is stated of products comes to a text: text, products and language in, cosines by product id out; of those
# that are not there nothing is known.
Nearest = Callable[[str, Sequence[Product], str], Awaitable[Mapping[str, float]]]
WEIGHTS = Path(__file__).with_name("linking.json")
# Products whose vectors and words are kept.
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a product being meant.

    `told`: the cosine of the text and all that is told of it, above the shop's mean; `stated`: the same of the one statement
    of it that is nearest; `words`: the part of the words, by
    how telling they are in this shop, that are told of it; `name`: the part that its names and kinds have, which things of
    its kind that are not sold are called by, too; `measures`: the part of the text's measures that it states.
    """

    told: float
    stated: float
    words: float
    name: float
    measures: float


FEATURES = tuple(field.name for field in fields(Evidence))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a product is compared by: the vector of all that is told of it in a language, words and measures."""

    product: Product
    told: NDArray[np.float32]
    words: frozenset[str]
    names: frozenset[str]
    measures: frozenset[tuple[str, float]]


class ProductLinker:
    """Links texts to products. What it knows of a product is read again when that changes."""

    def __init__(self, encoder: Encoder, nearest: Nearest) -> None:
        """`nearest` says how near the nearest statement of each product comes to a text."""
        self._encoder = encoder
        self._nearest = nearest
        self._known: LRUCache[tuple[str, str], _Known] = LRUCache(_KEPT)

    async def link(self, text: str, products: Sequence[Product], language: str) -> dict[str, float]:
        """How probable it is of each product, by its id, that the text means it; what is missing to 1 is for none."""
        return probabilities(await self.evidence(text, products, language), self._encoder.name)

    async def evidence(self, text: str, products: Sequence[Product], language: str) -> dict[str, Evidence]:
        """What speaks for each product, by its id."""
        import numpy as np

        if not products:
            return {}
        known = await self._of(products, language)
        told = np.stack([one.told for one in known]) @ (await self._encoder.encode_queries([text]))[0]
        near = await self._nearest(text, products, language)
        mean = sum(near.values()) / len(near) if near else 0.0
        asked = features(text)
        worth = _worth(asked, known)
        total = sum(worth.values()) or 1.0
        measured = {(q.dimension, q.high) for q in quantities(normal(text))}
        return {
            one.product.id: Evidence(
                float(told[n] - told.mean()),
                near.get(one.product.id, mean) - mean,
                sum(worth[word] for word in asked & one.words) / total,
                sum(worth[word] for word in asked & one.names) / total,
                len(measured & one.measures) / len(measured) if measured else 0.0,
            )
            for n, one in enumerate(known)
        }

    async def warm(self, products: Sequence[Product], language: str) -> None:
        """Encode products ahead of the first text."""
        await self._of(products, language)

    async def _of(self, products: Sequence[Product], language: str) -> list[_Known]:
        own = "en" if language == "en" else "zh"
        fresh = [p for p in products if (one := self._known.get((p.id, own))) is None or one.product is not p]
        if fresh:
            told = await self._encoder.encode_passages([told_of(product, own) for product in fresh])
            for product, vector in zip(fresh, told, strict=True):
                self._known[product.id, own] = _known(product, vector)
        return [self._known[product.id, own] for product in products]


def told_of(product: Product, language: str) -> str:
    """All that is told of a product in a language as one text: its name and kind, attributes and description."""
    head = f"{product.name.in_(language)} {product.category_name.in_(language)}".strip()
    return f"{head}. {'; '.join(statement.whole for statement in statements(product, language))}"


def probabilities(found: Mapping[str, Evidence], encoder: str) -> dict[str, float]:
    """The probability of each product, that of none being what is missing to 1."""
    weights = weights_of(WEIGHTS, encoder)
    scores = {
        name: weights["bias"] + sum(weights[key] * value for key, value in zip(FEATURES, astuple(one), strict=True))
        for name, one in found.items()
    }
    highest = max((0.0, *scores.values()))
    powers = {name: math.exp(score - highest) for name, score in scores.items()}
    total = sum(powers.values()) + math.exp(-highest)
    return {name: power / total for name, power in powers.items()}


def _known(product: Product, told: NDArray[np.float32]) -> _Known:
    values = (f"{variant.color.zh} . {variant.color.en} . {variant.size}" for variant in product.variants)
    text = " . ".join((all_texts(product), *values))
    measures = frozenset((q.dimension, q.high) for q in quantities(normal(text)))
    names = features(" ".join((*said_names(product), *kind_names(product))))
    return _Known(product, told, features(text) | names, names, measures)


def _worth(asked: frozenset[str], known: Sequence[_Known]) -> dict[str, float]:
    """How telling each word of a text is: the more products it is told of, the less; nothing where it is of none."""
    counts = {word: sum(word in one.words for one in known) for word in asked}
    scale = math.log(len(known) + 2)
    return {word: max(0.05, 1 - math.log(count) / scale) if count else 0.0 for word, count in counts.items()}
