"""The port Dialogue: what the customer said changes the stack of flows, then flows run up to the next open end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.dialogue import stack
from bot.dialogue.flows import END, Flow, Flows, FlowStep
from bot.dialogue.loader import Vocabulary, load_flows
from bot.domain import Domain
from bot.errors import StreamdeskError
from bot.types import (
    Answer,
    Ask,
    AskKnowledge,
    CancelFlow,
    CannotHandle,
    Chat,
    Clarify,
    Command,
    CorrectSlot,
    Decision,
    Do,
    Escalate,
    Frame,
    Outcome,
    Photo,
    ReadPhoto,
    Recommend,
    RepeatReplies,
    RequestHuman,
    Say,
    SetSlot,
    SkipStep,
    StartFlow,
    State,
    Step,
)

# Steps of one turn without anything to carry out; more is a flow that goes in circles.
MAX_STEPS = 200
# The engine's own actions, which become decisions rather than calls of the shop, from what their pattern is about.
OWN_ACTIONS: Mapping[str, Callable[[Mapping[str, Any]], Decision | None]] = {
    "action_answer": lambda data: Answer(data["text"], data["topic"], tuple(data["product_ids"])),
    "action_recommend": lambda data: Recommend(data["text"], tuple(data["product_ids"])),
    "action_read_photo": lambda data: ReadPhoto(Photo(data["digest"], data["media_type"])),
    "action_hand_off": lambda data: Escalate(data.get("reason", "")),
    "action_chat": lambda data: Say(data["response"]) if data["response"] else None,
}
# Slots that never travel to an action.
_NOT_ARGUMENTS = ("language", "audience", "outcome", "link", "failures", "silence_count")

# Patterns to be walked through before the flow under way goes on, in order, each with what it is about.
Patterns = list[tuple[str, Mapping[str, Any]]]


class FlowDialogue:
    """`Dialogue` over flows: pure, so that a turn can be decided again with the same result."""

    def __init__(self, flows: Flows, domain: Domain) -> None:
        self._flows = flows
        self._domain = domain

    @property
    def flows(self) -> Flows:
        """What it walks through."""
        return self._flows

    def begin(self, state: State, commands: Sequence[Command], now: datetime) -> Step:
        """Apply the commands in order and decide up to the first thing that must be carried out."""
        patterns: Patterns = []
        state = self._readable(state, patterns)
        if state.version == 0:
            patterns.append(("pattern_session_start", {}))
        elif state.last_seen is not None and now - state.last_seen > self._domain.session_length:
            patterns.append(("pattern_session_expired", {"unfinished": bool(state.stack)}))
            state = self._fresh(state)
        for command in commands:
            if isinstance(command, SetSlot):
                state = self._with_slot(state, command.name, command.value, patterns)
        for command in commands:
            state = self._apply(state, command, patterns)
        if not any(isinstance(command, CannotHandle) for command in commands):
            state = stack.with_slots(state, {"failures": 0.0})
        for flow_id, data in reversed(patterns):
            state = stack.pushed(state, self._flows[flow_id], data)
        return self._run(state)

    def resume(self, state: State, outcomes: Sequence[Outcome]) -> Step:
        """Take in what actions came to: their slots, their grants, and `outcome` for the flow's conditions."""
        for outcome in outcomes:
            result = "done" if outcome.ok else outcome.refusal or "failed"
            state = stack.with_slots(state, {"outcome": result, **outcome.slots})
            state = replace(state, verified=tuple(dict.fromkeys([*state.verified, *outcome.grants])))
        return self._run(self._gone_on(state))

    # ------------------------------------------------------------ what the customer said

    def _apply(self, state: State, command: Command, patterns: Patterns) -> State:
        match command:
            case StartFlow():
                return self._started(state, command.flow, patterns)
            case CorrectSlot():
                return self._corrected(state, command.name, command.value, patterns)
            case CancelFlow():
                return self._cancelled(state, patterns)
            case SkipStep():
                return self._skipped(state, patterns)
            case CannotHandle():
                patterns.append(("pattern_cannot_handle", {"reason": command.reason}))
                return stack.with_slots(state, {"failures": float(state.slots.get("failures") or 0) + 1})
            case SetSlot():
                return state  # applied before everything else
        patterns.append(self._pattern(state, command))
        return state

    def _pattern(self, state: State, command: Command) -> tuple[str, Mapping[str, Any]]:
        """The pattern of a command that leaves the customer's business as it is."""
        match command:
            case AskKnowledge():
                return "pattern_search", asdict(command)
            case Recommend():
                return "pattern_recommend", asdict(command)
            case ReadPhoto():
                return "pattern_photo", asdict(command.photo)
            case Clarify():
                options = [_named(self._flows[name]) for name in command.options if name in self._flows]
                return "pattern_clarification", {"options": options}
            case Chat():
                return "pattern_chitchat", {"response": self._domain.rules.get(command.intent, "")}
            case RequestHuman():
                return "pattern_human_handoff", {"reason": command.reason}
            case RepeatReplies():
                said = "\n".join(reply.text for reply in state.last_replies if reply.text)
                return "pattern_repeat_bot_messages", {"text": said}
        raise StreamdeskError(f"the dialogue knows no command {command.kind}")

    def _with_slot(self, state: State, name: str, value: Any, patterns: Patterns) -> State:
        """A value that is asked for, or volunteered; one that replaces another of the flow under way is a correction."""
        if name not in self._domain.slots:
            return state
        asked = state.stack[-1].collecting if state.stack else None
        old = state.slots.get(name)
        if asked != name and old is not None and old != value and self._frame_reaching(state, name) is not None:
            return self._corrected(state, name, value, patterns)
        return stack.with_slots(state, {name: value})

    def _corrected(self, state: State, name: str, value: Any, patterns: Patterns) -> State:
        """Go back to where the slot is collected, so that everything that rests on it is done again."""
        depth = self._frame_reaching(state, name)
        if depth is None:
            patterns.append(("pattern_cannot_correct", {}))
            return state
        kept = replace(state, stack=state.stack[: depth + 1])
        step_id = self._flows.reaching(kept.stack[-1].flow, name)
        assert step_id is not None  # noqa: S101 - _frame_reaching found it
        patterns.append(("pattern_correction", {"corrected": value}))
        return stack.with_slots(stack.moved(kept, step_id), {name: value})

    def _frame_reaching(self, state: State, slot: str) -> int | None:
        """How deep in the stack the flow is that has come by a step collecting `slot`."""
        for depth in range(len(state.stack) - 1, -1, -1):
            frame = state.stack[depth]
            if frame.flow in self._flows and self._flows.reaching(frame.flow, slot):
                return depth
        return None

    def _started(self, state: State, flow_id: str, patterns: Patterns) -> State:
        flow = self._flows.by_id.get(flow_id)
        if flow is None or (flow.guard and not flow.guard.holds(state.slots, {})):
            patterns.append(("pattern_cannot_handle", {"reason": "out_of_scope"}))
            return state
        if any(frame.flow == flow_id for frame in state.stack):
            return self._brought_up(state, flow_id)
        return stack.pushed(state, flow, {})

    def _brought_up(self, state: State, flow_id: str) -> State:
        """The customer comes back to something under way: it and what it called move to the top."""
        first = next(n for n, frame in enumerate(state.stack) if frame.flow == flow_id)
        last = first + 1
        while last < len(state.stack) and state.stack[last].data.get(stack.CALLED):
            last += 1
        return replace(state, stack=(*state.stack[:first], *state.stack[last:], *state.stack[first:last]))

    def _cancelled(self, state: State, patterns: Patterns) -> State:
        state, given_up = stack.without_user_flow(state, self._flows)
        if given_up is None:
            patterns.append(("pattern_nothing_to_cancel", {}))
        else:
            patterns.append(("pattern_cancel_flow", {"flow_name": _named(given_up)}))
            if below := self._business(state):
                patterns.append(("pattern_continue_interrupted", {"flow_name": _named(below)}))
        return state

    def _skipped(self, state: State, patterns: Patterns) -> State:
        asked = state.stack[-1] if state.stack else None
        if asked is None or asked.collecting is None:
            patterns.append(("pattern_completed", {}))
            return state
        step = self._flows[asked.flow].steps[asked.step]
        patterns.append(("pattern_skip_question", {"optional": step.optional}))
        return stack.moved(state, stack.next_step(step, state)) if step.optional else state

    # ------------------------------------------------------------ walking through the flows

    def _run(self, state: State) -> Step:
        decisions: list[Decision] = []
        for _ in range(MAX_STEPS):
            if not state.stack:
                return Step(state, tuple(decisions), done=True)
            frame = state.stack[-1]
            if frame.step == END:
                state = self._ended(state)
                continue
            step = self._flows[frame.flow].steps[frame.step]
            state, made, stop = self._take(state, frame, step)
            decisions += made
            if stop:
                waits = any(isinstance(decision, Do) for decision in made)
                return Step(state, tuple(decisions), done=not waits)
        raise StreamdeskError(f"flow {state.stack[-1].flow} went in circles for {MAX_STEPS} steps")

    def _take(self, state: State, frame: Frame, step: FlowStep) -> tuple[State, list[Decision], bool]:
        """One step: the state after it, what to do, and whether the turn or the round ends with it."""
        match step.kind:
            case "collect":
                return self._collect(state, frame, step)
            case "action":
                return self._act(state, frame, step)
            case "link":
                return stack.pushed(self._ended(stack.moved(state, END)), self._flows[step.name], {}), [], False
            case "call":
                return stack.pushed(state, self._flows[step.name], {stack.CALLED: True}), [], False
            case _:
                state = stack.with_slots(state, step.values)
                return stack.moved(state, stack.next_step(step, state)), [], False

    def _collect(self, state: State, frame: Frame, step: FlowStep) -> tuple[State, list[Decision], bool]:
        arrived = frame.collecting != step.name
        if arrived and step.ask_before_filling:
            state = stack.with_slots(state, {step.name: None})
        value = state.slots.get(step.name)
        decisions: list[Decision] = []
        if value is not None:
            rejection = next((r for r in step.rejections if r.condition.holds(state.slots, frame.data)), None)
            if rejection is None:
                return stack.moved(state, stack.next_step(step, state)), [], False
            decisions.append(Say(rejection.utter))
            state = stack.with_slots(state, {step.name: None})
        state = stack.with_top(state, replace(state.stack[-1], collecting=step.name))
        return state, [*decisions, Ask(step.name, step.utter or f"utter_ask_{step.name}")], True

    def _act(self, state: State, frame: Frame, step: FlowStep) -> tuple[State, list[Decision], bool]:
        decision = self._decision(state, frame, step.name)
        if isinstance(decision, Do):
            return state, [decision], True  # `resume` goes on from this step, by what came of it
        if isinstance(decision, Escalate):
            return replace(state, stack=()), [decision], True
        return stack.moved(state, stack.next_step(step, state)), [decision] if decision else [], False

    def _decision(self, state: State, frame: Frame, action: str) -> Decision | None:
        data = {name: value for name, value in frame.data.items() if name != stack.CALLED}
        if action in OWN_ACTIONS:
            return OWN_ACTIONS[action](data)
        if action.startswith("utter_"):
            return Say(action, data)
        arguments = {k: v for k, v in state.slots.items() if v is not None and k not in _NOT_ARGUMENTS}
        return Do(action, arguments)

    def _ended(self, state: State) -> State:
        """The active flow is at its end: what lay under it goes on."""
        frame = state.stack[-1]
        state = stack.popped(state, self._flows)
        if frame.data.get(stack.CALLED):
            return self._gone_on(state)
        if self._flows[frame.flow].is_pattern:
            return state
        below = self._business(state)
        if below is None:
            return stack.pushed(state, self._flows["pattern_completed"], {})
        return stack.pushed(state, self._flows["pattern_continue_interrupted"], {"flow_name": _named(below)})

    def _gone_on(self, state: State) -> State:
        """The active frame leaves the step that it waited at."""
        frame = state.stack[-1]
        step = self._flows[frame.flow].steps[frame.step]
        return stack.moved(state, stack.next_step(step, state))

    def _business(self, state: State) -> Flow | None:
        """The customer's business that is under way, or None."""
        flows = (self._flows[frame.flow] for frame in reversed(state.stack) if not frame.data.get(stack.CALLED))
        return next((flow for flow in flows if not flow.is_pattern), None)

    # ------------------------------------------------------------ what was stored

    def _readable(self, state: State, patterns: Patterns) -> State:
        """The stored state as this content can go on with it: slots have their first values, and flows still exist."""
        first = {slot.name: slot.initial for slot in self._domain.slots.values() if slot.initial is not None}
        state = replace(state, slots={**first, **state.slots})
        steps = [self._flows.by_id[f.flow].steps if f.flow in self._flows else {} for f in state.stack]
        if all(frame.step in known or frame.step == END for frame, known in zip(state.stack, steps, strict=True)):
            return state
        patterns.append(("pattern_code_change", {}))
        return replace(state, stack=())

    def _fresh(self, state: State) -> State:
        """A new session: who spoke last may not be who speaks now, so nothing personal is carried over."""
        kept = {name: value for name, value in state.slots.items() if name in ("language", "audience")}
        first = {slot.name: slot.initial for slot in self._domain.slots.values() if slot.initial is not None}
        return replace(state, slots={**first, **kept}, stack=(), verified=())


def load_dialogue(bot: Path, domain: Domain) -> FlowDialogue:
    """The dialogue over the flows under `bot/data/flows`. Raises BadContent for the first thing in them that cannot run."""
    vocabulary = Vocabulary(domain.slots, (*domain.actions, *OWN_ACTIONS), domain.responses, domain.intents)
    return FlowDialogue(load_flows(bot / "data" / "flows", vocabulary), domain)


def _named(flow: Flow) -> Say:
    """What the flow is called, in the customer's language once it is said."""
    return Say(f"utter_flow_{flow.id}")
