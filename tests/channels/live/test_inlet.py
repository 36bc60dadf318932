"""Comments of platforms go the way of our own, events a cheaper one, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import BadInput, ChannelUnavailable, StorageUnavailable
from bot.fakes import EPOCH
from bot.live import EventKind, RoomEvent
from bot.types import Audience, Reply
from channels.live.answers import Mode, Rules
from channels.live.thanks import Thanks
from tests.channels.live.conftest import Live, enter
from tests.channels.live.sources import joined, paid, said
from tests.channels.live.test_keeping import Rude

ASKED = "冲锋衣多少钱一件"


async def test_a_platforms_comment_is_shown_masked_asked_and_answered_there_and_here(live: Live) -> None:
    room, inlet, out = await joined(live)
    async with live.viewer() as ann:
        await enter(ann)
        assert await inlet.comment(said("m1", f"{ASKED}，我的电话 13812345678", called="小雨"))
        shown = await ann.receive("comment")
        assert (shown["name"], "138****5678" in shown["text"], "13812345678" in shown["text"]) == ("小雨", True, False)
        await live.deliver()
        assert (await ann.receive("reply"))["answers"] == [shown["id"]]
    [message] = live.asked
    assert (message.id, message.key.user, message.author_name) == ("m1", "other:u1", "小雨")
    [line] = out.waiting()
    assert (line.answers, line.names) == (("m1",), ("小雨",)) and line.text.startswith("【AI】@小雨 ")
    assert [entry.kind for entry in live.audit.entries["main"]] == ["told"]
    assert not room.hub.connections("other:u1")


async def test_a_question_of_both_rooms_is_asked_once_and_told_to_who_asked_later(live: Live) -> None:
    _, inlet, out = await joined(live)
    async with live.viewer() as ann:
        await enter(ann)
        await ann.send(type="comment", id="c1", text=ASKED)
        await ann.receive("accepted")
        await live.deliver()
        await ann.receive("reply")
        assert not out.waiting(), "nobody there has asked"
        await inlet.comment(said("m1", ASKED))
        await inlet.comment(said("m2", ASKED, "u2"))
    assert len(live.asked) == 1
    [line] = out.waiting()
    assert line.answers == ("m1",)


async def test_what_is_abuse_here_is_abuse_there(live: Live) -> None:
    live.judge(Rude())
    room, inlet, _ = await joined(live)
    await inlet.comment(said("m1", "you idiot"))
    await inlet.comment(said("m2", "how much is the jacket", "u2", called="idiot"))
    assert [hidden.text for hidden in room.notes.hidden.values()] == ["you idiot"]
    [line] = [line for line in room.history if line["type"] == "comment"]
    assert "idiot" not in line["name"] and [one.id for one in live.asked] == ["m2"]


@pytest.mark.parametrize("aside", [False, True])
async def test_nothing_private_leaves_and_the_host_hears_of_it(live: Live, aside: bool) -> None:
    live.receiver.reply = lambda message: (Reply("which order?", audience=Audience.PRIVATE, aside=aside),)
    room, inlet, out = await joined(live, answers="all")
    await inlet.comment(said("m1", "where is my parcel"))
    await live.deliver()
    assert not out.waiting() and not live.receiver.waiting, "and it waits for nobody who never comes"
    assert [one.text for one in room.notes.unanswered.values()] == ["where is my parcel"]


async def test_what_comes_again_is_taken_once_also_after_a_restart(live: Live) -> None:
    _, inlet, _ = await joined(live)
    things = [said("m1", ASKED), said("m2", "哈哈哈", "u2"), said("m3", "do you have it in blue?", "u1")]
    assert [await inlet.comment(one) for one in things] == [True, True, True]
    assert await inlet.event(paid("o1")) and not await inlet.event(paid("o1"))
    await live.keeper.tick()
    live.start()
    room, inlet, _ = await joined(live)
    before = len(room.history)
    assert [await inlet.comment(one) for one in things] == [False, False, False]
    assert not await inlet.event(paid("o1"))
    assert len(room.history) == before and room.notes.paid == {"CNY": 399_00} and len(live.asked) == 2


async def test_a_question_that_only_the_inbox_remembers_is_not_shown_again(live: Live) -> None:
    _, inlet, _ = await joined(live)
    await inlet.comment(said("m1", ASKED))
    live.start()  # killed before the room was kept
    room, inlet, _ = await joined(live)
    assert not await inlet.comment(said("m1", ASKED))
    assert not room.history and not room.triage.questions()


async def test_what_could_not_be_stored_is_taken_when_it_comes_again(live: Live) -> None:
    room, inlet, _ = await joined(live)
    live.receiver.error = StorageUnavailable("away")
    with pytest.raises(StorageUnavailable):
        await inlet.comment(said("m1", ASKED))
    live.receiver.error = None
    assert await inlet.comment(said("m1", ASKED))
    health = room.links[0].health
    assert health is not None and (health.received, health.failed, health.doubled) == (1, 1, 0)


@pytest.mark.parametrize(
    ("name", "author", "text"), [("", "u", "hi"), ("m", "", "hi"), ("m", "u" * 121, "hi"), ("m", "u", " ")]
)
async def test_what_cannot_be_kept_is_refused_by_name(live: Live, name: str, author: str, text: str) -> None:
    _, inlet, _ = await joined(live)
    with pytest.raises(BadInput, match=r"id|text"):
        await inlet.comment(said(name, text, author))


async def test_no_page_comes_in_as_somebody_of_a_platform(live: Live) -> None:
    async with live.viewer() as thief:
        assert (await enter(thief, viewer="other:u1"))["viewer"] != "other:u1"


async def test_a_platforms_clock_does_not_move_a_comment_out_of_the_show(live: Live) -> None:
    _, inlet, _ = await joined(live)
    now = live.clock.now()
    await inlet.comment(said("m1", "how much is the jacket", at=now + timedelta(hours=1)))
    await inlet.comment(said("m2", "how much is the silk dress", at=now - timedelta(hours=1)))
    assert [one.sent_at for one in live.asked] == [now, now - timedelta(seconds=120)]


async def test_events_are_counted_thanked_within_their_budget_and_never_understood(live: Live) -> None:
    room, inlet, out = await joined(live)
    room.thanks = Thanks(30)
    for number in range(5):
        await inlet.event(paid(f"o{number}", f"u{number}"))
    await inlet.event(RoomEvent("g", EventKind.GIFT, "u9", "Mia", EPOCH, count=3, what="玫瑰"))
    await inlet.event(RoomEvent("l", EventKind.LIKE, "u9", "Mia", EPOCH, count=20))
    for _ in range(40):
        room.tell_due()
        live.clock.pass_seconds(1)
    assert room.notes.events == {"order_paid": 5, "gift": 3, "like": 20} and room.notes.paid == {"CNY": 5 * 399_00}
    assert [line.text for line in out.waiting()] == [
        "谢谢u0、u1、u2等 5 位朋友下单，我们会尽快发货！",
        "谢谢Mia送的礼物！",
    ]
    assert not live.asked
    await room.write_down()
    assert [entry.kind for entry in live.audit.entries["main"]] == ["thanked", "thanked"]


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SUGGEST, Mode.APPROVE])
async def test_nobody_is_thanked_where_the_host_speaks(mode: Mode) -> None:
    live = Live(rules=Rules(mode=mode))
    room, inlet, out = await joined(live)
    room.thanks = Thanks(30)
    await inlet.event(paid("o1"))
    room.tell_due()
    assert not out.waiting() and not room.history


async def test_the_senders_of_a_platforms_viewers_are_where_it_is_joined(live: Live) -> None:
    _, inlet, _ = await joined(live)
    await inlet.comment(said("m1", ASKED))
    [delivery] = live.receiver.waiting
    assert live.sender.is_near(delivery.key)
    live.rules = Rules(mode=Mode.APPROVE)
    with pytest.raises(ChannelUnavailable):
        room = await live.rooms.opened("main")
        room.answers.set_mode(Mode.APPROVE, live.clock.now())
        await live.sender.send(delivery)


async def test_the_host_sees_how_each_platform_is(live: Live) -> None:
    room, inlet, _ = await joined(live)
    assert room.links[0].health is not None
    async with live.host() as host:
        await host.send(type="hello", token="s3cret")
        shown = await host.receive("console")
        assert [(one["name"], one["state"], one["received"]) for one in shown["sources"]] == [("other", "never", 0)]
        room.links[0].health.connected(live.clock.now())
        await inlet.comment(said("m1", ASKED))
        await inlet.event(paid("o1"))
        room.show_hosts()
        shown = await host.receive("console")
    [source] = shown["sources"]
    assert (source["state"], source["received"], source["lost"], source["waiting"]) == ("live", 2, None, 0)
    assert (shown["numbers"]["events"], shown["numbers"]["paid"]) == ({"order_paid": 1}, ["¥399"])
