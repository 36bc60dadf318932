"""BM25 over words and, for Chinese, pairs of characters (bm25s).

Method: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; Chinese bigrams as in Kwok,
"Comparing Representations in Chinese Information Retrieval", SIGIR 1997.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.text import clean, simplified, words
from knowledge.stemming import stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1, B = 1.2, 0.6
_HAN_RUN = re.compile(r"[㐀-䶿一-鿿]{2,}")
# Words that stand in every question and tell no passage from another.
_STOP = frozenset(
    words(
        "a an the is are was were be do does did i you we it its this that to of in on for and or my your our me us can "
        "could will would how what when which with if at by from as there have has please"
    )
    + list("的了吗呢啊吧是我你您这那个有在就都和与要请亲哪")
    + ["我们", "你们", "请问", "一下", "可以", "什么", "怎么"]
)


def tokens(text: str) -> list[str]:
    """Search terms of a text: words without the commonest, English ones without their endings, and character bigrams."""
    terms = [stem(word) for word in words(text) if word not in _STOP]
    for run in _HAN_RUN.findall(simplified(clean(text))):
        terms.extend(f"#{run[n : n + 2]}" for n in range(len(run) - 1))
    return terms


class Lexicon:
    """A BM25 index over numbered texts."""

    def __init__(self, bm25: Any, size: int) -> None:
        self._bm25 = bm25
        self._size = size
        self._idf: dict[int, float] = {}

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> Lexicon:
        """Index the token lists; text number n keeps the number n."""
        import bm25s  # a third of a second to import

        if not any(texts):
            return cls(None, len(texts))
        bm25 = bm25s.BM25(k1=K1, b=B)
        bm25.index([list(text) for text in texts], show_progress=False)
        return cls(bm25, len(texts))

    @classmethod
    def load(cls, folder: Path, size: int) -> Lexicon:
        """Read `save` back; the matrix is mapped, not copied."""
        import bm25s

        if not folder.is_dir():
            return cls(None, size)
        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False), size)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`; nothing for an empty one."""
        if self._bm25 is not None:
            self._bm25.save(folder, show_progress=False)

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """A BM25 score per text, shape (size,); zeros where nothing matches."""
        import numpy as np

        known = self._bm25.get_tokens_ids(list(query)) if self._bm25 is not None and query else []
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._bm25.get_scores_from_ids(known)
        return scores

    def idf(self, term: str) -> float:
        """How telling a term is: log of texts to texts that have it; a term of no text tells as much as the rarest."""
        number = self._bm25.vocab_dict.get(term) if self._bm25 is not None else None
        if number is None:
            return self._telling(0)
        known = self._idf.get(number)
        if known is None:
            starts = self._bm25.scores["indptr"]
            known = self._idf[number] = self._telling(int(starts[number + 1] - starts[number]))
        return known

    def _telling(self, having: int) -> float:
        return math.log(1 + (self._size + 0.5) / (having + 0.5))

    def unknown(self, terms: Sequence[str]) -> float:
        """The part of the terms that no text has, 0 to 1."""
        known = self._bm25.vocab_dict if self._bm25 is not None else {}
        return sum(term not in known for term in terms) / len(terms) if terms else 0.0

    def coverage(self, wanted: Iterable[str], terms: Iterable[str]) -> float:
        """The part of the wanted terms that a text has, weighted by how telling they are, 0 to 1."""
        weights = {term: self.idf(term) for term in wanted}
        total = sum(weights.values())
        return sum(weights[term] for term in weights.keys() & set(terms)) / total if total else 0.0
