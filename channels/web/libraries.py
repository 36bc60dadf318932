"""The page libraries that `make pages` installs by the lock file beside this module; pages do without one that is missing.

Only the files named here are served, from this service: nothing is loaded from elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, Response

from channels.common.pages import SECURITY
from channels.common.problems import BadRequest

# The name in an address, and the file in the folder of packages.
FILES = {
    "model-viewer.js": "@google/model-viewer/dist/model-viewer.min.js",
    "qrcode.js": "qrcode-generator/dist/qrcode.mjs",
    "three.js": "three/build/three.module.min.js",
    "three.core.min.js": "three/build/three.core.min.js",
    "loaders/GLTFLoader.js": "three/examples/jsm/loaders/GLTFLoader.js",
    "utils/BufferGeometryUtils.js": "three/examples/jsm/utils/BufferGeometryUtils.js",
    "utils/SkeletonUtils.js": "three/examples/jsm/utils/SkeletonUtils.js",
}


def installed(folder: Path | None, name: str) -> bool:
    """Whether a library is there."""
    return folder is not None and _file(folder, name).is_file()


def library(folder: Path | None, name: str) -> Response:
    """One file. Raises BadRequest (404) for one that is not there."""
    if name not in FILES or folder is None or not installed(folder, name):
        raise BadRequest("no such library.", key="name", value=name, remedy="Run `make pages`.", status=404)
    file = _file(folder, name)
    if "jsm" not in file.parts:
        return FileResponse(file, headers=SECURITY, media_type="text/javascript")
    # A browser resolves bare names by an import map alone, and those within a page are what its policy forbids.
    text = file.read_text("utf-8").replace("from 'three'", "from '/libraries/three.js'")
    return Response(text, headers=SECURITY, media_type="text/javascript")


def _file(folder: Path, name: str) -> Path:
    return folder / "node_modules" / FILES[name]
