"""What several processes may want to make at the same time, a model say, is made by one, while the others wait for it."""

from __future__ import annotations

from pathlib import Path

from filelock import AsyncFileLock, FileLock


def making(target: Path) -> FileLock:
    """Held while `target` is looked for and made. The lock ends with the process that holds it; its file stays."""
    return FileLock(_beside(target))


def making_async(target: Path) -> AsyncFileLock:
    """`making` for what awaits while it holds it: waiting leaves the event loop free."""
    return AsyncFileLock(_beside(target))


def _beside(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.with_name(f".{target.name}.lock")
