"""The composition root: opens every room by the settings, wires them to the engine, and closes them in reverse.

settings -> store, shop, encoders, knowledge -> understanding, dialogue, responding -> engine -> doors
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import structlog

from actions.buying import Buying
from actions.cashier import ShopCashier, Till
from actions.codes import CodeSender, ConsoleSender, MailSender
from actions.declaration import load_declarations
from actions.declared import declared_verbs
from actions.identifiers import read_identifiers
from actions.numbers import ShopOrderNumbers
from actions.policy import load_policy
from actions.registry import VERBS, ShopActions, Verb
from actions.shop.importers.choosing import load_shop
from actions.shop.importers.folder import today_in
from actions.shop.importers.report import LoadReport as ShopReport
from actions.shop.opening import ShopSystem, open_shop_system
from actions.shop.rest import RestShop
from bot.bus import Bus, LocalBus
from bot.buying_parts import open_buying
from bot.channel import Expect, ServiceParts, Work
from bot.clock import SystemClock
from bot.desk import Alarms
from bot.dialogue.policy import load_dialogue
from bot.domain import DEFAULT as DEFAULT_PACK
from bot.domain import Domain, load_domain
from bot.engine import Engine, Rooms
from bot.limiting import CountedLimits
from bot.live import RoomEvents
from bot.locks import LocalLocks
from bot.outbox import Dispatcher
from bot.pack import IDENTIFIERS, LEXICON, NLU, POLICY, RESPONSES, SCENES, Pack, copy_pack
from bot.pack import VERBS as DECLARED
from bot.payments import PaymentProvider
from bot.ports import Clock, Encoder, Knowledge, LanguageModel, Locks, Receiver, Sender
from bot.product_models import ModelsReport, take_models
from bot.rasa import OwnActions
from bot.redis_bus import open_redis_bus
from bot.registered import enabled_channels, open_channels, registered_platforms
from bot.responding.responder import Responder
from bot.responding.templates import Templates
from bot.retention import Retention
from bot.scenes import read_scenes
from bot.senses import AnswerSenses
from bot.settings import CodeSettings, Settings
from bot.shows import Shows
from bot.signals import Signals
from bot.silence import SilenceWatch
from bot.stage import Stages
from bot.storage.advisory import AdvisoryLocks
from bot.storage.sole import form, sole_service
from bot.storage.sql import SqlStore
from bot.traces import is_unanswered
from bot.types import ConversationKey, Expectation, Gap, Language
from bot.understanding.cascade import Cascade, Trained
from bot.understanding.decisions import DECISIONS, load_or_train_decisions
from bot.understanding.model import load_or_train, model_folder, save
from bot.understanding.model import train as fit
from bot.understanding.naming import NAMES, load_or_train_names
from bot.understanding.rasa import RasaServer
from bot.understanding.training_data import load_training_data
from bot.waking import Waking
from knowledge.catalogue import ShopCatalogue
from knowledge.encoders import for_comments, for_documents, for_intents, load_encoder
from knowledge.finder import KnowledgeBase
from knowledge.gaps import gaps
from knowledge.index import LoadReport as DocumentReport
from knowledge.index import is_document
from knowledge.ingest.manifest import Calendar
from knowledge.lexicon.own_words import read_words
from knowledge.photos.opening import open_photos
from knowledge.photos.reader import CataloguePhotos, NoPhotos
from knowledge.recommend.recommender import ShopRecommender
from knowledge.reranking import load_reranker
from knowledge.rewriting import Rewriting
from knowledge.written import DocumentAnswers

if TYPE_CHECKING:  # the web framework loads with the door that needs it
    from fastapi import FastAPI

log = structlog.get_logger(__name__)

# How long requests that are under way may take when the service stops, in whole seconds.
STOP_S = 10

# Told what is being done, how much of it is done and how much there is (0: unknown).
Progress = Callable[[str, int, int], None]


def _quiet(doing: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class ShopParts:
    """The shop's side: its tables, and everything that is known of it. What `load` needs, and the service, too."""

    shop: ShopSystem
    encoder: Encoder
    knowledge: KnowledgeBase
    photos: CataloguePhotos | None
    catalogue: ShopCatalogue
    recommender: ShopRecommender
    numbers: ShopOrderNumbers


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load took and refused: rows of tables, documents, pictures (those refused with the reason), 3D models, and what
    the shop brings over the defaults (see `bot.pack`)."""

    shop: ShopReport
    documents: DocumentReport
    pictures: int
    bad_pictures: Mapping[str, str]
    models: ModelsReport
    pack: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether anything was."""
        return bool(self.shop.refused or self.documents.refused or self.bad_pictures or self.models.refused)


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that runs."""

    settings: Settings
    domain: Domain
    parts: ShopParts
    understanding: Cascade
    engine: Engine
    store: SqlStore
    dispatcher: Dispatcher
    app: FastAPI
    background: tuple[Work, ...]

    async def run(self, listening: socket.socket | None = None) -> None:
        """Take up what an earlier process left, then serve until stopped, on a socket that listens already where given.

        What works beside the doors never ends by itself: where it does, the service stops with its error. Raises
        BadSettings where another service runs on the same embedded database.
        """
        with sole_service(self.settings.storage.url):
            await self._run(listening)

    async def _run(self, listening: socket.socket | None) -> None:
        import uvicorn

        from bot.web_server import WebServer

        log.info("app.started", storage=form(self.settings.storage.url, self.settings.redis.url), pid=os.getpid())
        recovered = await self.engine.recover()
        if recovered:
            log.info("app.recovered", messages=recovered)
        web = self.settings.channels.web
        options: dict[str, Any] = {"log_config": None, "access_log": False, "ws": "websockets-sansio"}
        options["timeout_graceful_shutdown"] = STOP_S  # a request that waits for a dead database is not waited for
        server = WebServer(uvicorn.Config(self.app, web.host, web.port, **options))
        tasks = [asyncio.create_task(work()) for work in (self.dispatcher.run, *self.background)]

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("app.background_failed", error=str(error))
                server.should_exit = True

        for task in tasks:
            task.add_done_callback(ended)
        try:
            await server.serve(None if listening is None else [listening])
            await self.engine.stop()
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end


# ---------------------------------------------------------------- the shop's side


@asynccontextmanager
async def open_shop(
    settings: Settings, progress: Progress = _quiet, signals: Signals | None = None, clock: Clock | None = None
) -> AsyncIterator[ShopParts]:
    """Open the shop's tables, the encoders (built once) and the index. Raises BadSettings, BadDocument and Unavailable.

    Without `signals` recommendations know nothing of anybody but what the shop's books have. `clock` is for scenarios.
    """
    async with AsyncExitStack() as closing:
        declared = read_identifiers(settings.shop.pack_folder / IDENTIFIERS)
        shop = await open_shop_system(settings.shop.url, settings.shop.token.get_secret_value(), clock)
        closing.push_async_callback(shop.close)
        knowledge = settings.knowledge
        encoder = await load_encoder(
            knowledge.encoder, knowledge.models, progress=lambda step: progress(f"model: {step}", 0, 0)
        )
        pack = Pack(settings.shop.pack_folder)
        words = read_words(pack.own(LEXICON))
        policy = load_policy(pack.own(POLICY))
        catalogue = ShopCatalogue(shop, settings.live.default_room, words)
        recommender = ShopRecommender(shop, encoder, catalogue, signals)
        base = KnowledgeBase(
            shop,
            encoder,
            knowledge.index,
            catalogue=catalogue,
            recommender=recommender,
            default_room=settings.live.default_room,
            postage=policy.postage.postage() if policy.postage else None,
            chroma_url=knowledge.chroma_url,
            timezone=settings.shop.timezone,
            reranker=await load_reranker(knowledge.reranker),
            own=knowledge.written_folder,
        )
        photos = await open_photos(settings.photos.encoder, shop, settings.shop.pictures, knowledge.index, knowledge.models)
        numbers = ShopOrderNumbers(shop, declared)
        yield ShopParts(shop, encoder, base, photos, catalogue, recommender, numbers)


async def load(
    path: Path, parts: ShopParts, settings: Settings, *, replace: bool = False, progress: Progress = _quiet
) -> Loaded:
    """Load a shop: tables, pictures, 3D models, and documents where it has some. Raises BadDocument when it is none."""
    check_pack(path)  # what is wrong with it is said before anything is taken
    tables = await _load_tables(path, parts.shop, settings, replace=replace, progress=progress)
    pack = await asyncio.to_thread(copy_pack, path, settings.shop.pack_folder)
    pictures = await asyncio.to_thread(_copy_pictures, path / "pictures", settings.shop.pictures)
    bad: Mapping[str, str] = {}
    if parts.photos is not None:
        bad = (await parts.photos.refresh(lambda done, total: progress("pictures", done, total))).problems
    sold = await parts.shop.products()
    models = await asyncio.to_thread(take_models, path / "models", settings.shop.models_folder, sold)
    shift = timedelta(days=tables.shifted_days)
    kept = path / "documents"
    documents = await parts.knowledge.load(kept, progress, shift) if kept.is_dir() else DocumentReport((), 0, 0.0)
    return Loaded(tables, documents, pictures, bad, models, pack)


def check_pack(folder: Path) -> None:
    """Read everything that a shop brings over the defaults. Raises BadContent and BadDocument for the first wrong thing."""
    pack = Pack(folder)
    read_identifiers(folder / IDENTIFIERS)
    read_words(pack.own(LEXICON))
    load_policy(pack.own(POLICY))
    read_scenes(pack.layers(SCENES))
    load_training_data(*pack.layers(NLU))
    Templates(pack.layers(RESPONSES))
    load_dialogue(load_domain(pack), writing_actions(pack), pack)


async def watch_documents(
    path: Path, parts: ShopParts, shift: timedelta, progress: Progress = _quiet
) -> AsyncIterator[DocumentReport]:
    """Whenever the shop's documents or their manifest change: load them anew. The tables, which the shop lives by, stay."""
    from watchfiles import awatch

    documents, manifest = path / "documents", path / "documents.csv"

    def counts(change: object, changed: str) -> bool:
        file = Path(changed).resolve()
        return file == manifest.resolve() or (file.is_relative_to(documents.resolve()) and is_document(file.name))

    async for _ in awatch(path, watch_filter=counts):
        yield await parts.knowledge.load(documents, progress, shift)


