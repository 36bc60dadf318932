"""The only orchestrator: one path for every message of every channel.

    accept or handle -> lock -> load -> understand -> decide <-> act -> respond -> guard -> commit -> outbox

Nothing leaves before the commit, and everything before it can be repeated: a process that dies anywhere on the path leaves
either the message in the inbox (or with its sender) or the whole turn in the database. Actions of the shop carry an
idempotency key made from the message's id, so that taking a turn again changes nothing twice.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog

from bot import rating, suggestions
from bot.backoff import backoff
from bot.choices import chosen, is_payload
from bot.errors import BadPhoto, StorageUnavailable, StreamdeskError, Unavailable, VersionConflict
from bot.ports import (
    Actions,
    Clock,
    Dialogue,
    Knowledge,
    Loaded,
    Locks,
    PhotoReader,
    Photos,
    Recommender,
    Responding,
    Store,
    Understanding,
)
from bot.signals import Consent, Signals, noticed, person_of
from bot.turn import (
    Draft,
    counts,
    customer_id,
    deliveries,
    expecting,
    identified,
    logged_out,
    next_state,
    record,
    still_open,
)
from bot.types import (
    Answer,
    Ask,
    AskKnowledge,
    Audience,
    Author,
    Call,
    CancelFlow,
    Command,
    ConversationKey,
    Decision,
    Delivery,
    Do,
    Escalate,
    Exchange,
    Expectation,
    Feedback,
    Findings,
    Forward,
    HandOff,
    InternalError,
    Language,
    LogOut,
    Message,
    Mode,
    Need,
    Outcome,
    Parse,
    PhotoReading,
    Question,
    ReadPhoto,
    Recommend,
    Reply,
    RequestHuman,
    Say,
    Search,
    Silence,
    State,
    ToDesk,
    Turn,
    Verdict,
)
from bot.waiting import comes_within

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Rounds of deciding and acting in one turn. A flow that needs more is going in circles.
MAX_ROUNDS = 12
# Attempts at a turn when another process commits the same conversation first.
MAX_CONFLICTS = 5
# Wait before an accepted message is tried again, in seconds: the first while the database does not answer, and doubling up
# to the last where something failed that should not.
RETRY_S = 1.0
LAST_RETRY_S = 300.0
# How often leases are renewed, in seconds; they last three times as long (bot/storage/leases.py).
RENEW_S = 2.0
# How long accepted messages may take to be handled when the service stops, in seconds.
STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything that the engine calls."""

    understanding: Understanding
    dialogue: Dialogue
    responding: Responding
    knowledge: Knowledge
    recommender: Recommender
    photo_reader: PhotoReader
    actions: Actions
    store: Store
    photos: Photos
    locks: Locks
    clock: Clock
    signals: Signals


async def _nothing_known(key: ConversationKey, language: Language) -> Expectation:
    """What a desk that keeps no queue says of it."""
    return Expectation()


