"""Drafts by the bot, and notes: neither reaches the customer by itself."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.fakes import EPOCH
from bot.types import (
    DESK,
    Author,
    Citation,
    Do,
    Escalate,
    Language,
    Message,
    Parse,
    Reply,
    Say,
    StartFlow,
    State,
    Step,
    Turn,
)
from channels.desk.drafting import said, suggested
from channels.desk.transitions import Refused
from tests.channels.desk.conftest import ANN, MIA, PERSON, TOM, Site, World, decide


async def test_a_draft_answers_the_last_words_with_its_source_and_changes_nothing(
    site: Site, mia: httpx.AsyncClient
) -> None:
    world = site.world
    await world.says(PERSON)
    await world.says("is it waterproof?")
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(), "One moment")
    await world.heard()
    before, state = await world.ticket(), (await world.store.load(ANN, "none")).state
    history = await world.store.history(ANN, 99)
    for _ in range(2):
        draft = (await mia.get(f"/desk/api/tickets/{name}/draft")).json()["draft"]
        assert (draft["asked"], draft["text"], draft["verb"]) == ("is it waterproof?", "answer to is it waterproof?", "")
    assert await world.ticket() == before and (await world.store.load(ANN, "none")).state == state
    assert await world.store.history(ANN, 99) == history and await world.heard() == []
    assert (await mia.get("/desk/api/tickets/unknown/draft")).status_code == 404
    async with site.browser() as stranger:
        assert (await stranger.get(f"/desk/api/tickets/{name}/draft")).status_code == 401


async def test_who_asks_for_a_person_is_drafted_what_they_asked_before(world: World) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    draft = await world.desk.draft(name)
    assert draft is not None and (draft["asked"], draft["text"]) == (PERSON, "")
    await world.says("is it waterproof?")
    await world.says(PERSON)
    draft = await world.desk.draft(name)
    assert draft is not None and draft["text"] == "answer to is it waterproof?"


async def test_a_draft_names_the_verb_and_does_not_do_it(world: World) -> None:
    await world.says(PERSON)
    ran: list[object] = []

    def acting(state: State, commands: object, outcomes: object) -> Step:
        ran.extend([outcomes] if outcomes else [])
        return Step(state, (Say("utter_looking"), Do("cancel_order"), Say("utter_done")), done=False)

    world.engine._rooms.dialogue.script = acting  # type: ignore[attr-defined]
    draft = await world.desk.draft((await world.ticket()).id)
    assert draft is not None
    assert (draft["text"], draft["verb"]) == ("utter_looking", "cancel_order") and not ran
    world.engine._rooms.dialogue.script = lambda state, *_: Step(state, (Escalate("asked"),), done=True)  # type: ignore[attr-defined]
    draft = await world.desk.draft((await world.ticket()).id)
    assert draft is not None and (draft["text"], draft["verb"]) == ("", "")
    assert not await world.store.due(world.clock.now(), [DESK]), "no second hand-off"
    world.engine._rooms.dialogue.script = decide  # type: ignore[attr-defined]


def test_the_sources_of_an_answer_come_with_it() -> None:
    message = Message("m", ANN, "waterproof?", EPOCH)
    replies = (Reply("Yes.", citations=(Citation("Care", "p. 2", "/documents/care.md"),)), Reply("Anything else?"))
    shown = suggested(Turn(message, None, replies=replies))
    assert shown["text"] == "Yes.\nAnything else?" and [one["title"] for one in shown["citations"]] == ["Care"]
    begun = Turn(message, Parse(Language.EN, (StartFlow("cancel_order"),)), replies=replies)
    assert (shown["verb"], suggested(begun)["verb"]) == ("", "cancel_order")
    pressed = Turn(replace(message, id="n", text="/rate 0123456789abcdef 5"), None)
    agents = Turn(replace(message, id="o", text="Hello", author=Author.AGENT), None)
    assert [(one.id, one.text) for one in said([Turn(message, None), pressed, agents])] == [("draft:m", "waterproof?")]


DONE = ["customer", "person", "note", "note_by_tom", "reply", "claim", "release", "assign", "snooze"]
DONE += ["tag", "resolve", "back", "draft", "wake"]


async def _does(world: World, what: str, secret: str) -> str:
    """Do one thing at the desk or as the customer. Returns what a draft said."""
    name = (await world.ticket()).id
    match what:
        case "customer":
            await world.says("where is it?")
        case "person":
            await world.says(PERSON)
        case "note" | "note_by_tom":
            await world.desk.note(name, world.act(MIA if what == "note" else TOM), f"he is {secret}")
        case "reply":
            await world.desk.reply(name, world.act(), "I am looking")
        case "assign":
            await world.desk.assign(name, world.act(), "tom")
        case "snooze":
            await world.desk.snooze(name, world.act(), world.clock.now() + timedelta(minutes=1))
        case "tag":
            await world.desk.tag(name, world.act(), ("vip",))
        case "back":
            await world.desk.give_back(name, world.act())
        case "draft":
            return str(await world.desk.draft(name))
        case "wake":
            world.clock.pass_seconds(120)
            await world.desk.wake_due()
            await world.reminding.remind()
        case _:
            await getattr(world.desk, what)(name, world.act())
    return ""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(DONE), max_size=14))
def test_whatever_is_done_a_note_reaches_nobody_but_agents(done: list[str]) -> None:
    asyncio.run(_no_note_leaves(done))


async def _no_note_leaves(done: list[str]) -> None:
    world, secret = World(), "s3cr3t"
    await world.says(PERSON)
    reached: list[str] = []
    for what in itertools.chain(["note"], done, ["note", "draft"]):
        try:
            reached.append(await _does(world, what, secret))
        except Refused:
            continue
        reached += [str(one) for one in await world.store.due(world.clock.now(), [DESK, "web"])]
        await world.flush()
        reached.append(str(await world.heard()))
    reached += [str(turn) for turn in await world.store.history(ANN, 999)]
    reached.append(str((await world.store.load(ANN, "none")).state))
    assert secret not in "".join(reached)
    notes = [event.text for event in await world.kept.events((await world.ticket()).id) if event.kind == "note"]
    assert len(notes) >= 2 and all(secret in note for note in notes), "they were kept, and looked for"
