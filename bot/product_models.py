"""The 3D models of a shop's folder: `models/PRODUCT.glb`, and `PRODUCT.usdz` for iPhones; checked, measured and kept.

A model that is wrong is refused and left out, with the reason; one whose size is not the stated one is kept and told of.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.commerce import Product
from bot.dimensions import size_of
from bot.errors import BadDocument
from bot.gltf import read_glb

# A phone on a mobile network waits some seconds for so much.
MAX_BYTES = 8 * 1024 * 1024
# How far a model's edges may be from the stated ones.
TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class ModelsReport:
    """What a load made of the models, by file: the measure of each GLB taken, those refused, and doubts about others."""

    taken: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, str] = field(default_factory=dict)


def take_models(source: Path, target: Path, products: Iterable[Product]) -> ModelsReport:
    """Make `target` hold the models of `source` that can be shown, and no others; a shop may have none."""
    known = {product.id: product for product in products}
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    taken, refused, noted = {}, {}, {}
    for file in sorted(source.iterdir()) if source.is_dir() else ():
        if file.name.startswith("."):
            continue
        name = f"models/{file.name}"
        try:
            taken[name], doubt = _looked_over(file, known)
        except BadDocument as error:
            refused[name] = str(error)
            continue
        if doubt:
            noted[name] = doubt
        shutil.copyfile(file, fresh / file.name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return ModelsReport(taken, refused, noted)


def _looked_over(file: Path, known: Mapping[str, Product]) -> tuple[str, str]:
    """The measure of a file in words, and what is doubtful about it. Raises BadDocument for what cannot be shown."""
    if file.suffix not in (".glb", ".usdz"):
        raise BadDocument("is no .glb and no .usdz.", remedy="Name it by the product's id, such as P1001.glb.")
    product = known.get(file.stem)
    if product is None:
        raise BadDocument(f"no product has the id {file.stem!r}.", remedy="Name it by the product's id.")
    if (size := file.stat().st_size) > MAX_BYTES:
        remedy = "Export it with fewer triangles and smaller textures."
        raise BadDocument(f"has {size:,} bytes; {MAX_BYTES:,} are allowed.", remedy=remedy)
    if file.suffix == ".usdz":
        _look_over_usdz(file)
        return "", ""
    return _measured(file.read_bytes(), product)


def _look_over_usdz(file: Path) -> None:
    """Pixar's USDZ specification: a zip archive without compression, whose first file is the scene."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise BadDocument("is no USDZ (no zip archive).", remedy="Export it again.") from error
    if not entries or not entries[0].filename.endswith((".usd", ".usda", ".usdc")):
        raise BadDocument("is no USDZ: its first file is no .usd, .usda or .usdc.", remedy="Export it again.")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise BadDocument("is compressed, which USDZ may not be.", remedy="Export it again.")


def _measured(data: bytes, product: Product) -> tuple[str, str]:
    edges = read_glb(data).size
    told = " × ".join(f"{edge:.3g}" for edge in edges) + " m"
    stated = size_of(product)
    if stated is None:
        return f"{told}; the shop states no dimensions", ""
    both = f"{told}; stated {stated}"
    doubt = f"measures {both}. Models are in metres, in the size of the product."
    return both, "" if _matches([edge * 100 for edge in edges], stated.edges) else doubt


def _matches(measured: list[float], stated: Iterable[float]) -> bool:
    """Whether each stated edge is one of the measured ones, in centimetres; a shop may state only two of them."""
    left = list(measured)
    for edge in stated:
        nearest = min(left, key=lambda mine: abs(mine - edge))
        if abs(nearest - edge) > TOLERANCE * edge:
            return False
        left.remove(nearest)
    return True
