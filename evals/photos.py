"""How well a shop's photos are known, on two public sets: a grocer's shelves (81 kinds in 43, with a picture of each for a
catalogue) and clothing (10 kinds). Learned on the training parts as `streamdesk photos train` does; measured on the others.

Whole classes are held out to measure how well things that nobody taught are told from the rest.
"""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.ports import PhotoEncoder
from bot.settings import Settings
from evals.data import NoData, data_set
from knowledge.encoders import load_photo_encoder
from knowledge.photos.gallery import Gallery, fit_gallery
from knowledge.photos.head import Head, fit_head, samples
from knowledge.photos.pictures import Library, digest_of
from knowledge.photos.scoring import Scores, area, score
from knowledge.photos.whitening import Floats

CACHE = Path("var/eval/photos")
# Of the larger classes every so-manieth is held out at once, and so many times.
HELD_OUT = 5


@dataclass(frozen=True, slots=True)
class Photos:
    """Features of photos, each with its views, shape (views, n), the photo itself first; and what they show."""

    features: tuple[Floats, ...]
    shown: tuple[str, ...]
    larger: Mapping[str, str]

    @property
    def own(self) -> Floats:
        """Of the photos themselves, shape (photos, n)."""
        return np.stack([views[0] for views in self.features])

    def only(self, wanted: set[str]) -> Photos:
        """Those of some of the larger classes."""
        kept = [number for number, named in enumerate(self.shown) if self.larger[named] in wanted]
        return Photos(tuple(self.features[n] for n in kept), tuple(self.shown[n] for n in kept), self.larger)


@dataclass(frozen=True, slots=True)
class Learned:
    """A head, the classes of its probabilities, and what these are in the large."""

    head: Head
    classes: tuple[str, ...]
    larger: Mapping[str, str]

    def score(self, photos: Photos, unknown: Floats) -> Scores:
        """On photos and on what shows none of the classes."""
        return score(self.head, self.classes, photos.own, photos.shown, unknown, larger=self.larger)


async def measure(console: Console) -> Mapping[str, Any]:
    """Print the tables and return their figures. Raises NoData where a set or the encoder is missing."""
    encoder = await load_photo_encoder("efficientnet-lite0", Settings.load().knowledge.models)
    if encoder is None:
        raise NoData("there is no photo encoder.")
    groceries, clothing = data_set("photos/grocery"), data_set("photos/clothing")
    train = await _looked_at(encoder, _shelves(groceries, "train"), "grocery")
    icons = await _looked_at(encoder, _icons(groceries), "icons")
    garments = await _looked_at(encoder, _garments(clothing, "train"), "clothing")
    shelves, milliseconds = await _photographed(encoder, _shelves(groceries, "val"))
    worn, _ = await _photographed(encoder, _garments(clothing, "validation"))
    trials = {
        "grocery": (train, shelves, worn.own),
        "grocery, icons among the training pictures": (_joined(train, icons), shelves, worn.own),
        "clothing": (garments, worn, shelves.own),
    }
    results = {name: await asyncio.to_thread(_classified, *trial) for name, trial in trials.items()}
    found = await asyncio.to_thread(_found, train, icons, shelves)
    _print(console, results, found, milliseconds)
    return {"classified": results, "found": found, "ms_a_photo": milliseconds}


# ---------------------------------------------------------------- the sets


@dataclass(frozen=True, slots=True)
class _Row:
    file: Path
    shown: str
    larger: str


def _shelves(folder: Path, part: str) -> list[_Row]:
    lines = (folder / f"{part}.txt").read_text("utf-8").splitlines()
    return [
        _Row(folder / name, f"fine {fine}", f"coarse {kind}") for name, fine, kind in (line.split(", ") for line in lines)
    ]


