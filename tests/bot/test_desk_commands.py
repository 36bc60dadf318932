"""What `streamdesk desk` changes and prints, over a database in a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import EventKind, Role, Staff, Ticket, TicketEvent, Work
from bot.desk_commands import line, numbers, set_work
from bot.errors import BadInput
from bot.fakes import EPOCH
from bot.settings import Settings
from bot.storage.sql import SqlStore
from bot.types import ConversationKey, Language


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"storage": {"url": f"sqlite+aiosqlite:///{tmp_path}/desk.db"}})


async def test_what_is_not_named_stays(settings: Settings) -> None:
    store = await SqlStore.open(settings.storage.url)
    await store.desk().put_member(Staff("mia", Role.AGENT, "x", Work(away=True)))
    await store.close()
    await set_work(settings, "mia", most=2, languages=[Language.EN], skills=[])
    work = await set_work(settings, "mia", most=None, languages=[], skills=["returns"])
    assert work == Work(away=True, most=2, languages=(Language.EN,), skills=("returns",))
    with pytest.raises(BadInput, match="nobody is called 'tom'"):
        await set_work(settings, "tom", most=1, languages=[], skills=[])


async def test_numbers_are_printed_by_agent(settings: Settings) -> None:
    store = await SqlStore.open(settings.storage.url)
    of, ticket = "f" * 16, Ticket(ConversationKey("web", "", "ann"), EPOCH, EPOCH)
    asked = TicketEvent("a", ticket.id, EventKind.ASKED, EPOCH, "mia", of)
    await store.desk().save(ticket, asked)
    stored = await store.desk().ticket(ticket.id)
    assert stored is not None
    empty = await numbers(settings, EPOCH, EPOCH + timedelta(days=1))
    assert "rated    0" in line("mia", empty["mia"])
    await store.desk().save(stored, TicketEvent("r", ticket.id, EventKind.RATED, EPOCH, text=f"{of} 4"))
    await store.close()
    found = await numbers(settings, EPOCH, EPOCH + timedelta(days=1))
    assert [line(agent, one).split() for agent, one in found.items()] == [
        [name, "asked", "1", "rated", "1", "mean", "4.00", "4-5", "100%"] for name in ("all", "mia")
    ]
