"""Which of a product's statements answers a question. Pure functions; vectors are given.

Evidence of four kinds is weighed together: the words that both share, by how telling they are in this shop;
the statement's label said in the question; their likeness in meaning; and whether a question for a measure meets one. The
weights are those of a logistic regression (`python -m evals.facts --fit`), kept in `relevance.json`, a row an encoder.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bot.text import normal
from knowledge.facts.statements import Statement
from knowledge.lexicon.grams import FUNCTION_WORDS, units, without_spans
from knowledge.lexicon.quantities import quantities, unit_dimension
from knowledge.relevance import weights_of
from knowledge.stemming import stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = Path(__file__).with_name("relevance.json")
# Cosines of one product's statements are taken to lie apart at least so far; what is further below the best is as far.
_LEAST_SPREAD, _FAR = 0.01, -4.0
# How near to a wish a product is that says something else of what is wished; cosines are nearer.
FAR = -1.0
# A lead is counted up to here.
WIDEST = 4.0
_FUNCTION_ZH = frozenset(
    "的了吗呢吧啊呀哦么嘛是有在和与跟或者我你您他她它们这那哪个款件只双套条把台瓶盒包支就都也还很太请问想要给能会可以不没什啥怎样几多少大吃做用到时候"
)
# "几伏", "how many psi": a measure is asked for by its unit.
_BY_UNIT = re.compile(r"(?:几|多少)\s*(?:个)?(?!几|多少)([a-z㐀-鿿°℃]{1,4})|how (?:many|much) ([a-z]+(?: [a-z]+)?)")
# "几个月" may be asked of an age.
_OF_TIME = frozenset({"time", "age"})
# Measures that are asked for by an adjective of size.
_BY_ADJECTIVE: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(r"多重|多沉|重不重|沉不沉|重量|重多少|有?多少重|轻多少|how heavy|how light|weigh|weight"),
        frozenset({"mass"}),
    ),
    (
        re.compile(r"多[久]|多长时间|how long (?:does|do|will|can|is it good|before|till|until)|how soon|续航|能用多久"),
        frozenset({"time"}),
    ),
    (
        re.compile(
            r"多[长高宽厚深远]|多大|尺寸|how (?:tall|wide|high|deep|thick|big|large|long)|what size|dimensions?"
            r"|measurements?"
        ),
        frozenset({"length"}),
    ),
    (
        re.compile(r"多大容量|容量|装多少|能装|how much (?:does it|do they|can it|will it) hold|capacity"),
        frozenset({"volume"}),
    ),
    (re.compile(r"几岁|多大(?:的)?(?:孩子|小孩|宝宝|娃)|how old|what age|which age"), frozenset({"age"})),
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """How telling each word is among all statements of a shop: 1 for a word of one statement, less the more have it."""

    rarity: Mapping[str, float]

    def worth(self, word: str) -> float:
        """How telling a word is; one that no statement has is as telling as one of a single statement."""
        return self.rarity.get(word, 1.0)


def corpus_of(statements: Iterable[Statement]) -> Corpus:
    """The worth of every word in the statements of a shop."""
    told = list(statements)
    counts: Counter[str] = Counter()
    for statement in told:
        counts.update(features(statement.whole))
    scale = math.log(len(told) + 2)
    return Corpus({word: max(0.05, 1 - math.log(count) / scale) for word, count in counts.items()})


@lru_cache(65_536)
def features(text: str) -> frozenset[str]:
    """What a text is compared by: Latin words, Chinese characters and pairs of them, without those that say nothing."""
    sequence = units(normal(text))
    found = {
        unit.text if unit.is_han else stem(unit.text)
        for unit in sequence
        if (unit.text not in _FUNCTION_ZH if unit.is_han else unit.text not in FUNCTION_WORDS)
    }
    for a, b in pairwise(sequence):
        if a.is_han and b.is_han and a.end == b.start and a.text in found and b.text in found:
            found.add(a.text + b.text)
    return frozenset(found)


def asked_dimensions(plain: str) -> frozenset[str]:
    """The dimensions of the measure that a normalised question asks for, or gives one of; empty where it does neither."""
    return measures_asked(plain) | {quantity.dimension for quantity in quantities(plain)}


def measures_asked(plain: str) -> frozenset[str]:
    """The dimensions of the measure that a normalised question asks for: by its unit, its adjective, or its name."""
    return dimensions_by_unit(plain).union(*(dims for pattern, dims in _BY_ADJECTIVE if pattern.search(plain)))


def measures_alone(plain: str) -> frozenset[str]:
    """The dimensions of the measure that is all that a normalised question asks for: "how heavy", but not "how long is the
    cable"."""
    said = [match.span() for pattern, _ in _BY_ADJECTIVE for match in pattern.finditer(plain)]
    return measures_asked(plain) if said and not features(without_spans(plain, said)) else frozenset()


