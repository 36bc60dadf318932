"""Business processes as data: what Rasa's CALM YAML says, compiled. The loader reads them, the policy walks through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.dialogue.conditions import Condition

# Where a flow ends.
END = "END"

Kind = Literal["collect", "action", "set_slots", "noop", "link", "call"]


@dataclass(frozen=True, slots=True)
class Branch:
    """Where to go next, when `condition` holds (always where it is None)."""

    condition: Condition | None
    target: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A value that is not accepted, and the response that says so."""

    condition: Condition
    utter: str


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step. `name` is the slot, action or flow that it is about, `line` its place in the file.

    A collect step: `validation` is the action that looks at a value before it is taken, `force_slot_filling` lets an answer
    be nothing but the answer, `optional` (which CALM lacks) lets the customer skip it.
    """

    id: str
    kind: Kind
    name: str = ""
    next: tuple[Branch, ...] = ()
    description: str = ""
    utter: str = ""
    ask_before_filling: bool = False
    reset_after_flow_ends: bool = True
    force_slot_filling: bool = False
    optional: bool = False
    validation: str = ""
    rejections: tuple[Rejection, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """A process. `guard` must hold for a customer to start it; `triggers` are the intents that do.

    `persisted` slots are kept when it ends. `run_pattern_completed`: whether its end is an end of business that may be said.
    """

    id: str
    name: str
    description: str
    steps: Mapping[str, FlowStep]
    first: str
    guard: Condition | None = None
    triggers: tuple[str, ...] = ()
    persisted: frozenset[str] = frozenset()
    run_pattern_completed: bool = True
    file: str = ""
    line: int = 0

    @property
    def own_slots(self) -> frozenset[str]:
        """The slots that it fills and does not keep: they are forgotten when it ends."""
        filled: set[str] = set()
        kept: set[str] = set(self.persisted)
        for step in self.steps.values():
            if step.kind == "collect":
                (filled if step.reset_after_flow_ends else kept).add(step.name)
            filled.update(step.values)
        return frozenset(filled - kept)

    @property
    def is_pattern(self) -> bool:
        """Whether it mends the conversation rather than doing the customer's business."""
        return self.id.startswith("pattern_")


@dataclass(frozen=True, slots=True)
class Flows:
    """Every flow by its id; the engine's patterns among them, each replaced by the shop's own of the same id.

    `writes` are the actions that change something in the shop.
    """

    by_id: Mapping[str, Flow]
    writes: frozenset[str] = frozenset()

    def __getitem__(self, flow_id: str) -> Flow:
        return self.by_id[flow_id]

    def __contains__(self, flow_id: str) -> bool:
        return flow_id in self.by_id

    @property
    def triggers(self) -> Mapping[str, str]:
        """Which flow an intent starts."""
        return {intent: flow.id for flow in self.by_id.values() for intent in flow.triggers}

    def changes_something(self, flow_id: str) -> bool:
        """Whether a flow, or one that it calls or goes on with, writes to the shop."""
        steps = (step for reached in self.reached(flow_id) for step in self.by_id[reached].steps.values())
        return any(step.kind == "action" and step.name in self.writes for step in steps)

    @property
    def kept_slots(self) -> frozenset[str]:
        """The slots that some flow fills and keeps: a value for one of them is welcome at any time."""
        steps = (step for flow in self.by_id.values() for step in flow.steps.values() if step.kind == "collect")
        return frozenset(step.name for step in steps if not step.reset_after_flow_ends)

    def reached(self, flow_id: str) -> frozenset[str]:
        """A flow and all those that it calls or goes on with."""
        found: set[str] = set()
        waiting = [flow_id]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [step.name for step in self.by_id[name].steps.values() if step.kind in ("call", "link")]
        return frozenset(found)

    def fills(self, flow_id: str, slot: str) -> tuple[str, ...]:
        """The steps of a flow that collect `slot`, themselves or in a flow that they call or end in, in their order."""
        return self._fills(flow_id, slot, frozenset())

    def _fills(self, flow_id: str, slot: str, above: frozenset[str]) -> tuple[str, ...]:
        """`above` are the flows that led here: flows may end in each other."""
        if flow_id in above:
            return ()
        return tuple(
            step.id
            for step in self.by_id[flow_id].steps.values()
            if (step.kind == "collect" and step.name == slot)
            or (step.kind in ("call", "link") and self._fills(step.name, slot, above | {flow_id}))
        )
