"""The data sets of the comparison, in the splits of evals/intents.py, with what Rasa needs to learn each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.understanding.model import OUT_OF_SCOPE
from evals import intents
from evals.intents import Example

__all__ = ["OUT_OF_SCOPE", "SPLITS", "Example", "Split"]


@dataclass(frozen=True, slots=True)
class Split:
    """What is learned, what is asked, and texts that no intent fits. `tokenizer` and `epochs` are for Rasa."""

    name: str
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    out_of_scope: tuple[str, ...]
    tokenizer: str
    epochs: int


def _for_rasa(make: Callable[[], intents.Split], tokenizer: str, epochs: int) -> Callable[[], Split]:
    def split() -> Split:
        made = make()
        return Split(made.name, made.train, made.test, made.out_of_scope, tokenizer, epochs)

    return split


SPLITS: Mapping[str, Callable[[], Split]] = {
    "own": _for_rasa(intents.own, "JiebaTokenizer", 30),
    "smp2017": _for_rasa(intents.smp2017, "JiebaTokenizer", 30),
    "clinc150": _for_rasa(intents.clinc150, "WhitespaceTokenizer", 20),
    "banking77": _for_rasa(intents.banking77, "WhitespaceTokenizer", 25),
}
