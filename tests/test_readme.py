"""Every command of the READMEs, run as it is written there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest

from evals.bench_service import free_port, home_environment

READMES = (Path("README.md"), Path("README.zh-CN.md"))
_BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)
# How long the slowest command may take, in seconds: a first start builds models and trains.
PATIENCE_S = 600


def commands(readme: Path) -> list[str]:
    """The commands of a README, in order."""
    return [line for block in _BLOCK.findall(readme.read_text("utf-8")) for line in block.splitlines() if line.strip()]


@dataclass
class Shell:
    """Runs commands in the project's folder, with everything they keep in a folder of their own."""

    home: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        url = {"STREAMDESK_CHANNELS__WEB__PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        return {**os.environ, **home_environment(self.home, self.port), **url, "COLUMNS": "160"}

    def run(self, command: str, said: str = "", **environment: str) -> str:
        """What a command prints; it must succeed. `said` is typed into it."""
        done = subprocess.run(
            ["bash", "-c", command.replace(":8000", f":{self.port}")],
            check=False, input=said, capture_output=True, text=True, timeout=PATIENCE_S,
            env={**self.environment, **environment},
        )  # fmt: skip
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    @contextmanager
    def serving(self, command: str) -> Iterator[None]:
        """A command that serves until Ctrl-C."""
        log = self.home / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], stdout=output, stderr=output, env=self.environment, start_new_session=True
            )
        try:
            self._wait(process, log)
            yield
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/ready").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"it is not ready:\n{log.read_text('utf-8', errors='replace')[-3000:]}")


@pytest.fixture
def shell(demo_home: Path, tmp_path: Path) -> Shell:
    shutil.copytree(demo_home, tmp_path / "home")
    return Shell(tmp_path / "home", free_port())


@pytest.fixture
def empty_shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, free_port())


def make_demo(shell: Shell, command: str) -> None:
    with shell.serving(command):
        assert httpx.get(f"http://127.0.0.1:{shell.port}/room").status_code == httpx.codes.OK
        answered = orjson.loads(shell.run(next(line for line in commands(READMES[0]) if line.startswith("curl"))))
        assert "10000" in answered[0]["text"]
    log = (shell.home / "serve.log").read_text("utf-8")
    assert f"Streamdesk is up at http://127.0.0.1:{shell.port}" in log
    assert "/chat" in log


def make_test(shell: Shell, command: str) -> None:
    # the tests themselves are what this is part of: here they are only found
    assert "tests/test_readme.py" in shell.run(command, PYTEST_ADDOPTS="--collect-only")


def chat(shell: Shell, command: str) -> None:
    printed = shell.run(command, said="多久发货？\nHow do I return a dress that doesn't fit?\n")
    assert "当天发货" in printed
    assert "within 7 days" in printed
    assert "[Returns" in printed


def load(shell: Shell, command: str) -> None:
    printed = shell.run(command)
    assert "products.csv" in printed
    assert "documents/returns.en.md" in printed


def serve(shell: Shell, command: str) -> None:
    with shell.serving(command):
        assert httpx.get(f"http://127.0.0.1:{shell.port}/health").json() == {"status": "ok"}


def config_show(shell: Shell, command: str) -> None:
    printed = shell.run(command, STREAMDESK_LLM_API_KEY="not-to-be-seen", STREAMDESK_LIVE__MERGE_WINDOW_S="31")
    assert "merge_window_s: 31" in printed
    assert "not-to-be-seen" not in printed


def flows_check(shell: Shell, command: str) -> None:
    assert "are sound" in shell.run(command)


def flows_draw(shell: Shell, command: str) -> None:
    assert "order_status" in shell.run(f"{command} --folder {shell.home}/flows && ls {shell.home}/flows")


def knowledge_gaps(shell: Shell, command: str) -> None:
    assert "nothing" in shell.run(command).lower()  # nobody has asked anything yet


def outbox_list(shell: Shell, command: str) -> None:
    assert "Nothing was put aside" in shell.run(command)


def train(shell: Shell, command: str) -> None:
    assert re.search(r"Trained on \d+ examples", shell.run(command))


def nlu_test(shell: Shell, command: str) -> None:
    assert "macro-F1" in shell.run(command)


# What is expected of each command. `curl` asks the service that `make demo` started.
CHECKS: dict[str, Callable[[Shell, str], None]] = {
    "make test": make_test,
    ".venv/bin/streamdesk chat": chat,
    ".venv/bin/streamdesk load demo/shop": load,
    ".venv/bin/streamdesk config show": config_show,
    ".venv/bin/streamdesk serve": serve,
    ".venv/bin/streamdesk flows check": flows_check,
    ".venv/bin/streamdesk flows draw": flows_draw,
    ".venv/bin/streamdesk knowledge gaps": knowledge_gaps,
    ".venv/bin/streamdesk outbox list": outbox_list,
    ".venv/bin/streamdesk train": train,
    ".venv/bin/streamdesk nlu test": nlu_test,
}


@pytest.mark.parametrize("readme", READMES, ids=str)
def test_every_command_is_checked(readme: Path) -> None:
    known = {"make demo", *CHECKS}
    assert [command for command in commands(readme) if command not in known and not command.startswith("curl ")] == []


def test_both_readmes_have_the_same_commands() -> None:
    assert commands(READMES[0]) == commands(READMES[1])


def test_make_demo_from_nothing(empty_shell: Shell) -> None:
    make_demo(empty_shell, "make demo")


# These train the classifiers anew, which takes minutes.
TRAINING = (".venv/bin/streamdesk train", ".venv/bin/streamdesk nlu test")


@pytest.mark.parametrize(
    "command", [pytest.param(one, marks=[pytest.mark.long] if one in TRAINING else []) for one in CHECKS]
)
def test_command(shell: Shell, command: str) -> None:
    if not Path(".venv/bin/streamdesk").exists():
        pytest.skip("there is no .venv here: `make test` makes it")
    CHECKS[command](shell, command)
