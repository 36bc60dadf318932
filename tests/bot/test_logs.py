"""What operators read holds no secrets: no variables of a frame, no queries of addresses, no tokens."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Sequence

import orjson
import pytest

from bot.redaction import redacted

TICKET = "9f8e7d6c5b4a"
SOCKET = f"wss://wss-primary.slack.com/link/?ticket={TICKET}&app_id=A0123"
LOCAL = "a-secret-in-a-local"
# Fails as a client does that cannot connect: the address is in the message and in a local of the frame.
FAILING = f"""
import logging, sys
import structlog
from bot.logs import configure_logs

def connect(address):
    secret = {LOCAL!r}
    try:
        raise OSError(f"cannot connect to {{address}}")
    except OSError as error:
        raise RuntimeError("no socket") from error

configure_logs()
try:
    connect({SOCKET!r})
except RuntimeError as error:
    structlog.get_logger("x").exception("slack.failed", address={SOCKET!r}, seen=[{{"token": "xoxb-1-abc"}}])
    logging.getLogger("library").error("tried %s", {SOCKET!r}, exc_info=True)
    structlog.get_logger("x").error("slack.failed_with", exc_info=error)
"""


def said(terminal: bool) -> str:
    """Standard error of the failing program, as a file or as a terminal gets it."""
    command = [sys.executable, "-c", FAILING]
    if not terminal:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stderr
    master, slave = pty.openpty()
    done = subprocess.Popen(command, stderr=slave)
    os.close(slave)
    text = b""
    while True:
        try:
            read = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not read:
            break
        text += read
    os.close(master)
    assert done.wait(60) == 0
    return text.decode()


def frames(stacks: Sequence[dict[str, list[dict[str, object]]]]) -> set[object]:
    return {frame["name"] for stack in stacks for frame in stack["frames"]}


@pytest.mark.parametrize("terminal", [False, True], ids=["file", "terminal"])
def test_an_exception_shows_where_and_what_but_no_variables_and_no_ticket(*, terminal: bool) -> None:
    text = said(terminal)
    for secret in (TICKET, LOCAL, "xoxb-1", "secret ="):
        assert secret not in text
    for told in ("no socket", "cannot connect to wss://wss-primary.slack.com/link/?…", "OSError", "RuntimeError", "connect"):
        assert text.count(told) >= 3, told


def test_the_json_names_file_line_and_function() -> None:
    events = [orjson.loads(line) for line in said(terminal=False).splitlines()]
    assert [event["event"] for event in events] == [
        "slack.failed",
        "tried wss://wss-primary.slack.com/link/?…",
        "slack.failed_with",
    ]
    for event in events:
        assert "connect" in frames(event["exception"])
        assert {key for stack in event["exception"] for frame in stack["frames"] for key in frame} == {
            "filename",
            "lineno",
            "name",
        }


def test_a_fault_of_a_command_is_told_without_secrets() -> None:
    code = f"""
import bot.cli
def fault(**options):
    secret = {LOCAL!r}
    raise OSError("cannot reach {SOCKET}")
bot.cli.Settings.load = fault
bot.cli.main()
"""
    command = [sys.executable, "-c", code, "config", "show"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "OSError: cannot reach wss://wss-primary.slack.com/link/?…" in done.stderr
    assert "in fault" in done.stderr
    assert LOCAL not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"GET {SOCKET} HTTP/1.1", "GET wss://wss-primary.slack.com/link/?… HTTP/1.1"),
        ("GET /link/?ticket=abc&x=1 HTTP/1.1", "GET /link/?… HTTP/1.1"),
        ("url='https://a.example/x?y=1'", "url='https://a.example/x?…'"),
        ("postgresql+asyncpg://ann:pass@host/name", "postgresql+asyncpg://…@host/name"),
        ("token xoxb-12-34-AbC is revoked, so is xapp-1-A-2-ff", "token xoxb-… is revoked, so is xapp-…"),
        ("https://api.telegram.org/bot123456:AAF-x_9/getMe", "https://api.telegram.org/bot123456:…/getMe"),
        ("123456789:AAFabcdefghijklmnopqrstuvwxyz012345", "123456789:…"),
        ("Authorization: Bearer abc.def-ghi_jkl=", "Authorization: Bearer …"),
        ("Incorrect API key: sk-proj-abcdefgh1234", "Incorrect API key: sk-…"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDMSJ9.abc_d is no token", "… is no token"),
        ("ticket=abc, access_token=def;", "ticket=…, access_token=…;"),
        ("live/main/abcdefghijklmnopqrstuvwxyz-_0123/", "live/main/abcdef…/"),
        # what tells something stays
        ("row 3, price = 'x': must be an amount like 199.00", "row 3, price = 'x': must be an amount like 199.00"),
        ("Is it here? Send the secret as a bearer token.", "Is it here? Send the secret as a bearer token."),
        ("telegram/room/123456/", "telegram/room/123456/"),
        ("2026-06-18T19:00:00+08:00", "2026-06-18T19:00:00+08:00"),
        ("http://127.0.0.1:8000/chat", "http://127.0.0.1:8000/chat"),
    ],
)
def test_redaction(text: str, shown: str) -> None:
    assert redacted(text) == shown
