"""Whether the demo shop is loaded: its files, the day its dates were moved to, and the encoder of its index."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.settings import Settings

_NOTE = "demo-loaded.txt"


def is_loaded(shop: Path, settings: Settings) -> bool:
    """Whether exactly this folder was loaded today."""
    note = _note(settings)
    return note.is_file() and note.read_text("utf-8") == _fingerprint(shop, settings)


def note_loaded(shop: Path, settings: Settings) -> None:
    """Remember that this folder is loaded."""
    note = _note(settings)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(_fingerprint(shop, settings), encoding="utf-8")


def _note(settings: Settings) -> Path:
    return settings.knowledge.index / _NOTE


def _fingerprint(shop: Path, settings: Settings) -> str:
    """Changes with the name, size or time of any file, with the day, and with what the files were loaded into."""
    digest = hashlib.sha256()
    for file in sorted(shop.rglob("*")):
        state = file.stat()
        digest.update(f"{file.relative_to(shop)}\t{state.st_size}\t{state.st_mtime_ns}\n".encode())
    today = datetime.now(UTC).astimezone(ZoneInfo(settings.shop.timezone)).date()
    return f"{digest.hexdigest()} {today} {settings.shop.url} {settings.knowledge.encoder} {settings.photos.encoder}"
