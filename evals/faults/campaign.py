"""One campaign: the service with all its parts, load at every door, and one fault after the other."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bot.database import open_engine
from bot.errors import Unavailable
from bot.storage.sql import SqlStore
from bot.storage.tables import inbox
from bot.types import ConversationKey, Turn
from evals.bench_service import free_port, home_environment, load_home
from evals.faults.engines import PostgresServer, RedisServer, create_database, running_postgres, running_redis
from evals.faults.judging import Fault, Recovery, Verdict, judge, normal, recoveries
from evals.faults.people import THE_ROOM, chat, rest, viewer
from evals.faults.proxy import Network, network_to
from evals.faults.said import ROOM, Load, Person
from evals.faults.service import children, connections, workers_beside

# How long a start, and the answers that are still due at the end, may take, in seconds.
START_S, SETTLE_S = 120.0, 120.0
# How long an engine is down, or the network to it lost, in seconds.
DOWN_S, LOST_S = 1.0, 3.0
# Between the arrivals of two people, in seconds.
ARRIVAL_S = 0.1
# How many turns of one person are read.
MANY = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a campaign: people a door; seconds of load before anything counts, before the first fault, and from one
    fault to the next; how many faults. `only`: those with this in their names."""

    workers: int = 2
    people: int = 8
    warm_s: float = 25.0
    quiet_s: float = 10.0
    every_s: float = 12.0
    faults: int = 10
    seed: int = 1
    only: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a campaign came to. Times are seconds; `normal_s`: the p99 before the first fault, `connected`: connections of
    each worker then."""

    plan: Plan
    load_s: float
    verdicts: Sequence[Verdict]
    normal_s: float
    recoveries: Sequence[Recovery]
    refused: Mapping[str, Mapping[str, int]]
    connected: Sequence[int]


@dataclass(frozen=True, slots=True)
class Parts:
    """What can be broken."""

    parent: int
    postgres: PostgresServer
    redis: RedisServer
    to_postgres: Network
    to_redis: Network
    dice: random.Random

    async def kill_one(self) -> None:
        """One worker, any."""
        os.kill(self.dice.choice(children(self.parent)), signal.SIGKILL)

    async def kill_all(self) -> None:
        """All workers at once."""
        for pid in children(self.parent):
            os.kill(pid, signal.SIGKILL)

    async def restart_postgres(self) -> None:
        """It crashes, and is started again."""
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.sleep(DOWN_S)
        await asyncio.to_thread(self.postgres.start)

    async def restart_redis(self) -> None:
        """It is killed, and started again with nothing in it."""
        await asyncio.to_thread(self.redis.kill)
        await asyncio.sleep(DOWN_S)
        await asyncio.to_thread(self.redis.start)

    async def flush_redis(self) -> None:
        """All that it holds is thrown away while it runs."""
        from redis.asyncio import Redis

        async with Redis.from_url(self.redis.url) as client:
            await client.flushall()

    async def lose_postgres(self) -> None:
        """Nothing comes through to PostgreSQL for a time, then its connections end."""
        await _lose(self.to_postgres, cut=True)

    async def hold_postgres(self) -> None:
        """Nothing comes through to PostgreSQL for a time, then everything that was held does."""
        await _lose(self.to_postgres, cut=False)

    async def lose_redis(self) -> None:
        """As to PostgreSQL."""
        await _lose(self.to_redis, cut=True)

    async def kill_while_lost(self) -> None:
        """A worker is killed while Redis is out of reach: what one process says is heard by no other."""
        losing = asyncio.create_task(_lose(self.to_redis, cut=True))
        await asyncio.sleep(LOST_S / 2)
        await self.kill_one()
        await losing


async def _lose(network: Network, *, cut: bool) -> None:
    network.lose()
    await asyncio.sleep(LOST_S)
    network.mend(cut=cut)


FAULTS: Mapping[str, Callable[[Parts], Awaitable[None]]] = {
    "a worker killed": Parts.kill_one,
    "PostgreSQL crashed": Parts.restart_postgres,
    "Redis killed, empty": Parts.restart_redis,
    "a worker killed again": Parts.kill_one,
    "network to PostgreSQL lost": Parts.lose_postgres,
    "network to Redis lost": Parts.lose_redis,
    "Redis flushed": Parts.flush_redis,
    "network to PostgreSQL held": Parts.hold_postgres,
    "a worker killed, Redis lost": Parts.kill_while_lost,
    "all workers killed": Parts.kill_all,
}


async def campaign(plan: Plan, folder: Path, home: Path | None = None) -> Report:
    """Run one, with all its files in `folder`; `home` has the demo shop loaded, or it is loaded first.

    Raises NoData where a server's program is missing, and Unavailable when the service does not come up.
    """
    if home is None:
        home = folder / "home"
        await load_home(home)
    async with AsyncExitStack() as closing:
        parts, port, url = await closing.enter_async_context(_service(plan, folder, home, closing))
        load = Load(port)
        started = time.monotonic()
        doors = [door(load, number) for number in range(plan.people) for door in (rest, chat, viewer)]
        people = [asyncio.create_task(_after(place * ARRIVAL_S, door)) for place, door in enumerate(doors)]
        try:
            await asyncio.sleep(plan.warm_s + plan.quiet_s)
            connected = [connections(pid, port) for pid in children(parts.parent)]
            faults = await _break(plan, parts, time.monotonic())
            load.over.set()
            until = time.monotonic()
            await _settle(load, people)
        finally:
            for task in people:
                task.cancel()
            await asyncio.gather(*people, return_exceptions=True)
        turns, waiting = await _kept(url, load.people)
    usual = normal((started + plan.warm_s, started + plan.warm_s + plan.quiet_s), load.people)
    return Report(
        plan,
        until - started,
        judge(load.people, turns, waiting),
        usual,
        recoveries(faults, usual, until, load.people),
        _refused(load.people),
        connected,
    )


async def _after(seconds: float, door: Coroutine[Any, Any, None]) -> None:
    """Somebody who comes later: of those who come at once, one worker takes all."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        door.close()
        raise
    await door


