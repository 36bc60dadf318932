"""What a channel is to the service: how it declares itself, what it is given, and what it brings.

A package registers its `Channel` under the entry point group `streamdesk.channels` and is found there (`bot.registered`).
Our own are registered in the same way, in pyproject.toml. A complete small one is in docs/extending.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, SerializeAsAny, field_validator

from bot.audit import Audit
from bot.bus import Bus
from bot.commerce import Shop
from bot.desk import Accounts, Alarms, History, LoginAttempts, Propose, Tickets
from bot.loads import KnownDocuments, Loads
from bot.memory import RoomLeases, RoomMemory
from bot.ports import Bindings, Clock, Encoder, Limits, OrderNumbers, Photos, Receiver, Sender, Senses, Understanding
from bot.scenes import Scenes
from bot.shows import Shows
from bot.signals import Signals
from bot.stage import Stages
from bot.traces import Traces
from bot.types import ConversationKey, Expectation, Gap, Language, Turn
from bot.written import WrittenAnswers

if TYPE_CHECKING:  # only a channel with routes loads the web framework
    from fastapi import APIRouter
    from starlette.routing import BaseRoute

    from bot.live import LivePlatform, RoomEvents
    from bot.payments import Cashier

# How far a live room answers by itself; see channels/live/answers.py.
RoomMode = Literal["off", "suggest", "approve", "veto", "auto"]
# What goes on beside the doors until it is cancelled.
Work = Callable[[], Coroutine[Any, Any, None]]
# Raises when the part that it checks cannot do its work.
Check = Callable[[], Awaitable[object]]
# What the customer of a conversation in that language may expect of the desk.
Expect = Callable[[ConversationKey, Language], Awaitable[Expectation]]
# A document that answers cite, by its path: title, language, and its parts as (location, text). None where it is not public.
DocumentReader = Callable[[str], Awaitable[tuple[str, str, tuple[tuple[str, str], ...]] | None]]
# The turns of a channel's room between two times, both included, oldest first. Raises StorageUnavailable.
RoomTurns = Callable[[str, str, datetime, datetime], Awaitable[Sequence[Turn]]]
# Questions without an answer (text, language), grouped by meaning, most often asked first. Raises Unavailable.
GroupGaps = Callable[[Sequence[tuple[str, Language]]], Awaitable[Sequence[Gap]]]


class Section(BaseModel):
    """A section of config.yml: unknown keys are refused, every key has a default, and secrets are `SecretStr`."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


# What an API key may be for: messages of customers, /model/parse, /metrics, and the description of the API.
Scope = Literal["messages", "parse", "metrics", "docs"]


class Integration(Section):
    """A program that uses the doors for machines: the SHA-256 of its API key in hexadecimal, and what the key is for."""

    key_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scopes: tuple[Scope, ...] = ("messages",)

    @field_validator("scopes", mode="before")
    @classmethod
    def _separated(cls, scopes: object) -> object:
        return tuple(scopes.replace(",", " ").split()) if isinstance(scopes, str) else scopes  # as the environment has it


class Hint(Section):
    """What the widget says by itself: `zh` or `en`, `after_s` seconds on a page with a path like `path` (`*`: anything)."""

    zh: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]
    path: Annotated[str, Field(pattern=r"^[/*]", max_length=200)] = "*"
    after_s: Annotated[float, Field(ge=1, le=3600)] = 20


# A site as browsers name it (RFC 6454): no path, no wildcard, and without TLS only this machine.
Origin = Annotated[
    str, Field(pattern=r"^(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:\d{1,5})?$")
]


