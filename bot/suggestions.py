"""What a conversation keeps of the products that it suggested, and what may be said back to them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson

from bot.signals import Consent
from bot.types import Button, Card, Findings, Narrowing, Reply, Said, Search, Verdict

# Critiques of one search, and products that it has shown, that are remembered.
MAX_SAID = 8
MAX_SEEN = 60
MAX_REJECTED = 40
# The intent that begins a purchase.
BUY = "buy"
# Gives a button's title in the customer's language.
Titles = Callable[[str], str]


def is_suggestion(findings: Findings) -> bool:
    """Whether products were found for a wish, rather than evidence for a question."""
    return bool(findings.cards) and (not findings.passages or not findings.confidence)


def begun(search: Search, text: str) -> Search:
    """A new search: only what is not wanted at all is carried over."""
    return Search((Said(text),), rejected=search.rejected)


def gone_on(search: Search, text: str, shown: Sequence[str]) -> Search:
    """The search with one more critique of what was shown, or begun with it. What began it is never dropped."""
    said = (*search.said, Said(text, tuple(shown) if search.said else ()))
    return replace(search, said=(said[0], *said[1:][-MAX_SAID + 1 :]))


def with_seen(search: Search, findings: Findings) -> Search:
    """The search after products were shown, and perhaps something asked."""
    seen = dict.fromkeys([*search.seen, *(card.product_id for card in findings.cards)])
    asked = (*search.asked, findings.narrowing.aspect) if findings.narrowing else search.asked
    return replace(search, seen=tuple(seen)[-MAX_SEEN:], asked=asked)


def without(search: Search, product_id: str) -> Search:
    """The search when a product is not wanted: it is not shown again in this conversation."""
    return replace(search, rejected=(*search.rejected, product_id)[-MAX_REJECTED:])


def with_question(reply: Reply, narrowing: Narrowing | None) -> Reply:
    """The reply with the question that divides best what fits."""
    if narrowing is None:
        return reply
    return replace(reply, text=f"{reply.text}\n{narrowing.asks}", buttons=(*reply.buttons, *narrowing.choices))


def with_buttons(reply: Reply, title: Titles, consent: Consent, *, has_orders: bool, sells: bool = False) -> Reply:
    """The reply with what may be said to each card, and to what is remembered: yes while nobody asked, no where it is.

    `sells`: a card leads to a purchase.
    """
    cards = tuple(_answerable(card, title, sells=sells) for card in reply.cards)
    offered = []
    if consent is Consent.UNASKED:
        offered.append(Verdict.REMEMBER)
    if consent is Consent.GIVEN or (consent is Consent.UNASKED and has_orders):
        offered.append(Verdict.FORGET)
    buttons = tuple(Button(title(verdict), f"/{verdict}") for verdict in offered)
    return replace(reply, cards=cards, buttons=(*reply.buttons, *buttons))


def _answerable(card: Card, title: Titles, *, sells: bool) -> Card:
    said = ((BUY,) if sells else ()) + (Verdict.WHY, Verdict.NOT_THIS)
    buttons = (Button(title(word), _payload(word, card.product_id)) for word in said)
    return replace(card, buttons=(*card.buttons, *buttons))


def _payload(verdict: str, product_id: str) -> str:
    return f"/{verdict}{orjson.dumps({'product': product_id}).decode()}"
