"""How well a shop's photos are known, on two public sets (`photo_sets`). Learned on the training parts as `streamdesk photos
train` does, with the carried network and with those that `python -m evals.photos_tuned` trained; measured on the others.

Whole classes are held out to measure how well things that nobody taught are told from the rest.
"""

from __future__ import annotations

import asyncio
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
from evals.data import NoData
from evals.photo_sets import Photo, PhotoSet, photo_sets
from evals.photos_tuned import kept_networks
from knowledge.encoders import load_photo_encoder
from knowledge.encoders.efficientnet import TunedEncoder
from knowledge.photos.gallery import Gallery, fit_gallery
from knowledge.photos.head import Head, fit_head, samples
from knowledge.photos.pictures import Digest, Library, digest_of
from knowledge.photos.scoring import Scores, area, score
from knowledge.photos.whitening import Floats

CACHE = Path("var/eval/photos")
# Of the larger classes every so-manieth is held out at once, and so many times.
HELD_OUT = 5


@dataclass(frozen=True, slots=True)
class Eyes:
    """What photos are seen with; of a trained network also what was kept apart from its training."""

    encoder: PhotoEncoder
    apart: frozenset[Digest] = frozenset()


@dataclass(frozen=True, slots=True)
class Photos:
    """Features of photos, each with its views, shape (views, n), the photo itself first; what they show, and which were kept
    apart from the encoder's training."""

    features: tuple[Floats, ...]
    shown: tuple[str, ...]
    larger: Mapping[str, str]
    apart: tuple[bool, ...]

    @property
    def own(self) -> Floats:
        """Of the photos themselves, shape (photos, n)."""
        return np.stack([views[0] for views in self.features])

    def only(self, wanted: set[str]) -> Photos:
        """Those of some of the larger classes."""
        return self.at([number for number, named in enumerate(self.shown) if self.larger[named] in wanted])

    def at(self, places: Sequence[int]) -> Photos:
        """Those at some of the places."""
        features, shown = tuple(self.features[n] for n in places), tuple(self.shown[n] for n in places)
        return Photos(features, shown, self.larger, tuple(self.apart[n] for n in places))


@dataclass(frozen=True, slots=True)
class Learned:
    """A head, the classes of its probabilities, and what these are in the large."""

    head: Head
    classes: tuple[str, ...]
    larger: Mapping[str, str]

    def score(self, photos: Photos, unknown: Floats) -> Scores:
        """On photos and on what shows none of the classes."""
        return score(self.head, self.classes, photos.own, photos.shown, unknown, larger=self.larger)


@dataclass(frozen=True, slots=True)
class Figures:
    """What photos of a set show; the products found by them, by gallery, where it has a catalogue; milliseconds a photo."""

    classified: Mapping[str, Any]
    found: Mapping[str, Mapping[str, float]]
    ms_a_photo: float


async def measure(console: Console) -> Mapping[str, Any]:
    """Print the tables and return their figures. Raises NoData where a set or the encoder is missing."""
    encoder = await load_photo_encoder("efficientnet-lite0", Settings.load().knowledge.models)
    if encoder is None:
        raise NoData("there is no photo encoder.")
    sets = photo_sets()
    figures = {name: await _measured(name, Eyes(encoder), part) for name, part in sets.items()}
    for name, kept in kept_networks().items():
        trained = f"{name}, network trained for {kept.minutes:.0f} min ({kept.epochs:.0f} epochs)"
        figures[trained] = await _measured(name, Eyes(TunedEncoder(kept.file), kept.apart), sets[name])
    _print(console, figures)
    return {name: asdict(one) for name, one in figures.items()}


async def _measured(name: str, eyes: Eyes, part: PhotoSet) -> Figures:
    train = await _looked_at(eyes, part.train, name)
    tested, milliseconds = await _photographed(eyes, part.tested)
    elsewhere, _ = await _photographed(eyes, part.elsewhere)
    classified = await asyncio.to_thread(_classified, train, tested, elsewhere.own)
    if not part.catalogue:
        return Figures(classified, {}, milliseconds)
    catalogue = await _looked_at(eyes, part.catalogue, f"{name} catalogue")
    others = train.at([number for number, photo in enumerate(part.train) if photo not in part.catalogue])
    return Figures(classified, await asyncio.to_thread(_found, others, catalogue, tested), milliseconds)


async def _looked_at(eyes: Eyes, photos: Sequence[Photo], name: str) -> Photos:
    """Photos and their views, kept under `CACHE`, as when a shop learns."""
    digests = {photo.file: digest_of(photo.file) for photo in photos}
    files = {digest: file for file, digest in digests.items()}
    features, _ = await Library(CACHE / name, eyes.encoder).features(files, (), lambda done, total: None)
    return _photos(photos, [features[digests[photo.file]] for photo in photos], eyes)


