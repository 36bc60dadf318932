"""Everything that the web channel brings, over ports alone."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.routing import BaseRoute

from bot.channel import Gauge, OpenChannel
from bot.desk import History
from bot.payments import Cashier
from bot.ports import Clock, Limits, Photos, Receiver, Understanding
from bot.signals import Signals
from channels.common.keys import Keys
from channels.common.sockets import Hub
from channels.web.chat import CHANNEL, ChatDoor, ChatSender, ProductReader, chat_router
from channels.web.checkout import CheckoutDoor, checkout_router
from channels.web.openapi import TAGS
from channels.web.pages import page_routes
from channels.web.parsing import parsing_router
from channels.web.product import ProductDoor, product_router
from channels.web.rest import RestDoor, rest_router
from channels.web.scene import SceneDoor, scene_router
from channels.web.scenery import Scenery
from channels.web.sources import SourceReader, sources_router
from channels.web.widget import Embedding


def web_doors(
    receiver: Receiver,
    photos: Photos,
    clock: Clock,
    *,
    hub: Hub,
    sources: SourceReader,
    understanding: Understanding,
    keys: Keys,
    limits: Limits,
    product: ProductReader,
    history: History,
    pictures: Path | None = None,
    embedding: Embedding = Embedding(),  # noqa: B008 - frozen
    cashier: Cashier | None = None,
    sells: bool = False,
    models: Path | None = None,
    libraries: Path | None = None,
    public_url: str = "",
    scenery: Scenery | None = None,
    signals: Signals | None = None,
    zone: ZoneInfo = ZoneInfo("UTC"),  # noqa: B008 - frozen
) -> OpenChannel:
    """REST, private chat, documents and pages. `hub` has the open chat pages, `pictures` is the folder of the shop's.

    `keys` admits programs, `limits` bounds how much everybody sends, `product` finds what a page is about,
    `history` what was said. `embedding` says which other sites may show the chat. `cashier` serves our own checkout; where
    the shop `sells`, by whatever checkout, the chat has a button to buy. `models` has the products in 3D, `libraries` what
    shows them, `public_url` is where a phone reaches us. `scenery` has the scenes of products, chosen by the month in
    `zone` and by the `signals` of who agreed to them.
    """
    routes: tuple[APIRouter | BaseRoute, ...] = (
        rest_router(RestDoor(receiver, photos, clock, keys, limits)),
        parsing_router(understanding, clock, keys, limits),
        chat_router(ChatDoor(receiver, photos, clock, hub, limits, product, history, sells)),
        sources_router(sources),
        *((checkout_router(CheckoutDoor(cashier, limits)),) if cashier is not None else ()),
        product_router(ProductDoor(product, limits, models, libraries, public_url)),
        *((scene_router(SceneDoor(scenery, product, limits, clock, zone, signals)),) if scenery else ()),
        *page_routes(pictures, embedding),
    )
    people = Gauge("chat_people", "People with the chat page open.", hub.count)
    return OpenChannel({CHANNEL: ChatSender(hub)}, routes, TAGS, gauges=(people,))
