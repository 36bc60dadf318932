"""What the engine does itself, as actions for a Rasa server: answer from the documents, recommend, hand over.

A Rasa server understands and keeps the conversation; these take one message of it, without what was said before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from bot.ports import Catalogue, Knowledge, Recommender, Responding
from bot.types import Entity, Findings, Message, Need, Question, Reply, Say, State

Action = Callable[[Message, State, str], Awaitable[Sequence[Reply]]]


class OwnActions:
    """The three actions over the engine's ports. Each takes the message, the conversation and the intent's name."""

    def __init__(self, knowledge: Knowledge, catalogue: Catalogue, recommender: Recommender, responding: Responding) -> None:
        self._knowledge = knowledge
        self._catalogue = catalogue
        self._recommender = recommender
        self._responding = responding

    def by_name(self) -> Mapping[str, Action]:
        """Under the names that the rules of Rasa's data use."""
        return {"action_answer": self.answer, "action_recommend": self.recommend, "action_hand_off": self.hand_off}

    async def answer(self, message: Message, state: State, topic: str) -> Sequence[Reply]:
        """Answer a question about the shop and its products."""
        named = tuple(await self._catalogue.mentions(message.text))
        question = Question(
            text=message.text,
            language=state.language,
            topic=topic,
            product_ids=_sure(named),
            asked_at=message.sent_at,
            entities=named,
        )
        findings = await self._knowledge.find(question)
        replies = await self._responding.answer(question, findings)
        return [self._responding.guard(reply, findings, state) for reply in replies]

    async def recommend(self, message: Message, state: State, topic: str) -> Sequence[Reply]:
        """Suggest products for a need."""
        named = tuple(await self._catalogue.mentions(message.text))
        need = Need(message.text, state.language, product_ids=_sure(named), asked_at=message.sent_at)
        findings = await self._recommender.recommend(need)
        say = Say("utter_recommend" if findings.cards else "utter_recommend_none")
        reply = replace(self._responding.say(say, state.language, state), cards=findings.cards)
        return [self._responding.guard(reply, findings, state)]

    async def hand_off(self, message: Message, state: State, topic: str) -> Sequence[Reply]:
        """Rasa has no desk of ours behind it: say so, as the engine without a desk does."""
        reply = self._responding.say(Say("utter_hand_off_closed"), state.language, state)
        return [self._responding.guard(reply, Findings(), state)]


def _sure(named: Sequence[Entity]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(entity.value) for entity in named if entity.confidence > 0.5))
