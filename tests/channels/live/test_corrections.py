"""What was told and is true no more is put right: once, in its language, for who joins later, by the mode of the room."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.claims import payable, prices, stocks
from bot.commerce import Money, Product, Promotion, Text
from bot.fakes import EPOCH
from bot.types import Audience, Language, Message, Reply
from channels.live.answers import Mode, Rules
from tests.channels.asgi import AsgiSocket
from tests.channels.live.conftest import Live, enter
from tests.channels.live.shop import PRODUCTS

JACKET = PRODUCTS[0]
ZH, EN = "冲锋衣多少钱一件", "how much is the jacket"


def priced(product: Product, price: str) -> Product:
    return replace(product, variants=tuple(replace(one, price=Money.of(price)) for one in product.variants))


def stocked(product: Product, pieces: int) -> Product:
    return replace(product, variants=tuple(replace(one, stock=pieces) for one in product.variants))


@pytest.fixture
def shop_room(live: Live) -> Live:
    """The shop answers every question with the price and the stock of the jacket as they are then."""

    def reply(message: Message) -> tuple[Reply, ...]:
        jacket = live.shop.now("P1001")
        claims = prices(jacket, jacket.variants) + payable(jacket, jacket.variants, live.shop.promotion_table)
        language = Language.EN if message.text.isascii() else Language.ZH
        text = f"{jacket.variants[0].price}"
        claims += stocks(jacket, jacket.variants)
        return (Reply(text, audience=Audience.PUBLIC, language=language, claims=claims),)

    live.receiver.reply = reply
    return live


async def say(socket: AsgiSocket, text: str, name: str) -> dict[str, Any]:
    await socket.send(type="comment", id=name, text=text)
    return await socket.receive("accepted")


async def asks_and_is_told(live: Live, socket: AsgiSocket) -> None:
    """A viewer comes in, asks, and is answered."""
    await enter(socket)
    await say(socket, ZH, "c1")
    await live.deliver()


async def replies(live: Live) -> list[dict[str, Any]]:
    room = await live.rooms.opened("main")
    return [line for line in room.history if line["type"] == "reply"]


async def passes(live: Live, seconds: float) -> None:
    """Time goes by, and the tables are looked at every second of it."""
    for _ in range(round(seconds)):
        live.clock.pass_seconds(1)
        await live.corrector.tick()


async def test_a_changed_price_is_put_right_once_in_both_languages_within_two_seconds(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        asked = [await say(ann, ZH, "c1"), await say(bob, EN, "b1")]
        await live.deliver()
        told = await replies(live)
        await passes(live, 5)
        assert await replies(live) == told
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 2)
        zh, en = (await replies(live))[2:]
        await passes(live, 60)
    assert zh["text"] == "更正：「云岭三合一冲锋衣」现在 ¥359。"
    assert en["text"] == "Correction: Cloudridge 3-in-1 shell jacket: now ¥359."
    assert [one["corrects"] for one in (zh, en)] == [[told[0]["id"]], [told[1]["id"]]]
    assert [one["answers"] for one in (zh, en)] == [[one["comment"]] for one in asked]
    assert len(await replies(live)) == 4
    kinds = [(one.kind, one.actor) for one in live.audit.entries["main"]]
    assert kinds.count(("void", "room")) == 2 and kinds.count(("told", "room")) == 4
    corrections = [one for one in live.audit.entries["main"] if one.kind == "told"]
    assert "P1001 price:P1001-M = ¥359" in corrections[-1].evidence


async def test_who_joins_is_credited_to_the_correction_and_never_to_what_is_void(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann, live.viewer() as bob, live.viewer() as cy:
        for socket, name in ((ann, "Ann"), (bob, "Bob"), (cy, "Cy")):
            await enter(socket, name)
        await say(ann, ZH, "c1")
        await live.deliver()
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 1)
        assert (await say(bob, ZH, "c2"))["fate"] == "join"
        credit = await cy.receive("credit")
        first, correction = await replies(live)
    assert (credit["replies"], credit["asked"]) == ([correction["id"]], 2)
    assert (first["void"], first["asked"]) == (True, 1)


async def test_there_and_back_is_nothing_and_flapping_is_told_now_and_then_with_what_holds(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann:
        await asks_and_is_told(live, ann)
        live.shop.change(priced(JACKET, "359"))
        live.shop.change(JACKET)  # between two looks
        await passes(live, 1)
        assert len(await replies(live)) == 1
        for price in ["359", "399"] * 10:
            live.shop.change(priced(JACKET, price))
            await passes(live, 1)
        told = [one["text"] for one in await replies(live)][1:]
        assert 1 <= len(told) <= 2
        await passes(live, 30)
        told = [one["text"] for one in await replies(live)][1:]
    assert told[-1] == "更正：「云岭三合一冲锋衣」现在 ¥399。"
    assert len(told) <= 3 and all(one != other for one, other in pairwise(told))


async def test_sold_out_and_back_a_promotion_and_its_end_are_changes_and_fewer_pieces_are_none(shop_room: Live) -> None:
    live = shop_room
    live.shop.promotion_table = [
        Promotion("PR1", Text("夜场九折", "Night 10%"), "percent", "10", "all", starts_at=EPOCH + timedelta(seconds=200),
                  ends_at=EPOCH + timedelta(seconds=250)),
    ]  # fmt: skip

    def runs_now(message: Message) -> tuple[Reply, ...]:
        jacket = live.shop.now("P1001")
        claims = payable(jacket, jacket.variants, []) + stocks(jacket, jacket.variants)
        return (Reply("有货，¥399", audience=Audience.PUBLIC, claims=claims),)

    live.receiver.reply = runs_now
    async with live.viewer() as ann:
        await asks_and_is_told(live, ann)
        live.shop.change(stocked(JACKET, 1))
        await passes(live, 2)
        live.shop.change(stocked(JACKET, 0))
        await passes(live, 20)
        live.shop.change(stocked(JACKET, 9))
        await passes(live, 300)
        told = [one["text"] for one in await replies(live)][1:]
    assert told == [
        "更正：「云岭三合一冲锋衣」刚刚没货了。",
        "更正：「云岭三合一冲锋衣」又有货了。",
        "更正：「云岭三合一冲锋衣」现在 ¥399，参加活动后 ¥359.10。",
        "更正：「云岭三合一冲锋衣」现在 ¥399。",
    ]


async def test_many_questions_with_the_same_answer_are_put_right_by_one(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann, live.viewer() as bob, live.viewer() as cy:
        for socket, name, text in ((ann, "Ann", ZH), (bob, "Bob", "冲锋衣什么价格呀"), (cy, "Cy", "那件冲锋衣卖多少")):
            await enter(socket, name)
            await say(socket, text, name)
        await live.deliver()
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 2)
        first, *others, correction = await replies(live)
        assert len(others) == 2
        assert (correction["asked"], len(correction["corrects"])) == (3, 3)
        await say(cy, ZH, "c2")
        assert (await ann.receive("credit"))["asked"] == 3  # Cy counts once
    assert first["void"]


@pytest.mark.parametrize(("mode", "state"), [(Mode.APPROVE, "held"), (Mode.VETO, "counting"), (Mode.SUGGEST, "suggested")])
async def test_where_the_host_decides_it_is_proposed_first_of_all_and_the_old_answer_is_marked(
    shop_room: Live, mode: Mode, state: str
) -> None:
    live = shop_room
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        await say(ann, ZH, "c1")
        await live.deliver()
        room = await live.rooms.opened("main")
        room.answers.set_mode(mode, live.clock.now())
        await say(bob, "另外一个问题是什么", "b1")
        await say(ann, "另外一个问题是什么", "c2")
        await live.deliver()
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 1)
        async with live.host() as host:
            await host.send(type="hello", token=live.secret)
            shown = await host.receive("console")
            first, other, old = shown["answers"]
            assert (first["state"], first["corrects"]) == (state, [old["id"]])
            assert (old["state"], old["void"]) == ("told", True)
            assert {"subject": "P1001", "aspect": "price:P1001-M", "value": "¥399"} in old["facts"]
            assert other["text"] == "「云岭三合一冲锋衣」现在 ¥359。"  # what nobody was told yet says what holds
            live.shop.change(priced(JACKET, "349"))
            await passes(live, 1)
            assert [one["text"] for one in await replies(live)] == ["¥399"]
            if mode is Mode.APPROVE:
                await host.send(type="approve", id="1", answer=first["id"])
                await host.receive("accepted")
                assert (await replies(live))[-1]["text"] == "更正：「云岭三合一冲锋衣」现在 ¥349。"


async def test_a_correction_that_nobody_was_told_is_withdrawn_when_the_old_is_true_again(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        await say(ann, ZH, "c1")
        await live.deliver()
        room = await live.rooms.opened("main")
        room.answers.set_mode(Mode.APPROVE, live.clock.now())
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 1)
        assert len(room.answers.open()) == 1
        assert (await say(bob, ZH, "c2"))["fate"] == "ask"  # not credited to what is void
        live.shop.change(JACKET)
        await passes(live, 1)
        assert room.answers.open() == []
        assert not any(draft.void for draft in room.answers.drafts())


async def test_a_vetoed_correction_comes_again_only_with_another_change(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann:
        await asks_and_is_told(live, ann)
        room = await live.rooms.opened("main")
        room.answers.set_mode(Mode.APPROVE, live.clock.now())
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 1)
        room.answers.veto(room.answers.open()[0].id, live.clock.now())
        await passes(live, 30)
        assert room.answers.open() == []
        live.shop.change(priced(JACKET, "349"))
        await passes(live, 2)
        (again,) = room.answers.open()
    assert "¥349" in again.reply.text


async def test_a_correction_goes_before_all_that_waits_for_the_budget(shop_room: Live) -> None:
    live = shop_room
    live.rules = Rules(per_minute=1)
    live.start()
    async with live.viewer() as ann:
        await asks_and_is_told(live, ann)
        await say(ann, EN, "c2")
        await live.deliver()
        live.shop.change(priced(JACKET, "359"))
        await passes(live, 62)
        live.clock.pass_seconds(1)
        await live.teller.tick()
        assert [one["text"][:3] for one in await replies(live)] == ["¥39", "更正："]


async def test_a_shop_that_does_not_answer_makes_nothing_void(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann:
        await asks_and_is_told(live, ann)
        live.shop.change(priced(JACKET, "359"))
        live.shop.down = True
        await passes(live, 3)
        assert len(await replies(live)) == 1
        live.shop.down = False
        await passes(live, 1)
    assert len(await replies(live)) == 2


async def test_what_is_told_while_the_tables_are_read_is_not_judged_by_them(shop_room: Live) -> None:
    live = shop_room
    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        await say(ann, ZH, "c1")
        await live.deliver()
        live.shop.reading = asyncio.Event()
        looking = asyncio.create_task(live.corrector.tick())
        await asyncio.sleep(0.01)
        live.shop.change(priced(JACKET, "359"))
        await say(bob, EN, "b1")
        await live.deliver()  # rests on the new price; what was read is the old one
        live.shop.reading.set()
        await looking
        assert [one["text"] for one in await replies(live)] == ["¥399", "¥359"]
        live.shop.reading = None
        await passes(live, 1)
    assert [one["text"][:2] for one in await replies(live)] == ["¥3", "¥3", "更正"]
