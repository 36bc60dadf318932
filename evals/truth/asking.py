"""Opens the whole service over a shop folder, in this process and in a place that is gone afterwards, and asks."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import Loaded, Service, load, open_service, open_shop
from bot.settings import Settings
from bot.types import ConversationKey, Message, StartFlow, Turn
from evals.scenarios.play import said_by
from evals.truth.cases import Answered, Case
from evals.truth.noise import dirty
from evals.truth.phrasings import say, text_of
from evals.truth.tables import Tables, read_tables


@dataclass(frozen=True, slots=True)
class Asker:
    """A running service over a loaded shop. Every conversation is somebody else's."""

    service: Service
    tables: Tables
    loaded: Loaded
    numbers: count[int]

    async def ask(self, turns: Sequence[str], language: str) -> Answered:
        """What the last of some messages is answered."""
        key = ConversationKey("web", "", f"truth-{next(self.numbers)}")
        locale = "en" if language == "en" else "zh-CN"
        for number, text in enumerate(turns, 1):
            message = Message(f"m{number}", key, text, datetime.now(UTC), locale=locale)
            turn = await self.service.engine.handle(message)
        return answered(turn)


@asynccontextmanager
async def open_asker(folder: Path, settings: Settings | None = None) -> AsyncIterator[Asker]:
    """Load a shop folder and open the service over it."""
    with TemporaryDirectory(prefix="streamdesk-truth-") as place:
        moved = moved_to(settings or Settings.load(), Path(place))
        async with open_shop(moved) as parts:
            loaded = await load(folder, parts, moved)
            tables = await read_tables(folder, parts.shop, datetime.now(UTC), moved.live.default_room)
        async with open_service(moved, has_desk=False) as service:
            yield Asker(service, tables, loaded, count())


def moved_to(settings: Settings, place: Path) -> Settings:
    """The settings with everything that is written under `place`; pictures are not looked at."""
    storage = settings.storage.model_copy(update={"url": f"sqlite+aiosqlite:///{place}/streamdesk.db"})
    shop = settings.shop.model_copy(update={"url": f"sqlite+aiosqlite:///{place}/shop.db", "pictures": place / "pictures"})
    knowledge = settings.knowledge.model_copy(update={"index": place / "index", "chroma_url": ""})
    photos = settings.photos.model_copy(update={"encoder": "none"})
    return settings.model_copy(update={"storage": storage, "shop": shop, "knowledge": knowledge, "photos": photos})


def answered(turn: Turn) -> Answered:
    """What a turn came to, as the judge reads it."""
    cards = [card for reply in turn.replies for card in reply.cards]
    started = [command.flow for command in (turn.parse.commands if turn.parse else ()) if isinstance(command, StartFlow)]
    return Answered(
        text="\n".join(reply.text for reply in turn.replies),
        cards="\n".join(" | ".join(filter(None, (c.title, c.subtitle, c.price, c.reason))) for c in cards),
        card_ids=tuple(card.product_id for card in cards),
        said=said_by(turn),
        flow=started[0] if started else "",
        error=turn.error or "",
    )


def words_of(case: Case, hand: str, noise: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The messages of a case in a hand, and the kinds of noise that they got; the same every time."""
    rng = random.Random(case.seed)
    texts: list[str] = []
    kinds: list[str] = []
    for utterances in case.turns:
        pieces = say(utterances, case.language, hand, rng)
        if rng.random() < noise:
            pieces, kind = dirty(pieces, case.language, rng)
            kinds.append(kind)
        texts.append(text_of(pieces))
    return tuple(texts), tuple(kinds)
