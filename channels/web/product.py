"""A product to look at from all sides: its page, what the page shows, and its models.

Without a model or without the library that draws it, the page shows the picture; the dimensions stand in words either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.commerce import Product, Text
from bot.dimensions import size_of
from bot.ports import Limits
from channels.common.limiting import address_of, refuse_excess
from channels.common.pages import SECURITY, page
from channels.common.problems import BadRequest, problem_responses
from channels.common.rendering import picture_url
from channels.web.chat import ProductReader
from channels.web.libraries import installed, library

FOLDER = Path(__file__).parent / "pages"
_BY_ID = "Name it by the product's id."
# IANA's registry of media types.
MEDIA_TYPES = {".glb": "model/gltf-binary", ".usdz": "model/vnd.usdz+zip"}
# The viewer compiles a decoder that it carries, styles itself inside its shadow tree, and reads textures out of a model by
# addresses of its own making.
_POLICY = SECURITY["Content-Security-Policy"].replace("connect-src 'self'", "connect-src 'self' blob: data:")
_VIEWER = "script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'"
VIEWER: Mapping[str, str] = {**SECURITY, "Content-Security-Policy": f"{_POLICY}; {_VIEWER}"}


@dataclass(frozen=True, slots=True)
class ProductDoor:
    """What the page is served with; `public_url` is where a phone reaches this service."""

    product: ProductReader
    limits: Limits
    models: Path | None
    libraries: Path | None
    public_url: str


def product_router(door: ProductDoor) -> APIRouter:
    """The page /product/ID with what it shows, the models under /product-models, and the libraries."""
    router = APIRouter(tags=["Products"])
    router.add_api_route("/product/{product_id}", page(FOLDER / "product.html", VIEWER), include_in_schema=False,
                         response_model=None)  # fmt: skip

    @router.get("/product/{product_id}/view", summary="A product to look at", responses=problem_responses(404, 429, 503))
    async def view(product_id: str, request: Request) -> dict[str, Any]:
        """Names, price, colours, stated dimensions, and the addresses of its models where it has some."""
        await refuse_excess(door.limits, "chat", address_of(request), request.headers.get("accept-language"))
        product = await door.product(product_id)
        if product is None:
            raise BadRequest("no such product.", key="product_id", value=product_id, remedy=_BY_ID, status=404)
        return view_body(product, door)

    @router.get("/product-models/{name}", include_in_schema=False)
    async def model(name: str) -> Response:
        file = _model(door.models, name)
        if file is None:
            raise BadRequest("no such model.", key="name", value=name, remedy=_BY_ID, status=404)
        return FileResponse(file, headers={"Cache-Control": "no-cache"}, media_type=MEDIA_TYPES[file.suffix])

    @router.get("/libraries/{name:path}", include_in_schema=False)
    async def page_library(name: str) -> Response:
        return library(door.libraries, name)

    return router


def view_body(product: Product, door: ProductDoor) -> dict[str, Any]:
    """A product as its page reads it; null is what there is not."""
    size = size_of(product)
    cheapest = min((variant.price for variant in product.variants), default=None)
    colours = dict.fromkeys((variant.color.zh, variant.color.en) for variant in product.variants)
    return {
        "id": product.id,
        "name": _both(product.name),
        "description": _both(product.description),
        "picture": picture_url(product.picture),
        "price": str(cheapest or ""),
        "colours": [{"zh": zh, "en": en} for zh, en in colours if zh or en],
        "dimensions": {"text": _both(size.text), "edges_cm": size.edges} if size else None,
        "glb": _model_url(door.models, f"{product.id}.glb"),
        "usdz": _model_url(door.models, f"{product.id}.usdz"),
        "viewer": installed(door.libraries, "model-viewer.js"),
        "scenes": installed(door.libraries, "three.js"),
        "qr": installed(door.libraries, "qrcode.js"),
        "address": f"{door.public_url.rstrip('/')}/product/{product.id}",
    }


def _model_url(folder: Path | None, name: str) -> str | None:
    return f"/product-models/{name}" if _model(folder, name) else None


def _model(folder: Path | None, name: str) -> Path | None:
    """The file of a model; None where there is none, or the name is of anything else."""
    file = Path(name)
    if folder is None or file.name != name or file.suffix not in MEDIA_TYPES or not (folder / name).is_file():
        return None
    return folder / name


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.in_("zh"), "en": text.in_("en")}
