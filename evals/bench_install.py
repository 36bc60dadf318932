"""The installation: how large it is, and how long `make setup` takes in an empty environment."""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
import time
from asyncio.subprocess import STDOUT
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bot.errors import Unavailable

# What the last `--install` measured.
NOTE = Path("var/bench/install.json")


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of an environment's site-packages, and of those torch's."""

    site_packages: int
    torch: int


@dataclass(frozen=True, slots=True)
class Install:
    """One `make setup` into an empty environment, nothing taken from pip's cache: when, how long, how large."""

    at: str
    seconds: float
    size: Size


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder; links are not followed."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def package_size(name: str, site_packages: Path) -> int:
    """Bytes of the files that an installed package lists as its own; 0 when it is not installed."""
    files = [
        Path(str(file.locate()))
        for package in Distribution.discover(name=name, path=[str(site_packages)])
        for file in package.files or ()
    ]
    return sum(file.lstat().st_size for file in files if file.is_file())


def size(site_packages: Path) -> Size:
    """The size of an environment."""
    return Size(folder_size(site_packages), package_size("torch", site_packages))


def here() -> Path:
    """The site-packages that this runs in."""
    return Path(sysconfig.get_path("purelib"))


def noted(note: Path = NOTE) -> Install | None:
    """What the last `--install` measured on this machine."""
    if not note.is_file():
        return None
    values = orjson.loads(note.read_bytes())
    return Install(values["at"], values["seconds"], Size(**values["size"]))


def keep(installed: Install, note: Path = NOTE) -> None:
    """Remember it for the runs that do not install."""
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_bytes(orjson.dumps(installed, option=orjson.OPT_INDENT_2))


async def install() -> Install:
    """Install into a temporary environment as `make setup` does. Raises Unavailable when that fails."""
    with TemporaryDirectory(prefix="streamdesk-install-") as folder:
        environment = Path(folder) / "venv"
        at = datetime.now(UTC).isoformat(timespec="seconds")
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            "make", "setup", f"VENV={environment}", f"PYTHON={sys.executable}",
            stdout=sys.stderr, stderr=STDOUT, env={**os.environ, "PIP_NO_CACHE_DIR": "1"},
        )  # fmt: skip
        if await process.wait():
            raise Unavailable(f"make setup ended with {process.returncode}.")
        seconds = time.perf_counter() - started
        return Install(at, seconds, await asyncio.to_thread(size, _site_packages(environment)))


def _site_packages(environment: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)}))
