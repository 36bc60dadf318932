"""The hand-off contract, line by line, through the real engine and outbox."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.desk import EventKind, TicketState
from bot.types import DESK, Message, Mode, Photo, Turn
from channels.desk.hours import office_hours
from channels.desk.timeline import timeline
from channels.desk.transitions import Refused
from tests.channels.desk.conftest import ANN, BEN, BOSS, MIA, PERSON, TOM, World

# FakeClock starts on a Monday at 20:00 in Shanghai.
CLOSED = office_hours(["Mon-Fri 09:00-18:00"], "Asia/Shanghai")


async def mode(world: World) -> Mode:
    return (await world.store.load(ANN, "none")).state.mode


async def test_nobody_there_is_said_and_the_message_is_kept(world: World) -> None:
    assert await world.says(PERSON) == ["utter_hand_off_absent position=1"]
    ticket = await world.ticket()
    assert (ticket.state, ticket.reason, ticket.last_words) == (TicketState.WAITING, "asked", PERSON)


async def test_somebody_there_is_said_with_the_place_in_the_queue(world: World) -> None:
    world.present = True
    await world.says(PERSON, BEN)
    assert await world.says(PERSON) == ["utter_hand_off_here position=2"]
    await world.desk.claim((await world.ticket(BEN)).id, world.act())
    assert await world.says(PERSON) == ["utter_hand_off_here position=1"]


async def test_away_says_when_and_is_answered_later_in_the_same_conversation() -> None:
    world = World(hours=CLOSED)
    assert await world.says(PERSON) == ["utter_hand_off_away opens_at=2026-01-06 09:00:00+08:00"]
    assert await world.says("my parcel is lost") == ["utter_hand_off_waiting"]
    world.clock.pass_seconds(14 * 3600)
    await world.desk.reply((await world.ticket()).id, world.act(), "We found it")
    assert await world.heard() == [("", "utter_hand_off_joined agent=mia"), ("mia", "We found it")]


async def test_whoever_stays_late_is_not_said_to_be_away() -> None:
    world = World(hours=CLOSED, present=True)
    assert await world.says(PERSON) == ["utter_hand_off_here position=1"]


async def test_asking_again_repeats_the_place_and_opens_nothing_new(world: World) -> None:
    first = await world.says(PERSON)
    await world.says(PERSON, BEN)
    assert await world.says(PERSON) == first
    assert await world.says(PERSON) == first
    events = await world.kept.events((await world.ticket()).id)
    assert [event.kind for event in events] == [EventKind.OPENED, EventKind.MESSAGE, EventKind.MESSAGE]
    assert (await world.ticket()).unread == 3


async def test_who_has_it_is_said_before_they_wrote(world: World) -> None:
    await world.says(PERSON)
    await world.desk.claim((await world.ticket()).id, world.act())
    assert await world.says(PERSON) == ["utter_hand_off_taken agent=mia"]


async def test_the_bot_is_silent_once_a_person_writes_and_until_it_is_told(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(), "Hello")
    assert await world.says("are you there?") == [] and await world.says(PERSON) == []
    await world.heard()
    await world.desk.give_back(name, world.act())
    assert await world.heard() == [("", "utter_hand_off_back")]
    assert await world.says("thanks") == ["answer to thanks"]


async def test_the_customer_may_have_the_bot_back(world: World) -> None:
    await world.says(PERSON)
    assert await world.says("cancel") == ["utter_hand_off_back"]
    assert (await world.ticket()).state is TicketState.RESOLVED and await mode(world) is Mode.BOT
    assert await world.says(PERSON) == ["utter_hand_off_absent position=1"]
    assert (await world.ticket()).state is TicketState.WAITING


async def test_resolving_gives_the_bot_back_and_writing_to_it_takes_the_conversation_again(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(), "Hello")
    await world.desk.resolve(name, world.act())
    await world.flush()
    assert (await world.ticket()).state is TicketState.RESOLVED and await mode(world) is Mode.BOT
    await world.heard()
    await world.desk.reply(name, world.act(), "One more thing")
    assert await world.heard() == [("", "utter_hand_off_joined agent=mia"), ("mia", "One more thing")]
    assert (await world.ticket()).state is TicketState.CLAIMED and await mode(world) is Mode.HUMAN


async def test_what_is_written_while_an_agent_resolves_waits_for_somebody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(), "Hello")
    handle = world.engine.handle

    async def late(message: Message) -> Turn:  # the ticket is resolved, the bot does not have the conversation yet
        monkeypatch.undo()
        assert await world.says("wait, it is broken") == []
        return await handle(message)

    monkeypatch.setattr(world.engine, "handle", late)
    await world.desk.resolve(name, world.act())
    await world.flush()
    ticket = await world.ticket()
    assert (ticket.state, ticket.last_words) == (TicketState.WAITING, "wait, it is broken")
    assert await mode(world) is Mode.BOT


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    claims = [world.desk.claim(name, world.act(by)) for by in (MIA, TOM)]
    results = await asyncio.gather(*claims, return_exceptions=True)
    (refused,) = [one for one in results if isinstance(one, Refused)]
    winner = (await world.ticket()).assignee
    assert refused.what == f"{winner} has this conversation." and refused.code == "held_by_other"
    loser = TOM if winner == "mia" else MIA
    with pytest.raises(Refused):
        await world.desk.reply(name, world.act(loser), "me too")
    assert await world.heard() == []


async def test_a_delivery_and_a_reply_that_come_again_count_once(world: World) -> None:
    await world.engine.handle(Message("m", ANN, PERSON, world.clock.now()))
    await world.flush(times=3)
    assert (await world.ticket()).unread == 1
    act = world.act()
    for _ in range(3):
        await world.desk.reply((await world.ticket()).id, act, "Hello")
    assert [text for agent, text in await world.heard() if agent] == ["Hello"]


async def test_replies_keep_their_order(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    for number in range(5):
        await world.desk.reply(name, world.act(), str(number))
    assert [text for agent, text in await world.heard() if agent] == list("01234")


async def test_a_note_reaches_colleagues_and_nobody_else(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.note(name, world.act(), "a difficult one")
    assert await world.heard() == [] and await mode(world) is Mode.QUEUED
    assert not await world.store.due(world.clock.now(), [DESK, "web"])
    _, turns, events = await world.desk.conversation(name)
    assert [entry["text"] for entry in timeline(turns, events) if entry["kind"] == "note"] == ["a difficult one"]
    assert "difficult" not in str(turns)


async def test_what_is_put_off_comes_back_in_time_or_when_the_customer_writes(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    for wake in ("time", "customer"):
        await world.desk.snooze(name, world.act(), world.clock.now() + timedelta(hours=1))
        await world.desk.wake_due()
        assert (await world.ticket()).state is TicketState.SNOOZED
        if wake == "time":
            world.clock.pass_seconds(3600)
            await world.desk.wake_due()
        else:
            await world.says("hello?")
        assert (await world.ticket()).state is TicketState.CLAIMED and (await world.ticket()).assignee == "mia"


async def test_assigning_and_releasing_are_for_who_has_it_and_the_owner(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.claim(name, world.act(TOM))
    with pytest.raises(Refused):
        await world.desk.assign(name, world.act(MIA), "mia")
    assert (await world.desk.assign(name, world.act(BOSS), "mia")).assignee == "mia"
    assert (await world.desk.release(name, world.act(MIA))).state is TicketState.WAITING


async def test_the_conversation_shows_both_sides_in_order(world: World) -> None:
    photo = await world.store.save(b"picture", "image/png")
    await world.says("how much?")
    await world.says(PERSON)
    await world.says("look", photos=(photo,))
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(), "I see")
    _, turns, events = await world.desk.conversation(name)
    told = [(entry["kind"], entry.get("text", "")) for entry in timeline(turns, events) if entry["kind"] != "event"]
    assert told == [
        ("customer", "how much?"),
        ("bot", "answer to how much?"),
        ("customer", PERSON),
        ("bot", "utter_hand_off_absent position=1"),
        ("customer", "look"),
        ("bot", "utter_hand_off_waiting"),
        ("bot", "utter_hand_off_joined agent=mia"),
        ("agent", "I see"),
    ]
    photos = [entry["photos"] for entry in timeline(turns, events) if entry.get("photos")]
    assert photos == [[{"digest": photo.digest, "media_type": "image/png"}]]
    assert isinstance(photo, Photo)


async def test_a_message_of_a_hand_off_to_another_desk_opens_a_ticket(world: World) -> None:
    await world.says(PERSON)
    world.kept.__init__()  # type: ignore[misc] - this desk was switched on after the hand-off
    await world.says("still waiting")
    assert (await world.ticket()).last_words == "still waiting"
