"""The web application on fakes."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from PIL import Image

from bot.commerce import Product
from bot.errors import ShopUnavailable
from bot.fakes import FakeClock, FakeLimits, FakeReceiver, FakeUnderstanding, MemoryStore
from bot.ports import Understanding
from bot.types import ConversationKey, Reply, Turn
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.common.sockets import Hub
from channels.web.doors import web_doors
from channels.web.sources import Source, SourcePart
from tests.channels.live.shop import PRODUCTS

SOURCE = Source(
    "退货政策 <Returns>",
    (
        SourcePart("七天无理由。\n\n运费由 <b>我们</b> 承担。", "1. 时限"),
        SourcePart("Send it back within 7 days & keep the label.", "Sending back"),
    ),
)


@dataclass
class Web:
    """The application and the fakes behind it."""

    receiver: FakeReceiver = field(default_factory=FakeReceiver)
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=FakeClock)
    hub: Hub = field(default_factory=Hub)
    metrics: Metrics = field(default_factory=Metrics)
    understanding: Understanding = field(default_factory=FakeUnderstanding)
    limits: FakeLimits = field(default_factory=FakeLimits)
    keys: Keys = field(default_factory=lambda: Keys({}, is_open=True))
    broken: bool = False

    def __post_init__(self) -> None:
        channel = web_doors(
            self.receiver,
            self.store,
            self.clock,
            hub=self.hub,
            sources=self._source,
            understanding=self.understanding,
            keys=self.keys,
            limits=self.limits,
            product=self._product,
            history=self._history,
        )
        self.app = web_application([channel], {"shop": self._shop, "storage": self._storage}, self.metrics, self.keys)

    async def _product(self, product_id: str) -> Product | None:
        if self.broken:
            raise ShopUnavailable("no route to the shop")
        return next((product for product in PRODUCTS if product.id == product_id), None)

    async def _history(self, key: ConversationKey, limit: int) -> list[Turn]:
        said = [message for message in self.receiver.messages.values() if message.key == key][-limit:]
        return [Turn(message, None, (), replies=(Reply(f"to {message.text}"),)) for message in said]

    async def _shop(self) -> None:
        if self.broken:
            raise ShopUnavailable("no route to the shop")

    async def _storage(self) -> None:
        return None

    async def _source(self, path: str) -> Source | None:
        return SOURCE if path == "policies/returns.md" else None


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
async def client(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as client:
        yield client


def png(width: int = 4, height: int = 4) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((128, 128), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()
