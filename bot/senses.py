"""The sense of a question by its answer: who would be told the same has asked the same, in whatever words."""

from __future__ import annotations

import hashlib

from bot.ports import Knowledge, Responding
from bot.types import Question


class AnswerSenses:
    """`Senses` over what the service would say now, in the words of its evidence."""

    def __init__(self, knowledge: Knowledge, responding: Responding) -> None:
        """`responding` must say the same to the same evidence: one that words with a language model does not."""
        self._knowledge = knowledge
        self._responding = responding

    async def sense(self, question: Question) -> str:
        """The digest of what is said; empty where that tells nothing of the shop. Raises Unavailable."""
        replies = await self._responding.answer(question, await self._knowledge.find(question))
        if any(reply.aside for reply in replies):
            return ""
        told = [(reply.text, tuple((card.product_id, card.reason) for card in reply.cards)) for reply in replies]
        return hashlib.sha256(repr((question.language, told)).encode()).hexdigest()
