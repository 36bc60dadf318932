"""What every Tickets and Accounts must do, over memory, SQLite and (where it is installed) PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import EventKind, Role, Staff, Ticket, TicketEvent, TicketState, Work
from bot.errors import VersionConflict
from bot.fakes import EPOCH, MemoryDesk
from bot.storage.desk import SqlDesk
from bot.storage.sql import SqlStore
from bot.types import ConversationKey, Language

Desk = MemoryDesk | SqlDesk
ANN, BEN = ConversationKey("web", "", "ann"), ConversationKey("web", "", "ben")
EVERY = tuple(TicketState)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    if request.param == "memory":
        yield MemoryDesk()
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/desk.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = await SqlStore.open(url)
    yield store.desk()
    await store.close()


def ticket(key: ConversationKey = ANN, minutes: float = 0, **fields: object) -> Ticket:
    at = EPOCH + timedelta(minutes=minutes)
    return Ticket(key, at, at, **fields)  # type: ignore[arg-type]


def event(of: Ticket, name: str = "e1", kind: EventKind = EventKind.OPENED, **fields: object) -> TicketEvent:
    return TicketEvent(name, of.id, kind, EPOCH, **fields)  # type: ignore[arg-type]


async def kept(desk: Desk, one: Ticket, name: str) -> Ticket:
    await desk.save(one, event(one, name))
    stored = await desk.ticket(one.id)
    assert stored is not None
    return stored


async def test_a_ticket_comes_back_as_it_was_kept(desk: Desk) -> None:
    whole = ticket(
        state=TicketState.SNOOZED,
        customer="安 Ann",
        language=Language.EN,
        reason="refund 👋",
        assignee="mia",
        last_words="退款?",
        unread=2,
        tags=("vip", "退款"),
        snoozed_until=EPOCH + timedelta(hours=1),
        resolved_at=EPOCH,
    )
    happened = event(whole, actor="mia", text="note 备注")
    assert await desk.save(whole, happened)
    assert await desk.ticket(whole.id) == replace(whole, version=1)
    assert await desk.events(whole.id) == [happened]
    assert await desk.ticket("nothing") is None and await desk.events("nothing") == []


async def test_an_event_that_comes_again_changes_nothing(desk: Desk) -> None:
    stored = await kept(desk, ticket(), "e1")
    assert not await desk.save(replace(stored, unread=9), event(stored, "e1"))
    assert not await desk.save(replace(ticket(), unread=9), event(stored, "e1"))
    assert await desk.ticket(stored.id) == stored
    assert len(await desk.events(stored.id)) == 1


async def test_of_many_who_change_one_version_one_wins(desk: Desk) -> None:
    stored = await kept(desk, ticket(), "e1")

    async def claim(agent: str) -> bool:
        claimed = replace(stored, assignee=agent, state=TicketState.CLAIMED)
        try:
            return await desk.save(claimed, event(stored, f"claim-{agent}", EventKind.CLAIMED, actor=agent))
        except VersionConflict:
            return False

    agents = [f"agent{number}" for number in range(8)]
    won = [agent for agent, did in zip(agents, await asyncio.gather(*map(claim, agents)), strict=True) if did]
    now = await desk.ticket(stored.id)
    assert now is not None and won == [now.assignee]
    claims = [one for one in await desk.events(stored.id) if one.kind is EventKind.CLAIMED]
    assert [one.actor for one in claims] == won


async def test_two_who_open_one_ticket_make_one(desk: Desk) -> None:
    await desk.save(ticket(reason="first"), event(ticket(), "e1"))
    with pytest.raises(VersionConflict):
        await desk.save(ticket(reason="second"), event(ticket(), "e2"))
    stored = await desk.ticket(ticket().id)
    assert stored is not None and stored.reason == "first" and len(await desk.events(stored.id)) == 1


async def test_tickets_are_found_by_state_agent_and_words(desk: Desk) -> None:
    await kept(desk, ticket(ANN, 1, customer="Ann Ölund", tags=("VIP",)), "e1")
    ben = await kept(desk, ticket(BEN, 2, state=TicketState.CLAIMED, assignee="mia", last_words="100% 退款"), "e2")
    await desk.save(ben, event(ben, "n", EventKind.NOTE, text="Called the courier"))

    async def found(states: tuple[TicketState, ...] = EVERY, **wanted: str) -> list[str]:
        return [one.key.user for one in await desk.tickets(states, **wanted)]

    assert await found() == ["ben", "ann"]
    assert await found((TicketState.WAITING,)) == ["ann"] and await found(()) == []
    assert await found(assignee="mia") == ["ben"] and await found(assignee="tom") == []
    assert await found(words="vip") == ["ann"] and await found(words="退款") == ["ben"]
    assert await found(words="ölund") == ["ann"] and await found(words="COURIER") == ["ben"]
    assert await found(words="0% ") == ["ben"] and await found(words="_") == []
    assert len(await desk.tickets(EVERY, limit=1)) == 1


async def test_tickets_are_counted_by_state_agent_and_unread(desk: Desk) -> None:
    await kept(desk, ticket(ANN, unread=2), "e1")
    await kept(desk, ticket(BEN, state=TicketState.CLAIMED, assignee="mia"), "e2")
    assert await desk.count(EVERY) == 2 and await desk.count(EVERY, unread=True) == 1
    assert await desk.count(EVERY, assignee="mia") == 1 and await desk.count(EVERY, assignee="mia", unread=True) == 0
    assert await desk.count([TicketState.WAITING]) == 1 and await desk.count([]) == 0


async def test_the_queue_counts_those_who_wait_longer(desk: Desk) -> None:
    await kept(desk, ticket(ANN, 0), "e1")
    await kept(desk, ticket(BEN, 1), "e2")
    await kept(desk, ticket(ConversationKey("web", "", "eve"), 0, state=TicketState.RESOLVED), "e3")
    assert [await desk.waiting_before(EPOCH + timedelta(minutes=m)) for m in (0, 0.5, 5)] == [0, 1, 2]


async def test_a_session_lasts_until_it_ends_is_closed_or_the_password_changes(desk: Desk) -> None:
    mia = Staff("mia", Role.AGENT, "hash")
    await desk.put_member(mia)
    until = EPOCH + timedelta(hours=1)
    for digest in ("a", "b", "c"):
        await desk.open_session(digest, "mia", until)
    assert await desk.session("a", EPOCH) == mia
    assert await desk.session("a", until) is None and await desk.session("unknown", EPOCH) is None
    await desk.close_session("a")
    await desk.close_session("a")
    assert await desk.session("a", EPOCH) is None and await desk.session("b", EPOCH) == mia
    changed = Staff("mia", Role.OWNER, "other")
    await desk.put_member(changed)
    assert await desk.session("b", EPOCH) is None and await desk.member("mia") == changed
    assert await desk.staff() == [changed]
    assert await desk.remove_member("mia") and not await desk.remove_member("mia")
    assert await desk.member("mia") is None and await desk.session("c", EPOCH) is None


async def test_what_an_agent_is_offered_changes_and_their_session_stays(desk: Desk) -> None:
    work = Work(away=True, most=2, languages=(Language.EN,), skills=("returns",))
    assert not await desk.set_work("mia", work)
    await desk.put_member(Staff("mia", Role.AGENT, "hash"))
    await desk.open_session("a", "mia", EPOCH + timedelta(hours=1))
    assert await desk.set_work("mia", work)
    assert await desk.member("mia") == await desk.session("a", EPOCH) == Staff("mia", Role.AGENT, "hash", work)


async def test_what_happened_is_found_by_kind_and_time(desk: Desk) -> None:
    one = ticket()
    for number, kind in enumerate((EventKind.OPENED, EventKind.CLAIMED, EventKind.RESOLVED, EventKind.CLAIMED)):
        stored = await desk.ticket(one.id) or one
        await desk.save(stored, TicketEvent(f"e{number}", one.id, kind, EPOCH + timedelta(minutes=number)))
    found = await desk.happened([EventKind.CLAIMED, EventKind.OPENED], EPOCH + timedelta(minutes=1))
    assert [event.id for event in found] == ["e1", "e3"]
