"""What was left unanswered, from stored turns to the list that a merchant reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.traces import is_unanswered
from bot.types import Answer, Citation, ConversationKey, Gap, Language, Message, Passage, Reply, Turn
from knowledge.encoders.hashing import HashingEncoder
from knowledge.gaps import gaps
from tests.knowledge.shop import NOW

TURN = Turn(
    Message("1", ConversationKey("web", "main", "ann"), "可以租礼服吗", NOW),
    parse=None,
    decisions=(Answer("可以租礼服吗"),),
    passages=(Passage("换货规则", "exchanges.zh.md", "换货"),),
    replies=(Reply("这个我还不清楚。"),),
)


async def test_the_same_question_counts_however_it_is_written() -> None:
    asked = [("可以租禮服嗎", Language.ZH_HANT), ("可以租礼服吗？", Language.ZH), ("do you rent gowns", Language.EN)]
    assert await gaps(asked, HashingEncoder()) == [
        Gap("zh", 2, ("可以租禮服嗎",)),
        Gap("en", 1, ("do you rent gowns",)),
    ]


async def test_alike_questions_come_together_and_others_apart() -> None:
    asked = [("do you rent out evening gowns", Language.EN), ("do you rent evening gowns", Language.EN),
             ("who owns the company", Language.EN)]  # fmt: skip
    assert [(gap.times, len(gap.examples)) for gap in await gaps(asked, HashingEncoder())] == [(2, 2), (1, 1)]


async def test_nothing_asked_is_no_gap() -> None:
    assert await gaps([("？？", Language.ZH)], HashingEncoder()) == []


@pytest.mark.parametrize(
    ("turn", "unanswered"),
    [
        (TURN, True),
        (replace(TURN, replies=(Reply("可以", citations=(Citation("换货"),)),)), False),
        (replace(TURN, passages=()), False),  # it was asked back which product is meant
        (replace(TURN, decisions=()), False),
    ],
)
def test_a_turn_without_a_source_is_unanswered(turn: Turn, unanswered: bool) -> None:
    assert is_unanswered(turn) is unanswered
