"""A customer who adapts: knows the facts of a goal, answers what is asked, and words it as a persona does.

What the bot asks is read from the structure of its turn (`Heard`), never from its words; what is said comes from the hand's
wordings. Every message notes whether it was needed (`Said.needed`): the opening, one that first tells something that nobody
could do without, and those that the persona spends on purpose. All others are turns over the least possible.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.types import Button
from evals.customers.goals import KINDS, Goal, Wish
from evals.customers.personas import Persona
from evals.customers.wordings import Wordings

# How often somebody says the same wish before they give up.
PATIENCE = 3
# What may be told wrong first, and asked back.
_PROOFS = ("order_number", "phone_last4", "code")
_ASKED_BACK = ("order_number", "phone_last4", "code", "reason", "wanted", "confirmed")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a turn of the bot comes to: the slot it asks for, the buttons it shows, the flows under way, what was done.

    `summary` are the facts of the plan that was summed up, `refused` the code of a rule that said no.
    """

    asked: str = ""
    buttons: tuple[Button, ...] = ()
    flows: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    handed_off: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `photo` is a picture of the shop's; `repeats` the slot that was asked though it had been told."""

    text: str
    needed: bool
    photo: str = ""
    repeats: str = ""


@dataclass
class Customer:
    """One person in one conversation. `first` and then `next` until it says nothing more; `gave_up` tells why."""

    goal: Goal
    persona: Persona
    words: Wordings
    rng: random.Random
    gave_up: str = ""
    _wishes: list[Wish] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _lies: set[str] = field(default_factory=set)
    _lied: str = ""
    _asked_back: set[str] = field(default_factory=set)
    _greeted: bool = False
    _has_turned: bool = False
    _strayed: bool = False
    _patience: int = PATIENCE
    _again: Counter[str] = field(default_factory=Counter)
    _opened: set[str] = field(default_factory=set)
    _last: Said | None = None
    _quoted: str = ""
    _summary: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Decide what is wanted first, and what will be told wrong."""
        self._wishes = list(self.goal.wishes)
        proofs = [slot for slot in _PROOFS if slot in self.goal.wishes[0].needed]
        if proofs and self.rng.random() < self.persona.wrong:
            self._lies = {self.rng.choice(proofs)}

    def first(self) -> Said:
        """The first message: a greeting, or the wish with as many facts as the persona tells."""
        if self.rng.random() < self.persona.greets:
            self._greeted = True
            return self._say("greet")
        return self._opening()

    def next(self, heard: Heard, code: str) -> Said | None:
        """What is said to that; None at the end. `code` is the one-time code that was sent last."""
        if self._greeted and not self._opened:
            return self._opening()
        if heard.quoted:
            self._quoted, self._summary = heard.quoted, heard.summary
        self._note_done(heard)
        if not self._wishes and (not heard.asked or not self._has_turned or heard.done):
            return None
        if heard.handed_off:
            self.gave_up = "handed off"
            return None
        if self._turns(heard):
            return self._turned()
        if heard.asked:
            return self._answer(heard, code)
        return self._without_a_question(heard)

    # ---------------------------------------------------------------- opening and turning

    def _opening(self) -> Said:
        wishes = self._wishes if len(self._wishes) > 1 and self.rng.random() < 0.5 else self._wishes[:1]
        texts = [self._wish_in_words(wish) for wish in wishes]
        text = texts[0] if len(texts) == 1 else self.words.say("both", self.rng, first=texts[0], second=texts[1])
        self._opened |= {wish.kind for wish in wishes}
        return self._note(Said(text, needed=True))

    def _wish_in_words(self, wish: Wish) -> str:
        """A wish with those facts that the persona tells at once."""
        slots = [slot for slot in self._at_once(wish) if slot in wish.facts and slot not in self._lies]
        told = [self._told_as("beside", slot, wish) for slot in slots]
        text = self.words.say(f"wish.{wish.kind}", self.rng, **wish.facts)
        return self.words.say("joined", self.rng, first=text, rest=self._comma().join(told)) if told else text

    def _at_once(self, wish: Wish) -> tuple[str, ...]:
        if self.persona.opens_with == "everything":
            return tuple(slot for slot in wish.needed if slot not in ("code", "confirmed", "evidence"))
        several = len(self.goal.wishes) > 1  # who speaks of two orders says which
        return ("order_number",) if self.persona.opens_with == "order" or several else ()

    def _turns(self, heard: Heard) -> bool:
        """Whether this is the moment to want something else."""
        if self._has_turned or not (self.goal.instead or self.goal.dropped):
            return False
        return heard.asked in ("reason", "confirmed", "new_address", "items", "wanted")

    def _turned(self) -> Said:
        self._has_turned = True
        first, instead = self.goal.wishes[0], self.goal.instead
        self._wishes = [instead] if instead else []
        self._patience = PATIENCE
        if instead is None:
            return self._say(f"drop.{first.kind}")
        told = self._wish_in_words(instead) if self.persona.opens_with == "everything" else ""
        text = told or self.words.say(f"wish.{instead.kind}", self.rng, **instead.facts)
        return self._note(Said(self.words.say(f"turn.{first.kind}", self.rng, instead=text), needed=True))

    # ---------------------------------------------------------------- answering

    def _answer(self, heard: Heard, code: str) -> Said | None:
        if not self._wishes:  # it was given up, and is still asked about
            return self._note(Said(self._no(heard), needed=False))
        wish, slot = self._current(heard), heard.asked
        if heard.refused == "not_matched" and self._lied == "order_number":  # looks at both, and sees which is wrong
            self._lied, slot = "", "order_number"
        if beside_the_point := self._beside_the_point(slot, wish):
            return self._say(beside_the_point)
        if slot == "confirmed":
            return self._judge(heard, wish)
        if slot == "at_fault":
            return self._note(Said(self._yes(heard) if "evidence" in wish.needed else self._no(heard), needed=False))
        if slot == "wants_complaint":
            return self._note(Said(self._no(heard), needed=False))
        if slot == "evidence" and wish.photo:
            return self._tell(wish, slot, "", photo=wish.photo)
        known = {**wish.facts, "code": code}
        return self._tell(wish, slot, known[slot]) if slot in known else self._knows_nothing_of(slot)

    def _beside_the_point(self, slot: str, wish: Wish) -> str:
        """The act of a persona who does not answer yet: a question instead, or something else altogether."""
        if slot in _ASKED_BACK and slot not in self._asked_back and self.rng.random() < self.persona.asks_back:
            self._asked_back.add(slot)
            return f"back.{slot}"
        if not self._strayed and slot in wish.facts and self.rng.random() < self.persona.strays:
            self._strayed = True
            return "stray"
        return ""

    def _knows_nothing_of(self, slot: str) -> Said | None:
        self._again[slot] += 1
        if self._again[slot] > PATIENCE:
            self.gave_up = f"asked for ever: {slot}"
            return None
        act = f"else.{slot}" if self.words.knows(f"else.{slot}") else "else"
        return self._note(Said(self.words.say(act, self.rng), needed=False))

    def _tell(self, wish: Wish, slot: str, value: str, photo: str = "") -> Said | None:
        """A fact that was asked for: wrong the first time where the persona does that, with another beside it."""
        if slot in self._lies:
            self._lies.remove(slot)
            self._lied = slot
            return self._note(Said(self._form("tell", slot, _wrong(value, slot, self.rng)), needed=True))
        key = (slot, wish.order)
        repeats = slot if key in self._told and (self._last and self._last.needed) else ""
        self._again[slot] += key in self._told
        if self._again[slot] > PATIENCE:
            self.gave_up = f"asked for ever: {slot}"
            return None
        needed = slot in wish.needed and key not in self._told
        self._told.add(key)
        text = "" if photo else self._form("tell", slot, value)
        if slot == "order_number" and self.persona.beside and ("phone_last4", wish.order) not in self._told:
            text += self._comma() + self._told_as("beside", "phone_last4", wish)
        return self._note(Said(text, needed, photo, repeats))

    def _judge(self, heard: Heard, wish: Wish) -> Said | None:
        """A yes to the summary of what is wanted; to another one what is wrong with it."""
        verbs = {verb for one in self._wishes for verb in KINDS[one.kind].verbs}
        if self._quoted in verbs and all(self._summary.get(name) == value for name, value in wish.summary.items()):
            key = ("confirmed", f"{wish.kind} {wish.order}")
            repeats = "confirmed" if key in self._told and self._last and self._last.needed else ""
            needed = key not in self._told
            self._told.add(key)
            return self._note(Said(self._yes(heard), needed, repeats=repeats))
        self._patience -= 1
        if self._patience <= 0:
            self.gave_up = f"wrong summary: {self._quoted} {dict(self._summary)}"
            return None
        return self._note(Said(self.words.say("wrong", self.rng, wish=self._in_full(wish)), needed=False))

    def _without_a_question(self, heard: Heard) -> Said | None:
        """Nothing was asked: a button that fits is pressed, else the wish is said again; after some times one gives up."""
        wish = self._current(heard)
        if wish.kind not in self._opened:  # what comes after the first thing, and was not said yet
            self._opened.add(wish.kind)
            return self._note(Said(self._wish_in_words(wish), needed=wish not in self.goal.wishes[:1]))
        self._patience -= 1
        if self._patience <= 0:
            self.gave_up = f"refused: {heard.refused}" if heard.refused else "not understood"
            return None
        intents = [f"/{intent}" for intent in KINDS[wish.kind].intents]
        if fitting := next((button for button in heard.buttons if button.payload in intents), None):
            return self._note(Said(self._press(fitting), needed=False))
        return self._note(Said(self._in_full(wish), needed=False))

    # ---------------------------------------------------------------- parts

    def _note_done(self, heard: Heard) -> None:
        for wish in tuple(self._wishes):
            verbs = KINDS[wish.kind].verbs
            done = all(answer in heard.text for answer in wish.answer) if wish.answer else bool(set(verbs) & set(heard.done))
            if done:
                self._wishes.remove(wish)
                self._patience = PATIENCE

    def _current(self, heard: Heard) -> Wish:
        """The wish that the bot is at, else the first that is open."""
        under_way = [wish for wish in self._wishes if set(KINDS[wish.kind].flows) & set(heard.flows)]
        return (under_way or self._wishes)[0]

    def _in_full(self, wish: Wish) -> str:
        """A wish once more, with what makes it this one."""
        slots = [slot for slot in ("order_number", "items", "quantity", "wanted") if slot in wish.needed]
        text = self.words.say(f"wish.{wish.kind}", self.rng, **wish.facts)
        told = [self._told_as("beside", slot, wish) for slot in slots]
        return self.words.say("joined", self.rng, first=text, rest=self._comma().join(told)) if told else text

    def _told_as(self, how: str, slot: str, wish: Wish) -> str:
        self._told.add((slot, wish.order))
        return self._form(how, slot, wish.facts[slot])

    def _form(self, how: str, slot: str, value: str) -> str:
        act = f"{how}.{slot}" if self.words.knows(f"{how}.{slot}") else how
        return self.words.say(act, self.rng, value=value)

    def _yes(self, heard: Heard) -> str:
        return self._pressed(heard, "/affirm") or self.words.say("yes", self.rng)

    def _no(self, heard: Heard) -> str:
        return self._pressed(heard, "/deny") or self.words.say("no", self.rng)

    def _pressed(self, heard: Heard, payload: str) -> str:
        button = next((button for button in heard.buttons if button.payload == payload), None)
        return self._press(button) if button and self.rng.random() < self.persona.presses else ""

    def _press(self, button: Button) -> str:
        return button.payload if self.rng.random() < 0.7 else button.title

    def _comma(self) -> str:
        return ", " if self.words.language == "en" else "，"

    def _say(self, act: str) -> Said:
        """Something that the persona says on purpose."""
        return self._note(Said(self.words.say(act, self.rng), needed=True))

    def _note(self, said: Said) -> Said:
        self._last = said
        return said


def _wrong(value: str, slot: str, rng: random.Random) -> str:
    """A value as it is mistyped: another digit in its last places."""
    place = len(value) - 1 if slot != "order_number" else len(value) - rng.choice((2, 3))
    digit = str((int(value[place]) + rng.randrange(1, 9)) % 10)
    return value[:place] + digit + value[place + 1 :]
