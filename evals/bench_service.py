"""Processes under measurement: Streamdesk with a freshly loaded demo shop, and the doors that it is compared with."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import STDOUT, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.app import load, open_shop
from bot.errors import Unavailable
from bot.settings import Settings
from evals.bench_load import HEALTH, KEY, say, senders_at
from evals.data import NoData
from evals.rasa.environment import QUIET as RASA_ENVIRONMENT
from evals.rasa.environment import rasa_command
from evals.rasa.train import bot_model
from knowledge.index import LoadReport

SHOP = Path("demo/shop")
# A question that the documents answer: the first of its kind opens everything that opens on first use.
FIRST_QUESTION = "多久发货"
# How long a start may take, in seconds: the first one in a new checkout trains the classifiers.
START_S = 300.0
# How often it is asked whether it is ready, in seconds: start times are exact to this.
POLL_S = 0.01
STOP_S = 15.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the process' start until /ready is OK, and until the first answer was there."""

    ready_s: float
    first_answer_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of RAM that a process holds, and the most it ever held."""

    rss: int
    peak: int


@dataclass(frozen=True, slots=True)
class Indexing:
    """What loading the documents took, encoding included; the encoder itself was there before."""

    documents: int
    passages: int
    seconds: float

    @property
    def ms_per_document(self) -> float:
        """Milliseconds a document."""
        return self.seconds * 1000 / self.documents

    @property
    def passages_per_s(self) -> float:
        """Passages a second."""
        return self.passages / self.seconds


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is ready at `url`."""

    url: str
    pid: int
    ready_s: float


def home_environment(home: Path, port: int) -> dict[str, str]:
    """Settings that keep shop, index and conversations under `home`, serve on `port` and reach nothing outside.

    The models stay where they are: building them is no part of what is measured.
    """
    return {
        "STREAMDESK_STORAGE__URL": f"sqlite+aiosqlite:///{home}/streamdesk.db",
        "STREAMDESK_SHOP__URL": f"sqlite+aiosqlite:///{home}/shop.db",
        "STREAMDESK_SHOP__PICTURES": f"{home}/pictures",
        "STREAMDESK_KNOWLEDGE__INDEX": f"{home}/index",
        "STREAMDESK_KNOWLEDGE__CHROMA_URL": "",
        "STREAMDESK_CHANNELS__WEB__HOST": "127.0.0.1",
        "STREAMDESK_CHANNELS__WEB__PORT": str(port),
        "STREAMDESK_CHANNELS__TELEGRAM__ENABLED": "false",
        "STREAMDESK_CHANNELS__SLACK__ENABLED": "false",
        "STREAMDESK_LLM__MODEL": "",
        "STREAMDESK_CHANNELS__WEB__INTEGRATIONS__BENCH__KEY_SHA256": hashlib.sha256(KEY.encode()).hexdigest(),
        "STREAMDESK_LIMITS__REST": "100000/second",
        "STREAMDESK_LIMITS__SENDER": "100000/second",
    }


def parse_memory(status: str) -> Memory:
    """Memory by the text of /proc/PID/status, which gives kB."""
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return Memory(*(int(lines[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM")))


def memory(pid: int) -> Memory | None:
    """What a process holds now; None where the system has no /proc."""
    status = Path(f"/proc/{pid}/status")
    return parse_memory(status.read_text("utf-8")) if status.is_file() else None


def indexing(report: LoadReport) -> Indexing:
    """The figures of a load into an empty index. Files that were refused do not count."""
    taken = [file for file in report.files if file.status == "taken"]
    return Indexing(len(taken), sum(file.entries for file in taken), report.seconds)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ---------------------------------------------------------------- Streamdesk


async def load_home(home: Path) -> Indexing:
    """Load the demo shop into `home`. Raises BadDocument where the shop is missing."""
    settings = Settings.load(environment={**os.environ, **home_environment(home, free_port())})
    async with open_shop(settings) as parts:
        loaded = await load(SHOP, parts, settings)
    return indexing(loaded.documents)


@asynccontextmanager
async def streamdesk(home: Path) -> AsyncIterator[Running]:
    """Streamdesk with the shop in `home`."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("streamdesk")), "serve"]
    async with _running(command, home, port, "/ready", home_environment(home, port)) as service:
        yield service


async def first_answer(service: Running) -> Start:
    """Ask a service that has just become ready its first question. Raises Unavailable when it is not answered."""
    async with senders_at(service.url) as session:
        answer = await say(session, "bench-first", FIRST_QUESTION)
    if answer.error:
        raise Unavailable(f"the first question was not answered: {answer.error}")
    return Start(service.ready_s, service.ready_s + answer.ms / 1000)


# ---------------------------------------------------------------- peers


@asynccontextmanager
async def floor(home: Path) -> AsyncIterator[Running]:
    """The door alone, see evals/bench_floor.py."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "evals.bench_floor:app", "--port", str(port), "--log-level", "warning"]
    async with _running(command, home, port, HEALTH) as service:
        yield service


def rasa_parts() -> tuple[Path, Path] | str:
    """The command `rasa` and the model of the bot's content, or why there is no Rasa to compare with."""
    try:
        return rasa_command(), bot_model()
    except NoData as missing:
        return f"Rasa skipped: {missing}"


@asynccontextmanager
async def actions(home: Path) -> AsyncIterator[Running]:
    """Our actions for a Rasa server, on the shop in `home`."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("streamdesk")), "actions", "--port", str(port)]
    async with _running(command, home, port, "/health", home_environment(home, port)) as service:
        yield service


@asynccontextmanager
async def rasa(command: Path, model: Path, home: Path, actions_url: str = "") -> AsyncIterator[Running]:
    """A Rasa server with its REST channel and its API. It listens once its model is loaded."""
    port = free_port()
    credentials, endpoints = home / "credentials.yml", home / "endpoints.yml"
    credentials.write_text("rest:\n", encoding="utf-8")
    # no action of ours reads the domain: sending it with every call would make Rasa slower than it is
    action_endpoint = f"action_endpoint:\n  url: {actions_url}/webhook\n  enable_selective_domain: true\n"
    endpoints.write_text(action_endpoint if actions_url else "", encoding="utf-8")
    files = ["--model", str(model), "--credentials", str(credentials), "--endpoints", str(endpoints)]
    options = [*files, "--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
    environment = {**RASA_ENVIRONMENT, "PYTHONPATH": ""}  # our modules are not for its Python
    async with _running([str(command), "run", *options], home, port, HEALTH, environment) as service:
        yield service


# ---------------------------------------------------------------- processes


@asynccontextmanager
async def _running(
    command: Sequence[str], home: Path, port: int, ready: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """Start a service, wait until it is ready, and stop it in the end. Raises Unavailable when it does not come up."""
    log = home / f"{Path(command[0]).name}-{port}.log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output, stderr=STDOUT, env={**os.environ, **(environment or {})}
        )
    try:
        url = f"http://127.0.0.1:{port}"
        try:
            await asyncio.wait_for(_until_ready(process, url + ready), START_S)
        except (TimeoutError, Unavailable) as error:
            raise Unavailable(f"{command[0]} did not come up. The end of its log: {_tail(log)}") from error
        yield Running(url, process.pid, time.perf_counter() - started)
    finally:
        await _stop(process)


async def _until_ready(process: Process, url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        while process.returncode is None:
            try:
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            await asyncio.sleep(POLL_S)
    raise Unavailable(f"it ended with {process.returncode}")


async def _stop(process: Process) -> None:
    """Ask it to end, as Ctrl-C does; end it when it does not listen."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _tail(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-2000:]
