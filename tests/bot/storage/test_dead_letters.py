"""What can never be delivered is put aside with the reason, holds up nothing, and can be put back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.database import open_engine
from bot.fakes import EPOCH, FakeClock, FakeSender
from bot.outbox import Dispatcher
from bot.storage.sql import MIGRATIONS, SqlStore
from bot.storage.tables import outbox
from bot.types import ConversationKey, Delivery, Message, Reply, State, ToCustomer, Turn

KEY = ConversationKey("web", "", "ann")
LATER = EPOCH + timedelta(hours=1)

# Bodies that cannot be delivered, and what is said of them.
UNREADABLE = {
    "no JSON": ("{nope", "Invalid JSON"),
    "a field unknown to this version": (
        '{"kind": "to_customer", "reply": {"text": "a secret", "hologram": 1}}',
        "to_customer.reply.hologram",
    ),
    "a value of another type": ('{"kind": "to_customer", "reply": {"text": 17}}', "to_customer.reply.text"),
    "no kind": ('{"reply": {"text": "a secret"}}', "discriminator 'kind'"),
    "written for another door": ('{"kind": "to_desk"}', "the door 'web'"),
}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(url)
    yield opened
    await opened.close()


async def fill(store: SqlStore, count: int) -> None:
    message = Message("m1", KEY, "hi", EPOCH)
    deliveries = [Delivery(f"{KEY}/m1/{n}", KEY, ToCustomer(Reply(str(n)))) for n in range(count)]
    await store.commit(State(KEY), Turn(message, None), deliveries)


async def spoil(url: str, body: str, *numbers: int) -> None:
    """Write another body, as a faulty or newer version would."""
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.execute(
            outbox.update().where(outbox.c.id.in_([f"{KEY}/m1/{n}" for n in numbers])).values(body=body)
        )
    await engine.dispose()


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_put_aside_and_holds_up_nothing(what: str, store: SqlStore, url: str) -> None:
    body, reason = UNREADABLE[what]
    await fill(store, 3)
    await spoil(url, body, 0)
    assert [delivery.id for delivery in await store.undelivered(KEY)] == [f"{KEY}/m1/1", f"{KEY}/m1/2"]
    sender = FakeSender()
    assert await Dispatcher(store, {"web": sender}, FakeClock()).deliver_due()
    assert list(sender.arrived) == [f"{KEY}/m1/1", f"{KEY}/m1/2"]
    (letter,) = await store.dead_letters(10)
    assert (letter.id, letter.conversation, letter.door, letter.at) == (f"{KEY}/m1/0", str(KEY), "web", EPOCH)
    assert reason in letter.error
    assert "secret" not in letter.error, "what was written to the customer is nothing for a list"


async def test_a_whole_look_of_unreadable_ones_is_passed_over(store: SqlStore, url: str) -> None:
    await fill(store, 12)
    await spoil(url, "{nope", *range(10))
    assert [delivery.id for delivery in await store.due(EPOCH, ["web"], 4)] == [f"{KEY}/m1/10", f"{KEY}/m1/11"]
    assert len(await store.dead_letters(100)) == 10
    assert [letter.id for letter in await store.dead_letters(2)] == [f"{KEY}/m1/9", f"{KEY}/m1/8"]


async def test_what_was_put_aside_can_be_put_back(store: SqlStore, url: str) -> None:
    await fill(store, 4)
    for n in (0, 2):
        await store.abandon(f"{KEY}/m1/{n}", "blocked by the user", LATER)
        await store.abandon(f"{KEY}/m1/{n}", "told twice", LATER)
    await store.delivered([f"{KEY}/m1/1"])
    assert {(letter.error, letter.at) for letter in await store.dead_letters(10)} == {("blocked by the user", LATER)}
    assert await store.revive("nobody's") == 0
    assert await store.revive(f"{KEY}/m1/2") == 1
    assert await store.revive(f"{KEY}/m1/2") == 0
    assert await store.revive() == 1
    assert await store.dead_letters(10) == []
    due = await store.due(EPOCH, ["web"])
    assert [(delivery.id[-1], delivery.attempt) for delivery in due] == [("3", 1), ("2", 2), ("0", 2)]
    await store.abandon(f"{KEY}/m1/2", "blocked again", LATER)
    assert [letter.attempts for letter in await store.dead_letters(10)] == [2]


async def test_what_an_earlier_version_had_abandoned_is_found_again(url: str) -> None:
    engine = open_engine(url)

    def lay_out(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes.update(connection=connection, version_table="alembic_version_bot")
        command.upgrade(config, "0003")

    row = {"key": str(KEY), "door": "web", "body": "{}", "attempt": 1, "due_at": 0.0, "reason": "blocked"}
    rows = [{**row, "id": f"d{n}", "status": status} for n, status in enumerate(("abandoned", "delivered", "pending"))]
    async with engine.begin() as connection:
        await connection.run_sync(lay_out)
        await connection.execute(outbox.insert(), rows)
    await engine.dispose()
    store = await SqlStore.open(url)
    assert [(letter.id, letter.error) for letter in await store.dead_letters(10)] == [("d0", "blocked")]
    await store.close()