async def _load_tables(path: Path, shop: ShopSystem, settings: Settings, *, replace: bool, progress: Progress) -> ShopReport:
    """The tables of a shop folder. A system of the merchant's own has its tables already."""
    if isinstance(shop, RestShop):
        return ShopReport()
    today = today_in(settings.shop.timezone, datetime.now(UTC))
    return await load_shop(path, shop, today, replace=replace, progress=lambda name: progress(f"table: {name}", 0, 0))


def _copy_pictures(source: Path, target: Path) -> int:
    """Make `target` hold the pictures of `source` and no others; a shop may have none. Returns how many there are."""
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, fresh)
    else:
        fresh.mkdir(parents=True)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return sum(1 for file in target.rglob("*") if file.is_file())


async def unanswered(settings: Settings, limit: int) -> list[Gap]:
    """What the last `limit` turns left unanswered, grouped by meaning, most often asked first."""
    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        turns = await store.last_turns(limit)
    finally:
        await store.close()
    encoder = await load_encoder(settings.knowledge.encoder, settings.knowledge.models)
    return await gaps([(t.message.text, t.replies[0].language) for t in turns if is_unanswered(t)], encoder)


async def train(settings: Settings, progress: Progress = _quiet) -> tuple[int, float]:
    """Train understanding anew. Returns the number of examples and the seconds it took."""
    data = load_training_data(*Pack(settings.shop.pack_folder).layers(NLU))
    encoder = for_intents(await load_encoder(settings.knowledge.encoder, settings.knowledge.models))
    started = time.perf_counter()
    classifiers = await fit(data, encoder, lambda done, total: progress("understanding", done, total))
    save(classifiers, model_folder(settings.knowledge.models, data, encoder.name))
    return len(data.examples), time.perf_counter() - started


