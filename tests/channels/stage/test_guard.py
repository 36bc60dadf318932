"""The guard before synthesis: nothing improper is rendered or said, whoever wrote it; the host of the room is shown it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.types import Claim
from channels.stage.claims import ANSWER, HOST, Sentence
from channels.stage.cues import Priority, Say, Utterance, Why
from channels.stage.facts import read_facts
from channels.stage.guard import Guard
from channels.stage.merchant import Merchant, read_merchant
from channels.stage.narration import SEGMENT, Narrator
from channels.stage.prompter import TablePrompter
from channels.stage.show import Show
from channels.stage.templates import LANGUAGES
from evals.stage.world import ROOM, open_world
from tests.channels.stage.shop import NOW, TENT, ZONE, facts_of
from tests.channels.stage.test_driver import Slow, stage

GUARD = Guard()
BAD = "It is the world's best tent."


@pytest.mark.parametrize("text", ["全网最低价！", BAD, "加微信 wx_tent2026", "打 13800138000 找我", "单号 SF1234567890123"])
@pytest.mark.parametrize("topic", ["about", SEGMENT, ANSWER, HOST])
def test_whoever_wrote_it(text: str, topic: str) -> None:
    assert GUARD.violation(Sentence(text, "zh", topic=topic)) is not None


def test_promises_of_answers_are_those_of_the_documents_and_of_nobody_else() -> None:
    assert GUARD.violation(Sentence("我们保证正品。", "zh", topic=ANSWER)) is None
    assert GUARD.violation(Sentence("我们保证正品。", "zh", topic=HOST)) is not None


def test_a_fact_of_the_catalogue_allows_its_words() -> None:
    facts = {TENT.id: facts_of(TENT)}
    prompter = TablePrompter(Narrator(ZONE), facts, NOW, guard=GUARD)
    claims = frozenset({Claim(TENT.id, "span", "")})
    assert not prompter.proper(Sentence("独一无二的帐篷", "zh", claims, ANSWER))
    for name, offer in facts.items():
        facts[name] = facts_of(offer.product, promotions=(), links=[])
    assert prompter.proper(Sentence(TENT.description.zh, "zh", claims, ANSWER, TENT.id))


def test_merchants_segments_are_looked_at_like_everything(tmp_path: Path) -> None:
    file = tmp_path / "merchant.yml"
    file.write_text("segments: [{en: 'The {name} is unbeatable.'}]\n", "utf-8")
    narrator = Narrator(ZONE, read_merchant(file))
    script = narrator.script(facts_of(TENT), "en", "1", 600)
    prompter = TablePrompter(narrator, {TENT.id: facts_of(TENT)}, NOW)
    refused = [sentence.topic for sentence in script if not prompter.proper(sentence)]
    assert refused == [SEGMENT]


async def test_the_narration_of_the_whole_shop_is_proper() -> None:
    async with open_world(NOW) as world:
        facts = await read_facts(world.shop, ROOM, world.products, NOW)
    narrator = Narrator(ZoneInfo("Asia/Shanghai"), Merchant())
    prompter = TablePrompter(narrator, facts, NOW)
    for product in facts.values():
        for language in LANGUAGES:
            for sentence in narrator.script(product, language, "1", 600):
                assert prompter.violation(sentence) is None, sentence


async def test_it_is_never_synthesised_said_or_shown_and_the_rest_is() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.NARRATION, "One, this is a tent.", BAD, "Two, it is green.")
        on.say(Priority.ANSWER, BAD)
        await on.time.pass_seconds(60)
        assert on.heard == ["One, this is a tent.", "Two, it is green."]
        slow = on.engines["good"]
        assert isinstance(slow, Slow)
        assert not any("best" in asked for asked in slow.asked)
        assert not any("best" in text for _, _, text in on.pages.log)
        assert on.driver.state.dropped == {Why.IMPROPER: 2}


async def test_the_host_of_the_room_is_shown_what_was_refused_and_why() -> None:
    async with open_world(NOW) as world, stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        show = Show(world.shop, on.time, ZONE, ROOM, "zh")
        on.driver._listener = show.listen
        on.driver.put(Say(Utterance("a", Priority.ANSWER, (Sentence(BAD, "en", topic=ANSWER),))))
        await on.time.pass_seconds(5)
        assert [(one.text, one.why, one.words) for one in show.refused] == [(BAD, "absolute", "world's best")]
