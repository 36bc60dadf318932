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
    """One step. `name` is the slot, action or flow that it is about, `line` its place in the file."""

    id: str
    kind: Kind
    name: str = ""
    next: tuple[Branch, ...] = ()
    description: str = ""
    utter: str = ""
    ask_before_filling: bool = False
    reset_after_flow_ends: bool = True
    optional: bool = False
    rejections: tuple[Rejection, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """A process. `guard` must hold for a customer to start it; `triggers` are the intents that do."""

    id: str
    name: str
    description: str
    steps: Mapping[str, FlowStep]
    first: str
    guard: Condition | None = None
    triggers: tuple[str, ...] = ()
    file: str = ""

    @property
    def is_pattern(self) -> bool:
        """Whether it mends the conversation rather than doing the customer's business."""
        return self.id.startswith("pattern_")

    def collects(self, slot: str) -> str | None:
        """The step that collects `slot`, or None."""
        found = (step.id for step in self.steps.values() if step.kind == "collect" and step.name == slot)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Flows:
    """Every flow by its id; the engine's patterns among them, each replaced by the shop's own of the same id."""

    by_id: Mapping[str, Flow]

    def __getitem__(self, flow_id: str) -> Flow:
        return self.by_id[flow_id]

    def __contains__(self, flow_id: str) -> bool:
        return flow_id in self.by_id

    @property
    def triggers(self) -> Mapping[str, str]:
        """Which flow an intent starts."""
        return {intent: flow.id for flow in self.by_id.values() for intent in flow.triggers}

    def reaching(self, flow_id: str, slot: str) -> str | None:
        """The step of a flow that collects `slot`, itself or through a flow that it calls; None when nothing does."""
        flow = self.by_id[flow_id]
        own = flow.collects(slot)
        if own:
            return own
        calls = (step for step in flow.steps.values() if step.kind == "call")
        return next((step.id for step in calls if self.reaching(step.name, slot)), None)
