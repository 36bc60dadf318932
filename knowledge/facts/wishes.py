"""What somebody wishes a product to be: bounds, properties wanted and not wanted. Pure.

A wish for a property is a phrase; whether a product has it, lacks it, or does not speak of it is read from its statements
with their polarity: "不含酒精" lacks alcohol, "only for nylon strings" is for nylon strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.text import normal
from knowledge.facts.relevance import Corpus, features
from knowledge.facts.statements import Statement
from knowledge.lexicon.grams import without_spans
from knowledge.lexicon.quantities import Quantity, quantities

# What turns a phrase round, up to its end: "不要皮的", "without alcohol", "but no glass".
_NOT = re.compile(
    r"(?<!有)(?<!是)(?:不要|不想要?|别给我推|别(?:给|要|推|带|有|是)(?<!类别是)(?<!级别是)|除了|不喜欢|不带|不含|没有|不是|不会|不用|不(?=[^错久少知怕])|没(?=[^有关问事想买收到用发什啥得来去试])|无|非|免)(?P<zh>[^,，。;；、]{1,12}?)(?=的|款|$|[\s,，。;；、]|有没有|推荐|有哪些|哪)"
    r"|(?P<none>[^,，。;；、\s]{1,8}?)(?:就?算了|不考虑|除外|就?不要了?|免谈)(?=$|[,，。;；、\s])"
    # a verb that is denied behind what is not wanted: "白的就别给我发了"
    r"|(?P<last>[^,，。;；、\s]{1,8}?)的?就?(?:别|甭|不用|不必)(?:再?给我们?|跟我们?|让我们?|再)?[^,，。;；、\s]{1,2}了(?=$|[,，。;；、\s])"
    r"|(?:对)?(?P<bad>[^,，。;；、\s我你他她的对]{1,6})过敏"
    r"|\ballergic to\s+(?:the\s+)?(?P<ill>[a-z][a-z -]{1,30}?)(?=$|[,.;?!]| and | or | so | but | what | which | any )"
    r"|\b(?:but )?(?:not|no|without|except(?: for)?|other than|anything but|isn'?t|aren'?t|doesn'?t|don'?t"
    r"|free of|non-?)\s+(?:(?:show|give|send|offer)\s+(?:me|us)\s+)?(?:an?\s+|the\s+|any\s+|made of\s+|have\s+"
    r"|contain(?:ing)?\s+)?(?P<en>[a-z0-9][a-z0-9 -]{1,30}?)(?=$|[,.;?!]| please| and | or | for | with | but )"
)
_EITHER = re.compile(r"(.)[不没]\1")
# A value that says of its label that it is not so.
_NONE = re.compile(r"(?:无|没有|不支持|不带|不含|否|不可|不能|none|no|not included|not supported|without)[。.]?")
# A statement that says of itself that something is not so: what follows, up to the next stop, is denied.
_DENIES = re.compile(
    r"不(?!错|锈|同|少|止|易|粘|怕|挑|卡|起|掉|用担心)|没有?|无(?!线|论|骨|需)|非(?!常)|免(?!费)|\bno\b|\bnot\b"
    r"|\bnon-?|\bwithout\b|\bfree of\b|\bnever\b|n't\b|(?<=[a-z])-free\b"
)
_STOPS = re.compile(r"[,，。;；、!！?？]|但|\bbut\b")
# "lighter than 6 kg", "20升以上": bounds on a measure.
_BELOW = re.compile(
    r"(?:不超过|小于|低于|不到|少于|轻于|短于|以内|以下|之内|最多|\b(?:under|below|less than|lighter than"
    r"|shorter than|smaller than|at most|up to|max(?:imum)?|no more than|within)\b)"
)
_ABOVE = re.compile(
    r"(?:大于|超过|高于|至少|以上|不低于|起码|\b(?:over|above|more than|at least|longer than|larger than|bigger than"
    r"|heavier than|min(?:imum)?)\b)"
)
# "Not over", "no heavier than": a bound from the other side, and nothing that is not wanted.
_TURNED_ROUND = re.compile(r"\b(?:not?|never)(?: to(?: be)?| be| go)?\s+$|不$")
# How well a statement must say a phrase to affirm it.
AFFIRMED = 0.55


@dataclass(frozen=True, slots=True)
class Bound:
    """A measure that must be at least or at most so much, in the base of its dimension."""

    dimension: str
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A phrase for a property that is wanted or, with `wanted` False, not wanted."""

    phrase: str
    wanted: bool


