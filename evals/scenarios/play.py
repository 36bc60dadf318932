"""Plays scenarios and says where they go another way than written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta

from actions.identity import jwt_for
from bot.types import (
    WISH,
    Answer,
    Ask,
    Audience,
    Author,
    Button,
    Command,
    Context,
    ConversationKey,
    CorrectSlot,
    Decision,
    Delivery,
    Do,
    Message,
    Outcome,
    Photo,
    Reply,
    Say,
    SetSlot,
    State,
    ToDesk,
    Turn,
    Wait,
)
from evals.scenarios.script import Line, Scenario
from evals.scenarios.stage import SITE_SECRET, Stage

# No reply may hold any of these, whatever it is about: names and values that no template filled, and our own insides.
NEVER = ("utter_", "action_", "None", "Traceback", "{", "}")


# Stands for the one-time code that was sent last.
CODE = "{code}"


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: its turns, and every way in which it went wrong."""

    scenario: Scenario
    turns: tuple[Turn, ...]
    problems: tuple[str, ...]


async def play(scenario: Scenario, stage: Stage) -> Played:
    """Play a scenario from the beginning. The shop is put back first."""
    stage.reset()
    key = _key(scenario)
    turns: list[Turn] = []
    problems: list[str] = []
    for number, line in enumerate(scenario.turns, 1):
        stage.clock.pass_seconds(line.wait_minutes * 60 + 5)
        last = turns[-1].replies if turns else ()
        said = _said(line, last, stage.codes.sent)
        if said is None:
            problems.append(f"turn {number}: there is no button {line.press!r} among {_titles(last)}, or no code was sent")
            break
        photos = (await _photo(line, stage),) if line.photo else ()
        desk_before = len(await _at_desk(stage, key))
        message = replace(_message(scenario, line, stage), id=f"m{number}", text=said, photos=photos)
        if line.silent:  # it is the last message that nobody has followed up
            message = replace(message, sent_at=turns[-1].message.sent_at)
        with stage.without(line.without) if line.without else nullcontext():
            turn = await stage.service.engine.handle(message)
        turns.append(turn)
        desk = (await _at_desk(stage, key))[desk_before:]
        problems += [f"turn {number} ({said[:40]!r}): {what}" for what in _turn_problems(line, turn, desk, scenario)]
    state = (await stage.service.store.load(key, "")).state
    problems += _end_problems(scenario, state, stage)
    return Played(scenario, tuple(turns), tuple(problems))


def brief(command: Command) -> str:
    """A command in one line: its kind, and what it is about."""
    match command:
        case SetSlot() | CorrectSlot():
            return f"{command.kind} {command.name}={command.value}"
    about = [getattr(command, name) for name in ("flow", "topic", "intent", "reason", "options") if hasattr(command, name)]
    words = ["|".join(value) if isinstance(value, tuple) else str(value) for value in about]
    return " ".join([command.kind, *words]).strip()


def said_by(turn: Turn) -> tuple[str, ...]:
    """Where the replies of a turn come from, in order: names of responses, or the kind of the decision."""
    outcomes = iter(turn.outcomes)
    return tuple(name for decision in turn.decisions for name in _sources(decision, outcomes))


def _sources(decision: Decision, outcomes: Iterator[Outcome]) -> list[str]:
    match decision:
        case Say() | Ask():
            return [decision.response]
        case Do():
            return [say.response for outcome in itertools.islice(outcomes, 1) for say in outcome.say]
        case Answer():
            return ["answer"]
        case Wait():
            return []
    return [decision.kind]


# ---------------------------------------------------------------- saying


def _said(line: Line, last: Sequence[Reply], codes: Sequence[str]) -> str | None:
    """What is said: None where it takes a button or a code that is not there."""
    if CODE in line.said:
        return line.said.replace(CODE, codes[-1]) if codes else None
    if not line.press:
        return line.said * line.repeat
    return next((button.payload for button in _buttons(last) if button.title == line.press), None)


def _key(scenario: Scenario) -> ConversationKey:
    return ConversationKey(scenario.channel, scenario.room, f"scenario-{scenario.id}")


def _message(scenario: Scenario, line: Line, stage: Stage) -> Message:
    """Everything around what is said."""
    on_screen = line.on_screen if line.on_screen is not None else scenario.on_screen
    holds = timedelta(hours=-1 if line.login_ended else 1)
    token = jwt_for(line.customer, SITE_SECRET, stage.clock.now() + holds) if line.customer else None
    return Message(
        id="",
        key=_key(scenario),
        text="",
        sent_at=stage.clock.now(),
        locale="en" if scenario.language == "en" else "zh-CN",
        author=Author.CLOCK if line.silent else Author.AGENT if line.agent else Author.CUSTOMER,
        author_name=line.agent,
        hand_back=line.hand_back,
        context=Context(audience=scenario.audience, on_screen=on_screen, customer_token=token),
    )


