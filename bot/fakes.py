"""Implementations of the ports for tests and trials: in memory, deterministic, and honest about failing when told to."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.audit import BEGINNING, AuditEntry, AuditRow, chained
from bot.buying import Attempt, Cart, Purchase
from bot.desk import EventKind, Staff, Ticket, TicketEvent, TicketState, Work
from bot.errors import BadInput, StreamdeskError, VersionConflict
from bot.loads import KEPT, Load, to_keep
from bot.ports import Loaded, everybody
from bot.proofs import at_rest
from bot.signals import MOST, Consent, Known, Signal
from bot.traces import Became, Talk, became, has_words
from bot.types import (
    Answer,
    AskKnowledge,
    Button,
    Call,
    Chunk,
    Command,
    ConversationKey,
    Delivery,
    Findings,
    InternalError,
    Language,
    Message,
    Need,
    Outcome,
    Parse,
    Passage,
    Photo,
    PhotoReading,
    Prompt,
    Question,
    Reply,
    Say,
    State,
    Step,
    ToCustomer,
    Turn,
)
from bot.values.identifiers import OrderForms, order_forms
from bot.written import WrittenAnswer

EPOCH = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """`Clock` that stands still until it is moved."""

    time: datetime = EPOCH

    def now(self) -> datetime:
        """Where the hands point."""
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        """Move on."""
        self.time += timedelta(seconds=seconds)


@dataclass(slots=True)
class FakeUnderstanding:
    """`Understanding` from a table of texts; anything else is a question for the documents."""

    table: dict[str, tuple[Command, ...]] = field(default_factory=dict)
    language: Language = Language.EN

    async def parse(self, message: Message, state: State) -> Parse:
        """The commands of the table, or AskKnowledge with the whole text."""
        commands = self.table.get(message.text, (AskKnowledge(message.text),))
        return Parse(self.language, commands, stage="fake")


@dataclass(slots=True)
class FakeDialogue:
    """`Dialogue` that answers every question and says nothing else; `script` overrides the steps of a turn."""

    script: Callable[[State, Sequence[Command] | None, Sequence[Outcome]], Step] | None = None

    def begin(self, state: State, commands: Sequence[Command], now: datetime) -> Step:
        """One Answer for each question, and a word where the turn failed."""
        if any(isinstance(command, InternalError) for command in commands):
            return Step(state, (Say("utter_internal_error"),), done=True)
        if self.script:
            return self.script(state, commands, ())
        answers = tuple(Answer(command.text) for command in commands if isinstance(command, AskKnowledge))
        return Step(state, answers, done=True)

    def resume(self, state: State, outcomes: Sequence[Outcome]) -> Step:
        """Nothing more, or what the script says."""
        if self.script:
            return self.script(state, None, outcomes)
        return Step(state, (), done=True)


class FakeResponding:
    """`Responding` that shows its inputs."""

    def say(self, say: Say, language: Language, state: State) -> Reply:
        """The response's name and arguments."""
        arguments = "".join(f" {name}={value}" for name, value in sorted(say.args.items()))
        buttons = tuple(Button(self.say(choice.title, language, state).text, choice.payload) for choice in say.choices)
        return Reply(f"{say.response}{arguments}", language=language, buttons=buttons)

    async def answer(self, question: Question, findings: Findings) -> tuple[Reply, ...]:
        """The passages' texts."""
        text = " ".join(passage.text for passage in findings.passages) or "utter_no_answer"
        return (Reply(text, cards=findings.cards, language=question.language),)

    def guard(self, reply: Reply, findings: Findings, state: State) -> Reply:
        """Everything may leave."""
        return reply


@dataclass(slots=True)
class FakeKnowledge:
    """`Knowledge` that finds one passage repeating the question. Raises `error` when set."""

    error: StreamdeskError | None = None

    async def find(self, question: Question) -> Findings:
        """A passage made of the question."""
        if self.error:
            raise self.error
        return Findings((Passage(f"answer to {question.text}", "fake.md", "Fake"),), confidence=1.0)


@dataclass(slots=True)
class FakeOrderNumbers:
    """`OrderNumbers` of one form: that of the demo shop, unless others are given."""

    forms: OrderForms = field(default_factory=lambda: order_forms([f"SD26100{n:05}" for n in range(9, 0, -1)]))

    async def refreshed(self, *, unknown: bool = False) -> OrderForms:
        """The forms that were given."""
        return self.forms


