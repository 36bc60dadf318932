"""Nothing that writes can be reached without a yes to its summary: what the loader refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue.loader import Vocabulary, load_flows
from bot.dialogue.policy import OWN_ACTIONS
from bot.domain import load_domain
from bot.errors import BadContent

DOMAIN = load_domain()
WRITES = {"action_return_items": "action_quote_return", "action_cancel_order": "action_quote_cancel"}
VOCABULARY = Vocabulary(
    DOMAIN.slots, (*DOMAIN.actions, *WRITES.values(), *OWN_ACTIONS), DOMAIN.responses, DOMAIN.intents, WRITES
)
GOOD = """flows:
  give_back:
    description: Sends something back
    steps:
      - collect: items
      - id: quote
        action: action_quote_return
        next:
          - if: slots.outcome is "done"
            then: ask
          - else: END
      - id: ask
        collect: confirmed
        ask_before_filling: true
        next:
          - if: slots.confirmed is true
            then:
              - action: action_return_items
                next: END
          - else:
              - action: utter_not_changed
                next: END
"""


def load(folder: Path, text: str) -> None:
    (folder / "own.yml").write_text(text, encoding="utf-8")
    load_flows([folder], VOCABULARY)


def test_summary_question_yes(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    load(tmp_path, GOOD.replace("slots.confirmed is true", 'slots.confirmed is true and slots.audience is "private"'))
    words_between = GOOD.replace("then: ask", "then:\n              - action: utter_thanks\n                next: ask")
    load(tmp_path, words_between)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("        ask_before_filling: true\n", ""),
        ("slots.confirmed is true", "slots.confirmed is false"),
        ("slots.confirmed is true", "slots.confirmed is not null"),
        ("slots.confirmed is true", 'slots.confirmed is true or slots.reason is "x"'),
        ("slots.confirmed is true", "not slots.confirmed is true"),
        ("action: action_quote_return", "action: action_quote_cancel"),
        ("action: action_quote_return", "action: action_order_status"),
        ("collect: confirmed", "collect: wants_complaint"),
        (
            "              - action: utter_not_changed\n                next: END",
            "              - action: action_return_items",
        ),
        ("then: ask", "then:\n              - collect: quantity\n                next: ask"),
        ("then: ask", "then:\n              - set_slots:\n                  - items: all\n                next: ask"),
        ("then: ask", "then:\n              - call: order_status\n                next: ask"),
        ("                next: END\n          - else:", "                next: again\n          - else:"),
    ],
)
def test_every_other_way_is_refused_with_its_line(tmp_path: Path, right: str, wrong: str) -> None:
    text = GOOD.replace(right, wrong, 1)
    assert text != GOOD
    if "again" in wrong:  # one yes for two changes
        text += "      - action: action_return_items\n        id: again\n"
    if "order_status" in wrong:
        text += "  order_status:\n    description: Says it\n    steps:\n      - action: utter_thanks\n"
    with pytest.raises(BadContent, match=r"own\.yml:\d+, flow give_back.*without a yes") as refused:
        load(tmp_path, text)
    line = int(str(refused.value).split("own.yml:")[1].split(",")[0])
    assert "action: action_return_items" in text.splitlines()[line - 1]


def test_a_way_around_the_question_is_found(tmp_path: Path) -> None:
    around = GOOD.replace(
        "      - collect: items\n",
        """      - collect: items
        next:
          - if: slots.items is "all"
            then: do
          - else: quote
""",
    ).replace(
        "              - action: action_return_items\n",
        "              - id: do\n                action: action_return_items\n",
    )
    with pytest.raises(BadContent, match="without a yes"):
        load(tmp_path, around)


def test_a_yes_is_never_kept(tmp_path: Path) -> None:
    kept = GOOD.replace(
        "        ask_before_filling: true\n", "        ask_before_filling: true\n        reset_after_flow_ends: false\n"
    )
    with pytest.raises(BadContent, match="would count for another"):
        load(tmp_path, kept)
    persisted = GOOD.replace("    steps:\n", "    persisted_slots: [confirmed]\n    steps:\n", 1)
    with pytest.raises(BadContent, match="would count for another"):
        load(tmp_path, persisted)
