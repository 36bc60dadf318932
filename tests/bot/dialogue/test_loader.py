"""Flows are refused with file, line and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue.flows import END
from bot.dialogue.loader import Vocabulary, load_flows
from bot.dialogue.policy import OWN_ACTIONS, load_dialogue
from bot.domain import load_domain
from bot.errors import BadContent

BOT = Path("bot")
VOCABULARY = Vocabulary(
    slots=["color", "size", "audience", "failures", "silence_count", "confirmed"],
    actions=[*OWN_ACTIONS, "action_paint"],
    responses=[f"utter_{name}" for name in ("done", "ask_color", "session_expired", "corrected", "cannot_correct",
               "flow_cancelled", "nothing_to_cancel", "skipped", "cannot_skip", "repeat", "nothing_to_repeat", "logged_out",
               "clarify",
               "ask_rephrase", "empty_input", "too_long", "cannot_handle", "out_of_scope", "flow_resumed", "code_change",
               "public_privacy", "anything_else", "still_there", "silence_end", "wish_waits", "wish_taken_up",
               "try_later", "internal_error")],
    intents=["paint"],
)  # fmt: skip
GOOD = """flows:
  paint:
    description: Paints a wall
    nlu_trigger:
      - intent: paint
    steps:
      - collect: color
        next:
          - if: slots.color is "red"
            then:
              - action: action_paint
          - else: done
      - id: done
        action: utter_done
"""


def loaded(folder: Path, text: str) -> str:
    (folder / "own.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BadContent) as refused:
        load_flows([folder], VOCABULARY)
    return str(refused.value)


def test_branches_are_laid_out_flat_and_come_together_again(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(GOOD, encoding="utf-8")
    flow = load_flows([tmp_path], VOCABULARY)["paint"]
    collect = flow.steps[flow.first]
    painted = flow.steps[collect.next[0].target]
    assert (painted.kind, painted.name) == ("action", "action_paint")
    assert painted.next[0].target == collect.next[1].target == "done"
    assert flow.steps["done"].next[0].target == END
    assert flow.triggers == ("paint",)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("collect: color", "collect: colour", ["own.yml:7", "no slot 'colour'", "Did you mean 'color'?"]),
        ("action: action_paint", "action: action_pain", ["own.yml:11", "no action 'action_pain'", "'action_paint'"]),
        ("action: utter_done", "action: utter_don", ["own.yml:13", "no response 'utter_don'", "'utter_done'"]),
        ("- else: done", "- else: dome", ["own.yml:7", "no step 'dome'", "'done'"]),
        ("intent: paint", "intent: pint", ["no intent 'pint'", "'paint'"]),
        ("slots.color is", "slots.colr is", ["no slot 'colr'", "'color'"]),
        ("slots.color is", "color is", ["own.yml:9", "slots.color"]),
        ("steps:", "stepps:", ["has no steps"]),
        ("- collect: color", "- colect: color", ["own.yml:7", "key 'colect' is unknown", "'collect'"]),
        ("    description: Paints a wall\n", "", ["has no description"]),
        ("flows:", "flow:", ["no mapping `flows`"]),
        ("- id: done", "- id: [", ["no valid YAML"]),
    ],
)
def test_mistakes_are_named(tmp_path: Path, right: str, wrong: str, said: list[str]) -> None:
    message = loaded(tmp_path, GOOD.replace(right, wrong))
    for part in said:
        assert part in message


def test_a_flow_written_twice(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD, encoding="utf-8")
    assert "written twice" in loaded(tmp_path, GOOD)


def test_a_shop_replaces_a_pattern(tmp_path: Path) -> None:
    text = "flows:\n  pattern_correction:\n    description: said our way\n    steps:\n      - action: utter_done\n"
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    pattern = load_flows([tmp_path], VOCABULARY)["pattern_correction"]
    assert [step.name for step in pattern.steps.values()] == ["utter_done"]


def test_the_bots_own_flows_and_their_names_are_complete() -> None:
    domain = load_domain()
    flows = load_dialogue(domain, {}).flows
    assert {"order_status", "track_shipment", "refund_status", "verify_order"} <= set(flows.by_id)
    startable = {flow.id for flow in flows.by_id.values() if flow.triggers}
    assert {f"utter_flow_{flow_id}" for flow_id in startable} <= domain.responses
