"""What the host does not say, whoever wrote it: what a room masks, and what `bot.propriety` forbids. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bot.propriety import EVERY, Kind, Propriety, Violation, read_propriety
from channels.common.masking import OrderNumbers, no_orders, personal
from channels.stage.claims import ANSWER, CORRECTED, Sentence

__all__ = ["Guard", "Violation"]

# What the room was told has passed the guards of answers: its promises are those of the shop's documents.
_TOLD = frozenset({ANSWER, CORRECTED})
# Texts of which is known what is personal in them: the next sentence is looked at several times a second.
_KEPT = 1024


class Guard:
    """Looks at every sentence before it is synthesised. `orders` finds the shop's order numbers."""

    def __init__(self, propriety: Propriety | None = None, orders: OrderNumbers = no_orders) -> None:
        """The words are those of `bot/propriety.yml` where none are given. Raises BadContent where these are broken."""
        self.propriety = propriety or read_propriety()
        self._personal: Callable[[str], str] = lru_cache(_KEPT)(lambda text: _personal(text, orders))

    def violation(self, sentence: Sentence, facts: str = "") -> Violation | None:
        """The first thing that is not fit to be said; None where all is. Words that `facts` have may be said."""
        kinds = EVERY - {Kind.PROMISE} if sentence.topic in _TOLD else EVERY
        found = self.propriety.violations(sentence.text, facts, kinds)
        if found:
            return found[0]
        own = self._personal(sentence.text)
        return Violation(Kind.PRIVATE, own) if own and own not in facts else None


def _personal(text: str, orders: OrderNumbers) -> str:
    return next((text[span.start : span.end] for span in personal(text, orders)), "")
