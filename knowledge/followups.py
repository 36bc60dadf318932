"""Questions that lean on the one before: "and in L?", "那 L 码呢", "the second one". What they leave out is taken from it.

Pure functions. A follow-up is the last question changed by what was said: asked of another product, another variant, or of
the same one about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.commerce import Product
from bot.text import clean, normal, without_particles
from bot.types import Exchange
from bot.values.places import PlaceSaid, places
from knowledge.facts.relevance import features
from knowledge.lexicon.grams import without_spans

# What a follow-up begins with: "那", "换成", "ok and the", "what about", "same for", "if i get".
_BEGINS_ZH = r"(?:那么?|还有|换成?|改成?|要是|如果|我?要|来|拍|买)"
_BEGINS_EN = (
    r"(?:ok(?:ay)?|so|well|and|&|n|or|what about|how about|how ?bout|what abt|(?:the )?same (?:for|with|on)"
    r"|(?:what )?if i (?:get|buy|take|want))"
)
_LEANS = re.compile(rf"^{_BEGINS_ZH}{{0,3}}[^，。,;；]{{1,16}}[呢咧嘞哩捏呐][?？]?$|^{_BEGINS_EN}\b.{{1,60}}$|\bthen\s*\?$")
_PIECES = (
    r"(?:\d{1,2}|[一两二三四五六七八九十]|one|two|three|four|five|six)\s*(?:of (?:them|those|these|it)"
    r"|[个件条双只瓶盒包套支台箱袋罐把张本]|pcs|pieces?)"
)
_FRAME = re.compile(
    _PIECES + rf"|^{_BEGINS_ZH}{{1,3}}|[呢咧嘞哩捏呐][?？]?$|[买拿来要]"
    rf"|^(?:{_BEGINS_EN}\b[\s,]*)+(?:\b(?:the|in|for|with)\b)?"
    r"|\bones?\b|\bthen\s*\??$|的$|[?？]"
)
# Products that a word of a name tells together.
KIN = 3
# So many, with no word for pieces: "what about 3".
_SO_MANY = re.compile(r"\s*(?:[2-9]|1\d)\s*")
_POINTS_BACK = re.compile(
    r"[它牠]|[这那](?:个|款|件|双|条|台|只|瓶|种|套)|刚才|上面|\b(?:it|its|they|them|these|those|that one"
    r"|this one|that|this)\b",
)
_IN_A_LIST = re.compile(
    r"(?:第[一二三四五六七八九十\d]{1,2}|最后(?:一)?|前面?(?:那|这)?|后面?(?:那|这)?|[这那])[个款件条双只台瓶种套]"
    r"|\b(?:the )?(?:first|second|third|fourth|fifth|last|other|[1-9](?:st|nd|rd|th))(?: (?:one|item|product))?\b"
    r"|\bth(?:is|at) one\b"
)
# What is said of a place beside its name where nothing but the place is changed: "发新疆呢", "and sent to Norway?".
_GOES = re.compile(
    r"[发寄送到往去]|快递|自治区|[省市]|\b(?:to|if|it|is|were|goes?|they|i|you|we|sent|send|ship(?:ped)?|post(?:ed)?|deliver(?:ed)?"
    r"|instead)\b"
)
_OF_SENDING = "ask_shipping"
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


def without_pointing(text: str) -> str:
    """A text without the words that point into a list: "the second one in black", "第二个有黑色吗"."""
    return " ".join(_IN_A_LIST.sub(" ", normal(text)).split())


def only_changes(rest: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a text, without the names in it, says nothing but another value or another number of pieces."""
    left = _FRAME.sub(" ", without_spans(rest, spans))
    return _SO_MANY.fullmatch(left) is not None or not features(left)


def elsewhere(text: str, recent: Sequence[Exchange]) -> tuple[str, str] | None:
    """The question before, asked for the place that a text names and nothing else: its words and its intent.

    None for a text that says more, and where the question before was of no place and not of sending.
    """
    if not recent or not _only_place(text):
        return None
    asked = of = ""
    for exchange in recent:
        if not (asked and _only_place(exchange.asked)):
            asked, of = exchange.asked, exchange.topic
    named = _places(asked)
    if not named and not of.startswith(_OF_SENDING):
        return None
    written = clean(asked)
    spans = [(place.start, place.end) for place in named]
    kept = without_spans(written if len(written) == len(normal(asked)) else normal(asked), spans)
    return " ".join(f"{kept} {text}".split()), of


def _places(text: str) -> list[PlaceSaid]:
    return places(normal(text))


def _only_place(text: str) -> bool:
    """Whether a text names a place and says nothing else."""
    spans = [(place.start, place.end) for place in _places(text)]
    return bool(spans) and not features(_GOES.sub(" ", _FRAME.sub(" ", without_spans(normal(text), spans))))


def kin(rest: str, last: Product, others: Iterable[Product]) -> tuple[str, ...]:
    """The products of the last one's kind that a fragment tells by words of their names: "儿童的呢" after a grown-ups' one.

    At most KIN, else none: the words then tell a kind.
    """
    said = features(_FRAME.sub(" ", rest))
    if not said or said <= _name_of(last):
        return ()
    alike = [p.id for p in others if p.category == last.category and p.id != last.id and said <= _name_of(p)]
    return tuple(alike) if len(alike) <= KIN else ()


def _name_of(product: Product) -> frozenset[str]:
    return features(f"{product.name.zh} {product.name.en} {' '.join(product.aliases)}")


def resumed(rest: str, topic: str, spans: Sequence[tuple[int, int]], recent: Sequence[Exchange]) -> Resumed:
    """A question made whole with the last one about products, as far as it leaves something out.

    `rest` is what it says beside the names, `spans` where it names values of variants in that. Where it says nothing else,
    the last one is asked again.
    """
    last = next((exchange for exchange in reversed(recent) if exchange.product_ids or exchange.about), None)
    if last is None:
        return Resumed(rest, topic, ())
    if not only_changes(rest, spans):
        return Resumed(rest, topic, last.product_ids)
    if not last.about:  # the product was told of; a value of it asks whether there is one
        return Resumed(rest, "ask_stock" if spans else topic, last.product_ids)
    # the question last, as its form may be told by how it ends: "… 多少"
    return Resumed(f"{rest} {last.about}".strip(), last.topic, last.product_ids)
