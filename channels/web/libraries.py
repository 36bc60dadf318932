"""The page libraries that `make pages` installs by the lock file beside this module; pages do without one that is missing.

Only the files named here are served, from this service: nothing is loaded from elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse

from channels.common.pages import SECURITY
from channels.common.problems import BadRequest

# The name in an address, and the file in the folder of packages.
FILES = {
    "model-viewer.js": "@google/model-viewer/dist/model-viewer.min.js",
    "qrcode.js": "qrcode-generator/dist/qrcode.mjs",
}


def installed(folder: Path | None, name: str) -> bool:
    """Whether a library is there."""
    return folder is not None and _file(folder, name).is_file()


def library(folder: Path | None, name: str) -> FileResponse:
    """One file. Raises BadRequest (404) for one that is not there."""
    if name not in FILES or folder is None or not installed(folder, name):
        raise BadRequest("no such library.", key="name", value=name, remedy="Run `make pages`.", status=404)
    return FileResponse(_file(folder, name), headers=SECURITY, media_type="text/javascript")


def _file(folder: Path, name: str) -> Path:
    return folder / "node_modules" / FILES[name]
