"""Both web rooms on fakes, with a bot that answers from a table and an outbox that runs: for the pages."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from PIL import Image, ImageDraw
from starlette.applications import Starlette

from bot.channel import OpenChannel
from bot.clock import SystemClock
from bot.errors import ChannelUnavailable
from bot.fakes import FakeLimits, FakeReceiver, FakeUnderstanding, MemoryAudit, MemoryStore
from bot.stage import Stages
from bot.types import (
    Answer,
    Audience,
    Button,
    Card,
    Citation,
    ConversationKey,
    Delivery,
    Language,
    Message,
    Reply,
    ToCustomer,
    Turn,
)
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.common.sockets import Hub
from channels.live.answers import Rules
from channels.live.gate import Judgement, Said
from channels.live.host import host_router
from channels.live.host_reports import Reports, reports_router
from channels.live.intake import Intake
from channels.live.pages import page_routes as host_page_routes
from channels.live.reporting import Reporter
from channels.live.rooms import LiveSender, Rooms
from channels.live.socket import LiveDoor, live_router
from channels.live.telling import Teller
from channels.web.doors import web_doors
from channels.web.sources import Source, SourcePart
from channels.web.widget import Embedding
from tests.channels.live.shop import PRODUCTS, RoomShop
from tests.channels.live.shows import Show

COLORS = ("#2f5d7c", "#c7738c", "#4d7c6f", "#d9c4a0", "#514a63", "#b8562f")
SHELL = Source(
    "山脊冲锋衣说明 Ridge jacket",
    (
        SourcePart("三合一冲锋衣，外层与抓绒内胆可以分开穿。", "穿法", "s1"),
        SourcePart(
            "面料静水压 10000 mm，接缝全压胶。\n\n大雨里走两小时，里面依旧干爽。机洗前请拆下内胆。",
            "防水 Waterproofing",
            "s2",
        ),
        SourcePart("30 度以下机洗，不可漂白，低温烘干可恢复泼水效果。", "洗护", "s3"),
    ),
)

# Everybody may use the doors for machines.
OPEN = Keys({}, is_open=True)


def answer(message: Message) -> tuple[Reply, ...]:
    """Replies as the real bot makes them: sourced, with cards, with choices, or an honest no."""
    text, audience = message.text.lower(), message.context.audience
    english = not any("一" <= character <= "鿿" for character in text)
    language = Language.EN if english else Language.ZH
    if message.photos:
        cards = tuple(card(product.id, english) for product in PRODUCTS[:4])
        said = "Looks like a jacket. These come closest:" if english else "看起来是一件外套，店里最像的是这几件："
        return (Reply(said, cards=cards, language=language),)
    if "防水" in text or "waterproof" in text:
        cited = Citation(
            SHELL.title, "防水 Waterproofing", "/sources/products/shell.md#s2", "面料静水压 10000 mm，接缝全压胶。"
        )
        said = (
            "Yes. The fabric holds 10,000 mm and every seam is taped."
            if english
            else "防水。面料静水压 10000 mm，接缝全压胶，大雨里走两小时依旧干爽。"
        )
        return (Reply(said, citations=(cited,), audience=audience, language=language),)
    if "快递" in text:
        return (
            Reply(
                "这个我们私下说：http://127.0.0.1/chat?room=main&ask=track_shipment", audience=audience, language=language
            ),
        )
    if "bitcoin" in text and audience is Audience.PUBLIC:
        return (Reply("I don’t have that.", audience=Audience.PRIVATE, language=language, aside=True),)
    if "推荐" in text or "recommend" in text:
        cards = tuple(card(product.id, english) for product in PRODUCTS)
        return (Reply("These are in stock now:" if english else "现在有货，适合下雨天：", cards=cards, audience=audience),)
    said = (
        "I don’t have that in our documents. Shall I get a person?"
        if english
        else "这个我们的资料里没有。要转给真人客服吗？"
    )
    choice = Button("Talk to a person" if english else "转人工客服", "/human")
    return (Reply(said, buttons=(choice,), audience=audience, language=language),)


def card(product_id: str, english: bool) -> Card:
    product = next(product for product in PRODUCTS if product.id == product_id)
    return Card(
        product.id,
        product.name.in_("en" if english else "zh"),
        product.description.in_("en" if english else "zh"),
        str(product.variants[0].price),
        product.picture,
        reason="Waterproof to 10,000 mm" if english else "防水 10000 mm",
        buttons=(Button("Details" if english else "看看这件", f"/show {product.id}"),),
    )


def draw_pictures(folder: Path) -> None:
    """A plain picture per product."""
    folder.mkdir(parents=True, exist_ok=True)
    for product, color in zip(PRODUCTS, COLORS, strict=True):
        picture = Image.new("RGB", (400, 400), "#f1ece6")
        pen = ImageDraw.Draw(picture)
        pen.ellipse((90, 330, 310, 362), fill="#ddd5cc")
        shirt = [(150, 70), (250, 70), (330, 120), (360, 220), (310, 240), (290, 190), (290, 340)]
        pen.polygon([*shirt, (110, 340), (110, 190), (90, 240), (40, 220), (70, 120)], fill=color)
        out = io.BytesIO()
        picture.save(out, "PNG")
        (folder / f"{product.id}.png").write_bytes(out.getvalue())


class Rude:
    """A judge to whom "idiot" is abuse, and everything else a question to the shop."""

    async def judge(self, text: str) -> Judgement:
        improper = 0.9 if "idiot" in text else 0.0
        return Judgement(Said.SHOP, 1 - improper, improper, Said.ABUSE if improper else None)


class Demo:
    """The application, and its fakes for a test to look at and to speak through as an agent."""

    def __init__(
        self,
        pictures: Path,
        rules: Rules | None = None,
        secret: str = "",
        embedding: Embedding = Embedding(),  # noqa: B008
    ) -> None:
        draw_pictures(pictures)
        clock = SystemClock()
        self.receiver = FakeReceiver(reply=answer)
        self.shop = RoomShop()
        self.hub = Hub()
        self.stages = Stages()
        rooms = Rooms(self.shop, clock, rules=lambda room: rules or Rules(), stages=self.stages)  # type: ignore[arg-type]
        web = web_doors(
            self.receiver,
            MemoryStore(),
            clock,
            hub=self.hub,
            sources=self._source,
            understanding=FakeUnderstanding(),
            keys=OPEN,
            limits=FakeLimits(),
            product=self.shop.product,
            history=self._history,
            pictures=pictures,
            embedding=embedding,
            sells=True,
        )
        intake = Intake(self.receiver, judge=Rude())
        door = LiveDoor(self.receiver, intake, rooms, clock, FakeLimits(), secret, open_host=True, sells=True)
        self.past, self.faq_folder = Show(), pictures.parent
        audit = MemoryAudit()
        audit.entries["main"] = self.past.entries
        reporter = Reporter(audit, self.past.read, self.shop)  # type: ignore[arg-type]
        reports = reports_router(Reports(door, reporter, ZoneInfo("Asia/Shanghai"), self.faq_folder))
        sender = LiveSender(rooms, self._history)
        self._teller = Teller(rooms, self.receiver, sender)
        live = OpenChannel({"live": sender}, (live_router(door), host_router(door), reports, *host_page_routes()))
        self._senders = {**web.senders, **live.senders}
        self.app: FastAPI = web_application([live, web], {}, Metrics(), OPEN, lifespan=self._lifespan)

    def speak(self, text: str, agent: str) -> None:
        """An agent's words for everyone who has written."""
        for message in list(self.receiver.messages.values()):
            if message.key.channel == "web":
                reply = ToCustomer(Reply(text, agent=agent))
                self.receiver.waiting.append(Delivery(f"agent/{agent}/{message.id}", message.key, reply))

    async def _history(self, key: ConversationKey, most: int) -> list[Turn]:
        asked = [message for message in self.receiver.messages.values() if message.key == key]
        return [Turn(message, None, (Answer(message.text),), replies=answer(message)) for message in asked[-most:]]

    async def _source(self, path: str) -> Source | None:
        return SHELL if path == "products/shell.md" else None

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        await self.shop.show("main", PRODUCTS[0].id, datetime.now(UTC))
        work = [asyncio.create_task(one) for one in (self._outbox(), self._teller.run())]
        yield
        for one in work:
            one.cancel()

    async def _outbox(self) -> None:
        tried: set[Delivery] = set()
        while True:
            await asyncio.sleep(0.05)
            for delivery in [waiting for waiting in self.receiver.waiting if waiting not in tried]:
                with contextlib.suppress(ChannelUnavailable):
                    await self._senders[delivery.door].send(replace(delivery))
                    await self.receiver.delivered([delivery])
                    continue
                tried.add(delivery)


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The application on a free port of this machine; the address comes out."""
    import socket
    import threading

    import uvicorn

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # who comes before the server is up waits, and is not refused
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
