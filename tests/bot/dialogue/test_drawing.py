"""Pictures of flows: well-formed, complete, and nothing on top of something else."""

from __future__ import annotations

import itertools
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.dialogue.drawing import svg
from bot.dialogue.policy import load_dialogue
from bot.domain import load_domain

BOT = Path("bot")
FLOWS = load_dialogue(load_domain(), {}).flows
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("flow_id", FLOWS.by_id)
def test_every_step_has_a_box_of_its_own(flow_id: str) -> None:
    flow = FLOWS[flow_id]
    picture = ElementTree.fromstring(svg(flow, lambda name: f"«{name}» & 说"))
    boxes = [(float(box.get("x", 0)), float(box.get("y", 0))) for box in picture.iterfind(f"{SVG}g/{SVG}rect")]
    assert len(boxes) == len(flow.steps)
    for (x1, y1), (x2, y2) in itertools.combinations(boxes, 2):
        assert abs(x1 - x2) >= 240 or abs(y1 - y2) >= 58, "boxes overlap"
    assert max(x for x, _ in boxes) + 240 <= float(picture.get("width", 0))
    assert len(list(picture.iterfind(f"{SVG}path"))) == sum(len(step.next) for step in flow.steps.values())


def test_questions_and_conditions_are_shown_in_the_words_of_the_language() -> None:
    picture = svg(FLOWS["verify_order"], lambda name: "你的订单号是？" if name == "utter_ask_order_number" else "")
    assert "你的订单号是？" in picture
    assert "slots.order_verified is true" in picture
