"""Proofs of ownership: digits to read, a one-time code to change, and what guessers learn: nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from actions.guessing import CODES, CODES_SENT, CODES_SENT_UNASKED, DIGITS, successes_a_year
from actions.policy import Identity
from actions.shop.sql import SqlShop
from bot.commerce import Customer
from bot.types import Audience, Language, Outcome
from tests.actions.counter import POLICY, Counter

MAX_FAILURES, MAX_CODES = DIGITS["order"].amount, CODES_SENT.amount
WINDOW = timedelta(seconds=DIGITS["order"].get_expiry())

# Order SD1 is of customer C1; the phone on it ends so.
DIGITS_OF_SD1 = "1234"


@dataclass
class Inbox:
    """A `CodeSender` that keeps what it sends; nobody can be reached while `silent`."""

    codes: list[str] = field(default_factory=list)
    silent: bool = False

    async def send(self, customer: Customer, code: str, language: Language) -> str:
        if self.silent:
            return ""
        self.codes.append(code)
        return f"to {customer.id}"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def person(shop: SqlShop, inbox: Inbox) -> Counter:
    """Somebody who has proven nothing yet."""
    return Counter(shop, verified=(), codes=inbox)


async def prove(person: Counter, action: str, **arguments: str) -> Outcome:
    """One step of a proof; what it grants counts from then on, as in the engine."""
    outcome = await person.run(action, **arguments)
    person.verified = (*person.verified, *outcome.grants)
    return outcome


async def test_digits_let_read_and_a_code_lets_change(person: Counter, inbox: Inbox) -> None:
    assert (await prove(person, "action_verify_order", order_number="sd 1", phone_last4=DIGITS_OF_SD1)).ok
    assert person.verified == ("order:SD1",)
    assert (await person.run("action_order_status", order_number="SD1")).ok
    refused = await person.run("action_quote_cancel", order_number="SD1")
    assert (refused.refusal, refused.say[0].response) == ("needs_proof", "utter_refused_code_needed")
    sent = await prove(person, "action_send_code", order_number="SD1")
    assert (sent.ok, sent.slots["order_verified"], sent.say[0].args) == (True, False, {"destination": "to C1"})
    assert (await prove(person, "action_check_code", order_number="SD1", code=f" {inbox.codes[0]} ")).ok
    assert person.verified[-1] == "customer:C1"
    assert (await person.run("action_quote_cancel", order_number="SD1")).ok


async def test_a_write_checks_the_proof_itself(person: Counter) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    done = await person.run("action_cancel_order", order_number="SD1", confirmed=True, quote="0" * 16)
    assert done.refusal == "needs_proof"


async def test_no_code_is_sent_before_the_order_is_proven(person: Counter, inbox: Inbox) -> None:
    answers = [await person.run("action_send_code", order_number=number) for number in ("SD1", "SD404")]
    assert [answer.refusal for answer in answers] == ["needs_proof", "needs_proof"]
    assert answers[0].say == answers[1].say
    assert not inbox.codes


async def test_nobody_who_is_known_is_sent_a_code(person: Counter, inbox: Inbox) -> None:
    person.verified = ("customer:C1",)
    sent = await person.run("action_send_code", order_number="SD1")
    assert (sent.ok, sent.slots["order_verified"], sent.say) == (True, True, ())
    assert not inbox.codes


@pytest.mark.parametrize("wrong", ["000000", "", "12345", "1234567", "code"])
async def test_a_wrong_code_proves_nothing(person: Counter, inbox: Inbox, wrong: str) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    await prove(person, "action_send_code", order_number="SD1")
    inbox.codes[0] != wrong or pytest.skip("one in a million")
    refused = await prove(person, "action_check_code", order_number="SD1", code=wrong)
    assert (refused.refusal, refused.slots["order_verified"]) == ("not_matched", False)
    assert person.verified == ("order:SD1",)


async def test_a_code_counts_once_here_and_for_this_order_only(person: Counter, inbox: Inbox) -> None:
    for number in ("SD1", "SD2"):
        await prove(person, "action_verify_order", order_number=number, phone_last4=DIGITS_OF_SD1)
    await prove(person, "action_send_code", order_number="SD1")
    (code,) = inbox.codes
    elsewhere = replace(person, user="u2")
    assert (await elsewhere.run("action_check_code", order_number="SD1", code=code)).refusal == "not_matched"
    assert (await person.run("action_check_code", order_number="SD2", code=code)).refusal == "not_matched"
    assert (await person.run("action_check_code", key="m1/0", order_number="SD1", code=code)).ok
    assert (await person.run("action_check_code", key="m1/0", order_number="SD1", code=code)).ok  # the turn, taken again
    assert (await person.run("action_check_code", key="m2/0", order_number="SD1", code=code)).refusal == "not_matched"


async def test_a_code_ends_after_ten_minutes(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    await prove(person, "action_send_code", order_number="SD1")
    person.now += timedelta(minutes=10, seconds=1)
    assert (await person.run("action_check_code", order_number="SD1", code=inbox.codes[0])).refusal == "not_matched"


async def test_guessing_codes_locks_the_guesser_and_nobody_else(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    await prove(person, "action_send_code", order_number="SD1")
    wrong = "000000" if inbox.codes[0] != "000000" else "000001"
    for _ in range(CODES["conversation"].amount):
        assert (await person.run("action_check_code", order_number="SD1", code=wrong)).refusal == "not_matched"
    assert (await person.run("action_check_code", order_number="SD1", code=inbox.codes[0])).refusal == "locked"
    assert (await person.run("action_verify_order", order_number="SD1")).ok  # what is proven stays so
    owner = replace(person, user="u2", verified=())
    assert (await prove(owner, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)).ok
    assert (await prove(owner, "action_send_code", order_number="SD1")).ok
    assert (await prove(owner, "action_check_code", order_number="SD1", code=inbox.codes[-1])).ok
    person.now += WINDOW + timedelta(seconds=1)
    assert (await person.run("action_send_code", order_number="SD1")).ok


async def test_a_customers_phone_is_not_flooded(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    for n in range(MAX_CODES):
        assert (await replace(person, user=f"u{n}").run("action_send_code", order_number="SD1")).ok
    refused = await person.run("action_send_code", order_number="SD1")
    assert (refused.refusal, len(inbox.codes)) == ("too_many_codes", MAX_CODES)
    person.now += WINDOW + timedelta(seconds=1)
    assert (await person.run("action_send_code", order_number="SD1")).ok


async def test_somebody_who_cannot_be_reached_is_told_of_a_person(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    inbox.silent = True
    refused = await person.run("action_send_code", order_number="SD1")
    assert (refused.refusal, refused.say[0].response) == ("no_contact", "utter_code_no_contact")


async def test_nothing_tells_which_orders_exist(person: Counter) -> None:
    """Wrong digits of an order and digits of no order: the same words, and the same lock after as many tries."""
    said = {}
    for number in ("SD1", "SD404"):
        guesser = replace(person, user=number)
        tries = [await guesser.run("action_verify_order", order_number=number, phone_last4="9999") for _ in range(7)]
        tried = {f"{number} 9999", None}
        assert {answer.slots.get("digits_tried") for answer in tries} == tried
        said[number] = [(answer.refusal, answer.say, {**answer.slots, "digits_tried": ""}) for answer in tries]
    assert said["SD1"] == said["SD404"]


async def test_a_shop_may_ask_for_a_code_before_it_shows_anything(person: Counter, inbox: Inbox) -> None:
    person.policy = POLICY.model_copy(update={"identity": Identity(read="code")})
    proven = await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    assert (proven.ok, proven.slots["order_verified"]) == (True, False)
    assert (await person.run("action_order_status", order_number="SD1")).refusal == "needs_proof"
    await prove(person, "action_send_code", order_number="SD1")
    await prove(person, "action_check_code", order_number="SD1", code=inbox.codes[0])
    assert (await person.run("action_order_status", order_number="SD1")).ok


async def test_no_code_travels_in_public(person: Counter, inbox: Inbox) -> None:
    person.verified, person.audience = ("order:SD1",), Audience.PUBLIC
    assert (await person.run("action_send_code", order_number="SD1")).refusal == "public_room"
    assert not inbox.codes


async def test_no_more_guesses_are_looked_at_when_they_come_all_at_once(person: Counter) -> None:
    """From forty conversations at the same moment: five are answered, whichever come first, and no other is."""
    guessers = [replace(person, user=f"u{n}") for n in range(40)]
    digits = ["9999"] * 39 + [DIGITS_OF_SD1]
    tries = (
        guesser.run("action_verify_order", order_number="SD1", phone_last4=guess)
        for guesser, guess in zip(guessers, digits, strict=True)
    )
    refusals = [outcome.refusal for outcome in await asyncio.gather(*tries)]
    assert len([refusal for refusal in refusals if refusal != "locked"]) <= MAX_FAILURES


async def test_no_more_codes_are_sent_when_they_are_asked_for_all_at_once(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    await asyncio.gather(*(replace(person, user=f"u{n}").run("action_send_code", order_number="SD1") for n in range(20)))
    assert len(inbox.codes) <= MAX_CODES


async def test_right_proofs_are_no_failures(person: Counter, inbox: Inbox) -> None:
    for _ in range(MAX_FAILURES + 1):
        someone = replace(person, verified=())
        assert (await prove(someone, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)).ok
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    await prove(person, "action_send_code", order_number="SD1")
    assert (await prove(person, "action_check_code", order_number="SD1", code=inbox.codes[0])).ok
    assert await person.proofs.failed_attempts(["order:SD1"], person.now - WINDOW) == 0


async def test_a_strangers_guesses_do_not_keep_the_customer_out(person: Counter, inbox: Inbox) -> None:
    for n in range(MAX_FAILURES):
        await replace(person, user=f"u{n}").run("action_verify_order", order_number="SD1", phone_last4="9999")
    owner = replace(person, user="owner", verified=("customer:C1",))
    assert (await owner.run("action_verify_order", order_number="SD1")).ok
    assert (await owner.run("action_send_code", order_number="SD1")).slots["order_verified"] is True
    other = replace(person, user="other", verified=("customer:C2",))
    assert (await other.run("action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)).refusal == "locked"


@pytest.mark.parametrize("digits", ["１２３４", "尾号 1234", "1 2 3 4", "13800001234"])
async def test_digits_count_however_they_are_typed(person: Counter, inbox: Inbox, digits: str) -> None:
    assert (await prove(person, "action_verify_order", order_number="ＳＤ１", phone_last4=digits)).ok
    await prove(person, "action_send_code", order_number="SD1")
    wide = inbox.codes[0].translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert (await prove(person, "action_check_code", order_number="SD1", code=wide)).ok


@pytest.mark.parametrize("digits", ["²³", "一二三四", "", "٤", "12"])
async def test_odd_characters_are_no_digits(person: Counter, digits: str) -> None:
    assert (await person.run("action_verify_order", order_number="SD1", phone_last4=digits)).refusal == "not_matched"


async def test_a_number_as_long_as_a_letter_is_no_order(person: Counter) -> None:
    tries = [
        await person.run("action_verify_order", order_number="SD" + "9" * 5000, phone_last4=DIGITS_OF_SD1)
        for _ in range(MAX_FAILURES + 1)
    ]
    assert [outcome.refusal for outcome in tries] == ["not_matched"] * MAX_FAILURES + ["locked"]


async def test_one_order_proven_opens_no_other(person: Counter, inbox: Inbox) -> None:
    """A code proves to be the customer of its order: that customer's orders open, everybody else's do not."""
    for action, more in (("action_verify_order", {"phone_last4": DIGITS_OF_SD1}), ("action_send_code", {})):
        await prove(person, action, order_number="SD1", **more)
    await prove(person, "action_check_code", order_number="SD1", code=inbox.codes[0])
    assert (await person.run("action_order_status", order_number="SD3")).ok
    for number in ("SD6", "SD9", "SD404"):
        for action in ("action_order_status", "action_quote_cancel", "action_quote_return", "action_send_code"):
            assert (await person.run(action, order_number=number)).refusal in ("not_verified", "needs_proof")


async def test_an_owner_whom_strangers_locked_out_of_the_digits_gets_in_by_a_code(person: Counter, inbox: Inbox) -> None:
    """The attack: five wrong digits of somebody else's order. It costs the owner one step more, and nothing else."""
    proven_before = replace(person, user="proven", verified=())
    await prove(proven_before, "action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    for n in range(MAX_FAILURES + 3):
        await replace(person, user=f"u{n}").run("action_verify_order", order_number="SD1", phone_last4="9999")
    assert (await proven_before.run("action_verify_order", order_number="SD1")).ok
    assert (await proven_before.run("action_send_code", order_number="SD1")).ok
    owner = replace(person, user="owner")
    assert (await owner.run("action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)).refusal == "locked"
    sent = await owner.run("action_send_code", order_number="SD1")
    assert (sent.ok, [said.response for said in sent.say], dict(sent.say[0].args)) == (True, ["utter_code_sent_on_file"], {})
    assert (await prove(owner, "action_check_code", order_number="SD1", code=inbox.codes[-1])).ok
    assert (await owner.run("action_quote_cancel", order_number="SD1")).ok


async def test_codes_without_digits_are_few_and_tell_nothing(person: Counter, inbox: Inbox) -> None:
    answers = {}
    for number in ("SD1", "SD404"):
        for n in range(MAX_FAILURES):
            await replace(person, user=f"{number}-{n}").run("action_verify_order", order_number=number, phone_last4="9999")
        askers = [replace(person, user=f"{number}-ask-{n}") for n in range(6)]
        asked = [await asker.run("action_send_code", order_number=number) for asker in askers]
        answers[number] = [(answer.ok, answer.refusal, answer.say) for answer in asked]
    assert answers["SD1"] == answers["SD404"]
    assert len(inbox.codes) == CODES_SENT_UNASKED.amount


async def test_a_patient_guesser_with_every_address_finds_no_order_a_year(person: Counter) -> None:
    """The attack: a hundred conversations from as many addresses, each a guess at another order, all day."""
    assert successes_a_year() < 1
    looked_at = 0
    for n in range(100):
        guesser = replace(person, user=f"u{n}", origin=f"198.51.100.{n}")
        tried = await guesser.run("action_verify_order", order_number=f"SD{1 + n % 9}", phone_last4=f"{5000 + n}")
        looked_at += tried.refusal == "not_matched"
        person.now += timedelta(minutes=8)
    assert looked_at == DIGITS["shop"].amount
    unknown = await replace(person, user="x").run("action_verify_order", order_number="SD404", phone_last4="1111")
    assert unknown.refusal == "locked"  # as for orders that exist


async def test_one_address_guesses_little_from_however_many_conversations(person: Counter) -> None:
    tried = [
        await replace(person, user=f"u{n}", origin="198.51.100.7").run(
            "action_verify_order", order_number=f"SD{404 + n}", phone_last4="1111"
        )
        for n in range(30)
    ]
    assert [outcome.refusal for outcome in tried].count("not_matched") == DIGITS["address"].amount
    elsewhere = replace(person, user="other", origin="198.51.100.8")
    assert (await elsewhere.run("action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)).ok


async def test_who_mistypes_and_then_knows_better_uses_nothing_up(person: Counter) -> None:
    for n in range(3 * DIGITS["shop"].amount):
        honest = replace(person, user=f"u{n}", origin=f"198.51.100.{n}")
        for digits in ("4321", DIGITS_OF_SD1):
            answer = await honest.run("action_verify_order", order_number="SD1", phone_last4=digits)
        assert answer.ok


async def test_proving_one_order_forgives_no_guess_at_another(person: Counter) -> None:
    """The attack: the guesser owns an order, and proves it after every four guesses."""
    looked_at = 0
    for n in range(12):
        for digits in ("9990", "9991"):
            tried = await person.run("action_verify_order", order_number=f"SD{2 + n % 5}", phone_last4=digits)
            looked_at += tried.refusal == "not_matched"
        await person.run("action_verify_order", order_number="SD1", phone_last4=DIGITS_OF_SD1)
    assert looked_at == MAX_FAILURES
