"""Reads flows from YAML and refuses what cannot run, naming file, line and the nearest right word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import process
from ruamel.yaml.error import MarkedYAMLError

from bot.dialogue.conditions import Condition, compile_condition
from bot.dialogue.confirming import check_confirmations
from bot.dialogue.flows import END, Branch, Flow, Flows, FlowStep, Kind, Rejection
from bot.errors import BadContent
from bot.yaml import read_marked

PATTERNS = Path(__file__).parent / "patterns.yml"

_FLOW_KEYS = ("name", "description", "if", "nlu_trigger", "always_include_in_prompt", "persisted_slots",
              "run_pattern_completed", "steps")  # fmt: skip
_KINDS: tuple[Kind, ...] = ("collect", "action", "set_slots", "noop", "link", "call")
_FLAGS = ("ask_before_filling", "reset_after_flow_ends", "force_slot_filling", "optional")
_COLLECT_KEYS = ("utter", "rejections", *_FLAGS)
_STEP_KEYS = (*_KINDS, "id", "next", "description", "metadata", *_COLLECT_KEYS)
# What is said when a turn failed must not fail: it may do no more than this besides talking.
_LAST_RESORT = "pattern_internal_error"
_SAFE = ("action_listen", "action_clean_stack", "action_hand_off")
# Patterns that a flow may go on with; the others answer what a customer does.
_LINKABLE = ("pattern_human_handoff", "pattern_completed")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What flows may name: the domain's slots, actions and responses, and the intents that may start a flow.

    `writes` are the actions that change something in the shop, each with the action that tells exactly what it would do.
    """

    slots: Collection[str]
    actions: Collection[str]
    responses: Collection[str]
    intents: Collection[str]
    writes: Mapping[str, str] = field(default_factory=dict)


def load_flows(folders: Sequence[Path], vocabulary: Vocabulary) -> Flows:
    """The engine's patterns and every flow under the folders, those of a later one in the place of others of their name.

    Raises BadContent for the first thing that cannot run.
    """
    flows = {flow.id: flow for flow in _read(PATTERNS, vocabulary)}
    for folder in folders:
        flows |= _of_folder(folder, vocabulary)
    for flow in flows.values():
        _check(flow, flows, vocabulary)
        check_confirmations(flow, vocabulary.writes)
    _check_triggers(flows.values())
    return Flows(flows, frozenset(vocabulary.writes))


# ---------------------------------------------------------------- reading


def _of_folder(folder: Path, vocabulary: Vocabulary) -> dict[str, Flow]:
    found: dict[str, Flow] = {}
    for file in sorted(folder.glob("**/*.yml")):
        for flow in _read(file, vocabulary):
            if flow.id in found:
                raise BadContent(f"flow {flow.id!r} is written twice, also in {found[flow.id].file}.", where=str(file))
            found[flow.id] = flow
    return found


def _read(file: Path, vocabulary: Vocabulary) -> Iterator[Flow]:
    try:
        content = read_marked(file.read_text("utf-8"))
    except MarkedYAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    if not isinstance(content, dict) or not isinstance(content.get("flows"), dict):
        raise BadContent("there is no mapping `flows`.", where=str(file), remedy="Begin the file with `flows:`.")
    for flow_id, raw in content["flows"].items():
        yield _Reader(file, str(flow_id), _line(content["flows"], flow_id), vocabulary.actions).flow(raw)


def _line(mapping: Any, key: Any) -> int:
    return int(mapping.lc.key(key)[0]) + 1


