"""Proofs of ownership: digits to read, a one-time code to change, and what guessers learn: nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from actions.policy import Identity
from actions.shop.sql import SqlShop
from actions.verify import MAX_CODES, MAX_FAILURES, WINDOW
from bot.commerce import Customer
from bot.types import Audience, Language, Outcome
from tests.actions.counter import POLICY, Counter

# Order SD1 is of customer C1; the phone on it ends so.
DIGITS = "1234"


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
    assert (await prove(person, "action_verify_order", order_number="sd 1", phone_last4=DIGITS)).ok
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
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
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
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
    await prove(person, "action_send_code", order_number="SD1")
    inbox.codes[0] != wrong or pytest.skip("one in a million")
    refused = await prove(person, "action_check_code", order_number="SD1", code=wrong)
    assert (refused.refusal, refused.slots["order_verified"]) == ("not_matched", False)
    assert person.verified == ("order:SD1",)


async def test_a_code_counts_once_here_and_for_this_order_only(person: Counter, inbox: Inbox) -> None:
    for number in ("SD1", "SD2"):
        await prove(person, "action_verify_order", order_number=number, phone_last4=DIGITS)
    await prove(person, "action_send_code", order_number="SD1")
    (code,) = inbox.codes
    elsewhere = replace(person, user="u2")
    assert (await elsewhere.run("action_check_code", order_number="SD1", code=code)).refusal == "not_matched"
    assert (await person.run("action_check_code", order_number="SD2", code=code)).refusal == "not_matched"
    assert (await person.run("action_check_code", key="m1/0", order_number="SD1", code=code)).ok
    assert (await person.run("action_check_code", key="m1/0", order_number="SD1", code=code)).ok  # the turn, taken again
    assert (await person.run("action_check_code", key="m2/0", order_number="SD1", code=code)).refusal == "not_matched"


async def test_a_code_ends_after_ten_minutes(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
    await prove(person, "action_send_code", order_number="SD1")
    person.now += timedelta(minutes=10, seconds=1)
    assert (await person.run("action_check_code", order_number="SD1", code=inbox.codes[0])).refusal == "not_matched"


async def test_guessing_codes_locks_the_order_for_every_proof(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
    await prove(person, "action_send_code", order_number="SD1")
    wrong = "000000" if inbox.codes[0] != "000000" else "000001"
    for _ in range(MAX_FAILURES):
        assert (await person.run("action_check_code", order_number="SD1", code=wrong)).refusal == "not_matched"
    other = replace(person, user="u2", verified=())
    for who in (person, other):
        assert (await who.run("action_check_code", order_number="SD1", code=inbox.codes[0])).refusal == "locked"
        assert (await who.run("action_verify_order", order_number="SD1", phone_last4=DIGITS)).refusal == "locked"
        assert (await who.run("action_send_code", order_number="SD1")).refusal == "locked"
    person.now += WINDOW + timedelta(seconds=1)
    assert (await person.run("action_verify_order", order_number="SD1", phone_last4=DIGITS)).ok


async def test_a_customers_phone_is_not_flooded(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
    for n in range(MAX_CODES):
        assert (await replace(person, user=f"u{n}").run("action_send_code", order_number="SD1")).ok
    refused = await person.run("action_send_code", order_number="SD1")
    assert (refused.refusal, len(inbox.codes)) == ("too_many_codes", MAX_CODES)
    person.now += WINDOW + timedelta(seconds=1)
    assert (await person.run("action_send_code", order_number="SD1")).ok


async def test_somebody_who_cannot_be_reached_is_told_of_a_person(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
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
    proven = await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
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
    """From forty conversations at the same moment: five are answered, the right one among the others is not."""
    guessers = [replace(person, user=f"u{n}") for n in range(40)]
    digits = ["9999"] * 39 + [DIGITS]
    tries = (
        guesser.run("action_verify_order", order_number="SD1", phone_last4=guess)
        for guesser, guess in zip(guessers, digits, strict=True)
    )
    refusals = [outcome.refusal for outcome in await asyncio.gather(*tries)]
    assert refusals.count("not_matched") <= MAX_FAILURES
    assert refusals[-1] == "locked"


async def test_no_more_codes_are_sent_when_they_are_asked_for_all_at_once(person: Counter, inbox: Inbox) -> None:
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
    await asyncio.gather(*(replace(person, user=f"u{n}").run("action_send_code", order_number="SD1") for n in range(20)))
    assert len(inbox.codes) <= MAX_CODES


async def test_right_proofs_are_no_failures(person: Counter, inbox: Inbox) -> None:
    for _ in range(MAX_FAILURES + 1):
        someone = replace(person, verified=())
        assert (await prove(someone, "action_verify_order", order_number="SD1", phone_last4=DIGITS)).ok
    await prove(person, "action_verify_order", order_number="SD1", phone_last4=DIGITS)
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
    assert (await other.run("action_verify_order", order_number="SD1", phone_last4=DIGITS)).refusal == "locked"


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
        await person.run("action_verify_order", order_number="SD" + "9" * 5000, phone_last4=DIGITS)
        for _ in range(MAX_FAILURES + 1)
    ]
    assert [outcome.refusal for outcome in tries] == ["not_matched"] * MAX_FAILURES + ["locked"]


async def test_one_order_proven_opens_no_other(person: Counter, inbox: Inbox) -> None:
    """A code proves to be the customer of its order: that customer's orders open, everybody else's do not."""
    for action, more in (("action_verify_order", {"phone_last4": DIGITS}), ("action_send_code", {})):
        await prove(person, action, order_number="SD1", **more)
    await prove(person, "action_check_code", order_number="SD1", code=inbox.codes[0])
    assert (await person.run("action_order_status", order_number="SD3")).ok
    for number in ("SD6", "SD9", "SD404"):
        for action in ("action_order_status", "action_quote_cancel", "action_quote_return", "action_send_code"):
            assert (await person.run(action, order_number=number)).refusal in ("not_verified", "needs_proof")
