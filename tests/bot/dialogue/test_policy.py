"""Conversations that change their mind: every repair pattern over the bot's own flows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.dialogue.flows import Flows
from bot.dialogue.loader import Vocabulary, load_flows
from bot.dialogue.policy import OWN_ACTIONS, PROOFS_LAST, FlowDialogue, load_dialogue
from bot.domain import Domain, Slot, load_domain
from bot.types import (
    Answer,
    Ask,
    AskKnowledge,
    CancelFlow,
    CannotHandle,
    Chat,
    Choice,
    Clarify,
    Command,
    ConversationKey,
    CorrectSlot,
    Decision,
    Do,
    Escalate,
    Frame,
    LogOut,
    Outcome,
    Photo,
    ReadPhoto,
    Recommend,
    RepeatReplies,
    Reply,
    RequestHuman,
    Say,
    SetSlot,
    SkipStep,
    StartFlow,
    State,
    Wait,
)

BOT = Path("bot")
DOMAIN = load_domain()
DIALOGUE = load_dialogue(DOMAIN, {})
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDER, OTHER = "SD2610000004", "SD2610000005"
PROVEN = {ORDER: "0004", OTHER: "0005"}


@dataclass
class Talk:
    """A conversation with the dialogue, in which `verify_order` knows two orders."""

    dialogue: FlowDialogue = DIALOGUE
    state: State = field(default_factory=lambda: State(ConversationKey("test", "", "u"), version=1))
    now: datetime = NOW

    def say(self, *commands: Command) -> list[str]:
        """One turn; returns what was decided, in short."""
        step = self.dialogue.begin(self.state, commands, self.now)
        decided = list(step.decisions)
        while not step.done:
            calls = [decision for decision in step.decisions if isinstance(decision, Do)]
            step = self.dialogue.resume(step.state, [self._run(step.state, call) for call in calls])
            decided += step.decisions
        self.state = replace(step.state, version=step.state.version + 1, last_seen=self.now)
        return [short(decision) for decision in decided]

    def _run(self, state: State, call: Do) -> Outcome:
        if call.action != "action_verify_order":
            return Outcome(call.action, ok=True)
        order = call.arguments["order_number"]
        if f"order:{order}" in state.verified or PROVEN.get(order) == call.arguments.get("phone_last4"):
            return Outcome(call.action, ok=True, slots={"order_verified": True}, grants=(f"order:{order}",))
        code = "not_matched" if call.arguments.get("phone_last4") else "needs_proof"
        return Outcome(call.action, ok=False, refusal=code, slots={"order_verified": False, "phone_last4": None})


def short(decision: Decision) -> str:
    match decision:
        case Say():
            return decision.response
        case Ask():
            return f"ask {decision.slot}"
        case Do():
            return f"do {decision.action}"
        case _:
            return decision.kind


def in_order_status() -> Talk:
    talk = Talk()
    assert talk.say(StartFlow("order_status")) == ["ask order_number"]
    return talk


def test_an_order_is_shown_after_number_and_digits() -> None:
    talk = in_order_status()
    assert talk.say(SetSlot("order_number", ORDER)) == ["do action_verify_order", "ask phone_last4"]
    assert talk.say(SetSlot("phone_last4", "0004")) == ["do action_verify_order", "do action_order_status"]
    assert talk.state.stack == ()


def test_everything_in_the_first_message() -> None:
    commands = (StartFlow("order_status"), SetSlot("order_number", ORDER), SetSlot("phone_last4", "0004"))
    assert Talk().say(*commands) == ["do action_verify_order", "do action_order_status"]


def test_a_proven_order_needs_no_digits_again_and_keeps_its_number_but_not_the_digits() -> None:
    talk = Talk()
    talk.say(StartFlow("order_status"), SetSlot("order_number", ORDER), SetSlot("phone_last4", "0004"))
    assert talk.state.slots["phone_last4"] is None
    assert talk.say(StartFlow("refund_status")) == ["do action_verify_order", "do action_refund_status"]


def test_wrong_digits_are_asked_for_again_and_the_number_is_kept() -> None:
    talk = in_order_status()
    decided = talk.say(SetSlot("order_number", ORDER), SetSlot("phone_last4", "9999"))
    assert decided == ["do action_verify_order", "ask phone_last4"]
    assert talk.say(SetSlot("phone_last4", "9998")) == ["do action_verify_order", "ask phone_last4"]
    assert talk.say(SetSlot("phone_last4", "0004")) == ["do action_verify_order", "do action_order_status"]


def test_what_is_no_order_number_is_refused_and_asked_again() -> None:
    talk = in_order_status()
    assert talk.say(SetSlot("order_number", "unlike")) == ["utter_invalid_order_number", "ask order_number"]


def test_in_public_nothing_personal_is_asked() -> None:
    talk = Talk()
    talk.state = replace(talk.state, slots={"audience": "public"})
    assert talk.say(StartFlow("order_status"), SetSlot("order_number", ORDER)) == ["utter_public_privacy"]
    assert talk.say(RequestHuman()) == ["utter_public_privacy"]


def test_a_question_in_the_middle_is_answered_and_the_open_question_comes_back() -> None:
    talk = in_order_status()
    assert talk.say(AskKnowledge("多久发货？")) == ["answer", "ask order_number"]
    assert talk.say(Recommend("red dress")) == ["recommend", "ask order_number"]
    assert talk.say(ReadPhoto(Photo("ab", "image/png"))) == ["read_photo", "ask order_number"]
    assert talk.say(Chat("thank")) == ["utter_thanks", "ask order_number"]


def test_the_question_reaches_the_knowledge_room_whole() -> None:
    step = DIALOGUE.begin(Talk().state, [AskKnowledge("多少钱", "ask_price", ("P1",))], NOW)
    assert step.decisions == (Answer("多少钱", "ask_price", ("P1",)),)


def test_two_things_at_once_come_in_the_order_they_were_said() -> None:
    commands = (AskKnowledge("a"), AskKnowledge("b"), StartFlow("order_status"))
    step = DIALOGUE.begin(Talk().state, commands, NOW)
    assert [getattr(decision, "text", "") for decision in step.decisions] == ["a", "b", ""]
    assert short(step.decisions[-1]) == "ask order_number"


def test_a_digression_into_another_flow_and_back() -> None:
    talk = in_order_status()
    talk.say(SetSlot("order_number", ORDER))
    decided = talk.say(StartFlow("track_shipment"), SetSlot("phone_last4", "0004"))
    assert decided[:2] == ["do action_verify_order", "do action_track_shipment"]
    assert "utter_flow_resumed" in decided
    assert decided[-1] in ("do action_order_status", "ask phone_last4")


def test_coming_back_to_a_flow_under_way_does_not_start_it_twice() -> None:
    talk = in_order_status()
    talk.say(StartFlow("refund_status"))
    talk.say(StartFlow("order_status"))
    assert [frame.flow for frame in talk.state.stack].count("order_status") == 1
    assert talk.state.stack[-2].flow == "order_status"


def test_cancel_ends_the_flow_and_names_it() -> None:
    talk = in_order_status()
    assert talk.say(CancelFlow()) == ["utter_flow_cancelled"]
    assert talk.state.stack == ()
    assert talk.say(CancelFlow()) == ["utter_nothing_to_cancel"]


def test_cancel_of_a_digression_goes_back_to_the_flow_below() -> None:
    talk = in_order_status()
    talk.say(StartFlow("refund_status"))
    assert talk.say(CancelFlow()) == ["utter_flow_cancelled", "utter_flow_resumed", "ask order_number"]


def test_a_correction_goes_back_and_checks_again() -> None:
    talk = in_order_status()
    talk.say(SetSlot("order_number", ORDER))
    assert talk.say(SetSlot("order_number", OTHER)) == ["utter_corrected", "do action_verify_order", "ask phone_last4"]
    assert talk.say(CorrectSlot("order_number", ORDER))[0] == "utter_corrected"
    assert talk.state.slots["order_number"] == ORDER


def test_what_is_not_open_cannot_be_corrected() -> None:
    assert Talk().say(CorrectSlot("new_size", "M")) == ["utter_cannot_correct"]


def test_skipping_what_is_needed() -> None:
    assert in_order_status().say(SkipStep()) == ["utter_cannot_skip", "ask order_number"]


def test_repeat_says_the_last_words_again() -> None:
    talk = Talk()
    assert talk.say(RepeatReplies()) == ["utter_nothing_to_repeat"]
    talk.state = replace(talk.state, last_replies=(Reply("{curly} words"),))
    step = DIALOGUE.begin(talk.state, [RepeatReplies()], NOW)
    assert step.decisions == (Say("utter_repeat", {"text": "{curly} words"}), Wait()), "not asked once more on top of that"


def test_clarification_names_the_flows() -> None:
    step = DIALOGUE.begin(Talk().state, [Clarify(("order_status", "track_shipment"))], NOW)
    options = [Say("utter_flow_order_status"), Say("utter_flow_track_shipment")]
    choices = (Choice(options[0], "/order_status"), Choice(options[1], "/track_shipment"))
    assert step.decisions == (Say("utter_clarify", {"options": options}, choices), Wait())


@pytest.mark.parametrize(
    ("reason", "response"),
    [
        ("empty", "utter_empty_input"),
        ("too_long", "utter_too_long"),
        ("out_of_scope", "utter_out_of_scope"),
        ("unclear", "utter_ask_rephrase"),
    ],
)
def test_cannot_handle(reason: str, response: str) -> None:
    assert Talk().say(CannotHandle(reason)) == [response]


def test_the_second_failure_in_a_row_offers_a_person_and_understanding_starts_over() -> None:
    talk = Talk()
    assert talk.say(CannotHandle("unclear")) == ["utter_ask_rephrase"]
    assert talk.say(CannotHandle("unclear")) == ["utter_cannot_handle"]
    talk.say(Chat("greet"))
    assert talk.say(CannotHandle("unclear")) == ["utter_ask_rephrase"]


def test_a_person_from_anywhere() -> None:
    talk = in_order_status()
    step = DIALOGUE.begin(talk.state, [RequestHuman("angry")], NOW)
    assert step.decisions == (Escalate("angry"),)
    assert step.done
    assert step.state.stack == talk.state.stack, "what was open can be gone on with when the bot is back"


def test_a_session_that_ended_forgets_what_was_proven() -> None:
    talk = Talk()
    talk.say(StartFlow("order_status"), SetSlot("order_number", ORDER), SetSlot("phone_last4", "0004"))
    assert talk.state.verified
    talk.say(StartFlow("order_status"), SetSlot("order_number", OTHER))
    talk.now += timedelta(hours=2)
    assert talk.say(Chat("greet")) == ["utter_session_expired", "utter_greet"]
    assert talk.state.verified == ()
    assert talk.state.slots["order_number"] is None if "order_number" in talk.state.slots else True
    assert talk.state.stack == ()


def proven() -> Talk:
    talk = Talk()
    talk.say(StartFlow("order_status"), SetSlot("order_number", ORDER), SetSlot("phone_last4", "0004"))
    talk.state = replace(talk.state, last_replies=(Reply("Your order is on its way to 1 Main Street"),))
    assert talk.state.verified
    return talk


@pytest.mark.parametrize("waited", [PROOFS_LAST + timedelta(seconds=1), timedelta(hours=2)])
def test_after_a_while_a_repeat_tells_no_order_again(waited: timedelta) -> None:
    """The attack: the next one at the same phone asks what was said last."""
    talk = proven()
    talk.now += waited
    assert talk.say(RepeatReplies()) == ["utter_nothing_to_repeat"]
    assert (talk.state.verified, talk.state.recent, talk.state.last_replies) == ((), (), ())


def test_what_is_proven_lasts_as_long_as_the_customer_is_there() -> None:
    talk = proven()
    for _ in range(5):
        talk.now += PROOFS_LAST - timedelta(seconds=1)
        talk.say(Chat("greet"))
    assert talk.state.verified


def test_nobody_is_forgotten_sooner_who_has_proven_nothing() -> None:
    talk = in_order_status()
    talk.now += PROOFS_LAST + timedelta(seconds=1)
    assert "utter_session_expired" not in talk.say(Chat("greet"))


def test_logging_out_forgets_who_it_was_and_what_was_said() -> None:
    talk = proven()
    assert talk.say(LogOut()) == ["utter_logged_out"]
    assert (talk.state.verified, talk.state.stack, talk.state.recent) == ((), (), ())
    assert ORDER not in str(talk.state.slots)
    assert talk.say(RepeatReplies()) == ["utter_nothing_to_repeat"]


def test_logging_out_in_the_middle_of_something_ends_that_too() -> None:
    talk = in_order_status()
    assert talk.say(LogOut()) == ["utter_logged_out"]
    assert talk.state.stack == ()


def test_a_session_that_ended_with_nothing_open_says_nothing_of_it() -> None:
    talk = Talk()
    talk.say(Chat("greet"))
    talk.now += timedelta(hours=2)
    assert talk.say(Chat("greet")) == ["utter_greet"]


def test_a_flow_that_is_gone_since_is_said_and_put_aside() -> None:
    talk = Talk()
    talk.state = replace(talk.state, stack=(Frame("order_status", "a step of last week"),))
    assert talk.say(Chat("greet")) == ["utter_code_change", "utter_greet"]
    assert talk.state.stack == ()


def test_a_flow_that_is_unknown_or_not_for_customers_is_not_started() -> None:
    assert Talk().say(StartFlow("verify_order")) == ["utter_out_of_scope"]
    assert Talk().say(StartFlow("no such flow")) == ["utter_out_of_scope"]


def test_deciding_twice_gives_the_same() -> None:
    talk = in_order_status()
    commands = (AskKnowledge("?"), SetSlot("order_number", ORDER))
    assert DIALOGUE.begin(talk.state, commands, NOW) == DIALOGUE.begin(talk.state, commands, NOW)


# ---------------------------------------------------------------- constructs that the bot's own flows do not use yet

OWN = """flows:
  paint:
    description: Paints a wall
    steps:
      - collect: reason
        optional: true
      - set_slots:
          - outcome: "set"
      - collect: confirmed
        ask_before_filling: true
        next:
          - if: slots.confirmed is true
            then:
              - action: action_cancel_order
                next: END
          - else:
              - link: varnish
  varnish:
    description: Varnishes a wall
    steps:
      - collect: quantity
        rejections:
          - if: slots.quantity <= 0
            utter: utter_invalid_quantity
