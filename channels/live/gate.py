"""To whom a comment is said: to the shop, or among viewers. Learned, calibrated, and silent where it is unsure.

A linear model over the comment's characters and its sentence vector (multinomial logistic regression). `evals.room.fit`
makes the weights; `evals.room.measure` says what they are worth on comments that they were not made from.
"""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from bot.ports import Encoder
from bot.text import clean, simplified

WEIGHTS: Final = Path(__file__).with_name("gate.npz")
# Character n-grams are counted in so many slots (feature hashing, Weinberger et al. 2009).
SLOTS: Final = 2**14
LONGEST: Final = 4


class Said(StrEnum):
    """What a comment is: a question or wish to the shop, a matter of the writer's own, or none of the shop's business."""

    SHOP = "shop"
    PRIVATE = "private"
    GREETING = "greeting"
    CHATTER = "chatter"
    ABUSE = "abuse"
    CONTACT = "contact"
    SENSITIVE = "sensitive"


_TO_SHOP: Final = frozenset({Said.SHOP, Said.PRIVATE})
# What a room does not show.
IMPROPER: Final = frozenset({Said.ABUSE, Said.CONTACT, Said.SENSITIVE})
# From this probability on a comment is improper; chosen on the tuning comments of `evals.room.fit`.
HIDE: Final = 0.4
# From this probability on a comment becomes a question to the shop; chosen on the tuning comments of `evals.room.fit`.
FOR_SHOP: Final = 0.45
# From this on its writer is told, too, that the shop has no answer; else only what can be answered is.
SURELY: Final = 0.7
# The same where the shop has just spoken to the viewer, who may be answering at length; "M" and "168" are answers.
IN_TALK: Final = 0.1
# What the characters alone make chatter with this probability needs no sentence vector.
SURELY_NOT: Final = 0.98


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comment most likely is, and how likely it is said to the shop and how likely improper, both from 0 to 1.

    `said` is the likeliest kind; of a comment that is hidden, the likeliest improper one is `why`.
    """

    said: Said
    for_shop: float
    improper: float = 0.0
    why: Said | None = None

    @property
    def hidden(self) -> Said | None:
        """Why only its writer sees the comment; None where everybody does."""
        return self.why if self.improper >= HIDE else None


class Judge(Protocol):
    """Says to whom a comment is said."""

    async def judge(self, text: str) -> Judgement:
        """The judgement of one comment. Raises Unavailable where the encoder does."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """Logits are `chars @ of_chars + vector @ of_vector + bias`; the columns are `labels`.

    `alone` and `alone_bias` are those of a model that sees only the characters: what it is sure of needs no vector.
    """

    labels: tuple[Said, ...]
    of_chars: NDArray[np.float32]
    of_vector: NDArray[np.float32]
    bias: NDArray[np.float32]
    alone: NDArray[np.float32]
    alone_bias: NDArray[np.float32]
    encoder: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """The weights that `write` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name].astype(np.float32) for name in _ARRAYS}
            return cls(tuple(Said(str(label)) for label in kept["labels"]), encoder=str(kept["encoder"]), **arrays)

    def write(self, path: Path) -> None:
        """Keep them in half precision."""
        arrays = {name: getattr(self, name).astype(np.float16) for name in _ARRAYS}
        np.savez_compressed(path, allow_pickle=False, labels=np.array(self.labels), encoder=np.array(self.encoder), **arrays)


_ARRAYS: Final = ("of_chars", "of_vector", "bias", "alone", "alone_bias")


class Gate:
    """`Judge` with the weights of this folder."""

    def __init__(self, encoder: Encoder, weights: Weights) -> None:
        """An encoder that the weights were not made with is not asked: the characters alone say what they can."""
        self._encoder = encoder if encoder.name.startswith(weights.encoder) else None
        self._weights = weights

    async def judge(self, text: str) -> Judgement:
        """The judgement of one comment. Raises Unavailable where the encoder does."""
        plain = folded(text)
        places, values = characters(plain)
        kept = self._weights
        first = _judgement(kept.labels, values @ kept.alone[places] + kept.alone_bias)
        if self._encoder is None or 1 - first.for_shop >= SURELY_NOT:
            return first
        vector = (await self._encoder.encode_queries([plain]))[0]
        return _judgement(kept.labels, values @ kept.of_chars[places] + vector @ kept.of_vector + kept.bias)


def folded(text: str) -> str:
    """The text as it is judged: simplified, lower case, every digit a 0, three of a kind for many ("666666", "哈哈哈哈")."""
    plain = simplified(clean(text)).casefold()
    plain = "".join("0" if unicodedata.category(c) == "Nd" else c for c in plain)
    return "".join(c for at, c in enumerate(plain) if plain[at - 3 : at] != c * 3 or at < 3)


@lru_cache(maxsize=4096)
def characters(plain: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The slots of the n-grams of a folded text and their weights; together they have the length 1."""
    edged = f" {plain} "
    grams = {edged[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(edged) - size + 1)}
    places = np.unique([zlib.crc32(gram.encode()) % SLOTS for gram in grams])
    return places, np.full(len(places), len(places) ** -0.5, np.float32)


def _judgement(labels: tuple[Said, ...], logits: NDArray[np.float32]) -> Judgement:
    odds = np.exp(logits - logits.max())
    odds /= odds.sum()
    chances = dict(zip(labels, map(float, odds), strict=True))
    improper = {label: chance for label, chance in chances.items() if label in IMPROPER}
    return Judgement(
        max(chances, key=chances.__getitem__),
        sum(chance for label, chance in chances.items() if label in _TO_SHOP),
        sum(improper.values()),
        max(improper, key=improper.__getitem__, default=None),
    )
