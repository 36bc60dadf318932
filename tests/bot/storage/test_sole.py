"""An embedded database has one service, however the last one ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import BadSettings
from bot.storage.sole import form, is_shared, sole_service

HOLDING = """
import sys
from bot.storage.sole import sole_service
with sole_service(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_service_is_refused_until_the_first_is_gone_even_killed(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    first = subprocess.Popen([sys.executable, "-c", HOLDING, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert first.stdout and first.stdin
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(BadSettings, match=rf"process {first.pid}\) runs on .*bot.db.*PostgreSQL"), sole_service(url):
            pass
    finally:
        first.kill()
        first.communicate()
    with sole_service(url), pytest.raises(BadSettings, match=f"process {os.getpid()}"), sole_service(url):
        pass
    with sole_service(url):
        pass


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "postgresql+asyncpg://x@y/z"])
def test_where_nobody_can_be_in_the_way_nothing_is_locked(url: str) -> None:
    with sole_service(url), sole_service(url):
        pass


def test_the_form_is_said_in_words() -> None:
    assert is_shared("postgresql+asyncpg://x@y/z")
    assert not is_shared("sqlite+aiosqlite:///x.db")
    assert "embedded" in form("sqlite+aiosqlite:///x.db")
    assert "PostgreSQL" in form("postgresql+asyncpg://x:secret@y/z")
    assert "secret" not in form("postgresql+asyncpg://x:secret@y/z")
