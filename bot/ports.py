"""What the engine needs from the other rooms, as Protocols. `bot.fakes` has an implementation of each for tests.

Every method may raise `errors.Unavailable` when the thing behind it does not answer. Nothing here is called under a lock
other than the conversation's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:  # numpy is only named here: importing the engine must stay light
    import numpy as np
    from numpy.typing import NDArray

    from bot.types import (
        Call,
        Chunk,
        Command,
        ConversationKey,
        Delivery,
        Entity,
        Findings,
        Language,
        Message,
        Need,
        Outcome,
        Parse,
        Photo,
        PhotoReading,
        Prompt,
        Question,
        Reply,
        Say,
        State,
        Step,
        Turn,
    )
    from bot.values.identifiers import OrderForms


class Clock(Protocol):
    """The one source of time, so that tests can hold it still."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        ...


# ---------------------------------------------------------------- the three acts of a turn


class Understanding(Protocol):
    """Text to commands."""

    async def parse(self, message: Message, state: State) -> Parse:
        """Never raises for the content of a message: what it cannot understand becomes CannotHandle or Clarify."""
        ...


class Dialogue(Protocol):
    """Commands to decisions. Pure: no I/O, no clock."""

    def begin(self, state: State, commands: Sequence[Command], now: datetime) -> Step:
        """Apply what the customer said and decide up to the first thing that must be carried out."""
        ...

    def resume(self, state: State, outcomes: Sequence[Outcome]) -> Step:
        """Go on after the outcomes of the actions that the last step asked for."""
        ...


class Responding(Protocol):
    """Decisions and evidence to replies."""

    def say(self, say: Say, language: Language, state: State) -> Reply:
        """Utter a response of the domain. An unknown name raises BadContent."""
        ...

    async def answer(self, question: Question, findings: Findings) -> tuple[Reply, ...]:
        """Answer from the findings only, or say honestly that they do not hold the answer."""
        ...

    def guard(self, reply: Reply, findings: Findings, state: State) -> Reply:
        """The last look before a reply leaves: prices, promises and private data. Returns it, mended where needed."""
        ...


# ---------------------------------------------------------------- what the rooms fulfil


class Knowledge(Protocol):
    """Documents and the live catalogue."""

    async def find(self, question: Question) -> Findings:
        """Evidence for a question, best first. Prices, stock and dates are read from the live tables at this moment."""
        ...


class Senses(Protocol):
    """What questions ask, whatever their words."""

    async def sense(self, question: Question) -> str:
        """The same for two questions exactly where the same is to be said to them now; empty where nothing is known to say.

        Raises Unavailable where a part that is needed does not answer.
        """
        ...


class Catalogue(Protocol):
    """Products as people name them, for understanding."""

    async def mentions(self, text: str) -> Sequence[Entity]:
        """Products named in a text by name, alias or SKU: entities of kind `product`, value = product id."""
        ...

    async def asks(self, text: str, last: Sequence[str] = ()) -> bool:
        """Whether a text asks for something of a product that the shop's tables say: price, stock, total, what there is.

        `last` are the products that were asked about just before: a text that only changes that question asks, too.
        """
        ...

    async def completes(self, asked: str, named: str) -> bool:
        """Whether a text asks only what is to be told, as "price?" does, of what the one before it only named."""
        ...

    async def criticises(self, text: str, shown: Sequence[str]) -> bool:
        """Whether a text says what is wanted instead of the products shown, and nothing else: cheaper, larger, in red."""
        ...

    async def has_value(self, text: str, product_ids: Sequence[str]) -> bool:
        """Whether a text is a value that tells the variants of one of these products apart, such as a size."""
        ...

    async def link(self, room: str, number: int, at: datetime) -> str | None:
        """The product that link `number` of `room` meant at `at`, or None."""
        ...


