"""The host's console through its WebSocket: what is held, what the host decides, and what a kill leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.errors import ChannelUnavailable, StorageUnavailable
from bot.types import Audience, ConversationKey, Delivery, Reply, ToCustomer
from channels.live.answers import Mode, Rules
from channels.live.gate import Judgement, Said
from channels.live.triage import Comment
from tests.channels.asgi import AsgiSocket, Closed
from tests.channels.live.conftest import Live, enter


@pytest.fixture
def approving() -> Live:
    return Live(rules=Rules(Mode.APPROVE))


@asynccontextmanager
async def console(live: Live, **hello: Any) -> AsyncIterator[AsgiSocket]:
    async with live.host() as host:
        await host.send(type="hello", token=live.secret, **hello)
        await host.receive("welcome")
        yield host


async def ask(socket: AsgiSocket, text: str, name: str = "c1") -> dict[str, Any]:
    await socket.send(type="comment", id=name, text=text)
    return await socket.receive("accepted")


async def shown(live: Live, host: AsgiSocket) -> dict[str, Any]:
    await live.teller.tick()
    return await host.receive("console")


@pytest.mark.parametrize("hello", [{"token": "wrong"}, {}, {"token": "s3cret", "more": 1}])
async def test_only_the_host_comes_in(live: Live, hello: dict[str, Any]) -> None:
    async with live.host() as host:
        await host.send(type="hello", **hello)
        with pytest.raises(Closed) as closed:
            await host.receive()
    assert closed.value.code == 1008


async def test_nobody_comes_in_without_a_secret_but_in_the_demo_from_its_own_page() -> None:
    for open_host, origin, comes_in in (
        (False, "http://streamdesk.test", False),
        (True, "http://streamdesk.test", True),
        (True, "http://evil.test", False),
    ):
        live = Live(secret="", open_host=open_host)
        async with live.host(origin=origin) as host:
            await host.send(type="hello")
            if comes_in:
                assert (await host.receive())["type"] == "welcome"
            else:
                with pytest.raises(Closed):
                    await host.receive()


async def test_an_answer_is_held_until_the_host_approves_it(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann, live.viewer() as bob, console(live) as host:
        await enter(ann)
        await enter(bob, "Bob")
        assert (await host.receive("console"))["answers"] == []
        await ask(ann, "1号链接多少钱")
        await live.deliver()
        (held,) = (await shown(live, host))["answers"]
        assert (held["state"], held["asked"], held["question"], held["names"]) == ("held", 1, "1号链接多少钱", ["Ann"])
        await ask(bob, "1号链接多少钱")
        assert (await shown(live, host))["answers"][0]["asked"] == 2
        assert len(live.receiver.waiting) == 1
        await host.send(type="approve", id="h1", answer=held["id"])
        assert (await host.receive("accepted"))["id"] == "h1"
        reply = await bob.receive("reply")
        assert (reply["id"], reply["asked"], reply["names"]) == (held["id"], 2, ["Ann", "Bob"])
        await live.teller.tick()
        assert live.receiver.waiting == []  # the outbox has no need to keep it
        await ask(ann, "1号链接多少钱", "c2")  # counted from when it was told
        assert (await bob.receive("credit"))["replies"] == [held["id"]]


async def test_other_words_are_told_as_the_hosts(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann, console(live) as host:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
        await host.receive("console")
        (held,) = (await shown(live, host))["answers"]
        await host.send(type="approve", id="h1", answer=held["id"], text="今晚就发")
        reply = await ann.receive("reply")
        assert (reply["text"], reply["agent"]) == ("今晚就发", "主播")
        await host.send(type="approve", id="h2", answer=held["id"], text="x" * 501)
        assert (await host.receive("refused"))["problem"]["key"] == "text"


async def test_what_is_vetoed_is_never_told_and_leaves_the_outbox(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann, console(live) as host:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
        await host.receive("console")
        (held,) = (await shown(live, host))["answers"]
        await host.send(type="veto", id="h1", answer=held["id"])
        await host.receive("accepted")
        await live.deliver()
        assert live.receiver.waiting == []
        assert (await host.receive("console"))["numbers"]["vetoed"] == 1
        await host.send(type="approve", id="h2", answer=held["id"])
        assert (await host.receive("refused"))["problem"]["key"] == "answer"
    async with live.viewer() as bob:
        assert [told["type"] for told in (await enter(bob, "Bob"))["history"]] == ["comment"]


@pytest.mark.parametrize("mode", [Mode.SUGGEST, Mode.APPROVE, Mode.VETO])
async def test_after_a_kill_what_was_held_comes_again_from_the_outbox(mode: Mode) -> None:
    live = Live(rules=Rules(mode))
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
    live.start()  # everything in memory is gone
    assert len(live.receiver.waiting) == 1
    async with console(live) as host:
        await host.receive("console")
        await live.deliver()
        (held,) = (await shown(live, host))["answers"]
    assert (held["text"], held["question"], held["names"]) == ("re: 多久发货", "多久发货", ["Ann"])


async def test_after_a_kill_what_was_approved_is_told_once(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
        room = await live.rooms.opened("main")
        room.answers.approve(room.answers.open()[0].id, live.clock.now())
        await live.teller.tick()
        await ann.receive("reply")
    live.start()
    await live.deliver()
    assert (await live.rooms.opened("main")).answers.drafts() == []


async def test_with_veto_the_teller_tells_it_when_the_time_is_over() -> None:
    live = Live(rules=Rules(Mode.VETO, veto_s=8))
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
        live.clock.pass_seconds(7)
        await live.teller.tick()
        assert len(live.receiver.waiting) == 1
        live.clock.pass_seconds(1)
        await live.teller.tick()
        assert (await ann.receive("reply"))["text"] == "re: 多久发货"
        assert live.receiver.waiting == []


async def test_a_busy_room_answers_within_its_budget_and_lists_the_rest() -> None:
    live = Live(rules=Rules(per_minute=2, patience_s=60))
    async with live.viewer() as ann, console(live) as host:
        await enter(ann)
        for number in range(5):
            await ask(ann, f"question number {number}, please", f"c{number}")
        await live.deliver()
        await live.teller.tick()
        seen = [await ann.receive("reply") for _ in range(2)]
        assert len(live.receiver.waiting) == 3
        live.clock.pass_seconds(61)
        await live.deliver()
        await live.teller.tick()
        await live.deliver()
        numbers = (await shown(live, host))["numbers"]
        while numbers["left"] == 0:
            numbers = (await host.receive("console"))["numbers"]
    assert len(seen) == 2
    assert (numbers["told"], numbers["waiting"], numbers["left"]) == (2, 0, 3)
    assert live.receiver.waiting == []


async def test_a_private_reply_does_not_wait_behind_a_public_one_that_is_held(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann:
        token = (await enter(ann))["viewer"]
        await ask(ann, "多久发货")
        await live.deliver()
        key = ConversationKey("live", "main", token)
        live.receiver.waiting.append(Delivery("p", key, ToCustomer(Reply("your order"))))
        ticking = asyncio.ensure_future(live.teller.tick())
        assert (await ann.receive("private"))["text"] == "your order"
        await ann.send(type="received", id="p")
        await ticking
    assert [delivery.id for delivery in live.receiver.waiting] != ["p"]
    assert len(live.receiver.waiting) == 1


async def test_the_host_sees_what_was_hidden_and_shows_it(live: Live) -> None:
    class Strict:
        async def judge(self, text: str) -> Judgement:
            return Judgement(Said.ABUSE, 0.0, 0.9, Said.ABUSE)

    live.judge(Strict())
    async with live.viewer() as ann, live.viewer() as bob, console(live) as host:
        await enter(ann, "")
        await enter(bob, "")
        accepted = await ask(ann, "主播是骗子")
        await host.receive("console")
        (hidden,) = (await shown(live, host))["hidden"]
        assert (hidden["id"], hidden["text"], hidden["why"]) == (accepted["comment"], "主播是骗子", "abuse")
        await host.send(type="show", id="h1", comment=hidden["id"])
        await host.receive("accepted")
        assert (await bob.receive("comment"))["text"] == "主播是骗子"
        assert (await host.receive("console"))["hidden"] == []
        await host.send(type="show", id="h2", comment=hidden["id"])
        assert (await host.receive("refused"))["id"] == "h2"


async def test_the_host_sees_what_nobody_knows(live: Live) -> None:
    live.receiver.reply = lambda message: (Reply("I don't know.", audience=Audience.PRIVATE, aside=True),)
    async with live.viewer() as ann, console(live) as host:
        await enter(ann)
        await ask(ann, "能用比特币付款吗")
        delivering = asyncio.ensure_future(live.deliver())
        private = await ann.receive("private")
        await ann.send(type="received", id=private["id"])
        await delivering
        await host.receive("console")
        (nobody,) = (await shown(live, host))["unanswered"]
        assert (nobody["text"], nobody["asked"]) == ("能用比特币付款吗", 1)
        await host.send(type="dismiss", id="h1", question=nobody["id"])
        assert (await host.receive("console"))["unanswered"] == []


async def test_the_host_changes_the_mode(live: Live) -> None:
    async with live.viewer() as ann, console(live) as host:
        await enter(ann)
        await host.send(type="mode", id="h1", mode="approve")
        await host.receive("accepted")
        await ask(ann, "多久发货")
        await live.deliver()
        assert len(live.receiver.waiting) == 1
        await host.send(type="mode", id="h2", mode="loud")
        assert "auto" in (await host.receive("refused"))["problem"]["remedy"]
        await host.send(type="mode", id="h3", mode="auto")
        assert (await ann.receive("reply"))["text"] == "re: 多久发货"


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ({"type": "explode", "id": "1"}, "type"),
        ({"type": "veto", "answer": "x"}, "id"),
        ({"type": "veto", "id": "1", "answer": "x", "loudly": True}, "loudly"),
        ({"type": "approve", "id": "1", "answer": 7}, "answer"),
    ],
)
async def test_a_wrong_frame_is_refused_by_name(live: Live, sent: dict[str, Any], key: str) -> None:
    async with console(live) as host:
        await host.send(sent)
        assert (await host.receive("refused"))["problem"]["key"] == key
        await host.send(type="ping")
        await host.receive("pong")


async def test_what_was_done_is_written_down(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann, console(live) as host:
        await enter(ann)
        await ask(ann, "多久发货")
        await live.deliver()
        (held,) = (await live.rooms.opened("main")).answers.open()
        await host.send(type="approve", id="h1", answer=held.id, text="今晚就发")
        await ann.receive("reply")
        await ask(ann, "1号链接多少钱", "c2")
        await live.teller.tick()
        await live.deliver()
        (second,) = (await live.rooms.opened("main")).answers.open()
        await host.send(type="veto", id="h2", answer=second.id)
        await host.receive("accepted")
        await host.receive("accepted")
        await live.teller.tick()
    done = [(entry.kind, entry.subject, entry.actor, entry.text) for entry in live.audit.entries["main"]]
    assert done == [
        ("held", held.id, "room", "re: 多久发货"),
        ("edited", held.id, "host", "今晚就发"),
        ("told", held.id, "host", "今晚就发"),
        ("held", second.id, "room", "re: 1号链接多少钱"),
        ("vetoed", second.id, "host", "re: 1号链接多少钱"),
    ]


async def test_nothing_leaves_the_outbox_that_is_not_written_down(live: Live) -> None:
    live.audit.error = StorageUnavailable("gone")
    async with live.viewer() as ann:
        await enter(ann)
        await ask(ann, "多久发货")
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                await live.deliver()
        assert len(live.receiver.waiting) == 1
        live.audit.error = None
        await live.deliver()
        assert live.receiver.waiting == []
        assert [await ann.receive("reply")]
        assert await ann.nothing_more() or (await ann.receive())["type"] != "reply"
    assert [entry.kind for entry in live.audit.entries["main"]] == ["told"]


async def test_hidden_comments_are_written_down_without_their_words(live: Live) -> None:
    room = await live.rooms.opened("main")
    room.hide(Comment("c1", "tag", "Ann", "you idiot", live.clock.now()), "token", "you idiot", "abuse")
    room.show_hidden("c1")
    await live.teller.tick()
    done = live.audit.entries["main"]
    assert [(entry.kind, entry.subject, entry.actor, entry.text) for entry in done] == [
        ("hidden", "c1", "room", "abuse"),
        ("shown", "c1", "host", "abuse"),
    ]


async def test_the_host_sees_all_answers_to_one_viewer_though_the_outbox_has_them_in_order(approving: Live) -> None:
    live = approving
    async with live.viewer() as ann:
        await enter(ann)
        for number in range(3):
            await ask(ann, f"question number {number}, please", f"c{number}")
        with pytest.raises(ChannelUnavailable):
            await live.sender.send(live.receiver.waiting[0])
    await live.teller.tick()
    assert len((await live.rooms.opened("main")).answers.open()) == 3
    assert len(live.receiver.waiting) == 3
