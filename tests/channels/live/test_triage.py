"""Triage: what is noise, what is the same question, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.fakes import EPOCH
from channels.live.triage import Comment, Fate, Triage, is_noise, normalised


def comment(text: str, name: str, seconds: float = 0, on_screen: str | None = "P1001") -> Comment:
    return Comment(f"{name}-{text}-{seconds}", name, name, text, EPOCH + timedelta(seconds=seconds), on_screen)


def test_the_same_wording_is_one_question() -> None:
    triage = Triage(20)
    first = triage.take(comment("这件防水吗？", "ann"))
    second = triage.take(comment("這件 防水嗎!! 🤔", "bob", 5))
    assert (first.fate, second.fate) == (Fate.ASK, Fate.JOIN)
    assert second.question is first.question
    assert second.question and second.question.asked == 2


def test_a_repeat_of_ones_own_question_is_not_another_asker() -> None:
    triage = Triage(20)
    triage.take(comment("is it waterproof?", "ann"))
    verdict = triage.take(comment("Is it waterproof", "ann", 3))
    assert verdict.fate is Fate.JOIN
    assert verdict.question and verdict.question.asked == 1


def test_another_product_on_screen_is_another_question() -> None:
    triage = Triage(20)
    triage.take(comment("多少钱", "ann"))
    assert triage.take(comment("多少钱", "bob", 1, on_screen="P1002")).fate is Fate.ASK


@pytest.mark.parametrize(
    "text", ["这件防水吗", "這件防水嗎", "is it waterproof", "多少钱", "how much?", "the blue one in M please"]
)
def test_with_nothing_on_screen_this_one_is_each_askers_own(text: str) -> None:
    triage = Triage(20)
    triage.take(comment(text, "ann", on_screen=None))
    assert triage.take(comment(text, "bob", 1, on_screen=None)).fate is Fate.ASK


@pytest.mark.parametrize("text", ["多久发货？", "那么多久发货", "3号链接多少钱", "how much is link 3", "do you ship abroad"])
def test_with_nothing_on_screen_what_names_its_subject_is_joined(text: str) -> None:
    triage = Triage(20)
    triage.take(comment(text, "ann", on_screen=None))
    assert triage.take(comment(text, "bob", 1, on_screen=None)).fate is Fate.JOIN


def test_an_answered_question_is_joined_within_the_window_only() -> None:
    triage = Triage(20)
    first = comment("how much is it", "ann")
    triage.take(first)
    assert triage.answered(first.id, "r1")
    assert triage.take(comment("how much is it?", "bob", 19)).fate is Fate.JOIN
    assert triage.take(comment("how much is it?", "cy", 21)).fate is Fate.ASK


def test_an_open_question_is_joined_beyond_the_window_but_not_for_ever() -> None:
    triage = Triage(20)
    triage.take(comment("how much is it", "ann"))
    assert triage.take(comment("how much is it", "bob", 100)).fate is Fate.JOIN
    assert triage.take(comment("how much is it", "cy", 121)).fate is Fate.ASK


def test_an_older_open_question_does_not_keep_an_answered_one_alive() -> None:
    triage = Triage(20)
    answered = comment("多少钱一件", "bob", 1)
    triage.take(comment("这是真丝吗", "ann"))
    triage.take(answered)
    triage.answered(answered.id, "r1")
    assert triage.take(comment("多少钱一件", "cy", 40)).fate is Fate.ASK


def test_a_withdrawn_question_is_asked_anew() -> None:
    triage = Triage(20)
    verdict = triage.take(comment("多久发货", "ann"))
    assert verdict.question
    triage.withdraw(verdict.question)
    assert triage.take(comment("多久发货", "bob", 1)).fate is Fate.ASK


def test_a_reply_to_a_forgotten_question_is_nobodys() -> None:
    triage = Triage(20)
    first = comment("多久发货", "ann")
    triage.take(first)
    triage.take(comment("别的问题吗", "bob", 500))
    assert triage.answered(first.id, "r1") is None
    assert triage.answered("never-asked", "r1") is None


@pytest.mark.parametrize("text", ["M", "yes", "是的", "L码"])
def test_short_answers_of_two_people_are_not_one(text: str) -> None:
    triage = Triage(20)
    triage.take(comment(text, "ann"))
    assert triage.take(comment(text, "bob", 1)).fate is Fate.ASK


@pytest.mark.parametrize("text", ["", "  ", "👍🏽👍🏽", "666", "哈哈哈哈", "hahaha", "LOL!", "来了", "wow", "…", "111"])
def test_noise(text: str) -> None:
    assert is_noise(normalised(text))
    assert Triage(20).take(comment(text, "ann")).fate is Fate.DROP


@pytest.mark.parametrize("text", ["3", "3号", "多少钱", "size?", "hello", "哈密瓜", "有没有大码"])
def test_no_noise(text: str) -> None:
    assert not is_noise(normalised(text))


def test_other_words_of_the_same_sense_are_one_question() -> None:
    triage = Triage(20)
    first = triage.take(comment("when do you ship", "ann"), "tomorrow")
    second = triage.take(comment("how soon will it go out", "bob", 5), "tomorrow")
    other = triage.take(comment("what does shipping cost", "cy", 6), "eight")
    unknown = triage.take(comment("do you ship to the moon", "dee", 7), "")
    assert [verdict.fate for verdict in (first, second, other, unknown)] == [Fate.ASK, Fate.JOIN, Fate.ASK, Fate.ASK]
    assert second.question is first.question
    assert triage.take(comment("do you post to the moon", "eve", 8), "").fate is Fate.ASK


def test_a_sense_is_forgotten_with_its_question() -> None:
    triage = Triage(20)
    first = triage.take(comment("when do you ship", "ann"), "tomorrow")
    assert first.question
    triage.withdraw(first.question)
    assert triage.take(comment("how soon will it go out", "bob", 5), "tomorrow").fate is Fate.ASK
    triage.answered("bob-how soon will it go out-5", "r1")
    assert triage.take(comment("ship when?", "cy", 60), "tomorrow").fate is Fate.ASK


def test_what_is_the_askers_own_is_joined_by_no_sense() -> None:
    triage = Triage(20)
    own = replace(comment("my order is late", "ann"), personal=True)
    assert triage.take(own, "late").fate is Fate.ASK
    assert triage.take(replace(own, id="b", viewer="bob", text="mine is late, too"), "late").fate is Fate.ASK
