"""What a turn, a comment, a frame, a publish and a commit cost on this machine, one part at a time.

CPU is what the kernel charged the processes of each part, so that the figures hold beside other work; times and rates do
not, and each row says how many cores that took (`others`). Workers are the service itself, with PostgreSQL that writes to
the disk and Redis; the shop is the demo's, in SQLite.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect

from bot.errors import Unavailable
from channels.live.gate import WEIGHTS, Gate, Weights
from channels.live.triage import is_noise, normalised
from evals.bench_load import HEALTH, Answer, percentile, say, script, senders_at, shares
from evals.bench_service import free_port, load_home
from evals.faults.campaign import START_S, shared_environment, until_served
from evals.faults.engines import PostgresServer, RedisServer, create_database, running_postgres, running_redis
from evals.faults.people import THE_ROOM
from evals.faults.service import children, workers_beside
from evals.room.comments import written
from evals.room.fit import ENCODER
from evals.scale.figures import Commits, Figures, Idle, Judging, Publishing, Room, Turns
from evals.scale.processes import cpu_of_family_s, cpu_s, machine_s, resident
from knowledge.encoders import load_encoder

# Between two connections, in seconds: of those who come at once one worker takes all.
APART_S = 0.05
# Workers are at rest that use less than this of a core each for so many seconds, and it is waited for that for so long.
QUIET, WINDOW_S, SETTLE_S = 0.08, 3.0, 90.0
# What is said in a room: nobody's question, and the room shows it to everybody.
NOISE = "666"
# How long a room is watched in which nobody says anything, in seconds.
REST_S = 6.0
# Comments a second, all viewers together.
COMMENTS_PER_S = 20.0
# Of the times at one level, in %.
QUANTILES = tuple(n + 0.5 for n in range(100))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. The default takes four to ten minutes on two cores."""

    senders: tuple[int, ...] = (1, 8, 32)
    turns: int = 200
    viewers: tuple[int, ...] = (20, 300)
    comments: int = 100
    published: int = 20_000
    commits: int = 4_000
    idle_s: float = 6.0


@dataclass(frozen=True, slots=True)
class Meters:
    """What the kernel and PostgreSQL have counted so far; of two readings the difference is what happened between."""

    at: float
    cpu: dict[str, float]
    machine: float
    counted: dict[str, float]

    def since(self, before: Meters) -> Meters:
        """What happened since."""
        cpu = {part: used - before.cpu[part] for part, used in self.cpu.items()}
        counted = {what: count - before.counted[what] for what, count in self.counted.items()}
        return Meters(self.at - before.at, cpu, self.machine - before.machine, counted)

    @property
    def others(self) -> float:
        """Cores that everything else took."""
        return max(0.0, self.machine - sum(self.cpu.values())) / self.at


@dataclass(frozen=True, slots=True)
class Service:
    """A service with its engines, ready at `port`."""

    port: int
    parent: int
    postmaster: int
    redis: int
    database: str

    def workers(self) -> list[int]:
        """Their processes: one worker is the service itself."""
        return children(self.parent) or [self.parent]

    async def read(self) -> Meters:
        """The meters now."""
        counted = await _counted(self.database)
        cpu = {
            "workers": cpu_s(self.workers()),
            "postgres": cpu_of_family_s(self.postmaster),
            "redis": cpu_s([self.redis]),
            "client": cpu_s([os.getpid()]),
        }
        return Meters(time.perf_counter(), cpu, machine_s(), counted)


