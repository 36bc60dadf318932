"""The virtual host of a room under simulated time: answers, corrections, and what the host of the room has it do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.errors import BadInput
from bot.stage import Act, PublicAnswer
from bot.types import Audience, Claim, Reply
from channels.stage.cues import Priority, Why
from channels.stage.guard import Guard
from channels.stage.host import VirtualHost
from tests.channels.stage.test_driver import Slow, Stage, settle, stage

N1, N2 = "One, this is a mug.", "Two, it holds tea."


@asynccontextmanager
async def room() -> AsyncIterator[tuple[Stage, VirtualHost]]:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        yield on, VirtualHost(on.driver, Guard(), stale_s=25)


def told(
    on: Stage, name: str, text: str, *, corrects: tuple[str, ...] = (), claim: int | None = None, **reply: Any
) -> PublicAnswer:
    claims = () if claim is None else (Claim("p", "number", str(claim)),)
    made = Reply(text, **({"audience": Audience.PUBLIC, "claims": claims} | reply))
    return PublicAnswer(name, made, on.time.at, "Ann", 2, "?", corrects)


async def test_an_answer_cuts_narration_which_then_goes_on_where_it_was() -> None:
    async with room() as (on, host):
        on.say(Priority.NARRATION, N1, N2)
        await on.time.pass_seconds(1)
        host.answer(told(on, "a", "Yes, we have it."))
        await settle()
        assert [what for what, _, _ in on.pages.log[-2:]] == ["stop", "speak"]
        await on.time.pass_seconds(60)
        assert on.heard == ["Yes, we have it.", N1, N2]


async def test_narration_never_cuts_an_answer() -> None:
    async with room() as (on, host):
        host.answer(told(on, "a", "Yes, we have it."))
        await on.time.pass_seconds(0.5)
        on.say(Priority.NARRATION, N1)
        await on.time.pass_seconds(60)
        assert on.heard == ["Yes, we have it.", N1] and not any(what == "stop" for what, _, _ in on.pages.log)


async def test_an_answer_whose_turn_comes_too_late_is_dropped_and_counted() -> None:
    async with room() as (on, host):
        host.answer(told(on, "a", "I " * 45 + "one."))  # eighteen seconds
        host.answer(told(on, "b", "Short."))
        await settle()
        host.answer(told(on, "c", "I " * 45 + "two.", corrects=("x",)))
        await on.time.pass_seconds(120)
        assert on.driver.state.dropped == {Why.LATE: 1}
        assert [heard.split()[-1] for heard in on.heard] == ["two.", "one."]  # what was begun is said to its end


async def test_a_correction_goes_before_answers_and_what_it_corrects_is_not_said_any_more() -> None:
    async with room() as (on, host):
        host.answer(told(on, "a", "It is five yuan, and it has been for a very long time."))
        host.answer(told(on, "b", "Yes, we have it."))
        await on.time.pass_seconds(1)
        host.answer(told(on, "c", "Correction: it is six yuan.", corrects=("a",)))
        await settle()
        assert on.pages.log[-1][2] == "Correction: it is six yuan."
        await on.time.pass_seconds(60)
        assert on.heard == ["Correction: it is six yuan.", "Yes, we have it."]
        assert on.driver.state.dropped == {Why.TAKEN_BACK: 1}


async def test_what_is_taken_back_while_it_is_said_stops() -> None:
    async with room() as (on, host):
        host.answer(told(on, "a", "It is five yuan, and it has been for a very long time."))
        await on.time.pass_seconds(1)
        host.take_back(["a"])
        await settle()
        assert on.pages.log[-1][0] == "stop"
        await on.time.pass_seconds(60)
        assert on.heard == []


async def test_the_claims_are_looked_at_just_before_it_is_said() -> None:
    async with room() as (on, host):
        host.answer(told(on, "a", "Yes, we have it."))
        host.answer(told(on, "b", "It is five yuan.", claim=5))
        host.answer(told(on, "c", "It is six yuan.", claim=6))
        on.tables.wrong.add("5")
        await on.time.pass_seconds(60)
        assert on.heard == ["Yes, we have it.", "It is six yuan."] and on.driver.state.dropped == {Why.FALSE: 1}


async def test_the_same_answer_is_said_once_and_the_same_words_not_twice_in_a_row() -> None:
    async with room() as (on, host):
        for name in ("a", "a", "b"):
            host.answer(told(on, name, "Yes, we have it."))
            await settle()
        await on.time.pass_seconds(30)
        host.answer(told(on, "a", "Yes, we have it."))
        await on.time.pass_seconds(30)
        assert on.heard == ["Yes, we have it."]
        host.answer(told(on, "c", "Yes, we have it."))  # somebody asks anew
        await on.time.pass_seconds(30)
        assert len(on.heard) == 2


@pytest.mark.parametrize("reply", [{"audience": Audience.PRIVATE}, {"aside": True}])
async def test_what_is_for_one_person_is_never_said(reply: dict[str, Any]) -> None:
    async with room() as (on, host):
        host.answer(told(on, "a", "Your parcel is in Hangzhou.", **reply))
        await on.time.pass_seconds(30)
        assert on.pages.log == []


async def test_the_hosts_own_words_are_said_like_an_answer_and_guarded() -> None:
    async with room() as (on, host):
        on.say(Priority.NARRATION, N1)
        host.say("We are back in five minutes.")
        with pytest.raises(BadInput, match="world's best"):
            host.say("The world's best mug!")
        await on.time.pass_seconds(30)
        assert on.heard[0] == "We are back in five minutes." and len(on.heard) == 2


async def test_skip_goes_on_with_the_next_sentence_of_narration_and_ends_an_answer() -> None:
    async with room() as (on, host):
        on.say(Priority.NARRATION, N1, N2)
        await on.time.pass_seconds(0.5)
        host.act(Act.SKIP)
        await on.time.pass_seconds(30)
        assert on.heard == [N2]
        host.answer(told(on, "a", "Yes, we have it. It is green."))
        await on.time.pass_seconds(0.5)
        host.act(Act.SKIP)
        host.act(Act.SKIP)  # nothing is on
        await on.time.pass_seconds(30)
        assert on.heard == [N2] and on.driver.state.dropped == {Why.SKIPPED: 2}


async def test_while_a_person_has_the_microphone_answers_are_shown_and_nothing_is_heard() -> None:
    async with room() as (on, host):
        on.say(Priority.NARRATION, N1, N2)
        await on.time.pass_seconds(0.5)
        host.act(Act.TAKE)
        await settle()
        assert on.pages.log[-1][0] == "stop" and host.view().by_person
        before = len(on.pages.texts("play"))
        host.answer(told(on, "a", "Yes, we have it."))
        await on.time.pass_seconds(30)
        assert on.pages.texts("show") == ["Yes, we have it."] and len(on.pages.texts("play")) == before
        host.act(Act.GIVE)
        await on.time.pass_seconds(30)
        assert on.heard == ["Yes, we have it.", N1, N2]


async def test_stop_is_silence_until_it_goes_on_with_what_is_still_true() -> None:
    async with room() as (on, host):
        on.say(Priority.NARRATION, N1, claim=1)
        await on.time.pass_seconds(0.5)
        host.act(Act.STOP)
        assert on.pages.log[-1][0] == "stop" and host.view().halted
        host.answer(told(on, "a", "Yes, we have it."))
        await on.time.pass_seconds(30)
        assert on.heard == []
        host.act(Act.GO)
        await on.time.pass_seconds(30)
        assert on.heard == [N1] and not host.view().halted


async def test_the_view_says_what_is_on_and_what_comes() -> None:
    async with room() as (on, host):
        assert (host.view().now, host.view().next) == (None, ())
        on.say(Priority.NARRATION, N1, N2)
        host.answer(told(on, "a", "Yes, we have it."))
        await on.time.pass_seconds(0.5)
        view = host.view()
        assert view.now is not None and (view.now.text, view.now.kind) == ("Yes, we have it.", "answer")
        assert [(line.text, line.kind) for line in view.next] == [(N1, "narration")]
