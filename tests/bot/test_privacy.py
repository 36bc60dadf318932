"""The person's rights: what is held is told, deleted to the last byte, thrown away in time, and sealed while it is there."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from bot import cli
from bot.audit import AuditEntry, verified
from bot.desk import EventKind, Ticket, TicketEvent, TicketState
from bot.errors import BadInput, BadSettings
from bot.fakes import EPOCH, FakeClock
from bot.locks import LocalLocks
from bot.privacy_commands import Person, deleted, exported, rotated
from bot.retention import PORTION, Retention
from bot.sealing import OPEN, Sealer, new_key
from bot.settings import RetentionSettings, Settings
from bot.signals import Consent, SignalKind, person_of, signal
from bot.storage.leases import Leases
from bot.storage.sole import sole_service
from bot.storage.sql import SqlStore
from bot.types import ConversationKey, Delivery, Message, Outcome, Photo, Reply, State, ToCustomer, Turn
from channels.live.room import digest

ANN = ConversationKey("live", "main", "a/nn_%", "")
BEN = ConversationKey("live", "main", "b/nn_%", "")
SECRET = "小鹿住在梧桐巷七号"
PHONE = "+31 6 1234 5678"  # no form that is masked before it is kept
KEY = new_key()
NOW = datetime.now(UTC)


async def _talk(store: SqlStore, key: ConversationKey, words: str, at: datetime = NOW) -> Photo:
    """A conversation that leaves its words in every table there is for them."""
    photo = await store.save(f"picture of {words}".encode(), "image/png")
    message = Message("m1", key, words, at, photos=(photo,), author_name=words)
    await store.accept(message)
    reply = Delivery(f"{key}/m1/0", key, ToCustomer(Reply(words)))
    turn = Turn(message, None, outcomes=(Outcome("login", True, grants=(f"customer:{key.user}",)),), replies=(Reply(words),))
    state = State(key, slots={"name": words}, verified=("order:SD1",) if key == ANN else ())
    await store.commit(state, turn, [reply, replace(reply, id=f"{key}/m1/1")])
    await store.abandon(f"{key}/m1/1", "gone", at)
    await store.accept(replace(message, id="m2", photos=()))
    await store.bind("slack", f"C1:{key.user}", key)
    ticket = Ticket(key, at, at, TicketState.RESOLVED, customer=words, last_words=words)
    await store.desk().save(ticket, TicketEvent(f"{key}/e", ticket.id, EventKind.NOTE, at, text=words))
    for person in (f"customer:{key.user}", person_of(key)):
        await store.signals().decide(person, Consent.GIVEN, at)
        await store.signals().note(person, [signal("P1", SignalKind.QUESTION, at)], "m1")
    await store.audit().append("main", [AuditEntry(at, "told", digest(f"{key}/m1/0"), "room", words)])
    return photo


def _settings(folder: Path, keys: str = "") -> Settings:
    (folder / "config.yml").write_text("")
    environment = {
        "STREAMDESK_STORAGE__URL": f"sqlite+aiosqlite:///{folder}/held/desk.db",
        "STREAMDESK_SHOP__URL": f"sqlite+aiosqlite:///{folder}/held/shop.db",
        "STREAMDESK_DATA_KEYS": keys,
    }
    return Settings.load(folder / "config.yml", environment)


async def _fill(settings: Settings) -> None:
    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    await _talk(store, ANN, f"{SECRET} {PHONE}")
    await _talk(store, BEN, "what Ben said")
    await store.close()


def _bytes(settings: Settings) -> bytes:
    """Everything in the files of the database, its log included."""
    path = Path(str(sa.make_url(settings.storage.url).database))
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))


async def test_with_a_key_the_files_hold_nothing_that_was_said_also_while_the_service_runs(tmp_path: Path) -> None:
    plain, sealed = _settings(tmp_path), _settings(tmp_path, KEY)
    store = await SqlStore.open(sealed.storage.url, sealer=sealed.sealer)
    photo = await _talk(store, ANN, f"{SECRET} {PHONE}")
    assert PHONE.encode() not in _bytes(sealed) and SECRET.encode() not in _bytes(sealed)
    assert (await store.history(ANN))[0].message.text == f"{SECRET} {PHONE}"
    assert await store.read(photo) == f"picture of {SECRET} {PHONE}".encode()
    assert [ticket.key for ticket in await store.desk().tickets(list(TicketState), words="梧桐")] == [ANN]
    assert (await verified(store.audit()))["main"].broken is None
    await store.close()
    for other in (OPEN, Sealer.of(new_key())):
        with pytest.raises(BadSettings, match="a key that is not given"):
            await SqlStore.open(plain.storage.url, sealer=other)


async def test_what_was_readable_is_read_on_and_sealed_anew(tmp_path: Path) -> None:
    plain, sealed, newest = _settings(tmp_path), _settings(tmp_path, KEY), f"{new_key()},{KEY}"
    await _fill(plain)
    assert PHONE.encode() in _bytes(plain)
    before = await exported(sealed, Person(channel="live", user=ANN.user))
    with pytest.raises(BadSettings, match="streamdesk privacy key"):
        await rotated(plain)
    assert await rotated(sealed) > 0
    assert PHONE.encode() not in _bytes(sealed) and SECRET.encode() not in _bytes(sealed)
    assert await rotated(sealed) == 0
    assert await rotated(_settings(tmp_path, newest)) > 0
    assert (
        await exported(_settings(tmp_path, newest.split(",", maxsplit=1)[0]), Person(channel="live", user=ANN.user))
        == before
    )


@pytest.mark.parametrize("keys", ["", KEY], ids=["readable", "sealed"])
async def test_who_asks_is_told_everything_and_then_nothing_is_left(tmp_path: Path, keys: str) -> None:
    settings, person = _settings(tmp_path, keys), Person(customer=ANN.user)
    await _fill(settings)
    held = await exported(settings, person, tmp_path / "photos")
    (one,) = held["conversations"]
    kept = {name: len(taste["signals"]) for name, taste in held["tastes"].items()}
    assert kept == {f"customer:{ANN.user}": 1, person_of(ANN): 1}
    assert one["conversation"] == str(ANN)
    filled = {name for name, rows in one.items() if rows}
    told = {"conversations", "turns", "inbox", "outbox", "dead_letters", "tickets", "ticket_events"}
    assert filled == told | {"conversation", "bindings", "proofs", "photos"}
    assert all(SECRET in json.dumps(one[name], ensure_ascii=False) for name in told)
    (picture,) = (tmp_path / "photos").iterdir()
    assert SECRET.encode() in picture.read_bytes() and picture.suffix == ".png"
    count, gone = await deleted(settings, person)
    assert count == 1 and gone["turns"] == gone["photos"] == gone["tickets"] == gone["room_audit"] == 1
    assert gone["signals"] == gone["consents"] == 2
    left = await exported(settings, person)
    assert left["conversations"] == []
    assert left["tastes"] == {f"customer:{ANN.user}": {"consent": Consent.REFUSED, "signals": []}}
    assert (await exported(settings, Person(channel="live", user=ANN.user)))["conversations"] == []
    assert not any(words.encode() in _bytes(settings) for words in (SECRET, PHONE, "a/nn"))
    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    chain = (await verified(store.audit()))["main"]
    assert (chain.broken, chain.length, chain.redacted) == (None, 3, 1)
    assert len(await store.history(BEN)) == 1 and await store.external("slack", BEN)
    await store.close()


async def test_a_photo_that_another_sent_too_stays(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    store = await SqlStore.open(settings.storage.url)
    photo = await _talk(store, ANN, "same")
    await _talk(store, BEN, "same")
    await store.holdings().erase(ANN)
    assert await store.read(photo)
    await store.holdings().erase(BEN)
    with pytest.raises(BadInput):
        await store.read(photo)
    await store.close()


async def test_a_state_that_was_erased_is_not_remembered(tmp_path: Path) -> None:
    store = await SqlStore.open(_settings(tmp_path).storage.url)
    await _talk(store, ANN, "x")
    await store.holdings().erase(ANN)
    assert (await store.load(ANN, "m3")).state == State(ANN)
    await store.close()


async def test_nothing_is_deleted_under_a_service_that_runs(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    await _fill(settings)
    with sole_service(settings.storage.url), pytest.raises(BadSettings, match="another service"):
        await asyncio.to_thread(asyncio.run, deleted(settings, Person(customer=ANN.user)))
    assert len((await exported(settings, Person(customer=ANN.user)))["conversations"]) == 1


async def test_on_postgres_who_is_being_handled_is_not_deleted(tmp_path: Path, postgres_url: str) -> None:
    settings = _settings(tmp_path)
    settings = settings.model_copy(update={"storage": settings.storage.model_copy(update={"url": postgres_url})})
    store = await SqlStore.open(postgres_url, Leases("other", 600.0))
    await _talk(store, ANN, SECRET)
    with pytest.raises(BadInput, match="being handled"):
        await deleted(settings, Person(channel="live", user=ANN.user))
    await store.close()  # lets go of what it had
    count, gone = await deleted(settings, Person(channel="live", user=ANN.user))
    assert count == 1 and gone["turns"] == gone["photos"] == gone["room_audit"] == 1
    assert (await exported(settings, Person(channel="live", user=ANN.user)))["conversations"] == []


def test_a_forged_redaction_breaks_the_chain(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    asyncio.run(_fill(settings))
    engine = sa.create_engine(settings.storage.url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(sa.text('update room_audit set entry = replace(entry, \'"kind":"told"\', \'"kind":"no"\')'))
    engine.dispose()

    async def broken() -> int | None:
        store = await SqlStore.open(settings.storage.url)
        try:
            return (await verified(store.audit()))["main"].broken
        finally:
            await store.close()

    assert asyncio.run(broken()) == 1


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(tmp_path)
    asyncio.run(_fill(settings))
    monkeypatch.setenv("STREAMDESK_CONFIG", str(tmp_path / "config.yml"))
    monkeypatch.setenv("STREAMDESK_STORAGE__URL", settings.storage.url)
    monkeypatch.setenv("STREAMDESK_SHOP__URL", settings.shop.url)

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(cli.app, ["privacy", *arguments])

    sender = ("--sender", f"live:{ANN.user}")
    told = run("export", *sender)
    assert told.exit_code == 0, told.exception
    assert json.loads(told.stdout)["conversations"][0]["turns"]
    to = tmp_path / "told" / "ann.json"
    assert run("export", *sender, "--to", str(to)).exit_code == 0 and SECRET in to.read_text()
    assert isinstance(run("export", *sender, "--to", str(to)).exception, BadInput)
    assert isinstance(run("export").exception, BadInput)
    assert isinstance(run("delete", "--sender", "live").exception, BadInput)
    assert run("delete", *sender).exit_code == 1  # nobody said yes
    done = run("delete", *sender, "--yes")
    assert "Conversations: 1" in done.output and "turns: 1" in done.output and "shop's books" in done.output
    assert json.loads(run("export", *sender).stdout)["conversations"] == []
    assert Sealer.of(run("key").stdout.strip()).seals


@pytest.fixture
async def aging(tmp_path: Path) -> AsyncIterator[tuple[SqlStore, FakeClock]]:
    clock = FakeClock(EPOCH)
    store = await SqlStore.open(_settings(tmp_path).storage.url, clock=clock)
    yield store, clock
    await store.close()


async def test_what_is_too_old_goes_and_nothing_else(aging: tuple[SqlStore, FakeClock]) -> None:
    store, clock = aging
    keeper = Retention(store.holdings(), LocalLocks(), clock, RetentionSettings(tickets="200 days").periods)
    photo = await _talk(store, ANN, "old", EPOCH)
    assert await keeper.keep(0) == {}
    clock.pass_seconds(timedelta(days=31).total_seconds())
    assert await keeper.keep(0) == {"photos": 1}
    with pytest.raises(BadInput):
        await store.read(photo)
    assert len(await store.history(ANN)) == 1
    clock.pass_seconds(timedelta(days=150).total_seconds())
    await _talk(store, BEN, "new", clock.now())
    assert await keeper.keep(0) == {"turns": 5, "conversations": 1}  # with replies and signals
    assert (await store.load(ANN, "m9")).state == State(ANN) and await store.external("slack", ANN) is None
    assert len(await store.desk().tickets(list(TicketState))) == 2
    assert await store.holdings().of_proofs(["order:SD1"]) == [ANN], "the ticket is still theirs"
    clock.pass_seconds(timedelta(days=25).total_seconds())
    assert await keeper.keep(0) == {"tickets": 1}
    assert await store.holdings().of_proofs(["order:SD1"]) == []
    assert len(await store.history(BEN)) == 1 and len(await store.desk().tickets(list(TicketState))) == 1


async def test_an_open_ticket_keeps_its_conversation_and_off_keeps_everything(aging: tuple[SqlStore, FakeClock]) -> None:
    store, clock = aging
    await _talk(store, ANN, "old", EPOCH)
    ticket = (await store.desk().tickets(list(TicketState)))[0]
    again = replace(ticket, state=TicketState.WAITING)
    await store.desk().save(again, TicketEvent("again", ticket.id, EventKind.OPENED, EPOCH))
    clock.pass_seconds(timedelta(days=4000).total_seconds())
    off = RetentionSettings(turns="off", photos="off", tickets="off")
    assert await Retention(store.holdings(), LocalLocks(), clock, off.periods).keep(0) == {}
    gone = await Retention(store.holdings(), LocalLocks(), clock, RetentionSettings().periods).keep(0)
    assert gone["conversations"] == gone["tickets"] == 0 and gone["turns"] > 0
    assert (await store.load(ANN, "m9")).state.version == 1


async def test_it_is_done_in_portions(aging: tuple[SqlStore, FakeClock]) -> None:
    store, clock = aging
    keys = [ConversationKey("web", "", str(number)) for number in range(PORTION + 50)]
    await asyncio.gather(*(store.commit(State(key), Turn(Message("m", key, "x", EPOCH), None), []) for key in keys))
    assert await store.holdings().drop_old("turns", EPOCH + timedelta(days=1), PORTION) == PORTION
    clock.pass_seconds(timedelta(days=181).total_seconds())
    gone = await Retention(store.holdings(), LocalLocks(), clock, RetentionSettings().periods).keep(0)
    assert gone == {"turns": 50, "conversations": PORTION + 50}


@pytest.mark.parametrize("period", ["soon", "0 days", "-1 days", "10000 days", "1 week", 30, False])
def test_a_period_that_is_none_is_refused(period: Any) -> None:
    with pytest.raises(ValueError, match="180 days"):
        RetentionSettings(turns=period)


async def test_the_databases_are_made_for_nobody_else(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        settings = _settings(tmp_path)
        store = await SqlStore.open(settings.storage.url)
        await _talk(store, ANN, "x")
        with sole_service(settings.storage.url):
            modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "held").iterdir()}
        await store.close()
    finally:
        os.umask(before)
    assert (tmp_path / "held").stat().st_mode & 0o777 == 0o700
    assert len(modes) == 4 and set(modes.values()) == {0o600}, modes
