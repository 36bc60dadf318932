"""Pictures that a shop teaches with: what each shows, and its features, kept so that no picture is looked at twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NewType

import numpy as np
import orjson

from bot.commerce import Product
from bot.errors import BadPhoto
from bot.ports import PhotoEncoder
from knowledge.photos.views import views
from knowledge.photos.whitening import Floats

Digest = NewType("Digest", str)
Progress = Callable[[int, int], None]

# Views beside a picture itself, by how many pictures there are at most: few pictures need them most and cost least.
VIEWS = ((200, 8), (1_000, 4))
FEWEST_VIEWS = 2
_LABELLED = "photos-labelled.json"


@dataclass(frozen=True, slots=True, order=True)
class Lesson:
    """A picture by the SHA-256 of its file, the class that it shows, and its product, empty where it is not of one product.

    A class is `kind:ID`, `product:ID` or `label:TEXT`.
    """

    digest: Digest
    named: str
    product: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """Features and labelled photos of one shop, kept in a folder. Each encoder has features of its own."""

    folder: Path
    encoder: PhotoEncoder

    def labelled(self) -> tuple[Lesson, ...]:
        """What was taught with a folder of photos."""
        file = self.folder / _LABELLED
        rows = orjson.loads(file.read_bytes()) if file.is_file() else []
        return tuple(Lesson(Digest(digest), named, product) for digest, named, product in rows)

    def keep_labelled(self, lessons: Sequence[Lesson]) -> None:
        """Instead of what was taught before; in the order in which the photos were taken."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = [(lesson.digest, lesson.named, lesson.product) for lesson in lessons]
        written = self.folder / f"{_LABELLED}.new"
        written.write_bytes(orjson.dumps(rows))
        written.rename(self.folder / _LABELLED)

    async def features(
        self, files: Mapping[Digest, Path], others: Sequence[Digest], progress: Progress
    ) -> tuple[dict[Digest, Floats], dict[Digest, str]]:
        """Features of each picture and its views, shape (1 + views, n), and of those that cannot be read, why.

        `others` are pictures whose files are not at hand but whose features are kept; what is neither is forgotten.
        """
        count = _views_each(len(files) + len(others))
        known = await asyncio.to_thread(_load, self._file)
        found = {digest: known[digest] for digest in (*files, *others) if digest in known}
        missing = [digest for digest in files if digest not in found or len(found[digest]) < 1 + count]
        problems: dict[Digest, str] = {}
        for done, digest in enumerate(missing, start=1):
            try:
                found[digest] = await self._looked_at(files[digest], digest, count)
            except BadPhoto as error:
                problems[digest] = str(error)
            progress(done, len(missing))
        if missing or found.keys() != known.keys():
            await asyncio.to_thread(_save, self._file, found)
        return {digest: rows[: 1 + count] for digest, rows in found.items()}, problems

    def forget_others(self) -> None:
        """Features of other encoders, which see these pictures no more."""
        for file in self.folder.glob("photos-features-*.npz"):
            if file != self._file:
                file.unlink()

    @property
    def _file(self) -> Path:
        return self.folder / f"photos-features-{self.encoder.name}.npz"

    async def _looked_at(self, file: Path, digest: Digest, count: int) -> Floats:
        data = await asyncio.to_thread(file.read_bytes)
        return await self.encoder.encode([data, *await asyncio.to_thread(views, data, count, int(digest[:8], 16))])


@dataclass(frozen=True, slots=True)
class Pictures:
    """The catalogue's own pictures: their files, what they teach, and of those that cannot be opened, why, by path."""

    files: Mapping[Digest, Path]
    lessons: tuple[Lesson, ...]
    paths: Mapping[Digest, str]
    problems: Mapping[str, str]


def catalogue_pictures(folder: Path, products: Sequence[Product], photographed: frozenset[str] = frozenset()) -> Pictures:
    """Every product's picture shows its kind, or the product itself where that is `photographed` for itself."""
    digests, problems = _digests(folder, sorted({product.picture for product in products if _is_ours(product.picture)}))
    lessons = tuple(
        Lesson(digests[one.picture], f"product:{one.id}" if one.id in photographed else f"kind:{one.category}", one.id)
        for one in products
        if one.picture in digests
    )
    files = {digest: _file(folder, picture) for picture, digest in digests.items()}
    return Pictures(files, lessons, {digest: picture for picture, digest in digests.items()}, problems)


def digest_of(file: Path) -> Digest:
    """Raises OSError where it cannot be opened."""
    return Digest(hashlib.sha256(file.read_bytes()).hexdigest())


def _views_each(pictures: int) -> int:
    return next((count for most, count in VIEWS if pictures <= most), FEWEST_VIEWS)


def _is_ours(picture: str) -> bool:
    """Whether a product's picture is a file of the folder, rather than none or one at an address."""
    return bool(picture) and not picture.startswith(("http://", "https://", "/"))


def _file(folder: Path, picture: str) -> Path:
    return folder / picture.removeprefix("pictures/")


def _digests(folder: Path, pictures: Sequence[str]) -> tuple[dict[str, Digest], dict[str, str]]:
    """What each picture's file holds, by hash; and of those that cannot be opened, why."""
    digests: dict[str, Digest] = {}
    problems: dict[str, str] = {}
    for picture in pictures:
        try:
            digests[picture] = digest_of(_file(folder, picture))
        except OSError as error:
            problems[picture] = (
                f"the file cannot be opened ({error.strerror}). Put it there, or empty the cell in products.csv."
            )
    return digests, problems


def _load(file: Path) -> dict[Digest, Floats]:
    if not file.is_file():
        return {}
    with np.load(file) as arrays:
        rows = np.split(arrays["features"].astype(np.float32), np.cumsum(arrays["counts"])[:-1])
        return dict(zip(map(Digest, map(str, arrays["digests"])), rows, strict=True)) if len(arrays["digests"]) else {}


def _save(file: Path, features: Mapping[Digest, Floats]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".new.npz")
    counts = np.array([len(rows) for rows in features.values()], np.int64)
    rows = np.concatenate([*features.values()]) if features else np.zeros((0, 0))
    digests = np.array(list(features), np.str_)
    np.savez(written, digests=digests, counts=counts, features=rows.astype(np.float16))
    written.rename(file)
