"""Recorded streams, read and sent to a gateway's address as if they were now."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadDocument, BadSettings, ChannelUnavailable
from bot.fakes import FakeClock
from bot.room_commands import replay
from bot.settings import Settings
from channels.live.sources.items import MOST, CommentItem
from channels.live.sources.replaying import Replay, read_recording, together
from channels.live.sources.signing import check
from tests.channels.live.conftest import Live
from tests.channels.live.test_gateway import SECRET, opened

SAMPLE = Path("docs/examples/room.jsonl")


async def test_the_sample_is_shown_twice_with_each_of_its_repeats_taken_once(live: Live) -> None:
    items = read_recording(SAMPLE)
    async with opened(live) as (door, platform):
        assert platform.source is not None
        for run in ("one", "two"):
            counts = await Replay(door._client, "/live/webhook/other", SECRET, live.clock, run).play(items, 1000)
            assert counts == {"taken": len(items) - 1, "doubled": 1, "refused": 0}
        assert platform.source.health.lost == 0
    room = await live.rooms.opened("main")
    assert room.notes.events == {"enter": 2, "gift": 6, "order_paid": 2, "follow": 2}
    assert room.notes.paid == {"CNY": 2 * 399_00}
    assert len({one.key.user for one in live.asked}) == 2, "the same question of two people is asked once"


@given(st.lists(st.floats(0, 600), max_size=300), st.sampled_from([0.5, 1, 10, 1000]))
def test_every_item_is_sent_once_in_order_and_not_before_its_time(offsets: list[float], speed: float) -> None:
    items = [(at, CommentItem(type="comment", id=str(n), author="u", text="x")) for n, at in enumerate(sorted(offsets))]
    batches = list(together(items, speed))
    assert [one.id for _, batch in batches for one in batch] == [one.id for _, one in items]
    assert all(0 < len(batch) <= MOST for _, batch in batches)
    due = [at for at, batch in batches for _ in batch]
    assert all(abs(sent - offset / speed) <= 0.2 + 1e-6 for sent, (offset, _) in zip(due, items, strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no items"]),
        ('{"type": "comment", "id": "1", "author": "u", "text": "x"}\n', [":1", "at"]),
        ('\n{"type": "shout"}\n', [":2", "shout"]),
        ("no json\n", [":1"]),
    ],
)
def test_what_is_no_recording_is_named_with_its_line(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "show.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(BadDocument) as refused:
        read_recording(tmp_path / "show.jsonl")
    assert all(word in str(refused.value) for word in words)


async def test_a_service_that_is_busy_gets_the_same_bytes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        check(SECRET, request.headers, request.content, clock.now().timestamp())
        got.append(request.content)
        status = [429, 503, 202][len(got) - 1] if len(got) < 3 else 202
        return httpx.Response(status, json={"id": "b", "taken": 1}, headers={"retry-after": "0"})

    clock = FakeClock()
    items = read_recording(SAMPLE)[:1]
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://streamdesk.test") as client:
        assert await Replay(client, "/w", SECRET, clock, "run").play(items, 1) == {"taken": 1}
    assert len(got) == 3 and len(set(got)) == 1
    assert json.loads(got[0])["items"][0]["id"] == "run-c1"


async def test_a_service_that_refuses_ends_the_replay() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(401, text="no"))
    async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as client:
        with pytest.raises(ChannelUnavailable, match="401"):
            await Replay(client, "/w", SECRET, FakeClock(), "run").play(read_recording(SAMPLE)[:1], 1)


async def test_a_room_without_a_gateway_says_what_to_set() -> None:
    with pytest.raises(BadSettings, match="STREAMDESK_SOURCE_REPLAY_SECRET"):
        await replay(Settings(), SAMPLE, "main", 1)
