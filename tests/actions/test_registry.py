"""The one table, and what is made of it: tool schemas, the domain's action names, the manual."""

from __future__ import annotations

from pathlib import Path

from actions.manual import manual
from actions.registry import REFUSALS, VERBS, tool_schemas
from bot.domain import load_domain


def test_the_manual_is_what_the_table_says() -> None:
    assert Path("docs/actions.md").read_text("utf-8") == manual(), (
        "write it anew: python -m actions.manual > docs/actions.md"
    )


def test_the_domain_knows_every_verb_and_every_slot_and_response() -> None:
    domain = load_domain()
    assert set(VERBS) <= set(domain.actions)
    for name, verb in VERBS.items():
        assert set(verb.slots) <= set(domain.slots), name
        assert set(verb.says) <= domain.responses, name


def test_every_refusal_has_a_meaning_and_none_is_made_up() -> None:
    assert {code for verb in VERBS.values() for code in verb.refusals} == set(REFUSALS)


def test_tools_have_names_descriptions_and_closed_schemas() -> None:
    tools = {tool["function"]["name"]: tool["function"] for tool in tool_schemas()}
    assert set(tools) == set(VERBS)
    for name, tool in tools.items():
        assert tool["description"].endswith("."), name
        assert tool["parameters"]["type"] == "object", name
    assert {"quote", "confirmed", "order_number"} <= set(tools["action_cancel_order"]["parameters"]["properties"])