# ---------------------------------------------------------------- the whole


@asynccontextmanager
async def open_service(
    settings: Settings,
    progress: Progress = _quiet,
    *,
    clock: Clock | None = None,
    has_desk: bool | None = None,
    codes: CodeSender | None = None,
    demo: bool = False,
) -> AsyncIterator[Service]:
    """Everything, opened and wired; closed in reverse. Raises BadSettings, BadContent and Unavailable.

    `clock`, `has_desk` and `codes` are for scenarios: another time than the present, agents without a platform of theirs,
    and codes that reach the one who plays the customer. `demo` opens the host's control and the doors for
    machines to everybody where only this machine reaches the service and no secret or key is given: behind a proxy
    everybody seems to come from this machine, so that no other service may go by it.
    """
    from channels.common.application import web_application
    from channels.common.keys import Keys
    from channels.common.metrics import Metrics

    channels = enabled_channels(settings.section)
    async with AsyncExitStack() as closing:
        clock = clock or SystemClock()
        store = await SqlStore.open(settings.storage.url, sealer=settings.sealer, clock=clock)
        closing.push_async_callback(store.close)
        bus = await _bus(settings, closing)
        parts = await closing.enter_async_context(open_shop(settings, progress, store.signals(), clock))
        if not settings.sealer.seals:
            log.warning("privacy.not_sealed", remedy="set STREAMDESK_DATA_KEYS; `streamdesk privacy key` makes a key")
        model = await _language_model(settings, closing)
        pack = Pack(settings.shop.pack_folder)
        domain = load_domain(pack)
        proofs_last = timedelta(minutes=settings.shop.proofs_minutes)
        dialogue = load_dialogue(domain, writing_actions(pack), pack, proofs_last)
        rasa = _rasa(settings, domain, closing)
        understanding = await _understanding(
            settings, parts, domain, dialogue.flows.triggers, progress, rasa=rasa, model=model
        )
        web = settings.channels.web
        trial = demo and is_local(web.host)
        selling = await closing.enter_async_context(open_buying(settings, store.purchases(), trial=trial))
        metrics, locks = Metrics(), _locks(settings, store, closing)
        senders: dict[str, Sender] = {}
        dispatcher = Dispatcher(store, senders, clock)
        waking = Waking(bus, dispatcher.ring)
        store.on_offer = waking.offered
        desk, expects = store.desk(), list[Expect]()
        silence = SilenceWatch(clock, timedelta(seconds=domain.slots["silence_timeout"].initial or 0))

        engine = Engine(
            Rooms(
                understanding=understanding,
                dialogue=dialogue,
                responding=_responder(settings, parts, model),
                knowledge=_knowledge(parts, model),
                recommender=parts.recommender,
                photo_reader=parts.photos or NoPhotos(),
                actions=_actions(settings, parts, store, codes, selling.buying),
                store=store,
                photos=store,
                locks=locks,
                clock=clock,
                signals=store.signals(),
            ),
            has_desk=any(channel.is_desk(section) for channel, section in channels) if has_desk is None else has_desk,
            sells=selling.buying is not None,
            on_commit=metrics.observe,
            on_pushed=silence.notice,
            on_outbox=lambda doors: dispatcher.ring(*doors),
            expectation=partial(_expectation, expects),
        )
        limits = CountedLimits(settings.limits.bounds, settings.limits.storage)
        closing.push_async_callback(limits.close)
        events, provider = RoomEvents(), selling.provider
        register = partial(_cashier, settings, parts, store, clock=clock, receiver=engine, events=events)
        cashier = register(provider) if provider is not None else None
        given = ServiceParts(
            receiver=engine,
            photos=store,
            bindings=store,
            clock=clock,
            understanding=understanding,
            senses=AnswerSenses(parts.knowledge, _responder(settings, parts, None)),
            encoder=parts.encoder,
            comments=for_comments(parts.encoder),
            shop=parts.shop,
            numbers=parts.numbers,
            documents=parts.knowledge.source,
            tickets=desk,
            accounts=desk,
            alarms=Alarms(),
            attempts=store,
            history=store.history,
            propose=engine.propose,
            traces=store.traces(),
            written=_written(settings, parts),
            loads=store.loads(),
            known_documents=parts.knowledge.documents,
            shows=Shows(),
            audit=store.audit(),
            turns=store.room_turns,
            gaps=partial(gaps, encoder=parts.encoder),
            memory=store.room_memory(),
            limits=limits,
            pictures=settings.shop.pictures,
            models=settings.shop.models_folder,
            public_url=web.public_url,
            zone=ZoneInfo(settings.shop.timezone),
            stages=Stages(),
            scenes=read_scenes(pack.layers(SCENES)),
            signals=store.signals(),
            events=events,
            bus=bus,
            room_leases=store.room_leases() if store.shared and settings.redis.url else None,
            cashier=cashier,
            sells=selling.buying is not None,
            trial=trial,
            platforms=registered_platforms(),
        )
        opened, brought = await open_channels(channels, given, closing)
        senders |= brought
        expects += [channel.expect for channel in opened if channel.expect is not None]
        checks = {"storage": store.check, "shop": parts.shop.check, "knowledge": parts.knowledge.open}
        app = web_application(opened, checks, metrics, Keys(web.integrations, is_open=trial))
        await parts.knowledge.open()
        await parts.numbers.refreshed()
        watching: tuple[Work, ...] = (
            parts.recommender.learn,
            parts.knowledge.warm,
            partial(silence.run, engine.accept),
            Retention(store.holdings(), locks, clock, settings.privacy.retention.periods).run,
            *((partial(engine.keep, senders), waking.run) if store.shared else ()),
        )
        background = (*watching, *(work for channel in opened for work in channel.work))
        yield Service(settings, domain, parts, understanding, engine, store, dispatcher, app, background)