async def _photo(line: Line, stage: Stage) -> Photo:
    picture = stage.service.settings.shop.pictures / line.photo
    return await stage.service.store.save(picture.read_bytes(), "image/png")


async def _at_desk(stage: Stage, key: ConversationKey) -> list[ToDesk]:
    due: list[Delivery] = await stage.service.store.due(stage.clock.now(), ["desk"], limit=10_000)
    return [delivery.body for delivery in due if delivery.key == key and isinstance(delivery.body, ToDesk)]


# ---------------------------------------------------------------- comparing


def _turn_problems(line: Line, turn: Turn, desk: Sequence[ToDesk], scenario: Scenario) -> Iterator[str]:
    text = "\n".join(reply.text for reply in turn.replies)
    if bool(turn.error) is not line.error:
        yield f"error is {turn.error!r}"
    meant = turn.parse.commands if turn.parse else ()
    commands = [brief(command) for command in meant if not (isinstance(command, SetSlot) and command.name == WISH)]
    if line.commands is not None and not _begin_with(commands, line.commands):
        yield f"means {commands}, not {list(line.commands)}"
    if line.language and turn.parse and turn.parse.language.value != line.language:
        yield f"is taken for {turn.parse.language.value}"
    if line.says is not None and said_by(turn) != line.says:
        yield f"is answered by {list(said_by(turn))}, not {list(line.says)}"
    yield from (f"{piece!r} is missing in {text!r}" for piece in line.contains if piece not in text)
    yield from (f"{piece!r} is said in {text!r}" for piece in (*line.lacks, *scenario.never) if piece in text)
    yield from (f"{piece!r} is said in {text!r}" for piece in NEVER if piece in text and not line.agent)
    titles = _titles(turn.replies)
    yield from (f"button {title!r} is missing among {titles}" for title in line.buttons if title not in titles)
    cited = [citation.title for reply in turn.replies for citation in reply.citations]
    if line.cites and line.cites not in cited:
        yield f"cites {cited}, not {line.cites!r}"
    cards = tuple(card.product_id for reply in turn.replies for card in reply.cards)
    if line.cards is not None and cards != line.cards:
        yield f"shows {list(cards)}, not {list(line.cards)}"
    arrived = tuple(_desk_kind(body) for body in desk)
    if line.desk is not None and arrived != line.desk:
        yield f"the desk got {list(arrived)}, not {list(line.desk)}"
    yield from _misaddressed(turn, scenario)


def _misaddressed(turn: Turn, scenario: Scenario) -> Iterator[str]:
    """Replies that others see than should: an aside is for whoever asked alone, in a public room too."""
    for reply in turn.replies:
        meant = Audience.PRIVATE if reply.aside else scenario.audience
        if reply.audience is not meant and not reply.agent:
            yield f"{reply.text!r} is for {reply.audience.value}"


def _begin_with(commands: Sequence[str], expected: Sequence[str]) -> bool:
    pairs = itertools.zip_longest(commands, expected)
    return all(c is not None and e is not None and (c == e or c.startswith(f"{e} ")) for c, e in pairs)


def _end_problems(scenario: Scenario, state: State, stage: Stage) -> list[str]:
    problems = [
        f"at the end, slot {name} is {state.slots.get(name)!r}, not {value!r}"
        for name, value in scenario.slots.items()
        if state.slots.get(name) != value
    ]
    flow = state.stack[-1].flow if state.stack else ""
    if scenario.flow is not None and flow != scenario.flow:
        problems.append(f"at the end, the flow {flow!r} is under way, not {scenario.flow!r}")
    if scenario.mode is not None and state.mode is not scenario.mode:
        problems.append(f"at the end, the mode is {state.mode.value}")
    changed = stage.changed()
    if changed != dict(scenario.changed):
        problems.append(f"at the end, {changed} rows of the shop have changed, not {dict(scenario.changed)}")
    for row in scenario.rows:
        found = stage.rows(row.table, row.where)
        if len(found) != row.count:
            problems.append(f"at the end, {row.table} has {len(found)} rows where {dict(row.where)}, not {row.count}")
        for values in found:
            wrong = {name: values.get(name) for name, value in row.has.items() if values.get(name) != value}
            if wrong:
                problems.append(f"at the end, {row.table} where {dict(row.where)} has {wrong}")
    return problems


def _desk_kind(body: ToDesk) -> str:
    return "handoff" if body.handoff else "forward" if body.forward else "handed_back"


def _buttons(replies: Sequence[Reply]) -> list[Button]:
    return [button for reply in replies for button in reply.buttons]


def _titles(replies: Sequence[Reply]) -> list[str]:
    return [button.title for button in _buttons(replies)]
