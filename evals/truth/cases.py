"""The nouns: what is asked, and what must hold of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands for a placeholder of a phrasing. `foreign` is its name in the other language.

    `fixed`: not to be touched by noise (figures, codes, values), as it would mean something else.
    """

    text: str
    foreign: str = ""
    fixed: bool = True


@dataclass(frozen=True, slots=True)
class Utterance:
    """One question: the key of its phrasings, and what fills them; `items` are said in a row for `{lines}`."""

    key: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    items: tuple[Utterance, ...] = ()


# ---------------------------------------------------------------- what must hold of an answer


@dataclass(frozen=True, slots=True)
class Figures:
    """One of these numbers is said, in the text or, where `on_cards`, on the cards; `as_words` may stand for them."""

    any_of: frozenset[Decimal]
    on_cards: bool = False
    as_words: str = ""


@dataclass(frozen=True, slots=True)
class Amounts:
    """No amount of money is said but these."""

    allowed: frozenset[Decimal]


@dataclass(frozen=True, slots=True)
class Total:
    """This is what everything comes to: where a total is marked as one, it is this one."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class Pieces:
    """Where a number of pieces is said, it is this one."""

    left: int


@dataclass(frozen=True, slots=True)
class Words:
    """At least `least` of these are said; each may be said in any of its forms."""

    pieces: tuple[tuple[str, ...], ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class Lacks:
    """None of these is said: an answer about one offer is no list of all."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stance:
    """The answer takes one of these stands (`stances.yml`; any where there are none), and none of `never`."""

    any_of: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What is named or shown: only these, first one of `first`, and at least one unless `may_be_none`."""

    allowed: frozenset[str]
    first: frozenset[str] = frozenset()
    may_be_none: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A comparison that comes out for `winner`: by both figures, their difference, or a sentence that says so."""

    winner: str
    loser: str
    figures: tuple[Decimal, Decimal]
    higher: bool


@dataclass(frozen=True, slots=True)
class Either:
    """One of these holds."""

    claims: tuple[Claim, ...]


Claim = Figures | Amounts | Total | Pieces | Words | Lacks | Stance | Shown | Outcome | Either


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its right answer. A turn is one or more utterances in one message; only the last turn is judged.

    `seed` makes the same words of the same case. `right` says the right answer to people. Of a question that nothing can
    answer, `unanswerable`, saying so is the right answer.
    """

    id: str
    kind: str
    language: str
    turns: tuple[tuple[Utterance, ...], ...]
    claims: tuple[Claim, ...]
    right: str
    seed: int = 0
    unanswerable: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: texts, one line a card, the cards' products, the names of the responses, and whether a flow began."""

    text: str
    cards: str = ""
    card_ids: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    flow: str = ""
    error: str = ""