async def measure(size: Size, folder: Path, given: Path | None = None) -> Figures:
    """Everything, in the order of the report; `given` has the demo shop loaded, or it is loaded first.

    Raises NoData where a server's program is missing, and Unavailable when one does not come up.
    """
    at = datetime.now(UTC)
    home = given or folder / "home"
    if given is None:
        await load_home(home)
    levels: list[Turns] = []
    idle: list[Idle] = []
    rooms: list[Room] = []
    worker_bytes = 0
    for workers in (1, 2):
        async with running(workers, home, folder) as service:
            await _ask(service.port, workers, 48)  # warms what is opened on first use
            await _settle(service, workers)
            idle.append(await idling(service, workers, size.idle_s))
            worker_bytes = worker_bytes or resident(service.workers())
            levels += [await turns(service, idle[-1], workers, senders, size.turns) for senders in size.senders]
            rooms += [await room(service, workers, viewers, size.comments) for viewers in size.viewers]
    with running_redis(folder) as redis:
        publishing = [await publish(redis, subscribers, size.published) for subscribers in (0, 1, 4)]
    with running_postgres(safe=True) as postgres:
        commits = [await commit(postgres, connections, size.commits) for connections in (1, 16)]
    return Figures(
        at.isoformat(timespec="seconds"),
        os.cpu_count() or 1,
        worker_bytes,
        tuple(levels),
        tuple(idle),
        tuple(rooms),
        await judging(),
        tuple(publishing),
        tuple(commits),
    )


@asynccontextmanager
async def running(workers: int, home: Path, folder: Path) -> AsyncIterator[Service]:
    """The service with so many workers, on a database of its own that counts statements."""
    async with AsyncExitStack() as closing:
        postgres = closing.enter_context(running_postgres(safe=True))
        await _count_statements(postgres)
        redis = closing.enter_context(running_redis(folder))
        database = await create_database(postgres.url, "scale")
        await _run(database, "CREATE EXTENSION pg_stat_statements")
        port = free_port()
        environment = shared_environment(home, port, database, redis.url)
        parent = await closing.enter_async_context(workers_beside(workers, environment, folder / "serve.log"))
        await _until_served(parent.pid, port, workers)
        assert redis.running is not None  # noqa: S101 - it was just started
        yield Service(port, parent.pid, _postmaster(postgres), redis.running.pid, database)


async def _until_served(parent: int, port: int, workers: int) -> None:
    """Until all workers take connections. Raises Unavailable."""
    if workers > 1:
        await until_served(parent, port, workers)
        return
    async with senders_at(f"http://127.0.0.1:{port}") as session:
        for _ in range(int(START_S / APART_S)):
            with suppress(aiohttp.ClientError):
                async with session.get("/ready") as response:
                    if response.ok:
                        return
            await asyncio.sleep(APART_S)
    raise Unavailable(f"the service was not ready within {START_S:.0f} s")


