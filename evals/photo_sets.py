"""Public photos to learn from and to be tested on: a grocer's shelves (81 kinds in 43, with a picture of each for a
catalogue) and clothing (10 kinds)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.data import data_set


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo's file, what it shows, and the larger class that this is in, or itself."""

    file: Path
    shown: str
    larger: str


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """What is learned from and what is tested; photos from elsewhere, which show nothing of it; and a catalogue's pictures,
    by which products are found, where there are any."""

    train: Sequence[Photo]
    tested: Sequence[Photo]
    elsewhere: Sequence[Photo]
    catalogue: Sequence[Photo] = ()


def photo_sets() -> Mapping[str, PhotoSet]:
    """By name. Raises NoData where one is missing."""
    groceries, clothing = data_set("photos/grocery"), data_set("photos/clothing")
    train, shelves, icons = _shelves(groceries, "train"), _shelves(groceries, "val"), _icons(groceries)
    worn = _garments(clothing, "validation")
    return {
        "grocery": PhotoSet(train, shelves, worn, icons),
        "grocery with icons": PhotoSet([*train, *icons], shelves, worn, icons),
        "clothing": PhotoSet(_garments(clothing, "train"), worn, shelves),
    }


def _shelves(folder: Path, part: str) -> list[Photo]:
    rows = (line.split(", ") for line in (folder / f"{part}.txt").read_text("utf-8").splitlines())
    return [Photo(folder / name, f"fine {fine}", f"coarse {kind}") for name, fine, kind in rows]


def _icons(folder: Path) -> list[Photo]:
    with (folder / "classes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [Photo(folder / icon.lstrip("/"), f"fine {fine}", f"coarse {kind}") for _, fine, _, kind, icon, *_ in rows]


def _garments(folder: Path, part: str) -> list[Photo]:
    return [Photo(file, file.parent.name, file.parent.name) for file in sorted((folder / part).glob("*/*"))]
