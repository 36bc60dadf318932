"""The stack of flows under way, as pure functions on State. The active frame is the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue.flows import END, Flow, Flows, FlowStep
from bot.types import WISH, Frame, State

# In a frame's data: the flow was called by the one below.
CALLED = "called"
# In a frame's data: the value of the open question that its validation has looked at.
VALIDATED = "validated"
# In a frame's data: the steps that it has left, in order, as far as it has not gone back.
PASSED = "passed"
# In a frame's data: what slots held that the flow shares with those under it, to be put back when it ends.
SAVED = "saved"
# In a frame's data: how many answers to the open question were none.
REFUSED = "refused"
_OWN = (CALLED, VALIDATED, PASSED, SAVED, REFUSED)
# What was read of other slots' words, and of which: it comes and goes with them.
READ_OF: Mapping[str, tuple[str, ...]] = {"reason_kind": (WISH, "reason")}


def pushed(state: State, flow: Flow, data: Mapping[str, Any]) -> State:
    """Begin a flow on top of what is under way."""
    frame = Frame(flow.id, flow.first, f"{state.version}.{len(state.stack)}", data=dict(data))
    return replace(state, stack=(*state.stack, frame))


def moved(state: State, step_id: str) -> State:
    """The active frame goes on at another step, with nothing asked or looked at there yet."""
    frame = state.stack[-1]
    left = tuple(dict.fromkeys([*passed(frame), frame.step]))
    kept = left[: left.index(step_id)] if step_id in left else left
    data = {**frame.data, PASSED: kept}
    for ended in (VALIDATED, REFUSED):
        data.pop(ended, None)
    return with_top(state, replace(frame, step=step_id, collecting=None, data=data))


def passed(frame: Frame) -> tuple[str, ...]:
    """The steps that a frame has left, in order."""
    return tuple(frame.data.get(PASSED, ()))


def about(frame: Frame) -> Mapping[str, Any]:
    """What a frame was begun with: the `context` of its conditions and responses."""
    return {name: value for name, value in frame.data.items() if name not in _OWN}


def with_top(state: State, frame: Frame) -> State:
    """Replace the active frame."""
    return replace(state, stack=(*state.stack[:-1], frame))


def popped(state: State, flows: Flows) -> State:
    """End the active flow and forget what it filled, except what it says to keep; what it shares with others is put back.

    A flow that was called leaves its slots to its caller, which forgets them when it ends itself.
    """
    frame = state.stack[-1]
    rest = replace(state, stack=state.stack[:-1])
    if frame.data.get(CALLED) or frame.flow not in flows:
        return rest
    begun = set() if flows[frame.flow].is_pattern else {WISH}
    forgotten = _collected(flows, frame.flow) | begun
    forgotten |= {read for read, words in READ_OF.items() if forgotten & set(words)}
    return with_slots(rest, {**dict.fromkeys(forgotten & rest.slots.keys()), **frame.data.get(SAVED, {})})


def without_user_flow(state: State, flows: Flows) -> tuple[State, Flow | None]:
    """Give up the customer's current business with everything on top of it and the flows that called it.

    Returns the state and the flow that was given up, None when nothing was under way.
    """
    given_up: Flow | None = None
    while state.stack:
        frame = state.stack[-1]
        flow = flows.by_id.get(frame.flow)
        state = popped(state, flows)
        if flow is not None and not flow.is_pattern and not frame.data.get(CALLED):
            given_up = flow
            break
    return state, given_up


def with_slots(state: State, values: Mapping[str, Any]) -> State:
    """Set slots; None forgets one."""
    return replace(state, slots={**state.slots, **values})


def next_step(step: FlowStep, state: State) -> str:
    """The id of the step after `step`, by the first branch whose condition holds."""
    context = about(state.stack[-1])
    holding = (
        branch.target for branch in step.next if branch.condition is None or branch.condition.holds(state.slots, context)
    )
    return next(holding, END)


def _collected(flows: Flows, flow_id: str) -> frozenset[str]:
    """Slots that a flow and those it calls fill and do not keep."""
    flow = flows[flow_id]
    called = (_collected(flows, step.name) for step in flow.steps.values() if step.kind == "call")
    return (flow.own_slots | frozenset().union(*called)) - flow.persisted
