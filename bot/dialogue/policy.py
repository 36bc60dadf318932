"""The port Dialogue: what the customer said changes the stack of flows, then flows run up to the next open end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue import stack
from bot.dialogue.confirming import CONFIRMED
from bot.dialogue.flows import END, Flow, Flows, FlowStep
from bot.dialogue.loader import Vocabulary, load_flows
from bot.domain import DEFAULT, Domain
from bot.errors import StreamdeskError
from bot.pack import FLOWS, Pack
from bot.types import (
    WISH,
    Answer,
    Ask,
    AskKnowledge,
    CancelFlow,
    CannotHandle,
    Chat,
    Choice,
    Clarify,
    Command,
    CorrectSlot,
    Decision,
    Do,
    Escalate,
    Feedback,
    Frame,
    InternalError,
    LogOut,
    Outcome,
    Photo,
    ReadPhoto,
    Recommend,
    RepeatReplies,
    RequestHuman,
    Say,
    Search,
    SetSlot,
    Silence,
    SkipStep,
    StartFlow,
    State,
    Step,
    Verdict,
    Wait,
)

# Steps of one turn without anything to carry out; more is a flow that goes in circles.
MAX_STEPS = 200
# The engine's own actions, which become decisions rather than calls of the shop, from what their pattern is about.
OWN_ACTIONS: Mapping[str, Callable[[Mapping[str, Any]], Decision | None]] = {
    "action_answer": lambda data: Answer(
        data["text"], data["topic"], tuple(data["product_ids"]), data["besides"], tuple(data["intents"])
    ),
    "action_recommend": lambda data: Recommend(data["text"], tuple(data["product_ids"])),
    "action_feedback": lambda data: Feedback(Verdict(data["verdict"]), data["product_id"]),
    "action_read_photo": lambda data: ReadPhoto(Photo(data["digest"], data["media_type"])),
    "action_hand_off": lambda data: Escalate(data.get("reason", "")),
    "action_chat": lambda data: Say(data["response"]) if data["response"] else None,
    "action_repeat_bot_messages": lambda data: Say("utter_repeat", {"text": data["text"]}, tuple(data["choices"])),
    "action_clarify": lambda data: Say(
        "utter_clarify" if len(data["options"]) > 1 else "utter_offer_flow",
        {"options": data["options"]},
        tuple(data["choices"]),
    ),
    "action_listen": lambda data: Wait(),
    "action_clean_stack": lambda data: None,
}
# Slots that never travel to an action.
_NOT_ARGUMENTS = (
    "language",
    "audience",
    "login_ended",
    "login_told",
    "logged_out",
    "outcome",
    "link",
    "order_example",
    "failures",
    "silence_count",
    "silence_timeout",
    "wishes",
)
# Slots that the engine sets from each message, in whatever session it comes.
_OF_THE_MESSAGE = ("language", "audience", "login_ended", "logged_out")
# How long what was proven holds without a word from the customer, where the settings say nothing else.
PROOFS_LAST = timedelta(minutes=30)
# Flows that came to their end and whose values may still be corrected.
MAX_FINISHED = 3
# The slot of what waits, each a flow with the values that were said for it, and how much may wait.
WISHES = "wishes"
MAX_WISHES = 3
# From so many answers on that were none, a person is offered.
MOST_REFUSED = 3

# Patterns to be walked through before the flow under way goes on, in order, each with what it is about.
Patterns = list[tuple[str, Mapping[str, Any]]]


class FlowDialogue:
    """`Dialogue` over flows: pure, so that a turn can be decided again with the same result."""

    def __init__(self, flows: Flows, domain: Domain, proofs_last: timedelta = PROOFS_LAST) -> None:
        """`proofs_last`: a session in which something was proven ends after so long without a word, others by the domain."""
        self._flows = flows
        self._domain = domain
        self._proofs_last = proofs_last

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
        elif self._is_over(state, commands, now):
            patterns.append(("pattern_session_expired", {"unfinished": bool(state.stack)}))
            state = self._fresh(state)
        commands = self._wanted(state, commands)
        values = [c for c in commands if isinstance(c, SetSlot | CorrectSlot) and self._is_of_use(state, c, commands)]
        later = [value for value in values if self._for_new_flow(state, value, commands)]
        state = self._given(state, [value for value in values if value not in later], patterns)
        said_before = state.slots
        for command in commands:
            state = self._apply(state, command, patterns)
        state = stack.with_slots(state, self._carried_over(said_before, commands))
        state = stack.with_slots(state, {value.name: value.value for value in later})
        if not any(isinstance(command, CannotHandle) for command in commands):
            state = stack.with_slots(state, {"failures": 0.0})
        if not any(isinstance(command, Silence) for command in commands):
            state = stack.with_slots(state, {"silence_count": 0.0})
        for flow_id, data in reversed(patterns):
            state = stack.pushed(state, self._flows[flow_id], data)
        return self._run(state)

    def resume(self, state: State, outcomes: Sequence[Outcome]) -> Step:
        """Take in what actions came to: their slots, their grants, and `outcome` for the flow's conditions."""
        for outcome in outcomes:
            result = "done" if outcome.ok else outcome.refusal or "failed"
            state = stack.with_slots(state, {"outcome": result, **outcome.slots})
            state = replace(state, verified=tuple(dict.fromkeys([*state.verified, *outcome.grants])))
        frame = state.stack[-1]
        if frame.collecting is not None:  # a value was looked at: what is in its slot now stands, or it is asked for again
            seen = {**frame.data, stack.VALIDATED: state.slots.get(frame.collecting)}
            return self._run(stack.with_top(state, replace(frame, data=seen)))
        return self._run(self._gone_on(state))

    # ------------------------------------------------------------ what the customer said

    def _is_over(self, state: State, commands: Sequence[Command], now: datetime) -> bool:
        """Whether the session ended before somebody said something again."""
        spoken = not any(isinstance(command, Silence) for command in commands)
        length = self._domain.session_length
        lasts = min(length, self._proofs_last) if state.verified else length
        return spoken and state.last_seen is not None and now - state.last_seen > lasts

    def _wanted(self, state: State, commands: Sequence[Command]) -> Sequence[Command]:
        """Without what an answer is not meant to be besides, where the open question forces that."""
        asked = self._open_question(state)
        if asked is None or not asked.force_slot_filling:
            return commands
        values = [command for command in commands if isinstance(command, SetSlot)]
        answers = [value for value in values if value.name == asked.name]
        if not answers:
            return commands
        read = [value for value in values if asked.name in stack.READ_OF.get(value.name, ())]
        return [*answers, *read, *(c for c in commands if isinstance(c, RequestHuman | CancelFlow | LogOut))]

    def _open_question(self, state: State) -> FlowStep | None:
        """The step that waits for the customer's answer, or None."""
        frame = state.stack[-1] if state.stack else None
        return self._flows[frame.flow].steps[frame.step] if frame is not None and frame.collecting else None

    def _waits_for_yes(self, state: State) -> bool:
        asked = self._open_question(state)
        return asked is not None and asked.name == CONFIRMED

    def _is_of_use(self, state: State, value: SetSlot | CorrectSlot, commands: Sequence[Command]) -> bool:
        """Whether something under way, begun by the same message, or still to come takes a value.

        What is said in passing would otherwise answer a question that is asked much later.
        """
        if value.name not in self._domain.slots:
            return False
        if value.name == WISH:
            return any(isinstance(command, StartFlow) for command in commands)
        if isinstance(value, CorrectSlot):
            return True
        if value.name in stack.READ_OF:
            words = (c for c in commands if isinstance(c, SetSlot) and c.name in stack.READ_OF[value.name])
            return any(self._is_of_use(state, said, commands) for said in words)
        started = [command.flow for command in commands if isinstance(command, StartFlow) and command.flow in self._flows]
        at_hand = {*started, *(frame.flow for frame in state.stack), *state.finished}
        return value.name in self._flows.kept_slots or any(self._flows.fills(flow, value.name) for flow in at_hand)

    def _for_new_flow(self, state: State, value: SetSlot | CorrectSlot, commands: Sequence[Command]) -> bool:
        """Whether a value belongs to a flow that the same message starts, rather than to what is under way."""
        if value.name == WISH or WISH in stack.READ_OF.get(value.name, ()):
            return any(isinstance(command, StartFlow) for command in commands)
        started = (command.flow for command in commands if isinstance(command, StartFlow) and command.flow in self._flows)
        under_way = {frame.flow for frame in state.stack}
        return any(flow not in under_way and self._flows.fills(flow, value.name) for flow in started)

    def _given(self, state: State, values: Sequence[SetSlot | CorrectSlot], patterns: Patterns) -> State:
        """What is asked for, what is volunteered, and what replaces a value given before, however many at once."""
        corrected: list[Any] = []
        refused = False
        for value in values:
            asked = self._open_question(state)
            is_answer = asked is not None and asked.name == value.name
            if value.name == CONFIRMED and not is_answer:
                continue  # a yes counts only as the answer to its question: never before a summary was told
            depth = None if is_answer else self._frame_resting_on(state, value.name)
            if depth is not None and state.slots.get(value.name) != value.value:
                state = self._gone_back(state, depth, value.name)
                corrected.append(value.value)
            elif (
                isinstance(value, CorrectSlot) and depth is None and not is_answer and not self._is_ahead(state, value.name)
            ):
                again = self._taken_up_again(state, value.name)
                refused = refused or again is None
                if again is None:
                    continue
                state = again
                corrected.append(value.value)
            told_before = not is_answer and depth is None and state.slots.get(value.name) != value.value
            state = stack.with_slots(state, {value.name: value.value})
            if told_before and asked is not None and asked.name == CONFIRMED and self._is_ahead(state, value.name):
                state = self._found_out_again(state)  # the summary was told without this value
        if corrected:
            patterns.append(("pattern_correction", {"corrected": corrected}))
        if refused:
            patterns.append(("pattern_cannot_correct", {}))
        return state

    def _apply(self, state: State, command: Command, patterns: Patterns) -> State:
        match command:
            case StartFlow():
                begun = self._put_off if command.later else self._started
                return begun(state, command, patterns)
            case CancelFlow() | LogOut():
                return self._given_up(state, command, patterns)
            case SkipStep():
                return self._skipped(state, patterns)
            case CannotHandle():
                patterns.append(("pattern_cannot_handle", {"reason": command.reason}))
                return stack.with_slots(state, {"failures": float(state.slots.get("failures") or 0) + 1})
            case SetSlot() | CorrectSlot():
                return state  # applied before everything else
            case Silence():
                return self._silent(state, patterns)
            case RepeatReplies() if self._waits_for_yes(state):
                return self._found_out_again(state)  # what was said last may be anything; what a yes is to is the summary
        patterns.append(self._pattern(state, command))
        return state

    def _given_up(self, state: State, command: CancelFlow | LogOut, patterns: Patterns) -> State:
        if isinstance(command, CancelFlow):
            return self._cancelled(state, patterns, everything=command.everything)
        patterns.append(("pattern_log_out", {}))
        return self._fresh(state)

    def _carried_over(self, said: Mapping[str, Any], commands: Sequence[Command]) -> Mapping[str, Any]:
        """What was said for a flow that is given up for another, as far as the other asks for the same."""
        started = [command.flow for command in commands if isinstance(command, StartFlow) and command.flow in self._flows]
        if not any(isinstance(command, CancelFlow) for command in commands) or not started:
            return {}
        asked = (slot for slot in said if slot != CONFIRMED and any(self._flows.fills(flow, slot) for flow in started))
        return {slot: said[slot] for slot in asked if said[slot] is not None}

    def _pattern(self, state: State, command: Command) -> tuple[str, Mapping[str, Any]]:
        """The pattern of a command that leaves the customer's business as it is."""
        match command:
            case AskKnowledge():
                return "pattern_search", asdict(command)
            case Recommend() | Feedback():
                return f"pattern_{command.kind}", asdict(command)
            case ReadPhoto():
                return "pattern_photo", asdict(command.photo)
            case Clarify():
                return "pattern_clarification", self._options(command.options)
            case Chat():
                return "pattern_chitchat", {"response": self._domain.rules.get(command.intent, "")}
            case RequestHuman():
                return "pattern_human_handoff", {"reason": command.reason}
            case RepeatReplies():
                return "pattern_repeat_bot_messages", _last_words(state)
            case InternalError():
                return "pattern_internal_error", {"reason": command.reason}
        raise StreamdeskError(f"the dialogue knows no command {command.kind}")

    def _options(self, names: Sequence[str]) -> Mapping[str, Any]:
        """The flows that a message may have meant, by their own names or by the intents that start them."""
        ids = dict.fromkeys(self._flows.triggers.get(name, name) for name in names)
        flows = [self._flows[flow_id] for flow_id in ids if flow_id in self._flows and self._flows[flow_id].triggers]
        choices = [Choice(_named(flow), f"/{flow.triggers[0]}") for flow in flows]
        return {"options": [choice.title for choice in choices], "choices": choices}

    def _gone_back(self, state: State, depth: int, slot: str) -> State:
        """The flow at `depth` goes back to where the slot is collected: everything that rests on it is done again.

        What was begun on top of that flow stays on top.
        """
        above = state.stack[self._end_of(state, depth) :]
        frame = state.stack[depth]
        step_id = next(step for step in self._flows.fills(frame.flow, slot) if step in stack.passed(frame))
        mended = stack.moved(replace(state, stack=state.stack[: depth + 1]), step_id)
        if self._flows[frame.flow].steps[step_id].kind == "collect":
            mended = stack.with_top(mended, replace(mended.stack[-1], collecting=slot))  # it is answered, not asked again
        return replace(mended, stack=(*mended.stack, *above))

    def _taken_up_again(self, state: State, slot: str) -> State | None:
        """A flow that has ended is done again with the new value when it only looked something up; what it wrote stands."""
        flows = (flow_id for flow_id in reversed(state.finished) if flow_id in self._flows)
        found = next((flow_id for flow_id in flows if self._flows.fills(flow_id, slot)), None)
        if found is None or self._flows.changes_something(found):
            return None
        return self._pushed(state, self._flows[found])

    def _end_of(self, state: State, depth: int) -> int:
        """Where the frames end that belong to the flow at `depth`: itself and what it called."""
        end = depth + 1
        while end < len(state.stack) and state.stack[end].data.get(stack.CALLED):
            end += 1
        return end

    def _frame_resting_on(self, state: State, slot: str) -> int | None:
        """How deep in the stack the flow is that has left a step collecting `slot`; the nearest to the top."""
        for depth in range(len(state.stack) - 1, -1, -1):
            frame = state.stack[depth]
            if set(self._flows.fills(frame.flow, slot)) & set(stack.passed(frame)):
                return depth
        return None

    def _is_ahead(self, state: State, slot: str) -> bool:
        """Whether something under way will come to collect `slot`."""
        return any(self._flows.fills(frame.flow, slot) for frame in state.stack)

    def _started(self, state: State, command: StartFlow, patterns: Patterns) -> State:
        flow_id = command.flow
        flow = self._flows.by_id.get(flow_id)
        if flow is None or (flow.guard and not flow.guard.holds(state.slots, {})):
            patterns.append(("pattern_cannot_handle", {"reason": "out_of_scope"}))
            return state
        if any(frame.flow == flow_id for frame in state.stack):
            return self._brought_up(state, flow_id)
        return self._pushed(state, flow)

    def _put_off(self, state: State, command: StartFlow, patterns: Patterns) -> State:
        """What is wanted besides is named, and taken up once nothing else is under way."""
        waiting = [[command.flow, dict(command.given)]]
        if command.flow not in self._flows or waiting[0] in (state.slots.get(WISHES) or []):
            return state
        patterns.append(("pattern_wish_waits", {"flow_name": _named(self._flows[command.flow]), **_about_order(command)}))
        return stack.with_slots(state, {WISHES: [*(state.slots.get(WISHES) or []), *waiting][-MAX_WISHES:]})

    def _next_wish(self, state: State) -> State | None:
        """The first wish that waits, begun with its own values; None where none does."""
        waiting = [wish for wish in state.slots.get(WISHES) or [] if wish[0] in self._flows]
        if not waiting:
            return None
        flow_id, given = waiting[0]
        own = {"phone_last4": None, **given} if "order_number" in given else given
        state = stack.with_slots(state, {WISHES: waiting[1:] or None, **own})
        state = self._pushed(state, self._flows[flow_id])
        return stack.pushed(state, self._flows["pattern_wish_taken_up"], {"flow_name": _named(self._flows[flow_id])})

    def _pushed(self, state: State, flow: Flow) -> State:
        """Begin business on top of what is under way, whose values it will put back."""
        under = {slot for frame in state.stack for slot in state.slots if self._flows.fills(frame.flow, slot)}
        shared = {slot: state.slots[slot] for slot in under if self._flows.fills(flow.id, slot)}
        return stack.pushed(state, flow, {stack.SAVED: shared} if shared else {})

    def _brought_up(self, state: State, flow_id: str) -> State:
        """The customer comes back to something under way: it and what it called move to the top."""
        first = next(n for n, frame in enumerate(state.stack) if frame.flow == flow_id)
        last = self._end_of(state, first)
        return replace(state, stack=(*state.stack[:first], *state.stack[last:], *state.stack[first:last]))

    def _cancelled(self, state: State, patterns: Patterns, *, everything: bool) -> State:
        state, given_up = stack.without_user_flow(state, self._flows)
        while everything and state.stack:
            state, _ = stack.without_user_flow(state, self._flows)
        if everything:
            state = stack.with_slots(state, {WISHES: None})
        if given_up is None:
            patterns.append(("pattern_nothing_to_cancel", {}))
        else:
            patterns.append(("pattern_cancel_flow", {"flow_name": _named(given_up)}))
            if below := self._business(state):
                state = self._found_out_again(state)
                patterns.append(("pattern_continue_interrupted", {"flow_name": _named(below)}))
            elif (begun := self._next_wish(state)) is not None:
                patterns.append(("pattern_wish_taken_up", stack.about(begun.stack[-1])))
                state = replace(begun, stack=begun.stack[:-1])
        return state

    def _skipped(self, state: State, patterns: Patterns) -> State:
        asked = self._open_question(state)
        patterns.append(
            ("pattern_skip_question", {"asked": asked is not None, "optional": asked is not None and asked.optional})
        )
        return stack.moved(state, stack.next_step(asked, state)) if asked is not None and asked.optional else state

    def _silent(self, state: State, patterns: Patterns) -> State:
        """Nobody answered. Only an open question makes that worth a word."""
        if self._open_question(state) is None:
            return state
        patterns.append(("pattern_user_silence", {}))
        return stack.with_slots(state, {"silence_count": float(state.slots.get("silence_count") or 0) + 1})

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
        if frame.collecting != step.name and step.ask_before_filling:
            state = stack.with_slots(state, {step.name: None})
        value = state.slots.get(step.name)
        if value is not None and step.validation and frame.data.get(stack.VALIDATED) != value:
            state = stack.with_top(state, replace(frame, collecting=step.name, data={**frame.data, stack.VALIDATED: value}))
            return state, [Do(step.validation, self._arguments(state))], True
        decisions: list[Decision] = []
        if value is not None:
            rejection = next((r for r in step.rejections if r.condition.holds(state.slots, stack.about(frame))), None)
            if rejection is None:
                return stack.moved(state, stack.next_step(step, state)), [], False
            refused = frame.data.get(stack.REFUSED, 0) + 1
            decisions += [Say(rejection.utter), *([Say("utter_cannot_skip")] if refused >= MOST_REFUSED else [])]
            state = stack.with_top(state, replace(frame, data={**frame.data, stack.REFUSED: refused}))
            state = stack.with_slots(state, {step.name: None})
        state = stack.with_top(state, replace(state.stack[-1], collecting=step.name))
        return state, [*decisions, Ask(step.name, step.utter or f"utter_ask_{step.name}")], True

    def _act(self, state: State, frame: Frame, step: FlowStep) -> tuple[State, list[Decision], bool]:
        if step.name == "action_clean_stack":
            state = replace(state, stack=(frame,))
        decision = self._decision(state, frame, step.name)
        if isinstance(decision, Do):
            return state, [decision], True  # `resume` goes on from this step, by what came of it
        state = stack.moved(state, stack.next_step(step, state))
        if isinstance(decision, Escalate | Wait):
            # what was open stays open, for the customer to come back to; it is not asked for again now
            return self._business_only(state), [decision], True
        return state, [decision] if decision else [], False

    def _business_only(self, state: State) -> State:
        """Without the patterns: the customer waits for an answer or a person, and the open question lies under them."""
        return replace(state, stack=tuple(frame for frame in state.stack if not self._flows[frame.flow].is_pattern))

    def _decision(self, state: State, frame: Frame, action: str) -> Decision | None:
        data = stack.about(frame)
        if action in OWN_ACTIONS:
            return OWN_ACTIONS[action](data)
        if action.startswith("utter_"):
            return Say(action, data)
        return Do(action, self._arguments(state))

    def _arguments(self, state: State) -> Mapping[str, Any]:
        """The slots that travel to an action."""
        return {name: value for name, value in state.slots.items() if value is not None and name not in _NOT_ARGUMENTS}

    def _ended(self, state: State) -> State:
        """The active flow is at its end: what lay under it goes on."""
        frame = state.stack[-1]
        state = stack.popped(state, self._flows)
        if frame.data.get(stack.CALLED):
            return self._gone_on(state)
        flow = self._flows[frame.flow]
        if flow.is_pattern:
            return state
        kept = [name for name in state.finished if name != flow.id]
        state = replace(state, finished=(*kept, flow.id)[-MAX_FINISHED:])
        below = self._business(state)
        if below is None and (begun := self._next_wish(state)) is not None:
            return begun
        if below is None:
            if not flow.run_pattern_completed:
                return state
            changed = self._flows.changes_something(flow.id) and state.slots.get("outcome") == "done"
            return stack.pushed(state, self._flows["pattern_completed"], {"changed": changed})
        state = self._found_out_again(state)
        return stack.pushed(state, self._flows["pattern_continue_interrupted"], {"flow_name": _named(below)})

    def _found_out_again(self, state: State) -> State:
        """A flow that goes on after other business first does its last look-up again: what rests on it may have changed.

        So a summary is told anew before its yes, and an order that was proven meanwhile needs no digits.
        """
        frame = state.stack[-1]
        steps = self._flows[frame.flow].steps
        looked_up = [step for step in stack.passed(frame) if step in steps and self._only_looks_up(steps[step])]
        return stack.moved(state, looked_up[-1]) if looked_up else state

    def _only_looks_up(self, step: FlowStep) -> bool:
        is_call = step.kind == "action" and not step.name.startswith("utter_") and step.name not in OWN_ACTIONS
        return is_call and step.name not in self._flows.writes

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
        kept = {name: value for name, value in state.slots.items() if name in _OF_THE_MESSAGE}
        first = {slot.name: slot.initial for slot in self._domain.slots.values() if slot.initial is not None}
        forgotten = replace(state, recent=(), shown=(), search=Search(), last_replies=(), verified=())
        return replace(forgotten, slots={**first, **kept}, stack=(), finished=())


