"""What somebody takes next, on public data: the last item of every history is left out and sought among all items.

Fitted without the last two items of a history; asked with all but the last; what is in the history cannot be shown. Settings
were chosen on the last item but one. For MovieLens, whose times are known, also with the order within a day shuffled.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from evals.data import NoData, data_set
from knowledge.recommend.ridge import inverse
from knowledge.recommend.sequence import SequenceSettings, fit, incidence

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TOP = 10
# So many items has the shop that time is measured with.
SCALE = 20_000
SEED = 13
MOVIES = SequenceSettings(
    together=1.0, ridge=300.0, past_decay=5.0, future_decay=2.0, window=30, memory=10.0, floor=0.05, keep=500
)
# EASE's penalty, chosen as our settings were.
EASE_RIDGE = {"Beauty": 100.0, "MovieLens": 100.0}

History = list[int]
Floats = NDArray[np.float32]
# From a history to a score for each item.
Scorer = Callable[[Sequence[int]], Floats]


@dataclass(frozen=True, slots=True)
class Histories:
    """Everybody's items in order, numbered from 0; `content`: items by features, rows of length 1."""

    name: str
    people: tuple[History, ...]
    item_count: int
    settings: SequenceSettings
    ease_ridge: float
    content: csr_matrix | None = None


def beauty() -> Histories:
    """Amazon Beauty, 5-core, with what kind and brand each item is of."""
    folder = data_set("recommend/amazon_beauty")
    lines = (folder / "Beauty.txt").read_text("ascii").splitlines()
    people = tuple([int(item) - 1 for item in line.split()[1:]] for line in lines)
    count = 1 + max(map(max, people))
    content = _telling(orjson.loads((folder / "Beauty_item2attributes.json").read_bytes()), count)
    return Histories("Beauty", people, count, SequenceSettings(), EASE_RIDGE["Beauty"], content)


def movielens(*, shuffled: bool = False) -> Histories:
    """MovieLens-100K by time; `shuffled` within each person's day."""
    people, count = _rated(data_set("recommend/ml-100k") / "ml-100k.inter", shuffled=shuffled)
    name = "MovieLens, days shuffled" if shuffled else "MovieLens"
    return Histories(name, people, count, MOVIES, EASE_RIDGE["MovieLens"])


def _rated(file: Path, *, shuffled: bool) -> tuple[tuple[History, ...], int]:
    lines = (line.split("\t") for line in file.read_text("ascii").splitlines()[1:])
    # events of one second keep the file's order, which tells nothing
    rows = sorted(((person, float(at), int(item) - 1) for person, item, _, at in lines), key=lambda row: row[:2])
    chance = random.Random(SEED)
    people = []
    for _, theirs in groupby(rows, key=lambda row: row[0]):
        days = (list(day) for _, day in groupby(theirs, key=lambda row: datetime.fromtimestamp(row[1], UTC).date()))
        people.append([item for day in days for _, _, item in (chance.sample(day, len(day)) if shuffled else day)])
    return tuple(people), 1 + max(item for _, _, item in rows)


def _telling(attributes: Mapping[str, Sequence[int]], item_count: int) -> csr_matrix:
    """Attributes weighed by how rare they are, rows of length 1."""
    from sklearn.feature_extraction.text import TfidfTransformer

    places = {attribute: place for place, attribute in enumerate(sorted({a for of in attributes.values() for a in of}))}
    rows = [{places[a]: 1.0 for a in attributes.get(str(item + 1), ())} for item in range(item_count)]
    weighed: csr_matrix = TfidfTransformer(smooth_idf=False).fit_transform(incidence(rows, len(places))).tocsr()
    return weighed.astype(np.float32)


# ---------------------------------------------------------------- the ways that are compared


def _popularity(data: Histories) -> Scorer:
    taken = _taken(data).sum(axis=0)
    counts = np.asarray(taken, np.float32).ravel()
    return lambda history: counts.copy()


def _item_knn(data: Histories) -> Scorer:
    """Cosine of the people who took two items (Sarwar et al., WWW 2001)."""
    from sklearn.preprocessing import normalize

    columns = normalize(_taken(data), axis=0)
    return _summed((columns.T @ columns).toarray().astype(np.float32))


def _ease(data: Histories) -> Scorer:
    """Steck, WWW 2019."""
    from scipy.sparse import identity

    taken = _taken(data)
    solved = inverse((taken.T @ taken + data.ease_ridge * identity(data.item_count, dtype=np.float32)).tocsr())
    weights = -solved / solved.diagonal()
    np.fill_diagonal(weights, 0.0)
    return _summed(weights)


