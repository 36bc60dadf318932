"""Pictures of flows, as Mermaid flowcharts."""

from __future__ import annotations

from bot.dialogue.flows import END, Flow, FlowStep

_SHAPES = {
    "collect": '{}[/"ask {}"/]',
    "action": '{}["{}"]',
    "set_slots": '{}["set {}"]',
    "noop": '{}{{"{}"}}',
    "link": '{}[["go on with {}"]]',
    "call": '{}[["{}"]]',
}


def mermaid(flow: Flow) -> str:
    """The flow as the text of a Mermaid flowchart."""
    names = {step_id: f"s{number}" for number, step_id in enumerate(flow.steps)}
    lines = ["flowchart TD", f"  start([{flow.name}]) --> {names[flow.first]}"]
    for step in flow.steps.values():
        lines.append(f"  {_SHAPES[step.kind].format(names[step.id], _label(step))}")
        for branch in step.next:
            goal = "stop([end])" if branch.target == END else names[branch.target]
            condition = f'|"{branch.condition.text.replace(chr(34), chr(39))}"|' if branch.condition else ""
            lines.append(f"  {names[step.id]} -->{condition} {goal}")
    return "\n".join(lines) + "\n"


def _label(step: FlowStep) -> str:
    if step.kind == "set_slots":
        return ", ".join(f"{slot} = {value}" for slot, value in step.values.items())
    return step.name or "?"
