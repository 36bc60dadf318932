"""Questions that lean on the one before: "and in L?", "那 L 码呢". What they leave out is taken from the conversation.

A product's name alone is one, too: it answers "which one do you mean?", or is asked the same as the last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.text import normal, without_particles
from bot.types import Exchange
from knowledge.topics import Topic, topic_of

_LEANS = re.compile(r"^(?:那|那么|还有|换)?[^，。,;；]{1,12}呢[?？]?$|^(?:and|what about|how about|or)\b.{1,40}$")
_POINTS_BACK = re.compile(
    r"[它牠]|[这那](?:个|款|件|双)|刚才|上面|\b(?:it|its|they|them|these|those|that one|this one)\b",
)
_SAYS_NOTHING = re.compile(r"[\s,，.。!！?？~～]|\bok\b")
# What such a question can only mean in the light of the last one.
_OPEN = (Topic.NONE, Topic.COLOR, Topic.PRODUCT)


def is_follow_up(text: str, recent: Sequence[Exchange]) -> bool:
    """Whether a text is only understood with the exchange before it."""
    return bool(recent) and _LEANS.search(normal(text)) is not None


def is_only_named(rest: str) -> bool:
    """Whether a text says nothing beside the products that it names; `rest` is the text without their names."""
    return not _SAYS_NOTHING.sub("", without_particles(normal(rest)))


def points_back(text: str) -> bool:
    """Whether a text speaks of something that it does not name: "it", "这个"."""
    return _POINTS_BACK.search(normal(text)) is not None


def topic_resumed(topic: Topic, recent: Sequence[Exchange], otherwise: Topic = Topic.STOCK) -> Topic:
    """The topic of a follow-up whose own words give `topic`: where that leaves it open, the last one that was asked for."""
    if topic not in _OPEN:
        return topic
    earlier = (topic_of(exchange.asked, "") for exchange in reversed(recent))
    return next((last for last in earlier if last is not Topic.NONE), otherwise)
