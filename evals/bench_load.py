"""Load on a REST door: conversations side by side, each asking its next question when the last one is answered.

The client is aiohttp's, which takes a fifth of httpx' time a turn: it runs beside what it measures.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

import aiohttp
import httpx
import orjson

from bot.errors import Unavailable

WEBHOOK = "/webhooks/rest/webhook"
# Rasa's health check of the channel.
HEALTH = "/webhooks/rest/"
# The key that our service asks for (evals/bench_service.py sets its hash); Rasa's looks at none.
KEY = "a key for measuring on one machine"
# How long one answer may take, in seconds; longer counts as an error.
ANSWER_S = 60.0
# What customers ask, roughly in the mix of a shop: half facts, half wishes, orders and small talk. The digits that follow an
# order number prove that the order is theirs.
QUESTIONS = (
    "你好", "山脊冲锋衣防水吗", "多久发货", "羽绒服多少钱", "推荐一件200以内的防晒衣 不要白色", "满多少包邮",
    "查一下我的订单 SD2610000002", "0002", "七天无理由退货怎么退", "哪个耳机续航最久", "1号链接还有货吗", "谢谢",
    "hi there", "is the ridge shell jacket waterproof?", "when will my order ship?", "how much is the down jacket",
    "recommend a light jacket under 300", "how much is shipping?", "where is my order SD2610000004", "0104",
    "how do I return a dress that doesn't fit?", "what's the cheapest tent?", "can I pay with Alipay?", "thanks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One turn as its sender saw it: milliseconds until the whole answer was there, and what went wrong (empty: nothing)."""

    ms: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """What `senders` at once saw. Times (ms) and rate are of the turns that were answered; `errors` counts the others."""

    senders: int
    turns: int
    errors: Mapping[str, int]
    seconds: float
    p50_ms: float
    p99_ms: float
    turns_per_s: float


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that `percent` % of them do not exceed (nearest rank). There must be at least one."""
    rank = max(1, math.ceil(len(values) * percent / 100))
    return sorted(values)[rank - 1]


def shares(turns: int, senders: int) -> list[int]:
    """The turns of each sender: equal but for the rest."""
    whole, rest = divmod(turns, senders)
    return [whole + (number < rest) for number in range(senders)]


def script(sender: int, turns: int) -> list[str]:
    """The questions of one sender. Each starts at another one, so that they do not all ask the same at once."""
    return [QUESTIONS[(sender + turn) % len(QUESTIONS)] for turn in range(turns)]


def summarise(senders: int, answers: Sequence[Answer], seconds: float) -> Level:
    """The figures of one level. Raises Unavailable when not one turn was answered."""
    times = [answer.ms for answer in answers if not answer.error]
    errors = Counter(answer.error for answer in answers if answer.error)
    if not times:
        raise Unavailable(f"none of {len(answers)} messages was answered: {dict(errors)}")
    p50, p99 = (percentile(times, percent) for percent in (50, 99))
    return Level(senders, len(times), errors, seconds, p50, p99, len(times) / seconds)


def senders_at(url: str, senders: int = 1) -> aiohttp.ClientSession:
    """The connections of so many senders to the service at `url`."""
    connector = aiohttp.TCPConnector(limit=senders)
    headers = {"Authorization": f"Bearer {KEY}"}
    return aiohttp.ClientSession(url, connector=connector, timeout=aiohttp.ClientTimeout(total=ANSWER_S), headers=headers)


async def say(session: aiohttp.ClientSession, sender: str, text: str) -> Answer:
    """One turn. Another status than 200, a broken connection and an answer without a reply are errors."""
    started = time.perf_counter()
    try:
        async with session.post(WEBHOOK, json={"sender": sender, "message": text}) as response:
            body = await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return Answer(_ms_since(started), type(error).__name__)
    ms = _ms_since(started)
    if response.status != httpx.codes.OK:
        return Answer(ms, f"HTTP {response.status}")
    return Answer(ms, "" if orjson.loads(body) else "no reply")


async def load(url: str, senders: int, turns: int) -> Level:
    """Spread `turns` over `senders` that ask side by side, each in conversations of its own."""
    run = uuid4().hex[:8]
    async with senders_at(url, senders) as session:
        await asyncio.gather(*(_greet(session) for _ in range(senders)))  # customers' connections are open already
        started = time.perf_counter()
        conversations = [
            _converse(session, f"bench-{run}-{number}", script(number, share))
            for number, share in enumerate(shares(turns, senders))
        ]
        answers = await asyncio.gather(*conversations)
        seconds = time.perf_counter() - started
    return summarise(senders, [answer for conversation in answers for answer in conversation], seconds)


def door(url: str) -> httpx.AsyncClient:
    """A client of the service at `url`; proxies of the environment are not for this machine's own services."""
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.AsyncClient(base_url=url, timeout=ANSWER_S, trust_env=False, headers=headers)


async def _greet(session: aiohttp.ClientSession) -> None:
    async with session.get(HEALTH) as response:
        await response.read()


async def _converse(session: aiohttp.ClientSession, sender: str, texts: Sequence[str]) -> list[Answer]:
    """One question after the other; who has asked them all comes back as somebody new: no customer asks hundreds."""
    return [await say(session, f"{sender}-{number // len(QUESTIONS)}", text) for number, text in enumerate(texts)]


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
