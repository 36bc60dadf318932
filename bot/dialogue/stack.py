"""The stack of flows under way, as pure functions on State. The active frame is the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue.flows import END, Flow, Flows, FlowStep
from bot.types import Frame, State

# In a frame's data: the flow was called by the one below.
CALLED = "called"


def pushed(state: State, flow: Flow, data: Mapping[str, Any]) -> State:
    """Begin a flow on top of what is under way."""
    frame = Frame(flow.id, flow.first, f"{state.version}.{len(state.stack)}", data=dict(data))
    return replace(state, stack=(*state.stack, frame))


def moved(state: State, step_id: str) -> State:
    """The active frame goes on at another step, with nothing asked there yet."""
    return with_top(state, replace(state.stack[-1], step=step_id, collecting=None))


def with_top(state: State, frame: Frame) -> State:
    """Replace the active frame."""
    return replace(state, stack=(*state.stack[:-1], frame))


def popped(state: State, flows: Flows) -> State:
    """End the active flow and forget what it collected, except what its steps say to keep.

    A flow that was called leaves its slots to its caller, which forgets them when it ends itself.
    """
    frame = state.stack[-1]
    rest = replace(state, stack=state.stack[:-1])
    if frame.data.get(CALLED) or frame.flow not in flows:
        return rest
    forgotten = _collected(flows, frame.flow)
    return with_slots(rest, dict.fromkeys(forgotten & rest.slots.keys()))


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
    context = state.stack[-1].data
    holding = (
        branch.target for branch in step.next if branch.condition is None or branch.condition.holds(state.slots, context)
    )
    return next(holding, END)


def _collected(flows: Flows, flow_id: str) -> frozenset[str]:
    """Slots that a flow and those it calls collect and do not keep."""
    own: set[str] = set()
    for step in flows[flow_id].steps.values():
        if step.kind == "collect" and step.reset_after_flow_ends:
            own.add(step.name)
        elif step.kind == "call":
            own |= _collected(flows, step.name)
    return frozenset(own)
