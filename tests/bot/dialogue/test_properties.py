"""Whatever customers do, in whatever order: the dialogue comes to an end, and nothing is written without a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.loader import Vocabulary, load_flows
from bot.dialogue.policy import OWN_ACTIONS, FlowDialogue
from bot.dialogue.stack import CALLED
from bot.domain import load_domain
from bot.storage.codec import decode, encode
from bot.types import (
    Ask,
    AskKnowledge,
    CancelFlow,
    CannotHandle,
    Chat,
    Clarify,
    Command,
    ConversationKey,
    CorrectSlot,
    Do,
    InternalError,
    Outcome,
    Photo,
    ReadPhoto,
    Recommend,
    RepeatReplies,
    RequestHuman,
    SetSlot,
    Silence,
    SkipStep,
    StartFlow,
    State,
    Step,
    Wait,
)

DOMAIN = load_domain()
HERE = Path(__file__).parent
WRITES = {"action_return_items": "action_quote_return", "action_cancel_order": "action_quote_cancel"}
VOCABULARY = Vocabulary(
    DOMAIN.slots,
    (*DOMAIN.actions, *WRITES.values(), "validate_items", *OWN_ACTIONS),
    DOMAIN.responses,
    DOMAIN.intents,
    WRITES,
)
DIALOGUE = FlowDialogue(load_flows([HERE / "flows"], VOCABULARY), DOMAIN)
# Rounds of acting in one turn that the engine allows.
MAX_ROUNDS = 6
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

FLOWS = st.sampled_from(["give_back", "call_off", "look_up", "prove", "no such flow"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "order_number": st.sampled_from(["SD2610000001", "SD2610000002", "nonsense"]),
    "items": st.sampled_from(["1", "2", "all", "bad"]),
    "reason": st.sampled_from(["small", "late"]),
    "confirmed": st.booleans(),
    "quantity": st.sampled_from([0.0, 1.0, 2.0]),
    "no such slot": st.none(),
}
SLOTS = st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name]))
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    FLOWS.map(StartFlow),
    SLOTS.map(lambda pair: SetSlot(*pair)),
    SLOTS.map(lambda pair: CorrectSlot(*pair)),
    st.just(SetSlot("confirmed", True)),
    st.sampled_from([
        CancelFlow(), SkipStep(), RepeatReplies(), AskKnowledge("?"), Recommend("?"), ReadPhoto(Photo("ab", "image/png")),
        Chat("thank"), Chat("nothing"), RequestHuman(), CannotHandle("empty"), CannotHandle("out_of_scope"), Silence(),
        InternalError(), InternalError("unavailable"), Clarify(("give_back", "look_up")), Clarify(("nothing",)),
    ]),
)  # fmt: skip
TURNS = st.lists(st.tuples(st.lists(COMMANDS, max_size=3), st.integers(0, 90), st.integers(0, 4)), max_size=14)


def run(call: Do, luck: int) -> Outcome:
    """An action that goes well, or is refused, as luck has it; a validation that forgets what is bad."""
    if call.action == "validate_items":
        slots = {"items": None} if call.arguments.get("items") == "bad" else {}
        return Outcome(call.action, ok=not slots, slots=slots)
    ok = luck > 0
    proven = {"order_verified": ok, **({} if ok else {"phone_last4": None})} if call.action == "action_verify_order" else {}
    told = {"summary": repr(sorted(call.arguments.items()))} if call.action in WRITES.values() else {}
    return Outcome(call.action, ok=ok, refusal="" if ok else "not_matched", slots={**proven, **told})


class Talk:
    """A conversation, with a record of what was told, asked, answered and written."""

    def __init__(self) -> None:
        self.state = State(ConversationKey("test", "", "u"))
        self.now = NOW
        self.told: tuple[str, str] | None = None
        self.asked_after_told = False
        self.yes = False

    def turn(self, commands: list[Command], minutes: int, luck: int) -> None:
        self.now += timedelta(minutes=minutes)
        open_question = self.state.stack[-1].collecting if self.state.stack else None
        said_yes = SetSlot("confirmed", True) in commands or CorrectSlot("confirmed", True) in commands
        self.yes = open_question == "confirmed" and self.asked_after_told and said_yes
        step = DIALOGUE.begin(self.state, commands, self.now)
        assert step == DIALOGUE.begin(self.state, commands, self.now), "the same again gives the same"
        for _ in range(MAX_ROUNDS):
            calls = self.look(step)
            if step.done:
                break
            step = DIALOGUE.resume(step.state, [self.act(call, luck) for call in calls])
        assert step.done, "a turn ends within the engine's rounds"
        self.check(step.state)
        self.state = replace(decode(State, encode(step.state)), version=step.state.version + 1, last_seen=self.now)

    def look(self, step: Step) -> list[Do]:
        calls = [decision for decision in step.decisions if isinstance(decision, Do)]
        assert len(calls) == (0 if step.done else 1), "one action at a time, and nothing after the end"
        for decision in step.decisions:
            if isinstance(decision, Ask) and decision.slot == "confirmed":
                assert self.told is not None, "nobody is asked for a yes to nothing"
                self.asked_after_told = True
            if isinstance(decision, Wait):
                assert decision == step.decisions[-1]
        return calls

    def act(self, call: Do, luck: int) -> Outcome:
        assert "language" not in call.arguments and "failures" not in call.arguments
        if call.action in WRITES:
            assert self.told is not None and self.yes, f"{call.action} without a yes to its summary"
            quote, basis = self.told
            assert quote == WRITES[call.action]
            assert basis == of_interest(call), "written is what was told"
            self.told, self.yes, self.asked_after_told = None, False, False
        if call.action in WRITES.values():
            self.told, self.yes, self.asked_after_told = (call.action, of_interest(call)), False, False
        return run(call, luck)

    def check(self, state: State) -> None:
        flows = [frame.flow for frame in state.stack]
        business = [frame.flow for frame in state.stack if not frame.data.get(CALLED)]
        assert len(business) == len(set(business)), "nothing is under way twice"
        assert not any(flow.startswith("pattern_") for flow in flows), "patterns do not outlive their turn"
        for frame in state.stack:
            assert frame.step in DIALOGUE.flows[frame.flow].steps, "everything on the stack can go on"
        assert len(state.finished) <= 3


def of_interest(call: Do) -> str:
    return repr(sorted((k, v) for k, v in call.arguments.items() if k in ("order_number", "items", "reason", "quantity")))


@settings(max_examples=400, deadline=None)
@given(TURNS)
def test_any_talk(turns: list[tuple[list[Command], int, int]]) -> None:
    talk = Talk()
    for commands, minutes, luck in turns:
        talk.turn(commands, minutes, luck)


@settings(max_examples=60, deadline=None)
@given(TURNS, st.sampled_from(["give_back", "call_off"]))
def test_whatever_was_before_a_flow_can_still_be_done(turns: list[tuple[list[Command], int, int]], flow: str) -> None:
    talk = Talk()
    for commands, minutes, luck in turns:
        talk.turn(commands, minutes, luck)
    while talk.state.stack:
        talk.turn([CancelFlow()], 0, 1)
    written: list[str] = []
    talk.turn([StartFlow(flow)], 0, 1)
    for _ in range(8):
        asked = talk.state.stack[-1].collecting if talk.state.stack else None
        if asked is None:
            break
        before = talk.told
        talk.turn(
            [
                SetSlot(
                    asked, {"order_number": "SD2610000001", "items": "1", "quantity": 1.0, "reason": "late"}.get(asked, True)
                )
            ],
            0,
            1,
        )
        if before is not None and talk.told is None:
            written.append(before[0])
    assert talk.state.stack == ()
    assert len(written) == 1
