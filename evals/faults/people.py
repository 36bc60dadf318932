"""People at the three doors, as clients behave that want their answers: what was not acknowledged is said again, with its
id, and who is cut off comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from evals.bench_load import WEBHOOK, senders_at
from evals.faults.said import CHAT, REST, ROOM, Load, Person, Said, Shown, questions

# Between two messages of one person, in seconds: the chat takes one a second of a page, a room one in two of a viewer.
PAUSE_S = {REST: 0.5, CHAT: 1.1, ROOM: 2.2}
# Before somebody tries again, in seconds, and after how long without a word about a message they send it again.
AGAIN_S, PATIENCE_S = 0.1, 8.0
THE_ROOM = "main"


async def rest(load: Load, number: int) -> None:
    """Programs that ask for people: one question after the other, somebody new when all were asked."""
    async with senders_at(f"http://127.0.0.1:{load.port}") as session:
        while not load.over.is_set():
            person = load.somebody(REST)
            person.user = f"bench:{person.name}"
            for text in questions(number):
                if load.over.is_set():
                    return
                said = Said(uuid4().hex, text, time.monotonic())
                person.said.append(said)
                await _ask(session, person, said)
                await load.pause(PAUSE_S[REST])


async def _ask(session: aiohttp.ClientSession, person: Person, said: Said) -> None:
    body = {"sender": person.name, "message": said.text, "metadata": {"message_id": said.id}}
    while True:
        try:
            async with session.post(WEBHOOK, json=body) as response:
                if response.status == 200:
                    replies = await response.json()
                    said.accepted = said.answered = time.monotonic()
                    break
                _note(person, str(response.status))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _note(person, type(error).__name__)
        await asyncio.sleep(AGAIN_S)
    for place, reply in enumerate(replies):
        name = f"{said.id}/{place}"
        person.shown[name] = Shown(name, reply.get("text", ""), said.answered)


async def chat(load: Load, number: int) -> None:
    """Chat pages: the next message when the last one is acknowledged, its answer may come later."""
    while not load.over.is_set():
        await _connected(load, load.somebody(CHAT), "/chat/ws", number, CHAT)


async def viewer(load: Load, number: int) -> None:
    """Somebody in the live room, who sees everything and asks on until the load is over."""
    await _connected(load, load.somebody(ROOM), f"/live/{THE_ROOM}/ws", number, ROOM)


async def _connected(load: Load, person: Person, path: str, number: int, door: str) -> None:
    """Be connected until everything is asked and answered, whatever becomes of the connection."""
    asking = asyncio.create_task(_think(load, person, number, door))
    try:
        while not (asking.done() and _satisfied(person)):
            try:
                async with connect(
                    f"ws://127.0.0.1:{load.port}{path}", open_timeout=3, ping_interval=2, ping_timeout=6
                ) as line:
                    await _page(line, person, asking)
            except (OSError, TimeoutError, WebSocketException) as error:
                _note(person, type(error).__name__)
                await asyncio.sleep(AGAIN_S)
    finally:
        asking.cancel()


async def _think(load: Load, person: Person, number: int, door: str) -> None:
    """Have something to say after each pause, once the last was acknowledged. A viewer stays and asks on."""
    round_number = 0
    while not load.over.is_set():
        for text in questions(number + round_number):
            while person.said and person.said[-1].accepted is None:  # noqa: ASYNC110 - what is heard rings no bell
                await asyncio.sleep(0.02)
            await load.pause(PAUSE_S[door])
            if load.over.is_set():
                break
            person.said.append(Said(uuid4().hex[:16], text, time.monotonic()))
        if door == CHAT:
            return
        round_number += 1
    while person.said and person.said[-1].accepted is None:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def _satisfied(person: Person) -> bool:
    """Whether nothing is missing any more. A viewer stays until the load is taken down."""
    return person.door == CHAT and all(said.answered is not None for said in person.said)


async def _page(line: ClientConnection, person: Person, asking: asyncio.Task[None]) -> None:
    """One connection, until it breaks or there is nothing left to hear."""
    mine = "user" if person.door == CHAT else "viewer"
    await line.send(_frame("hello", **({mine: person.user} if person.user else {})))
    writing: asyncio.Task[None] | None = None
    here: set[str] = set()
    try:
        while not (asking.done() and _satisfied(person)):
            try:
                raw = await asyncio.wait_for(line.recv(), 0.5)
            except TimeoutError:
                continue
            received = orjson.loads(raw)
            if received["type"] == "welcome":
                person.user, person.tag = received[mine], received.get("tag", "")
                for past in received.get("history", ()):
                    _see(person, past, here)
                here.update(past["id"] for past in received.get("history", ()))
                writing = asyncio.create_task(_write(line, person))
            else:
                await _take(person, received, here, line.send)
    finally:
        if writing is not None:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)


async def _write(line: ClientConnection, person: Person) -> None:
    """Say what is not acknowledged, and again when nothing was heard of it for long."""
    kind = "message" if person.door == CHAT else "comment"
    at: dict[str, float] = {}
    while True:
        said = person.said[-1] if person.said else None
        if said is not None and said.accepted is None and time.monotonic() - at.get(said.id, 0.0) > PATIENCE_S:
            at[said.id] = time.monotonic()
            refused = sum(person.refused.values())
            await line.send(_frame(kind, id=said.id, text=said.text))
            while said.accepted is None and time.monotonic() - at[said.id] < PATIENCE_S:
                if sum(person.refused.values()) > refused:
                    await asyncio.sleep(AGAIN_S)
                    at.pop(said.id)
                    break
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)


async def _take(person: Person, received: dict[str, Any], here: set[str], send: Callable[[str], Awaitable[None]]) -> None:
    match received["type"]:
        case "accepted":
            _accepted(person, received)
        case "refused":
            _note(person, str(received["problem"].get("status")))
        case "comment" | "reply" | "private" as kind:
            _see(person, received, here)
            here.add(received["id"])
            if kind == "private" or (kind == "reply" and person.door == CHAT):
                await send(_frame("received", id=received["id"]))
        case "credit":
            for reply in received["replies"]:
                if reply in person.shown:
                    person.shown[reply].answers += tuple(received["answers"])


def _accepted(person: Person, received: dict[str, Any]) -> None:
    for said in person.said:
        if said.id == received["id"] and said.accepted is None:
            said.accepted = time.monotonic()
            said.fate = received.get("fate", "")


def _see(person: Person, line: dict[str, Any], here: set[str]) -> None:
    """Note what is shown. What a connection shows twice is a repeat; what a new one tells anew of before is none."""
    now, name = time.monotonic(), line["id"]
    seen = person.shown.get(name)
    if seen is not None:
        seen.repeats += name in here
        seen.answers += tuple(line.get("answers", ()))
        return
    person.shown[name] = Shown(name, line["text"], now, answers=tuple(line.get("answers", ())))
    answers = person.shown[name].answers
    for said in person.said:
        if said.answered is None and (f"/{said.id}/" in name or f"{person.tag}-{said.id}" in answers):
            said.answered = now


def _note(person: Person, what: str) -> None:
    person.refused[what] = person.refused.get(what, 0) + 1


def _frame(kind: str, **fields: Any) -> str:
    return orjson.dumps({"type": kind, **fields}).decode()
