"""The labelled comments of rooms, and what is counted of them."""

from __future__ import annotations

from typing import Any, cast

from bot.text import clean
from channels.live.gate import Judgement, Said
from evals.room.comments import Labelled, intents, learned, written
from evals.room.measure import said


class _Silent:
    async def judge(self, text: str) -> Judgement:
        return Judgement(Said.CHATTER, 0.1)


def test_no_comment_of_the_test_is_learned_from() -> None:
    tested = {clean(comment.text).casefold() for comment in written("test")}
    assert not tested & {clean(comment.text).casefold() for comment in learned()}


def test_every_half_has_both_languages_and_every_label() -> None:
    for half in ("training", "tuning", "test"):
        comments = written(cast("Any", half))
        assert {(c.said, c.language) for c in comments} == {(label, language) for label in Said for language in ("zh", "en")}


def test_the_intents_of_the_bot_are_for_the_shop_or_small_talk() -> None:
    kinds = {comment.said for comment in intents()}
    assert {Said.SHOP, Said.PRIVATE, Said.GREETING, Said.CHATTER, Said.ABUSE} == kinds


async def test_what_is_not_passed_on_is_not_asked() -> None:
    fate = await said(Labelled("hm", Said.CHATTER), 1, cast("Any", _Silent()), cast("Any", None))
    assert not fate.passed and not fate.public
