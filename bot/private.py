"""Files and folders with something of a person in them: made so that only the service's own user reads them."""

from __future__ import annotations

from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make `folder` and those above it where they are missing, for this user alone (0700). Raises OSError."""
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)


def private_file(file: Path) -> None:
    """Make `file`, empty, for this user alone (0600), where it is missing. Raises OSError."""
    file.touch(mode=0o600, exist_ok=True)


def write_private(file: Path, data: bytes) -> None:
    """Write a new file that only this user reads. Raises FileExistsError where there is one, whoever may read that."""
    private_folder(file.parent)
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(data)
