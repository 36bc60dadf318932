"""Which pictures are kept apart from the network's training, and that it is used only where it knows them better."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.errors import BadInput, BadSettings
from bot.types import Language
from knowledge.encoders import efficientnet_network, load_photo_encoder
from knowledge.photos import finetuning, tuning
from knowledge.photos.labelled import LabelledPhotos, read_labelled
from knowledge.photos.naming import larger_class
from knowledge.photos.network import TunedNetwork, tuned_network, use_network
from knowledge.photos.pictures import Digest, Lesson
from knowledge.photos.reader import CataloguePhotos
from knowledge.photos.tuning import PARTS, Effort, Tuning, set_apart, tune
from tests.knowledge.photos.networks import tiny
from tests.knowledge.photos.pictures import Layout, picture
from tests.knowledge.photos.test_reader import Shelf

SHAPES = ("disc", "bar", "frame")


@given(st.lists(st.integers(0, 3), max_size=60))
def test_of_each_class_with_enough_pictures_the_last_are_kept_apart(classes: list[int]) -> None:
    lessons = [Lesson(Digest(f"{number:03}"), f"label:{named}") for number, named in enumerate(classes)]
    apart = set_apart(lessons)
    for named in set(classes):
        own = [lesson.digest for lesson in lessons if lesson.named == f"label:{named}"]
        held = [digest in apart for digest in own]
        assert held == sorted(held)
        assert sum(held) == len(own) // PARTS


class Blind(Layout):
    """Sees of a picture how large its file is: too little to know anything by."""

    name = "blind"

    async def encode(self, images: Sequence[bytes]) -> NDArray[np.float32]:
        rows = np.random.default_rng(len(images)).normal(size=(len(images), 48))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Bench:
    """A shop without products, and a folder of many discs, bars and frames."""

    def __init__(self, folder: Path, encoder: Layout) -> None:
        self.folder = folder
        self.photos = CataloguePhotos(Shelf([]), encoder, folder, folder / "index", folder / "models")  # type: ignore[arg-type]

    def labelled(self, each: int) -> LabelledPhotos:
        chance = np.random.default_rng(4)
        for shape in SHAPES:
            (self.folder / "photos" / shape).mkdir(parents=True)
            for number in range(each):
                colour = "#" + chance.integers(0, 160, 3, np.uint8).tobytes().hex()
                (self.folder / "photos" / shape / f"{number:03}.png").write_bytes(picture(shape, colour))
        return read_labelled(self.folder / "photos", [])

    async def tuned(self, labelled: LabelledPhotos, seconds: float = 60) -> Tuning | None:
        await self.photos.train(labelled)
        classes = (await self.photos.model()).classes
        larger = {named: larger_class(named, []) for named in classes}
        effort = Effort(time.monotonic() + seconds, self.folder / "models")
        return await tune(self.photos, labelled, larger, effort, lambda done, total: None)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_network, "carried", tiny)
    for name, value in {"FIXED": 1, "RATE": 1e-2, "SIDES": ((0.0, 64),)}.items():
        monkeypatch.setattr(finetuning, name, value)
    monkeypatch.setattr(tuning, "EPOCHS", 25)
    monkeypatch.setattr(tuning, "FEWEST_APART", 6)


@pytest.mark.usefixtures("_quick")
async def test_a_better_network_is_used_from_the_next_start_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Blind())
    made = await bench.tuned(bench.labelled(16))
    assert made
    assert (made.apart, made.kept) == (6, True)
    assert made.after > 0.8 > made.before
    network = tuned_network(tmp_path / "index")
    assert network and len(network.apart) == 6
    encoder = await load_photo_encoder("efficientnet-lite0", tmp_path / "models", tuned=network.file)
    assert encoder
    photos = bench.photos.seen_with(encoder, network)
    reading = await photos.read(picture("bar", "navy"), Language.EN)
    assert [label.label_en for label in reading.labels] == ["bar"]
    assert len(list((tmp_path / "index").glob("photos-features-*"))) == 1


@pytest.mark.usefixtures("_quick")
async def test_a_network_that_is_no_better_is_thrown_away(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Layout())
    made = await bench.tuned(bench.labelled(16))
    assert made and not made.kept
    assert tuned_network(tmp_path / "index") is None
    assert not list((tmp_path / "models").glob("*.onnx"))
    assert [file.name for file in (tmp_path / "index").glob("photos-features-*")] == ["photos-features-layout.npz"]


@pytest.mark.usefixtures("_quick")
async def test_too_few_photos_and_too_little_time_change_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Layout())
    assert await bench.tuned(bench.labelled(3)) is None
    other = Bench(tmp_path / "other", Layout())
    with pytest.raises(BadInput, match=r"--minutes.*more minutes"):
        await other.tuned(other.labelled(16), seconds=-1)
    assert (await other.photos.model()).head is not None


async def test_a_network_whose_file_is_gone_is_missed(tmp_path: Path) -> None:
    assert tuned_network(tmp_path) is None
    use_network(tmp_path, TunedNetwork("photos-network-1.onnx", frozenset({Digest("a")})))
    network = tuned_network(tmp_path)
    assert network == TunedNetwork("photos-network-1.onnx", frozenset({Digest("a")}))
    with pytest.raises(BadSettings, match=r"photos-network-1\.onnx, is missing.*photos train"):
        await load_photo_encoder("efficientnet-lite0", tmp_path, tuned=network.file)
    use_network(tmp_path, None)
    assert tuned_network(tmp_path) is None
