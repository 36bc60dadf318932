"""What every Traces must do, over memory, SQLite and (where it is installed) PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.fakes import EPOCH, MemoryStore
from bot.storage import traces as sql_traces
from bot.storage.sql import SqlStore
from bot.traces import Became, became
from bot.types import (
    Answer,
    Author,
    Citation,
    ConversationKey,
    Decision,
    Escalate,
    Message,
    Mode,
    Passage,
    Reply,
    Turn,
)

Store = MemoryStore | SqlStore
ANN, BEN = ConversationKey("web", "", "ann"), ConversationKey("web", "", "ben")
ASKED = (Answer("q"),)
FOUND = (Passage("p", "a.md", "A"),)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/t.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    kept = await SqlStore.open(url)
    yield kept
    await kept.close()


def turn(
    text: str,
    key: ConversationKey = ANN,
    minutes: float = 0,
    *,
    cites: bool = False,
    decisions: tuple[Decision, ...] = ASKED,
    mode: Mode = Mode.BOT,
    author: Author = Author.CUSTOMER,
) -> Turn:
    reply = Reply(f"to {text}", citations=(Citation("A"),) if cites else ())
    message = Message(f"{text}-{minutes}", key, text, EPOCH + timedelta(minutes=minutes), author=author)
    return Turn(message, None, decisions, FOUND, (), (reply,), mode=mode)


async def keep(store: Store, *turns: Turn) -> None:
    for one in turns:
        state = (await store.load(one.message.key, one.message.id)).state
        await store.commit(state, one, [])


@pytest.mark.parametrize(
    ("made", "is_what"),
    [
        (turn("a", cites=True), Became.ANSWERED),
        (turn("a"), Became.UNANSWERED),
        (turn("a", decisions=()), Became.SERVED),
        (turn("a", decisions=(Escalate(),), mode=Mode.QUEUED), Became.HANDED_OVER),
        (turn("a", decisions=(Escalate(),)), Became.SERVED),  # nobody was there
        (turn("a", author=Author.AGENT), Became.NOT_ASKED),
    ],
)
def test_what_becomes_of_a_turn(made: Turn, is_what: Became) -> None:
    assert became(made) is is_what


async def test_conversations_are_found_by_time_words_and_what_came_of_them(store: Store) -> None:
    await keep(
        store, turn("Rain coat", minutes=1), turn("size?", BEN, 2, cites=True), turn("thanks", minutes=3, decisions=())
    )
    traces = store.traces()
    ann, ben = await traces.talks()
    assert (ann.last.message.text, ann.turns, ben.turns) == ("thanks", 2, 1)
    assert [one.message.text for one in await traces.talk(ann.name)] == ["Rain coat", "thanks"]
    assert [one.message.text for one in await traces.talk(ann.name, 1)] == ["thanks"]
    assert [one.name for one in await traces.talks(words="RAIN")] == [ann.name]
    assert [one.name for one in await traces.talks(came_to=Became.ANSWERED)] == [ben.name]
    assert await traces.talks(words="rain", came_to=Became.SERVED) == []
    assert [one.name for one in await traces.talks(before=ann.last.message.sent_at)] == [ben.name]
    assert await traces.talks(words="rain", before=ann.last.message.sent_at) == []
    assert [one.name for one in await traces.talks(limit=1)] == [ann.name]
    for unknown in ("0", "99", "", "-1", "x", "9" * 40, "²"):
        assert await traces.talk(unknown) == []


async def test_unanswered_ones_and_counts(store: Store) -> None:
    await keep(
        store, turn("one", minutes=-60), turn("two", minutes=1), turn("three", BEN, 16, cites=True), turn("four", BEN, 17)
    )
    traces = store.traces()
    assert sorted(one.message.text for one in await traces.unanswered(10)) == ["four", "one", "two"]
    quarter = int(EPOCH.timestamp() // 900)
    assert dict(await traces.counted(EPOCH)) == {
        (quarter, Became.UNANSWERED): 1,
        (quarter + 1, Became.ANSWERED): 1,
        (quarter + 1, Became.UNANSWERED): 1,
    }


async def test_a_trace_goes_with_its_conversation(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/t.db")
    await keep(store, turn("a"), turn("b", BEN))
    await store.holdings().erase(ANN)
    assert [one.last.message.key for one in await store.traces().talks()] == [BEN]
    assert await store.holdings().drop_old("turns", EPOCH + timedelta(minutes=1), 10) == 1
    assert await store.traces().talks() == [] and await store.traces().counted(EPOCH) == {}
    await store.close()


async def test_a_search_looks_behind_the_first_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_traces, "_PAGE", 2)
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/t.db")
    await keep(store, turn("needle", BEN), *(turn(f"hay {n}", minutes=n) for n in range(1, 6)))
    assert [one.last.message.key for one in await store.traces().talks(words="needle")] == [BEN]
    monkeypatch.setattr(sql_traces, "LOOKED_THROUGH", 4)
    assert await store.traces().talks(words="needle") == []
    await store.close()


async def test_turns_of_before_are_gaps_too_and_are_not_counted(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/t.db")
    await keep(store, turn("old"), turn("old and answered", BEN, cites=True))
    async with store._engine.begin() as connection:
        await connection.execute(sa.text("UPDATE turns SET became = ''"))
    assert [one.message.text for one in await store.traces().unanswered(10)] == ["old"]
    assert await store.traces().counted(EPOCH) == {}
    await store.close()
