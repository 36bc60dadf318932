"""A turn while it is being taken, and what it leaves behind. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from bot.proofs import without_proofs
from bot.text import MAX_READ
from bot.types import (
    Audience,
    Author,
    Decision,
    Delivery,
    Exchange,
    Expectation,
    Message,
    Outcome,
    Parse,
    Passage,
    Reply,
    Say,
    State,
    ToCustomer,
    ToDesk,
    Turn,
)

# Past exchanges and products that the next turn may refer to.
MAX_RECENT = 10
MAX_PRODUCTS = 8


@dataclass(slots=True)
class Draft:
    """A turn while it is being taken. `proof` is what the message's token of the merchant's site proves; `about` what was
    asked of products and with which intent; `asked` the questions so far, each with the best passage that was found for it;
    `open_slot` what a flow waited for when the message came.
    """

    message: Message
    state: State
    parse: Parse | None = None
    decisions: list[Decision] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    to_desk: list[ToDesk] = field(default_factory=list)
    product_ids: list[str] = field(default_factory=list)
    about: tuple[str, str] = ("", "")
    asked: list[tuple[str, tuple[Passage, ...]]] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    proof: str | None = None
    open_slot: str = ""


def still_open(draft: Draft) -> str:
    """The slot that a flow waited for when the message came and waits for still; empty where none does."""
    return draft.open_slot if any(frame.collecting == draft.open_slot for frame in draft.state.stack) else ""


def record(draft: Draft) -> Turn:
    """The trace of a finished turn."""
    return Turn(
        message=draft.message,
        parse=draft.parse,
        decisions=tuple(draft.decisions),
        passages=tuple(draft.passages),
        outcomes=tuple(draft.outcomes),
        replies=tuple(draft.replies),
        timings={name: round(value, 3) for name, value in draft.timings.items()},
        mode=draft.state.mode,
        error=draft.error,
    )


def identified(state: State, proof: str | None) -> State:
    """The state of a customer whom the shop's site named. Another one than before finds nothing of the one before.

    Orders that were proven by other means before that may be somebody else's; the customer's own need no other proof.
    """
    if proof is None or proof in state.verified:
        return state
    if any(known.startswith("customer:") for known in state.verified):
        state = State(state.key, version=state.version, language=state.language)
    return replace(state, verified=(proof,))


def logged_out(state: State, token: str | None) -> State:
    """The state of a customer who is nobody from now on, also where their page goes on sending the same token."""
    slots = {**state.slots, "logged_out": _digest(token)} if token else state.slots
    return replace(state, slots=slots, verified=(), last_replies=())


def counts(state: State, token: str | None) -> bool:
    """Whether a token may prove anything here: not the one that the customer logged out with."""
    return bool(token) and state.slots.get("logged_out") != _digest(token or "")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:32]


def next_state(draft: Draft, version: int) -> State:
    """What the next turn starts from: bounded, and still carrying the version that was loaded."""
    said = "\n".join(reply.text for reply in draft.replies)
    mentioned = [entity.value for entity in draft.parse.entities if entity.kind == "product"] if draft.parse else []
    products = tuple(dict.fromkeys([*draft.product_ids, *mentioned]))
    asked = without_proofs(draft.message.text, draft.parse)[:MAX_READ]
    exchange = Exchange(asked, said, products, *draft.about)
    shown = tuple(card.product_id for reply in draft.replies if not reply.citations for card in reply.cards)
    from_customer = draft.message.author is Author.CUSTOMER
    return replace(
        draft.state,
        version=version,
        recent=(*draft.state.recent, exchange)[-MAX_RECENT:] if from_customer else draft.state.recent,
        product_ids=tuple(dict.fromkeys([*products, *draft.state.product_ids]))[:MAX_PRODUCTS],
        shown=shown or draft.state.shown,
        last_replies=tuple(draft.replies) or draft.state.last_replies,
        last_seen=draft.message.sent_at if from_customer else draft.state.last_seen,
    )


def deliveries(draft: Draft, push: bool) -> list[Delivery]:
    """The outbox rows of a turn. A door that answers in the same request hands over the replies to its own message."""
    key, message_id = draft.message.key, draft.message.id
    to_customer = [ToCustomer(reply) for reply in draft.replies] if push or draft.message.author is Author.AGENT else []
    bodies: list[ToCustomer | ToDesk] = [*to_customer, *draft.to_desk]
    return [Delivery(f"{key}/{message_id}/{number}", key, body) for number, body in enumerate(bodies)]


def customer_id(draft: Draft) -> str | None:
    """The customer that the person has proven to be; never said of anyone in a public room."""
    if draft.message.context.audience is Audience.PUBLIC:
        return None
    ids = (proof.removeprefix("customer:") for proof in draft.state.verified if proof.startswith("customer:"))
    return next(ids, None)


def expecting(expectation: Expectation) -> Say | None:
    """What a customer who waits for a person is told: no more than what is true now. None where the desk knows nothing."""
    match expectation:
        case Expectation(agent=agent) if agent:
            return Say("utter_hand_off_taken", {"agent": agent})
        case Expectation(position=0):
            return None
        case Expectation(present=True, position=position, minutes=minutes) if minutes is not None:
            return Say("utter_hand_off_soon", {"position": position, "minutes": minutes})
        case Expectation(present=True, position=position):
            return Say("utter_hand_off_here", {"position": position})
        case Expectation(opens_at=opens_at) if opens_at is not None:
            return Say("utter_hand_off_away", {"opens_at": opens_at})
        case Expectation(position=position):
            return Say("utter_hand_off_absent", {"position": position})
