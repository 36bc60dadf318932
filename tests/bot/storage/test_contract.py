"""What every Store, Photos and Bindings must do, over memory, SQLite and (where it is installed) PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import BadInput, StorageUnavailable, VersionConflict
from bot.fakes import EPOCH, MemoryStore
from bot.storage.leases import Leases
from bot.storage.sql import SqlStore
from bot.types import (
    Context,
    ConversationKey,
    Delivery,
    Do,
    Entity,
    HandOff,
    Language,
    Message,
    Parse,
    Photo,
    Reply,
    Say,
    SetSlot,
    State,
    ToCustomer,
    ToDesk,
    Turn,
)

KEY = ConversationKey("web", "room/1", "ann", "")
OTHER = ConversationKey("web", "room/1", "ben", "")

type_store = MemoryStore | SqlStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[type_store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    url = (
        f"sqlite+aiosqlite:///{tmp_path}/store.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    # what this process accepted counts as left by another: the leases of several are tested in test_leases.py
    opened = await SqlStore.open(url, Leases("tests", 0) if request.param == "postgres" else None)
    yield opened
    await opened.close()


def _message(message_id: str, key: ConversationKey = KEY) -> Message:
    return Message(message_id, key, "你好 👋", EPOCH, photos=(Photo("d", "image/png"),))


def _turn(message_id: str, key: ConversationKey = KEY, text: str = "hi") -> Turn:
    return Turn(_message(message_id, key), None, decisions=(Say("utter_greet", {"n": 1}),), replies=(Reply(text),))


def _delivery(number: int, key: ConversationKey = KEY, *, desk: bool = False) -> Delivery:
    body = ToDesk(handoff=HandOff("angry", "summary")) if desk else ToCustomer(Reply(f"reply {number}"))
    return Delivery(f"{key}/{number}", key, body)


async def test_a_new_conversation_is_empty(store: type_store) -> None:
    loaded = await store.load(KEY, "m1")
    assert loaded.state == State(KEY)
    assert loaded.turn is None


async def test_what_is_committed_is_loaded_with_its_version_raised(store: type_store) -> None:
    state = State(KEY, slots={"size": "M", "items": ["a", 1, None]}, last_replies=(Reply("x"),), last_seen=EPOCH)
    await store.commit(state, _turn("m1"), [])
    assert (await store.load(KEY, "m2")).state == replace(state, version=1)
    await store.commit(replace(state, version=1, slots={}), _turn("m2"), [])
    assert (await store.load(KEY, "m3")).state == replace(state, version=2, slots={})
    assert [turn.message.id for turn in await store.history(KEY)] == ["m1", "m2"]
    assert await store.history(KEY, limit=1) == [_turn("m2")]


async def test_nothing_that_proves_who_somebody_is_stays_in_a_turn(store: type_store) -> None:
    text = "验证码是１２３ 456，手机13800138000，SD2610000002 https://shop.example/login?token=abc.def"
    said = (SetSlot("code", "123456"), SetSlot("phone_last4", "8000"), SetSlot("order_number", "SD2610000002"))
    phone = Entity("phone_last4", "8000", "13800138000", 0, 11)
    turn = Turn(
        replace(_message("m1"), text=text, context=Context(customer_token="eyJhbGciOi.eyJzdWIiOiJ.c2ln")),
        Parse(Language.ZH, said, entities=(phone,)),
        decisions=(
            Do("action_check_code", {"code": "123456", "order_number": "SD2610000002"}),
            Say("utter_greet", {"n": 1}),
        ),
        replies=(Reply("123456 13800138000"),),
    )
    await store.commit(State(KEY), turn, [])
    stored = (await store.history(KEY))[0]
    assert stored.message.text == "验证码是***，手机***，SD2610000002 https://shop.example/login?token=***"
    assert stored.message.context.customer_token is None
    assert not any(secret in str(replace(stored, replies=())) for secret in ("123456", "8000", "eyJ", "abc.def"))
    assert str(stored).count("SD2610000002") == 3
    assert stored.decisions[1] == turn.decisions[1]
    assert stored.replies == turn.replies


async def test_a_stale_version_writes_nothing(store: type_store) -> None:
    await store.commit(State(KEY), _turn("m1"), [])
    for stale in (State(KEY, version=0), State(KEY, version=2)):
        with pytest.raises(VersionConflict):
            await store.commit(stale, _turn("m2"), [_delivery(1)])
    assert len(await store.history(KEY)) == 1
    assert await store.undelivered(KEY) == []


async def test_a_message_has_one_turn(store: type_store) -> None:
    await store.commit(State(KEY), _turn("m1"), [_delivery(1)])
    with pytest.raises(VersionConflict):
        await store.commit(State(KEY, version=1), _turn("m1", text="again"), [_delivery(2)])
    assert (await store.load(KEY, "m1")).turn == _turn("m1")
    assert [delivery.id for delivery in await store.undelivered(KEY)] == [f"{KEY}/1"]


async def test_of_many_writers_one_wins(store: type_store) -> None:
    results = await asyncio.gather(
        *(store.commit(State(KEY), _turn(f"m{n}"), [_delivery(n)]) for n in range(20)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, VersionConflict) for result in results) == 19
    assert len(await store.history(KEY)) == 1
    assert len(await store.undelivered(KEY)) == 1


async def test_conversations_do_not_mix(store: type_store) -> None:
    await asyncio.gather(
        *(
            store.commit(State(ConversationKey("web", "", str(n))), _turn("m1", ConversationKey("web", "", str(n))), [])
            for n in range(100)
        )
    )
    for n in (0, 50, 99):
        (turn,) = await store.history(ConversationKey("web", "", str(n)))
        assert turn.message.key.user == str(n)


async def test_the_inbox_keeps_a_message_until_its_turn(store: type_store) -> None:
    assert await store.accept(_message("m1"))
    assert await store.accept(_message("m2"))
    assert await store.accept(_message("m1", OTHER))
    assert not await store.accept(_message("m1"))
    assert [(m.key.user, m.id) for m in await store.waiting()] == [("ann", "m1"), ("ann", "m2"), ("ben", "m1")]
    assert (await store.waiting())[0] == _message("m1")
    await store.commit(State(KEY), _turn("m1"), [])
    assert [(m.key.user, m.id) for m in await store.waiting()] == [("ann", "m2"), ("ben", "m1")]
    assert not await store.accept(_message("m1")), "a handled message is a repeat"


async def test_the_outbox_gives_what_is_due_in_order(store: type_store) -> None:
    await store.commit(State(KEY), _turn("m1"), [_delivery(1), _delivery(2), _delivery(3, desk=True)])
    await store.commit(State(OTHER), _turn("m1", OTHER), [_delivery(1, OTHER)])
    due = await store.due(EPOCH, ["web", "desk"])
    assert [delivery.id for delivery in due] == [f"{KEY}/1", f"{KEY}/2", f"{KEY}/3", f"{OTHER}/1"]
    assert due[2] == _delivery(3, desk=True)
    assert [delivery.id for delivery in await store.due(EPOCH, ["desk"])] == [f"{KEY}/3"]
    assert await store.due(EPOCH, ["telegram"]) == []
    assert len(await store.due(EPOCH, ["web", "desk"], limit=2)) == 2
    assert [delivery.id for delivery in await store.due(EPOCH, ["web", "desk"], 100, [KEY])] == [f"{OTHER}/1"]
    assert await store.due(EPOCH, ["web"], 100, [KEY, OTHER]) == []


async def test_a_postponed_delivery_holds_back_the_later_ones_of_its_door(store: type_store) -> None:
    await store.commit(State(KEY), _turn("m1"), [_delivery(1), _delivery(2), _delivery(3, desk=True)])
    await store.postpone(f"{KEY}/1", EPOCH + timedelta(seconds=30), "flood control")
    assert [delivery.id for delivery in await store.due(EPOCH, ["web", "desk"])] == [f"{KEY}/3"]
    later = await store.due(EPOCH + timedelta(seconds=31), ["web"])
    assert [(delivery.id, delivery.attempt) for delivery in later] == [(f"{KEY}/1", 2), (f"{KEY}/2", 1)]


async def test_delivered_and_abandoned_do_not_come_back(store: type_store) -> None:
    await store.commit(State(KEY), _turn("m1"), [_delivery(1), _delivery(2), _delivery(3)])
    await store.delivered([f"{KEY}/1"])
    await store.delivered([])
    await store.abandon(f"{KEY}/2", "bot was blocked by the user", EPOCH)
    assert [delivery.id for delivery in await store.due(EPOCH, ["web"])] == [f"{KEY}/3"]
    assert [delivery.id for delivery in await store.undelivered(KEY)] == [f"{KEY}/3"]
    assert await store.undelivered(OTHER) == []


async def test_a_photo_is_kept_once_under_its_digest(store: type_store) -> None:
    data = bytes(range(256)) * 100
    first, second = await store.save(data, "image/png"), await store.save(data, "image/png")
    assert first == second
    assert await store.read(first) == data
    with pytest.raises(BadInput, match="Send the picture again"):
        await store.read(Photo("0" * 64, "image/png"))


async def test_bindings_answer_in_both_directions(store: type_store) -> None:
    assert await store.external("slack", KEY) is None
    assert await store.conversation("slack", "C1:1.0") is None
    await store.bind("slack", "C1:1.0", KEY)
    await store.bind("slack", "C1:2.0", OTHER)
    assert await store.external("slack", KEY) == "C1:1.0"
    assert await store.conversation("slack", "C1:2.0") == OTHER
    await store.bind("slack", "C1:3.0", KEY)
    assert await store.external("slack", KEY) == "C1:3.0"
    assert await store.conversation("slack", "C1:1.0") == KEY
    assert await store.external("telegram", KEY) is None


async def test_another_process_going_on_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/store.db"
    ours, theirs = await SqlStore.open(url), await SqlStore.open(url)
    await ours.commit(State(KEY), _turn("m1"), [])
    await theirs.commit((await theirs.load(KEY, "m2")).state, _turn("m2"), [])
    with pytest.raises(VersionConflict):
        await ours.commit((await ours.load(KEY, "m3")).state, _turn("m3"), [])
    await ours.commit((await ours.load(KEY, "m3")).state, _turn("m3"), [])
    assert [turn.message.id for turn in await theirs.history(KEY)] == ["m1", "m2", "m3"]
    await ours.close()
    await theirs.close()


async def test_a_locked_database_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    import sqlite3

    from bot.database import migrate, open_engine
    from bot.storage.sql import MIGRATIONS

    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/store.db", busy_timeout_s=0.05)
    await migrate(engine, MIGRATIONS, "alembic_version_bot")
    store = SqlStore(engine)
    await store.commit(State(KEY), _turn("m1"), [])
    blocker = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="locked"):
        await store.commit(State(KEY, version=1), _turn("m2"), [])
    blocker.execute("ROLLBACK")
    blocker.close()
    await store.commit(State(KEY, version=1), _turn("m2"), [])
    assert [turn.message.id for turn in await store.history(KEY)] == ["m1", "m2"]
    await store.close()


async def test_failed_attempts_are_counted_per_subject_and_only_lately(store: type_store) -> None:
    marks = await store.note_failed_attempt(["order:1", "conversation:a"], EPOCH)
    await store.note_failed_attempt(["order:1", "conversation:b"], EPOCH + timedelta(minutes=10))
    assert await store.failed_attempts(["order:1"], EPOCH) == 2
    assert await store.failed_attempts(["order:1"], EPOCH + timedelta(minutes=5)) == 1
    assert await store.failed_attempts(["conversation:a"], EPOCH) == 1
    assert await store.failed_attempts(["conversation:a", "order:1", "order:2"], EPOCH) == 2
    assert await store.failed_attempts(["order:2"], EPOCH) == 0
    await store.take_back(marks)
    assert [await store.failed_attempts([s], EPOCH) for s in ("order:1", "conversation:a", "conversation:b")] == [1, 0, 1]
    await store.take_back(())


async def test_failures_are_forgiven_to_who_failed(store: type_store) -> None:
    await store.note_failed_attempt(["order:1", "shop"], EPOCH, "a")
    await store.note_failed_attempt(["order:1", "shop"], EPOCH, "b")
    await store.forgive("a")
    assert [await store.failed_attempts([s], EPOCH) for s in ("order:1", "shop")] == [1, 1]


async def test_attempts_of_the_same_moment_see_each_other(store: type_store) -> None:
    async def attempt() -> int:
        await store.note_failed_attempt(["order:1"], EPOCH)
        return await store.failed_attempts(["order:1"], EPOCH)

    seen = sorted(await asyncio.gather(*(attempt() for _ in range(8))))
    assert all(count >= n for n, count in enumerate(seen, 1))


async def test_a_code_counts_once_and_only_while_it_is_fresh(store: type_store) -> None:
    await store.keep_code("d1", "SD1", EPOCH)
    await store.keep_code("d2", "SD1", EPOCH + timedelta(minutes=5))
    assert [await store.codes_sent("SD1", EPOCH + timedelta(minutes=n)) for n in (0, 1, 6)] == [2, 1, 0]
    assert await store.codes_sent("SD2", EPOCH) == 0
    assert not await store.use_code("d1", EPOCH + timedelta(seconds=1), "m1")
    assert not await store.use_code("other", EPOCH, "m1")
    assert await store.use_code("d1", EPOCH, "m1")
    assert await store.use_code("d1", EPOCH, "m1")  # the same turn, taken again
    assert not await store.use_code("d1", EPOCH, "m2")
    assert await store.use_code("d2", EPOCH, "m2")