def dimensions_by_unit(plain: str) -> frozenset[str]:
    """The dimensions of the units that a normalised question asks for a number of: "几伏", "how many volts"."""
    found = set[str]()
    for match in _BY_UNIT.finditer(plain):
        said = next(group for group in match.groups() if group)
        words = said.split()
        whole = (said, words[0]) if said.isascii() else tuple(said[:length] for length in range(len(said), 0, -1))
        for unit in whole:
            dimension = unit_dimension(unit)
            if dimension:
                found |= _OF_TIME if dimension in _OF_TIME else {dimension}
                break
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a statement as the answer.

    Parts, 0 to 1, of the question's words that it shares (`coverage`), of its label's that are said (`label`), and the worth
    of the shared ones (`answered`). `near`: how far its cosine is below the best of the product's statements, in spreads of
    these; `cosine`: the cosine itself. `measure`: it has the measure asked for (1), lacks it (-1), or none was asked for
    (0); `only`: it is the one attribute of its product that has it. `sentence`: it is one of the description.
    """

    coverage: float
    label: float
    answered: float
    near: float
    cosine: float
    measure: float
    only: float
    sentence: float


FEATURES = tuple(field.name for field in fields(Evidence))
# What the probability looks at.
SURE = ("score", "lead", *FEATURES)


def values(found: Evidence) -> tuple[float, ...]:
    """The evidence in the order of FEATURES."""
    return tuple(getattr(found, name) for name in FEATURES)


def evidence(question: str, told: Sequence[Statement], cosines: NDArray[np.float32], corpus: Corpus) -> list[Evidence]:
    """The evidence for each statement of one product; `cosines` are those of the question and the statements."""
    import numpy as np

    plain = normal(question)
    asked = features(question)
    wanted = asked_dimensions(plain)
    total = sum(corpus.worth(word) for word in asked) or 1.0
    nearest, spread = float(np.max(cosines)), max(float(np.std(cosines)), _LEAST_SPREAD)
    measured = [bool(wanted & {quantity.dimension for quantity in statement.quantities}) for statement in told]
    labelled = sum(1 for has, statement in zip(measured, told, strict=True) if has and statement.label)
    found = []
    for statement, cosine, has in zip(told, cosines, measured, strict=True):
        words = features(statement.whole) | (features(statement.other) if statement.other else frozenset())
        label = features(statement.label)
        shared = sum(corpus.worth(word) for word in asked & words)
        of_label = sum(corpus.worth(word) for word in label) or 1.0
        found.append(
            Evidence(
                coverage=shared / total,
                label=sum(corpus.worth(word) for word in asked & label) / of_label if label else 0.0,
                answered=min(shared, 3.0) / 3.0,
                near=max((float(cosine) - nearest) / spread, _FAR),
                cosine=float(cosine),
                measure=(1.0 if has else -1.0) if wanted else 0.0,
                only=float(has and labelled == 1 and bool(statement.label)),
                sentence=float(not statement.label),
            )
        )
    return found


def probabilities(found: Sequence[Evidence], encoder: str) -> list[float]:
    """The probability of each statement of one product that it answers, by the weights for the encoder of these cosines.

    Each has a score that orders them, linear in its evidence; the probability is logistic in the score, its lead over the
    best other's, and the evidence again: what is first need not answer.
    """
    weights = weights_of(WEIGHTS, encoder)
    order = [weights.get(name, 0.0) for name in FEATURES]
    sure = [weights.get(f"sure.{name}", 0.0) for name in SURE]
    rows = [values(one) for one in found]
    scores = [sum(w * value for w, value in zip(order, row, strict=True)) for row in rows]
    return [
        1 / (1 + math.exp(-(weights["bias"] + sum(w * x for w, x in zip(sure, (score, lead, *row), strict=True)))))
        for row, score, lead in zip(rows, scores, leads(scores), strict=True)
    ]


def leads(scores: Sequence[float]) -> list[float]:
    """How far each score is above the best of the others, at most WIDEST either way; WIDEST where it is the only one."""
    found = []
    for number, score in enumerate(scores):
        others = [other for place, other in enumerate(scores) if place != number]
        found.append(max(-WIDEST, min(WIDEST, score - max(others))) if others else WIDEST)
    return found
