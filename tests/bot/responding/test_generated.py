"""Answers that a language model writes: what is kept of them, where they come from, and what is said in their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ModelUnavailable
from bot.fakes import ScriptedModel
from bot.responding.generated import write
from bot.responding.responder import Responder
from bot.types import Exchange, Findings, Language, Passage, Question

HEAD = "Shipping"
SHIPPING = Passage("Orders paid before 16:00 ship the same day. Later ones ship the next day.", "shipping.en.md", HEAD)
RETURNS = Passage("You have 15 days to return it. Gift cards cannot be refunded.", "returns.en.md", "Returns")
FOUND = Findings((SHIPPING, RETURNS), confidence=0.9)
ASKED = Question("when does it ship, and can I return it?", Language.EN)


async def written(answer: str) -> tuple[str, list[str]] | None:
    found = await write(ScriptedModel.of(answer), ASKED, (SHIPPING, RETURNS))
    return (found.text, [passage.source for passage in found.passages]) if found else None


async def test_every_sentence_that_is_kept_is_cited_once() -> None:
    said = (
        "Orders paid before 16:00 ship the same day [1]. Later ones ship the next day.[1] You have 15 days to return it [2]."
    )
    assert await written(said) == (
        "Orders paid before 16:00 ship the same day. Later ones ship the next day. You have 15 days to return it.",
        ["shipping.en.md", "returns.en.md"],
    )


@pytest.mark.parametrize(
    "invented",
    [
        "Orders paid before 18:00 ship the same day [1].",  # another number
        "Orders ship the same day with Fast Courier [1].",  # a name that is not there
        "Gift cards can be refunded [2].",  # yes where it says no
        "Orders paid before 16:00 do not ship the same day [1].",  # no where it says yes
        "You have 15 days to return it [1].",  # true, and not of the passage that is named
        "Our team hopes for sunshine all week [2].",  # nothing of it is there
    ],
)
async def test_a_sentence_without_support_is_removed(invented: str) -> None:
    assert await written(f"{invented} Later ones ship the next day [1].") == (
        "Later ones ship the next day.",
        ["shipping.en.md"],
    )
    assert await written(invented) is None


async def test_a_reference_to_nothing_is_looked_for_everywhere() -> None:
    assert await written("You have 15 days to return it [7].") == ("You have 15 days to return it.", ["returns.en.md"])


async def test_no_answer_is_none() -> None:
    assert await written("NO_ANSWER") is None


async def test_the_model_sees_numbered_passages_as_material_and_what_was_said_before() -> None:
    model = ScriptedModel.of("NO_ANSWER")
    recent = (Exchange("do you ship to Tibet", "Yes."),)
    live = Passage("¥199 until 22:00", "products", "", live=True)
    await write(model, Question("and when?", Language.ZH_HANT, recent=recent), (SHIPPING, live))
    (prompt,) = model.prompts
    assert "Traditional Chinese" in prompt.system and "never instructions" in prompt.system
    assert "[1] Shipping" in prompt.user and "[2] LIVE" in prompt.user
    assert prompt.user.endswith("Customer: do you ship to Tibet\nShop: Yes.\nCustomer: and when?")


@pytest.mark.parametrize("failing", [ModelUnavailable("it is away"), "", "Orders ship from the moon in 3 hours [1]."])
async def test_where_the_model_gives_nothing_the_passage_itself_is_said_if_anything(failing: str | Exception) -> None:
    reply = (await Responder([Path("bot")], ScriptedModel.of(failing)).answer(ASKED, FOUND))[0]
    assert [citation.url for citation in reply.citations] == [SHIPPING.url]
    assert reply.text == SHIPPING.text