def _ours(data: Histories) -> Scorer:
    return fit([person[:-2] for person in data.people], data.item_count, data.settings).scores


def _ours_with_content(data: Histories) -> Scorer:
    return fit([person[:-2] for person in data.people], data.item_count, data.settings, data.content).scores


def _taken(data: Histories) -> csr_matrix:
    return incidence([dict.fromkeys(person[:-2], 1.0) for person in data.people], data.item_count)


def _summed(weights: Floats) -> Scorer:
    return lambda history: weights[list(history)].sum(axis=0)


WAYS: Mapping[str, Callable[[Histories], Scorer]] = {
    "popularity": _popularity,
    "item-kNN": _item_knn,
    "EASE": _ease,
    "ours": _ours,
    "ours, with content": _ours_with_content,
}


# ---------------------------------------------------------------- measuring


def place(scores: Floats, history: Sequence[int], target: int) -> int:
    """How many items that are not in the history come before the target, ties against it."""
    others = scores.copy()
    others[[*history, target]] = -np.inf
    return int((others >= scores[target]).sum())


def gains(places: Sequence[int]) -> tuple[float, float]:
    """HR@10 and NDCG@10 of one sought item each."""
    found = [0.0 if at >= TOP else 1.0 / float(np.log2(at + 2)) for at in places]
    return sum(gain > 0 for gain in found) / len(found), sum(found) / len(found)


def measured(data: Histories, way: Callable[[Histories], Scorer], back: int = 1) -> dict[str, float]:
    """One way on one set; `back` 1 seeks the last item, 2 the one before it, on which settings are chosen."""
    started = time.perf_counter()
    scorer = way(data)
    trained, asked, places = time.perf_counter() - started, 0.0, []
    for person in data.people:
        history, target = person[:-back], person[-back]
        started = time.perf_counter()
        scores = scorer(history)
        asked += time.perf_counter() - started
        places.append(place(scores, history, target))
    hits, gain = gains(places)
    return {"n": len(places), "HR@10": hits, "NDCG@10": gain, "train_s": trained, "ms": 1000 * asked / len(places)}


async def measure(console: Console) -> dict[str, Any]:
    """Print the table; a set that is not here is named and left out. Raises NoData where none is."""
    figures: dict[str, Any] = {}
    missing: list[str] = []
    for load in (beauty, movielens, lambda: movielens(shuffled=True)):
        try:
            data = load()
        except NoData as absent:
            missing.append(str(absent))
            continue
        ways = {name: way for name, way in WAYS.items() if way is not _ours_with_content or data.content is not None}
        figures[data.name] = {name: measured(data, way) for name, way in ways.items()}
        console.print(_table(data, figures[data.name]))
    if not figures:
        raise NoData(missing[0])
    for line in missing:
        console.print(f"skipped: {line}")
    figures["scale"] = scale = at_scale(SCALE)
    console.print(f"{SCALE} items, made up: {scale['train_s']:.1f} s of training, {scale['ms']:.2f} ms an answer")
    return figures


def _table(data: Histories, figures: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(title=f"{data.name}: {len(data.people)} people, {data.item_count} items, all ranked, history left out")
    for head in ("way", "n", "HR@10", "NDCG@10", "training s", "ms an answer"):
        table.add_column(head, justify="left" if head == "way" else "right")
    for name, row in figures.items():
        shown = (
            f"{row['n']:.0f}",
            f"{row['HR@10']:.4f}",
            f"{row['NDCG@10']:.4f}",
            f"{row['train_s']:.1f}",
            f"{row['ms']:.2f}",
        )
        table.add_row(name, *shown)
    return table


def at_scale(item_count: int) -> dict[str, float]:
    """Seconds to fit and milliseconds an answer with so many items, each event of a person drawn near the one before."""
    chance = np.random.default_rng(SEED)
    steps = chance.normal(0, 50, (2 * item_count, 8)).cumsum(axis=1)
    starts = chance.integers(0, item_count, (2 * item_count, 1))
    people = tuple(map(list, ((starts + steps).astype(int) % item_count).tolist()))
    row = measured(Histories("scale", people, item_count, SequenceSettings(), 1.0), _ours)
    return {"items": item_count, "train_s": row["train_s"], "ms": row["ms"]}


if __name__ == "__main__":
    asyncio.run(measure(Console(width=130)))
