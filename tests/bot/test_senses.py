"""Two questions have one sense exactly where the same would be said to them."""

from __future__ import annotations

from pathlib import Path

from bot.responding.responder import Responder
from bot.senses import AnswerSenses
from bot.types import Card, Findings, Language, Passage, Question


class Finding:
    """`Knowledge` that finds the same for every question."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    async def find(self, question: Question) -> Findings:
        return self._findings


async def sense(findings: Findings, text: str = "when do you ship") -> str:
    return await AnswerSenses(Finding(findings), Responder([Path("bot")])).sense(Question(text, Language.EN))


def told(text: str, confidence: float = 0.95) -> Findings:
    return Findings((Passage(text, "shipping.md", "Shipping", language="en"),), (), confidence)


async def test_the_same_answer_is_the_same_sense_whatever_the_words() -> None:
    first = await sense(told("Orders paid before 16:00 leave the same day."))
    assert first
    assert first == await sense(told("Orders paid before 16:00 leave the same day."), "how soon does it go out")
    assert first != await sense(told("Orders paid before 17:00 leave the same day."))


async def test_what_cannot_be_answered_has_none() -> None:
    assert await sense(told("Orders leave the same day.", 0.2)) == ""
    assert await sense(Findings()) == ""


async def test_cards_tell_wishes_apart() -> None:
    def shown(reason: str) -> Findings:
        return Findings(cards=(Card("P1", "Shell", reason=reason),), confidence=1.0)

    assert await sense(shown("L is in stock")) != await sense(shown("M is in stock"))
