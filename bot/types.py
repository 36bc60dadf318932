"""The nouns that every room speaks in.

All of them are frozen dataclasses: data that flows one way, from a channel through the engine and back. Times are aware
UTC datetimes, durations are seconds, languages are the tags of `Language`. `kind` fields tell the members of a union apart
when a turn is written to the database and read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self
from urllib.parse import quote, unquote

# The door of deliveries to the agents.
DESK = "desk"


class Language(StrEnum):
    """The languages that Streamdesk answers in."""

    ZH = "zh"
    ZH_HANT = "zh-Hant"
    EN = "en"


class Author(StrEnum):
    """Who wrote a message: the customer, the agent who has the conversation, the clock (nobody wrote), or the shop."""

    CUSTOMER = "customer"
    AGENT = "agent"
    CLOCK = "clock"
    SHOP = "shop"


class Audience(StrEnum):
    """Who may see a reply."""

    PUBLIC = "public"
    PRIVATE = "private"


class Mode(StrEnum):
    """Who has the conversation: the bot, nobody yet (waiting for an agent), or an agent."""

    BOT = "bot"
    QUEUED = "queued"
    HUMAN = "human"


# ---------------------------------------------------------------- what comes in


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """Who talks where. `str(key)` is the form that is stored; `parse` reads it back."""

    channel: str
    room: str
    user: str
    thread: str = ""

    def __str__(self) -> str:
        return "/".join(quote(part, safe="") for part in (self.channel, self.room, self.user, self.thread))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `str(key)` back. Raises ValueError when it has not four parts."""
        channel, room, user, thread = (unquote(part) for part in text.split("/"))
        return cls(channel, room, user, thread)


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored picture: its bytes are kept by `ports.Photos` under the SHA-256 of themselves."""

    digest: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Context:
    """What was true around a message when it was sent, as far as its channel knows.

    `on_screen` is the product shown in the room at that moment, `room_time` the seconds since the show began. `audience`
    says who will see the answer. `customer_token` is a signed token of the merchant's site, not yet checked. `addressed` is
    false where the message may not be meant for the shop: then only what evidence answers is said. `origin` is the network
    address that it came from, where the channel knows one that is the person's; it is not stored with the turn.
    """

    audience: Audience = Audience.PRIVATE
    on_screen: str | None = None
    room_time: float | None = None
    customer_token: str | None = None
    addressed: bool = True
    origin: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person. `id` is the platform's own where it has one, and unique within the conversation.

    `hand_back` is set on the agent's message that gives the conversation back to the bot; with `rate`, the customer is asked
    to rate what the desk calls so. `say` is set on the shop's.
    """

    id: str
    key: ConversationKey
    text: str
    sent_at: datetime
    photos: tuple[Photo, ...] = ()
    locale: str | None = None
    author: Author = Author.CUSTOMER
    author_name: str = ""
    hand_back: bool = False
    rate: str = ""
    context: Context = field(default_factory=Context)
    say: Say | None = None


# ---------------------------------------------------------------- what it means


@dataclass(frozen=True, slots=True)
class Entity:
    """A value found in a text: `text[start:end]` says `value`, which is normalised (see bot/understanding/entities)."""

    kind: str
    value: Any
    text: str
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class StartFlow:
    """The customer wants the business process `flow`; `later`, once what is wanted first is done.

    `given` are the values that were said for that one alone.
    """

    flow: str
    later: bool = False
    given: tuple[tuple[str, str], ...] = ()
    kind: Literal["start_flow"] = "start_flow"


@dataclass(frozen=True, slots=True)
class SetSlot:
    """The customer gave a value."""

    name: str
    value: Any
    kind: Literal["set_slot"] = "set_slot"


@dataclass(frozen=True, slots=True)
class CorrectSlot:
    """The customer replaces a value given before."""

    name: str
    value: Any
    kind: Literal["correct_slot"] = "correct_slot"


@dataclass(frozen=True, slots=True)
class CancelFlow:
    """The customer gives up the current business; with `everything`, also what waits under it."""

    everything: bool = False
    kind: Literal["cancel_flow"] = "cancel_flow"


