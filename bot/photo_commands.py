"""What `streamdesk photos` does: learn from a folder of labelled photos, and test what was learned on another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actions.shop.opening import open_shop_system
from bot.app import Progress
from bot.commerce import Product
from bot.errors import BadInput, BadPhoto, BadSettings
from bot.ports import PhotoEncoder
from bot.settings import Settings
from knowledge.photos.labelled import LabelledPhotos, read_labelled
from knowledge.photos.model import PhotoModel
from knowledge.photos.naming import class_name, larger_class
from knowledge.photos.opening import open_photos
from knowledge.photos.reader import CataloguePhotos, PictureReport
from knowledge.photos.scoring import Scores, score
from knowledge.photos.tuning import FEWEST_APART, PARTS, Effort, Tuning, tune
from knowledge.photos.whitening import Floats

_CONFUSIONS = 20


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learned from: labelled photos and their classes, all classes, and what could not be read. `tuning` is what
    became of the network itself, which had so many `minutes`, 0 where it should stay as it is; None where there was none."""

    photos: int
    labelled: int
    classes: int
    report: PictureReport
    tuning: Tuning | None
    seconds: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Tested:
    """The scores, and milliseconds a photo from its bytes to features."""

    scores: Scores
    milliseconds: float
    products: Sequence[Product]


@dataclass(frozen=True, slots=True)
class _Opened:
    products: Sequence[Product]
    photos: CataloguePhotos


async def train(settings: Settings, folder: Path, progress: Progress, *, minutes: float = 0) -> Trained:
    """Learn from a folder of labelled photos and the catalogue's pictures, in the time that it takes; then, within
    `minutes` of the beginning, train the network itself; 0: never. Raises BadInput and BadSettings."""
    async with _open(settings, tuned=False) as opened:
        photos = await asyncio.to_thread(read_labelled, folder, opened.products)
        started = time.monotonic()
        report = await opened.photos.train(photos, lambda done, total: progress("photos", done, total))
        classes = (await opened.photos.model()).classes
        labelled = {lesson.named for lesson in photos.lessons}
        if len(classes) < 2:
            raise BadInput("has a single class, and the catalogue's pictures have no other.", where=str(folder))
        tuning = None
        if minutes:
            larger = {named: larger_class(named, opened.products) for named in classes}
            effort = Effort(started + 60 * minutes, settings.knowledge.models)
            tuning = await tune(opened.photos, photos, larger, effort, lambda done, total: progress("network", done, total))
        return Trained(len(photos.files), len(labelled), len(classes), report, tuning, time.monotonic() - started, minutes)


async def test(settings: Settings, folder: Path, progress: Progress) -> Tested:
    """Scores on a folder of labelled photos. Raises BadInput where it has classes that were not learned."""
    async with _open(settings) as opened:
        photos = await asyncio.to_thread(read_labelled, folder, opened.products)
        model = await opened.photos.model()
        if model.head is None:
            remedy = "Load a shop whose pictures are of several kinds, or run `streamdesk photos train FOLDER`."
            raise BadInput("there is nothing to test: fewer than two classes were learned.", remedy=remedy)
        _check_known(photos, model, folder)
        started = time.perf_counter()
        features = await _features(opened.photos.encoder, list(photos.files.values()), progress)
        spent = 1000 * (time.perf_counter() - started) / len(features)
        unknown = await _features(opened.photos.encoder, photos.unknown, progress)
        shown = [lesson.named for lesson in photos.lessons]
        larger = {named: larger_class(named, opened.products) for named in model.classes}
        scores = score(model.head, model.classes, features, shown, unknown, larger=larger)
        return Tested(scores, spent, opened.products)


def trained_lines(trained: Trained) -> list[str]:
    """What to print after training."""
    first = f"Learned {trained.classes} classes, {trained.labelled} of them from {trained.photos} labelled photos"
    problems = [f"{picture}: {problem}" for picture, problem in trained.report.problems.items()]
    return [
        f"{first}, in {trained.seconds:.0f} s. A service that runs takes it up when it is started again.",
        *([_tuning_line(trained.tuning)] if trained.minutes else []),
        *problems,
    ]


def _tuning_line(tuning: Tuning | None) -> str:
    if tuning is None:
        least = f"Some classes need {PARTS} photos or more, {FEWEST_APART * PARTS} in all"
        return f"The network itself stays as it is: there are too few photos to see whether training it helps. {least}."
    known = f"of {tuning.apart} photos that were kept apart it knows {tuning.after:.3f}, the carried one {tuning.before:.3f}"
    use = "it is used" if tuning.kept else "it is not used"
    return f"The network was trained, {tuning.epochs:.1f} times over all photos: {known}; {use}."


def tested_lines(tested: Tested) -> list[str]:
    """What to print after testing."""
    scores = tested.scores
    lines = [f"{scores.photos} photos, {tested.milliseconds:.0f} ms each", f"accuracy {scores.accuracy:.3f}"]
    if scores.coarse is not None:
        lines.append(f"accuracy among the larger classes {scores.coarse:.3f}")
    lines.append(f"calibration error {scores.calibration_error:.3f}")
    if scores.rejection is not None:
        lines.append(f"rejection of {scores.unknown} unknown things: AUROC {scores.rejection:.3f}")
    for shown, taken, times in scores.confusions[:_CONFUSIONS]:
        names = (class_name(named, tested.products) for named in (shown, taken))
        lines.append(f"  {times} × {' taken for '.join(name.en or name.zh for name in names)}")
    return lines


@asynccontextmanager
async def _open(settings: Settings, *, tuned: bool = True) -> AsyncIterator[_Opened]:
    """The shop and its photos, without anything else of the service."""
    shop = await open_shop_system(settings.shop.url, settings.shop.token.get_secret_value())
    try:
        kept, pictures = settings.knowledge, settings.shop.pictures
        photos = await open_photos(settings.photos.encoder, shop, pictures, kept.index, kept.models, tuned=tuned)
        if photos is None:
            raise BadSettings("photos are switched off.", where="photos.encoder", remedy="Name an encoder in config.yml.")
        yield _Opened(await shop.products(), photos)
    finally:
        await shop.close()


def _check_known(photos: LabelledPhotos, model: PhotoModel, folder: Path) -> None:
    unlearned = sorted({lesson.named for lesson in photos.lessons} - set(model.classes))
    if unlearned:
        name = unlearned[0].partition(":")[2]
        remedy = "Train with photos of it, or put photos of what nobody should know under unknown/."
        raise BadInput(f"{name} is none of the {len(model.classes)} classes learned.", where=str(folder), remedy=remedy)


async def _features(encoder: PhotoEncoder, files: Sequence[Path], progress: Progress) -> Floats:
    rows = []
    for done, file in enumerate(files, start=1):
        try:
            rows.append((await encoder.encode([await asyncio.to_thread(file.read_bytes)]))[0])
        except BadPhoto as error:
            raise BadPhoto(error.what, where=str(file), remedy="Delete it, or put a picture in its place.") from error
        progress("photos", done, len(files))
    return np.array(rows, np.float32).reshape(len(files), encoder.dimension)
