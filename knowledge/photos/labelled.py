"""A folder of labelled photos: a subfolder with pictures is a class, named by a kind or product of the shop or a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.commerce import Product
from bot.errors import BadInput
from knowledge.photos.pictures import Digest, Lesson, digest_of

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif")
# The subfolder whose photos show nothing that is sold: only testing looks at it.
UNKNOWN = "unknown"
_LAYOUT = "Make one subfolder a class, named by a category, a product id or any label, with its photos in it."


@dataclass(frozen=True, slots=True)
class LabelledPhotos:
    """Photos by digest, what each teaches, and those that show nothing that is sold."""

    files: Mapping[Digest, Path]
    lessons: tuple[Lesson, ...]
    unknown: tuple[Path, ...]


def read_labelled(folder: Path, products: Sequence[Product]) -> LabelledPhotos:
    """Everything in a folder of labelled photos. Raises BadInput for a folder that has none, or a photo in two classes."""
    if not folder.is_dir():
        raise BadInput("there is no such folder.", where=str(folder), remedy=_LAYOUT)
    known = _known(products)
    files: dict[Digest, Path] = {}
    lessons: dict[Digest, Lesson] = {}
    for file in _photos(folder, UNKNOWN):
        lesson = _lesson(file, folder, known)
        before = lessons.setdefault(lesson.digest, lesson)
        if before.named != lesson.named:
            same = files[lesson.digest].relative_to(folder)
            raise BadInput(f"is the same photo as {same}, of another class.", where=str(file), remedy="Delete one of them.")
        files.setdefault(lesson.digest, file)
    if not lessons:
        raise BadInput("has no subfolder with photos.", where=str(folder), remedy=_LAYOUT)
    unknown = folder / UNKNOWN
    return LabelledPhotos(files, tuple(lessons.values()), tuple(sorted(_pictures(unknown))))


def _photos(folder: Path, but: str) -> list[Path]:
    """In the order of their paths, which is most often that in which they were taken."""
    return sorted(file for file in _pictures(folder) if file.parent != folder and file.relative_to(folder).parts[0] != but)


def _pictures(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())


def _lesson(file: Path, folder: Path, known: Mapping[str, tuple[str, str]]) -> Lesson:
    path = file.parent.relative_to(folder).as_posix()
    named, product = known.get(path.casefold()) or known.get(file.parent.name.casefold()) or (f"label:{path}", "")
    return Lesson(digest_of(file), named, product)


def _known(products: Sequence[Product]) -> dict[str, tuple[str, str]]:
    """Class and product by what a subfolder may be called: a category's id or name in either language, a product's id."""
    kinds = {
        name.casefold(): (f"kind:{product.category}", "")
        for product in products
        for name in (product.category, product.category_name.zh, product.category_name.en)
        if name
    }
    return kinds | {product.id.casefold(): (f"product:{product.id}", product.id) for product in products}