@dataclass(frozen=True, slots=True)
class SkipStep:
    """The customer does not want to answer the open question."""

    kind: Literal["skip_step"] = "skip_step"


@dataclass(frozen=True, slots=True)
class RepeatReplies:
    """The customer wants to hear the last replies again."""

    kind: Literal["repeat_replies"] = "repeat_replies"


@dataclass(frozen=True, slots=True)
class LogOut:
    """The customer wants to be nobody again: what was proven ends, and what was said of it is forgotten."""

    kind: Literal["log_out"] = "log_out"


@dataclass(frozen=True, slots=True)
class AskKnowledge:
    """A question about products or the shop. `topic` is the intent's name, or empty when only the text is known.

    OF_ORDERS is the topic of what is likelier business with an order than anything else, while no business is sure.

    What is only asked `besides` a wish, in its words, is passed over where nothing answers it. `intents` are those of the
    business that it may be about: what is said of it is looked for in the words of each.
    """

    text: str
    topic: str = ""
    product_ids: tuple[str, ...] = ()
    besides: bool = False
    intents: tuple[str, ...] = ()
    kind: Literal["ask_knowledge"] = "ask_knowledge"

    @property
    def unsure(self) -> bool:
        """Whether what it asks for is not known."""
        return self.topic in ("", OF_ORDERS)


@dataclass(frozen=True, slots=True)
class Recommend:
    """Suggest products for a need. As a command and as a decision: nothing is left to decide between the two."""

    text: str
    product_ids: tuple[str, ...] = ()
    kind: Literal["recommend"] = "recommend"


class Verdict(StrEnum):
    """What is said of a suggestion by its buttons: why it is shown, not this one; and of what is remembered: no, or yes."""

    WHY = "why"
    NOT_THIS = "not_this"
    FORGET = "forget_me"
    REMEMBER = "remember_me"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A word on what was suggested, or on what is remembered for it. A command and a decision, like Recommend."""

    verdict: Verdict
    product_id: str = ""
    kind: Literal["feedback"] = "feedback"


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """Say what a photo shows and which products are nearest. A command and a decision, like Recommend."""

    photo: Photo
    kind: Literal["read_photo"] = "read_photo"


@dataclass(frozen=True, slots=True)
class Clarify:
    """The message fits several flows or intents about equally well; their names, best first."""

    options: tuple[str, ...]
    kind: Literal["clarify"] = "clarify"


@dataclass(frozen=True, slots=True)
class Chat:
    """Small talk; `intent` chooses the response."""

    intent: str
    kind: Literal["chat"] = "chat"


@dataclass(frozen=True, slots=True)
class RequestHuman:
    """The customer wants a person, or must have one."""

    reason: str = ""
    kind: Literal["request_human"] = "request_human"


@dataclass(frozen=True, slots=True)
class CannotHandle:
    """Nothing that this bot does. `reason` is a machine word: out_of_scope, empty, too_long, unclear."""

    reason: str = "out_of_scope"
    kind: Literal["cannot_handle"] = "cannot_handle"


@dataclass(frozen=True, slots=True)
class Silence:
    """The customer has left the open question unanswered for a while. Made by the clock, never from a message."""

    kind: Literal["silence"] = "silence"


@dataclass(frozen=True, slots=True)
class InternalError:
    """The turn failed. `reason` is `unavailable` where nothing was changed and the same may work later, else empty.

    Made by the engine, never from a message.
    """

    reason: str = ""
    kind: Literal["internal_error"] = "internal_error"


Command = (
    StartFlow
    | SetSlot
    | CorrectSlot
    | CancelFlow
    | SkipStep
    | RepeatReplies
    | LogOut
    | AskKnowledge
    | Recommend
    | Feedback
    | ReadPhoto
    | Clarify
    | Chat
    | RequestHuman
    | CannotHandle
    | Silence
    | InternalError
)


@dataclass(frozen=True, slots=True)
class Parse:
    """What one message means. `stage` names the stage of the cascade that was confident first."""

    language: Language
    commands: tuple[Command, ...]
    intent: str = ""
    confidence: float = 0.0
    stage: str = ""
    entities: tuple[Entity, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()


# ---------------------------------------------------------------- what is remembered


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow under way. `step` is the id of the step that waits for an answer or runs next."""

    flow: str
    step: str
    id: str = ""
    collecting: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A past turn as the next one needs it: what was said on both sides, and which products it was about.

    `about` is what was asked of them, without their names, for "and the other one?"; `topic` the intent that was taken for.
    """

    asked: str
    answered: str
    product_ids: tuple[str, ...] = ()
    about: str = ""
    topic: str = ""
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a search, and the products that were shown when it was."""

    text: str
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """A search for products as it goes on: what began it and every critique since, in order.

    `asked` are the keys of properties that the bot has asked about; `seen` the products that were shown so far; `rejected`
    those that the person does not want to see again, in this search or the next.
    """

    said: tuple[Said, ...] = ()
    asked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A bounded snapshot of one conversation: what the next turn needs and nothing else.

    `stack` has the active frame last. `verified` holds what the person has proven to own (`order:ID`, `customer:ID`); only
    outcomes of actions add to it. `shown` are the products of the last list that was shown, `search` how that came about.
    `finished` are the flows that
    came to their end in this session, latest last. `version` counts commits and makes two writers of one conversation
    impossible.
    """

    key: ConversationKey
    version: int = 0
    language: Language = Language.ZH
    mode: Mode = Mode.BOT
    slots: Mapping[str, Any] = field(default_factory=dict)
    stack: tuple[Frame, ...] = ()
    finished: tuple[str, ...] = ()
    recent: tuple[Exchange, ...] = ()
    product_ids: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
    last_replies: tuple[Reply, ...] = ()
    last_seen: datetime | None = None
    search: Search = Search()

    @property
    def open_slot(self) -> str | None:
        """The slot that the active flow waits for; None where none does."""
        return self.stack[-1].collecting if self.stack else None


# ---------------------------------------------------------------- what to do


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that is made while talking: pressing it sends `payload`, `title` names it."""

    title: Say
    payload: str


