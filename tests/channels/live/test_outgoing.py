"""What goes out to a platform: which lines, in which words and order, and how much of it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import SourceSettings
from bot.errors import ChannelUnavailable, Undeliverable
from bot.fakes import EPOCH
from bot.live import EventKind, Health, Inlet, OpenPlatform, PublicLine
from bot.types import Language
from channels.live import linking
from channels.live.linking import Linker
from channels.live.outgoing import Outgoing, Told, cut, worded
from channels.live.thanks import NAMES, Thanks
from channels.live.triage import Comment
from tests.channels.live.conftest import Live
from tests.channels.live.sources import Lines, joined, said
from tests.channels.telegram.conftest import until

THEIRS = Comment("0123456789ab-m1", "tag", "小雨", "多少钱", EPOCH, source="other")
OURS = Comment("0123456789ac-c1", "tag", "Ann", "多少钱", EPOCH)


def told(name: str = "r1", text: str = "399 元。", by_host: bool = False) -> Told:
    return Told(name, text, "zh", by_host, EPOCH)


@given(st.text(), st.integers(20, 200))
def test_a_cut_text_is_never_longer_and_begins_as_the_whole(text: str, characters: int) -> None:
    short = cut(text, characters)
    assert len(short) <= characters
    assert short == text or text.startswith(short.removesuffix("…").rstrip())


@pytest.mark.parametrize(
    ("text", "characters", "expected"),
    [
        ("现在 399 元。三合一，防水。支持七天退货。", 16, "现在 399 元。三合一，防水。"),
        ("It is ¥399.50 now. It keeps the rain out. Returns are free.", 45, "It is ¥399.50 now. It keeps the rain out."),
        ("It keeps the rain out in any weather", 24, "It keeps the rain out…"),
        ("没有标点的一句很长的话要怎么办", 9, "没有标点的一句很…"),
    ],
)
def test_it_is_cut_at_a_sentence_where_there_is_one(text: str, characters: int, expected: str) -> None:
    assert cut(text, characters) == expected


def test_a_line_says_that_a_machine_wrote_it_and_whom_it_answers_where_that_fits() -> None:
    assert worded("399 元。", "【AI】", ["小雨"], 40) == "【AI】@小雨 399 元。"
    assert worded("399 元。支持七天退货。", "【AI】", ["小雨"], 20) == "【AI】399 元。支持七天退货。"
    out = Outgoing("other")
    out.offer(told(by_host=True), [THEIRS])
    assert out.waiting()[0].text == "@小雨 399 元。"


@pytest.mark.parametrize(
    ("answers", "comment", "goes"),
    [("own", THEIRS, True), ("own", OURS, False), ("all", OURS, True), ("none", THEIRS, False)],
)
def test_who_is_told(answers: str, comment: Comment, goes: bool) -> None:
    out = Outgoing("other", answers)  # type: ignore[arg-type]
    for _ in range(2):
        out.offer(told(), [comment])
    assert [line.id for line in out.waiting()] == ["r1"] * goes


def test_a_minute_is_full_and_what_waits_too_long_is_given_up() -> None:
    out = Outgoing("other", per_minute=2, patience_s=120)
    for number in range(4):
        out.offer(told(f"r{number}"), [THEIRS])
    went = []
    for second in range(0, 130, 10):
        while (line := out.next(EPOCH + timedelta(seconds=second))) is not None:
            went.append((second, line.id))
            out.done(line, EPOCH + timedelta(seconds=second), told=True)
    assert went == [(0, "r0"), (0, "r1"), (60, "r2"), (60, "r3")]
    out.offer(told("late"), [THEIRS])
    assert out.next(EPOCH + timedelta(seconds=121)) is None and (out.told, out.given_up) == (4, 1)


class Quiet:
    """`LiveSource` that fails as often as it is told, and then says nothing."""

    def __init__(self, failing: int = 0) -> None:
        self.health = Health()
        self.failing = failing
        self.runs = 0

    async def run(self, inlet: Inlet) -> None:
        self.runs += 1
        if self.runs <= self.failing:
            raise RuntimeError("a fault in somebody else's package")
        await asyncio.Event().wait()


@asynccontextmanager
async def linked(live: Live, platform: OpenPlatform) -> AsyncIterator[None]:
    settings = SourceSettings(source="other", name="other")
    linker = asyncio.create_task(Linker(settings, platform, live.rooms, live.intake, live.clock).run())
    try:
        await until(lambda: (rooms := live.rooms.all()) and rooms[0].links)
        yield
    finally:
        linker.cancel()
        await asyncio.gather(linker, return_exceptions=True)


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"TICK_S": 0.005, "FIRST_WAIT_S": 0.001, "LAST_WAIT_S": 0.005, "TELL_S": 0.1}.items():
        monkeypatch.setattr(linking, name, seconds)


class Stuck(Lines):
    """An outlet that does not come back the first time."""

    async def tell(self, line: PublicLine) -> None:
        if not self.told and not self.errors:
            self.errors.append(RuntimeError())
            await asyncio.Event().wait()
        self.errors.clear()
        await super().tell(line)


@pytest.mark.parametrize(
    "outlet", [Lines(), Lines(ChannelUnavailable("away"), ChannelUnavailable("away")), Lines(ValueError("a fault")), Stuck()]
)
async def test_lines_go_out_in_order_and_once_whatever_the_outlet_does(live: Live, outlet: Lines) -> None:
    async with linked(live, OpenPlatform(Quiet(), outlet)):
        [room] = live.rooms.all()
        [link] = room.links
        assert link.outgoing is not None
        for number in range(3):
            link.outgoing.offer(Told(f"r{number}", f"{number}", "zh", False, live.clock.now()), [THEIRS])
        await until(lambda: len(outlet.told) == 3)
        await until(lambda: link.outgoing is not None and link.outgoing.told == 3)
        assert [line.id for line in outlet.told] == ["r0", "r1", "r2"]


async def test_a_line_that_is_refused_holds_up_no_other(live: Live) -> None:
    outlet = Lines(Undeliverable("no"))
    async with linked(live, OpenPlatform(None, outlet)):
        out = live.rooms.all()[0].links[0].outgoing
        assert out is not None
        for number in range(2):
            out.offer(Told(f"r{number}", f"{number}", "zh", False, live.clock.now()), [THEIRS])
        await until(lambda: outlet.told)
        assert [line.id for line in outlet.told] == ["r1"] and out.given_up == 1


async def test_a_source_with_a_fault_is_run_again_and_the_service_goes_on(live: Live) -> None:
    source = Quiet(failing=3)
    async with linked(live, OpenPlatform(source)):
        await until(lambda: source.runs == 4)
        assert "a fault in somebody else's package" in source.health.error


async def test_lines_that_wait_are_there_after_a_restart(live: Live) -> None:
    _, inlet, out = await joined(live)
    await inlet.comment(said("m1", "冲锋衣多少钱一件"))
    await live.deliver()
    waiting = out.waiting()
    await live.keeper.tick()
    live.start()
    room = await live.rooms.opened("main")
    await live.keeper.tick()  # before the platform is joined again
    _, _, again = await joined(live)
    assert waiting and again.waiting() == waiting and not room.unsent


@given(
    st.lists(st.tuples(st.sampled_from(EventKind), st.text(min_size=1, max_size=8)), max_size=30),
    st.sampled_from(["zh", "en"]),
)
def test_thanks_come_at_most_once_in_their_time_and_name_few(events: list[tuple[EventKind, str]], language: str) -> None:
    thanks, said_at = Thanks(10, Language(language)), []
    for second, (kind, name) in enumerate(events):
        now = EPOCH + timedelta(seconds=second)
        thanks.add(kind, name, "other")
        if (line := thanks.due(now)) is not None:
            said_at.append(second)
            assert line.sources == {"other"}
    assert all(later - earlier >= 10 for earlier, later in itertools.pairwise(said_at))
    assert not any(kind in {EventKind.GIFT, EventKind.ORDER_PAID} for kind, _ in events) or said_at


def test_many_are_thanked_in_one_line_in_both_languages() -> None:
    for language, line in (
        (Language.ZH, "谢谢A、B、C等 5 位朋友送的礼物！"),
        (Language.EN, "Thank you for the gifts, A, B, C and 2 more!"),
    ):
        thanks = Thanks(10, language)
        for name in ("A", "B", "C", "D", "E", "A"):
            thanks.add(EventKind.GIFT, name, "other")
        due = thanks.due(EPOCH)
        assert NAMES == 3 and due is not None and due.text == line


@pytest.mark.parametrize(
    ("connected", "heard", "state"),
    [(None, None, "never"), (0, None, "live"), (-130, None, "silent"), (-500, -10, "live"), (-500, -130, "silent")],
)
def test_health_tells_silence_from_absence(connected: int | None, heard: int | None, state: str) -> None:
    health = Health()
    if connected is not None:
        health.connected(EPOCH + timedelta(seconds=connected))
    health.heard_at = EPOCH + timedelta(seconds=heard) if heard is not None else None
    assert health.state(EPOCH, 120) == state
    health.broke("gone")
    assert health.state(EPOCH, 120) == ("never" if connected is None else "away")
    assert health.reconnects == (connected is not None)