async def _photographed(eyes: Eyes, photos: Sequence[Photo]) -> tuple[Photos, float]:
    """Photos without views, as when a customer sends one; and the milliseconds each took, from bytes to features."""
    data = [photo.file.read_bytes() for photo in photos]
    started = time.perf_counter()
    features = [await eyes.encoder.encode([photo]) for photo in data]
    return _photos(photos, features, eyes), 1000 * (time.perf_counter() - started) / len(photos)


def _photos(photos: Sequence[Photo], features: Sequence[Floats], eyes: Eyes) -> Photos:
    apart = tuple(bool(eyes.apart) and digest_of(photo.file) in eyes.apart for photo in photos)
    shown, larger = tuple(photo.shown for photo in photos), {photo.shown: photo.larger for photo in photos}
    return Photos(tuple(features), shown, larger, apart)


# ---------------------------------------------------------------- what is measured


def _classified(train: Photos, tested: Photos, elsewhere: Floats) -> dict[str, Any]:
    """The scores; rejection of larger classes that were held out, and of photos from elsewhere, which show no class."""
    started = time.perf_counter()
    learned = _learned(train)
    seconds = time.perf_counter() - started
    scores = asdict(learned.score(tested, elsewhere))
    # A network that was trained has learned from the classes that would be held out, too.
    held = None if any(train.apart) else float(np.mean([_rejection(train, tested, turn) for turn in range(HELD_OUT)]))
    return {**scores, "held_out": held, "learned_from": len(train.shown), "seconds": seconds}


def _learned(photos: Photos) -> Learned:
    classes = tuple(sorted(set(photos.shown)))
    head = fit_head(samples(photos.features, [classes.index(named) for named in photos.shown], photos.apart))
    return Learned(head, classes, photos.larger)


def _rejection(train: Photos, tested: Photos, turn: int) -> float:
    """The area under the ROC curve where every so-manieth larger class is taught to nobody."""
    every = sorted(set(train.larger.values()))
    held = set(every[turn::HELD_OUT])
    kept = set(every) - held
    head = _learned(train.only(kept)).head
    return area(head.familiar(tested.only(kept).own), head.familiar(tested.only(held).own))


def _found(train: Photos, catalogue: Photos, tested: Photos) -> dict[str, dict[str, float]]:
    """How often a photo's product is the first, and among the first five, by the catalogue's pictures."""
    pictures, products = (*catalogue.features, *train.features), (*catalogue.shown, *train.shown)
    apart = (*catalogue.apart, *train.apart)
    galleries = {
        "icons": fit_gallery(catalogue.features, catalogue.shown),
        "icons, whitened on the training photos": fit_gallery(catalogue.features, catalogue.shown, train.features),
        "icons and training photos": fit_gallery(pictures, products, apart=apart),
    }
    return {name: _recall(gallery, tested) for name, gallery in galleries.items()}


def _recall(gallery: Gallery, tested: Photos) -> dict[str, float]:
    nearest = [gallery.nearest(features) for features in tested.own]
    ranks = [list(near).index(named) for near, named in zip(nearest, tested.shown, strict=True)]
    shown = [near[named] >= gallery.least for near, named in zip(nearest, tested.shown, strict=True)]
    first, five = (float(np.mean([rank < top for rank in ranks])) for top in (1, 5))
    return {"first": first, "among_five": five, "shown": float(np.mean(shown)), "threshold": gallery.least}


def _print(console: Console, figures: Mapping[str, Figures]) -> None:
    columns = ("from", "n", "fine", "coarse", "calibration", "AUROC held out", "AUROC elsewhere", "ms a photo")
    table = Table("set", *columns, title="What photos show")
    for name, one in figures.items():
        row = one.classified
        parts = (row[key] for key in ("accuracy", "coarse", "calibration_error", "held_out", "rejection"))
        shown = ("" if part is None else f"{part:.3f}" for part in parts)
        table.add_row(name, str(row["learned_from"]), str(row["photos"]), *shown, f"{one.ms_a_photo:.0f}")
    console.print(table)
    table = Table("set", "gallery", "n", "R@1", "R@5", "over the threshold", title="Products found by photos")
    for name, one in figures.items():
        for gallery, rates in one.found.items():
            parts = (f"{rates[key]:.3f}" for key in ("first", "among_five", "shown"))
            table.add_row(name, gallery, str(one.classified["photos"]), *parts)
    console.print(table)
