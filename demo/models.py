"""The demo's products in 3D: `python -m demo.models` writes demo/shop/models, in under a second and always the same.

They are made where they are needed, not kept: shapes of demo/shapes.py, stretched to the dimensions that the catalogue states,
in the catalogue's colours. A file that would not change is left as it is, so that a loaded shop stays loaded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from demo.catalogue import SOURCES, both, load_products
from demo.generate import SHOP
from demo.glb import fitted, write_glb
from demo.pictures import COLOURS
from demo.shapes import SHAPES

# Colours that no picture is drawn in.
MORE = {"Pink": "#e3a3b4", "Dusty Rose": "#b9696f", "Dark Roast": "#4a2f22"}


def models() -> dict[str, bytes]:
    """The GLB of each product that has a shape, by its id."""
    shapes = YAML(typ="safe").load((SOURCES / "models.yml").read_text(encoding="utf-8"))
    products = {product["id"]: product for product in load_products()[0]}
    return {product_id: _model(products[product_id], shape) for product_id, shape in shapes.items()}


def write_models(folder: Path) -> int:
    """Write models/P….glb for each of them; returns how many there are."""
    (folder / "models").mkdir(exist_ok=True)
    made = models()
    for product_id, data in made.items():
        file = folder / "models" / f"{product_id}.glb"
        if not file.exists() or file.read_bytes() != data:
            file.write_bytes(data)
    return len(made)


def dimensions(product: dict[str, Any]) -> list[float]:
    """The stated dimensions of a product of the sources in metres, in their order; of "10/12" the larger."""
    stated = both(product["attrs"]["dimensions"])[1].removesuffix(" cm")
    return [max(float(part) for part in re.findall(r"[\d.]+", edge)) / 100 for edge in stated.split("×")]


def size(product: dict[str, Any], edges: str) -> tuple[float, float, float]:
    """Width, height and depth in metres; a round thing may state its depth with its width ("42 × 18 cm")."""
    stated = dict(zip(edges, dimensions(product), strict=False))
    return stated["w"], stated["h"], stated.get("d", stated["w"])


def _model(product: dict[str, Any], shape: dict[str, str]) -> bytes:
    names = [colour.split("/")[1] for colour in product["colors"]]
    parts = fitted(SHAPES[shape["shape"]](), size(product, shape["edges"]))
    return write_glb(parts, {name: (COLOURS | MORE)[name] for name in names})


if __name__ == "__main__":
    print(f"{write_models(SHOP)} products in 3D in {SHOP / 'models'}")
