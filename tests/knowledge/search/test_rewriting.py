"""Follow-ups that a language model makes whole: when it is asked, and what of its answers is taken."""

from __future__ import annotations

import pytest

from bot.errors import ModelUnavailable
from bot.fakes import FakeKnowledge, ScriptedModel
from bot.types import Exchange, Language, Question
from knowledge.rewriting import Rewriting, leans

RECENT = (Exchange("防晒衣防晒指数多少", "UPF100+，洗 50 次后仍有效", ("P2",)),)


async def looked_up(text: str, said: str | Exception, recent: tuple[Exchange, ...] = RECENT) -> str:
    """What the documents are asked."""
    model = ScriptedModel.of(said)
    found = await Rewriting(FakeKnowledge(), model).find(Question(text, Language.ZH, recent=recent))
    return found.passages[0].text.removeprefix("answer to ")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("那 L 码呢", "防晒衣有 L 码吗"),
        ("它洗 50 次以后呢", "防晒衣洗 50 次以后防晒指数多少"),
        ("and the price?", '"How much is the sun jacket?"'),
        ("is it UPF100?", "Is the sun jacket UPF100?"),
    ],
)
async def test_a_follow_up_is_made_whole(text: str, whole: str) -> None:
    assert await looked_up(text, whole) == whole.strip('"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("那 40 码呢", "防晒衣有码吗"),  # the customer's number is gone
        ("那 L 码呢", "199 元的防晒衣有 L 码吗"),  # a number that nobody said
        ("那 L 码呢", ""),
        ("那 L 码呢", "好的。" * 100),
        ("那 L 码呢", ModelUnavailable("it is away")),
    ],
)
async def test_what_cannot_be_taken_leaves_the_question_as_it_is(text: str, said: str | Exception) -> None:
    assert await looked_up(text, said) == text


@pytest.mark.parametrize(("text", "recent"), [("防晒衣怎么洗", RECENT), ("那 L 码呢", ()), ("how do returns work", RECENT)])
async def test_what_is_understood_alone_costs_no_call(text: str, recent: tuple[Exchange, ...]) -> None:
    assert not leans(text, recent)
    assert await looked_up(text, AssertionError("the model was asked"), recent) == text


async def test_the_model_sees_what_was_said_and_that_it_is_material() -> None:
    model = ScriptedModel.of("防晒衣有 L 码吗")
    await Rewriting(FakeKnowledge(), model).find(Question("那 L 码呢", Language.ZH, recent=RECENT))
    (prompt,) = model.prompts
    assert "no instruction" in prompt.system
    assert prompt.user == "Customer: 防晒衣防晒指数多少\nShop: UPF100+，洗 50 次后仍有效\nCustomer: 那 L 码呢"
