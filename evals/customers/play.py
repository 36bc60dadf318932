"""One conversation: a customer and the whole service, until the customer has nothing more to say; and what became of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from actions.registry import VERBS
from bot.types import Ask, Context, ConversationKey, Do, Escalate, Message, Outcome, Photo, Turn
from evals.customers.book import Book, differences, read_book
from evals.customers.customer import Customer, Heard, Said
from evals.customers.goals import GOALS, Drawing, draw
from evals.customers.oracle import missing_and_unwanted
from evals.customers.personas import personas
from evals.customers.wordings import Wordings
from evals.scenarios.stage import Stage

# No conversation is longer; whoever gets so far has failed.
MOST_TURNS = 30
RIGHT, FRICTION, FAILED, WRONG = "right", "friction", "failed", "wrong write"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was played: who, what for, how it ended.

    `over` are turns over the least possible, `repeats` the slots that were asked again after they had been told.
    """

    number: int
    goal: str
    persona: str
    language: str
    verdict: str
    why: str
    over: int
    repeats: tuple[str, ...]
    transcript: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Where conversations are played: the service, the shop's tables as they were loaded, and the policy's numbers."""

    stage: Stage
    book: Book
    rules: Mapping[str, Any]


async def converse(number: int, seed: int, hand: str, world: World) -> Conversation:
    """Play the conversation of this number. The same number, seed and day come to the same customer.

    One-time codes alone are drawn anew, by the service itself.
    """
    stage = world.stage
    rng = random.Random(f"{seed}/{number}")
    persona = list(personas())[number % len(personas())]
    language = rng.choice(personas()[persona].languages)
    words = Wordings(hand, language, persona)
    goal = draw(
        GOALS[(number // len(personas()) + number) % len(GOALS)], Drawing(world.book, world.rules, stage.started, words, rng)
    )
    customer = Customer(goal, personas()[persona], words, rng)
    stage.reset()
    turns, said = await _talk(number, customer, stage)
    found = differences(world.book, read_book(stage.shop))
    missing, unwanted = missing_and_unwanted(goal.expected(), found)
    is_endless = len(turns) >= MOST_TURNS
    verdict, why = RIGHT, ""
    if unwanted:
        verdict, why = WRONG, "; ".join(map(str, unwanted))
    elif missing or customer.gave_up or is_endless:
        verdict, why = FAILED, customer.gave_up or ("endless" if is_endless else f"not done: {missing[0].table}")
    over, repeats = sum(not one.needed for one in said), tuple(one.repeats for one in said if one.repeats)
    if verdict == RIGHT and (over > 0 or repeats):
        verdict = FRICTION
    return Conversation(number, goal.name, persona, language, verdict, why, over, repeats, _transcript(turns, said))


async def _talk(number: int, customer: Customer, stage: Stage) -> tuple[list[Turn], list[Said]]:
    key = ConversationKey("web", "", f"customer-{number}")
    turns: list[Turn] = []
    said: list[Said] = []
    locale = "en" if customer.words.language == "en" else "zh-CN"
    now: Said | None = customer.first()
    while now is not None and len(turns) < MOST_TURNS:
        stage.clock.pass_seconds(8)
        message = Message(
            id=f"m{len(turns)}", key=key, text=now.text, sent_at=stage.clock.now(), locale=locale, context=Context()
        )
        if now.photo:
            message = replace(message, photos=(await _photo(now.photo, stage),))
        turns.append(await stage.service.engine.handle(message))
        said.append(now)
        state = (await stage.service.store.load(key, "")).state
        flows = tuple(frame.flow for frame in state.stack)
        now = customer.next(heard(turns[-1], flows), stage.codes.sent[-1] if stage.codes.sent else "000000")
    return turns, said


def heard(turn: Turn, flows: Sequence[str]) -> Heard:
    """What a turn of the bot comes to, by its structure."""
    outcomes = iter(turn.outcomes)
    done: list[tuple[Do, Outcome]] = [(decision, next(outcomes)) for decision in turn.decisions if isinstance(decision, Do)]
    ok = [outcome for _, outcome in done if outcome.ok]
    quotes = [outcome for outcome in ok if outcome.action in _QUOTES]
    asks = [decision.slot for decision in turn.decisions if isinstance(decision, Ask)]
    refused = [outcome.refusal for _, outcome in done if outcome.refusal]
    return Heard(
        asked=asks[-1] if asks else "",
        buttons=tuple(button for reply in turn.replies for button in reply.buttons),
        flows=tuple(flows),
        done=tuple(outcome.action for outcome in ok if outcome.action not in _QUOTES),
        text="\n".join(reply.text for reply in turn.replies),
        quoted=_QUOTES[quotes[-1].action] if quotes else "",
        summary=quotes[-1].data if quotes else {},
        refused=refused[-1] if refused else "",
        handed_off=any(isinstance(decision, Escalate) for decision in turn.decisions),
    )


# The verb that writes, by the one that quotes it.
_QUOTES = {verb.quote: name for name, verb in VERBS.items() if verb.quote}


async def _photo(name: str, stage: Stage) -> Photo:
    picture = stage.service.settings.shop.pictures / name
    return await stage.service.store.save(picture.read_bytes(), "image/png")


def _transcript(turns: Sequence[Turn], said: Sequence[Said]) -> tuple[str, ...]:
    lines = []
    for turn, one in zip(turns, said, strict=True):
        marks = ("" if one.needed else " [over]") + (f" [asked twice: {one.repeats}]" if one.repeats else "")
        lines.append(f"C: {one.text or f'(photo {one.photo})'}{marks}")
        lines += [f"B: {reply.text}" + "".join(f" [{b.title}]" for b in reply.buttons) for reply in turn.replies]
    return tuple(lines)
