"""A network that is small enough to train in a test."""

from __future__ import annotations

from typing import Any

import torch

from knowledge.encoders.efficientnet_network import Convolution, Network


def convolution(inside: int, outside: int, kernel: int, stride: int, padding: tuple[int, int]) -> tuple[Any, Any]:
    """A convolution as the package of the weights makes it, and a normalisation that has seen something."""
    made = torch.nn.Conv2d(inside, outside, kernel, stride, bias=False)
    before, after = padding
    made.static_padding = torch.nn.ZeroPad2d((before, after, before, after)) if after else torch.nn.Identity()
    torch.nn.init.kaiming_normal_(made.weight)
    normalisation = torch.nn.BatchNorm2d(outside)
    torch.nn.init.uniform_(normalisation.weight, 0.8, 1.2)
    torch.nn.init.normal_(normalisation.bias, 0.2, 0.1)
    normalisation.running_mean = torch.randn(outside) * 0.05
    normalisation.running_var = torch.rand(outside) * 0.2 + 0.5
    return made, normalisation.eval()


def tiny(seed: int = 0) -> Network:
    """Of seven layers, with as many features as the carried network."""
    torch.manual_seed(seed)
    stem = Convolution(*convolution(3, 8, 3, 4, (0, 1)), bounded=True)
    middle = [Convolution(*convolution(8, 8, 3, 2 if n < 2 else 1, (1, 1)), bounded=True) for n in range(5)]
    return Network([stem, *middle, Convolution(*convolution(8, 1280, 1, 1, (0, 0)), bounded=True)])