class OrderNumbers(Protocol):
    """The forms of the shop's order numbers."""

    @property
    def forms(self) -> OrderForms:
        """The forms as they were last read."""
        ...

    async def refreshed(self, *, unknown: bool = False) -> OrderForms:
        """The forms, read anew where they are old, or soon after that for a number of an `unknown` form.

        Never raises: a shop that does not answer has the forms that it had.
        """
        ...


class Recommender(Protocol):
    """Which products fit a need and a person."""

    async def recommend(self, need: Need) -> Findings:
        """Cards in stock, best first, each with a true reason. Empty cards when nothing fits."""
        ...

    async def why(self, need: Need, product_id: str) -> str:
        """The signals and properties that put a product among the suggestions for a need; empty where nothing does now."""
        ...


class PhotoReader(Protocol):
    """What a picture shows."""

    async def read(self, data: bytes, language: Language) -> PhotoReading:
        """What it may be, and the products that look like it. Raises BadPhoto for bytes that are no picture."""
        ...


class Actions(Protocol):
    """What the bot can do in the shop."""

    def names(self) -> Sequence[str]:
        """The actions that `run` knows."""
        ...

    async def run(self, call: Call) -> Outcome:
        """Run one action. The same idempotency key twice has one effect and one outcome."""
        ...

    def identify(self, token: str, at: datetime) -> str | None:
        """The proof (`customer:ID`) that a signed token of the merchant's site gives at that time, if it gives one."""
        ...


class LanguageModel(Protocol):
    """A chat model. Off by default: where it is None, everything works without."""

    def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        """The answer in pieces. Raises ModelUnavailable after the configured time-out and retries."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors of unit length."""

    @property
    def name(self) -> str:
        """Identifies model and build, so that vectors of another encoder are never mixed with these."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for questions, shape (len(texts), dimension)."""
        ...

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for passages, shape (len(texts), dimension)."""
        ...


class PhotoEncoder(Protocol):
    """Turns pictures into vectors of unit length. What they show is learned on these: see `knowledge.photos`."""

    @property
    def name(self) -> str:
        """Identifies model and build."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    async def encode(self, images: Sequence[bytes]) -> NDArray[np.float32]:
        """Features, shape (len(images), dimension). Raises BadPhoto for bytes that are no picture."""
        ...


