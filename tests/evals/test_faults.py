"""The judge of a fault campaign sees what goes wrong, and the network between loses what it is told to lose."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.fakes import EPOCH
from bot.types import ConversationKey, Message, Reply, Turn
from evals.faults.campaign import Plan, campaign
from evals.faults.judging import Fault, judge, normal, recoveries
from evals.faults.proxy import Network, network_to
from evals.faults.said import CHAT, ROOM, Person, Said, Shown

WRONG = ("lost", "doubled", "disordered", "unseen")


def talked(*ids: str) -> Person:
    """Somebody in the chat whose messages were all acknowledged and answered."""
    person = Person(CHAT, user="u")
    for at, name in enumerate(ids):
        person.said.append(Said(name, f"q {name}", at, at + 0.1, at + 0.2))
        person.shown[f"web//u//{name}/0"] = Shown(f"web//u//{name}/0", f"a {name}", at + 0.2)
    return person


def turn(name: str) -> Turn:
    return Turn(Message(name, ConversationKey("web", "", "u"), f"q {name}", EPOCH), None, replies=(Reply(f"a {name}"),))


def wrong(person: Person, *turns: Turn) -> dict[str, int]:
    """What is wrong with somebody whose turns these are."""
    counts = next(verdict.counts for verdict in judge([person], {"u": turns}) if verdict.door == person.door)
    return {what: counts[what] for what in WRONG if counts[what]}


def test_what_went_well_is_well() -> None:
    assert wrong(talked("a", "b"), turn("a"), turn("b")) == {}


def test_a_message_without_a_turn_is_lost_and_its_reply_is_nobody_s() -> None:
    assert wrong(talked("a", "b"), turn("a")) == {"lost": 1, "doubled": 1}


def test_a_message_that_was_not_acknowledged_is_late_and_not_lost() -> None:
    person = talked("a")
    person.said.append(Said("b", "q b", 1.0))
    assert wrong(person, turn("a")) == {}
    assert judge([person], {"u": [turn("a")]})[1].counts["late"] == 1


def test_a_reply_that_nobody_saw_is_lost() -> None:
    person = talked("a", "b")
    del person.shown["web//u//b/0"]
    assert wrong(person, turn("a"), turn("b")) == {"lost": 1}


def test_a_second_turn_is_doubled() -> None:
    assert wrong(talked("a"), turn("a"), turn("a"))["doubled"] == 1


def test_turns_and_replies_that_overtake_are_disordered() -> None:
    assert wrong(talked("a", "b"), turn("b"), turn("a")) == {"disordered": 2}


def viewer(tag: str, *seen: str) -> Person:
    return Person(ROOM, user=tag, tag=tag, shown={name: Shown(name, "", 0.0) for name in seen})


def test_comments_that_somebody_missed_or_saw_twice_or_out_of_order() -> None:
    writer = viewer("w", "w-1", "w-2")
    writer.said = [Said("1", "", 0.0, 0.1, fate="drop"), Said("2", "", 1.0, 1.1, fate="drop")]
    other = viewer("o", "w-2", "w-1")
    absent = viewer("x", "w-1")
    absent.shown["w-1"].repeats = 1
    counts = judge([writer, other, absent], {})[-1].counts
    assert {what: counts[what] for what in WRONG} == {"lost": 0, "doubled": 1, "disordered": 1, "unseen": 1}


def test_a_comment_that_nobody_was_shown_is_lost() -> None:
    writer = viewer("w")
    writer.said = [Said("1", "", 0.0, 0.1, fate="drop")]
    assert judge([writer], {})[-1].counts["lost"] == 1


def test_it_is_normal_again_when_windows_stay_as_quick_as_before() -> None:
    person = Person(CHAT)
    person.said = [Said(str(at), "", at, at, at + (3.0 if 10 <= at < 15 else 0.1)) for at in range(30)]
    (one,) = recoveries([Fault("x", 10.0, 11.0)], normal((0.0, 10.0), [person]), 30.0, [person])
    assert (one.normal_after_s, round(one.worst_s, 1), one.lasted_s) == (6.0, 3.0, 1.0)
    (never,) = recoveries([Fault("x", 10.0, 11.0)], 0.1, 15.0, [person])
    assert never.normal_after_s is None


@pytest.fixture
async def way() -> AsyncIterator[tuple[Network, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A network to a server that says everything again, and a connection through it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(100):
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with network_to(server.sockets[0].getsockname()[1]) as (network, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield network, reader, writer
        writer.close()
    server.close()


async def test_a_lost_network_holds_or_cuts(way: tuple[Network, asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    network, reader, writer = way
    writer.write(b"a")
    assert await reader.read(1) == b"a"
    network.lose()
    writer.write(b"b")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.05)
    network.mend(cut=False)
    assert await reader.read(1) == b"b"
    network.lose()
    network.mend(cut=True)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.redis
async def test_two_workers_serve_every_door_and_outlive_their_death(demo_home: Path, tmp_path: Path) -> None:
    plan = Plan(people=6, warm_s=4, quiet_s=6, every_s=12, faults=2, only="worker killed")
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    report = await campaign(plan, tmp_path, home)
    assert len(report.connected) == 2 and all(report.connected)
    for verdict in report.verdicts:
        assert verdict.messages > 20
        assert not any(verdict.counts[what] for what in WRONG), verdict.examples
