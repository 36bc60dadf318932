"""The scene of a product over HTTP: chosen by its words, told of once, and changed by taste only with consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
from numpy.typing import NDArray

from bot.channel import OpenChannel
from bot.commerce import Attribute, Product, Text
from bot.fakes import FakeClock, FakeLimits, MemorySignals
from bot.pack import SCENES, Pack
from bot.scenes import read_scenes
from bot.signals import Consent, SignalKind, signal
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.web.choosing import Reason
from channels.web.scene import SceneDoor, scene_router
from channels.web.scenery import Scenery
from knowledge.encoders.hashing import HashingEncoder
from tests.channels.live.shop import PRODUCTS

TOKEN = "t" * 32
NOW = datetime(2026, 6, 18, tzinfo=UTC)


@dataclass
class Counting:
    """An encoder that counts what it is asked for."""

    inner: HashingEncoder = field(default_factory=HashingEncoder)
    asked: int = 0
    name: str = "counting"
    dimension: int = HashingEncoder().dimension

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await self.inner.encode_queries(texts)

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += len(texts)
        return await self.inner.encode_passages(texts)


def thing(name: str, words: str, size: str = "") -> Product:
    sized = (Attribute("dimensions", Text("尺寸", "Dimensions"), Text(size, size)),) if size else ()
    bare = replace(PRODUCTS[0], category_name=Text(), description=Text(), tags=())
    return replace(bare, id=name, name=Text("", words), attributes=sized)


TENT = thing("tent", "camping tent, sleeping bag and folding camp furniture", "210 × 150 × 115 cm")
BETWEEN = thing("between", "desk lamp for reading and working; mug, cup, thermos, tableware", "20 × 10 cm")
MUG = thing("mug", "mug, cup, thermos, tableware, bowls")
NOTHING = thing("nothing", "xyzzy qwfp 4711")
SHOP = {one.id: one for one in (TENT, BETWEEN, MUG, NOTHING)}


@dataclass
class Site:
    client: httpx.AsyncClient
    encoder: Counting
    signals: MemorySignals

    async def scene(self, product_id: str, person: str | None = None) -> dict[str, Any]:
        headers = {"Streamdesk-Person": person} if person else {}
        answer = await self.client.get(f"/product/{product_id}/scene", headers=headers)
        return {"status": answer.status_code, **answer.json()}


def site() -> Site:
    async def find(product_id: str) -> Product | None:
        return SHOP.get(product_id)

    encoder, signals = Counting(), MemorySignals()
    scenery = Scenery(read_scenes(Pack().layers(SCENES)), encoder)
    door = SceneDoor(scenery, find, FakeLimits(), FakeClock(NOW), ZoneInfo("Asia/Shanghai"), signals)
    app = web_application([OpenChannel({}, (scene_router(door),))], {}, Metrics(), Keys({}, is_open=True))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://streamdesk.test")
    return Site(client, encoder, signals)


async def test_a_product_stands_where_it_belongs_beside_something_of_its_size() -> None:
    told = await site().scene("tent")
    assert (told["scene"], told["reason"]) == ("woods", "use")
    woods = told["scenes"]["woods"]
    assert woods["beside"]["kind"] == "person"
    assert woods["light"]["from"] == [-4, 3, 4]
    assert "suits" not in woods
    assert "desk" not in told["scenes"]


async def test_what_suits_no_scene_is_shown_plainly() -> None:
    told = await site().scene("nothing")
    assert (told["scene"], told["reason"], list(told["scenes"])) == ("studio", Reason.PLAIN.value, ["studio"])
    assert told["scenes"]["studio"]["beside"] is None


async def test_the_same_words_are_encoded_once() -> None:
    here = site()
    await here.scene("tent")
    before = here.encoder.asked
    await here.scene("tent")
    assert here.encoder.asked == before


async def test_a_taste_counts_only_with_consent() -> None:
    here, person = site(), f"sender:web:{TOKEN}"
    assert (await here.scene("between"))["scene"] == "desk"
    await here.signals.decide(person, Consent.GIVEN, NOW)
    await here.signals.note(person, [signal("mug", SignalKind.CART, NOW)], "a")
    tasted = await here.scene("between", TOKEN)
    assert (tasted["scene"], tasted["reason"]) == ("breakfast", "taste")
    assert (await here.scene("between", "u" * 32))["scene"] == "desk"  # somebody else's page
    await here.signals.decide(person, Consent.REFUSED, NOW)
    assert (await here.scene("between", TOKEN))["scene"] == "desk"


async def test_an_unknown_product() -> None:
    assert (await site().scene("P0"))["status"] == 404