@dataclass(frozen=True, slots=True)
class Say:
    """Utter the response named `response` of the domain, with `args` for its placeholders and `choices` as its buttons."""

    response: str
    args: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    kind: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the customer for `slot` by the response named `response`."""

    slot: str
    response: str
    args: Mapping[str, Any] = field(default_factory=dict)
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class Do:
    """Run an action of the shop."""

    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kind: Literal["do"] = "do"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a question from the documents and the live catalogue; what is asked `besides` may go without an answer.

    `intents`: see AskKnowledge.
    """

    text: str
    topic: str = ""
    product_ids: tuple[str, ...] = ()
    besides: bool = False
    intents: tuple[str, ...] = ()
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Escalate:
    """Hand the conversation over to a person."""

    reason: str = ""
    kind: Literal["escalate"] = "escalate"


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing more to do in this turn."""

    kind: Literal["wait"] = "wait"


Decision = Say | Ask | Do | Answer | Recommend | Feedback | ReadPhoto | Escalate | Wait


@dataclass(frozen=True, slots=True)
class Step:
    """What the dialogue decided: the state after it, and what to do, in order. `done` ends the turn."""

    state: State
    decisions: tuple[Decision, ...]
    done: bool


# ---------------------------------------------------------------- what came of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action came to.

    `refusal` is the code of the shop's rule that said no, never an exception. `slots` are to be set and `say` to be uttered;
    `grants` are proofs of ownership for `State.verified`. `retryable`: the same call may succeed later.
    """

    action: str
    ok: bool
    data: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    retryable: bool = False
    slots: Mapping[str, Any] = field(default_factory=dict)
    say: tuple[Say, ...] = ()
    cards: tuple[Card, ...] = ()
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """The tables have `value` for `aspect` of `subject`, in no language: what is said is true for no longer than that.

    A subject is a product, or empty for the whole shop. Aspects that say which of several they mean have it behind a colon
    (`price:SKU`, `attribute:KEY`); those of answers are in bot/claims.py. Two values are the same where their text is.
    """

    subject: str
    aspect: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of evidence. `live` ones were read from the shop's tables just now and hold until `valid_until`.

    `source` is the document's path or the table's name, `location` a heading, page or row in it; `url` opens it there.
    `heading` is the one under which a text stands, where its document has several. `older` are the passages of earlier
    documents that say otherwise, and that this one replaces. `claims` are the values of the tables that it tells.
    """

    text: str
    source: str
    title: str
    location: str = ""
    url: str = ""
    product_id: str | None = None
    language: str = ""
    score: float = 0.0
    live: bool = False
    valid_until: datetime | None = None
    older: tuple[Passage, ...] = ()
    claims: tuple[Claim, ...] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A question that divides what fits: the property it is about, its words, and the answers as buttons."""

    aspect: str
    asks: str
    choices: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search brought: evidence best first, product cards, and how sure it is that they answer (0 to 1).

    `topics` are the nearest things that the shop does know, for an honest "I don't have that, but ...". `missing` names
    what the question must say before it can be answered: `product`, or nothing. `about` is what was asked of the products,
    without their names, and `topic` the intent of that: a follow-up asks the same of others. `denied`: all that is known is
    that the shop has no such thing. `narrowing` asks which of what fits is meant.
    """

    passages: tuple[Passage, ...] = ()
    cards: tuple[Card, ...] = ()
    confidence: float = 0.0
    topics: tuple[str, ...] = ()
    missing: str = ""
    product_ids: tuple[str, ...] = ()
    about: str = ""
    topic: str = ""
    denied: bool = False
    narrowing: Narrowing | None = None


@dataclass(frozen=True, slots=True)
class PhotoLabel:
    """A kind or product of the shop that a photo may show, with a calibrated probability."""

    label_zh: str
    label_en: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """What a photo may show, most probable first, and whether the first of it is sure; and the products that look like it.

    Without labels nobody can say what it shows.
    """

    labels: tuple[PhotoLabel, ...] = ()
    cards: tuple[Card, ...] = ()
    product_ids: tuple[str, ...] = ()
    sure: bool = False


# ---------------------------------------------------------------- what goes out


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered to the customer: pressing it sends `payload` as if typed; with `url` it opens a page instead."""

    title: str
    payload: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement comes from: document title, place in it, and a link that opens it there.

    `superseded`: what stands there is older, and says otherwise.
    """

    title: str
    location: str = ""
    url: str = ""
    quote: str = ""
    valid_until: datetime | None = None
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A product to look at. `price` is written out for people; `reason` says why it is shown; `claims` is what it tells."""

    product_id: str
    title: str
    subtitle: str = ""
    price: str = ""
    image: str = ""
    url: str = ""
    reason: str = ""
    buttons: tuple[Button, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing said to the customer. `speak` is the text for a voice, where it differs from what is read.

    `agent` is the name of the support agent whose words these are; empty for the bot's own. An `aside` tells nothing of the
    shop: it is for whoever asked, never for a whole room. It is true for as long as the tables make all its `claims`.
    """

    text: str = ""
    citations: tuple[Citation, ...] = ()
    cards: tuple[Card, ...] = ()
    buttons: tuple[Button, ...] = ()
    image: str = ""
    audience: Audience = Audience.PRIVATE
    language: Language = Language.ZH
    speak: str = ""
    agent: str = ""
    aside: bool = False
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOff:
    """What an agent must know to take over: why, the last exchanges, and the customer's name where the channel knows one."""

    reason: str
    summary: str
    recent: tuple[Exchange, ...] = ()
    language: Language = Language.ZH
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a customer who waits for a person may expect, as far as the desk knows.

    `position` in the queue counts from 1; 0 where the desk keeps none. `present`: an agent is at the desk. `opens_at` is
    when the desk opens again, where it is closed now. `agent` has the conversation already and has not written yet.
    `minutes` is about how long it takes, where that was measured.
    """

    position: int = 0
    present: bool = False
    opens_at: datetime | None = None
    agent: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """A customer's message on its way to the agent who has the conversation."""

    text: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class ToCustomer:
    """A reply to be delivered through the conversation's channel."""

    reply: Reply
    kind: Literal["to_customer"] = "to_customer"


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer thinks of the hand-off that the desk calls `of`: 1 to 5 stars, or a comment; the other is empty."""

    of: str
    stars: int = 0
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ToDesk:
    """A hand-off, a forwarded message, a rating, or word that the bot has the conversation back, for the agents' desk.

    `language` is the customer's, for the word that the bot has the conversation back.
    """

    handoff: HandOff | None = None
    forward: Forward | None = None
    handed_back: bool = False
    language: Language = Language.ZH
    rating: Rating | None = None
    kind: Literal["to_desk"] = "to_desk"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox. `id` is the same at every attempt, so that the receiver can tell a repeat.

    `attempt` counts from 1; on a later attempt the first may have arrived without our knowing.
    """

    id: str
    key: ConversationKey
    body: ToCustomer | ToDesk
    attempt: int = 1

    @property
    def door(self) -> str:
        """Who delivers it: the conversation's channel, or the desk."""
        return DESK if isinstance(self.body, ToDesk) else self.key.channel


@dataclass(frozen=True, slots=True)
class Turn:
    """The one trace record of one message. `timings` are milliseconds per phase; `error` is what went wrong, if anything."""

    message: Message
    parse: Parse | None
    decisions: tuple[Decision, ...] = ()
    passages: tuple[Passage, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    replies: tuple[Reply, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    mode: Mode = Mode.BOT
    error: str | None = None


# ---------------------------------------------------------------- what rooms ask of each other


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that mean the same and had no answer: how often they were asked, and their wordings, commonest first."""

    language: str
    times: int
    examples: tuple[str, ...]


# The payload's word for an answer to a Narrowing.
NARROW = "narrow"
# The topic of a question about what was just asked: why, and where its answer is found.
ASK_BACK = "ask_back"
# The topic of a question that is likelier about an order than about what is sold.
OF_ORDERS = "of_orders"
# The slot with the words with which the business under way was begun.
WISH = "wish"


@dataclass(frozen=True, slots=True)
class Question:
    """What the engine asks of the knowledge room. `customer_id` only when the person is verified.

    `before` is what the same message asked before, `told` the best passage for each of that. `open_slot` is what a flow
    waits for. `person` and `search` are those of a Need. `intents`: see AskKnowledge. `likely` are the intents that its
    message may have, with their probabilities; empty where it is a part of one.
    """

    text: str
    language: Language
    topic: str = ""
    likely: tuple[tuple[str, float], ...] = ()
    product_ids: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    before: str = ""
    told: tuple[Passage, ...] = ()
    on_screen: str | None = None
    room: str = ""
    asked_at: datetime | None = None
    recent: tuple[Exchange, ...] = ()
    entities: tuple[Entity, ...] = ()
    customer_id: str | None = None
    open_slot: str = ""
    person: str = ""
    search: Search = Search()


@dataclass(frozen=True, slots=True)
class Need:
    """What the engine asks of the recommender. `customer_id` only when the person is verified.

    `person` is the name under which their signals are kept (bot/signals.py); empty: nothing of anybody is used. `search` is
    what was said before in the same search; `text` begins it.
    """

    text: str
    language: Language
    room: str = ""
    product_ids: tuple[str, ...] = ()
    customer_id: str | None = None
    asked_at: datetime | None = None
    limit: int = 3
    person: str = ""
    search: Search = Search()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action. `idempotency_key` is made from the message's id: the same call twice has one effect.

    `origin` is the network address that the message came from, where one is known.
    """

    action: str
    arguments: Mapping[str, Any]
    key: ConversationKey
    language: Language
    audience: Audience
    idempotency_key: str
    at: datetime
    verified: tuple[str, ...] = ()
    customer_token: str | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of a language model. `schema`: the answer must be JSON of this JSON Schema."""

    system: str
    user: str
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 512
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a language model's answer. Token counts and cost (in `currency` units) come with the last one."""

    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
