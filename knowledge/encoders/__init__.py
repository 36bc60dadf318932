"""Sentence and photo encoders by name. Each model's libraries load with the model, not with this package."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.errors import BadSettings
from bot.once import making
from bot.ports import Encoder, PhotoEncoder
from knowledge.encoders.e5_build import Progress

SENTENCE_ENCODERS = ("multilingual-e5-small", "hashing", "sentence-transformers:NAME")
PHOTO_ENCODERS = ("efficientnet-lite0", "none")


async def load_encoder(name: str, models: Path, *, progress: Progress = lambda step: None) -> Encoder:
    """The sentence encoder called `name`; its files are built under `models` when they are not there (half a minute).

    Raises BadSettings for an unknown name or when something it needs is missing.
    """
    return await asyncio.to_thread(_load_encoder, name, models, progress)


def _load_encoder(name: str, models: Path, progress: Progress) -> Encoder:
    if name == "multilingual-e5-small":
        from knowledge.encoders import e5, e5_build

        folder = models / name
        with making(folder):
            if not e5_build.is_built(folder):
                e5_build.build(folder, progress)
        return e5.E5Encoder.open(folder)
    if name == "hashing":
        from knowledge.encoders.hashing import HashingEncoder

        return HashingEncoder()
    if name.startswith("sentence-transformers:"):
        from knowledge.encoders.sentence_transformer import SentenceTransformerEncoder

        return SentenceTransformerEncoder(name.removeprefix("sentence-transformers:"))
    raise _unknown(name, "knowledge.encoder", SENTENCE_ENCODERS)


def for_documents(encoder: Encoder) -> Encoder:
    """What knows how customers ask shops: the half of an encoder that has learned it, else the encoder itself."""
    from knowledge.encoders.e5 import E5Encoder

    return encoder.documents if isinstance(encoder, E5Encoder) else encoder


def for_intents(encoder: Encoder) -> Encoder:
    """What tells intents apart: the half of an encoder that has learned it, else the encoder itself."""
    from knowledge.encoders.e5 import E5Encoder

    return encoder.intents if isinstance(encoder, E5Encoder) else encoder


def for_comments(encoder: Encoder) -> Encoder:
    """What tells to whom a viewer speaks: the half of an encoder that has learned it, else the encoder itself."""
    from knowledge.encoders.e5 import E5Encoder

    return encoder.comments if isinstance(encoder, E5Encoder) else encoder


async def load_photo_encoder(
    name: str, models: Path, *, tuned: str = "", progress: Progress = lambda step: None
) -> PhotoEncoder | None:
    """The photo encoder called `name`, built under `models` when it is not there; None for `none`.

    `tuned` is the file under `models` of a network that learned from the shop's photos: it is used instead. Raises
    BadSettings, also where that file is missing.
    """
    if name == "none":
        return None
    if name != "efficientnet-lite0":
        raise _unknown(name, "photos.encoder", PHOTO_ENCODERS)
    from knowledge.encoders import efficientnet, efficientnet_build

    if tuned:
        return efficientnet.TunedEncoder(_there(models / tuned))
    model = await asyncio.to_thread(efficientnet_build.build, models, progress)
    return efficientnet.EfficientNetEncoder(model)


def _there(tuned: Path) -> Path:
    if not tuned.is_file():
        remedy = "Put it back, or run `streamdesk photos train` again."
        raise BadSettings(
            f"the photo encoder that was trained, {tuned.name}, is missing.", where="knowledge.models", remedy=remedy
        )
    return tuned


def _unknown(name: str, where: str, known: tuple[str, ...]) -> BadSettings:
    return BadSettings(f"there is no encoder {name!r}.", where=where, remedy=f"There are {', '.join(known)}.")
