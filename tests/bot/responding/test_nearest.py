"""What is near, but not sure, is shown as no more than that; of a long passage the sentence that answers is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.responding.responder import NEAR, THRESHOLD, Responder
from bot.traces import is_unanswered
from bot.types import Answer, ConversationKey, Findings, Language, Message, Passage, Question, Turn

RULE = Passage("Rugs are cut to length within two days.", "cutting.md", "Cutting", "How long", "/sources/cutting.md")
ASKED = Question("when do you trim it", Language.EN)


class Meanings:
    """An encoder for which a word of the question and one of the answer mean the same."""

    name, dimension = "meanings", 2

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1.0, 0.0] for _ in texts], np.float32)

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1.0, 0.0] if "soak" in text else [0.0, 1.0] for text in texts], np.float32)


@pytest.mark.parametrize(
    ("sure", "shown", "told"),
    [(THRESHOLD, True, True), (THRESHOLD - 0.01, True, False), (NEAR, True, False), (NEAR - 0.01, False, False)],
)
async def test_what_is_near_is_shown_with_a_word_that_it_may_not_be_it(sure: float, shown: bool, told: bool) -> None:
    findings = Findings((RULE,), confidence=sure, topics=("Delivery",))
    (reply,) = await Responder([Path("bot")]).answer(ASKED, findings)
    assert (RULE.text in reply.text) is shown
    assert (reply.text == RULE.text) is told
    assert reply.aside is not told, "in a room only whoever asked hears what is not sure"
    assert bool(reply.citations) is shown
    assert [button.title for button in reply.buttons] == ([] if told else ["Delivery", "Ask a person"])


async def test_what_is_only_near_is_a_gap_of_the_documents() -> None:
    replies = await Responder([Path("bot")]).answer(ASKED, Findings((RULE,), confidence=0.5))
    message = Message("1", ConversationKey("web", "", "ann"), ASKED.text, datetime(2026, 5, 1, tzinfo=UTC))
    turn = Turn(message, parse=None, decisions=(Answer(ASKED.text),), passages=(RULE,), replies=replies)
    assert is_unanswered(turn)


async def test_nothing_is_near_to_what_no_shop_is_asked() -> None:
    asked = Question("who won the cup", Language.EN, topic="out_of_scope")
    (reply,) = await Responder([Path("bot")]).answer(asked, Findings((RULE,), confidence=0.5))
    assert RULE.text not in reply.text


async def test_the_sentence_that_answers_is_told_by_its_meaning() -> None:
    guide = (
        "Wash the tank once a week and descale the pump with vinegar every month, however clean the water looks. "
        "Never put the lid into a dishwasher, and do not bend the cable of the pump. "
        "Let a new filter soak for five minutes, or the water runs black for a day. "
        "If the pump does not turn, look at the level first, for it stops by itself below the line."
    )
    findings = Findings((Passage(guide, "guide.md", "Care", "Care", "/sources/guide.md"),), confidence=0.9)
    asked = Question("the pump gives dark stuff", Language.EN)
    (by_words,) = await Responder([Path("bot")]).answer(asked, findings)
    (by_meaning,) = await Responder([Path("bot")], encoder=Meanings()).answer(asked, findings)
    assert not by_words.text.startswith("Let a new filter") and by_meaning.text.startswith("Let a new filter soak")