"""


@pytest.fixture
def painting(tmp_path: Path) -> Talk:
    (tmp_path / "own.yml").write_text(OWN, encoding="utf-8")
    vocabulary = Vocabulary(DOMAIN.slots, (*DOMAIN.actions, *OWN_ACTIONS), DOMAIN.responses, DOMAIN.intents)
    talk = Talk(FlowDialogue(load_flows([tmp_path], vocabulary), DOMAIN))
    assert talk.say(StartFlow("paint")) == ["ask reason"]
    return talk


def test_an_optional_question_may_be_skipped(painting: Talk) -> None:
    assert painting.say(SkipStep()) == ["utter_skipped", "ask confirmed"]


def test_a_yes_given_before_it_was_asked_does_not_count(painting: Talk) -> None:
    assert painting.say(SetSlot("confirmed", True), SetSlot("reason", "old")) == ["ask confirmed"]
    assert painting.say(SetSlot("confirmed", True)) == ["do action_cancel_order"]
    assert painting.state.slots["confirmed"] is None


def test_a_no_links_to_the_other_flow_which_refuses_what_it_must(painting: Talk) -> None:
    painting.say(SetSlot("reason", "old"))
    assert painting.say(SetSlot("confirmed", False)) == ["ask quantity"]
    assert painting.say(SetSlot("quantity", 0.0)) == ["utter_invalid_quantity", "ask quantity"]
    assert painting.say(SetSlot("quantity", 2.0)) == []
    assert painting.state.stack == ()


def test_a_flow_that_goes_in_circles_is_an_error(tmp_path: Path) -> None:
    text = "flows:\n  loop:\n    description: never ends\n    steps:\n      - id: a\n        noop: true\n        next: a\n"
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    vocabulary = Vocabulary(DOMAIN.slots, tuple(OWN_ACTIONS), DOMAIN.responses, DOMAIN.intents)
    talk = Talk(FlowDialogue(load_flows([tmp_path], vocabulary), DOMAIN))
    with pytest.raises(Exception, match="in circles"):
        talk.say(StartFlow("loop"))


def test_slots_begin_with_the_domains_first_values() -> None:
    domain = replace(DOMAIN, slots={**DOMAIN.slots, "color": Slot("color", "text", "red")})
    step = FlowDialogue(Flows(DIALOGUE.flows.by_id), domain).begin(Talk().state, [Chat("greet")], NOW)
    assert step.state.slots["color"] == "red"
    assert isinstance(domain, Domain)


def test_who_cannot_answer_is_offered_a_person() -> None:
    talk = in_order_status()
    refused = [talk.say(SetSlot("order_number", "unlike")) for _ in range(3)]
    assert refused[0] == refused[1] == ["utter_invalid_order_number", "ask order_number"]
    assert refused[2] == ["utter_invalid_order_number", "utter_cannot_skip", "ask order_number"]


def test_the_kind_of_a_reason_comes_and_goes_with_the_reason() -> None:
    talk = Talk()
    talk.say(
        SetSlot("order_number", ORDER), StartFlow("return_items"), SetSlot("wish", "no"), SetSlot("reason_kind", "fault")
    )
    assert talk.state.slots["reason_kind"] == "fault"
    talk.say(SetSlot("reason_kind", "late"))
    assert talk.state.slots["reason_kind"] == "fault"
    talk.say(CancelFlow())
    assert talk.state.slots.get("reason_kind") is None
