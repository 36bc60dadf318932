"""Answers the scheduler from the tables: the port `Prompter`, for one step. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from channels.stage.claims import Claims, Sentence
from channels.stage.facts import Facts
from channels.stage.narration import Narrator
from channels.stage.points import stated


class TablePrompter:
    """Knows the facts of the products in play, by id, as they were just read at `at`. Of another product nothing is true."""

    def __init__(self, narrator: Narrator, facts: Mapping[str, Facts], at: datetime) -> None:
        self._narrator, self._at = narrator, at
        self._facts = facts
        self._stated: dict[str, Claims] = {}

    def still_true(self, claims: Claims) -> bool:
        """Whether the tables make all these claims."""
        return all(claim in self._stated_of(claim.subject) for claim in claims)

    def fresh(self, sentence: Sentence) -> bool:
        """Whether it was not heard in the last ten minutes."""
        return self._narrator.memory.fresh(sentence.text, self._at)

    def reword(self, sentence: Sentence) -> Sentence | None:
        """The same point in other words, true now."""
        facts = self._facts.get(sentence.product_id)
        return self._narrator.reword(sentence, facts, f"{self._at} {sentence.text}") if facts else None

    def bridge(self, sentence: Sentence) -> Sentence | None:
        """Words that lead back to the product of a sentence."""
        facts = self._facts.get(sentence.product_id)
        return self._narrator.bridge(sentence, facts, f"{self._at} {sentence.text}") if facts else None

    def _stated_of(self, product_id: str) -> Claims:
        if product_id not in self._stated:
            facts = self._facts.get(product_id)
            self._stated[product_id] = stated(facts) if facts else frozenset()
        return self._stated[product_id]
