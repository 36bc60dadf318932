"""Goes on training the photo encoder itself on a shop's photos, on a processor, for as long as it is given. Needs torch.

The classes are told apart by the cosine between a photo and a direction for each (Zhai & Wu, "Classification is a strong
baseline for deep metric learning", BMVC 2019), so that photos of a class come close to each other and to its picture in the
catalogue. What is not sure of a label goes in part to the classes of the same larger one. The sides of the pictures grow
(Tan & Le, "EfficientNetV2", ICML 2021), as small ones are quick; the first layers, which see edges and colours, stay as they
are. The rate rises and falls once (Smith & Topin, "Super-convergence", 2019), by the time that is spent: whenever that ends,
training is complete.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from knowledge.encoders.efficientnet import normalised
from knowledge.photos.views import training_view
from knowledge.photos.whitening import Floats

if TYPE_CHECKING:
    import torch

    from knowledge.encoders.efficientnet_network import Network

FIXED = 6
BATCH = 32
# More than these taught the grocery set nothing.
EPOCHS = 30
# From what part of the training on pictures have which side.
SIDES = ((0.0, 128), (0.12, 160), (0.55, 192))
RATE, RATE_OF_DIRECTIONS, DECAY = 1e-3, 5e-3, 0.05
RISING = 0.2
STEEPEST = 5.0
# Cosines times this are what is fed to the softmax.
SCALE = 20.0
# Of a label so much goes to all classes, and so much to those of the same larger class.
TO_ALL, TO_SIBLINGS = 0.1, 0.1


@dataclass(frozen=True, slots=True)
class Taught:
    """Pictures as files, see `views.thumbnail`; the class of each, from 0 on; and of each class the larger one."""

    pictures: Sequence[bytes]
    classes: NDArray[np.int64]
    larger: Sequence[str]


@dataclass(frozen=True, slots=True)
class Limit:
    """Training ends when `clock` says `until`, in seconds, or after `epochs`."""

    clock: Callable[[], float]
    until: float
    epochs: float


def fine_tune(
    network: Network, taught: Taught, limit: Limit, *, seed: int = 0, progress: Callable[[float], None] = lambda part: None
) -> float:
    """Train the network in place. `progress` is told the part that is done. Returns how many epochs there were."""
    import torch

    torch.manual_seed(seed)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.fix(FIXED)
    directions = torch.nn.Parameter(torch.randn(len(taught.larger), network.dimension))
    optimiser = torch.optim.AdamW(_groups(network, directions))
    rates = [group["lr"] for group in optimiser.param_groups]
    targets, chance = torch.from_numpy(smoothed(taught.larger)), np.random.default_rng(seed)
    each, steps, started = BATCH / len(taught.pictures), 0, limit.clock()
    for chosen in batches(len(taught.pictures), chance):
        part = max(steps * each / limit.epochs, (limit.clock() - started) / max(limit.until - started, 1e-6))
        if part >= 1:
            break
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * rate_at(part)
        pixels = _pixels([taught.pictures[number] for number in chosen], side_at(part), chance)
        _step(optimiser, _loss(network, directions, torch.from_numpy(pixels), targets[taught.classes[chosen]]))
        steps += 1
        progress(part)
    network.eval().requires_grad_(requires_grad=False)
    return steps * each


def smoothed(larger: Sequence[str]) -> Floats:
    """What is taught of each class, shape (classes, classes): itself, its siblings, and a little of everything."""
    names = np.array(larger)
    siblings = (names[:, None] == names[None]).astype(np.float32)
    rows = (1 - TO_ALL - TO_SIBLINGS) * np.eye(len(names)) + TO_ALL / len(names) + TO_SIBLINGS * siblings / siblings.sum(1)
    return np.asarray(rows, np.float32)


def rate_at(part: float) -> float:
    """The rate at a part of the training, from 0 to 1, of the highest one: up in a line, down as a cosine."""
    return part / RISING if part < RISING else 0.5 * (1 + math.cos(math.pi * (part - RISING) / (1 - RISING)))


def side_at(part: float) -> int:
    """The side of pictures at a part of the training, in pixels."""
    return [side for start, side in SIDES if part >= start][-1]


def batches(count: int, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Without end: the numbers below `count` in some order, BATCH at a time, then in another. What is left over waits."""
    order = np.zeros(0, np.int64)
    while True:
        while len(order) < BATCH:
            order = np.concatenate([order, chance.permutation(count)])
        yield order[:BATCH]
        order = order[BATCH:]


def _pixels(pictures: Sequence[bytes], side: int, chance: np.random.Generator) -> Floats:
    opened = (Image.open(io.BytesIO(picture)) for picture in pictures)
    return normalised(np.stack([np.asarray(training_view(image, side, chance)) for image in opened]))


def _groups(network: Network, directions: torch.nn.Parameter) -> list[dict[str, object]]:
    """Weights decay, what scales and moves does not."""
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return [
        {"params": [one for one in learning if one.ndim > 1], "lr": RATE, "weight_decay": DECAY},
        {"params": [one for one in learning if one.ndim == 1], "lr": RATE, "weight_decay": 0.0},
        {"params": [directions], "lr": RATE_OF_DIRECTIONS, "weight_decay": DECAY},
    ]


def _loss(network: Network, directions: torch.nn.Parameter, pixels: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """How far the softmax of cosines is from what is taught, shape (pictures, classes)."""
    import torch
    from torch.nn.functional import cross_entropy, linear, normalize

    features = network(pixels.contiguous(memory_format=torch.channels_last))
    return cross_entropy(SCALE * linear(normalize(features), normalize(directions)), targets)


def _step(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    import torch

    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_([one for group in optimiser.param_groups for one in group["params"]], STEEPEST)
    optimiser.step()