class FakeRecommender:
    """`Recommender` with nothing to sell."""

    async def recommend(self, need: Need) -> Findings:
        """No cards."""
        return Findings()

    async def why(self, need: Need, product_id: str) -> str:
        """Nothing is suggested."""
        return ""


class MemorySignals:
    """`Signals` in memory, passing the same contract suite as the SQL ones."""

    def __init__(self) -> None:
        self._consents: dict[str, Consent] = {}
        self._signals: dict[str, dict[tuple[str, str, str], Signal]] = {}

    async def known(self, person: str) -> Known:
        """What is kept of them."""
        kept = sorted(self._signals.get(person, {}).values(), key=lambda signal: signal.at)
        return Known(self._consents.get(person, Consent.UNASKED), tuple(kept[-MOST:]))

    async def note(self, person: str, signals: Sequence[Signal], source: str) -> int:
        """Keep them where that was agreed to."""
        if self._consents.get(person) is not Consent.GIVEN:
            return 0
        kept = self._signals.setdefault(person, {})
        before = len(kept)
        for one in signals:
            kept.setdefault((source, one.kind, one.product_id), one)
        return len(kept) - before

    async def decide(self, person: str, consent: Consent, at: datetime) -> None:
        """Keep what was said."""
        self._consents[person] = consent
        if consent is Consent.REFUSED:
            self._signals.pop(person, None)

    async def erase(self, persons: Collection[str]) -> Mapping[str, int]:
        """Delete everything."""
        gone = {"signals": 0, "consents": 0}
        for person in persons:
            gone["signals"] += len(self._signals.pop(person, {}))
            gone["consents"] += self._consents.pop(person, None) is not None
        return gone


class FakePhotoReader:
    """`PhotoReader` that sees nothing."""

    async def read(self, data: bytes, language: Language) -> PhotoReading:
        """No labels."""
        return PhotoReading()


