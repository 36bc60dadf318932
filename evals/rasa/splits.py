"""The data sets of the comparison, each in one fixed split, so that both sides learn and are asked the same."""

from __future__ import annotations

import csv
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.understanding.training_data import load_training_data
from evals.data import data_set

NLU = Path("bot/data/nlu")
OUT_OF_SCOPE = "out_of_scope"
# The bot's own data: of this many folds, which depend on the text alone, the first is tested.
_FOLDS = 5

# A text and its intent.
Example = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Split:
    """What is learned, what is asked, and texts that no intent fits. `tokenizer` and `epochs` are for Rasa."""

    name: str
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    out_of_scope: tuple[str, ...]
    tokenizer: str
    epochs: int


def clinc150() -> Split:
    """150 intents: train against val. Out of scope are both of its files; nothing of them is learned."""
    folder = data_set("intents/clinc150")
    outside = [text for name in ("oos_train.tsv", "oos_val.tsv") for text, _ in _rows(folder / name)]
    train, test = (tuple(_rows(folder / name)) for name in ("train.tsv", "val.tsv"))
    return Split("clinc150", train, test, tuple(outside), "WhitespaceTokenizer", epochs=20)


def banking77() -> Split:
    """77 intents of a bank: the rows shuffled with seed 13, four fifths learned. Nothing is out of scope."""
    with (data_set("intents/banking77") / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    random.Random(13).shuffle(rows)
    learned = len(rows) * 4 // 5
    return Split("banking77", tuple(rows[:learned]), tuple(rows[learned:]), (), "WhitespaceTokenizer", epochs=25)


def smp2017() -> Split:
    """31 domains of Chinese requests to an assistant, as they were split."""
    folder = data_set("intents/smp2017_zh")
    train, test = (tuple(_rows(folder / name)) for name in ("train.tsv", "develop.tsv"))
    return Split("smp2017", train, test, (), "JiebaTokenizer", epochs=30)


def own() -> Split:
    """The bot's own data: a fifth of the texts is tested. What is out of scope is an intent here, and learned as one."""
    examples = [(example.text, example.intent) for example in load_training_data(NLU).examples]
    train, test = (
        tuple(example for example in examples if (zlib.crc32(example[0].encode()) % _FOLDS == 0) is tested)
        for tested in (False, True)
    )
    outside = tuple(text for text, intent in test if intent == OUT_OF_SCOPE)
    return Split("own", train, test, outside, "JiebaTokenizer", epochs=30)


SPLITS: Mapping[str, Callable[[], Split]] = {"own": own, "smp2017": smp2017, "clinc150": clinc150, "banking77": banking77}


def _rows(file: Path) -> list[Example]:
    """The lines of a file of texts and intents, parted by a tab."""
    lines = file.read_text("utf-8").splitlines()
    return [(text, intent) for text, intent in (line.rsplit("\t", 1) for line in lines)]
