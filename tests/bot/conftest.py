"""An engine on fakes, and stores of every kind."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from bot.engine import Engine, Rooms
from bot.fakes import (
    EPOCH,
    FakeActions,
    FakeClock,
    FakeDialogue,
    FakeKnowledge,
    FakePhotoReader,
    FakeRecommender,
    FakeResponding,
    FakeUnderstanding,
    MemorySignals,
    MemoryStore,
)
from bot.locks import LocalLocks
from bot.types import ConversationKey, Message, Turn

KEY = ConversationKey("web", "", "ann")


def message(text: str, message_id: str = "m1", key: ConversationKey = KEY, **fields: object) -> Message:
    return Message(message_id, key, text, EPOCH, **fields)  # type: ignore[arg-type]


@dataclass
class World:
    """The fakes behind an engine, to be looked at."""

    store: MemoryStore = field(default_factory=MemoryStore)
    understanding: FakeUnderstanding = field(default_factory=FakeUnderstanding)
    dialogue: FakeDialogue = field(default_factory=FakeDialogue)
    knowledge: FakeKnowledge = field(default_factory=FakeKnowledge)
    actions: FakeActions = field(default_factory=FakeActions)
    responding: FakeResponding = field(default_factory=FakeResponding)
    clock: FakeClock = field(default_factory=FakeClock)
    committed: list[Turn] = field(default_factory=list)
    signals: MemorySignals = field(default_factory=MemorySignals)

    def engine(self, *, has_desk: bool = True, on_outbox: Callable[[Collection[str]], None] = lambda doors: None) -> Engine:
        rooms = Rooms(
            understanding=self.understanding,
            dialogue=self.dialogue,
            responding=self.responding,
            knowledge=self.knowledge,
            recommender=FakeRecommender(),
            photo_reader=FakePhotoReader(),
            actions=self.actions,
            store=self.store,
            photos=self.store,
            locks=LocalLocks(),
            clock=self.clock,
            signals=self.signals,
        )
        return Engine(rooms, has_desk=has_desk, on_commit=self.committed.append, on_outbox=on_outbox)


@pytest.fixture
def world() -> World:
    return World()
