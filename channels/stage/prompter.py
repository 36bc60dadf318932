"""Answers the scheduler from the tables: the port `Prompter`, for one step. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.claims import Tables, broken, known
from bot.types import Claim
from channels.stage.claims import Claims, Sentence
from channels.stage.facts import Facts, words_of
from channels.stage.guard import Guard, Violation
from channels.stage.narration import Narrator
from channels.stage.points import stated


class TablePrompter:
    """Knows the facts of the products in play, by id, as they were just read at `at`. Of another product nothing is true.

    `tables` are the same as far as claims of answers rest on them; `guard` is the usual one where none is given.
    """

    def __init__(
        self,
        narrator: Narrator,
        facts: Mapping[str, Facts],
        at: datetime,
        tables: Tables | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._narrator, self._at = narrator, at
        self._facts = facts
        self._tables = tables or Tables()
        self._guard = guard or Guard()
        self._stated: dict[str, Claims] = {}

    def still_true(self, claims: Claims) -> bool:
        """Whether the tables make all these claims, be they of the narration's or of answers."""
        return all(claim in self._stated_of(claim.subject) or self._holds(claim) for claim in claims)

    def proper(self, sentence: Sentence) -> bool:
        """Whether it is fit to be said, given what the tables have."""
        return self.violation(sentence) is None

    def violation(self, sentence: Sentence) -> Violation | None:
        """What is not fit to be said in it."""
        known_words = (words_of(self._facts[name]) for name in sorted(sentence.products) if name in self._facts)
        return self._guard.violation(sentence, "\n".join(known_words))

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

    def _holds(self, claim: Claim) -> bool:
        """Whether it is a claim of answers, and true."""
        return known(claim) and not broken((claim,), self._tables)

    def _stated_of(self, product_id: str) -> Claims:
        if product_id not in self._stated:
            facts = self._facts.get(product_id)
            self._stated[product_id] = stated(facts) if facts else frozenset()
        return self._stated[product_id]
