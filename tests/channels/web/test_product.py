"""A product to look at: what its page is told, and which files are served, with which types."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from bot.channel import OpenChannel
from bot.commerce import Attribute, Product, Text
from bot.fakes import FakeLimits
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.web.libraries import FILES
from channels.web.product import ProductDoor, product_router
from tests.channels.live.shop import PRODUCTS
from tests.glb import box_glb

JACKET = PRODUCTS[0]
SIZED = replace(
    JACKET, attributes=(Attribute("dimensions", Text("尺寸", "Dimensions"), Text("46 × 30 × 14 厘米", "46 × 30 × 14 cm")),)
)


@dataclass
class Site:
    """The door, and who asks at it."""

    client: httpx.AsyncClient
    models: Path
    libraries: Path


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    models, libraries = tmp_path / "models", tmp_path / "libraries"
    models.mkdir()

    async def product(product_id: str) -> Product | None:
        return {JACKET.id: SIZED, PRODUCTS[1].id: replace(PRODUCTS[1], attributes=())}.get(product_id)

    door = ProductDoor(product, FakeLimits(), models, libraries, "https://live.example/")
    app = web_application([OpenChannel({}, (product_router(door),))], {}, Metrics(), Keys({}, is_open=True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://streamdesk.test") as client:
        yield Site(client, models, libraries)


async def test_what_the_shop_states_and_has(site: Site) -> None:
    (site.models / f"{JACKET.id}.glb").write_bytes(box_glb(0.3, 0.46, 0.14))
    view = (await site.client.get(f"/product/{JACKET.id}/view")).json()
    assert view["dimensions"] == {
        "text": {"zh": "46 × 30 × 14 厘米", "en": "46 × 30 × 14 cm"},
        "edges_cm": [46, 30, 14],
    }
    assert view["glb"] == f"/product-models/{JACKET.id}.glb"
    assert (view["usdz"], view["viewer"], view["scenes"], view["qr"]) == (None, False, False, False)
    assert view["address"] == f"https://live.example/product/{JACKET.id}"
    assert view["colours"][0] == {"zh": JACKET.variants[0].color.zh, "en": JACKET.variants[0].color.en}


async def test_without_models_and_dimensions_it_says_so(site: Site) -> None:
    view = (await site.client.get(f"/product/{PRODUCTS[1].id}/view")).json()
    assert (view["dimensions"], view["glb"], view["usdz"]) == (None, None, None)


async def test_an_unknown_product(site: Site) -> None:
    assert (await site.client.get("/product/P0/view")).status_code == 404


@pytest.mark.parametrize(("ending", "media_type"), [("glb", "model/gltf-binary"), ("usdz", "model/vnd.usdz+zip")])
async def test_models_have_their_media_types(site: Site, ending: str, media_type: str) -> None:
    (site.models / f"{JACKET.id}.{ending}").write_bytes(b"a model")
    answer = await site.client.get(f"/product-models/{JACKET.id}.{ending}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, media_type, b"a model")


@pytest.mark.parametrize("name", ["P0.glb", "secret.txt", "..%2Fsecret.glb", "%2e%2e%2fsecret.glb"])
async def test_nothing_else_is_served(site: Site, name: str) -> None:
    (site.models / "secret.txt").write_text("x")
    (site.models.parent / "secret.glb").write_text("x")
    assert (await site.client.get(f"/product-models/{name}")).status_code == 404


async def test_libraries_are_served_when_they_are_there(site: Site) -> None:
    assert (await site.client.get("/libraries/model-viewer.js")).status_code == 404
    file = site.libraries / "node_modules" / FILES["model-viewer.js"]
    file.parent.mkdir(parents=True)
    file.write_text("export {}")
    answer = await site.client.get("/libraries/model-viewer.js")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/javascript")
    assert (await site.client.get("/libraries/package.json")).status_code == 404
    assert (await site.client.get(f"/product/{JACKET.id}/view")).json()["viewer"] is True


async def test_the_page_loads_nothing_from_elsewhere(site: Site) -> None:
    answer = await site.client.get(f"/product/{JACKET.id}")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "//" not in answer.text.replace("http://www.w3.org", "")
