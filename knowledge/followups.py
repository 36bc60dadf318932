"""Questions that lean on the one before: "and in L?", "那 L 码呢", "the second one". What they leave out is taken from it.

Pure functions. A follow-up is the last question changed by what was said: asked of another product, another variant, or of
the same one about something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.text import normal, without_particles
from bot.types import Exchange
from knowledge.facts.relevance import features
from knowledge.lexicon.grams import without_spans

_LEANS = re.compile(
    r"^(?:那|那么|还有|换)?[^，。,;；]{1,16}[呢咧嘞哩捏呐][?？]?$|^(?:and|&|what about|how about|how ?bout"
    r"|what abt|or|n)\b.{1,60}$"
)
_PIECES = (
    r"(?:\d{1,2}|[一两二三四五六七八九十]|one|two|three|four|five|six)\s*(?:of (?:them|those|these|it)"
    r"|[个件条双只瓶盒包套支台箱袋罐把张本]|pcs|pieces?)"
)
_FRAME = re.compile(
    _PIECES + r"|^(?:那|那么|还有|换成?|要|我要)|[呢咧嘞哩捏呐][?？]?$|[买拿来要]"
    r"|^(?:and|&|what about|how about|how ?bout|what abt|or|n)\b(?: (?:the|in|for|with))?"
    r"|\bones?\b|的$|[?？]"
)
_POINTS_BACK = re.compile(
    r"[它牠]|[这那](?:个|款|件|双|条|台|只|瓶|种|套)|刚才|上面|\b(?:it|its|they|them|these|those|that one"
    r"|this one|that|this)\b",
)
_SAYS_NOTHING = re.compile(r"[\s,，.。!！?？~～]|\bok\b")


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a question asks when it is made whole: its words beside the names, the intent, and the last one's products."""

    about: str
    topic: str
    product_ids: tuple[str, ...]


def is_follow_up(text: str, recent: Sequence[Exchange]) -> bool:
    """Whether a text is only understood with the exchange before it."""
    return bool(recent) and _LEANS.search(normal(text)) is not None


def is_only_named(rest: str) -> bool:
    """Whether a text says nothing beside the products that it names; `rest` is the text without their names."""
    return not _SAYS_NOTHING.sub("", without_particles(normal(rest)))


def points_back(text: str) -> bool:
    """Whether a text speaks of something that it does not name: "it", "这个"."""
    return _POINTS_BACK.search(normal(text)) is not None


def resumed(rest: str, topic: str, spans: Sequence[tuple[int, int]], recent: Sequence[Exchange]) -> Resumed:
    """A question made whole with the last one about products, as far as it leaves something out.

    `rest` is what it says beside the names, `spans` where it names values of variants in that. Where it says nothing else,
    the last one is asked again.
    """
    last = next((exchange for exchange in reversed(recent) if exchange.product_ids or exchange.about), None)
    if last is None:
        return Resumed(rest, topic, ())
    left = _FRAME.sub(" ", without_spans(rest, spans))
    if features(left):
        return Resumed(rest, topic, last.product_ids)
    if not last.about:  # the product was told of; a value of it asks whether there is one
        return Resumed(rest, "ask_stock" if spans else topic, last.product_ids)
    return Resumed(f"{last.about} {rest}".strip(), last.topic, last.product_ids)
