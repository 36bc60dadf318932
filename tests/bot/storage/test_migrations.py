"""A database of before keeps what it has, and learns whose it is."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.fakes import EPOCH
from bot.storage.codec import encode
from bot.storage.sql import MIGRATIONS, SqlStore
from bot.types import ConversationKey, Message, Outcome, Photo, State, Turn

KEY = ConversationKey("web", "", "ann")


def _before(file: Path) -> None:
    """A database at revision 0008 with a conversation that proved an order and a customer, and showed a photo."""
    turn = Turn(
        Message("m1", KEY, "hi", EPOCH, photos=(Photo("d" * 64, "image/png"),)),
        None,
        outcomes=(Outcome("a", True, grants=("order:SD1",)),),
    )
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes.update(connection=connection, version_table="alembic_version_bot")
        command.upgrade(config, "0008")
        row = {"key": str(KEY), "state": encode(State(KEY, version=1, verified=("customer:C1",))), "turn": encode(turn)}
        connection.execute(sa.text("INSERT INTO conversations (key, version, state) VALUES (:key, 1, :state)"), row)
        connection.execute(sa.text("INSERT INTO turns (key, message_id, turn) VALUES (:key, 'm1', :turn)"), row)
    engine.dispose()


async def test_what_was_proven_and_shown_before_is_found(tmp_path: Path) -> None:
    _before(tmp_path / "a.db")
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    holdings = store.holdings()
    assert await holdings.of_proofs(["customer:C1"]) == await holdings.of_proofs(["order:SD1"]) == [KEY]
    assert await holdings.idle(EPOCH, 10) == [], "it counts from the update"
    assert (await holdings.erase(KEY))["photo_uses"] == 1
    await store.close()
