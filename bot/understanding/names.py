"""Names among other words, learned from answers in which they are marked: whose an invoice is, who gets a parcel.

A text is taken apart into tokens (a Han character, a word, a number, a sign); a logistic regression over what each and its
neighbours look like says how probably it begins a name, goes on with one or stands outside (Ramshaw and Marcus 1995). Of
all ways to mark one run of tokens or none, the most probable is taken. A reader is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from bot.text import tokenizer
from bot.understanding.linear import softmax

if TYPE_CHECKING:
    from jieba.posseg import POSTokenizer

# From so probable a run on, it is a name; chosen by cross-validation on the examples.
SURE = 0.4
# Longer texts are not read, in tokens.
_MOST_TOKENS = 200
# How far a token looks to either side.
_NEAR = 3
OUTSIDE, BEGIN, INSIDE = range(3)
_UNSEEN = "?"
_EDGE = "|"
_TOKEN = re.compile(
    r"[㐀-鿿]|(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{6,}|[^\W\d_㐀-鿿]+(?:['’-][^\W\d_㐀-鿿]+)*|\d+|[^\w\s]|_"
)
# No name goes over these, nor ends with a sign but these.
_STOPS = frozenset("，。；;：:！!？?")
_CLOSING = frozenset(".)）")
_CLAUSE_END = frozenset(",，。;；:：!！?？()（）")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text with its place, and what part of which kind of word it is."""

    text: str
    start: int
    end: int
    shape: str
    word: str
    kind: str
    apart: bool