class WebSettings(Section):
    """Where the service listens. `public_url` is how the outside reaches it, for links in messages.

    `integrations` are the programs that may use the doors for machines, by name (docs/security.md). `embed_origins` are the
    sites whose pages may show the chat, and `hints` what the widget says there (docs/widget.md). `libraries` is the folder
    that `make pages` fills for pages in 3D (docs/models.md).
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str = "http://127.0.0.1:8000"
    integrations: Mapping[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")], Integration] = Field(default_factory=dict)
    embed_origins: tuple[Origin, ...] = ()
    hints: tuple[Hint, ...] = ()
    libraries: Path = Path("var/libraries")

    @field_validator("embed_origins", mode="before")
    @classmethod
    def _listed(cls, origins: object) -> object:
        return tuple(origins.replace(",", " ").split()) if isinstance(origins, str) else origins  # as the environment has it


class SourceSettings(Section):
    """What every entry of `live.sources` has: which platform, which room of ours, and how much may be told there.

    `name` tells sources of one platform apart; by default it is the platform's. `answers`: `own` tells the platform what
    its own viewers asked, `all` what anybody asked, `none` nothing. At most `answers_a_minute` lines go out, each of at most
    `characters`. A source that is connected and silent for `silent_s` is shown as silent.
    """

    source: str
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    room: Annotated[str, Field(min_length=1, max_length=60)] = "main"
    answers: Literal["own", "all", "none"] = "own"
    answers_a_minute: Annotated[int, Field(ge=1, le=600)] = 12
    characters: Annotated[int, Field(ge=20, le=2000)] = 100
    silent_s: Annotated[float, Field(ge=1)] = 120


class LiveSettings(Section):
    """Live rooms. `default_room` is the one whose links are meant where people write from no room, as in the chat page.

    `mode` is how far a room answers by itself, `modes` for single rooms; with veto, an answer can be stopped for `veto_s`.
    At most `answers_a_minute` public answers are told, `answer_cooldown_s` apart; up to `answers_waiting` others wait, each
    for at most `answer_patience_s`. What was told is put right for `correct_s` when the shop's tables change. Questions
    about `buying_topics`, intents of the bot, are answered first among equals. `sources` are rooms of other platforms
    (docs/live-sources.md). Who gives or buys there is thanked in `language`, at most once in `thanks_every_s`; 0: never.
    `faq_folder` is the shop's folder, into whose documents answers of a show are added (docs/live-reports.md).
    """

    default_room: str = "main"
    merge_window_s: Annotated[float, Field(ge=0)] = 20
    history: Annotated[int, Field(ge=0, le=1000)] = 50
    mode: RoomMode = "auto"
    modes: Mapping[str, RoomMode] = Field(default_factory=dict)
    veto_s: Annotated[float, Field(ge=1, le=120)] = 8
    answers_a_minute: Annotated[int, Field(ge=1, le=6000)] = 300
    answer_cooldown_s: Annotated[float, Field(ge=0, le=60)] = 0
    answer_patience_s: Annotated[float, Field(ge=1, le=600)] = 120
    correct_s: Annotated[float, Field(ge=0, le=3600)] = 300
    answers_waiting: Annotated[int, Field(ge=1, le=500)] = 60
    buying_topics: tuple[str, ...] = (
        "ask_price",
        "ask_stock",
        "ask_discount",
        "ask_coupon",
        "ask_size_advice",
        "ask_how_to_buy",
        "ask_link",
    )
    sources: tuple[SerializeAsAny[SourceSettings], ...] = ()
    thanks_every_s: Annotated[float, Field(ge=0, le=3600)] = 30
    language: Literal["zh", "en"] = "zh"
    faq_folder: Path | None = None
    host_secret: SecretStr = SecretStr("")


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What a channel may use of the service.

    `comments` is the encoder that tells to whom viewers speak. `pictures` is the folder with the shop's pictures, `models`
    that with its products in 3D, `public_url` where the outside reaches the service, `zone` where the shop is. `trial` says
    that this is the demo and only its own machine reaches it.
    For the desk: `tickets`, the staff's `accounts`, who else hears its `alarms`, their failed `attempts` to come in, the
    `history` of conversations, and what the bot would `propose`; for the console, the `traces` of turns and answers that
    were `written` there, the last `loads` of the shop's folder, the `known_documents` and the `shows`, filled by who opens
    rooms. `audit` keeps what was said in rooms, `turns` reads what was asked there, `gaps` groups what had no
    answer, `memory` keeps what rooms need after a restart. `limits` counts how much the doors take. `platforms` are those
    that rooms can be joined to, by name. `stages` are those of virtual hosts: who opens one puts it there, and rooms tell it
    what they were told. `scenes` are what products are shown in, `signals` what people agreed to have remembered. `events`
    bring to rooms what happens elsewhere, `bus` to processes what others say; `room_leases`: rooms are shared with other
    processes; `cashier` serves our own checkout, where there is one; `sells`: things can be bought.
    """

    receiver: Receiver
    photos: Photos
    bindings: Bindings
    clock: Clock
    understanding: Understanding
    senses: Senses
    encoder: Encoder
    comments: Encoder
    shop: Shop
    numbers: OrderNumbers
    documents: DocumentReader
    tickets: Tickets
    accounts: Accounts
    alarms: Alarms
    attempts: LoginAttempts
    history: History
    propose: Propose
    traces: Traces
    written: WrittenAnswers
    loads: Loads
    known_documents: KnownDocuments
    shows: Shows
    audit: Audit
    turns: RoomTurns
    gaps: GroupGaps
    memory: RoomMemory
    limits: Limits
    pictures: Path
    models: Path
    public_url: str
    zone: ZoneInfo
    stages: Stages
    scenes: Scenes
    signals: Signals
    events: RoomEvents
    bus: Bus
    room_leases: RoomLeases | None = None
    cashier: Cashier | None = None
    sells: bool = False
    trial: bool = False
    platforms: Mapping[str, LivePlatform[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number for Prometheus that is read when it is asked for. `name` goes without the prefix `streamdesk_`."""

    name: str
    meaning: str
    read: Callable[[], float]


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """What a channel brings when it is open. `DESK` (bot.types) among the `senders` is the desk of the agents.

    `routes` are served by the service's own web server: routers of FastAPI, and routes of Starlette, which come after all
    routers. `tags` introduce their groups on the page of the API. `work` runs while the service does; where it ends with
    an error, the service stops with it. `checks` count for /ready. `expect`, of a desk that keeps a queue, is what the
    engine tells those who wait.
    """

    senders: Mapping[str, Sender]
    routes: tuple[APIRouter | BaseRoute, ...] = ()
    tags: tuple[Mapping[str, str], ...] = ()
    work: tuple[Work, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    gauges: tuple[Gauge, ...] = ()
    expect: Expect | None = None


S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True, eq=False)
class Channel(Generic[S]):
    """A channel as it declares itself: light to import, and everything else loaded by `open`.

    `name` (small letters, digits, underscores) is that of its section `channels.NAME` and, as a rule, of its sender.
    `settings` validates the section; one with a field `enabled` is opened where that is true, others always. A desk whose
    `enabled` is None is opened where no other desk is switched on. Its fields of
    the type SecretStr come from the environment only, as STREAMDESK_NAME_FIELD. `open` gives what the channel brings and
    closes it again; it raises BadSettings for what will never work, and waits for no platform. `desk`: agents are there.
    `alone`: its platform is met by one process at a time, so that a service with several workers cannot open it.
    """

    name: str
    settings: type[S]
    open: Callable[[S, ServiceParts], AbstractAsyncContextManager[OpenChannel]]
    desk: bool = False
    alone: bool = False

    def is_desk(self, settings: Section) -> bool:
        """Whether agents answer there: one whose settings say `alerts_only` is told of alarms and answers nobody."""
        return self.desk and not getattr(settings, "alerts_only", False)