async def _count_statements(postgres: PostgresServer) -> None:
    await _run(f"{postgres.url}/postgres", "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)


def _postmaster(postgres: PostgresServer) -> int:
    return int((postgres.folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()[0])


async def _run(database: str, *statements: str) -> None:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _counted(database: str) -> dict[str, float]:
    """What PostgreSQL has counted: statements, those that commit, and bytes of its log."""
    import asyncpg

    query = (
        "SELECT (SELECT sum(calls) FROM pg_stat_statements) AS statements,"
        " (SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE 'COMMIT%') AS commits,"
        " pg_current_wal_lsn() - '0/0'::pg_lsn AS wal_bytes"
    )
    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    try:
        row = await connection.fetchrow(query)
    finally:
        await connection.close()
    return {name: float(value or 0) for name, value in row.items()}


# ---------------------------------------------------------------- turns


async def _settle(service: Service, workers: int) -> None:
    """Until workers are through with what they make ahead after a start, or for SETTLE_S."""
    for _ in range(int(SETTLE_S / WINDOW_S)):
        before = cpu_s(service.workers())
        await asyncio.sleep(WINDOW_S)
        if cpu_s(service.workers()) - before < QUIET * workers * WINDOW_S:
            return


async def idling(service: Service, workers: int, seconds: float) -> Idle:
    """What a service costs that nobody asks anything, for each worker and second."""
    before = await service.read()
    await asyncio.sleep(seconds)
    used = (await service.read()).since(before)
    share = workers * used.at
    return Idle(workers, {part: cpu / share for part, cpu in used.cpu.items()}, used.counted["statements"] / share)


async def turns(service: Service, idle: Idle, workers: int, senders: int, count: int) -> Turns:
    """One level of load at the REST door. Raises Unavailable when not one turn was answered."""
    before = await service.read()
    answers, seconds = await _ask(service.port, senders, count)
    used = (await service.read()).since(before)
    times = [answer.ms for answer in answers if not answer.error]
    spent = {part: cpu - idle.cpu[part] * workers * used.at for part, cpu in used.cpu.items()}
    statements = used.counted["statements"] - idle.statements * workers * used.at
    return Turns(
        workers,
        senders,
        len(times),
        len(answers) - len(times),
        len(times) / seconds,
        percentile(times, 50),
        percentile(times, 99),
        tuple(percentile(times, percent) for percent in QUANTILES),
        {part: max(0.0, cpu) * 1000 / len(times) for part, cpu in spent.items()},
        used.others,
        statements / len(times),
        used.counted["commits"] / len(times),
        used.counted["wal_bytes"] / len(times),
    )


async def _ask(port: int, senders: int, count: int) -> tuple[list[Answer], float]:
    """So many turns, spread over senders each with a connection of its own. Returns the answers and how long it took."""
    run = uuid4().hex[:8]
    async with AsyncExitStack() as closing:
        sessions = []
        for _ in range(senders):
            session = await closing.enter_async_context(senders_at(f"http://127.0.0.1:{port}"))
            async with session.get(HEALTH) as response:
                await response.read()
            sessions.append(session)
            await asyncio.sleep(APART_S)
        started = time.perf_counter()

        async def converse(number: int, share: int) -> list[Answer]:
            name = f"scale-{run}-{number}"
            return [await say(sessions[number], f"{name}-{n // 24}", text) for n, text in enumerate(script(number, share))]

        found = await asyncio.gather(*(converse(number, share) for number, share in enumerate(shares(count, senders))))
        seconds = time.perf_counter() - started
    return [answer for answers in found for answer in answers], seconds


# ---------------------------------------------------------------- a room


@dataclass(slots=True)
class Seen:
    """What viewers saw: milliseconds from saying to each one's seeing, and the bytes of the frames."""

    said: dict[str, float]
    ms: list[float]
    sizes: list[int]

    async def watch(self, line: ClientConnection) -> None:
        """One viewer, until cancelled."""
        async for raw in line:
            frame: dict[str, Any] = orjson.loads(raw)
            name = str(frame.get("id", "")).rpartition("-")[2]
            if frame["type"] == "comment" and name in self.said:
                self.ms.append((time.perf_counter() - self.said[name]) * 1000)
                self.sizes.append(len(raw))


async def room(service: Service, workers: int, viewers: int, comments: int) -> Room:
    """One room in which viewers say in turn what is no question, and everybody sees it."""
    seen = Seen({}, [], [])
    async with AsyncExitStack() as closing:
        first = resident(service.workers())
        lines = [await closing.enter_async_context(_viewer(service.port)) for _ in range(viewers)]
        held = resident(service.workers()) - first
        watching = [asyncio.create_task(seen.watch(line)) for line in lines]
        opened = await service.read()
        await asyncio.sleep(REST_S)
        before = await service.read()
        rest = before.since(opened)
        for number in range(comments):
            name = uuid4().hex[:16]
            seen.said[name] = time.perf_counter()
            await lines[number % viewers].send(orjson.dumps({"type": "comment", "id": name, "text": NOISE}).decode())
            await asyncio.sleep(1 / COMMENTS_PER_S)
        await _until_all(seen, viewers * comments)
        used = (await service.read()).since(before)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    spent = {part: cpu - rest.cpu[part] / rest.at * used.at for part, cpu in used.cpu.items()}
    return Room(
        workers,
        viewers,
        comments,
        len(seen.ms),
        {part: max(0.0, cpu) * 1000 / comments for part, cpu in spent.items()},
        {part: cpu / rest.at for part, cpu in rest.cpu.items()},
        percentile(seen.ms, 50),
        percentile(seen.ms, 99),
        sum(seen.sizes) / len(seen.sizes),
        held / viewers,
        used.others,
    )


async def judging() -> Judging:
    """What the gate takes to judge a comment that says something, by the clock of this process."""
    gate = Gate(await load_encoder(ENCODER, Path("var/models")), Weights.read(WEIGHTS))
    texts = [comment.text for comment in written("test") if not is_noise(normalised(comment.text))]
    await gate.judge("how much is number 1?")  # opens what is opened on first use
    before = time.process_time()
    for text in texts:
        await gate.judge(text)
    return Judging(len(texts), (time.process_time() - before) * 1000 / len(texts))


async def _until_all(seen: Seen, frames: int, patience_s: float = 20.0) -> None:
    """Until everybody saw everything, or for so long."""
    give_up = time.perf_counter() + patience_s
    while len(seen.ms) < frames and time.perf_counter() < give_up:  # noqa: ASYNC110 - sockets ring no bell
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _viewer(port: int) -> AsyncIterator[ClientConnection]:
    """Somebody who watches, welcomed."""
    url = f"ws://127.0.0.1:{port}/live/{THE_ROOM}/ws"
    async with connect(url, ping_interval=None, proxy=None, compression=None) as line:
        await line.send('{"type":"hello"}')
        await line.recv()
        await asyncio.sleep(0.01)
        yield line


# ---------------------------------------------------------------- engines alone


async def publish(server: RedisServer, subscribers: int, count: int, size: int = 400) -> Publishing:
    """What a publish costs Redis' one core, by how many are subscribed."""
    from redis.asyncio import Redis

    assert server.running is not None  # noqa: S101 - it runs
    async with AsyncExitStack() as closing:
        clients = [await closing.enter_async_context(Redis.from_url(server.url)) for _ in range(subscribers + 1)]
        listening = [client.pubsub() for client in clients[1:]]
        for one in listening:
            await one.subscribe("scale")
        draining = [asyncio.create_task(_drain(one)) for one in listening]
        before = cpu_s([server.running.pid])
        for _ in range(count // 100):
            # a pipeline's replies are read in one go: what is measured is the server, not this client
            async with clients[0].pipeline(transaction=False) as batch:
                for _ in range(100):
                    batch.publish("scale", b"x" * size)
                await batch.execute()
            await asyncio.sleep(0)
        used = cpu_s([server.running.pid]) - before
        for task in draining:
            task.cancel()
        await asyncio.gather(*draining, return_exceptions=True)
        for one in listening:
            await one.aclose()  # type: ignore[no-untyped-call]
    return Publishing(subscribers, size, count, used * 1e6 / count)


async def _drain(listening: Any) -> None:
    while True:
        await listening.get_message(timeout=1.0)


async def commit(server: PostgresServer, connections: int, count: int) -> Commits:
    """Transactions of one row, side by side."""
    import asyncpg

    url = f"{server.url}/postgres".replace("+asyncpg", "")
    lines = [await asyncpg.connect(url) for _ in range(connections)]
    try:
        await lines[0].execute("CREATE TABLE IF NOT EXISTS rows (id text, body text)")
        before, syncs = cpu_of_family_s(_postmaster(server)), await _syncs(url)
        started = time.perf_counter()
        times = await asyncio.gather(
            *(_insert(line, share) for line, share in zip(lines, shares(count, connections), strict=True))
        )
        seconds = time.perf_counter() - started
        used = cpu_of_family_s(_postmaster(server)) - before
    finally:
        await asyncio.gather(*(_end(line.close()) for line in lines))
    synced = await _syncs(url) - syncs  # who counts reports it when the connection ends
    ms = [one for part in times for one in part]
    return Commits(connections, count / seconds, percentile(ms, 50), percentile(ms, 99), used * 1000 / count, synced / count)


async def _end(closing: Awaitable[None]) -> None:
    await closing


async def _syncs(url: str) -> int:
    import asyncpg

    line = await asyncpg.connect(url)
    try:
        return int(await line.fetchval("SELECT wal_sync FROM pg_stat_wal"))
    finally:
        await line.close()


async def _insert(line: Any, count: int) -> Sequence[float]:
    took = []
    for _ in range(count):
        started = time.perf_counter()
        await line.execute("INSERT INTO rows VALUES ($1, $2)", uuid4().hex, "x" * 400)
        took.append((time.perf_counter() - started) * 1000)
    return took