@dataclass(frozen=True, slots=True)
class NameReader:
    """A trained reader: `features` numbers what it looks at, `seen` has the tokens that it knows by sight.

    `weights` has a row a feature and a column each for outside, begin and inside; `bias` one number for each of these.
    """

    features: Mapping[str, int]
    seen: frozenset[str]
    everyday: frozenset[str]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def name(self, text: str, taken: Sequence[tuple[int, int]] = ()) -> str:
        """The name in a text, as it is written there; empty where none can be told for sure.

        `taken` are the spans of what has a meaning of its own, as a place: no name reaches into them.
        """
        tokens = tokens_of(text)
        if not 0 < len(tokens) <= _MOST_TOKENS:
            return ""
        free = np.array([not any(start < t.end and t.start < end for start, end in taken) for t in tokens])
        first, last, probability = _best_run(np.log(self._probabilities(tokens)), _broken(tokens), _ends(tokens) & free)
        if first > last or probability < SURE:
            return ""
        return text[tokens[first].start : tokens[_whole(tokens, last)].end]

    def _probabilities(self, tokens: Sequence[Token]) -> NDArray[np.float32]:
        rows = [
            [n for f in row if (n := self.features.get(f)) is not None]
            for row in features_of(tokens, self.seen, self.everyday)
        ]
        return softmax(np.stack([self.weights[row].sum(axis=0) + self.bias for row in rows]))

    def save(self, file: Path) -> None:
        """Write the reader into a file `.npz`."""
        names = orjson.dumps({"features": list(self.features), "seen": sorted(self.seen), "everyday": sorted(self.everyday)})
        np.savez(file, names=np.frombuffer(names, dtype=np.uint8), weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `save` wrote."""
        with np.load(file) as arrays:
            names = orjson.loads(arrays["names"].tobytes())
            numbered = {feature: number for number, feature in enumerate(names["features"])}
            return cls(numbered, frozenset(names["seen"]), frozenset(names["everyday"]), arrays["weights"], arrays["bias"])


@dataclass(frozen=True, slots=True)
class NamesIn(Mapping[str, str]):
    """The names that a text gives, by what they are asked for; each is read when somebody looks, and empty where none is.

    `taken` are the spans of the text in which there is none, by what it is asked for.
    """

    text: str
    readers: Mapping[str, NameReader]
    taken: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def __getitem__(self, asked: str) -> str:
        return self.readers[asked].name(self.text, self.taken.get(asked, ()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.readers)

    def __len__(self) -> int:
        return len(self.readers)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, in order."""
    parts = _parts_of_speech(text)
    found = list(_TOKEN.finditer(text))
    return [
        Token(m.group(), m.start(), m.end(), shape_of(m.group()), *parts[m.start()], text[m.start() - 1 : m.start()] == " ")
        for m in found
    ]


def words_of(text: str) -> list[str]:
    """The words of a text: jieba's for Chinese, runs of letters."""
    return [t.word if t.shape == "han" else t.text for t in tokens_of(text) if t.shape not in ("mark", "digits", "long")]


def features_of(tokens: Sequence[Token], seen: frozenset[str], everyday: frozenset[str]) -> list[list[str]]:
    """What is looked at for each token: itself and its neighbours, and where in its clause it stands."""
    looks = [_look(token, seen, everyday) for token in tokens]
    clauses = _clauses(tokens)
    return [[*_window(looks, place), *_of_clause(tokens, looks, clauses[place], place)] for place in range(len(tokens))]


def _look(token: Token, seen: frozenset[str], everyday: frozenset[str]) -> tuple[str, str, str]:
    """A token's word, shape, and part of speech. Words of which little is known look alike."""
    word = token.text.lower()
    known = word if word in seen or token.shape == "mark" else _UNSEEN
    said = token.word if token.shape == "han" else word
    shape = token.shape + ("_" if token.apart else "") + ("+" if said in everyday and token.shape != "mark" else "")
    return known, shape, token.kind


def _window(looks: Sequence[tuple[str, str, str]], place: int) -> Iterator[str]:
    near = [looks[n] if 0 <= n < len(looks) else (_EDGE, _EDGE, _EDGE) for n in range(place - _NEAR, place + _NEAR + 1)]
    for offset, (word, shape, kind) in enumerate(near, -_NEAR):
        yield f"w{offset}:{word}"
        yield f"s{offset}:{shape}"
        if abs(offset) < _NEAR:
            yield f"k{offset}:{kind}"
    for offset in range(-2, 2):
        a, b = near[offset + _NEAR], near[offset + _NEAR + 1]
        yield f"ww{offset}:{a[0]} {b[0]}"
        yield f"ss{offset}:{a[1]} {b[1]}"
        yield f"kk{offset}:{a[2]} {b[2]}"
        yield f"ws{offset}:{a[0]} {b[1]}"
        yield f"sw{offset}:{a[1]} {b[0]}"


def _clauses(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """For each token the first one of its clause and the one behind its last."""
    ends = [n for n, token in enumerate(tokens) if token.text in _CLAUSE_END]
    starts = [-1, *ends]
    bounds: list[tuple[int, int]] = []
    for place in range(len(tokens)):
        start = max((n for n in starts if n < place), default=-1) + 1
        bounds.append((start, min((n for n in ends if n >= place), default=len(tokens))))
    return bounds


def _of_clause(
    tokens: Sequence[Token], looks: Sequence[tuple[str, str, str]], clause: tuple[int, int], place: int
) -> Iterator[str]:
    start, end = clause
    yield f"from:{min(place - start, 4)}:{tokens[place].shape}"
    yield f"to:{min(end - place, 4)}:{tokens[place].shape}"
    yield f"nth:{min(sum(1 for t in tokens[:start] if t.text in _CLAUSE_END), 3)}"
    yield f"size:{min(end - start, 12) // 2}"
    inside = tokens[start:end]
    yield f"unseen:{sum(look[0] == _UNSEEN for look in looks[start:end]) * 4 // max(len(inside), 1)}"
    yield f"lasts:{looks[end - 1][0] if end > start else _EDGE}:{tokens[place].shape}"
    yield f"others:{any(t.shape == 'Title' for t in tokens)}:{tokens[place].shape}"
    yield f"digits:{any(t.shape == 'digits' for t in inside)}"


def shape_of(text: str) -> str:
    """What a token looks like: Han, a short or long number, a sign, or how a word is capitalised."""
    if "㐀" <= text[0] <= "鿿":
        return "han"
    if any(char.isdigit() for char in text):
        return "digits" if len(text) < 5 else "long"
    if not text[0].isalpha():
        return "mark"
    if text.islower():
        return "lower"
    return "UPPER" if text.isupper() and len(text) > 1 else "Title"


def _parts_of_speech(text: str) -> list[tuple[str, str]]:
    """For each character its Chinese word, with the part of speech of this and where in it the character stands."""
    kinds: list[tuple[str, str]] = []
    for word, flag in _tagger().cut(text):
        size = len(word)
        places = ("S" if size == 1 else "B" if n == 0 else "E" if n == size - 1 else "M" for n in range(size))
        kinds += [(word, flag + place) for place in places]
    return kinds


@cache
def _tagger() -> POSTokenizer:
    from jieba.posseg import POSTokenizer

    return POSTokenizer(tokenizer())


def _best_run(logs: NDArray[np.float32], broken: NDArray[np.bool_], ends: NDArray[np.bool_]) -> tuple[int, int, float]:
    """The first and last token of the most probable run, with its share of what all runs and none have together.

    The last is before the first where none is most probable. `logs` are of shape (tokens, 3); no run goes on to a token
    that is `broken` off, begins with a sign or ends where it must not.
    """
    count = len(logs)
    outside = np.concatenate([[0.0], np.cumsum(logs[:, OUTSIDE])])
    inside = np.concatenate([[0.0], np.cumsum(logs[:, INSIDE])])
    breaks = np.cumsum(broken)
    first, last = np.triu_indices(count)
    whole = (breaks[first] == breaks[last]) & ends[0, first] & ends[1, last]
    first, last = first[whole], last[whole]
    scores = outside[first] + logs[first, BEGIN] + inside[last + 1] - inside[first + 1] + outside[count] - outside[last + 1]
    shares = softmax(np.append(scores, outside[count]).astype(np.float32))
    best = int(np.argmax(shares))
    return (0, -1, float(shares[best])) if best == len(scores) else (int(first[best]), int(last[best]), float(shares[best]))


def _whole(tokens: Sequence[Token], last: int) -> int:
    """The last token of a name whose run ends with `last`: capitalised words right behind it belong to it ("Lee Ltd")."""
    while last + 1 < len(tokens) and tokens[last + 1].apart and _is_capital(tokens[last]) and _is_capital(tokens[last + 1]):
        last += 1
    return last


def _is_capital(token: Token) -> bool:
    return token.shape in ("Title", "UPPER")


def _broken(tokens: Sequence[Token]) -> NDArray[np.bool_]:
    """Which tokens no name goes on to: what stands behind a stop or a long number, Chinese behind Chinese and a blank."""
    return np.array([n > 0 and _breaks(before, token) for n, (before, token) in enumerate(pairwise([tokens[0], *tokens]))])


def _breaks(before: Token, token: Token) -> bool:
    parted = token.apart and before.shape == token.shape == "han"
    return parted or token.text in _STOPS or before.text in _STOPS or "long" in (before.shape, token.shape)


def _ends(tokens: Sequence[Token]) -> NDArray[np.bool_]:
    """Where a name may begin and where it may end, of shape (2, tokens)."""
    begins = [token.shape not in ("mark", "digits", "long") for token in tokens]
    ends = [token.shape not in ("mark", "long") or token.text in _CLOSING for token in tokens]
    return np.array([begins, ends])
