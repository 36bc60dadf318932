"""The one path of a message, on fakes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.engine import MAX_ROUNDS
from bot.errors import BadPhoto, ShopUnavailable, StorageUnavailable, VersionConflict
from bot.fakes import FakeKnowledge, FakeResponding, MemoryStore
from bot.responding.templates import Templates
from bot.signals import Consent, SignalKind, person_of
from bot.text import MAX_READ
from bot.types import (
    Answer,
    Ask,
    AskKnowledge,
    Audience,
    Author,
    CancelFlow,
    Card,
    Citation,
    Command,
    Context,
    ConversationKey,
    Decision,
    Do,
    Escalate,
    Feedback,
    Findings,
    Language,
    LogOut,
    Mode,
    Outcome,
    Photo,
    PhotoLabel,
    PhotoReading,
    Question,
    ReadPhoto,
    Reply,
    Say,
    State,
    Step,
    ToCustomer,
    ToDesk,
    Turn,
    Verdict,
)
from tests.bot.conftest import KEY, World, message


def decide(*decisions: Decision, done: bool = True):  # type: ignore[no-untyped-def]
    def script(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
        return Step(state, decisions if commands is not None else (), done=done or commands is None)

    return script


async def test_a_question_is_answered_and_traced(world: World) -> None:
    turn = await world.engine().handle(message("is it waterproof?"))
    assert [reply.text for reply in turn.replies] == ["answer to is it waterproof?"]
    assert turn.passages[0].source == "fake.md"
    assert turn.parse is not None and turn.parse.stage == "fake"
    assert {"understand", "decide", "answer", "total"} <= set(turn.timings)
    assert world.committed == [turn]
    state = (await world.store.load(KEY, "m2")).state
    assert (state.version, state.language, state.last_replies) == (1, Language.EN, turn.replies)
    assert state.recent[0].asked == "is it waterproof?"


async def test_a_code_is_not_remembered(world: World) -> None:
    turn = await world.engine().handle(message("my code is 123 456, is it waterproof?"))
    loaded = await world.store.load(KEY, turn.message.id)
    assert loaded.turn is not None and loaded.turn.message.text == "my code is ***, is it waterproof?"
    assert loaded.state.recent[0].asked == loaded.turn.message.text


async def test_a_repeat_returns_the_turn_made_before(world: World) -> None:
    engine = world.engine()
    first = await engine.handle(message("hello"))
    again = await engine.handle(message("hello"))
    assert again == first
    assert len(world.committed) == 1


async def test_messages_of_one_conversation_are_handled_in_turn(world: World) -> None:
    engine = world.engine()
    await asyncio.gather(*(engine.handle(message(str(n), f"m{n}")) for n in range(12)))
    state = (await world.store.load(KEY, "new")).state
    assert state.version == 12
    assert [exchange.asked for exchange in state.recent] == [str(n) for n in range(2, 12)], "bounded to ten"


async def test_of_a_megabyte_only_as_much_is_remembered_as_is_read(world: World) -> None:
    turn = await world.engine().handle(message("哈" * 1_000_000))
    loaded = await world.store.load(KEY, turn.message.id)
    assert loaded.state.recent[0].asked == "哈" * MAX_READ


async def test_outcomes_are_fed_back_and_their_words_are_said(world: World) -> None:
    def script(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
        if commands is not None:
            return Step(state, (Do("action_order_status", {"order": "SD1"}),), done=False)
        return Step(replace(state, verified=outcomes[0].grants), (Say("utter_anything_else"),), done=True)

    world.dialogue.script = script
    world.actions.outcomes["action_order_status"] = Outcome(
        "action_order_status", ok=True, say=(Say("utter_order_status", {"status": "shipped"}),), grants=("order:SD1",)
    )
    turn = await world.engine().handle(message("where is my order"))
    assert [reply.text for reply in turn.replies] == ["utter_order_status status=shipped", "utter_anything_else"]
    (call,) = world.actions.calls
    assert call.idempotency_key == f"{KEY}/m1/0"
    assert (await world.store.load(KEY, "m2")).state.verified == ("order:SD1",)


async def test_a_dialogue_that_goes_in_circles_is_stopped(world: World) -> None:
    world.dialogue.script = lambda state, commands, outcomes: Step(state, (Do("action_loop"),), done=False)
    turn = await world.engine().handle(message("loop"))
    assert turn.error is not None and f"{MAX_ROUNDS} rounds" in turn.error
    assert [reply.text for reply in turn.replies] == ["utter_internal_error"]


@pytest.mark.parametrize("error", [ShopUnavailable("the shop sleeps"), ZeroDivisionError("oops")])
async def test_whatever_fails_the_customer_gets_an_answer_and_the_state_stays(world: World, error: Exception) -> None:
    engine = world.engine()
    await engine.handle(message("first", "m1"))
    world.knowledge.error = error  # type: ignore[assignment]
    turn = await engine.handle(message("second", "m2"))
    assert [reply.text for reply in turn.replies] == ["utter_internal_error"]
    assert str(error) in str(turn.error)
    world.knowledge.error = None
    assert (await engine.handle(message("third", "m3"))).error is None


async def test_a_conflict_is_taken_again_on_the_new_state(world: World) -> None:
    class Rival(MemoryStore):
        rivals = 2

        async def commit(self, state, turn, deliveries):  # type: ignore[no-untyped-def]
            if self.rivals:
                self.rivals -= 1
                raise VersionConflict("someone was faster")
            await super().commit(state, turn, deliveries)

    world.store = Rival()
    turn = await world.engine().handle(message("hello"))
    assert turn.error is None
    assert len(await world.store.history(KEY)) == 1


async def test_storage_that_fails_is_told_to_the_door(world: World) -> None:
    class Dead(MemoryStore):
        async def commit(self, state, turn, deliveries):  # type: ignore[no-untyped-def]
            raise StorageUnavailable("locked")

    world.store = Dead()
    with pytest.raises(StorageUnavailable):
        await world.engine().handle(message("hello"))
    assert world.committed == []


async def test_a_message_that_is_kept_while_its_door_goes_away_is_answered(world: World) -> None:
    kept, on = asyncio.Event(), asyncio.Event()

    class Slow(MemoryStore):
        async def accept(self, said):  # type: ignore[no-untyped-def]
            accepted = await super().accept(said)
            kept.set()
            await on.wait()
            return accepted

    world.store = Slow()
    engine = world.engine()
    door = asyncio.create_task(engine.accept(message("hello")))
    await kept.wait()
    door.cancel()
    on.set()
    await asyncio.wait([door])
    await engine.drain()
    assert len(await engine.collect(KEY)) == 1


async def test_accepted_messages_are_answered_through_the_outbox_once(world: World) -> None:
    engine = world.engine()
    assert await engine.accept(message("hello"))
    assert not await engine.accept(message("hello"))
    await engine.drain()
    (delivery,) = await engine.collect(KEY)
    assert isinstance(delivery.body, ToCustomer) and delivery.body.reply.text == "answer to hello"
    await engine.delivered([delivery])
    assert await engine.collect(KEY) == []


async def test_a_door_that_answers_itself_leaves_nothing_in_the_outbox(world: World) -> None:
    engine = world.engine()
    await engine.handle(message("hello"))
    assert await engine.collect(KEY) == []


async def test_what_an_earlier_process_accepted_is_taken_up(world: World) -> None:
    await world.store.accept(message("from before the crash"))
    engine = world.engine()
    assert await engine.recover() == 1
    await engine.drain()
    assert len(await engine.collect(KEY)) == 1
    assert await world.store.waiting() == []


async def test_a_fault_of_ours_does_not_leave_a_message_until_the_next_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty(MemoryStore):
        faults = 5

        async def load(self, key, message_id):  # type: ignore[no-untyped-def]
            if self.faults:
                self.faults -= 1
                raise RuntimeError("nobody has thought of this")
            return await super().load(key, message_id)

    monkeypatch.setattr("bot.engine.RETRY_S", 0)
    world.store = Faulty()
    engine = world.engine()
    await engine.accept(message("hello"))
    await engine.drain()
    assert len(await engine.collect(KEY)) == 1
    assert await world.store.waiting() == []


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_dead_database_does_not_keep_the_engine_from_stopping(
    hangs: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    class Dead(MemoryStore):
        async def commit(self, state, turn, deliveries):  # type: ignore[no-untyped-def]
            tried.set()
            if hangs:
                await asyncio.Event().wait()
            raise StorageUnavailable("gone")

    monkeypatch.setattr("bot.engine.STOP_S", 0 if hangs else 30)
    world.store = Dead()
    engine = world.engine()
    await engine.accept(message("hello"))
    await tried.wait()
    async with asyncio.timeout(30):
        await engine.stop()
        if not hangs:
            await engine.drain()
    assert [waiting.id for waiting in await world.store.waiting()] == ["m1"], "the next process takes it up"


async def test_only_the_doors_that_have_something_to_deliver_are_told(world: World) -> None:
    told: list[set[str]] = []
    engine = world.engine(on_outbox=lambda doors: told.append(set(doors)))
    await engine.handle(message("hello"))
    assert told == []
    await engine.accept(message("hello again", "m2"))
    await engine.drain()
    assert told == [{"web"}]
    world.dialogue.script = decide(Escalate("wants a person"))
    await engine.accept(message("a person", "m3"))
    await engine.drain()
    assert told[1:] == [{"web", "desk"}]


async def test_a_hand_off_opens_at_the_desk_and_the_bot_falls_silent(world: World) -> None:
    world.dialogue.script = decide(Escalate("wants a person"))
    engine = world.engine()
    turn = await engine.handle(message("human please", "m1"))
    assert [reply.text for reply in turn.replies] == ["utter_hand_off_queued"]
    assert turn.mode is Mode.QUEUED
    (opened,) = await world.store.due(world.clock.now(), ["desk"])
    assert isinstance(opened.body, ToDesk) and opened.body.handoff is not None
    assert opened.body.handoff.reason == "wants a person" and "human please" in opened.body.handoff.summary

    agent = message("Hi, I am Mia", "a1", author=Author.AGENT, author_name="Mia")
    turn = await engine.handle(agent)
    assert [reply.text for reply in turn.replies] == ["utter_hand_off_joined agent=Mia", "Hi, I am Mia"]
    assert len(await engine.collect(KEY)) == 2, "an agent's words reach the customer through the outbox"

    silent = await engine.handle(message("my parcel is lost", "m2"))
    assert silent.replies == () and silent.mode is Mode.HUMAN
    forwarded = (await world.store.due(world.clock.now(), ["desk"]))[-1]
    assert isinstance(forwarded.body, ToDesk) and forwarded.body.forward is not None
    assert forwarded.body.forward.text == "my parcel is lost"

    back = await engine.handle(message("", "a2", author=Author.AGENT, hand_back=True))
    assert [reply.text for reply in back.replies] == ["utter_hand_off_back"]
    told = (await world.store.due(world.clock.now(), ["desk"]))[-1]
    assert isinstance(told.body, ToDesk) and told.body.handed_back
    again = await engine.handle(message("", "a3", author=Author.AGENT, hand_back=True))
    assert again.replies == (), "a second agent's press finds the bot at work already"
    world.dialogue.script = None
    assert (await engine.handle(message("thanks bot", "m3"))).replies[0].text == "answer to thanks bot"


async def test_a_hand_off_takes_the_customers_name_and_pictures_along(world: World) -> None:
    world.dialogue.script = decide(Escalate())
    photo = await world.store.save(b"a torn sleeve", "image/jpeg")
    await world.engine().handle(message("look, I want a person", photos=(photo,), author_name="Ann Li"))
    opened, pictures = await world.store.due(world.clock.now(), ["desk"])
    assert isinstance(opened.body, ToDesk) and opened.body.handoff and opened.body.handoff.customer == "Ann Li"
    assert isinstance(pictures.body, ToDesk) and pictures.body.forward and pictures.body.forward.photos == (photo,)


async def test_while_queued_the_customer_may_have_the_bot_back(world: World) -> None:
    world.dialogue.script = decide(Escalate())
    world.understanding.table["never mind"] = (CancelFlow(),)
    engine = world.engine()
    await engine.handle(message("human", "m1"))
    waiting = await engine.handle(message("hello?", "m2"))
    assert [reply.text for reply in waiting.replies] == ["utter_hand_off_waiting"]
    world.dialogue.script = decide(Ask("size", "utter_ask_size"))
    back = await engine.handle(message("never mind", "m3"))
    assert [reply.text for reply in back.replies] == ["utter_hand_off_back", "utter_ask_size"], "back to the open question"
    assert back.mode is Mode.BOT
    desk = await world.store.due(world.clock.now(), ["desk"])
    assert isinstance(desk[-1].body, ToDesk) and desk[-1].body.handed_back


async def test_without_a_desk_nobody_is_promised(world: World) -> None:
    world.dialogue.script = decide(Escalate())
    turn = await world.engine(has_desk=False).handle(message("human"))
    assert [reply.text for reply in turn.replies] == ["utter_hand_off_closed"]
    assert turn.mode is Mode.BOT
    assert await world.store.due(world.clock.now(), ["desk"]) == []


async def test_replies_go_to_the_audience_of_the_message(world: World) -> None:
    world.dialogue.script = decide(Ask("size", "utter_ask_size"))
    public = message("size?", context=Context(audience=Audience.PUBLIC), key=ConversationKey("live", "main", "v1"))
    turn = await world.engine().handle(public)
    assert turn.replies[0].audience is Audience.PUBLIC
    assert (await world.store.load(public.key, "x")).state.slots["audience"] == "public"


async def test_an_aside_in_a_room_is_for_whoever_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.dialogue.script = decide(Answer("size?"))
    monkeypatch.setattr(FakeResponding, "answer", _answers(Reply("no idea", aside=True)))
    public = message("size?", context=Context(audience=Audience.PUBLIC), key=ConversationKey("live", "main", "v1"))
    (reply,) = (await world.engine().handle(public)).replies
    assert reply.audience is Audience.PRIVATE


@pytest.mark.parametrize(("reply", "said"), [(Reply("a"), 0), (Reply("b", citations=(Citation("t", "l", "u"),)), 1)])
async def test_who_may_not_have_asked_hears_only_what_evidence_says(
    world: World, monkeypatch: pytest.MonkeyPatch, reply: Reply, said: int
) -> None:
    world.dialogue.script = decide(Answer("size?"))
    monkeypatch.setattr(FakeResponding, "answer", _answers(reply))
    unsure = Context(audience=Audience.PUBLIC, addressed=False)
    turn = await world.engine().handle(message("size?", context=unsure, key=ConversationKey("live", "main", "v1")))
    assert len(turn.replies) == said and turn.error is None


def _answers(*replies: Reply) -> Callable[..., Awaitable[tuple[Reply, ...]]]:
    async def answer(self: FakeResponding, question: Question, findings: Findings) -> tuple[Reply, ...]:
        return replies

    return answer


async def test_a_photo_that_cannot_be_read_is_said(world: World) -> None:
    class Blind:
        async def read(self, data: bytes, language: Language) -> PhotoReading:
            raise BadPhoto("no picture")

    photo = await world.store.save(b"x", "image/png")
    world.dialogue.script = decide(ReadPhoto(photo))
    engine = world.engine()
    engine._rooms = replace(engine._rooms, photo_reader=Blind())
    turn = await engine.handle(message("", photos=(photo,)))
    assert [reply.text for reply in turn.replies] == ["utter_photo_unreadable"]
    assert turn.error is None


LAMP = PhotoLabel("灯具", "Lamps", 0.9)
CARDS = (Card("P1", "Desk Lamp"),)
TEMPLATES = Templates([Path("bot/data/responses")])


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (PhotoReading((LAMP,), CARDS, sure=True), "utter_photo"),
        (PhotoReading((LAMP,), sure=True), "utter_photo_no_match"),
        (PhotoReading((LAMP, LAMP), CARDS), "utter_photo_perhaps"),
        (PhotoReading((LAMP, LAMP)), "utter_photo_perhaps_no_match"),
        (PhotoReading((), CARDS), "utter_photo_alike"),
        (PhotoReading(), "utter_photo_unsure"),
    ],
)
async def test_no_more_is_said_of_a_photo_than_is_sure(world: World, reading: PhotoReading, said: str) -> None:
    class Seeing:
        async def read(self, data: bytes, language: Language) -> PhotoReading:
            return reading

    photo = await world.store.save(b"x", "image/png")
    world.dialogue.script = decide(ReadPhoto(photo))
    engine = world.engine()
    engine._rooms = replace(engine._rooms, photo_reader=Seeing())
    turn = await engine.handle(message("", photos=(photo,)))
    assert [(reply.text.split()[0], reply.cards) for reply in turn.replies] == [(said, reading.cards)]
    for language in (Language.ZH, Language.EN):
        text = TEMPLATES.say(said, {"labels": ["Lamps"]}, language, {"language": language}, "seed").text
        assert ("Lamps" in text) is bool(reading.labels)
        assert "%" not in text


async def test_a_photo_that_is_gone_is_an_error_told_to_the_customer(world: World) -> None:
    world.dialogue.script = decide(ReadPhoto(Photo("0" * 64, "image/png")))
    turn = await world.engine().handle(message(""))
    assert [reply.text for reply in turn.replies] == ["utter_internal_error"]
    assert "Send the picture again" in str(turn.error)


async def test_a_token_of_the_site_proves_the_customer_for_the_turns_that_follow(world: World) -> None:
    world.actions.tokens = {"good": "customer:C1"}
    world.dialogue.script = decide(Do("action_list_orders"), done=False)
    engine = world.engine()
    for number, token in enumerate((None, "bad", "good", None)):
        await engine.handle(message("my orders", f"m{number}", context=Context(customer_token=token)))
    assert [call.verified for call in world.actions.calls] == [(), (), ("customer:C1",), ("customer:C1",)]


async def test_a_token_holds_where_the_session_before_ended(world: World) -> None:
    world.actions.tokens = {"good": "customer:C1"}

    def forgets(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
        decisions = (Do("action_list_orders"),) if commands is not None else ()
        return Step(replace(state, verified=()) if commands is not None else state, decisions, done=commands is None)

    world.dialogue.script = forgets
    await world.engine().handle(message("my orders", context=Context(customer_token="good")))
    assert world.actions.calls[0].verified == ("customer:C1",)


async def test_what_was_proven_by_other_means_ends_when_the_site_names_somebody(world: World) -> None:
    world.actions.tokens = {"good": "customer:C1"}
    before = State(KEY, verified=("order:SD1",))
    await world.store.commit(before, Turn(message("where is SD1", "m1"), None), [])
    await world.engine().handle(message("hello", "m2", context=Context(customer_token="good")))
    assert (await world.store.load(KEY, "m3")).state.verified == ("customer:C1",)


@pytest.mark.parametrize(("token", "ended"), [(None, False), ("good", False), ("old", True)])
async def test_flows_know_of_a_login_that_has_ended(world: World, token: str | None, ended: bool) -> None:
    world.actions.tokens = {"good": "customer:C1"}
    await world.engine().handle(message("my order", "m1", context=Context(customer_token=token)))
    assert (await world.store.load(KEY, "m2")).state.slots["login_ended"] is ended


async def test_who_logs_out_is_nobody_though_the_page_goes_on_sending_its_token(world: World) -> None:
    world.actions.tokens = {"good": "customer:C1", "newer": "customer:C1"}
    world.understanding.table = {"log out": (LogOut(),)}
    world.dialogue.script = decide(Do("action_list_orders"), done=False)
    engine = world.engine()
    for number, (text, token) in enumerate((("hi", "good"), ("log out", "good"), ("orders", "good"), ("orders", "newer"))):
        await engine.handle(message(text, f"m{number}", context=Context(customer_token=token)))
    assert [call.verified for call in world.actions.calls] == [("customer:C1",), (), (), ("customer:C1",)]


async def test_another_customer_finds_nothing_of_the_one_before(world: World) -> None:
    world.actions.tokens = {"first": "customer:C1", "second": "customer:C2"}
    engine = world.engine()
    await engine.handle(message("where is SD1", "m1", context=Context(customer_token="first")))
    await engine.handle(message("hello", "m2", context=Context(customer_token="second")))
    state = (await world.store.load(KEY, "m3")).state
    assert state.verified == ("customer:C2",)
    assert [exchange.asked for exchange in state.recent] == ["hello"]


async def test_what_an_agent_wrote_arrives_even_where_the_turn_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ShopUnavailable("no words")

    monkeypatch.setattr(type(world.responding), "say", fails)
    agent = message("I'm on it", "a1", author=Author.AGENT, author_name="Mia")
    turn = await world.engine().handle(agent)
    assert turn.error
    assert [(reply.text, reply.agent) for reply in turn.replies] == [("I'm on it", "Mia")]


def suggestion(world: World) -> None:
    """Whatever is asked is taken for a wish, and one product is found."""

    class Finds(FakeKnowledge):
        async def find(self, question: Question) -> Findings:
            return Findings(cards=(Card("P1", "a lamp"),), confidence=1.0, product_ids=("P1",))

    world.knowledge = Finds()


async def test_a_suggestion_can_be_answered_in_private_and_only_there(world: World) -> None:
    suggestion(world)
    (reply,) = (await world.engine().handle(message("a lamp"))).replies
    assert [button.payload for button in reply.cards[0].buttons] == ['/why{"product":"P1"}', '/not_this{"product":"P1"}']
    assert [button.payload for button in reply.buttons] == ["/remember_me"]
    public = message("a lamp", "m2", context=Context(audience=Audience.PUBLIC))
    (reply,) = (await world.engine().handle(public)).replies
    assert not reply.buttons and not reply.cards[0].buttons


async def test_what_is_done_is_kept_from_the_consent_on_until_it_is_forgotten(world: World) -> None:
    suggestion(world)
    world.understanding.table = {
        "about P1": (AskKnowledge("about P1", product_ids=("P1",)),),
        "yes": (Feedback(Verdict.REMEMBER),),
        "not this": (Feedback(Verdict.NOT_THIS, "P1"),),
        "forget": (Feedback(Verdict.FORGET),),
    }
    world.dialogue.script = feedback
    engine, person = world.engine(), person_of(KEY)

    async def kept(*texts: str) -> list[SignalKind]:
        for text in texts:
            await engine.handle(message(text, f"{text}{world.clock.now()}"))
            world.clock.pass_seconds(1)
        return [one.kind for one in (await world.signals.known(person)).signals]

    assert await kept("about P1") == []
    assert sorted(await kept("yes", "about P1", "not this")) == [SignalKind.NOT_THIS, SignalKind.QUESTION]
    assert (await world.store.load(KEY, "")).state.search.rejected == ("P1",)
    assert await kept("forget", "about P1") == []
    assert (await world.signals.known(person)).consent is Consent.REFUSED
    assert (await world.store.load(KEY, "")).state.search.rejected == ()


def feedback(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
    """Feedback as it is; a question is answered about its products."""
    decided = [c if isinstance(c, Feedback) else Answer(c.text, "", c.product_ids) for c in commands or ()]  # type: ignore[union-attr]
    return Step(state, tuple(decided), done=True)
