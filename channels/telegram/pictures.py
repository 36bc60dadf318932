"""The shop's pictures, for upload: Telegram cannot fetch them from a service that only its own network reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# The bytes of a picture by the path that replies name, or None.
PictureLoader = Callable[[str], bytes | None]


def no_pictures(path: str) -> bytes | None:
    """`PictureLoader` of a shop without pictures: cards are sent as texts."""
    return None


def folder_pictures(folder: Path) -> PictureLoader:
    """`PictureLoader` over the shop's folder of pictures. Paths may begin with `pictures/`; none leads out of the folder."""
    root = folder.resolve()

    def load(path: str) -> bytes | None:
        file = (root / path.removeprefix("pictures/").lstrip("/")).resolve()
        return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None

    return load
