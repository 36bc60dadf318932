"""Training the network itself: its schedule, that it learns, and that it ends in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count, islice

import numpy as np
import pytest
import torch

from knowledge.encoders.efficientnet_network import Network
from knowledge.photos import finetuning
from knowledge.photos.finetuning import BATCH, Limit, Taught, batches, fine_tune, rate_at, side_at, smoothed
from knowledge.photos.views import thumbnail
from tests.knowledge.photos.networks import tiny
from tests.knowledge.photos.pictures import picture

SHAPES = ("disc", "bar", "frame")
COLOURS = ("red", "blue", "green", "black", "orange", "purple")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def taught() -> Taught:
    pictures = [thumbnail(picture(shape, colour)) for shape in SHAPES for colour in COLOURS]
    return Taught(pictures, np.repeat(np.arange(3), len(COLOURS)), SHAPES)


def apartness(network: Network) -> float:
    """How much closer pictures of one shape are to each other than to those of others, in cosine."""
    pixels = torch.stack([torch.from_numpy(_pixels(shape, colour)) for shape in SHAPES for colour in ("navy", "lime")])
    with torch.no_grad():
        rows = torch.nn.functional.normalize(network(pixels) - network(pixels).mean(0))
    cosines = (rows @ rows.T).numpy()
    same = np.kron(np.eye(3), np.ones((2, 2))) > 0
    return float(cosines[same & ~np.eye(6, dtype=bool)].mean() - cosines[~same].mean())


def _pixels(shape: str, colour: str) -> np.ndarray:
    import io

    from PIL import Image

    from knowledge.encoders.efficientnet import normalised

    image = Image.open(io.BytesIO(picture(shape, colour))).convert("RGB").resize((128, 128))
    return normalised(np.asarray(image)[None])[0]


def test_pictures_of_a_class_come_close_to_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetuning, "FIXED", 1)
    monkeypatch.setattr(finetuning, "RATE", 3e-3)
    monkeypatch.setattr(finetuning, "SIDES", ((0.0, 64),))
    network = tiny()
    before = apartness(network)
    fixed = [parameter.clone() for parameter in network.layers[0].parameters()]
    epochs = fine_tune(network, taught(), Limit(lambda: 0.0, 1.0, epochs=100))  # however slow the machine is
    assert epochs == pytest.approx(100, abs=2)
    assert apartness(network) > before + 0.1
    kept = list(network.layers[0].parameters())
    assert all(torch.equal(one, other) for one, other in zip(fixed, kept, strict=True))


@pytest.mark.parametrize("seconds", [0, 7])
def test_it_ends_when_its_time_does(seconds: int) -> None:
    clock = count()  # a second a look
    told: list[float] = []
    epochs = fine_tune(tiny(), taught(), Limit(lambda: float(next(clock)), seconds, epochs=1000), progress=told.append)
    assert epochs == len(told) * BATCH / 18
    assert len(told) == max(seconds - 1, 0)
    assert told == sorted(told)
    assert all(part < 1 for part in told)


def test_the_rate_rises_and_falls_once() -> None:
    rates = [rate_at(part) for part in np.linspace(0, 1, 101)]
    top = int(np.argmax(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert (rates[0], max(rates), rates[-1]) == pytest.approx((0, 1, 0))
    sides = [side_at(part) for part in np.linspace(0, 1, 101)]
    assert sides == sorted(sides)


def test_every_picture_comes_as_often_as_any_other() -> None:
    chosen = np.concatenate(list(islice(batches(10, np.random.default_rng(1)), 10)))
    assert len(chosen) == 10 * BATCH
    assert set(Counter(chosen.tolist()).values()) == {BATCH}


def test_a_class_shares_with_its_siblings() -> None:
    rows = smoothed(["fruit", "fruit", "milk"])
    assert np.allclose(rows.sum(1), 1)
    assert rows.argmax(1).tolist() == [0, 1, 2]
    assert rows[0, 1] > rows[0, 2] > 0
