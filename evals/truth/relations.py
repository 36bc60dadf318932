"""Metamorphic relations: what must hold between two answers, whatever the right one is (Ribeiro et al. 2020, CheckList).

A change that means nothing changes nothing: a greeting, an emoji, the order of two questions, the language. A change that
means something changes the answer: a negation, another bound, another variant.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from evals.truth.cases import Answered, Case, Shown
from evals.truth.judge import amounts, figures, without_names
from evals.truth.names import mentioned
from evals.truth.oracle.make import LANGUAGES, cases
from evals.truth.phrasings import Piece, say, text_of
from evals.truth.tables import Tables, plain
from evals.truth.yaml import read


@dataclass(frozen=True, slots=True)
class Essence:
    """What an answer says: its figures, its amounts of money, and the products that it names or shows."""

    figures: frozenset[Decimal]
    money: frozenset[Decimal]
    shown: frozenset[str]

    @property
    def empty(self) -> bool:
        """Whether nothing is said."""
        return not (self.figures or self.shown)


@dataclass(frozen=True, slots=True)
class Said:
    """Messages of one conversation."""

    language: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Two conversations, and what must hold between the last answers."""

    name: str
    first: Said
    second: Said
    holds: Callable[[Essence, Essence], bool]


def essence(answered: Answered, tables: Tables) -> Essence:
    """What an answer says."""
    text = plain(answered.text)
    bare = without_names(text, tables)
    shown = frozenset((*mentioned(text, tables), *answered.card_ids))
    return Essence(frozenset(figures(bare)), frozenset(amounts(bare)), shown)


def same(one: Essence, other: Essence) -> bool:
    """The same figures and products."""
    return one.figures == other.figures and one.shown == other.shown


def agree(one: Essence, other: Essence) -> bool:
    """The same amounts and products: how many other figures a sentence has may depend on the language."""
    return one.money == other.money and one.shown == other.shown


def other_figures(one: Essence, other: Essence) -> bool:
    """Answers to both, in other amounts."""
    return bool(one.money and other.money) and one.money != other.money


def apart(one: Essence, other: Essence) -> bool:
    """Products for both, and none for both at once."""
    return bool(one.shown and other.shown) and not one.shown & other.shown


def relations(tables: Tables, each: int, seed: int, hand: str) -> Iterator[Relation]:
    """`each` pairs of every relation and language, where a shop gives as many."""
    for language in LANGUAGES:
        rng = random.Random(f"{seed}:{language}")
        words = read("noise.yml")
        for case in _some(tables, "price", language, seed, each):
            plainly = _said(case, hand)
            greeting = rng.choice(words["greetings"][language])
            yield Relation("greeting", plainly, _wrapped(plainly, greeting, ""), same)
            yield Relation("emoji", plainly, _wrapped(plainly, "", rng.choice(words["emoji"])), same)
        for case in _some(tables, "two_questions", language, seed, each):
            turned = replace(case, turns=(tuple(reversed(case.turns[0])),))
            yield Relation("order", _said(case, hand), _said(turned, hand), same)
        for case in _some(tables, "lacking", language, seed, each):
            yield Relation("negation", _said(_keyed(case, "having"), hand), _said(case, hand), apart)
        for case in [case for case in _some(tables, "under", language, seed, 4 * each) if _divides(case, tables)][:each]:
            yield Relation("bound", _said(case, hand), _said(_keyed(case, "above"), hand), apart)
        for case in _some(tables, "follow_value", language, seed, each):
            slots = dict(case.turns[0][0].slots) | dict(case.turns[1][0].slots)
            other = replace(case, turns=((replace(case.turns[0][0], slots=slots),),))
            yield Relation("variant", _said(replace(case, turns=case.turns[:1]), hand), _said(other, hand), other_figures)
    for kind in ("price", "variant_price", "cheapest", "link_price", "total"):
        english = {case.id: case for case in _some(tables, kind, "en", seed, 4 * each)}
        pairs = [(case, english[case.id]) for case in _some(tables, kind, "zh", seed, 4 * each) if case.id in english]
        for case, other in pairs[: max(each // 2, 1)]:
            yield Relation("language", _said(case, hand), _said(other, hand), agree)


def _some(tables: Tables, kind: str, language: str, seed: int, most: int) -> list[Case]:
    return [case for case, _ in zip(cases(tables, kind, language, seed), range(most), strict=False)]


def _divides(case: Case, tables: Tables) -> bool:
    """Whether a bound has products on both sides."""
    below = next((len(claim.allowed) for claim in case.claims if isinstance(claim, Shown)), 0)
    return 0 < below < len(tables.categories()[case.id.split(":")[1]])


def _keyed(case: Case, key: str) -> Case:
    """The same with the phrasings of another question."""
    return replace(case, turns=((replace(case.turns[0][0], key=key),),))


def _said(case: Case, hand: str) -> Said:
    rng = random.Random(case.seed)
    return Said(case.language, tuple(text_of(say(turn, case.language, hand, rng)) for turn in case.turns))


def _wrapped(said: Said, before: str, after: str) -> Said:
    return replace(said, turns=(*said.turns[:-1], text_of((Piece(before), Piece(said.turns[-1]), Piece(after)))))