def unwanted(plain: str) -> list[tuple[str, tuple[int, int]]]:
    """The phrases that a text does not want, with the place of the whole "not …"."""
    found = []
    for match in _NOT.finditer(plain):
        if _EITHER.search(plain[max(0, match.start() - 1) : match.end()]):
            continue  # "收不收" asks whether
        phrase = next((said for said in match.groups() if said), "").strip()
        if features(phrase) and not is_limit(phrase):
            found.append((phrase, match.span()))
    return found


def is_limit(phrase: str) -> bool:
    """Whether a phrase sets a limit to an amount: "over 100 yuan"."""
    word = _ABOVE.match(phrase) or _BELOW.match(phrase)
    return word is not None and any(char.isdigit() for char in phrase[word.end() :])


def bounds(plain: str) -> list[tuple[Bound, tuple[int, int]]]:
    """The bounds on measures in a text, each with its place."""
    found = []
    for q in quantities(plain):
        before, after = plain[max(0, q.start - 16) : q.start], plain[q.end : q.end + 5]
        above = _ABOVE.search(before)
        over = above is not None and _TURNED_ROUND.search(before[: above.start()]) is not None
        if over or _BELOW.search(before) or re.match(r"\s*(?:以内|以下|之内|or less|or under|tops\b)", after):
            found.append((Bound(q.dimension, None, q.high), (q.start, q.end)))
        elif above or re.match(r"\s*(?:以上|起|or more|or above|\+)", after):
            found.append((Bound(q.dimension, q.low, None), (q.start, q.end)))
    return found


def keeps_to(bound: Bound, told: Sequence[Statement]) -> bool | None:
    """Whether a product keeps to a bound by what it states of that dimension; None where it states nothing."""
    stated: list[Quantity] = [q for s in told for q in s.quantities if q.dimension == bound.dimension]
    if not stated:
        return None
    return any(
        (bound.most is None or q.low <= bound.most) and (bound.least is None or q.high >= bound.least) for q in stated[:1]
    )


def spoken_of(phrase: str, told: Iterable[Sequence[Statement]]) -> frozenset[str]:
    """The words of a phrase that any of some products' statements have; all of them where none has one."""
    asked = features(phrase)
    said = frozenset().union(*(features(f"{s.whole} {s.other}") for one in told for s in one))
    return asked & said or asked


def support(phrase: str, told: Sequence[Statement], corpus: Corpus, words: frozenset[str] = frozenset()) -> float:
    """How surely statements say that it is so: 1 for sure, -1 that it is not, 0 where they do not speak of it.

    `words` are those of the phrase that count; all, where none are given.
    """
    asked = words or features(phrase)
    total = sum(corpus.worth(word) for word in asked)
    if not total:
        return 0.0
    best = 0.0
    for statement in told:
        if statement.label and _NONE.fullmatch(normal(statement.text)):
            share = sum(corpus.worth(word) for word in features(f"{statement.label} {statement.other}") & asked) / total
            if share > abs(best):
                best = -share
            continue
        for text in filter(None, (statement.whole, statement.other)):
            for clause in _clauses(normal(text)):
                said = features(clause) & asked
                share = sum(corpus.worth(word) for word in said) / total
                if share > abs(best):
                    best = -share if denied(clause, said) else share
    return best


def _clauses(text: str) -> list[str]:
    return [clause for clause in _STOPS.split(text) if clause.strip()]


def denied(clause: str, said: frozenset[str]) -> bool:
    """Whether the words stand behind a negation in their clause, or before one that ends a word ("alcohol-free")."""
    for match in _DENIES.finditer(clause):
        behind = clause[match.end() :] if not match.group().endswith("-free") else clause[: match.start()]
        if any(word in features(behind) or word in behind for word in said):
            return True
    return False


def phrases(plain: str, taken: Sequence[tuple[int, int]]) -> list[str]:
    """What is left of a text as phrases, when what was understood is taken out: each may be a property."""
    left = without_spans(plain, taken)
    pieces = re.split(
        r"[,，。;；、?？!！\s]*(?:的|\band\b|\bwith\b|\bfor\b|\bthat\b|\bor\b|[,，。;；、?？!！]|\s{2,})[,，。;；、?？!！\s]*",
        left,
    )
    return [piece.strip() for piece in pieces if any(word.isascii() or len(word) > 1 for word in features(piece))]
