"""From a shop's pictures to a photo encoder that learned from them itself, if it knows others better than the one before."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.errors import BadInput
from bot.ports import PhotoEncoder
from knowledge.encoders.efficientnet import TunedEncoder
from knowledge.photos.finetuning import EPOCHS, Limit, Taught, fine_tune
from knowledge.photos.head import accuracy_left_out
from knowledge.photos.labelled import LabelledPhotos
from knowledge.photos.model import taught
from knowledge.photos.network import TunedNetwork
from knowledge.photos.pictures import Digest, Lesson, Progress
from knowledge.photos.reader import CataloguePhotos, TrainingSet
from knowledge.photos.views import thumbnail

# Of the pictures of a class, the last of so many parts is kept apart: it says how sure the network may be, and whether it is
# better than the one before.
PARTS = 8
# With fewer pictures apart the comparison is chance.
FEWEST_APART = 20
# A tuned network sees a picture and its mirror: so many times what the carried one takes for a look.
LOOKS = 2.0
_MEASURED = 8


@dataclass(frozen=True, slots=True)
class Tuning:
    """What became of it: how many pictures were kept apart, the accuracy on these with the encoder before and with the tuned
    one, and how often the network saw each of the others."""

    apart: int
    before: float
    after: float
    epochs: float

    @property
    def kept(self) -> bool:
        """Whether photos are seen with the tuned network from now on."""
        return self.after > self.before


@dataclass(frozen=True, slots=True)
class Effort:
    """`until` when all is to be done, by `time.monotonic()`; `models` is the folder where the network is kept."""

    until: float
    models: Path


async def tune(
    photos: CataloguePhotos, labelled: LabelledPhotos, larger: Mapping[str, str], effort: Effort, progress: Progress
) -> Tuning | None:
    """Train a network, and see with it where it knows the pictures that were kept apart better than the encoder of `photos`.

    None where there are too few of these. `larger` is which larger class each class is in. `photos` have learned from all of
    it before: whatever happens here, they are of use. Raises BadInput where there is no time for it.
    """
    before = await photos.training_set(labelled)
    apart = set_apart(before.lessons)
    if len(apart) < FEWEST_APART:
        return None
    learned = [lesson for lesson in before.lessons if lesson.digest not in apart and lesson.digest in before.files]
    pictures = await asyncio.to_thread(small, before.files, learned, larger)
    limit = await _limit(photos.encoder, before, effort.until)
    file, epochs = await asyncio.to_thread(train_network, pictures, limit, effort.models, progress)
    tuned = photos.seen_with(TunedEncoder(file), TunedNetwork(file.name, apart))
    after = await tuned.training_set(labelled)
    tuning = Tuning(len(apart), _known(before, apart), _known(after, apart), epochs)
    if tuning.kept:
        await tuned.train(labelled)
    else:
        await photos.train(labelled)
        file.unlink()
    return tuning


def _known(given: TrainingSet, apart: frozenset[Digest]) -> float:
    return accuracy_left_out(taught(given.lessons, given.features, apart))


def set_apart(lessons: Sequence[Lesson]) -> frozenset[Digest]:
    """The last pictures of each class that has enough of them, together, as neighbours are often photos of one thing."""
    counts, ranks = Counter(lesson.named for lesson in lessons), defaultdict[str, int](int)
    apart, learned = set[Digest](), set[Digest]()
    for lesson in lessons:
        part = ranks[lesson.named] * PARTS // counts[lesson.named]
        (apart if part == PARTS - 1 and counts[lesson.named] >= PARTS else learned).add(lesson.digest)
        ranks[lesson.named] += 1
    return frozenset(apart - learned)


def small(files: Mapping[Digest, Path], lessons: Sequence[Lesson], larger: Mapping[str, str]) -> Taught:
    """The pictures of these lessons as training takes them. Raises BadPhoto for what is no picture."""
    classes = sorted({lesson.named for lesson in lessons})
    return Taught(
        [thumbnail(files[lesson.digest].read_bytes()) for lesson in lessons],
        np.array([classes.index(lesson.named) for lesson in lessons], np.int64),
        [larger[named] for named in classes],
    )


def train_network(pictures: Taught, limit: Limit, models: Path, progress: Progress) -> tuple[Path, float]:
    """Train the carried network. Returns the file of the trained one, named by a hash of what it holds, and the epochs."""
    from knowledge.encoders.efficientnet_build import export
    from knowledge.encoders.efficientnet_network import carried

    network = carried()
    epochs = fine_tune(network, pictures, limit, progress=lambda part: progress(round(100 * part), 100))
    models.mkdir(parents=True, exist_ok=True)
    draft = models / "photos-network.new.onnx"
    export(network, draft, TunedEncoder.framing.side, mirrored=True)
    file = models / f"photos-network-{hashlib.sha256(draft.read_bytes()).hexdigest()[:16]}.onnx"
    draft.rename(file)
    return file, epochs


async def _limit(encoder: PhotoEncoder, given: TrainingSet, until: float) -> Limit:
    """What is left of the time when the looks at all pictures with the tuned network are taken off."""
    seconds = await _seconds_a_look(encoder, list(given.files.values())[:_MEASURED])
    looking = LOOKS * seconds * sum(len(views) for views in given.features.values())
    if time.monotonic() + looking >= until:
        left = max(until - time.monotonic(), 0.0)
        raise BadInput(
            f"{left:.0f} s are left, and a look at all pictures with a tuned network takes {looking:.0f} s.",
            where="--minutes",
            remedy="Give it more minutes. What was learned without a tuned network is in use.",
        )
    return Limit(time.monotonic, until - looking, EPOCHS)


async def _seconds_a_look(encoder: PhotoEncoder, files: Sequence[Path]) -> float:
    data = [await asyncio.to_thread(file.read_bytes) for file in files]
    started = time.perf_counter()
    await encoder.encode(data)
    return (time.perf_counter() - started) / len(files)
