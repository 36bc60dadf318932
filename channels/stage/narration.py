"""The host's script of one product, made of its facts: other words, another order and other points every time. Pure.

Nothing is said twice within ten minutes: the narrator is told what viewers heard out, and remembers it for that long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from channels.stage.claims import Point, Sentence
from channels.stage.facts import Facts
from channels.stage.merchant import ONCE, Merchant, Segment
from channels.stage.pace import expected_s
from channels.stage.points import TOPICS, points
from channels.stage.templates import Template, draws, read_templates, shown_in

WORDS = Path(__file__).with_name("narration.yml")
WINDOW = timedelta(minutes=10)
# More sentences than can be spoken in the window.
REMEMBERED = 2048

SEGMENT, MUST_SAY, THANKS = "segment", "must_say", "thanks"
_DEEP = ("about", "property", "warranty", "final_sale", "colors", "sizes", "size_help")
_MONEY = ("price", "former", "offer", "offer_end", "to_pay")
_STOCK = ("in_stock", "few")
# Of points of one kind, so many are enough for one script.
_MOST = {"size_help": 2, "offer": 1, "offer_end": 1}

_Texts = Mapping[str, tuple[Template, ...]]
# A point, and the words for it by language.
_Told = tuple[Point, _Texts]


class Memory:
    """Which texts were heard in the last `window`; of more than `limit` the oldest are forgotten sooner."""

    def __init__(self, window: timedelta = WINDOW, limit: int = REMEMBERED) -> None:
        self._window, self._limit = window, limit
        self._heard: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._heard)

    def fresh(self, text: str, at: datetime) -> bool:
        """Whether a text was not heard in the window before `at`."""
        heard = self._heard.get(text)
        return heard is None or at - heard > self._window

    def note(self, text: str, at: datetime) -> None:
        """A text was heard at `at`. Times do not go back."""
        self._heard.pop(text, None)
        self._heard[text] = at
        while at - self._heard[oldest := next(iter(self._heard))] > self._window or len(self._heard) > self._limit:
            del self._heard[oldest]


class Narrator:
    """Makes scripts, and other words for what has become false or was heard. Times are said in the shop's `zone`."""

    def __init__(self, zone: ZoneInfo, merchant: Merchant | None = None, words: Path = WORDS) -> None:
        """Raises BadContent for templates that cannot be used."""
        self._templates = read_templates(words, TOPICS)
        self._zone = zone
        self._merchant = merchant or Merchant()
        self.memory = Memory()

    def script(self, facts: Facts, language: str, seed: str, seconds: float = 60.0, *, more: bool = False) -> list[Sentence]:
        """What to say of a product in about so many seconds; nothing where all there is was just said, or it is sold out.

        The same `seed` and memory give the same script. `more`: the product has been opened already.
        """
        if not facts.sellable:
            return []
        dice = Random(seed)  # noqa: S311 - variety, no secret
        made: list[Sentence] = []
        left = seconds
        for told in self._told(facts, dice, more=more):
            sentence = self._first(told, facts.at, language, dice, {s.text for s in made})
            if sentence is not None and (left > 0 or told[0].topic in ("closing", MUST_SAY)):
                made.append(sentence)
                left -= expected_s(sentence.text)
        return made if any(s.topic not in ("opening", "more", "closing") for s in made) else []

    def say(self, point: Point, at: datetime, language: str, seed: str, but: Collection[str] = ()) -> Sentence | None:
        """One point in words that are fresh at `at` and none of `but`; None where there are none in this language."""
        dice = Random(seed)  # noqa: S311 - variety, no secret
        return self._first((point, self._templates[point.topic]), at, language, dice, but)

    def thanks(self, viewer: str, at: datetime, language: str, seed: str) -> Sentence | None:
        """A thank-you by the viewer's public name."""
        return self.say(Point(THANKS, "", {"viewer": viewer}, frozenset()), at, language, seed)

    def reword(self, sentence: Sentence, facts: Facts, seed: str) -> Sentence | None:
        """The same point as the tables have it now, in fresh words. None where there is no such point any more."""
        now = [point for point in points(facts) if _same_point(point, sentence)]
        return self.say(now[0], facts.at, sentence.language, seed) if now else None

    def bridge(self, sentence: Sentence, facts: Facts, seed: str) -> Sentence | None:
        """Words that lead back to the product of a sentence that was cut off."""
        found = [point for point in points(facts) if point.topic == "bridge"]
        return self.say(found[0], facts.at, sentence.language, seed) if found else None

    # ------------------------------------------------------------ composing

    def _told(self, facts: Facts, dice: Random, *, more: bool) -> Iterator[_Told]:
        """The points of one script in their order: opened, deepened with the money somewhere in between, closed."""
        found = points(facts)
        deep = [*self._pick(found, _DEEP, dice), *self._segments(facts, found)]
        dice.shuffle(deep)
        money = sorted(self._pick(found, _MONEY, dice), key=lambda told: _MONEY.index(told[0].topic))
        turn = dice.randint(min(1, len(deep)), max(1, min(3, len(deep))))
        body = [*deep[:turn], *money, *self._pick(found, _STOCK, dice), *deep[turn:]]
        opening = self._pick(found, ("more" if more else "opening",), dice)
        must_say = [(Point(MUST_SAY, "", {}, frozenset()), segment.texts) for segment in self._merchant.must_say]
        return chain(opening, body, must_say, self._pick(found, ("closing",), dice))

    def _pick(self, found: Iterable[Point], topics: Collection[str], dice: Random) -> list[_Told]:
        """The points of these topics in a random order within each, as many as are enough."""
        picked: list[_Told] = []
        for topic in topics:
            of_it = [point for point in found if point.topic == topic]
            most = min(_MOST.get(topic, len(of_it)), len(of_it))
            picked += [(point, self._templates[topic]) for point in dice.sample(of_it, most)]
        return picked

    def _segments(self, facts: Facts, found: Iterable[Point]) -> Iterator[_Told]:
        for segment in self._merchant.segments:
            if segment.product_id in ("", facts.product.id):
                yield _segment_point(segment, facts.product.id, found), segment.texts

    def _first(self, told: _Told, at: datetime, language: str, dice: Random, but: Collection[str]) -> Sentence | None:
        """The first wording drawn that is fresh, allowed and none of `but`."""
        point, texts = told
        shown = shown_in(point.values, language, self._zone)
        for text in draws(texts.get(language, ()), shown, dice):
            if text not in but and self.memory.fresh(text, at) and self._merchant.allows(text):
                return Sentence(text, language, point.claims, point.topic, point.product_id)
        return None


def _segment_point(segment: Segment, product_id: str, found: Iterable[Point]) -> Point:
    """A merchant's words as a point: it claims whatever the values in them claim, in whichever language they stand."""
    giving = {field: point for point in reversed(list(found)) for field in point.values if field in ONCE}
    used = frozenset({"name"}).union(*(t.fields for texts in segment.texts.values() for t in texts))
    givers = [giving[field] for field in used if field in giving]
    values = {field: giving[field].values[field] for field in used if field in giving}
    return Point(SEGMENT, product_id, values, frozenset(chain.from_iterable(point.claims for point in givers)))


def _same_point(point: Point, sentence: Sentence) -> bool:
    """Whether both are about the same thing, whatever its value is."""
    about = [{(claim.subject, claim.aspect) for claim in claims} for claims in (point.claims, sentence.claims)]
    return point.topic == sentence.topic and about[0] == about[1]
