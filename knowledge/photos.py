"""What a customer's photo shows, and which products look like it: the port PhotoReader."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.commerce import Shop
from bot.errors import BadPhoto
from bot.ports import PhotoEncoder
from bot.types import Language, PhotoReading
from knowledge.wording import card, is_english

# Cosine from which a product is shown. On the demo shop's drawn pictures, sent cropped, scaled and as JPEG, the right
# product scores 0.86 and more; photographs of things that no shop of ours sells stay under 0.62.
LOOKS_ALIKE = 0.7
MAX_ALIKE = 3
TOP_LABELS = 3
_FILE = "photos.npz"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PictureReport:
    """How many products can be found by a photo, and which of their pictures cannot be read, with the reason."""

    products: int
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    """Features of the catalogue's pictures: `vectors[i]` belongs to the picture with content `digests[i]`."""

    digests: tuple[str, ...]
    vectors: NDArray[np.float32]

    @property
    def by_digest(self) -> Mapping[str, NDArray[np.float32]]:
        return dict(zip(self.digests, self.vectors, strict=True))


class CataloguePhotos:
    """`PhotoReader` over the pictures of the shop's products, by the features of one photo encoder."""

    def __init__(self, shop: Shop, encoder: PhotoEncoder, pictures: Path, cache: Path) -> None:
        """`pictures` is the folder that products' picture paths are relative to; features are kept under `cache`."""
        self._shop = shop
        self._encoder = encoder
        self._pictures = pictures
        self._cache = cache / _FILE
        self._digests: dict[str, str] = {}
        self._table: _Table | None = None

    async def refresh(self, progress: Progress = lambda done, total: None) -> PictureReport:
        """Encode pictures that are new or changed. A product without a readable one is found by its words."""
        products = await self._shop.products()
        pictures = {product.id: product.picture for product in products if _is_ours(product.picture)}
        by_picture, problems = await asyncio.to_thread(_digests, self._pictures, sorted(set(pictures.values())))
        self._digests = {name: by_picture[picture] for name, picture in pictures.items() if picture in by_picture}
        known = await asyncio.to_thread(_load, self._cache, self._encoder.name)
        vectors = dict(known.by_digest) if known else {}
        missing = {picture: digest for picture, digest in by_picture.items() if digest not in vectors}
        for done, (picture, digest) in enumerate(missing.items(), start=1):
            try:
                data = await asyncio.to_thread(_file(self._pictures, picture).read_bytes)
                vectors[digest] = (await self._encoder.encode([data]))[0]
            except BadPhoto as error:
                problems[picture] = str(error)
            progress(done, len(missing))
        kept = {digest: vectors[digest] for digest in self._digests.values() if digest in vectors}
        table = np.array(list(kept.values()), np.float32).reshape(len(kept), self._encoder.dimension)
        self._table = _Table(tuple(kept), table)
        if missing or known is None or len(kept) != len(known.digests):
            await asyncio.to_thread(_save, self._cache, self._encoder.name, self._table)
        return PictureReport(sum(digest in kept for digest in self._digests.values()), problems)

    async def read(self, data: bytes, language: Language) -> PhotoReading:
        """Labels, and the products whose pictures are most like the photo. Raises BadPhoto for bytes that are no picture."""
        if self._table is None:
            await self.refresh()
        labels = await self._encoder.classify(data, TOP_LABELS)
        vector = (await self._encoder.encode([data]))[0]
        alike = self._alike(vector)
        found = await self._shop.products(list(alike))
        cards = tuple(card(product, language, _reason(alike[product.id], language)) for product in found)
        return PhotoReading(tuple(labels), cards, tuple(product.id for product in found))

    def _alike(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """Products by likeness, most like first, down to LOOKS_ALIKE."""
        if self._table is None or not self._table.digests:
            return {}
        likeness = dict(zip(self._table.digests, (self._table.vectors @ vector).tolist(), strict=True))
        scored = {name: likeness[digest] for name, digest in self._digests.items() if digest in likeness}
        best = sorted(scored, key=lambda name: (-scored[name], name))[:MAX_ALIKE]
        return {name: scored[name] for name in best if scored[name] >= LOOKS_ALIKE}


class NoPhotos:
    """`PhotoReader` of a service that is set up without a photo encoder."""

    async def read(self, data: bytes, language: Language) -> PhotoReading:
        """Always raises BadPhoto."""
        raise BadPhoto("photos are not read here.", where="photos.encoder", remedy="Name an encoder in config.yml.")


def _reason(likeness: float, language: str) -> str:
    return f"{likeness:.0%} alike" if is_english(language) else f"相似度 {likeness:.0%}"


def _is_ours(picture: str) -> bool:
    """Whether a product's picture is a file of the folder, rather than none or one at an address."""
    return bool(picture) and not picture.startswith(("http://", "https://", "/"))


def _file(folder: Path, picture: str) -> Path:
    return folder / picture.removeprefix("pictures/")


def _digests(folder: Path, pictures: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """What each picture's file holds, by hash; and of those that cannot be opened, why."""
    digests: dict[str, str] = {}
    problems: dict[str, str] = {}
    for picture in pictures:
        try:
            digests[picture] = hashlib.sha256(_file(folder, picture).read_bytes()).hexdigest()
        except OSError as error:
            problems[picture] = (
                f"the file cannot be opened ({error.strerror}). Put it there, or empty the cell in products.csv."
            )
    return digests, problems


def _load(file: Path, encoder: str) -> _Table | None:
    if not file.is_file():
        return None
    with np.load(file) as arrays:
        if str(arrays["encoder"]) != encoder:
            return None
        return _Table(tuple(str(digest) for digest in arrays["digests"]), arrays["vectors"])


def _save(file: Path, encoder: str, table: _Table) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".new.npz")
    np.savez(written, encoder=np.array(encoder), digests=np.array(table.digests), vectors=table.vectors)
    written.rename(file)