@asynccontextmanager
async def _service(plan: Plan, folder: Path, home: Path, closing: AsyncExitStack) -> AsyncIterator[tuple[Parts, int, str]]:
    """The service and its engines; gives its parts, its port, and the address of its database past the network."""
    postgres = closing.enter_context(running_postgres(safe=True))
    redis = closing.enter_context(running_redis(folder))
    to_postgres, postgres_port = await closing.enter_async_context(network_to(postgres.port))
    to_redis, redis_port = await closing.enter_async_context(network_to(redis.port))
    url = await create_database(postgres.url, "campaign")
    port = free_port()
    environment = shared_environment(
        home, port, url.replace(f":{postgres.port}/", f":{postgres_port}/"), f"redis://127.0.0.1:{redis_port}"
    )
    async with workers_beside(plan.workers, environment, folder / "serve.log") as running:
        await until_served(running.pid, port, plan.workers)
        yield Parts(running.pid, postgres, redis, to_postgres, to_redis, random.Random(plan.seed)), port, url


def shared_environment(home: Path, port: int, postgres: str, redis: str) -> dict[str, str]:
    """Settings of a service of several workers, whose doors take whatever load comes."""
    return {
        **home_environment(home, port),
        "STREAMDESK_STORAGE__URL": postgres,
        "STREAMDESK_REDIS__URL": redis,
        "STREAMDESK_LIMITS__CHAT": "100000/second",
        "STREAMDESK_LIMITS__SOCKETS": "100000/second",
        "STREAMDESK_LIVE__HISTORY": "200",
        "STREAMDESK_LIVE__ANSWERS_A_MINUTE": "6000",
        "OMP_NUM_THREADS": "1",
    }


async def until_served(parent: int, port: int, count: int) -> None:
    """Until the port is ready and all workers take connections. Raises Unavailable."""
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    ready = (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == httpx.codes.OK
                    if ready and await all_take(parent, port, count):
                        return
                await asyncio.sleep(0.1)
    raise Unavailable(f"the service was not ready within {START_S:.0f} s")


async def all_take(parent: int, port: int, count: int) -> bool:
    """Whether all workers are there, and each takes some of many connections to the port."""
    lines = []
    try:
        for _ in range(8 * count):
            lines.append((await asyncio.open_connection("127.0.0.1", port))[1])
            await asyncio.sleep(0.01)
        taken = [connections(pid, port) for pid in children(parent)]
    finally:
        for line in lines:
            line.close()
    return len(taken) >= count and all(taken)


async def _break(plan: Plan, parts: Parts, first: float) -> list[Fault]:
    """One fault after the other, each at any moment of its time."""
    names = [name for name in FAULTS if plan.only in name] or list(FAULTS)
    faults = []
    for number in range(plan.faults):
        name = names[number % len(names)]
        due = first + number * plan.every_s + parts.dice.random()
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        began = time.monotonic()
        await FAULTS[name](parts)
        faults.append(Fault(name, began, time.monotonic()))
    await asyncio.sleep(max(0.0, first + plan.faults * plan.every_s - time.monotonic()))
    return faults


async def _settle(load: Load, people: Sequence[asyncio.Task[None]]) -> None:
    """Until everything is answered and seen, or SETTLE_S has passed."""
    give_up = time.monotonic() + SETTLE_S
    while time.monotonic() < give_up and not _settled(load):  # noqa: ASYNC110 - other processes ring no bell
        await asyncio.sleep(0.2)
    for task in people:
        if task.done() and (error := task.exception()):
            raise error


def _settled(load: Load) -> bool:
    """Whether nobody waits for anything, as far as people can tell."""
    viewers = [person for person in load.people if person.door == ROOM]
    comments = {f"{person.tag}-{said.id}" for person in viewers for said in person.said if said.fate}
    return all(
        said.accepted is not None and (said.answered is not None or (person.door == ROOM and said.fate != "ask"))
        for person in load.people
        for said in person.said
    ) and all(comments <= viewer.shown.keys() for viewer in viewers)


async def _kept(url: str, people: Sequence[Person]) -> tuple[dict[str, list[Turn]], set[str]]:
    """What the database has: the turns of each person, by their `user`, and the ids of messages in the inbox."""
    store = await SqlStore.open(url)
    try:
        turns = {person.user: await store.history(_key(person), MANY) for person in people if person.user}
    finally:
        await store.close()
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return turns, set((await connection.execute(sa.select(inbox.c.message_id))).scalars())
    finally:
        await engine.dispose()


def _key(person: Person) -> ConversationKey:
    return ConversationKey(*(("live", THE_ROOM) if person.door == ROOM else ("web", "")), person.user)


def _refused(people: Sequence[Person]) -> dict[str, dict[str, int]]:
    """How often people had to try again at each door, and why."""
    refused: dict[str, dict[str, int]] = {}
    for person in people:
        at = refused.setdefault(person.door, {})
        for what, times in person.refused.items():
            at[what] = at.get(what, 0) + times
    return refused