async def _expectation(expects: Sequence[Expect], key: ConversationKey, language: Language) -> Expectation:
    """What the open desk says, where there is one that keeps a queue. The list is filled when the channels are open."""
    return await expects[0](key, language) if expects else Expectation()


@asynccontextmanager
async def open_actions(settings: Settings, progress: Progress = _quiet) -> AsyncIterator[FastAPI]:
    """The actions for a Rasa server, as an app of their own. Raises BadSettings, BadContent and Unavailable."""
    from actions.server import ActionServer, action_app

    async with AsyncExitStack() as closing:
        parts = await closing.enter_async_context(open_shop(settings, progress))
        store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
        closing.push_async_callback(store.close)
        selling = await closing.enter_async_context(open_buying(settings, store.purchases(), trial=False))
        model = await _language_model(settings, closing)
        responding = _responder(settings, parts, model)
        own = OwnActions(_knowledge(parts, model), parts.catalogue, parts.recommender, responding)
        await parts.knowledge.open()
        await parts.numbers.refreshed()
        shop = _actions(settings, parts, store, buying=selling.buying)
        server = ActionServer(shop, responding, SystemClock(), own.by_name(), shop.verbs)
        yield action_app(server, settings.actions.token.get_secret_value())


async def _understanding(
    settings: Settings,
    parts: ShopParts,
    domain: Domain,
    triggers: Mapping[str, str],
    progress: Progress,
    *,
    rasa: RasaServer | None,
    model: LanguageModel | None,
) -> Cascade:
    data = load_training_data(*Pack(settings.shop.pack_folder).layers(NLU))
    encoder = for_intents(parts.encoder)
    classifiers = await load_or_train(
        settings.knowledge.models, data, encoder, lambda done, total: progress("understanding", done, total)
    )
    zone = settings.shop.timezone
    return Cascade(
        Trained(
            data,
            classifiers,
            await load_or_train_decisions(settings.knowledge.models, DECISIONS, (parts.encoder, encoder)),
            await load_or_train_names(settings.knowledge.models, NAMES, DECISIONS),
        ),
        domain,
        triggers,
        encoder,
        parts.catalogue,
        numbers=parts.numbers,
        timezone=zone,
        rasa=rasa,
        model=model,
    )


