"""A room goes on after the service was killed: its talk, its answered questions, the host's decisions, who is who."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims import prices
from bot.commerce import Money
from bot.errors import StorageUnavailable
from bot.fakes import EPOCH
from bot.storage.sql import SqlStore
from bot.types import Audience, Message, Reply
from channels.live.answers import Mode
from channels.live.gate import Judgement, Said
from channels.live.keeping import COMMENTS, QUESTIONS, parts_of, recall
from channels.live.room import Room
from channels.live.triage import Comment
from tests.channels.asgi import AsgiSocket
from tests.channels.live.conftest import Live, enter
from tests.channels.live.shop import PRODUCTS, RoomShop

ASKED = "冲锋衣多少钱一件"


class Rude:
    """A judge to whom "idiot" is abuse, and everything else a question to the shop."""

    async def judge(self, text: str) -> Judgement:
        improper = 0.9 if "idiot" in text else 0.0
        return Judgement(Said.SHOP, 1 - improper, improper, Said.ABUSE if improper else None)


@pytest.fixture(params=["memory", "sqlite"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Live]:
    def reply(message: Message) -> tuple[Reply, ...]:
        jacket = live.shop.now("P1001")
        text = str(jacket.variants[0].price)
        return (Reply(text, audience=Audience.PUBLIC, claims=prices(jacket, jacket.variants)),)

    live = Live()
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    if request.param == "sqlite":
        live.memory = store.room_memory()  # type: ignore[assignment]
    live.receiver.reply = reply
    live.start()
    live.judge(Rude())
    yield live
    await store.close()


async def say(socket: AsgiSocket, text: str, name: str) -> dict[str, Any]:
    await socket.send(type="comment", id=name, text=text)
    return await socket.receive("accepted")


async def restart(live: Live) -> None:
    await live.keeper.tick()
    live.start()
    live.judge(Rude())


async def test_a_newcomer_after_a_restart_sees_the_talk_and_the_same_question_joins(kept: Live) -> None:
    live = kept
    async with live.viewer() as ann:
        token = (await enter(ann))["viewer"]
        await say(ann, ASKED, "c1")
        await live.deliver()
        await say(ann, "哈哈哈", "c2")
    async with live.viewer() as bob:
        before = (await enter(bob, "Bob"))["history"]
    await restart(live)
    async with live.viewer() as cy, live.viewer() as again:
        assert (await enter(cy, "Cy"))["history"] == before
        assert len(before) == 3
        assert (await say(cy, ASKED, "y1"))["fate"] == "join"
        credit = await cy.receive("credit")
        assert (credit["asked"], credit["names"]) == (2, ["Ann", "Cy"])
        welcome = await enter(again, "", viewer=token)
        assert welcome["name"] == "Ann"  # known by the token
        assert (await say(again, ASKED, "c1"))["repeat"]  # sent again, as after a lost connection
    assert len(live.asked) == 1


async def test_moderation_and_mode_stand_after_a_restart(kept: Live) -> None:
    live = kept
    async with live.viewer() as ann, live.host() as host:
        await enter(ann)
        rude = await say(ann, "you idiot", "c1")
        await host.send(type="hello", token=live.secret)
        await host.send(type="mode", id="1", mode="approve")
        await host.receive("accepted")
    await restart(live)
    async with live.viewer() as bob, live.host() as host:
        assert (await enter(bob, "Bob"))["history"] == []
        await host.send(type="hello", token=live.secret)
        shown = await host.receive("console")
        assert (shown["mode"], shown["hidden"][0]["text"], shown["numbers"]["hidden"]) == ("approve", "you idiot", 1)
        await host.send(type="show", id="2", comment=rude["comment"])
        assert (await bob.receive("comment"))["text"] == "you idiot"
    await restart(live)
    room = await live.rooms.opened("main")
    assert room.notes.hidden == {}
    assert room.answers.rules.mode is Mode.APPROVE


async def test_a_price_that_changes_while_the_service_is_down_is_put_right_when_it_is_back(kept: Live) -> None:
    live = kept
    async with live.viewer() as ann:
        await enter(ann)
        await say(ann, ASKED, "c1")
        await live.deliver()
    await restart(live)
    jacket = PRODUCTS[0]
    live.shop.change(replace(jacket, variants=tuple(replace(one, price=Money.of("359")) for one in jacket.variants)))
    async with live.viewer() as bob:
        await enter(bob, "Bob")
        await live.corrector.tick()
        correction = await bob.receive("reply")
        assert (correction["text"], correction["asked"]) == ("更正：「云岭三合一冲锋衣」现在 ¥359。", 1)
        await restart(live)
        await live.corrector.tick()
    room = await live.rooms.opened("main")
    assert [line["type"] for line in room.history] == ["comment", "reply", "reply"]


async def test_nothing_is_written_while_nothing_happens_and_what_could_not_be_written_is_written_later(live: Live) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        await say(ann, ASKED, "c1")
        live.memory.error = StorageUnavailable("away")
        await live.keeper.tick()
        live.memory.error = None
        assert live.memory.parts == {}
        await live.keeper.tick()
        assert set(live.memory.parts["main"]) == {"talk", "questions", "notes", "platforms"}
        live.memory.parts.clear()
        await live.keeper.tick()
    assert live.memory.parts == {}


def test_a_part_of_another_version_is_left_out() -> None:
    room = new_room()
    recall(room, {"talk": "[]", "questions": '{"told": [{"what": 1}]}', "notes": "{}"})
    assert not room.history and room.triage.questions() == []


@given(st.integers(0, 300), st.integers(1, 150))
def test_what_is_kept_is_bounded_and_comes_back(questions: int, askers: int) -> None:
    room = new_room()
    for number in range(questions):
        comment = Comment(f"a{number}", "ann", "Ann", f"question number {number}", EPOCH)
        room.triage.take(comment)
    for number in range(askers):
        room.triage.take(Comment(f"b{number}", f"v{number}", "Bob", "what does the jacket cost", EPOCH))
    parts = parts_of(room, EPOCH)
    again = new_room()
    recall(again, parts)
    assert len(again.triage.questions()) == min(questions + 1, QUESTIONS)
    assert again.triage.questions()[-1].asked == min(askers, COMMENTS)
    assert parts_of(again, EPOCH) == parts


def new_room() -> Room:
    clock: Any = None
    return Room("main", RoomShop(), clock, window_s=20, history=10)  # type: ignore[arg-type]
