"""How well each scene suits a product, by meaning: how alike the encoder finds its phrases and the product's words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from bot.commerce import Product
from bot.ports import Encoder
from bot.scenes import Scenes

# Products whose fits are remembered, by their words: one whose words change is read anew.
REMEMBERED = 4096
# So many of a scene's phrases count, the nearest: the others are about other things that belong there.
NEAREST = 2

Vectors = NDArray[np.float32]


class Scenery:
    """The scenes, and how well they suit products."""

    def __init__(self, scenes: Scenes, encoder: Encoder) -> None:
        self.scenes = scenes
        self._encoder = encoder
        self._phrases = [(name, phrase) for name, scene in scenes.scenes.items() for phrase in scene.suits]
        self._vectors: Vectors | None = None
        self._mean: Vectors | None = None
        self._fits: MutableMapping[tuple[str, ...], Mapping[str, float]] = LRUCache(REMEMBERED)
        self._lock = asyncio.Lock()

    async def fits(self, product: Product) -> Mapping[str, float]:
        """How well each scene with phrases suits a product, -1 to 1. Encoded once for the same words."""
        words = words_of(product)
        async with self._lock:
            if words not in self._fits:
                self._fits[words] = await self._reckoned(words)
            return self._fits[words]

    async def _reckoned(self, words: tuple[str, ...]) -> Mapping[str, float]:
        if not words or not self._phrases:
            return {}
        if self._vectors is None or self._mean is None:
            raw = await self._encoder.encode_passages([phrase for _, phrase in self._phrases])
            self._mean = raw.mean(axis=0)
            self._vectors = _unit(raw - self._mean)
        own = _unit(await self._encoder.encode_passages(words) - self._mean)
        alike = self._vectors @ _unit(own.mean(axis=0, keepdims=True))[0]
        return self._by_scene(alike)

    def _by_scene(self, alike: Vectors) -> Mapping[str, float]:
        found: dict[str, list[float]] = {}
        for (name, _), value in zip(self._phrases, alike, strict=True):
            found.setdefault(name, []).append(float(value))
        return {name: sum(sorted(values)[-NEAREST:]) / len(values[-NEAREST:]) for name, values in found.items()}


def words_of(product: Product) -> tuple[str, ...]:
    """What is read of a product, one text a language that it has words in: name, kind, description and tags."""
    texts = []
    for own, kind, told in (
        (product.name.zh, product.category_name.zh, product.description.zh),
        (product.name.en, product.category_name.en, product.description.en),
    ):
        if own:
            texts.append(" ".join(part for part in (own, kind, told, *product.tags) if part))
    return tuple(texts)


def _unit(vectors: Vectors) -> Vectors:
    """Each of length 1; what is common to all has been taken off, or everything would be alike."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
