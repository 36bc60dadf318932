"""What somebody takes next: a sequential linear recommender with a closed form.

Method: ridge regression from a person's decayed past to the decayed future, on top of the item-item Gram matrix, where no
item explains itself (Choi et al., "Session-aware linear item-item models for session-based recommendation", WWW 2021; Steck,
"Embarrassingly shallow autoencoders for sparse data", WWW 2019). Likeness of content is added: cold items have nothing else.

Items are numbered from 0. An item outside the `dense_items` most frequent is explained by itself alone, which bounds time
(dense_items ** 3 float32 operations) and memory (4 dense_items ** 2 bytes).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.errors import BadInput
from knowledge.recommend.ridge import Floats, Places, solved

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Popularity only orders what nothing else does.
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """Defaults are those for purchases with few events an item; decays are counted in events."""

    ridge: float = 200.0
    # weight of the Gram matrix, in which order does not count
    together: float = 0.5
    past_decay: float = 2.0
    future_decay: float = 1.0
    # so many events to each side are looked at
    window: int = 12
    # at the answer: weight of an event by its age is floor + (1 - floor) exp(-age / memory)
    memory: float = 2.0
    floor: float = 0.02
    # weight of the cosine of two items' content
    content: float = 0.006
    # weights kept for each item, the largest by size; 0 keeps all
    keep: int = 300
    dense_items: int = 6_000


@dataclass(frozen=True, slots=True)
class SequenceModel:
    """`weights[i, j]` is how much having taken i speaks for j: sparse, items by items. `taken`: events of each item."""

    weights: csr_matrix
    taken: Floats
    settings: SequenceSettings

    def scores(self, history: Sequence[int]) -> Floats:
        """How likely each item comes next, shape (items,): higher is likelier, -inf for what is in the history.

        An empty history gives the order of popularity. Raises BadInput for a number that is no item's.
        """
        _check(history, len(self.taken))
        total = self.taken * np.float32(_TIE / max(1.0, float(self.taken.max(initial=0.0))))
        for item, weight in self.shares(history).items():
            row = slice(self.weights.indptr[item], self.weights.indptr[item + 1])
            total[self.weights.indices[row]] += np.float32(weight) * self.weights.data[row]
        total[list(history)] = -np.inf
        return total

    def shares(self, history: Sequence[int]) -> dict[int, float]:
        """The weight of each item of a history: its newest event counts."""
        floor, last = self.settings.floor, len(history) - 1
        return {
            item: floor + (1 - floor) * math.exp((place - last) / self.settings.memory) for place, item in enumerate(history)
        }

    def save(self, file: Path) -> None:
        """Write the model as .npz."""
        parts = {"data": self.weights.data, "indices": self.weights.indices, "indptr": self.weights.indptr}
        np.savez_compressed(file, allow_pickle=False, taken=self.taken, **parts, **asdict(self.settings))


def load(file: Path) -> SequenceModel:
    """Read what `save` wrote. Raises BadInput where the file is none."""
    from scipy.sparse import csr_matrix

    try:
        with np.load(file, allow_pickle=False) as parts:
            taken = parts["taken"]
            shape = (len(taken), len(taken))
            weights = csr_matrix((parts["data"], parts["indices"], parts["indptr"]), shape=shape)
            settings = {name: parts[name].item() for name in asdict(SequenceSettings())}
    except (OSError, KeyError, ValueError) as error:
        raise BadInput(f"no saved sequence model ({error}).", where=str(file), remedy="Fit it again.") from error
    return SequenceModel(weights, taken, SequenceSettings(**settings))


def fit(
    histories: Sequence[Sequence[int]],
    item_count: int,
    settings: SequenceSettings | None = None,
    content: Floats | csr_matrix | None = None,
) -> SequenceModel:
    """Learn from histories, each oldest first. `content`: items by features, rows of length 1 (or 0: nothing known).

    Raises BadInput for a number that is not of 0 to item_count - 1.
    """
    from scipy.sparse import csr_matrix, identity, vstack

    settings = settings or SequenceSettings()
    for history in histories:
        _check(history, item_count)
    past, future = _sides(histories, item_count, settings)
    taken_by = incidence([dict.fromkeys(history, 1.0) for history in histories], item_count)
    gram = settings.together * (taken_by.T @ taken_by)
    penalised = (past.T @ past + gram + settings.ridge * identity(item_count, dtype=np.float32)).tocsr()
    ahead = (past.T @ future + gram).tocsr()
    taken = np.bincount([i for history in histories for i in history], minlength=item_count).astype(np.float32)
    dense = np.sort(np.argsort(-taken, kind="stable")[: settings.dense_items])
    rows = [
        _kept(block_rows + _likeness(block, content, settings.content), settings.keep)
        for block, block_rows in solved(penalised, ahead, dense)
    ]
    weights = vstack([csr_matrix((0, item_count), dtype=np.float32), *rows]).tocsr()
    return SequenceModel(weights, taken, settings)


def _check(items: Sequence[int], item_count: int) -> None:
    for item in items:
        if not 0 <= item < item_count:
            raise BadInput(f"{item} is no item's number.", where="history", remedy=f"They are 0 to {item_count - 1}.")


def _sides(histories: Sequence[Sequence[int]], item_count: int, settings: SequenceSettings) -> tuple[csr_matrix, csr_matrix]:
    """Before and after each place between two events, as rows: the nearer to the place, the heavier."""
    past: list[dict[int, float]] = []
    future: list[dict[int, float]] = []
    before = [math.exp(-distance / settings.past_decay) for distance in range(settings.window)]
    after = [math.exp(-distance / settings.future_decay) for distance in range(settings.window)]
    for history in histories:
        for place in range(1, len(history)):
            past.append(_nearest(reversed(history[max(0, place - settings.window) : place]), before))
            future.append(_nearest(history[place : place + settings.window], after))
    return incidence(past, item_count), incidence(future, item_count)


def _nearest(items: Iterable[int], weights: Sequence[float]) -> dict[int, float]:
    """The weight of each item; of one that comes twice, the nearest."""
    found: dict[int, float] = {}
    for item, weight in zip(items, weights, strict=False):
        found.setdefault(item, weight)
    return found


def incidence(rows: Sequence[Mapping[int, float]], item_count: int) -> csr_matrix:
    """Rows by items."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.fromiter((item for row in rows for item in row), np.int64, int(ends[-1]))
    data = np.fromiter((weight for row in rows for weight in row.values()), np.float32, int(ends[-1]))
    return csr_matrix((data, columns, ends), shape=(len(rows), item_count))


def _likeness(block: Places, content: Floats | csr_matrix | None, weight: float) -> Floats | float:
    """Weighed cosines of a block's items with all, nothing for an item with itself."""
    if content is None:
        return 0.0
    found = content[block] @ content.T
    cosines = found if isinstance(found, np.ndarray) else found.toarray()
    cosines[np.arange(len(block)), block] = 0.0
    return np.float32(weight) * cosines


def _kept(rows: Floats, keep: int) -> csr_matrix:
    """The `keep` weights of each row that are largest by size."""
    from scipy.sparse import csr_matrix

    if 0 < keep < rows.shape[1]:
        size = np.abs(rows)
        least = np.partition(size, -keep, axis=1)[:, -keep]
        rows = np.where(size >= least[:, None], rows, np.float32(0.0))
    return csr_matrix(rows)