# ---------------------------------------------------------------- storage


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation as stored. `turn` is set when the message was handled before; `behind` where others that were accepted
    earlier, perhaps by another process, still wait.
    """

    state: State
    turn: Turn | None
    behind: bool = False


def everybody(key: ConversationKey) -> bool:
    """Every receiver is near."""
    return True


class Store(Protocol):
    """Conversations, inbox and outbox. Raises StorageUnavailable when the database does not answer."""

    async def accept(self, message: Message) -> bool:
        """Keep a message before it is acknowledged to its platform. False when this id was accepted or handled before."""
        ...

    async def waiting(self) -> list[Message]:
        """Messages accepted but not handled that no other process works on, oldest first. From now on this one does."""
        ...

    async def renew(self, doors: Collection[str]) -> None:
        """Go on having the messages that this process works on, and the deliveries of the doors that it serves.

        Others take what is not renewed.
        """
        ...

    async def earlier(self, message: Message) -> list[Message]:
        """What was accepted in this conversation before `message` and is not handled, oldest first."""
        ...

    async def load(self, key: ConversationKey, message_id: str) -> Loaded:
        """The conversation's state (a new one when there is none) and the turn of this message if there was one."""
        ...

    async def commit(self, state: State, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        """Write state, turn and outbox, and clear the inbox, in one transaction.

        `state.version` is the version that was loaded; what is stored has one more. Raises VersionConflict when another
        version is stored by now, or this message has a turn; nothing is written then. Of the turn nothing is stored that
        proves who the customer is (`bot.proofs`).
        """
        ...

    async def history(self, key: ConversationKey, limit: int = 50) -> list[Turn]:
        """The last turns of a conversation, oldest first."""
        ...

    async def due(
        self,
        at: datetime,
        doors: Sequence[str],
        limit: int = 100,
        apart_from: Collection[ConversationKey] = (),
        is_near: Callable[[ConversationKey], bool] = everybody,
    ) -> list[Delivery]:
        """Deliveries of these doors to be attempted at `at`, oldest first, but none of the conversations `apart_from`.

        No other process gets them as long as this one renews them. Those for receivers that are not near (connected to
        another process, or to none) come only when no process had them in time.

        At a door, a conversation's later deliveries wait for its earlier ones. One that cannot be read is put aside as
        `abandon` does, so that it holds up nothing.
        """
        ...

    async def undelivered(self, key: ConversationKey) -> list[Delivery]:
        """Everything for the customer of this conversation that is not delivered yet, oldest first."""
        ...

    async def delivered(self, ids: Sequence[str]) -> None:
        """Mark deliveries as arrived."""
        ...

    async def postpone(self, delivery_id: str, until: datetime, reason: str) -> None:
        """A delivery failed: try again at `until`."""
        ...

    async def abandon(self, delivery_id: str, reason: str, at: datetime) -> None:
        """A delivery can never arrive. It is kept, with the reason and the time, and not tried again."""
        ...


class Limits(Protocol):
    """How much the doors take, counted by the name of a bound and who uses it up."""

    async def wait(self, bound: str, who: str) -> float:
        """Use one of `bound` up for `who`. 0, or the seconds until there is one again."""
        ...


class Photos(Protocol):
    """The bytes of pictures."""

    async def save(self, data: bytes, media_type: str) -> Photo:
        """Keep a picture; saving the same bytes again gives the same Photo."""
        ...

    async def read(self, photo: Photo) -> bytes:
        """The bytes of a picture. Raises BadInput when it is not kept."""
        ...


class Bindings(Protocol):
    """Which thing of a platform stands for which conversation, such as a Slack thread for a hand-off."""

    async def bind(self, platform: str, external: str, key: ConversationKey) -> None:
        """Remember the pair. A conversation bound again on the same platform keeps the new one."""
        ...

    async def external(self, platform: str, key: ConversationKey) -> str | None:
        """The platform's name for a conversation."""
        ...

    async def conversation(self, platform: str, external: str) -> ConversationKey | None:
        """The conversation behind a platform's name."""
        ...


class Locks(Protocol):
    """One lock per conversation, so that its messages are handled one after the other."""

    def hold(self, key: ConversationKey) -> AbstractAsyncContextManager[None]:
        """Hold the conversation's lock. First come, first served."""
        ...


# ---------------------------------------------------------------- doors


class Sender(Protocol):
    """The outgoing side of a channel or of the desk."""

    async def send(self, delivery: Delivery) -> None:
        """Deliver. Raises ChannelUnavailable (try again) or Undeliverable (never)."""
        ...


@runtime_checkable
class NearSender(Sender, Protocol):
    """A sender whose receivers are connected to one process, as sockets are. Every other one reaches everybody."""

    def is_near(self, key: ConversationKey) -> bool:
        """Whether the receiver in this conversation is connected to this process."""
        ...


class Receiver(Protocol):
    """The engine as the channels see it."""

    async def accept(self, message: Message) -> bool:
        """Keep a message durably, to be handled in the background. False when it is a repeat.

        For platforms that are acknowledged at once; replies leave through the outbox.
        """
        ...

    async def handle(self, message: Message) -> Turn:
        """Handle a message now and return its turn; a repeat returns the turn made before.

        For doors that answer in the same request: the turn's replies are theirs to hand over and are not in the outbox.
        """
        ...

    async def collect(self, key: ConversationKey) -> list[Delivery]:
        """What waits for this customer, oldest first. For doors without push; call `delivered` once it is handed over."""
        ...

    async def delivered(self, deliveries: Sequence[Delivery]) -> None:
        """What `collect` gave has been handed over."""
        ...