def _icons(folder: Path) -> list[_Row]:
    with (folder / "classes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [_Row(folder / icon.lstrip("/"), f"fine {fine}", f"coarse {kind}") for _, fine, _, kind, icon, *_ in rows]


def _garments(folder: Path, part: str) -> list[_Row]:
    return [_Row(file, file.parent.name, file.parent.name) for file in sorted((folder / part).glob("*/*"))]


async def _looked_at(encoder: PhotoEncoder, rows: Sequence[_Row], name: str) -> Photos:
    """Photos and their views, kept under `CACHE`, as when a shop learns."""
    digests = {row.file: digest_of(row.file) for row in rows}
    files = {digest: file for file, digest in digests.items()}
    features, _ = await Library(CACHE / name, encoder).features(files, (), lambda done, total: None)
    return _photos(rows, [features[digests[row.file]] for row in rows])


async def _photographed(encoder: PhotoEncoder, rows: Sequence[_Row]) -> tuple[Photos, float]:
    """Photos without views, as when a customer sends one; and the milliseconds each took, from bytes to features."""
    data = [row.file.read_bytes() for row in rows]
    started = time.perf_counter()
    features = [await encoder.encode([photo]) for photo in data]
    return _photos(rows, features), 1000 * (time.perf_counter() - started) / len(rows)


def _photos(rows: Sequence[_Row], features: Sequence[Floats]) -> Photos:
    return Photos(tuple(features), tuple(row.shown for row in rows), {row.shown: row.larger for row in rows})


def _joined(photos: Photos, others: Photos) -> Photos:
    return Photos((*photos.features, *others.features), (*photos.shown, *others.shown), {**photos.larger, **others.larger})


# ---------------------------------------------------------------- what is measured


def _classified(train: Photos, tested: Photos, elsewhere: Floats) -> dict[str, Any]:
    """The scores; rejection of larger classes that were held out, and of photos from elsewhere, which show no class."""
    started = time.perf_counter()
    learned = _learned(train)
    seconds = time.perf_counter() - started
    scores = asdict(learned.score(tested, elsewhere))
    held = [_rejection(train, tested, turn) for turn in range(HELD_OUT)]
    return {**scores, "held_out": float(np.mean(held)), "learned_from": len(train.shown), "seconds": seconds}


def _learned(photos: Photos) -> Learned:
    classes = tuple(sorted(set(photos.shown)))
    head = fit_head(samples(photos.features, [classes.index(named) for named in photos.shown]))
    return Learned(head, classes, photos.larger)


def _rejection(train: Photos, tested: Photos, turn: int) -> float:
    """The area under the ROC curve where every so-manieth larger class is taught to nobody."""
    every = sorted(set(train.larger.values()))
    held = set(every[turn::HELD_OUT])
    kept = set(every) - held
    head = _learned(train.only(kept)).head
    return area(head.familiar(tested.only(kept).own), head.familiar(tested.only(held).own))


def _found(train: Photos, icons: Photos, tested: Photos) -> dict[str, dict[str, float]]:
    """How often a photo's product is the first, and among the first five, by the catalogue's pictures."""
    pictures = (*icons.features, *train.features)
    galleries = {
        "icons": fit_gallery(icons.features, icons.shown),
        "icons, whitened on the training photos": fit_gallery(icons.features, icons.shown, train.features),
        "icons and training photos": fit_gallery(pictures, (*icons.shown, *train.shown)),
    }
    return {name: _recall(gallery, tested) for name, gallery in galleries.items()}


def _recall(gallery: Gallery, tested: Photos) -> dict[str, float]:
    nearest = [gallery.nearest(features) for features in tested.own]
    ranks = [list(near).index(named) for near, named in zip(nearest, tested.shown, strict=True)]
    shown = [near[named] >= gallery.least for near, named in zip(nearest, tested.shown, strict=True)]
    first, five = (float(np.mean([rank < top for rank in ranks])) for top in (1, 5))
    return {"first": first, "among_five": five, "shown": float(np.mean(shown)), "threshold": gallery.least}


def _print(
    console: Console, classified: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, float]], spent: float
) -> None:
    columns = ("learned from", "s", "n", "fine", "coarse", "calibration", "AUROC held out", "AUROC elsewhere")
    table = Table("set", *columns, title="What photos show")
    for name, row in classified.items():
        larger = "" if row["coarse"] is None else f"{row['coarse']:.3f}"
        figures = (f"{row['accuracy']:.3f}", larger, f"{row['calibration_error']:.3f}", f"{row['held_out']:.3f}")
        table.add_row(
            name, str(row["learned_from"]), f"{row['seconds']:.0f}", str(row["photos"]), *figures, f"{row['rejection']:.3f}"
        )
    console.print(table)
    table = Table("gallery", "R@1", "R@5", "over the threshold", title="Products found by photos, grocery")
    for name, rates in found.items():
        table.add_row(name, *(f"{rates[key]:.3f}" for key in ("first", "among_five", "shown")))
    console.print(table)
    console.print(f"{spent:.0f} ms a photo on one thread, from its bytes to features")
