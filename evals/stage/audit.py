"""What is counted of a show: from the orders alone, not from what the scheduler knows of itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.stage.claims import Sentence
from channels.stage.cues import Caption, Cue, Dropped, Heard, Order, Priority, Speak, Stop, Why
from channels.stage.pace import expected_s
from evals.stage.oracle import Oracle

WINDOW = timedelta(minutes=10)
# No sentence is on for longer than this many times what it takes, and some seconds.
LONGEST, SLACK_S = 1.5, 4.0
# By these words what is improper is known, whatever the guard thinks of it.
IMPROPER = ("全网最低", "world's best", "13800138000")
_NEVER_TWICE = (Priority.NARRATION, Priority.THANKS)
# What a sentence is about, however it is worded: its topic, its product, and of what it makes a claim.
_Place = tuple[str, str, frozenset[str]]


@dataclass(slots=True)
class Audit:
    """Watches the orders of one show. `wrong` has examples of each fault, for people to read."""

    oracle: Oracle
    counts: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    most_waiting: int = 0
    _on: Cue | None = None
    _since: datetime | None = None
    _sounding: set[int] = field(default_factory=set)
    _owed: dict[str, Priority] = field(default_factory=dict)
    _left: tuple[str, _Place] | None = None
    _heard: dict[str, datetime] = field(default_factory=dict)

    def see(self, order: Order, at: datetime) -> None:
        """One order, as it is carried out."""
        match order:
            case Speak() | Caption():
                self._begun(order, at)
            case Stop(cue):
                self._stopped(cue)
            case Heard():
                self._heard_out(order, at)
            case Dropped():
                self._dropped(order)

    def silent(self, cue: int) -> None:
        """An engine has made its last sound of a cue."""
        self._sounding.discard(cue)

    def look(self, at: datetime) -> None:
        """See whether a sentence has been on for much longer than it can take."""
        if self._on is not None and self._since is not None:
            longest = timedelta(seconds=LONGEST * expected_s(self._on.sentence.text) + SLACK_S)
            if at - self._since > longest:
                self.fault("stuck", f"{at:%H:%M:%S} since {self._since:%H:%M:%S} {self._on.sentence.text}")

    def fault(self, name: str, what: str) -> None:
        """Count a fault, and keep the first few."""
        self.counts[name] += 1
        self.wrong.setdefault(name, [])
        if len(self.wrong[name]) < 5:
            self.wrong[name].append(what)

    # ------------------------------------------------------------ orders

    def _begun(self, cue: Cue, at: datetime) -> None:
        sentence, utterance = cue.sentence, cue.utterance
        self.counts["spoken" if isinstance(cue, Speak) else "captions"] += 1
        if self._sounding or self._on is not None:
            self.fault("overlaps", f"{at:%H:%M:%S} {sentence.text}")
        if not self.oracle.true(sentence.text, sentence.topic, sentence.product_id, sentence.language, at):
            self.fault("false", f"{at:%H:%M:%S} {sentence.product_id} {sentence.topic}: {sentence.text}")
        if any(words in sentence.text for words in IMPROPER):
            self.fault("improper", f"{at:%H:%M:%S} {sentence.text}")
        for other, priority in self._owed.items():
            if other != utterance.id and priority >= utterance.priority:
                self.fault(f"{priority.name.lower()}_cut", f"{at:%H:%M:%S} by {utterance.priority.name}: {sentence.text}")
        self._owed.pop(utterance.id, None)
        self._resumed(cue)
        self._on, self._since = cue, at
        self._sounding.add(cue.cue)

    def _stopped(self, cue: int) -> None:
        self.silent(cue)
        if self._on is None or self._on.cue != cue:
            self.fault("stopped_nothing", str(cue))
            return
        on, self._on = self._on, None
        self._owed[on.utterance.id] = on.utterance.priority
        if on.utterance.priority is Priority.NARRATION and self._left is None:
            self._left = (on.utterance.id, _place(on.sentence))
        self.counts["stopped"] += 1

    def _heard_out(self, heard: Heard, at: datetime) -> None:
        if self._on is not None:
            self.silent(self._on.cue)
        self._on = None
        text = heard.sentence.text
        if heard.utterance.priority in _NEVER_TWICE:
            if text in self._heard and at - self._heard[text] <= WINDOW:
                self.fault("repeated", f"{at:%H:%M:%S} {text}")
            self._heard[text] = at
        self.counts[f"heard_{heard.utterance.priority.name.lower()}"] += 1

    def _dropped(self, dropped: Dropped) -> None:
        self.counts[f"dropped_{dropped.why.value}"] += 1
        self._owed.pop(dropped.utterance.id, None)
        if self._left is None or dropped.utterance.id != self._left[0]:
            return
        if dropped.sentence is None:
            self.counts["left_script_replaced"] += dropped.why is Why.REPLACED
            if not self._bridging(dropped):  # else its one sentence is still owed
                self._left = None
        else:  # the sentence that it left is not said any more: it must go on with the next
            self.counts["left_sentence_dropped"] += 1
            sentences = dropped.utterance.sentences
            rest = sentences[sentences.index(dropped.sentence) + 1 :]
            self._left = (dropped.utterance.id, _place(rest[0])) if rest else None

    def _bridging(self, dropped: Dropped) -> bool:
        """Whether a bridge to what is left of this is on."""
        on = self._on
        return on is not None and on.sentence.topic == "bridge" and on.utterance.id == dropped.utterance.id

    def _resumed(self, cue: Cue) -> None:
        """Narration that was cut goes on with the sentence that it left, after a bridge or not."""
        if self._left is None or cue.utterance.priority is not Priority.NARRATION:
            return
        utterance, place = self._left
        if cue.utterance.id == utterance and cue.sentence.topic == "bridge" and cue.sentence.product_id == place[1]:
            self.counts["bridges"] += 1
            return
        self._left = None
        self.counts["resumed"] += 1
        if cue.utterance.id != utterance or _place(cue.sentence) != place:
            self.fault("resumed_wrong", f"left {place}, went on with {_place(cue.sentence)}")


def _place(sentence: Sentence) -> _Place:
    return sentence.topic, sentence.product_id, frozenset(claim.aspect for claim in sentence.claims)
