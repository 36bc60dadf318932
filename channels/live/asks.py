"""What became of each question of a show, out of the turns and the audit. Pure.

An answer's subject in the audit is the digest of its delivery's id, and that is made of the turn's: so the two are joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.audit import AuditEntry
from bot.claims import NONE
from bot.text import language_of
from bot.types import Answer, Audience, Claim, Language, Recommend, Reply, Turn
from channels.common.masking import OrderNumbers, masked, no_orders
from channels.live.frames import digest, public_id
from channels.live.tally import JOINED

# Who waited longer than this for an answer, in seconds, was answered late.
LATE_S: Final = 60.0
# The table by which the shop says that it does not sell something.
PRODUCTS: Final = "products"
# The kind of a question that was answered by suggesting products.
RECOMMENDED: Final = "recommend"


class Fate(StrEnum):
    """What became of a question, best first.

    `private`: told to the asker alone. `left`: an answer was there and never told. `taken_back`: it had nothing to say any
    more before it was told. `unanswered`: the shop knew no answer.
    """

    ANSWERED = "answered"
    LATE = "late"
    PRIVATE = "private"
    LEFT = "left"
    VETOED = "vetoed"
    TAKEN_BACK = "taken_back"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of one viewer, as everybody saw it; `times` with those who joined it. `viewer` is their public tag.

    `personal`: something of their own is masked in it. `products` are those that it is about, `shown` the cards that came
    with its answer. `answer` is what was told, or would have been. `chosen`, `edited` and `vetoed` are the host's doing;
    `corrected`: the tables said otherwise after it was told, and still do. `sold_out` are products of which nothing is left;
    `not_sold`: the shop has no such thing.
    """

    viewer: str
    words: str
    at: datetime
    fate: Fate
    times: int = 1
    personal: bool = False
    language: Language = Language.ZH
    topic: str = ""
    products: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    told_at: datetime | None = None
    answer: str = ""
    claims: tuple[Claim, ...] = ()
    chosen: bool = False
    edited: bool = False
    vetoed: bool = False
    corrected: bool = False
    sold_out: tuple[str, ...] = ()
    not_sold: bool = False


def asks_of(turns: Iterable[Turn], entries: Iterable[AuditEntry], orders: OrderNumbers = no_orders) -> list[Ask]:
    """The questions among the turns of a room, with what the audit says of their answers, in the order of the turns.

    `orders` are masked in their words. Turns in which nothing was asked are left out.
    """
    stories: defaultdict[str, list[AuditEntry]] = defaultdict(list)
    for entry in entries:
        stories[entry.subject].append(entry)
    return [_ask(turn, stories, orders) for turn in turns if _asked(turn) is not None or _story(turn, stories)]


def _ask(turn: Turn, stories: Mapping[str, Sequence[AuditEntry]], orders: OrderNumbers) -> Ask:
    message, asked, story = turn.message, _asked(turn), _story(turn, stories)
    words, token = masked(message.text, orders), message.key.user
    told = next((entry for entry in story if entry.kind == "told"), None)
    kinds = [entry.kind for entry in story]
    claims = tuple(claim for reply in turn.replies for claim in _claims(reply))
    joined = stories.get(public_id(token, message.id), ())
    return Ask(
        digest(token),
        words,
        message.sent_at,
        _fate(turn, story),
        times=1 + sum(int(entry.text or 0) for entry in joined if entry.kind == JOINED),
        personal=words != message.text,
        language=turn.replies[0].language if turn.replies else language_of(message.text, Language.ZH),
        topic=RECOMMENDED if isinstance(asked, Recommend) else asked.topic if asked else "",
        products=_products(turn, asked, claims),
        shown=tuple(dict.fromkeys(card.product_id for reply in turn.replies for card in reply.cards)),
        told_at=told.at if told else None,
        answer=told.text if told else "\n".join(reply.text for reply in turn.replies),
        claims=claims,
        chosen=any(entry.kind == "told" and entry.actor == "host" for entry in story),
        edited="edited" in kinds,
        vetoed="vetoed" in kinds,
        corrected=next((kind == "void" for kind in reversed(kinds) if kind in ("void", "valid")), False),
        sold_out=_sold_out(claims),
        not_sold=asked is not None and _not_sold(turn),
    )


def _asked(turn: Turn) -> Answer | Recommend | None:
    return next((one for one in turn.decisions if isinstance(one, Answer | Recommend)), None)


def _story(turn: Turn, stories: Mapping[str, Sequence[AuditEntry]]) -> list[AuditEntry]:
    """What was done with the public answers of a turn, in order."""
    names = [digest(f"{turn.message.key}/{turn.message.id}/{number}") for number in range(len(turn.replies))]
    return [entry for name in names for entry in stories.get(name, ())]


def _fate(turn: Turn, story: Sequence[AuditEntry]) -> Fate:
    kinds = [entry.kind for entry in story]
    told = next((entry for entry in story if entry.kind == "told"), None)
    if told is not None:
        late = "left" in kinds[: kinds.index("told")] or (told.at - turn.message.sent_at).total_seconds() > LATE_S
        return Fate.LATE if late else Fate.ANSWERED
    if "vetoed" in kinds:
        return Fate.VETOED
    if "withdrawn" in kinds:
        return Fate.TAKEN_BACK
    if not any(reply.citations or reply.cards for reply in turn.replies):
        return Fate.LEFT if story else Fate.UNANSWERED
    alone = all(reply.audience is Audience.PRIVATE for reply in turn.replies)
    return Fate.PRIVATE if alone else Fate.LEFT


def _claims(reply: Reply) -> tuple[Claim, ...]:
    return (*reply.claims, *(claim for card in reply.cards for claim in card.claims))


def _products(turn: Turn, asked: Answer | Recommend | None, claims: Sequence[Claim]) -> tuple[str, ...]:
    """What a question is about: what it names, else what its answer tells of, else what was on screen."""
    named = asked.product_ids if asked else ()
    told = () if isinstance(asked, Recommend) else tuple(claim.subject for claim in claims if claim.subject)
    on_screen = (turn.message.context.on_screen,) if turn.message.context.on_screen else ()
    return tuple(dict.fromkeys(named or told or on_screen))


def _not_sold(turn: Turn) -> bool:
    """Whether the answer was that the table of products has no such thing: only that is said aside and from there."""
    denied = any(passage.live and passage.source == PRODUCTS for passage in turn.passages)
    return denied and any(reply.aside for reply in turn.replies)


def _sold_out(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Products whose stock was told, and is none in every variant of which it was."""
    stocks: defaultdict[str, set[str]] = defaultdict(set)
    for claim in claims:
        if claim.aspect.startswith("stock:"):
            stocks[claim.subject].add(claim.value)
    return tuple(subject for subject, values in stocks.items() if values == {NONE})
