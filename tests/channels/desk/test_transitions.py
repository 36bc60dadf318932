"""What becomes of a ticket, and who may do what: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Role, Staff, Ticket, TicketState
from bot.fakes import EPOCH
from bot.types import ConversationKey, Exchange, HandOff, Language
from channels.desk import transitions
from channels.desk.transitions import Refused

KEY = ConversationKey("web", "", "ann")
MIA, TOM, BOSS = Staff("mia", Role.AGENT, ""), Staff("tom", Role.AGENT, ""), Staff("boss", Role.OWNER, "")
LATER = EPOCH + timedelta(minutes=5)
NEW = transitions.opened(None, KEY, HandOff("asked", "hi", (Exchange("hi", ""),), Language.EN, "Ann"), EPOCH)
HANDS = {
    "written": lambda ticket: transitions.written(ticket, "and now?", LATER),
    "returned": lambda ticket: transitions.returned(ticket, LATER),
    "claimed": lambda ticket: transitions.claimed(ticket, MIA),
    "claimed by tom": lambda ticket: transitions.claimed(ticket, TOM),
    "answered": lambda ticket: transitions.answered(ticket, MIA, "yes", LATER),
    "released": lambda ticket: transitions.released(ticket, MIA),
    "snoozed": lambda ticket: transitions.snoozed(ticket, TOM, LATER),
    "woken": lambda ticket: transitions.woken(ticket) if ticket.state is TicketState.SNOOZED else ticket,
    "resolved": lambda ticket: transitions.resolved(ticket, MIA, LATER),
    "assigned": lambda ticket: transitions.assigned(ticket, BOSS, "tom"),
}


def test_a_hand_off_opens_a_ticket_and_the_next_opens_it_again_at_the_end_of_the_queue() -> None:
    assert (NEW.state, NEW.customer, NEW.reason, NEW.last_words, NEW.unread) == (
        TicketState.WAITING,
        "Ann",
        "asked",
        "hi",
        1,
    )
    done = transitions.resolved(transitions.claimed(NEW, MIA), MIA, EPOCH)
    again = transitions.opened(done, KEY, HandOff("again", "me"), LATER)
    assert (again.id, again.customer, again.state, again.opened_at) == (NEW.id, "Ann", TicketState.WAITING, LATER)
    assert again.resolved_at is None and again.assignee == ""


@given(st.lists(st.sampled_from(sorted(HANDS)), max_size=12))
def test_whatever_is_done_a_ticket_stays_sound(names: list[str]) -> None:
    ticket = NEW
    for name in names:
        try:
            ticket = HANDS[name](ticket)
        except Refused as refused:
            assert refused.code in ("held_by_other", "resolved") and refused.remedy
        assert (ticket.state is TicketState.SNOOZED) == (ticket.snoozed_until is not None)
        assert ticket.state is not TicketState.WAITING or ticket.assignee == ""
        assert ticket.state is not TicketState.CLAIMED or ticket.assignee in ("mia", "tom")
        assert ticket.state is not TicketState.RESOLVED or ticket.unread == 0
        assert (ticket.key, ticket.version) == (KEY, 0)


@pytest.mark.parametrize("hand", ["claimed", "answered", "released", "resolved"])
def test_what_a_colleague_has_is_not_taken_away(hand: str) -> None:
    toms = transitions.claimed(NEW, TOM)
    with pytest.raises(Refused, match="tom has this conversation"):
        HANDS[hand](toms)
    assert transitions.assigned(toms, BOSS, "mia").assignee == "mia"
    assert transitions.assigned(toms, TOM, "mia").assignee == "mia"
    assert transitions.released(toms, BOSS).state is TicketState.WAITING


def test_what_the_customer_writes_wakes_and_opens_again() -> None:
    put_off = transitions.snoozed(NEW, MIA, LATER)
    assert transitions.written(put_off, "hello?", LATER).state is TicketState.CLAIMED
    done = transitions.resolved(NEW, MIA, EPOCH)
    again = transitions.written(done, "one more thing", LATER)
    assert (again.state, again.assignee, again.unread, again.last_words) == (TicketState.WAITING, "", 1, "one more thing")


def test_what_nobody_answered_before_the_bot_came_back_waits_on() -> None:
    between = transitions.written(transitions.resolved(NEW, MIA, EPOCH), "wait", LATER)
    assert transitions.returned(between, LATER).state is TicketState.WAITING
    cancelled = transitions.written(NEW, "cancel", LATER)
    assert transitions.returned(cancelled, LATER).state is TicketState.RESOLVED


def test_tags_are_kept_once_and_words_short() -> None:
    assert transitions.tagged(NEW, ("a", "b", "a")).tags == ("a", "b")
    assert len(transitions.written(NEW, "x" * 9000, LATER).last_words) == transitions.SHOWN
    assert transitions.read(NEW) == replace(NEW, unread=0)
    assert isinstance(NEW, Ticket)