@dataclass(slots=True)
class FakeActions:
    """`Actions` that count their effects: one a key, however often they run. `tokens` are the proofs that tokens give."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def names(self) -> Sequence[str]:
        """Whatever was given an outcome."""
        return tuple(self.outcomes)

    async def run(self, call: Call) -> Outcome:
        """The outcome given for this action, or plain success."""
        self.calls.append(call)
        self.effects.setdefault(call.idempotency_key, call.action)
        return self.outcomes.get(call.action, Outcome(call.action, ok=True))

    def identify(self, token: str, at: datetime) -> str | None:
        """The proof given for this token."""
        return self.tokens.get(token)


@dataclass(slots=True)
class ScriptedModel:
    """`LanguageModel` that answers from a script, in pieces, and keeps the prompts. An exception in the script is raised."""

    script: deque[str | Exception]
    prompts: list[Prompt] = field(default_factory=list)
    piece: int = 8

    @classmethod
    def of(cls, *answers: str | Exception) -> ScriptedModel:
        """A model that gives these answers, one a prompt."""
        return cls(deque(answers))

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        """The next answer of the script in pieces of `piece` characters, then the usage."""
        self.prompts.append(prompt)
        answer = self.script.popleft()
        if isinstance(answer, Exception):
            raise answer
        for start in range(0, len(answer), self.piece):
            yield Chunk(answer[start : start + self.piece])
        yield Chunk(prompt_tokens=len(prompt.system + prompt.user), completion_tokens=len(answer))


@dataclass(slots=True)
class FakeSender:
    """`Sender` that keeps what arrives, once a delivery id, as a receiver that knows repeats does."""

    arrived: dict[str, Delivery] = field(default_factory=dict)
    errors: deque[Exception] = field(default_factory=deque)
    attempts: int = 0

    async def send(self, delivery: Delivery) -> None:
        """Keep the delivery, or raise the next of `errors`."""
        self.attempts += 1
        if self.errors:
            raise self.errors.popleft()
        self.arrived.setdefault(delivery.id, delivery)


@dataclass(slots=True)
class _Waiting:
    delivery: Delivery
    due_at: datetime
    status: str = "pending"


@dataclass(slots=True)
class MemoryTraces:
    """`Traces` of turns in memory, by conversation and message. A conversation's name is its number."""

    kept: Mapping[ConversationKey, Mapping[str, Turn]]

    async def talks(
        self, *, words: str = "", came_to: Became | None = None, before: datetime | None = None, limit: int = 50
    ) -> list[Talk]:
        """Those that fit, newest first."""
        talks = [Talk(str(n), len(turns), [*turns.values()][-1]) for n, turns in enumerate(self.kept.values(), 1)]
        talks.sort(key=lambda talk: talk.last.message.sent_at, reverse=True)
        return [one for one in talks if self._fits(one, words, came_to, before)][:limit]

    def _fits(self, talk: Talk, words: str, came_to: Became | None, before: datetime | None) -> bool:
        turns = self.kept[talk.last.message.key].values()
        fits = any(has_words(turn, words) and came_to in (None, became(turn)) for turn in turns)
        return fits and (before is None or talk.last.message.sent_at < before)

    async def talk(self, name: str, limit: int = 200) -> list[Turn]:
        """The turns of one."""
        named = {str(n): list(turns.values()) for n, turns in enumerate(self.kept.values(), 1)}
        return named.get(name, [])[-limit:]

    async def unanswered(self, limit: int) -> list[Turn]:
        """Those that were."""
        turns = (turn for of_one in self.kept.values() for turn in of_one.values())
        return [turn for turn in turns if became(turn) is Became.UNANSWERED][-limit:]

    async def counted(self, since: datetime) -> dict[tuple[int, Became], int]:
        """By quarters of an hour."""
        turns = (turn for of_one in self.kept.values() for turn in of_one.values() if turn.message.sent_at >= since)
        return Counter((int(turn.message.sent_at.timestamp() // 900), became(turn)) for turn in turns)


@dataclass(slots=True)
class MemoryWritten:
    """`WrittenAnswers` that are no documents."""

    kept: dict[str, WrittenAnswer] = field(default_factory=dict)

    async def answers(self) -> list[WrittenAnswer]:
        """All, the newest first."""
        return list(reversed(self.kept.values()))

    async def write(self, answer: WrittenAnswer) -> WrittenAnswer:
        """Keep it as the newest."""
        if (answer.id and answer.id not in self.kept) or not answer.wordings:
            raise BadInput("it cannot be kept.", remedy="Write a new one.")
        named = replace(answer, id=answer.id or f"w{len(self.kept)}")
        self.kept.pop(named.id, None)
        self.kept[named.id] = named
        return named

    async def remove(self, name: str) -> bool:
        """Forget one."""
        return self.kept.pop(name, None) is not None


@dataclass(slots=True)
class MemoryLoads:
    """`Loads` in memory."""

    kept: list[Load] = field(default_factory=list)

    async def note(self, load: Load) -> None:
        """Keep it as the last."""
        self.kept = [to_keep(load), *self.kept][:KEPT]

    async def last(self) -> list[Load]:
        """The last one first."""
        return list(self.kept)


class MemoryStore:
    """`Store`, `Photos`, `Bindings` and failed attempts in memory, passing the same contract suite as the SQL ones."""

    def __init__(self) -> None:
        self._states: dict[ConversationKey, State] = {}
        self._turns: dict[ConversationKey, dict[str, Turn]] = {}
        self._inbox: dict[tuple[ConversationKey, str], Message] = {}
        self._outbox: dict[str, _Waiting] = {}
        self._photos: dict[str, bytes] = {}
        self._bindings: dict[tuple[str, str], ConversationKey] = {}
        self._failed: dict[int, tuple[str, datetime, str]] = {}
        self._marks = itertools.count(1)
        self._codes: dict[str, tuple[str, datetime, str]] = {}

    async def accept(self, message: Message) -> bool:
        slot = (message.key, message.id)
        if slot in self._inbox or message.id in self._turns.get(message.key, {}):
            return False
        self._inbox[slot] = message
        return True

    async def waiting(self) -> list[Message]:
        return list(self._inbox.values())

    async def earlier(self, message: Message) -> list[Message]:
        waiting = [kept for kept in self._inbox.values() if kept.key == message.key]
        ids = [kept.id for kept in waiting]
        return waiting[: ids.index(message.id)] if message.id in ids else waiting

    async def load(self, key: ConversationKey, message_id: str) -> Loaded:
        return Loaded(self._states.get(key, State(key)), self._turns.get(key, {}).get(message_id))

    async def commit(self, state: State, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        await asyncio.sleep(0)  # a real database lets others run, too
        stored = self._states.get(state.key, State(state.key))
        turns = self._turns.setdefault(state.key, {})
        if stored.version != state.version or turn.message.id in turns:
            raise VersionConflict(f"conversation {state.key} went on since version {state.version} was loaded")
        self._states[state.key] = replace(state, version=state.version + 1)
        turns[turn.message.id] = at_rest(turn)
        self._inbox.pop((state.key, turn.message.id), None)
        for delivery in deliveries:
            self._outbox[delivery.id] = _Waiting(delivery, EPOCH)

    async def history(self, key: ConversationKey, limit: int = 50) -> list[Turn]:
        return list(self._turns.get(key, {}).values())[-limit:]

    def traces(self) -> MemoryTraces:
        """The turns of all conversations."""
        return MemoryTraces(self._turns)

    async def renew(self, doors: Collection[str]) -> None:
        """Nobody else takes anything."""

    async def due(
        self,
        at: datetime,
        doors: Sequence[str],
        limit: int = 100,
        apart_from: Collection[ConversationKey] = (),
        is_near: Callable[[ConversationKey], bool] = everybody,
    ) -> list[Delivery]:
        blocked: set[tuple[str, ConversationKey]] = set()
        due: list[Delivery] = []
        for waiting in self._outbox.values():
            lane = (waiting.delivery.door, waiting.delivery.key)
            if waiting.status != "pending" or waiting.delivery.door not in doors or lane in blocked:
                continue
            if waiting.due_at > at:
                blocked.add(lane)
            elif waiting.delivery.key not in apart_from:
                due.append(waiting.delivery)
        return due[:limit]

    async def undelivered(self, key: ConversationKey) -> list[Delivery]:
        pending = (waiting.delivery for waiting in self._outbox.values() if waiting.status == "pending")
        return [delivery for delivery in pending if delivery.key == key and delivery.door == key.channel]

    async def delivered(self, ids: Sequence[str]) -> None:
        for name in ids:
            self._outbox[name].status = "delivered"

    async def postpone(self, delivery_id: str, until: datetime, reason: str) -> None:
        waiting = self._outbox[delivery_id]
        waiting.due_at = until
        waiting.delivery = replace(waiting.delivery, attempt=waiting.delivery.attempt + 1)

    async def abandon(self, delivery_id: str, reason: str, at: datetime) -> None:
        self._outbox[delivery_id].status = "abandoned"

    async def save(self, data: bytes, media_type: str) -> Photo:
        photo = Photo(hashlib.sha256(data).hexdigest(), media_type)
        self._photos[photo.digest] = data
        return photo

    async def read(self, photo: Photo) -> bytes:
        if photo.digest not in self._photos:
            raise BadInput(f"photo {photo.digest} is not kept here.", remedy="Send the picture again.")
        return self._photos[photo.digest]

    async def bind(self, platform: str, external: str, key: ConversationKey) -> None:
        self._bindings.pop((platform, external), None)
        self._bindings[platform, external] = key

    async def external(self, platform: str, key: ConversationKey) -> str | None:
        names = [name for (where, name), bound in self._bindings.items() if where == platform and bound == key]
        return names[-1] if names else None

    async def conversation(self, platform: str, external: str) -> ConversationKey | None:
        return self._bindings.get((platform, external))

    async def failed_attempts(self, subjects: Sequence[str], since: datetime) -> int:
        late = [failed for failed, at, _ in self._failed.values() if at >= since]
        return max(late.count(subject) for subject in subjects)

    async def note_failed_attempt(self, subjects: Sequence[str], at: datetime, by: str = "") -> Sequence[int]:
        noted = {next(self._marks): (subject, at, by) for subject in subjects}
        self._failed |= noted
        return tuple(noted)

    async def take_back(self, marks: Sequence[int]) -> None:
        for mark in marks:
            self._failed.pop(mark, None)

    async def forgive(self, by: str) -> None:
        self._failed = {mark: failed for mark, failed in self._failed.items() if failed[2] != by}

    async def codes_sent(self, order_id: str, since: datetime) -> int:
        return sum(1 for sent_for, at, _ in self._codes.values() if sent_for == order_id and at >= since)

    async def keep_code(self, digest: str, order_id: str, at: datetime) -> None:
        self._codes[digest] = (order_id, at, "")

    async def use_code(self, digest: str, since: datetime, use: str) -> bool:
        order_id, at, used_by = self._codes.get(digest, ("", datetime.min.replace(tzinfo=UTC), ""))
        if not order_id or at < since or used_by not in ("", use):
            return False
        self._codes[digest] = (order_id, at, use)
        return True


@dataclass(slots=True)
class FakeLimits:
    """`Limits` without any, but for the bounds in `waits`, which are used up: the seconds to wait, by name."""

    waits: dict[str, float] = field(default_factory=dict)
    used: list[tuple[str, str]] = field(default_factory=list)

    async def wait(self, bound: str, who: str) -> float:
        """Note who used what."""
        self.used.append((bound, who))
        return self.waits.get(bound, 0.0)


@dataclass(slots=True)
class FakeReceiver:
    """`Receiver` for the tests of channels: echoes, unless `reply` makes something else of a message."""

    reply: Callable[[Message], tuple[Reply, ...]] = lambda message: (Reply(f"echo: {message.text}"),)
    error: StreamdeskError | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)

    async def accept(self, message: Message) -> bool:
        """Keep the message; its replies wait in `waiting`."""
        if self.error:
            raise self.error
        new = message.id not in self.messages
        if new:
            self.messages[message.id] = message
            self.waiting.extend(self._deliveries(message))
        return new

    async def handle(self, message: Message) -> Turn:
        """The turn of this message, made once."""
        if self.error:
            raise self.error
        self.messages.setdefault(message.id, message)
        return self.turns.setdefault(message.id, Turn(message, None, replies=self.reply(message)))

    async def collect(self, key: ConversationKey) -> list[Delivery]:
        """What waits for `key`."""
        return [delivery for delivery in self.waiting if delivery.key == key]

    async def delivered(self, deliveries: Sequence[Delivery]) -> None:
        """Wait no longer."""
        self.waiting = [delivery for delivery in self.waiting if delivery not in deliveries]

    def _deliveries(self, message: Message) -> list[Delivery]:
        bodies = [ToCustomer(reply) for reply in self.reply(message)]
        return [Delivery(f"{message.key}/{message.id}/{n}", message.key, body) for n, body in enumerate(bodies)]


class MemoryRooms:
    """`RoomMemory` in memory. While `error` is set it takes and gives nothing."""

    def __init__(self) -> None:
        self.parts: dict[str, dict[str, str]] = {}
        self.error: StreamdeskError | None = None

    async def recall(self, room: str) -> Mapping[str, str]:
        """All parts of a room."""
        if self.error:
            raise self.error
        return dict(self.parts.get(room, {}))

    async def keep(self, room: str, parts: Mapping[str, str]) -> None:
        """Keep these parts."""
        if self.error:
            raise self.error
        self.parts.setdefault(room, {}).update(parts)


class MemoryAudit:
    """`Audit` in memory. While `error` is set it takes nothing."""

    def __init__(self) -> None:
        self.entries: dict[str, list[AuditEntry]] = {}
        self.error: StreamdeskError | None = None

    async def append(self, room: str, entries: Sequence[AuditEntry]) -> None:
        """Keep these."""
        if self.error:
            raise self.error
        self.entries.setdefault(room, []).extend(entries)

    async def rows(self) -> AsyncIterator[AuditRow]:
        """Every row, each after the one before."""
        for room, entries in self.entries.items():
            previous = BEGINNING
            for entry in entries:
                text = json.dumps(asdict(entry), ensure_ascii=False, default=str)
                yield AuditRow(room, previous, digest := chained(previous, text), text)
                previous = digest


class MemoryDesk:
    """`Tickets` and `Accounts` in memory, passing the same contract suite as the SQL one."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._events: dict[str, TicketEvent] = {}
        self._staff: dict[str, Staff] = {}
        self._sessions: dict[str, tuple[str, datetime]] = {}

    async def ticket(self, name: str) -> Ticket | None:
        return self._tickets.get(name)

    async def save(self, ticket: Ticket, event: TicketEvent) -> bool:
        await asyncio.sleep(0)  # a real database lets others run, too
        if event.id in self._events:
            return False
        stored = self._tickets.get(ticket.id)
        if (stored.version if stored else 0) != ticket.version:
            raise VersionConflict(f"ticket {ticket.id} went on since version {ticket.version} was loaded")
        self._tickets[ticket.id] = replace(ticket, version=ticket.version + 1)
        self._events[event.id] = event
        return True

    async def tickets(
        self, states: Sequence[TicketState], *, assignee: str = "", words: str = "", limit: int = 200
    ) -> list[Ticket]:
        fitting = [
            ticket
            for ticket in self._tickets.values()
            if ticket.state in states and (not assignee or ticket.assignee == assignee) and self._has(ticket, words)
        ]
        return sorted(fitting, key=lambda ticket: (-ticket.last_at.timestamp(), ticket.id))[:limit]

    def _has(self, ticket: Ticket, words: str) -> bool:
        events = self._events.values()
        notes = (event.text for event in events if event.ticket == ticket.id and event.kind is EventKind.NOTE)
        texts = (ticket.customer, ticket.last_words, ticket.reason, *ticket.tags, *notes)
        return any(words.lower() in text.lower() for text in texts)

    async def count(self, states: Sequence[TicketState], *, assignee: str = "", unread: bool = False) -> int:
        found = await self.tickets(states, assignee=assignee, limit=len(self._tickets))
        return sum(1 for ticket in found if ticket.unread or not unread)

    async def waiting_before(self, at: datetime) -> int:
        return sum(one.state is TicketState.WAITING and one.opened_at < at for one in self._tickets.values())

    async def events(self, name: str) -> list[TicketEvent]:
        return [event for event in self._events.values() if event.ticket == name]

    async def happened(self, kinds: Sequence[EventKind], since: datetime) -> list[TicketEvent]:
        return [event for event in self._events.values() if event.kind in kinds and event.at >= since]

    async def staff(self) -> list[Staff]:
        return [self._staff[name] for name in sorted(self._staff)]

    async def member(self, name: str) -> Staff | None:
        return self._staff.get(name)

    async def put_member(self, member: Staff) -> None:
        self._staff[member.name] = member
        self._end_sessions(member.name)

    async def set_work(self, name: str, work: Work) -> bool:
        if name in self._staff:
            self._staff[name] = replace(self._staff[name], work=work)
        return name in self._staff

    async def remove_member(self, name: str) -> bool:
        self._end_sessions(name)
        return self._staff.pop(name, None) is not None

    def _end_sessions(self, name: str) -> None:
        self._sessions = {digest: held for digest, held in self._sessions.items() if held[0] != name}

    async def open_session(self, digest: str, name: str, until: datetime) -> None:
        self._sessions[digest] = (name, until)

    async def session(self, digest: str, now: datetime) -> Staff | None:
        name, until = self._sessions.get(digest, ("", now))
        return self._staff.get(name) if until > now else None

    async def close_session(self, digest: str) -> None:
        self._sessions.pop(digest, None)


class MemoryPurchases:
    """`Purchases` in memory, passing the same contract suite as the SQL one."""

    def __init__(self) -> None:
        self._carts: dict[ConversationKey, Cart] = {}
        self._by_source: dict[str, Purchase] = {}
        self._by_token: dict[str, Purchase] = {}

    async def cart(self, key: ConversationKey) -> Cart:
        return self._carts.get(key, Cart())

    async def keep_cart(self, key: ConversationKey, cart: Cart) -> None:
        self._carts[key] = cart

    async def begin(self, purchase: Purchase, source: str) -> Purchase:
        kept = self._by_source.setdefault(source, purchase)
        return self._by_token.setdefault(kept.token, kept)

    async def find(self, token: str) -> Purchase | None:
        return self._by_token.get(token)

    async def add_attempt(self, token: str, attempt: Attempt, held_until: datetime) -> None:
        self._by_token[token] = replace(self._by_token[token].with_attempt(attempt), held_until=held_until)

    async def settle(self, token: str, order_id: str) -> None:
        purchase = self._by_token[token]
        if not purchase.order_id and not purchase.refused:
            self._by_token[token] = replace(purchase, order_id=order_id, refused=not order_id)
