"""The command line: light to start, and what is wrong is said in one sentence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.identity import customer_of
from bot.fakes import EPOCH
from bot.loads import Load
from bot.settings import Settings
from bot.storage.sql import SqlStore
from bot.types import ConversationKey, Delivery, Message, Reply, State, ToCustomer, Turn
from evals.bench_service import home_environment

# Libraries that take long to load, or much memory, or both.
HEAVY = ("torch", "transformers", "chromadb", "sklearn", "onnxruntime", "jieba", "fastapi", "sqlalchemy", "langchain_core",
         "aiogram", "slack_bolt", "numpy")  # fmt: skip


def streamdesk(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    environment = {**os.environ, "COLUMNS": "160", **environment}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=environment)


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that a piece of code loads."""
    report = f"{code}\nimport sys\nprint('\\n'.join(sorted(set(sys.modules) & set({HEAVY!r}))))"
    done = subprocess.run([sys.executable, "-c", report], check=True, capture_output=True, text=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["bot.cli", "bot.engine", "bot.types", "bot.ports", "bot.errors", "bot.settings"])
def test_light_to_import(module: str) -> None:
    assert loaded_by(f"import {module}") == set()


def test_help_names_the_commands() -> None:
    done = streamdesk("--help")
    assert done.returncode == 0
    for command in ("serve", "demo", "chat", "load", "config", "flows", "train", "nlu", "outbox"):
        assert command in done.stdout


def test_a_misspelt_key_is_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("live: {merge_windows: 5}", encoding="utf-8")
    done = streamdesk("config", "show", STREAMDESK_CONFIG=str(config))
    assert done.returncode == 2
    assert "live.merge_windows" in done.stderr
    assert "live.merge_window_s" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_shop_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    environment = {**home_environment(tmp_path, 8000), "STREAMDESK_KNOWLEDGE__ENCODER": "hashing"}
    done = streamdesk("load", str(tmp_path / "empty"), **environment, STREAMDESK_PHOTOS__ENCODER="none")
    assert done.returncode == 2
    assert str(tmp_path / "empty") in done.stderr
    assert "Traceback" not in done.stderr
    (noted,) = asyncio.run(noted_loads(environment["STREAMDESK_STORAGE__URL"]))
    assert noted.folder == str(tmp_path / "empty") and "is no shop folder" in noted.fault, "the console tells it"


async def noted_loads(url: str) -> list[Load]:
    store = await SqlStore.open(url, sealer=Settings.load().sealer)
    loads = await store.loads().last()
    await store.close()
    return loads


def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    environment = {**home_environment(tmp_path, 8000), "STREAMDESK_SHOP__URL": "sqlite+aiosqlite:////proc/none/shop.db"}
    done = streamdesk("load", "demo/shop", **environment, STREAMDESK_KNOWLEDGE__ENCODER="hashing")
    assert done.returncode in (1, 2)
    assert "/proc/none" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("form", [(), ("--short",)])
def test_a_token_for_trials(form: tuple[str, ...]) -> None:
    secret = "not a real secret, but long enough for HMAC-SHA256"
    done = streamdesk("link-token", "C0001", *form, STREAMDESK_LINK_SECRET=secret)
    assert customer_of(done.stdout.strip(), secret, datetime.now(UTC)) == "C0001"


def test_no_token_without_a_secret() -> None:
    done = streamdesk("link-token", "C0001", STREAMDESK_LINK_SECRET="")
    assert done.returncode != 0
    assert "STREAMDESK_LINK_SECRET" in done.stderr


def test_what_was_put_aside_is_listed_and_put_back(tmp_path: Path) -> None:
    environment = home_environment(tmp_path, 8000)
    delivery = "web//ann//m1/0"

    async def put_aside() -> None:
        store = await SqlStore.open(environment["STREAMDESK_STORAGE__URL"])
        key = ConversationKey("web", "", "ann")
        turn = Turn(Message("m1", key, "hi", EPOCH), None)
        await store.commit(State(key), turn, [Delivery(delivery, key, ToCustomer(Reply("what was said")))])
        await store.abandon(delivery, "the chat is [gone]", EPOCH)
        await store.close()

    assert "Nothing was put aside" in streamdesk("outbox", "list", **environment).stdout
    asyncio.run(put_aside())
    listed = streamdesk("outbox", "list", **environment).stdout
    assert listed == f"2026-01-05 12:00:00 UTC  {delivery}  (web, attempt 1): the chat is [gone]\n"
    for arguments in ((), (delivery, "--all"), ("web//ben//m1/0",)):
        refused = streamdesk("outbox", "retry", *arguments, **environment)
        assert refused.returncode == 2
        assert refused.stderr.startswith("Error: outbox retry: ") and "Traceback" not in refused.stderr
    assert "Put back into the outbox: 1." in streamdesk("outbox", "retry", delivery, **environment).stdout
    assert "Put back into the outbox: 0." in streamdesk("outbox", "retry", "--all", **environment).stdout
    assert "Nothing was put aside" in streamdesk("outbox", "list", **environment).stdout
