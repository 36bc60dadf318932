"""What speaks for a person's taste: the nouns, the port, and what of a turn is worth noting.

A signal is one thing that somebody did with one product. Behaviour is noted only for who consented to that. Orders and
returns are the shop's books: they are read there at the moment of use (`knowledge/recommend/tastes.py`) and never copied.
Who refuses has neither used, and keeps nothing but the refusal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.types import Answer, ConversationKey, Feedback, Turn, Verdict


class SignalKind(StrEnum):
    """What somebody did. ORDER and RETURN come from the shop's books, everything else is behaviour."""

    ORDER = "order"
    RETURN = "return"
    QUESTION = "question"
    CLICK = "click"
    NOT_THIS = "not_this"
    PHOTO = "photo"
    CART = "cart"
    VIEW = "view"
    LIKE = "like"
    LINK = "link"


# How much each speaks for the product, against an order; below 0 against it.
WEIGHTS: Mapping[SignalKind, float] = {
    SignalKind.ORDER: 1.0,
    SignalKind.RETURN: -1.0,
    SignalKind.NOT_THIS: -1.0,
    SignalKind.CART: 0.6,
    SignalKind.PHOTO: 0.4,
    SignalKind.CLICK: 0.4,
    SignalKind.QUESTION: 0.3,
    SignalKind.LINK: 0.3,
    SignalKind.LIKE: 0.2,
    SignalKind.VIEW: 0.2,
}
# So many of the newest signals of a person are looked at.
MOST = 200


class Consent(StrEnum):
    """What a person said of being remembered: nothing yet, yes, or no."""

    UNASKED = "unasked"
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing done with one product."""

    product_id: str
    kind: SignalKind
    weight: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a person: what they said of that, and their signals, oldest first."""

    consent: Consent = Consent.UNASKED
    signals: tuple[Signal, ...] = ()


class Signals(Protocol):
    """Where signals and consents are kept. A person's name is that of `person_of`. Raises StorageUnavailable."""

    async def known(self, person: str) -> Known:
        """What is kept of a person: at most the MOST newest signals."""
        ...

    async def note(self, person: str, signals: Sequence[Signal], source: str) -> int:
        """Keep behaviour where the person consented. Returns how many are new: one `source` counts once for each thing."""
        ...

    async def decide(self, person: str, consent: Consent, at: datetime) -> None:
        """Keep what a person said. A refusal deletes every signal of theirs."""
        ...

    async def erase(self, persons: Collection[str]) -> Mapping[str, int]:
        """Delete signals and consents. Returns rows by table."""
        ...


def person_of(key: ConversationKey, customer_id: str | None = None) -> str:
    """The name under which signals are kept: the customer where one is proven, else the sender at the channel.

    What a sender did is not taken over by the customer whom they turn out to be: a device may have several users.
    """
    return f"customer:{customer_id}" if customer_id else f"sender:{key.channel}:{key.user}"


def signal(product_id: str, kind: SignalKind, at: datetime) -> Signal:
    """A signal with the weight of its kind."""
    return Signal(product_id, kind, WEIGHTS[kind], at)


def noticed(turn: Turn) -> list[Signal]:
    """The behaviour in a turn: products that were asked about, and buttons of cards that were pressed; each once."""
    found = [signal(name, kind, turn.message.sent_at) for name, kind in _done(turn)]
    return list(dict.fromkeys(found))


def _done(turn: Turn) -> Iterable[tuple[str, SignalKind]]:
    for decision in turn.decisions:
        match decision:
            case Answer():
                yield from ((name, SignalKind.QUESTION) for name in decision.product_ids)
            case Feedback(verdict=Verdict.WHY, product_id=name) if name:
                yield name, SignalKind.CLICK
            case Feedback(verdict=Verdict.NOT_THIS, product_id=name) if name:
                yield name, SignalKind.NOT_THIS
