"""`streamdesk room report` over what a service has stored: the table, the file, the data, and what is refused."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from actions.shop.opening import open_shop_system
from bot import cli
from bot.errors import BadInput
from bot.storage.sql import SqlStore
from bot.types import Audience, State
from tests.channels.live.shows import Show, moment

DAY = 86_400


async def stored(url: str, shop_url: str, show: Show) -> None:
    """Write a show as a service does, and make the shop's tables."""
    await (await open_shop_system(shop_url, "")).close()
    store = await SqlStore.open(url)
    for turn in show.turns:
        await store.commit(State(turn.message.key), turn, [])
    await store.audit().append(show.room, show.entries)
    await store.close()


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.yml").write_text("{}")
    url, shop_url = (f"sqlite+aiosqlite:///{tmp_path}/{name}.db" for name in ("a", "shop"))
    for name, value in {
        "CONFIG": str(tmp_path / "config.yml"), "STORAGE__URL": url, "SHOP__URL": shop_url,
        "SHOP__PACK": str(tmp_path / "pack"), "KNOWLEDGE__ENCODER": "hashing",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"STREAMDESK_{name}", value)
    monkeypatch.setenv("COLUMNS", "160")
    show = Show()
    show.ask("ann", "多久发货", 0, told_after=3)
    show.ask("bob", "包邮吗", DAY, told_after=4, answer="全国包邮")
    for viewer in ("eve", "kim"):
        show.ask(viewer, "可以租礼服吗", DAY + 60, cited=False, audience=Audience.PRIVATE, aside=True)
    show.tally(DAY, 88, 12)
    asyncio.run(stored(url, shop_url, show))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["room", "report", *arguments])


def test_the_last_show_is_printed_and_written(report: Path) -> None:
    page, data = report / "r.html", report / "r.json"
    printed = run("--html", str(page), "--json", str(data), "--language", "en")
    assert printed.exit_code == 0, printed.output
    assert all(words in printed.output for words in ("包邮吗", "88", "no answer", "What documents should say"))
    assert "多久发货" not in printed.output
    read = json.loads(data.read_text("utf-8"))
    assert ([one["words"] for one in read["questions"]], read["comments"]) == (["可以租礼服吗", "包邮吗"], 88)
    assert [(gap["times"], gap["examples"]) for gap in read["missing"]] == [(2, ["可以租礼服吗"])]
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_span_by_hand_wins(report: Path) -> None:
    printed = run("--since", moment(-5).isoformat(), "--until", moment(60).isoformat())
    assert ("多久发货" in printed.output, "包邮吗" in printed.output) == (True, False)


@pytest.mark.parametrize(
    "wrong", [["--since", "yesterday"], ["--room", "nowhere"], ["--last", "--since", "x"], ["--language", "fr"]]
)
def test_what_cannot_be_reported_is_said(report: Path, wrong: list[str]) -> None:
    refused = run(*wrong)
    assert isinstance(refused.exception, BadInput)
    assert refused.exception.remedy


async def test_the_turns_of_a_room_are_read_between_two_times_and_of_no_other(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    for room in ("a%b", "a_b", "a%b/c"):
        show = Show(room)
        for number in range(4):
            show.ask("ann", f"{room} {number}", number * 60)
            await store.commit(State(show.turns[-1].message.key, version=number), show.turns[-1], [])
    found = await store.room_turns("live", "a%b", moment(60), moment(60) + timedelta(seconds=60))
    assert [turn.message.text for turn in found] == ["a%b 1", "a%b 2"]
    await store.close()
