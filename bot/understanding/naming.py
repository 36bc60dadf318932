"""Readers of names, trained on answers in which the names are marked, and kept as long as these stay the same."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.errors import BadContent
from bot.once import making
from bot.understanding.names import BEGIN, INSIDE, OUTSIDE, NameReader, Token, features_of, shape_of, tokens_of, words_of
from bot.understanding.training_data import annotated, load_training_data

# A folder of files, each with examples of answers to one question; names are marked `[Ann Lee](name)`.
NAMES = Path(__file__).parents[1] / "data" / "names"
# Raised whenever training changes what it produces from the same examples.
_BUILD = 2
# A token that is seen in fewer examples is one of many names: it says no more than one that was never seen.
_SEEN = 2
# So often is a word of everyday talk said in it.
_EVERYDAY = 3
# So many other names stand in each example.
_OTHERS = 4
# Inverse regularisation; chosen by cross-validation on the examples.
_C = 1.0
_MARKED = re.compile(r"\[([^\]]+)\]\(name\)")


@dataclass(frozen=True, slots=True)
class Named:
    """A text in which the characters from `start` up to `end` are a name; none are where both are 0."""

    text: str
    start: int
    end: int


async def load_or_train_names(models: Path, data: Path, talk: Path) -> Mapping[str, NameReader]:
    """The readers of a folder of data, by the names of its files; trained and kept under `models` where they are not yet.

    `talk` is a folder of other things that people write. Raises BadContent for a malformed file.
    """
    return await asyncio.to_thread(_load_or_train_all, models, data, talk)


def _load_or_train_all(models: Path, data: Path, talk: Path) -> Mapping[str, NameReader]:
    said = [example.text for file in sorted(talk.glob("*.yml")) for example in load_training_data(file).examples]
    return {file.stem: _load_or_train(models, load_names(file), said) for file in sorted(data.glob("*.yml"))}


def _load_or_train(models: Path, examples: Sequence[Named], talk: Sequence[str]) -> NameReader:
    file = models / f"names-{_digest(examples, talk)}.npz"
    with making(file):
        if not file.is_file():
            _save(train_names(examples, talk), file)
    return NameReader.load(file)


def _save(reader: NameReader, file: Path) -> None:
    """Write a reader; it appears under its name whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".names-") as folder:
        written = Path(folder) / file.name
        reader.save(written)
        written.replace(file)


def _digest(examples: Sequence[Named], talk: Sequence[str]) -> str:
    lines = [str(_BUILD), *(f"{e.start}\t{e.end}\t{e.text}" for e in examples), *talk]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def load_names(file: Path) -> tuple[Named, ...]:
    """The examples of a file. Raises BadContent for a malformed file, and where two names are marked in one example."""
    return tuple(_named(line, file) for line in annotated(file))


def _named(line: str, file: Path) -> Named:
    marked = list(_MARKED.finditer(line))
    if len(marked) > 1:
        raise BadContent(f"{line!r} has two names.", where=str(file), remedy="Mark the one that the answer is.")
    text = _MARKED.sub(r"\1", line)
    return Named(text, marked[0].start(), marked[0].start() + len(marked[0].group(1))) if marked else Named(text, 0, 0)


def train_names(examples: Sequence[Named], talk: Iterable[str]) -> NameReader:
    """Fit on examples, in each of which other names of the same script stand, too; deterministic."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    seen, everyday = _seen(examples), _everyday(talk)
    rows: list[list[str]] = []
    labels: list[int] = []
    for example in [*examples, *_with_other_names(examples)]:
        tokens = tokens_of(example.text)
        rows += features_of(tokens, seen, everyday)
        labels += _labels(tokens, example)
    vectorizer = CountVectorizer(analyzer=lambda row: row, binary=True, min_df=2)
    model = LogisticRegression(C=_C, max_iter=1000).fit(vectorizer.fit_transform(rows), labels)
    vocabulary = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    return NameReader(
        {feature: number for number, feature in enumerate(vocabulary)},
        seen,
        everyday,
        np.ascontiguousarray(model.coef_.T, dtype=np.float32),
        model.intercept_.astype(np.float32),
    )


def _labels(tokens: Sequence[Token], example: Named) -> list[int]:
    within = [example.start <= token.start and token.end <= example.end for token in tokens]
    return [(INSIDE if n and within[n - 1] else BEGIN) if marked else OUTSIDE for n, marked in enumerate(within)]


def _seen(examples: Sequence[Named]) -> frozenset[str]:
    counts = Counter(word for e in examples for word in {token.text.lower() for token in tokens_of(e.text)})
    return frozenset(word for word, count in counts.items() if count >= _SEEN)


def _everyday(talk: Iterable[str]) -> frozenset[str]:
    """The words that people use in talk about other things than names, in lower case."""
    counts = Counter(word.lower() for text in talk for word in words_of(text))
    return frozenset(word for word, count in counts.items() if count >= _EVERYDAY)


def _with_other_names(examples: Sequence[Named]) -> Iterator[Named]:
    """Examples with names out of others: what stands around a name tells it, not who it is."""
    names = [example.text[example.start : example.end] for example in examples if example.end]
    for number, example in enumerate(examples):
        own = example.text[example.start : example.end]
        alike = [name for name in names if own and _script(name) == _script(own) and name != own]
        for nth in range(min(_OTHERS, len(alike))):
            other = alike[(number * 7 + nth * 13) % len(alike)]
            text = example.text[: example.start] + other + example.text[example.end :]
            yield Named(text, example.start, example.start + len(other))


def _script(name: str) -> tuple[bool, bool]:
    return shape_of(name) == "han", name.islower()
