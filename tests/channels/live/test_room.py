"""The live room through its WebSocket: comments, public and private replies, merging, the shelf, and abuse."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.commerce import Money
from bot.errors import ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.fakes import EPOCH
from bot.types import Audience, Citation, ConversationKey, Delivery, Forward, Reply, ToCustomer, ToDesk
from channels.common.sockets import QUEUE, Connection
from channels.live import room as room_module
from channels.live.frames import digest
from channels.live.gate import Judge, Judgement, Said
from channels.live.viewers import Shown
from tests.channels.asgi import AsgiSocket, Closed
from tests.channels.live.conftest import Live, enter
from tests.channels.live.shop import PRODUCTS


@pytest.fixture(autouse=True)
def hurried_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "REFRESH_S", 0.01)
    monkeypatch.setattr(room_module, "PRESENCE_S", 0.0)


async def say(socket: AsgiSocket, text: str, name: str, **fields: Any) -> dict[str, Any]:
    await socket.send(type="comment", id=name, text=text, **fields)
    return await socket.receive("accepted")


async def test_coming_in_shows_the_shelf(live: Live) -> None:
    await live.shop.show("main", "P1001", EPOCH)
    async with live.viewer() as ann:
        welcome = await enter(ann, locale="en-GB")
    assert (welcome["room"], welcome["on_screen"], welcome["name"]) == ("main", "P1001", "Ann")
    assert len(welcome["viewer"]) == 32
    first = welcome["shelf"][0]
    assert (first["number"], first["price"], first["compare_at"], first["stock"]) == (1, "¥399", "¥599", 60)
    assert first["name"] == {"zh": "云岭三合一冲锋衣", "en": "Cloudridge 3-in-1 shell jacket"}
    assert (first["picture"], first["sizes"]) == ("/pictures/P1001.png", ["M", "L"])


async def test_a_comment_is_seen_by_all_and_asked_with_what_was_on_screen(live: Live) -> None:
    await live.shop.show("main", "P1001", EPOCH)
    live.clock.pass_seconds(60)
    await live.shop.show("main", "P1002", live.clock.now())
    live.clock.pass_seconds(4)
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        ack = await say(ann, "这件防水吗", "c1", behind_s=10)
        seen = await bob.receive("comment")
    assert (seen["text"], seen["name"], seen["product"], seen["id"]) == ("这件防水吗", "Ann", "P1001", ack["comment"])
    (message,) = live.asked
    assert message.key.channel == "live" and message.key.room == "main"
    assert message.context.audience is Audience.PUBLIC
    assert message.context.on_screen == "P1001"
    assert message.sent_at == EPOCH + timedelta(seconds=54)


async def test_the_token_of_a_viewer_is_never_shown_to_others(live: Live) -> None:
    async with live.viewer() as ann, live.viewer() as bob:
        token = (await enter(ann))["viewer"]
        await enter(bob, "Bob")
        await say(ann, "这件防水吗", "c1")
        await live.deliver()
        seen = [await bob.receive("comment"), await bob.receive("reply")]
    assert token not in str(seen)
    assert seen[0]["viewer"] == digest(token)


async def test_a_public_reply_says_what_it_answers_and_where_from(live: Live) -> None:
    citation = Citation("Jacket", "Fabric", "/sources/jacket.md?at=Fabric")
    live.receiver.reply = lambda message: (Reply("Yes.", citations=(citation,), audience=Audience.PUBLIC),)
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        ack = await say(ann, "is it waterproof?", "c1")
        await live.deliver()
        reply = await bob.receive("reply")
    assert reply["answers"] == [ack["comment"]]
    assert (reply["asked"], reply["names"], reply["question"]) == (1, ["Ann"], "is it waterproof?")
    assert reply["citations"][0]["url"] == "/sources/jacket.md?at=Fabric"


async def test_repeats_are_answered_once_and_credited(live: Live) -> None:
    async with live.viewer() as ann, live.viewer() as bob, live.viewer() as cy:
        for socket, name in ((ann, "Ann"), (bob, "Bob"), (cy, "Cy")):
            await enter(socket, name)
        first = await say(ann, "1号链接多少钱？", "c1")
        second = await say(bob, "1号链接多少钱", "c1")  # while the first is being answered
        assert (first["fate"], second["fate"]) == ("ask", "join")
        await live.deliver()
        reply = await cy.receive("reply")
        assert reply["answers"] == [first["comment"], second["comment"]]
        assert (reply["asked"], reply["names"]) == (2, ["Ann", "Bob"])
        third = await say(cy, "1号链接多少钱！！", "c9")  # after the answer
        credit = await ann.receive("credit")
    assert credit["replies"] == [reply["id"]]
    assert (credit["comment"], credit["asked"]) == (third["comment"], 3)
    assert len(live.asked) == 1
    async with live.viewer() as dee:
        history = (await enter(dee, "Dee"))["history"]
    assert [told["asked"] for told in history if told["type"] == "reply"] == [3]


async def test_noise_is_shown_and_not_asked(live: Live) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        assert (await say(ann, "666", "c1"))["fate"] == "drop"
    assert live.asked == []


async def test_a_comment_sent_again_counts_once(live: Live) -> None:
    async with live.viewer() as ann:
        token = (await enter(ann))["viewer"]
        await say(ann, "多久发货", "c1")
    async with live.viewer() as ann:
        history = (await enter(ann, viewer=token))["history"]
        assert (await say(ann, "多久发货", "c1"))["repeat"] is True
        assert await ann.nothing_more() or (await ann.receive())["type"] == "presence"
    assert [told["type"] for told in history] == ["comment"]
    assert len(live.asked) == 1


async def test_a_delivery_attempted_twice_is_shown_once(live: Live) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        await say(ann, "多久发货", "c1")
        (waiting,) = live.receiver.waiting
        await live.sender.send(waiting)
        await live.sender.send(replace(waiting, attempt=2))
    async with live.viewer() as bob:
        history = (await enter(bob, "Bob"))["history"]
    assert [told["type"] for told in history] == ["comment", "reply"]


async def test_history_is_bounded(live: Live) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        for number in range(12):
            live.clock.pass_seconds(60)
            await live.sender.send(
                Delivery(
                    f"live/main/ann//m{number}/0",
                    ConversationKey("live", "main", "ann"),
                    ToCustomer(Reply(str(number), audience=Audience.PUBLIC)),
                )
            )
    async with live.viewer() as bob:
        history = (await enter(bob, "Bob"))["history"]
    assert [told["text"] for told in history] == [str(number) for number in range(2, 12)]


async def test_a_private_reply_is_for_one_viewer(live: Live) -> None:
    async with live.viewer() as ann, live.viewer() as bob:
        token = (await enter(ann))["viewer"]
        await enter(bob, "Bob")
        await ann.receive("presence")
        await bob.receive("presence")
        key = ConversationKey("live", "main", token)
        sending = asyncio.ensure_future(live.sender.send(Delivery("d1", key, ToCustomer(Reply("your order")))))
        private = await ann.receive("private")
        assert private["text"] == "your order"
        await ann.send(type="received", id="d1")
        await sending
        assert await bob.nothing_more()
    with pytest.raises(ChannelUnavailable):
        await live.sender.send(Delivery("d2", key, ToCustomer(Reply("later"))))
    live.receiver.waiting = [Delivery("d2", key, ToCustomer(Reply("later")))]
    async with live.viewer() as ann:
        await enter(ann, viewer=token)
        assert (await ann.receive("private"))["text"] == "later"
        await ann.send(type="received", id="d2")
        for _ in range(20):
            await asyncio.sleep(0)
    assert live.receiver.waiting == []


async def test_the_room_does_not_deliver_to_the_desk(live: Live) -> None:
    with pytest.raises(Undeliverable):
        await live.sender.send(Delivery("d", ConversationKey("live", "main", "ann"), ToDesk(forward=Forward("hi"))))


async def test_presence_counts_people_not_pages(live: Live) -> None:
    async with live.viewer() as ann, live.viewer() as again, live.viewer() as bob:
        token = (await enter(ann))["viewer"]
        await enter(again, viewer=token)
        assert (await enter(bob, "Bob"))["viewers"] == 2
        assert live.rooms.viewers() == 2


async def test_changes_made_elsewhere_reach_the_room(live: Live) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        cheaper = replace(PRODUCTS[0], variants=(replace(PRODUCTS[0].variants[0], price=Money.of("299"), stock=1),))
        live.shop.change(cheaper)
        shelf = (await ann.receive("shelf"))["shelf"]
        assert (shelf[0]["price"], shelf[0]["stock"]) == ("¥299", 1)
        live.shop.down = True
        live.shop.change(PRODUCTS[0])
        await asyncio.sleep(0.03)
        live.shop.down = False
        assert (await ann.receive("shelf"))["shelf"][0]["price"] == "¥399"


async def test_a_slow_phone_is_cut_off_and_holds_up_nobody(live: Live) -> None:
    async with live.viewer() as slow, live.viewer() as ann:
        await enter(slow, "Slow")
        await enter(ann)
        slow.stall()
        room = await live.rooms.opened("main")
        for number in range(QUEUE + 10):
            room.viewers.show(Shown({"type": "comment", "id": str(number)}))
            if number % 50 == 0:
                await asyncio.sleep(0)
        for number in range(QUEUE + 10):
            assert (await ann.receive("comment"))["id"] == str(number)
        slow.resume()
        with pytest.raises(Closed) as closed:
            while True:
                await slow.receive()
    assert closed.value.code == 1013


async def test_presence_gives_way_when_a_queue_is_full() -> None:
    sent: list[str] = []

    class Outlet:
        async def send_text(self, data: str) -> None:
            sent.append(data)

        async def close(self, code: int = 1000, reason: str | None = None) -> None:
            sent.append(f"closed {code}")

    connection = Connection(Outlet(), limit=3)
    connection.push("presence 1", droppable=True)
    connection.push("reply 1")
    connection.push("presence 2", droppable=True)
    connection.push("reply 2")
    connection.push("presence 3", droppable=True)
    connection.push("reply 3")
    connection.push("presence 4", droppable=True)
    await connection.serve(asyncio.sleep(0.01))
    assert sent == ["reply 1", "reply 2", "reply 3", "closed 1000"]


async def test_one_viewer_cannot_flood_the_room(live: Live) -> None:
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        for number in range(7):
            await ann.send(type="comment", id=f"c{number}", text=f"question number {number}")
        refused = await ann.receive("refused")
        assert (refused["id"], refused["problem"]["status"]) == ("c5", 429)
        assert (await say(bob, "多久发货", "b1"))["repeat"] is False


async def test_a_locked_database_loses_no_comment(live: Live) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        live.receiver.error = StorageUnavailable("locked")
        await ann.send(type="comment", id="c1", text="多久发货")
        assert (await ann.receive("refused"))["problem"]["status"] == 503
        live.receiver.error = None
        assert await say(ann, "多久发货", "c1") | {"comment": ""} == {
            "type": "accepted", "id": "c1", "comment": "", "fate": "ask", "repeat": False,
        }  # fmt: skip
    assert len(live.asked) == 1


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ({"type": "comment", "text": "hi"}, "id"),
        ({"type": "comment", "id": "c", "text": ""}, "text"),
        ({"type": "comment", "id": "c", "text": "x" * 501}, "text"),
        ({"type": "comment", "id": "c", "text": "a\0b"}, "text"),
        ({"type": "comment", "id": "c", "text": "hi", "behind_s": -1}, "behind_s"),
        ({"type": "comment", "id": "c", "text": "hi", "behind_s": True}, "behind_s"),
        ({"type": "comment", "id": "c", "text": "hi", "viewer": "x"}, "viewer"),
        ({"type": "screen", "product_id": "P1001"}, "type"),
        (["hi"], "body"),
    ],
)
async def test_bad_frames_are_named(live: Live, sent: Any, key: str) -> None:
    async with live.viewer() as ann:
        await enter(ann)
        await ann.send(sent)
        problem = (await ann.receive("refused"))["problem"]
        assert problem["key"] == key and problem["remedy"]
        await ann.send(type="ping")
        assert await ann.receive("pong")
    assert live.asked == []


@pytest.mark.parametrize("hello", [{"type": "comment"}, {"type": "hello", "name": "x" * 25}, {"type": "hello", "admin": 1}])
async def test_a_wrong_hello_closes(live: Live, hello: dict[str, Any]) -> None:
    async with live.viewer() as ann:
        await ann.send(hello)
        with pytest.raises(Closed) as closed:
            await ann.receive()
    assert closed.value.code == 1008
    assert closed.value.reason


async def test_a_room_without_a_shelf_does_not_exist(live: Live) -> None:
    async with live.viewer("nowhere") as ann:
        await ann.send(type="hello")
        with pytest.raises(Closed) as closed:
            await ann.receive()
    assert "nowhere" in closed.value.reason


async def test_a_shop_that_is_down_asks_to_come_again(live: Live) -> None:
    live.shop.down = True
    async with live.viewer() as ann:
        await ann.send(type="hello")
        with pytest.raises(Closed) as closed:
            await ann.receive()
    assert closed.value.code == 1013


async def test_only_the_host_changes_the_screen(live: Live) -> None:
    transport = httpx.ASGITransport(live.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client, live.viewer() as ann:
        await enter(ann)
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}):
            response = await client.post("/live/main/screen", json={"product_id": "P1002"}, headers=headers)
            assert (response.status_code, response.json()["key"]) == (403, "authorization")
        host = {"authorization": "Bearer s3cret"}
        response = await client.post("/live/main/screen", json={"product_id": "P1002"}, headers=host)
        assert response.json() == {"room": "main", "on_screen": "P1002"}
        assert (await ann.receive("shelf"))["on_screen"] == "P1002"
        response = await client.post("/live/main/screen", json={"product_id": None}, headers=host)
        assert response.json()["on_screen"] is None
        for room, body, status in (
            ("main", {"product_id": "P9"}, 422),
            ("main", {"product": "P1001"}, 422),
            ("main", [], 400),
            ("nowhere", {"product_id": "P1001"}, 404),
        ):
            response = await client.post(f"/live/{room}/screen", json=body, headers=host)
            assert response.status_code == status
            assert response.headers["content-type"] == "application/problem+json"


async def test_without_a_secret_the_control_is_closed() -> None:
    live = Live(secret="")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(live.app), base_url="http://x") as client:
        response = await client.post("/live/main/screen", json={}, headers={"authorization": "Bearer "})
    assert response.status_code == 403


async def test_a_secret_counts_where_the_control_would_be_open() -> None:
    live = Live(open_host=True)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(live.app), base_url="http://x") as client,
        live.viewer() as ann,
    ):
        assert (await enter(ann))["host"] == "token"
        for headers, status in (
            ({}, 403),
            ({"authorization": "Bearer wrong"}, 403),
            ({"authorization": "Bearer s3cret"}, 200),
        ):
            response = await client.post("/live/main/screen", json={"product_id": None}, headers=headers)
            assert response.status_code == status


class _Chances(Judge):
    """A judge that has its chances written down."""

    def __init__(self, chances: Mapping[str, float]) -> None:
        self._chances = chances

    async def judge(self, text: str) -> Judgement:
        return Judgement(Said.SHOP, self._chances.get(text, 1.0))


class _Improper(Judge):
    """A judge that knows some texts to be improper and takes all others for questions to the shop."""

    def __init__(self, improper: Mapping[str, Said]) -> None:
        self._improper = improper

    async def judge(self, text: str) -> Judgement:
        why = self._improper.get(text)
        return Judgement(Said.SHOP, 0.95) if why is None else Judgement(why, 0.02, 0.9, why)


async def test_what_is_not_said_to_the_shop_is_dropped_and_seen(live: Live) -> None:
    live.judge(_Chances({"gossip": 0.05, "maybe": 0.5, "surely": 0.9}))
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        fates = [(await say(ann, text, text))["fate"] for text in ("gossip", "maybe", "surely")]
        assert (await bob.receive("comment"))["text"] == "gossip"
    assert fates == ["drop", "ask", "ask"]
    assert [message.context.addressed for message in live.asked] == [False, True]


async def test_what_is_improper_is_seen_by_its_writer_alone_and_kept_by_nobody(live: Live) -> None:
    live.judge(_Improper({"add my wechat": Said.CONTACT, "you idiots": Said.ABUSE, "Rude": Said.ABUSE}))
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        assert (await enter(bob, "Rude"))["name"].startswith(("Guest", "观众"))
        for text, why in (("add my wechat", "contact"), ("you idiots", "abuse")):
            await ann.send(type="comment", id=text, text=text)
            own, ack = await ann.receive("comment"), await ann.receive("accepted")
            assert (own["text"], own["hidden"]) == (text, why)
            assert (ack["fate"], ack["hidden"]) == ("drop", why)
        await say(ann, "is it waterproof?", "c3")
        assert (await bob.receive("comment"))["text"] == "is it waterproof?"
        assert (await say(ann, "you idiots", "you idiots"))["repeat"] is True
    async with live.viewer() as cy:
        welcome = await enter(cy, "Cy")
        assert [said["text"] for said in welcome["history"] if said["type"] == "comment"] == ["is it waterproof?"]
    assert [message.text for message in live.asked] == ["is it waterproof?"]


async def test_whoever_was_just_answered_may_be_answering(live: Live) -> None:
    live.judge(_Chances({"M": 0.02, "surely": 0.9, "the blue one": 0.15}))
    async with live.viewer() as ann:
        await enter(ann)
        assert (await say(ann, "M", "m1"))["fate"] == "drop"
        await say(ann, "surely", "m2")
        await live.deliver()
        assert (await say(ann, "L", "m3"))["fate"] == "ask"
        assert (await say(ann, "the blue one", "m4"))["fate"] == "ask"