def _rasa(settings: Settings, domain: Domain, closing: AsyncExitStack) -> RasaServer | None:
    if not settings.understanding.rasa_url:
        return None
    client = httpx.AsyncClient(base_url=settings.understanding.rasa_url)
    closing.push_async_callback(client.aclose)
    return RasaServer(client, domain.intents)


def _cashier(
    settings: Settings,
    parts: ShopParts,
    store: SqlStore,
    provider: PaymentProvider,
    *,
    clock: Clock,
    receiver: Receiver,
    events: RoomEvents,
) -> ShopCashier:
    """Our own checkout."""
    hold_for = timedelta(minutes=settings.buying.hold_minutes)
    url = settings.channels.web.public_url
    postage = parts.knowledge.postage
    return ShopCashier(Till(parts.shop, store.purchases(), provider, postage, clock, receiver, events, url, hold_for))


def _actions(
    settings: Settings,
    parts: ShopParts,
    store: SqlStore,
    codes: CodeSender | None = None,
    buying: Buying | None = None,
) -> ShopActions:
    return ShopActions(
        parts.shop,
        store,
        settings.shop.timezone,
        load_policy(Pack(settings.shop.pack_folder).own(POLICY)),
        codes=codes or _code_sender(settings.shop.codes),
        link_secret=settings.shop.link_secret.get_secret_value(),
        numbers=parts.numbers,
        verbs=verbs_of(Pack(settings.shop.pack_folder)),
        buying=buying,
    )


