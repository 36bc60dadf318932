"""Nothing that writes runs without an explicit yes to a summary of exactly what will happen: proved of every flow at load.

A forward data-flow analysis over the steps of one flow (Kildall, "A unified approach to global program optimization", POPL
1973). What is known at a step holds on every way that leads to it: which summary was told with nothing changed since, and
whether the customer said yes to it. An action that writes needs the yes to its own summary, and uses it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.dialogue.flows import END, Branch, Flow, FlowStep
from bot.errors import BadContent

# The slot that holds the customer's yes.
CONFIRMED = "confirmed"
# What an action that writes comes to when its plan is another by now (`actions.work.write`).
_STALE = 'slots.outcome is "confirmation_stale"'
_YES = (f"slots.{CONFIRMED} is true", f"slots.{CONFIRMED} = true", f"slots.{CONFIRMED} == true", f"slots.{CONFIRMED}")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is certain when a step begins: the action whose summary was told, and whether there was a yes to it."""

    told: str = ""
    yes: bool = False

    def with_other(self, other: _Known) -> _Known:
        """What is certain on both of two ways."""
        told = self.told if self.told == other.told else ""
        return _Known(told, self.yes and other.yes and bool(told))


def check_confirmations(flow: Flow, writes: Mapping[str, str]) -> None:
    """Raise BadContent, with file and line, for a way to a writing action without a yes to its summary.

    `writes` has the action that tells the summary for each action that writes.
    """
    writing = [step for step in flow.steps.values() if step.kind == "action" and step.name in writes]
    known = _known_at_each_step(flow, writes)
    for step in writing:
        here = known[step.id]
        if not here.yes or here.told != writes[step.name]:
            raise _error(
                flow,
                step,
                f"there is a way to {step.name!r} without a yes to what it will do.",
                f"Let `action: {writes[step.name]}` come first, then `collect: {CONFIRMED}` with `ask_before_filling: true`,"
                f" and come here by its branch `if: {_YES[0]}`; nothing may be collected or set in between.",
            )
    for step in flow.steps.values():
        if step.kind == "collect" and step.name == CONFIRMED and CONFIRMED not in flow.own_slots:
            remedy = "Take out `reset_after_flow_ends: false` and `persisted_slots` for it."
            raise _error(flow, step, "a yes that is kept after its flow would count for another.", remedy)


def _known_at_each_step(flow: Flow, writes: Mapping[str, str]) -> dict[str, _Known]:
    known = {flow.first: _Known()}
    waiting = [flow.first]
    while waiting:
        step = flow.steps[waiting.pop()]
        for branch in step.next:
            if branch.target == END:
                continue
            after = _after(step, branch, known[step.id], writes)
            before = known.get(branch.target)
            merged = after if before is None else before.with_other(after)
            if merged != before:
                known[branch.target] = merged
                waiting.append(branch.target)
    return known


def _after(step: FlowStep, branch: Branch, here: _Known, writes: Mapping[str, str]) -> _Known:
    """What is certain once a step was left by a branch."""
    match step.kind:
        case "action" if step.name in writes.values():
            return _Known(told=step.name)
        case "action" if step.name in writes and branch.condition is not None and branch.condition.text == _STALE:
            return _Known(told=writes[step.name])  # it wrote nothing, and told the summary of the new plan
        case "collect" if step.name == CONFIRMED and step.ask_before_filling:
            return replace(here, yes=bool(here.told) and branch.condition is not None and _says_yes(branch.condition.text))
        case "noop":
            return here
        case "action" if step.name.startswith("utter_"):
            return here
    return _Known()  # a value that came after the summary, an action, another flow: what was told may hold no longer


def _says_yes(condition: str) -> bool:
    """Whether a condition holds only after a yes: the yes alone, or together with more by `and`."""
    words = " ".join(condition.split())
    return " or " not in words.lower() and any(part in _YES for part in words.split(" and "))


def _error(flow: Flow, step: FlowStep, what: str, remedy: str) -> BadContent:
    return BadContent(what, where=f"{flow.file}:{step.line}, flow {flow.id}", remedy=remedy)
