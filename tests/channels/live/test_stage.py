"""A room with a virtual host: what of the room is given to it to say, and what its host has it do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from bot.claims import prices
from bot.errors import BadInput, StorageUnavailable
from bot.fakes import EPOCH
from bot.stage import Act, Line, PublicAnswer, Refused, Stages, StageView
from bot.types import Audience, Reply
from channels.live.answers import Mode, Rules
from channels.live.gate import Judgement, Said
from tests.channels.live.conftest import Live, enter
from tests.channels.live.shop import PRODUCTS
from tests.channels.live.test_corrections import priced
from tests.channels.live.test_host import ask, console


@dataclass
class FakeStage:
    """A stage that notes what it is given."""

    told: list[PublicAnswer] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def answer(self, told: PublicAnswer) -> None:
        self.told.append(told)

    def take_back(self, answers: Iterable[str]) -> None:
        self.taken += answers

    def say(self, text: str) -> None:
        if "best" in text:
            raise BadInput("'best' is not fit to be said.", remedy="Say it without.")
        self.said.append(text)

    def act(self, act: Act) -> None:
        self.acts.append(act)

    def view(self) -> StageView:
        refused = (Refused(EPOCH, "The best!", "absolute", "best"),)
        by_person = Act.TAKE in self.acts
        return StageView(Line("A mug.", "narration"), by_person=by_person, dropped={"late": 1}, refused=refused)


class Judge:
    async def judge(self, text: str) -> Judgement:
        return Judgement(Said.ABUSE, 0.0, 0.9, Said.ABUSE) if "stupid" in text else Judgement(Said.SHOP, 1.0)


@pytest.fixture
def stage(live: Live) -> FakeStage:
    return staged(live)


def staged(live: Live) -> FakeStage:
    stage = FakeStage()
    live.stages.open("main", stage)
    return stage


async def test_what_the_room_is_told_is_said_with_a_name_and_the_number_of_askers(live: Live, stage: FakeStage) -> None:
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann, "Ann 13800138000")
        await enter(bob, "Bob")
        await ask(ann, "1号链接多少钱，我电话 13800138000")
        await ask(bob, "1号链接多少钱，我电话 13800138000")
        await live.deliver()
        reply = await bob.receive("reply")
    (told,) = stage.told
    assert (told.id, told.reply.text) == (reply["id"], reply["text"])
    assert (told.name, told.asked, told.question) == ("Ann 138****8000", reply["asked"], reply["question"])
    assert "13800138000" not in told.question


async def test_it_is_said_once_and_not_before_the_audit_has_it(live: Live, stage: FakeStage) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多久发货")
        live.audit.error = StorageUnavailable("no audit")
        with pytest.raises(StorageUnavailable):
            await live.deliver()
        live.audit.error = None
        assert stage.told == []
        for _ in range(3):
            await live.deliver()
            await live.teller.tick()
    assert len(stage.told) == 1


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SUGGEST, Mode.APPROVE, Mode.VETO])
async def test_what_is_held_or_vetoed_is_not_said(mode: Mode) -> None:
    live = Live(rules=Rules(mode))
    stage = staged(live)
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
        room = await live.rooms.opened("main")
        for draft in room.answers.open():
            room.answers.veto(draft.id, live.clock.now())
        live.clock.pass_seconds(300)
        await live.deliver()
        await live.teller.tick()
    assert stage.told == []


@pytest.mark.parametrize("aside", [True, False])
async def test_private_replies_are_not_said(live: Live, stage: FakeStage, aside: bool) -> None:
    live.receiver.reply = lambda message: (Reply("Your parcel is here.", audience=Audience.PRIVATE, aside=aside),)
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "我的快递到哪了")
        delivering = asyncio.create_task(live.deliver())
        await ann.send(type="received", id=(await ann.receive("private"))["id"])
        await delivering
        await live.teller.tick()
    assert stage.told == []


async def test_an_answer_that_is_wrong_by_now_is_taken_back_and_the_correction_said(live: Live, stage: FakeStage) -> None:
    product = PRODUCTS[0]
    live.receiver.reply = lambda message: (Reply("¥5", audience=Audience.PUBLIC, claims=prices(product, product.variants)),)
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多少钱")
        await live.deliver()
        (told,) = stage.told
        live.shop.change(priced(product, "777"))
        await live.corrector.tick()
    assert stage.taken == [told.id]
    assert [answer.corrects for answer in stage.told[1:]] == [(told.id,)]


async def test_the_console_shows_the_stage_and_drives_it(live: Live, stage: FakeStage) -> None:
    live.judge(Judge())
    async with console(live) as host:
        view = (await host.receive("console"))["stage"]
        assert (view["now"], view["dropped"]) == ({"text": "A mug.", "kind": "narration"}, {"late": 1})
        assert view["refused"][0]["words"] == "best" and not view["by_person"]
        await host.send(type="stage", id="s0", act="take")
        assert (await host.receive("console"))["stage"]["by_person"]
        for act in Act:
            await host.send(type="stage", id=f"s-{act}", act=act)
            await host.receive("accepted")
        assert stage.acts == [Act.TAKE, *Act]
        await host.send(type="say", id="w1", text="We are back in five minutes.")
        await host.receive("accepted")
        for bad in ("The best mug!", "You are stupid.", "", "x" * 201):
            await host.send(type="say", id="w2", text=bad)
            assert (await host.receive("refused"))["problem"]["key"] == "text"
        await host.send(type="stage", id="s9", act="dance")
        assert (await host.receive("refused"))["problem"]["key"] == "act"
        assert stage.said == ["We are back in five minutes."]
        await live.teller.tick()
    said = [entry for entry in live.audit.entries["main"] if entry.kind == "said"]
    assert [(entry.actor, entry.text) for entry in said] == [("host", "We are back in five minutes.")]


async def test_a_room_without_a_stage_says_so(live: Live) -> None:
    async with console(live) as host:
        assert (await host.receive("console"))["stage"] is None
        await host.send(type="say", id="w1", text="hello there")
        assert (await host.receive("refused"))["problem"]["status"] == 404


async def test_only_the_host_drives_it(live: Live, stage: FakeStage) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        await ann.send(type="stage", id="s1", act="stop")
        assert (await ann.receive("refused"))["problem"]["key"] == "type"
    assert stage.acts == [] and replace(stage.view(), refused=()).by_person is False
    assert Stages().of("main") is None