def load_dialogue(
    domain: Domain, writes: Mapping[str, str], pack: Pack = DEFAULT, proofs_last: timedelta = PROOFS_LAST
) -> FlowDialogue:
    """The dialogue over the flows of a pack. Raises BadContent for the first thing in them that cannot run.

    `writes` are the actions that change something, each with the action that tells exactly what it would do.
    """
    vocabulary = Vocabulary(domain.slots, (*domain.actions, *OWN_ACTIONS), domain.responses, domain.intents, writes)
    return FlowDialogue(load_flows(pack.layers(FLOWS), vocabulary), domain, proofs_last)


def _named(flow: Flow) -> Say:
    """What the flow is called, in the customer's language once it is said."""
    return Say(f"utter_flow_{flow.id}")


def _about_order(command: StartFlow) -> Mapping[str, str]:
    """The number of the order that a wish is about, in brackets, where it was said."""
    number = dict(command.given).get("order_number")
    return {"order": f" ({number})" if number else ""}


def _last_words(state: State) -> Mapping[str, Any]:
    """What was said last, with its buttons, to be said again."""
    buttons = (button for reply in state.last_replies for button in reply.buttons if button.payload)
    choices = [Choice(Say("utter_repeat", {"text": button.title}), button.payload) for button in buttons]
    return {"text": "\n".join(reply.text for reply in state.last_replies if reply.text), "choices": choices}
