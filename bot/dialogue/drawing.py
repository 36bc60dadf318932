"""Pictures of flows: SVG of our own, laid out from top to bottom in layers, each as far down as the longest way to it.

(Layering is the first step of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures", 1981; within a layer a step stands below the mean of those that lead to it.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from bot.dialogue.flows import END, Branch, Flow, FlowStep

# Sizes in pixels.
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 240, 58, 48, 70, 40
# Letters on a line of a box and on a label; a Chinese character counts as two.
_LINE, _LABEL = 34, 30
_FILLS = {
    "collect": "#e6f0ff",
    "action": "#eefbe9",
    "set_slots": "#f4f4f4",
    "noop": "#f4f4f4",
    "link": "#fff4df",
    "call": "#fff4df",
}
_SIGNS = {"collect": "?", "set_slots": "=", "link": "→", "call": "↳"}

# What a response says, by its name; empty where it is not known.
Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Place:
    """The upper left corner of a box."""

    x: float
    y: float


def svg(flow: Flow, words: Words) -> str:
    """The flow as a picture, with the words that are said at its steps."""
    places = _places(flow)
    width = max(place.x for place in places.values()) + _WIDTH + 3 * _MARGIN
    height = max(place.y for place in places.values()) + _HEIGHT + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f"viewBox=\"0 0 {width:.0f} {height:.0f}\" font-family=\"system-ui, 'Noto Sans CJK SC', 'PingFang SC', sans-serif\" "
        'font-size="13">',
        f"<title>{escape(flow.name)}</title><desc>{escape(flow.description)}</desc>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>',
        f'<rect width="100%" height="100%" fill="#fff"/><text x="{_MARGIN}" y="26" font-weight="600">'
        f"{escape(flow.name)} ({escape(flow.id)})</text>",
        *(_edge(places[step.id], places[branch.target], branch) for step in flow.steps.values() for branch in step.next),
        *(_box(places[step.id], step, words) for step in flow.steps.values()),
    ]
    if END in places:
        parts.append(_end(places[END]))
    return "\n".join([*parts, "</svg>", ""])


# ---------------------------------------------------------------- where things stand


def _places(flow: Flow) -> dict[str, _Place]:
    layers: dict[int, list[str]] = {}
    for step_id, depth in _depths(flow).items():
        layers.setdefault(depth, []).append(step_id)
    columns: dict[str, float] = {}
    for depth in sorted(layers):
        wanted = {step_id: _mean(flow, step_id, columns) for step_id in layers[depth]}
        taken = -1.0
        for step_id in sorted(layers[depth], key=lambda name: wanted[name]):
            taken = columns[step_id] = max(wanted[step_id], taken + 1)
    x, y = _WIDTH + _GAP_X, _HEIGHT + _GAP_Y
    depth_of = {step_id: depth for depth, ids in layers.items() for step_id in ids}
    return {step_id: _Place(_MARGIN + columns[step_id] * x, _MARGIN + depth_of[step_id] * y) for step_id in columns}


def _mean(flow: Flow, step_id: str, columns: Mapping[str, float]) -> float:
    """The mean column of the steps above that lead here."""
    above = [
        columns[step.id] for step in flow.steps.values() for b in step.next if b.target == step_id and step.id in columns
    ]
    return sum(above) / len(above) if above else 0.0


def _depths(flow: Flow) -> dict[str, int]:
    """How many steps the longest way to each step has, loops left out."""
    order: list[str] = []
    forward: dict[str, list[str]] = {}
    _visit(flow, flow.first, (), forward, order)
    depths = dict.fromkeys(reversed(order), 0)
    for step_id in reversed(order):
        for target in forward[step_id]:
            depths[target] = max(depths[target], depths[step_id] + 1)
    return depths


def _visit(flow: Flow, step_id: str, way: tuple[str, ...], forward: dict[str, list[str]], order: list[str]) -> None:
    """Depth first; `order` is filled from the ends, `forward` has the targets that are not on the way here."""
    targets = [branch.target for branch in flow.steps[step_id].next] if step_id != END else []
    forward[step_id] = [target for target in dict.fromkeys(targets) if target not in (*way, step_id)]
    for target in forward[step_id]:
        if target not in forward:
            _visit(flow, target, (*way, step_id), forward, order)
    order.append(step_id)


# ---------------------------------------------------------------- how they look


def _box(place: _Place, step: FlowStep, words: Words) -> str:
    lines = list(_lines(step, words))
    top = place.y + _HEIGHT / 2 - (len(lines) - 1) * 9 + 4
    texts = "".join(
        f'<text x="{place.x + _WIDTH / 2:.0f}" y="{top + number * 18:.0f}" text-anchor="middle">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<g><title>{escape(step.description or step.id)}</title><rect x="{place.x:.0f}" y="{place.y:.0f}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" rx="8" fill="{_FILLS[step.kind]}" stroke="#99a"/>{texts}</g>'
    )


def _end(place: _Place) -> str:
    x, y = place.x + _WIDTH / 2, place.y + 16
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="15" fill="#445"/><circle cx="{x:.0f}" cy="{y:.0f}" r="6" fill="#fff"/>'


def _lines(step: FlowStep, words: Words) -> Iterator[str]:
    """At most three lines: what the step is about, and what is said there."""
    if step.kind == "noop":
        yield "◇"
        return
    name = ", ".join(f"{slot} = {value}" for slot, value in step.values.items()) or step.name
    said = words(step.utter or f"utter_ask_{step.name}") if step.kind == "collect" else words(step.name)
    yield _cut(f"{_SIGNS.get(step.kind, '')} {name}".strip(), _LINE)
    if said:
        first = _cut(said, _LINE, mark="")
        yield first
        if rest := said[len(first) :].strip():
            yield _cut(rest, _LINE)


def _edge(start: _Place, goal: _Place, branch: Branch) -> str:
    if goal.y > start.y:
        x1, y1, x2, y2 = start.x + _WIDTH / 2, start.y + _HEIGHT, goal.x + _WIDTH / 2, goal.y
        path = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + 34:.0f} {x2:.0f} {y2 - 34:.0f} {x2:.0f} {y2:.0f}"
        label = (x1 + x2) / 2, min((y1 + y2) / 2, y1 + _GAP_Y / 2) + 4
    else:  # back up, along the right side
        x1, y1, x2, y2 = start.x + _WIDTH, start.y + _HEIGHT / 2, goal.x + _WIDTH, goal.y + _HEIGHT / 2
        side = max(x1, x2) + _MARGIN
        path = f"M{x1:.0f} {y1:.0f}C{side:.0f} {y1:.0f} {side:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
        label = side - 8, (y1 + y2) / 2
    line = f'<path d="{path}" fill="none" stroke="#667" marker-end="url(#tip)"/>'
    if branch.condition is None:
        return line
    text = escape(_cut(branch.condition.text, _LABEL))
    return (
        f'{line}<text x="{label[0]:.0f}" y="{label[1]:.0f}" text-anchor="middle" font-size="11" fill="#335" stroke="#fff" '
        f'stroke-width="3" paint-order="stroke"><title>{escape(branch.condition.text)}</title>{text}</text>'
    )


def _cut(text: str, most: int, mark: str = "…") -> str:
    """As much of a text as fits."""
    width = 0
    for number, char in enumerate(text):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > most:
            return text[:number] + mark
    return text
