"""The stage as the room and its host know it: the port `bot.stage.Stage` on a driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Protocol

import structlog

from bot.errors import BadInput
from bot.stage import Act, Line, PublicAnswer, Refused, StageView
from bot.text import language_of
from bot.types import Audience, Language
from channels.stage.answering import utterance_of
from channels.stage.claims import HOST, Sentence
from channels.stage.cues import Event, Go, Halt, Hand, Part, Priority, Say, Skip, TakeBack, Utterance
from channels.stage.guard import Guard
from channels.stage.state import State

log = structlog.get_logger(__name__)

# Answers of which is known that they were said; lines that the host is shown of what comes.
REMEMBERED, SHOWN = 1000, 3

_EVENTS: dict[Act, Event] = {
    Act.SKIP: Skip(),
    Act.STOP: Halt(),
    Act.GO: Go(),
    Act.TAKE: Hand(to_person=True),
    Act.GIVE: Hand(to_person=False),
}


class Driven(Protocol):
    """What is needed of the driver."""

    state: State

    def put(self, event: Event) -> None:
        """Take an event."""
        ...


class VirtualHost:
    """`Stage` of one room."""

    def __init__(
        self, driver: Driven, guard: Guard, *, stale_s: float, refused: Callable[[], Iterable[Refused]] = tuple
    ) -> None:
        """`refused` gives what the guard has kept from being said, the last ones; answers are too old after `stale_s`."""
        self._driver, self._guard = driver, guard
        self._stale_s, self._refused = stale_s, refused
        self._told: dict[str, None] = {}
        self._numbers = count(1)

    def answer(self, told: PublicAnswer) -> None:
        """Say what the room was told, unless it was said or is about to be. Private replies and asides are refused."""
        if told.reply.audience is not Audience.PUBLIC or told.reply.aside:
            log.error("stage.not_public", answer=told.id)
            return
        if told.corrects:
            self.take_back(told.corrects)
        utterance = utterance_of(told, self._stale_s)
        if utterance is None or told.id in self._told or self._waits(utterance):
            return
        self._told[told.id] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        self._driver.put(Say(utterance))

    def take_back(self, answers: Iterable[str]) -> None:
        """Do not say these."""
        self._driver.put(TakeBack(frozenset(answers)))

    def say(self, text: str) -> None:
        """Say words of the host's, as an answer. Raises BadInput where the guard would refuse them."""
        language = "en" if language_of(text, Language.ZH) is Language.EN else "zh"
        sentence = Sentence(text, language, topic=HOST)
        violation = self._guard.violation(sentence)
        if violation is not None:
            remedy = "Say it without these words."
            raise BadInput(f"{violation.words!r} is not fit to be said ({violation.kind}).", remedy=remedy)
        self._driver.put(Say(Utterance(f"host-{next(self._numbers)}", Priority.ANSWER, (sentence,))))

    def act(self, act: Act) -> None:
        """Pass on what the host wants."""
        self._driver.put(_EVENTS[act])

    def view(self) -> StageView:
        """The stage as it is."""
        state = self._driver.state
        on = state.speaking
        return StageView(
            Line(on.cue.sentence.text, on.part.priority.name.lower()) if on else None,
            tuple(_line(part) for part in state.following[:SHOWN]),
            state.halted,
            state.by_person,
            {why.value: number for why, number in state.dropped.items()},
            tuple(self._refused()),
        )

    def _waits(self, utterance: Utterance) -> bool:
        """Whether the same words are on or wait: nobody wants to hear them again at once."""
        words = [sentence.text for sentence in utterance.sentences]
        return any([sentence.text for sentence in part.utterance.sentences] == words for part in self._driver.state.parts)


def _line(part: Part) -> Line:
    return Line(part.sentence.text, part.priority.name.lower())