class Engine:
    """Takes messages and makes turns of them."""

    def __init__(
        self,
        rooms: Rooms,
        *,
        has_desk: bool,
        sells: bool = False,
        on_commit: Callable[[Turn], None] = lambda turn: None,
        on_pushed: Callable[[Turn], None] = lambda turn: None,
        on_outbox: Callable[[Collection[str]], None] = lambda doors: None,
        expectation: Callable[[ConversationKey, Language], Awaitable[Expectation]] = _nothing_known,
    ) -> None:
        """`has_desk`: there are agents to hand over to; `expectation` is what they say to one who waits. `sells`: things can
        be bought here.

        `on_commit` is called after each turn is safe, `on_pushed` also where its replies reach the customer without being
        asked for, `on_outbox` with the doors that have to deliver some of it.
        """
        self._rooms = rooms
        self._has_desk = has_desk
        self._sells = sells
        self._on_commit = on_commit
        self._on_pushed = on_pushed
        self._on_outbox = on_outbox
        self._expectation = expectation
        self._at_work: set[asyncio.Task[Any]] = set()
        self._stopping = asyncio.Event()

    # ------------------------------------------------------------ the doors' side

    async def accept(self, message: Message) -> bool:
        """Keep a message durably and handle it in the background. False when it is a repeat.

        A door that goes away meanwhile does not come between the two: what is kept is handled.
        """
        return await asyncio.shield(self._at(self._accept(message)))

    async def _accept(self, message: Message) -> bool:
        accepted = await self._rooms.store.accept(message)
        if accepted:
            self._start(message)
        return accepted

    async def recover(self) -> int:
        """Take up the messages that a process which is gone accepted and did not finish. Returns how many."""
        waiting = await self._rooms.store.waiting()
        for message in waiting:
            self._start(message)
        return len(waiting)

    async def keep(self, doors: Collection[str]) -> None:
        """Keep what this process works on, and take up what others left, until cancelled. For stores that several share.

        `doors` are those that this process serves; what is for others goes to who serves them.
        """
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self._rooms.store.renew(doors)
                if taken := await self.recover():
                    log.info("engine.taken_over", messages=taken)
            except StorageUnavailable as error:
                log.warning("engine.storage_unavailable", error=str(error))

    async def drain(self) -> None:
        """Wait until every accepted message is handled."""
        while self._at_work:
            await asyncio.wait(self._at_work)

    async def stop(self) -> None:
        """Finish the accepted messages that STOP_S is enough for. The inbox keeps the others for the next process."""
        self._stopping.set()
        if not self._at_work:
            return
        _, left = await asyncio.wait(self._at_work, timeout=STOP_S)
        for task in left:
            task.cancel()
        if left:
            log.warning("engine.left_for_the_next_process", messages=len(left))

    async def handle(self, message: Message) -> Turn:
        """Handle a message for a door that answers in the same request. A repeat returns the turn made before."""
        return await self._take(message, push=False)

    async def propose(self, message: Message) -> Turn:
        """What the bot would make of a message if it had the conversation. Nothing is done, kept or sent.

        It ends before the first action, hand-off or word on what is remembered: that is then the last of the turn's
        decisions, and what comes after it depends on its outcome. Raises Unavailable.
        """
        loaded = await self._rooms.store.load(message.key, message.id)
        draft = Draft(message, replace(loaded.state, mode=Mode.BOT))
        parse = await self._understand(draft)
        step = self._rooms.dialogue.begin(draft.state, parse.commands, self._rooms.clock.now())
        draft.state = step.state
        for decision in step.decisions:
            if isinstance(decision, Do | Escalate | Feedback):
                draft.decisions.append(decision)
                break
            await self._carry_out(draft, [decision])
        return record(draft)

    async def collect(self, key: ConversationKey) -> list[Delivery]:
        """What waits for this customer, oldest first."""
        return await self._rooms.store.undelivered(key)

    async def delivered(self, deliveries: Sequence[Delivery]) -> None:
        """What `collect` gave has been handed over."""
        await self._rooms.store.delivered([delivery.id for delivery in deliveries])

    def _start(self, message: Message) -> None:
        self._at(self._work(message))

    def _at(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that is finished before the engine stops."""
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._worked)
        return task

    def _worked(self, task: asyncio.Task[Any]) -> None:
        self._at_work.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it has it; a door that went away does not

    async def _work(self, message: Message) -> None:
        for failures in itertools.count(1):
            try:
                await self._take(message, push=True)
            except StorageUnavailable as error:
                log.warning("engine.storage_unavailable", message=message.id, error=str(error))
                wait = RETRY_S
            except Exception:  # whatever it is, the customer must not wait for the next start of the service
                log.exception("engine.not_handled", message=message.id, failures=failures)
                wait = backoff(failures, RETRY_S, LAST_RETRY_S)
            else:
                return
            if await comes_within(self._stopping, wait):
                return

    # ------------------------------------------------------------ one turn

    async def _take(self, message: Message, *, push: bool) -> Turn:
        async with self._rooms.locks.hold(message.key):
            loaded = await self._rooms.store.load(message.key, message.id)
            if loaded.behind:
                await self._catch_up(message)
                loaded = await self._rooms.store.load(message.key, message.id)
            return await self._take_held(message, loaded, push=push)

    async def _catch_up(self, message: Message) -> None:
        """Take what was accepted before `message`: who holds a conversation goes on with its oldest, whoever accepted it."""
        for earlier in await self._rooms.store.earlier(message):
            try:
                await self._take_held(earlier, await self._rooms.store.load(earlier.key, earlier.id), push=True)
            except StorageUnavailable:
                raise
            except Exception:  # who accepted it tries again; it holds up nobody until then
                log.exception("engine.not_handled", message=earlier.id)

    async def _take_held(self, message: Message, loaded: Loaded, *, push: bool) -> Turn:
        for _ in range(MAX_CONFLICTS):
            if loaded.turn is not None:
                return loaded.turn
            draft = await self._turn(message, loaded.state)
            turn = record(draft)
            sent = deliveries(draft, push)
            await self._notice(draft, turn)
            try:
                await self._rooms.store.commit(next_state(draft, loaded.state.version), turn, sent)
            except VersionConflict:
                loaded = await self._rooms.store.load(message.key, message.id)
                continue
            if sent:
                self._on_outbox({delivery.door for delivery in sent})
            self._on_commit(turn)
            if push:
                self._on_pushed(turn)
            return turn
        raise StorageUnavailable(f"conversation {message.key} is written by others without pause; send the message again")

    async def _notice(self, draft: Draft, turn: Turn) -> None:
        """Keep what of the turn speaks for the person's taste, where they agreed. The same turn again adds nothing."""
        if found := noticed(turn):
            await self._rooms.signals.note(self._person(draft), found, f"{turn.message.key}/{turn.message.id}")

    async def _turn(self, message: Message, state: State) -> Draft:
        draft = Draft(message, state)
        started = time.perf_counter()
        try:
            match message.author:
                case Author.AGENT:
                    self._agent_turn(draft)
                case Author.CLOCK:
                    await self._silent_turn(draft)
                case Author.SHOP:
                    self._shop_turn(draft)
                case Author.CUSTOMER:
                    await self._customer_turn(draft)
        except StorageUnavailable:
            raise  # nothing can be committed either: the message stays where it is safe
        except Exception as error:  # the customer gets an answer whatever happens; the turn keeps what went wrong
            log.exception("engine.turn_failed", conversation=str(message.key), message=message.id)
            reason = "unavailable" if isinstance(error, Unavailable) and not draft.outcomes else ""
            draft = Draft(
                message, state, draft.parse, draft.decisions, draft.passages, draft.outcomes, timings=draft.timings
            )
            draft.error = str(error) if isinstance(error, StreamdeskError) else f"{type(error).__name__}: {error}"
            if message.author is Author.CUSTOMER:
                await self._decide_and_act(draft, (InternalError(reason),))
            elif message.text and message.author is Author.AGENT:  # what a colleague wrote arrives all the same
                draft.replies.append(Reply(message.text, language=state.language, agent=message.author_name))
        draft.timings["total"] = _ms(started)
        return draft

    def _agent_turn(self, draft: Draft) -> None:
        """An agent's words go to the customer as they are; the bot neither reads nor answers them."""
        message = draft.message
        if message.hand_back:
            if draft.state.mode is not Mode.BOT:  # two agents may give it back; the customer has gone on since the first
                draft.state = replace(draft.state, stack=())
                self._back_to_bot(draft)
                if message.rate:
                    self._utter(draft, rating.asking(message.rate))
            return
        if draft.state.mode is not Mode.HUMAN:
            draft.state = replace(draft.state, mode=Mode.HUMAN)
            self._utter(draft, Say("utter_hand_off_joined", {"agent": message.author_name}))
        draft.replies.append(Reply(message.text, language=draft.state.language, agent=message.author_name))

    def _shop_turn(self, draft: Draft) -> None:
        """The shop has a word for the customer, whoever has the conversation; what is under way stays as it is."""
        if draft.message.say is not None:
            self._utter(draft, draft.message.say)

    async def _customer_turn(self, draft: Draft) -> None:
        message = draft.message
        if self._rated(draft):
            return
        if draft.state.mode is Mode.HUMAN:
            draft.to_desk.append(ToDesk(forward=Forward(message.text, message.photos)))
            return
        token = message.context.customer_token if counts(draft.state, message.context.customer_token) else None
        if token:
            draft.proof = self._rooms.actions.identify(token, self._rooms.clock.now())
            draft.state = identified(draft.state, draft.proof)
        login_ended = bool(token) and draft.proof is None
        slots = {**draft.state.slots, "audience": message.context.audience.value, "login_ended": login_ended}
        draft.state = replace(draft.state, slots=slots)
        parse = await self._understand(draft)
        if any(isinstance(command, LogOut) for command in parse.commands):
            draft.proof, draft.state = None, logged_out(draft.state, token)
        if draft.state.mode is Mode.QUEUED:
            await self._queued_turn(draft, parse)
            return
        await self._decide_and_act(draft, parse.commands)

    def _rated(self, draft: Draft) -> bool:
        """Take a rating or its comment, whoever has the conversation; it asks for nobody and opens nothing."""
        found = rating.rated(chosen(draft.message.text, draft.state), draft.state)
        if found is None:
            draft.state = rating.gone_on(draft.state)
            return False
        draft.state = replace(draft.state, slots=found.slots)
        if found.rating is not None:
            draft.to_desk.append(ToDesk(rating=found.rating, language=draft.state.language))
        self._utter(draft, found.say)
        return True

    async def _silent_turn(self, draft: Draft) -> None:
        """Nobody wrote. It counts only where the bot has the conversation and nothing came since the clock was set."""
        if draft.state.mode is Mode.BOT and draft.state.last_seen == draft.message.sent_at:
            await self._decide_and_act(draft, (Silence(),))

    async def _queued_turn(self, draft: Draft, parse: Parse) -> None:
        """While nobody has taken the conversation yet, messages wait at the desk; the customer may have the bot back."""
        draft.to_desk.append(ToDesk(forward=Forward(draft.message.text, draft.message.photos)))
        if any(isinstance(command, CancelFlow) for command in parse.commands):
            self._back_to_bot(draft)
            await self._decide_and_act(draft, ())  # back to the question that was open
        elif any(isinstance(command, RequestHuman) for command in parse.commands):
            await self._tell_waiting(draft, Say("utter_hand_off_waiting"))
        else:
            self._utter(draft, Say("utter_hand_off_waiting"))

    def _back_to_bot(self, draft: Draft) -> None:
        draft.state = replace(draft.state, mode=Mode.BOT)
        draft.to_desk.append(ToDesk(handed_back=True, language=draft.state.language))
        self._utter(draft, Say("utter_hand_off_back"))

    async def _understand(self, draft: Draft) -> Parse:
        started = time.perf_counter()
        message = replace(draft.message, text=chosen(draft.message.text, draft.state))
        parse = await self._rooms.understanding.parse(message, draft.state)
        language = draft.state.language if is_payload(message.text, draft.state) else parse.language
        slots = {**draft.state.slots, "language": language.value}
        draft.state = replace(draft.state, language=language, slots=slots)
        draft.parse = parse
        draft.open_slot = draft.state.open_slot or ""
        draft.timings["understand"] = _ms(started)
        return parse

    async def _decide_and_act(self, draft: Draft, commands: Sequence[Command]) -> None:
        started = time.perf_counter()
        step = self._rooms.dialogue.begin(draft.state, commands, self._rooms.clock.now())
        for _ in range(MAX_ROUNDS):
            draft.state = identified(step.state, draft.proof)  # a session that ended took the proofs with it
            draft.timings["decide"] = draft.timings.get("decide", 0.0) + _ms(started)
            outcomes = await self._carry_out(draft, step.decisions)
            if step.done:
                return
            started = time.perf_counter()
            step = self._rooms.dialogue.resume(draft.state, outcomes)
        raise StreamdeskError(f"the dialogue did not come to an end within {MAX_ROUNDS} rounds")

    async def _carry_out(self, draft: Draft, decisions: Sequence[Decision]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for decision in decisions:
            started = time.perf_counter()
            draft.decisions.append(decision)
            match decision:
                case Say():
                    self._utter(draft, decision)
                case Ask():
                    self._utter(draft, Say(decision.response, decision.args))
                case Do():
                    outcomes.append(await self._do(draft, decision))
                case Answer():
                    await self._answer(draft, decision)
                case Recommend():
                    await self._recommend(draft, decision)
                case Feedback():
                    await self._take_feedback(draft, decision)
                case ReadPhoto():
                    await self._read_photo(draft, decision)
                case Escalate():
                    await self._escalate(draft, decision)
            draft.timings[decision.kind] = draft.timings.get(decision.kind, 0.0) + _ms(started)
        return outcomes

    # ------------------------------------------------------------ carrying out

    def _utter(self, draft: Draft, say: Say) -> None:
        self._reply(draft, self._rooms.responding.say(say, draft.state.language, draft.state), Findings())

    def _reply(self, draft: Draft, reply: Reply, findings: Findings) -> None:
        if not draft.message.context.addressed and (reply.aside or not reply.citations):
            return
        audience = Audience.PRIVATE if reply.aside else draft.message.context.audience
        addressed = replace(reply, audience=audience)
        draft.replies.append(self._rooms.responding.guard(addressed, findings, draft.state))

    async def _do(self, draft: Draft, decision: Do) -> Outcome:
        message = draft.message
        outcome = await self._rooms.actions.run(
            Call(
                action=decision.action,
                arguments=decision.arguments,
                key=message.key,
                language=draft.state.language,
                audience=message.context.audience,
                idempotency_key=f"{message.key}/{message.id}/{len(draft.outcomes)}",
                at=self._rooms.clock.now(),
                verified=draft.state.verified,
                customer_token=message.context.customer_token,
                origin=message.context.origin,
            )
        )
        draft.outcomes.append(outcome)
        evidence = Findings(cards=outcome.cards)
        for number, say in enumerate(outcome.say):
            reply = self._rooms.responding.say(say, draft.state.language, draft.state)
            cards = outcome.cards if number == len(outcome.say) - 1 else ()
            self._reply(draft, replace(reply, cards=reply.cards + cards), evidence)
        return outcome

    async def _answer(self, draft: Draft, decision: Answer) -> None:
        question = self._question(draft, decision)
        findings = await self._rooms.knowledge.find(question)
        draft.asked.append((decision.text, findings.passages[:1]))
        draft.passages.extend(findings.passages)
        suggests = suggestions.is_suggestion(findings)
        if suggests:
            draft.state = replace(draft.state, search=suggestions.begun(draft.state.search, decision.text))
        for reply in await self._rooms.responding.answer(question, findings):
            if not decision.besides or (reply.citations and not reply.aside):
                self._reply(draft, await self._answerable(draft, reply, findings) if suggests else reply, findings)
        if suggests:
            draft.state = replace(draft.state, search=suggestions.with_seen(draft.state.search, findings))
        draft.product_ids.extend(findings.product_ids)
        draft.about = (findings.about, findings.topic)

    def _question(self, draft: Draft, decision: Answer) -> Question:
        message = draft.message
        return Question(
            text=decision.text,
            language=draft.state.language,
            topic=decision.topic,
            likely=_intents_of(draft.parse),
            product_ids=decision.product_ids,
            intents=decision.intents,
            before=" ".join(text for text, _ in draft.asked),
            told=tuple(passage for _, best in draft.asked for passage in best),
            on_screen=message.context.on_screen,
            room=message.key.room,
            asked_at=message.sent_at,
            recent=draft.state.recent,
            entities=draft.parse.entities if draft.parse else (),
            customer_id=customer_id(draft),
            open_slot=still_open(draft),
            person=self._person(draft),
            search=Search(rejected=draft.state.search.rejected),
        )

    async def _recommend(self, draft: Draft, decision: Recommend) -> None:
        """Begin a search, or go on with the one that what is said criticises."""
        search = suggestions.gone_on(draft.state.search, decision.text, draft.state.shown)
        draft.state = replace(draft.state, search=search)
        await self._suggest(draft, decision.product_ids)
        draft.about = (decision.text, "recommend")

    async def _suggest(self, draft: Draft, product_ids: tuple[str, ...] = (), introduced: str = "") -> None:
        """Show what fits the search, with `introduced` as the response that comes before it."""
        findings = await self._rooms.recommender.recommend(self._need(draft, product_ids))
        say = Say(introduced) if introduced and findings.cards else _introducing(findings)
        reply = self._rooms.responding.say(say, draft.state.language, draft.state)
        self._reply(draft, await self._answerable(draft, replace(reply, cards=findings.cards), findings), findings)
        draft.state = replace(draft.state, search=suggestions.with_seen(draft.state.search, findings))
        draft.product_ids.extend(findings.product_ids)

    def _need(self, draft: Draft, product_ids: tuple[str, ...] = ()) -> Need:
        search = draft.state.search
        return Need(
            text=search.said[0].text if search.said else "",
            language=draft.state.language,
            room=draft.message.key.room,
            product_ids=product_ids,
            customer_id=customer_id(draft),
            asked_at=draft.message.sent_at,
            person=self._person(draft),
            search=search,
        )

    def _person(self, draft: Draft) -> str:
        return person_of(draft.message.key, customer_id(draft))

    async def _answerable(self, draft: Draft, reply: Reply, findings: Findings) -> Reply:
        """Suggestions with their buttons. In public nobody's taste is anybody's business."""
        if draft.message.context.audience is Audience.PUBLIC or not reply.cards:
            return reply

        def title(verdict: str) -> str:
            return self._rooms.responding.say(Say(f"utter_button_{verdict}"), draft.state.language, draft.state).text

        known = await self._rooms.signals.known(self._person(draft))
        reply = suggestions.with_question(reply, findings.narrowing)
        return suggestions.with_buttons(
            reply, title, known.consent, has_orders=customer_id(draft) is not None, sells=self._sells
        )

    async def _take_feedback(self, draft: Draft, decision: Feedback) -> None:
        """A button of a suggestion, or a word on what is remembered, was pressed."""
        at, persons = self._rooms.clock.now(), {self._person(draft), person_of(draft.message.key)}
        match decision.verdict:
            case Verdict.WHY:
                why = await self._rooms.recommender.why(self._need(draft), decision.product_id)
                self._utter(draft, Say("utter_why", {"why": why}) if why else Say("utter_why_none"))
                draft.product_ids.append(decision.product_id)
            case Verdict.NOT_THIS:
                draft.state = replace(draft.state, search=suggestions.without(draft.state.search, decision.product_id))
                await self._suggest(draft, introduced="utter_not_this")
            case Verdict.FORGET:
                draft.state = replace(draft.state, search=Search())
                for person in persons:
                    await self._rooms.signals.decide(person, Consent.REFUSED, at)
                self._utter(draft, Say("utter_forgotten"))
            case Verdict.REMEMBER:
                await self._rooms.signals.decide(self._person(draft), Consent.GIVEN, at)
                self._utter(draft, Say("utter_remembered"))

    async def _read_photo(self, draft: Draft, decision: ReadPhoto) -> None:
        language = draft.state.language
        try:
            reading = await self._rooms.photo_reader.read(await self._rooms.photos.read(decision.photo), language)
        except BadPhoto:
            self._utter(draft, Say("utter_photo_unreadable"))
            return
        say = _of_photo(reading, language)
        reply = self._rooms.responding.say(say, language, draft.state)
        self._reply(draft, replace(reply, cards=reading.cards), Findings(cards=reading.cards))
        draft.product_ids.extend(reading.product_ids)

    async def _escalate(self, draft: Draft, decision: Escalate) -> None:
        if not self._has_desk:
            self._utter(draft, Say("utter_hand_off_closed"))
            return
        draft.state = replace(draft.state, mode=Mode.QUEUED)
        recent = (*draft.state.recent, Exchange(draft.message.text, ""))
        summary = "\n".join(exchange.asked for exchange in recent)
        handoff = HandOff(decision.reason, summary, recent, draft.state.language, draft.message.author_name)
        draft.to_desk.append(ToDesk(handoff=handoff))
        if draft.message.photos:
            draft.to_desk.append(ToDesk(forward=Forward("", draft.message.photos)))
        await self._tell_waiting(draft, Say("utter_hand_off_queued"))

    async def _tell_waiting(self, draft: Draft, otherwise: Say) -> None:
        """Say what the customer may expect of the desk, or `otherwise` where it does not know."""
        self._utter(draft, expecting(await self._expectation(draft.message.key, draft.state.language)) or otherwise)


def _intents_of(parse: Parse | None) -> tuple[tuple[str, float], ...]:
    """What a message that asks one thing may want, with the probabilities; nothing of one that asks several."""
    asked = [command for command in parse.commands if isinstance(command, AskKnowledge)] if parse else []
    return parse.ranking if parse is not None and len(asked) == 1 else ()


def _introducing(findings: Findings) -> Say:
    """What is said before products: where nothing fits, the recommender's word on what comes nearest."""
    if findings.cards and findings.passages:
        return Say("utter_recommend_nearest", {"why": findings.passages[0].text})
    return Say("utter_recommend" if findings.cards else "utter_recommend_none")


def _of_photo(reading: PhotoReading, language: Language) -> Say:
    """What to say that a photo shows; no more than the reading is sure of."""
    names = [label.label_en if language is Language.EN else label.label_zh for label in reading.labels]
    if not names:
        return Say("utter_photo_alike" if reading.cards else "utter_photo_unsure")
    said = "utter_photo" if reading.sure else "utter_photo_perhaps"
    return Say(said if reading.cards else f"{said}_no_match", {"labels": names})


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
