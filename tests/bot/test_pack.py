"""A shop's own files over the retail defaults: laid over by name, checked before anything is taken, gone with the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.policy import figures, load_policy
from bot.app import check_pack, writing_actions
from bot.dialogue.policy import load_dialogue
from bot.domain import load_domain
from bot.errors import BadContent
from bot.pack import NLU, RESPONSES, Pack, brought, copy_pack
from bot.responding.templates import Templates
from bot.types import Language
from bot.understanding.training_data import load_training_data

LESSON = """
flows:
  book_lesson:
    name: book a lesson
    description: lets a customer book a trial lesson
    nlu_trigger:
      - intent: book_lesson
    steps:
      - action: utter_lesson
"""
DOMAIN = """
intents: [book_lesson]
responses:
  utter_lesson:
    - text: 试听课找店员约。
      condition: [{type: slot, name: language, value: zh}]
    - text: Our staff will book your trial lesson.
"""
HELLO = """
responses:
  utter_greet:
    - text: 欢迎来到琴行。
      condition: [{type: slot, name: language, value: zh}]
    - text: Welcome to the music shop.
  utter_lesson:
    - text: 试听课找店员约。
      condition: [{type: slot, name: language, value: zh}]
    - text: Our staff will book your trial lesson.
  utter_flow_book_lesson:
    - text: 约试听课
      condition: [{type: slot, name: language, value: zh}]
    - text: a trial lesson
"""
EXAMPLES = """
nlu:
  - intent: book_lesson
    examples: |
      - 想约一节试听课
      - can I book a trial lesson
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop that brings something of everything."""
    files = {
        "flows/lessons.yml": LESSON,
        "domain.yml": DOMAIN.split("responses:", 1)[0],
        "responses/own.yml": HELLO,
        "nlu/lessons.yml": EXAMPLES,
        "policy.yml": "cancel_order: {statuses: [pending], times: 1}\nprice_protection: null\n",
        "lexicon.yml": "kinds: {guitars: [吉他类]}\n",
        "products.csv": "not a part of the pack",
    }
    for name, text in files.items():
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text(text, "utf-8")
    return tmp_path / "shop"


def test_a_shops_files_are_laid_over_the_defaults(folder: Path) -> None:
    check_pack(folder)
    pack, plain = Pack(folder), Pack()
    domain, defaults = load_domain(pack), load_domain()
    assert set(domain.intents) == {*defaults.intents, "book_lesson"}
    flows = load_dialogue(domain, writing_actions(), pack).flows
    assert flows.triggers["book_lesson"] == "book_lesson"
    assert set(flows.by_id) > set(load_dialogue(defaults, writing_actions()).flows.by_id)
    examples = load_training_data(*pack.layers(NLU)).examples
    assert len(examples) == len(load_training_data(*plain.layers(NLU)).examples) + 2
    said = Templates(pack.layers(RESPONSES)).say("utter_greet", {}, Language.EN, {"language": "en"}, "seed")
    assert said.text == "Welcome to the music shop."


def test_a_rule_takes_the_place_of_the_default_and_null_takes_it_away(folder: Path) -> None:
    policy, default = load_policy(folder / "policy.yml"), load_policy()
    assert policy.cancel_order is not None and policy.cancel_order.times == 1
    assert policy.price_protection is None and default.price_protection is not None
    assert policy.return_items == default.return_items


def test_without_rules_of_its_own_the_defaults_are_told_in_figures() -> None:
    told = figures(load_policy())
    assert "send_within 7" in told["return_items"] and "days" in told["exchange_items"]
    assert "review_above 2000" in told["limits"]


def test_an_example_of_the_shop_goes_before_one_of_the_defaults(folder: Path) -> None:
    text = load_training_data(*Pack().layers(NLU)).examples[0].text
    (folder / "nlu" / "lessons.yml").write_text(f"nlu:\n- intent: book_lesson\n  examples: |\n    - {text}\n", "utf-8")
    found = [e.intent for e in load_training_data(*Pack(folder).layers(NLU)).examples if e.text == text]
    assert found == ["book_lesson"]


def test_a_copy_is_exactly_what_the_shop_brings(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "var" / "pack"
    assert copy_pack(folder, target) == brought(target) == brought(folder)
    assert not (target / "products.csv").exists()
    (folder / "policy.yml").unlink()
    assert "policy.yml" not in copy_pack(folder, target)
    assert not (target / "policy.yml").exists()
    assert copy_pack(target, target) == brought(target)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("lexicon.yml", "kind: {a: [b]}", "Did you mean kinds?"),
        ("lexicon.yml", "kinds: [a]", "kinds: this is no mapping"),
        ("lexicon.yml", "products: {P1: []}", "products.P1"),
        ("policy.yml", "cancel_ordr: {}", "Did you mean cancel_order?"),
        ("flows/lessons.yml", LESSON.replace("utter_lesson", "utter_leson"), "utter_leson"),
        ("responses/own.yml", "responses: {utter_greet: []}", "utter_greet has no variations"),
        ("nlu/lessons.yml", "nlu: 3", "there is no list `nlu`"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder: Path, file: str, text: str, message: str) -> None:
    (folder / file).write_text(text, "utf-8")
    with pytest.raises(BadContent) as error:
        check_pack(folder)
    assert message in str(error.value)
    assert Path(file).name in str(error.value)


WRAPPED = """
flows:
  gift_wrap:
    name: wrap a gift
    description: wraps an order that has not left yet
    steps:
      - call: verify_change
        next:
          - if: slots.order_verified is true
            then: quote
          - else: END
      - id: quote
        action: action_quote_gift_wrap
        next:
          - if: slots.outcome is "done"
            then: confirm
          - else: END
      - id: confirm
        collect: confirmed
        description: A yes or a no to the summary
        ask_before_filling: true
        next:
          - if: slots.confirmed is true
            then: write
          - else: END
      - id: write
        action: action_gift_wrap
        next: END
"""


@pytest.fixture
def wrapping(tmp_path: Path) -> Path:
    """A folder with the verb that docs/shop-folder.md shows, and a flow that calls it."""
    page = Path("docs/shop-folder.md").read_text("utf-8")
    (tmp_path / "verbs.yml").write_text(page.partition("# verbs.yml\n")[2].partition("```")[0], "utf-8")
    (tmp_path / "domain.yml").write_text("actions: [action_quote_gift_wrap, action_gift_wrap]\n")
    responses = "  utter_flow_gift_wrap:\n    - text: 礼品包装\n"
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / "own.yml").write_text(f"responses:\n{responses}", "utf-8")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "own.yml").write_text(WRAPPED, "utf-8")
    return tmp_path


def test_a_declared_verb_is_called_like_ours(wrapping: Path) -> None:
    check_pack(wrapping)
    assert writing_actions(Pack(wrapping))["action_gift_wrap"] == "action_quote_gift_wrap"
    assert "action_gift_wrap" not in writing_actions()


def test_no_flow_reaches_a_declared_write_without_a_yes(wrapping: Path) -> None:
    file = wrapping / "flows" / "own.yml"
    file.write_text(WRAPPED.replace("- else: END\n      - id: write", "- else: write\n      - id: write"), "utf-8")
    with pytest.raises(BadContent, match="action_gift_wrap"):
        check_pack(wrapping)


def test_a_declared_verb_that_is_wrong_is_named_before_anything_is_taken(wrapping: Path) -> None:
    (wrapping / "verbs.yml").write_text("verbs: {gift_wrap: {about: order}}", "utf-8")
    with pytest.raises(BadContent, match=r"verbs\.gift_wrap"):
        check_pack(wrapping)
