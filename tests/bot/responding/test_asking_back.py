"""Who asks back in the middle of something hears why a question is asked: for every question of a flow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.responding.responder import Responder
from bot.types import Findings, Language, Question

RESPONDER = Responder([Path("bot")])
UNKNOWN = "utter_no_answer"
# Their summary is told again; what they may be is said in the question itself.
TOLD_AGAIN = {"confirmed", "wants_complaint"}


def asked() -> set[str]:
    flows = [YAML(typ="safe").load(file) for file in Path("bot/data/flows").glob("*.yml")]
    return set(_collected(flows))


def _collected(part: object) -> Iterator[str]:
    """The slots that the flows collect, however deep the step stands."""
    if isinstance(part, dict):
        if "collect" in part:
            yield part["collect"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _collected(inner)


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
async def test_every_question_can_say_why_it_is_asked(language: Language) -> None:
    [nothing] = await RESPONDER.answer(Question("why?", language), Findings())
    for slot in asked() - TOLD_AGAIN:
        [reply] = await RESPONDER.answer(Question("why?", language, open_slot=slot), Findings())
        assert reply.text != nothing.text, slot
        assert not reply.aside and not reply.buttons, slot


async def test_what_has_an_answer_gets_it() -> None:
    [reply] = await RESPONDER.answer(
        Question("what time is it", Language.EN, topic="out_of_scope", open_slot="code"), Findings()
    )
    [outside] = await RESPONDER.answer(Question("what time is it", Language.EN, topic="out_of_scope"), Findings())
    assert reply.text == outside.text
