"""Whether a passage says what a sentence says. Pure.

What a language model gets wrong of a text in front of it are numbers, names, and yes and no: these are compared one by one,
the rest by its words. A sentence that is refused for no good reason costs a friendly word; one that is let
through, a promise that the shop has not made.
"""

from __future__ import annotations

import re

from bot.responding.sentences import split, terms
from bot.text import normal
from bot.types import Passage
from bot.values.numbers import ENGLISH, LARGER, number

# Part of a sentence's terms that its passage must have.
SUPPORT = 0.5
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
# A number in words is one beside what is counted: "一般" is none. "One" and "一" are articles more often than numbers.
_IN_WORDS = re.compile(
    r"[零一二两三四五六七八九十百千]+(?=个?(?:工作日|天|日|周|星期|月|年|小时|分钟|元|块|件|次|折|分|倍|米|斤|成|层|款|点))"
    rf"|\b(?:{'|'.join([*ENGLISH, *LARGER])})\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][A-Za-z0-9+-]*(?: [A-Z0-9][A-Za-z0-9+-]*)+\b|「[^」]+」")
_CLAUSE = re.compile(r"[,:](?!\d)|[;。!?]|\.(?=\s|$)|\b(?:but|while|whereas)\b|但是?|不过")
# "No" in its forms, without the words that only look like it.
_NEGATION = re.compile(
    r"不(?![同过仅但错管论]|影响)|没(?!问题)|未(?!来)|无(?!理由|线|门槛|忧|缝)|非(?!常)|勿|(?:^|请|千万)别"
    r"|\b(?:not(?! only)|no(?! problem| reason)|never|cannot|without|none|neither|nor|unable)\b|n['’]t\b",
    re.IGNORECASE,
)


def supports(passage: Passage, sentence: str) -> bool:
    """Whether a passage says what a sentence says: its numbers, names, most of its words, and yes and no where it does."""
    evidence = f"{passage.title}\n{passage.location}\n{passage.text}"
    if not _numbers(sentence) <= _numbers(evidence):
        return False
    plain = normal(evidence)
    if any(normal(name.strip("「」")) not in plain for name in _NAME.findall(sentence)):
        return False
    wanted = terms(sentence)
    if wanted and len(wanted & terms(evidence)) / len(wanted) < SUPPORT:
        return False
    clauses = [(_is_negative(clause), terms(clause)) for part in split(passage.text) for clause in _clauses(part.text)]
    return all(_same_polarity(clause, clauses) for clause in _clauses(sentence))


def _numbers(text: str) -> set[str]:
    plain = normal(text)
    said = {match.group().replace(",", "").removesuffix(".00") for match in _DIGITS.finditer(plain)}
    return said | {str(value) for match in _IN_WORDS.finditer(plain) if (value := number(match.group())) and value > 1}


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSE.split(normal(text)) if clause and clause.strip()]


def _same_polarity(clause: str, evidence: list[tuple[bool, set[str]]]) -> bool:
    """Whether the clauses that are nearest to this one say yes or no like it. What is near to none may not say no.

    `evidence` has of each clause whether it says no, and its terms.
    """
    negative, wanted = _is_negative(clause), terms(clause)
    likeness = [_likeness(wanted, having) for _, having in evidence]
    most = max(likeness, default=0.0)
    if not most:
        return not negative
    return all(other == negative for (other, _), like in zip(evidence, likeness, strict=True) if like == most)


def _likeness(a: set[str], b: set[str]) -> float:
    """The part of all their terms that two clauses share."""
    return len(a & b) / len(a | b) if a or b else 0.0


def _is_negative(clause: str) -> bool:
    return _NEGATION.search(clause) is not None