class _Reader:
    """Compiles one flow; nested steps are laid out flat, each pointing to what comes after it."""

    def __init__(self, file: Path, flow_id: str, line: int, actions: Collection[str]) -> None:
        self._file = file
        self._flow_id = flow_id
        self._line = line
        self._actions = actions
        self._steps: dict[str, FlowStep] = {}

    def flow(self, raw: Any) -> Flow:
        if not isinstance(raw, dict) or not raw.get("steps"):
            raise self._error("has no steps", self._line)
        self._known(raw, _FLOW_KEYS)
        if not raw.get("description"):
            raise self._error("has no description", self._line)
        first = self._lay_out(raw["steps"], END)
        return Flow(
            id=self._flow_id,
            name=str(raw.get("name") or self._flow_id),
            description=str(raw["description"]),
            steps=self._steps,
            first=first,
            guard=self._condition(raw["if"], self._line) if "if" in raw else None,
            triggers=tuple(_triggers(raw.get("nlu_trigger") or ())),
            persisted=frozenset(str(slot) for slot in raw.get("persisted_slots") or ()),
            run_pattern_completed=self._flag(raw, "run_pattern_completed", True, self._line),
            file=str(self._file),
            line=self._line,
        )

    def _lay_out(self, raw_steps: Sequence[Any], after: str) -> str:
        """Add steps in order; the last goes on to `after`. Returns the id of the first."""
        ids = [self._id(raw, number) for number, raw in enumerate(raw_steps)]
        for number, raw in enumerate(raw_steps):
            following = ids[number + 1] if number + 1 < len(ids) else after
            self._add(ids[number], raw, following)
        return ids[0]

    def _id(self, raw: Any, number: int) -> str:
        if not isinstance(raw, dict):
            raise self._error(f"step {number + 1} is no mapping", self._line)
        kind = next((kind for kind in _KINDS if kind in raw), "step")
        return str(raw.get("id") or f"{_step_line(raw)}_{kind}")

    def _add(self, step_id: str, raw: Any, following: str) -> None:
        line = _step_line(raw)
        self._known(raw, _STEP_KEYS)
        kinds = [kind for kind in _KINDS if kind in raw]
        if len(kinds) != 1:
            raise self._error(f"a step needs exactly one of {', '.join(_KINDS)}; this one has {kinds or 'none'}", line)
        if step_id in self._steps:
            raise self._error(f"step id {step_id!r} is used twice", line)
        kind = kinds[0]
        for key in _COLLECT_KEYS if kind != "collect" else ():
            if key in raw:
                raise self._error(f"`{key}` belongs to a collect step, not to {kind}", _line(raw, key))
        if kind == "link" and "next" in raw:
            raise self._error("a link is the end of its flow: nothing comes next", _line(raw, "next"))
        # the place is taken before the branches are laid out, so that an id in them cannot take it
        self._steps[step_id] = FlowStep(step_id, kind)
        self._steps[step_id] = FlowStep(
            id=step_id,
            kind=kind,
            name="" if kind in ("set_slots", "noop") else str(raw[kind]),
            next=self._next(raw, following, line) if kind != "link" else (),
            description=str(raw.get("description", "")),
            utter=str(raw.get("utter", "")),
            ask_before_filling=self._flag(raw, "ask_before_filling", False, line),
            reset_after_flow_ends=self._flag(raw, "reset_after_flow_ends", True, line),
            force_slot_filling=self._flag(raw, "force_slot_filling", False, line),
            optional=self._flag(raw, "optional", False, line),
            validation=self._validation(str(raw[kind])) if kind == "collect" else "",
            rejections=tuple(self._rejection(rejection, line) for rejection in raw.get("rejections") or ()),
            values=_assignments(raw.get("set_slots") or ()),
            line=line,
        )

    def _next(self, raw: Any, following: str, line: int) -> tuple[Branch, ...]:
        target = raw.get("next", following)
        if not isinstance(target, list):
            return (Branch(None, str(target)),)
        if target and not any(isinstance(item, dict) and {"if", "else"} & set(item) for item in target):
            return (Branch(None, self._lay_out(target, following)),)
        branches = [self._branch(item, following, line) for item in target]
        if any(branch.condition is None for branch in branches[:-1]):
            raise self._error("`else` is not the last branch: what comes after it is never taken", line)
        if not branches or branches[-1].condition is not None:
            branches.append(Branch(None, following))
        return tuple(branches)

    def _branch(self, raw: Any, following: str, line: int) -> Branch:
        if not isinstance(raw, dict) or not {"if", "else"} & set(raw):
            raise self._error("a branch needs `if` and `then`, or `else`", line)
        line = _step_line(raw)
        self._known(raw, ("if", "then", "else"))
        target = raw.get("then") if "if" in raw else raw["else"]
        if target is None:
            raise self._error("a branch has `if` without `then`", line)
        goal = self._lay_out(target, following) if isinstance(target, list) else str(target)
        return Branch(self._condition(raw["if"], line) if "if" in raw else None, goal)

    def _rejection(self, raw: Any, line: int) -> Rejection:
        if not isinstance(raw, dict) or set(raw) != {"if", "utter"}:
            raise self._error("a rejection needs `if` and `utter`", line)
        return Rejection(self._condition(raw["if"], line), str(raw["utter"]))

    def _validation(self, slot: str) -> str:
        """The action that looks at a value of this slot, where there is one: CALM names it `validate_SLOT`."""
        action = f"validate_{slot}"
        return action if action in self._actions else ""

    def _flag(self, raw: Mapping[str, Any], key: str, default: bool, line: int) -> bool:
        value = raw.get(key, default)
        if not isinstance(value, bool):
            raise self._error(f"`{key}: {value}` is neither true nor false", line)
        return value

    def _condition(self, text: Any, line: int) -> Condition:
        try:
            return compile_condition(str(text))
        except BadContent as error:
            raise self._error(error.what.rstrip("."), line, error.remedy) from error

    def _known(self, raw: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in raw:
            if key not in known:
                raise self._error(f"key {key!r} is unknown", _line(raw, key), _nearest(str(key), known))

    def _error(self, what: str, line: int, remedy: str = "") -> BadContent:
        return BadContent(f"{what}.", where=f"{self._file}:{line}, flow {self._flow_id}", remedy=remedy)


def _step_line(raw: Any) -> int:
    return int(raw.lc.line) + 1


def _triggers(raw: Sequence[Any]) -> Iterator[str]:
    for trigger in raw:
        intent = trigger.get("intent") if isinstance(trigger, dict) else trigger
        yield str(intent.get("name") if isinstance(intent, dict) else intent)


def _assignments(raw: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(slot): value for assignment in raw for slot, value in assignment.items()}


# ---------------------------------------------------------------- checking


def _check(flow: Flow, flows: Mapping[str, Flow], vocabulary: Vocabulary) -> None:
    for intent in flow.triggers:
        _must_know(intent, vocabulary.intents, "intent", flow, flow.line)
    for condition in [flow.guard] if flow.guard else []:
        _check_names(condition, flow, flow.line, vocabulary)
    for slot in flow.persisted:
        _must_know(slot, vocabulary.slots, "slot", flow, flow.line)
    for step in flow.steps.values():
        _check_step(flow, step, flows, vocabulary)
    _check_reachable(flow)
    _check_calls(flow, flows)
    if flow.id == _LAST_RESORT:
        _check_last_resort(flow)


def _check_last_resort(flow: Flow) -> None:
    for step in flow.steps.values():
        if step.kind not in ("action", "noop") or not (step.name.startswith("utter_") or step.name in ("", *_SAFE)):
            what = f"{step.name!r} may fail or wait, and nothing comes after {_LAST_RESORT}."
            raise BadContent(what, where=_where(flow, step.line), remedy=f"Use responses and {', '.join(_SAFE)} there.")


def _check_reachable(flow: Flow) -> None:
    reached: set[str] = set()
    waiting = [flow.first]
    while waiting:
        step_id = waiting.pop()
        if step_id not in reached and step_id != END:
            reached.add(step_id)
            waiting += [branch.target for branch in flow.steps[step_id].next]
    for step in flow.steps.values():
        if step.id not in reached:
            remedy = "Let a step's `next` name it, or take it out."
            raise BadContent(f"nothing leads to step {step.id!r}.", where=_where(flow, step.line), remedy=remedy)


def _check_calls(flow: Flow, flows: Mapping[str, Flow]) -> None:
    """A flow that calls itself, directly or through others, would never end."""
    for step in flow.steps.values():
        waiting, seen = [step.name] if step.kind == "call" else [], set[str]()
        while waiting:
            called = waiting.pop()
            if called == flow.id:
                raise BadContent(f"flow {flow.id!r} calls itself.", where=_where(flow, step.line), remedy="Use `next`.")
            if called not in seen:
                seen.add(called)
                waiting += [inner.name for inner in flows[called].steps.values() if inner.kind == "call"]


def _check_triggers(flows: Iterable[Flow]) -> None:
    started: dict[str, Flow] = {}
    for flow in flows:
        for intent in flow.triggers:
            if intent in started:
                what = f"intent {intent!r} starts two flows: this one and {started[intent].id!r}."
                raise BadContent(what, where=_where(flow, flow.line), remedy="Leave it to one of them.")
            started[intent] = flow


def _check_step(flow: Flow, step: FlowStep, flows: Mapping[str, Flow], vocabulary: Vocabulary) -> None:
    match step.kind:
        case "collect":
            _must_know(step.name, vocabulary.slots, "slot", flow, step.line)
            _must_know(step.utter or f"utter_ask_{step.name}", vocabulary.responses, "response", flow, step.line)
        case "action" if step.name.startswith("utter_"):
            _must_know(step.name, vocabulary.responses, "response", flow, step.line)
        case "action":
            _must_know(step.name, vocabulary.actions, "action", flow, step.line)
        case "link" | "call":
            _must_know(step.name, flows, "flow", flow, step.line)
            if flows[step.name].is_pattern and step.name not in _LINKABLE:
                what = f"a flow cannot {step.kind} {step.name!r}: patterns answer what customers do."
                raise BadContent(what, where=_where(flow, step.line), remedy=f"Only {', '.join(_LINKABLE)} can be named.")
        case "set_slots":
            for slot in step.values:
                _must_know(slot, vocabulary.slots, "slot", flow, step.line)
        case "noop":
            pass
    for rejection in step.rejections:
        _must_know(rejection.utter, vocabulary.responses, "response", flow, step.line)
        _check_names(rejection.condition, flow, step.line, vocabulary)
    for branch in step.next:
        if branch.target != END:
            _must_know(branch.target, flow.steps, "step", flow, step.line)
        if branch.condition:
            _check_names(branch.condition, flow, step.line, vocabulary)


def _check_names(condition: Condition, flow: Flow, line: int, vocabulary: Vocabulary) -> None:
    for name in condition.names:
        namespace, _, slot = name.partition(".")
        if namespace == "slots":
            _must_know(slot, vocabulary.slots, "slot", flow, line)


def _must_know(name: str, known: Collection[str], what: str, flow: Flow, line: int) -> None:
    if name not in known:
        raise BadContent(f"there is no {what} {name!r}.", where=_where(flow, line), remedy=_nearest(name, known))


def _where(flow: Flow, line: int) -> str:
    return f"{flow.file}:{line}, flow {flow.id}"


def _nearest(name: str, known: Collection[str]) -> str:
    match = process.extractOne(name, list(known), score_cutoff=60)
    return f"Did you mean {match[0]!r}?" if match else f"There are {', '.join(sorted(known)[:12])}."