def _locks(settings: Settings, store: SqlStore, closing: AsyncExitStack) -> Locks:
    if not store.shared:
        return LocalLocks()
    locks = AdvisoryLocks.open(settings.storage.url)
    closing.push_async_callback(locks.close)
    return locks


async def _bus(settings: Settings, closing: AsyncExitStack) -> Bus:
    if not settings.redis.url:
        return LocalBus()
    return await closing.enter_async_context(open_redis_bus(settings.redis.url))


def _code_sender(codes: CodeSettings) -> CodeSender:
    if codes.sender == "console":
        return ConsoleSender()
    return MailSender(
        codes.host,
        codes.port,
        sender=codes.address,
        user=codes.user,
        password=codes.password.get_secret_value(),
        tls=codes.tls,
        timeout_s=codes.timeout_s,
    )


def verbs_of(pack: Pack) -> Mapping[str, Verb]:
    """Our verbs and those that a shop declares; one of the same name takes the place of ours. Raises BadContent."""
    return {**VERBS, **declared_verbs(load_declarations(pack.own(DECLARED)))}


def writing_actions(pack: Pack = DEFAULT_PACK) -> dict[str, str]:
    """The verbs that change something in the shop, each with the verb that tells what it would do. Raises BadContent."""
    return {name: verb.quote for name, verb in verbs_of(pack).items() if verb.quote}


def _written(settings: Settings, parts: ShopParts) -> DocumentAnswers:
    calendar = Calendar(ZoneInfo(settings.shop.timezone))
    return DocumentAnswers(settings.knowledge.written_folder, calendar, parts.knowledge.load_own)


def _knowledge(parts: ShopParts, model: LanguageModel | None) -> Knowledge:
    return Rewriting(parts.knowledge, model) if model else parts.knowledge


def _responder(settings: Settings, parts: ShopParts, model: LanguageModel | None) -> Responder:
    link = f"{settings.channels.web.public_url}/chat"
    zone = settings.shop.timezone
    return Responder(
        Pack(settings.shop.pack_folder).layers(RESPONSES),
        model,
        timezone=zone,
        link=link,
        numbers=parts.numbers,
        encoder=for_documents(parts.encoder),
    )


async def _language_model(settings: Settings, closing: AsyncExitStack) -> LanguageModel | None:
    if not settings.llm.model:
        return None
    from bot.llm import OpenAIModel

    llm = settings.llm
    model = OpenAIModel(
        llm.model,
        api_key=llm.api_key.get_secret_value(),
        base_url=llm.base_url,
        timeout_s=llm.timeout_s,
        retries=llm.retries,
        prompt_price=llm.prompt_price,
        completion_price=llm.completion_price,
    )
    closing.push_async_callback(model.close)
    return model


def is_local(host: str) -> bool:
    """Whether what listens there can only be reached from its own machine, be it through a proxy."""
    return host in ("127.0.0.1", "::1", "localhost")
