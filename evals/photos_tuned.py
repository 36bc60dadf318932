"""Trains a network on each of the public photo sets: `python -m evals.photos_tuned --minutes 30` keeps them under
var/eval/photos, and `python -m evals.run photos` measures with them.

The minutes are those of one processor, looks at all pictures with the trained network not counted: what else runs on the
machine makes training longer, not worse.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from evals.photo_sets import PhotoSet, photo_sets
from knowledge.photos.finetuning import EPOCHS, Limit
from knowledge.photos.pictures import Digest, Lesson, digest_of
from knowledge.photos.tuning import set_apart, small, train_network

FOLDER = Path("var/eval/photos")


@dataclass(frozen=True, slots=True)
class Kept:
    """A trained network, what was kept apart from its training, and how much training there was."""

    file: Path
    apart: frozenset[Digest]
    minutes: float
    epochs: float


def kept_networks() -> Mapping[str, Kept]:
    """Those that were trained, by the name of their set."""
    read = {file.stem: orjson.loads(file.read_bytes()) for file in sorted(FOLDER.glob("*.json"))}
    return {
        name: Kept(FOLDER / row["file"], frozenset(map(Digest, row["apart"])), row["minutes"], row["epochs"])
        for name, row in read.items()
    }


def train(name: str, part: PhotoSet, minutes: float) -> Kept:
    """Train on a set for some minutes of a processor, and keep the network."""
    files = {digest_of(photo.file): photo.file for photo in part.train}
    lessons = [Lesson(digest_of(photo.file), photo.shown) for photo in part.train]
    apart = set_apart(lessons)
    learned = [lesson for lesson in lessons if lesson.digest not in apart]
    started = time.process_time()
    pictures = small(files, learned, {photo.shown: photo.larger for photo in part.train})
    limit = Limit(time.process_time, started + 60 * minutes, EPOCHS)
    file, epochs = train_network(pictures, limit, FOLDER, lambda done, total: None)
    kept = Kept(file, apart, (time.process_time() - started) / 60, epochs)
    row = {"file": file.name, "apart": sorted(apart), "minutes": kept.minutes, "epochs": epochs}
    (FOLDER / f"{name}.json").write_bytes(orjson.dumps(row))
    return kept


def main() -> None:
    """Train on the sets that are named, or on all."""
    import torch

    sets = photo_sets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(sets)}; all where none is named")
    parser.add_argument("--minutes", type=float, default=30)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in given.sets or sets:
        if name not in sets:
            parser.error(f"there is no set {name!r}; there are {', '.join(sets)}.")
        kept = train(name, sets[name], given.minutes)
        print(f"{name}: {kept.file}, {kept.epochs:.1f} epochs in {kept.minutes:.1f} minutes")


if __name__ == "__main__":
    main()
