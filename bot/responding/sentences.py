"""Sentences of Chinese and English texts, and which of them answer a question. Pure functions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import fmean, pstdev

from bot.text import normal, words

# A Chinese stop ends a sentence wherever it stands; a Latin one before a space. Closing quotes belong to the sentence.
_STOP = re.compile(r"[。！？!?]+[」』”’)）]*|[.](?=\s+[\"“'(]?[A-Z0-9¥$])|[.]$|；(?=\n)|\n+")
_ABBREVIATION = re.compile(r"\b(?:No|no|e\.g|i\.e|etc|vs|approx|Mr|Ms|Dr|St|p|pp|Fig|a\.m|p\.m)\.$")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
# What makes a question one, in any: it tells no sentence from another.
_ASKING = re.compile(
    r"可不可以|能不能|可以|请问|什么|怎么|多少|哪里|多久|的话|吗|么|呢|啊|\b(?:how|what|when|where|do|does|can|is|are|it|the|a)\b"
)
# What a standard deviation nearer in meaning is worth beside all the terms of a question; cosines lie at least so far apart.
_MEANT, _LEAST_APART = 0.4, 0.01
_LEANS_BACK = re.compile(
    r"^(?:但|不过|否则|其中|此外|另外|因此|所以|它|这|那|该|同时|如不|以上|However|But|Otherwise|It |This "
    r"|That |These |They |Then )"
)


class Kind(Enum):
    """What sort of answer a question wants."""

    DURATION = "duration"
    TIME = "time"
    AMOUNT = "amount"
    PLACE = "place"
    STEPS = "steps"
    YES_NO = "yes_no"
    OTHER = "other"


_ASKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.DURATION, re.compile(r"多久|多长时间|几天|几个工作日|几小时|多少天|how long|how many (?:days|hours"
                               r"|weeks)|how soon|how fast")),
    (Kind.AMOUNT, re.compile(r"多少钱|多少元|运费|费用|收费|几块|多少|how much|how many|cost|fee|charge")),
    (Kind.TIME, re.compile(r"什么时候|几点|何时|哪天|when\b|what time|until")),
    (Kind.PLACE, re.compile(r"在哪|哪里|哪儿|寄到|where\b|address")),
    (Kind.STEPS, re.compile(r"怎么|如何|怎样|流程|步骤|how (?:do|can|to|should|would)|what (?:do|should) i do|steps")),
    (Kind.YES_NO, re.compile(r"吗|可以不|能不能|可不可以|是不是|有没有|支持.*么|^(?:can|could|do|does|is|are"
                             r"|will|may|am|did)\b")),
)  # fmt: skip
_SHOWS: dict[Kind, re.Pattern[str]] = {
    Kind.DURATION: re.compile(r"\d+\s*(?:[-–~到至]\s*\d+\s*)?(?:个)?(?:工作日|天|小时|分钟|周|个月|年|日"
                              r"|days?|hours?|weeks?|months?|business)"
                              r"|当天|次日|24h|same day|next day|within"),
    Kind.AMOUNT: re.compile(r"[¥$€£]\s*\d|\d+(?:\.\d+)?\s*(?:元|块|%|折|分|积分|件|次|yuan|RMB|points?)|免费|包邮|free"),
    Kind.TIME: re.compile(r"\d{1,2}[:：点]\d{0,2}|\d+\s*月|\d+\s*(?:天|小时)|每天|工作日|\d+\s*(?:am|pm)"
                          r"|days?|hours?|Monday|daily"),
    Kind.PLACE: re.compile(r"地址|仓|路|号|省|市|页面|「|address|warehouse|page|under|street|“|\""),
    Kind.STEPS: re.compile(r"点击|选择|打开|提供|联系|申请|填写|进入|先|再|然后|open|choose|click|tap|send"
                           r"|give|contact|go to|fill|apply"),
    Kind.YES_NO: re.compile(r"可以|不可以|不能|能|支持|不支持|需要|不需要|会|不会|没有|都|can|cannot|can't"
                            r"|not|yes|no\b|may|only|must"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its place in the passage it comes from."""

    text: str
    position: int


def split(text: str) -> list[Sentence]:
    """Sentences in order. A line break ends one, too, so that list items and table rows stay whole."""
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(text):
        piece = text[start : stop.end()]
        if stop.group() == "." and _ABBREVIATION.search(piece):
            continue
        found.append(piece)
        start = stop.end()
    found.append(text[start:])
    return [Sentence(piece.strip(), n) for n, piece in enumerate(piece for piece in found if piece.strip())]


def kind_of(question: str) -> Kind:
    """What sort of answer a question wants."""
    plain = normal(question)
    return next((kind for kind, cue in _ASKS if cue.search(plain)), Kind.OTHER)


def terms(text: str) -> set[str]:
    """What is compared between question and sentence: words, and pairs of Chinese characters."""
    plain = normal(text)
    runs = re.findall(r"[㐀-鿿]{2,}", plain)
    return {_stem(word) for word in words(plain)} | {run[n : n + 2] for run in runs for n in range(len(run) - 1)}


def score(sentences: Sequence[Sentence], question: str, likeness: Sequence[float | None] = ()) -> list[float]:
    """How well each sentence answers: the question's terms it has, weighted by how few sentences have them, and its kind.

    `likeness`: how near each is to the question in meaning, as cosines; they count by how far they lie apart.
    """
    wanted = terms(_ASKING.sub(" ", question))
    having = [terms(sentence.text) & wanted for sentence in sentences]
    count = Counter(term for found in having for term in found)
    weight = {term: math.log(1 + len(sentences) / count[term]) for term in count}
    total = sum(weight.get(term, math.log(1 + len(sentences))) for term in wanted) or 1.0
    shows = _SHOWS.get(kind_of(question))
    meant = _apart([cosine for cosine in likeness if cosine is not None])
    near = meant if len(meant) == len(sentences) else [0.0] * len(sentences)
    return [
        sum(weight[term] for term in found) / total + (0.35 if shows and shows.search(sentence.text) else 0.0) + _MEANT * n
        for found, sentence, n in zip(having, sentences, near, strict=True)
    ]


def _apart(cosines: Sequence[float]) -> list[float]:
    """Cosines by how far they are from their mean, in standard deviations."""
    if len(cosines) < 2:
        return [0.0] * len(cosines)
    mean, spread = fmean(cosines), max(pstdev(cosines), _LEAST_APART)
    return [(cosine - mean) / spread for cosine in cosines]


def leans_back(sentence: Sentence) -> bool:
    """Whether a sentence cannot be understood without the one before it."""
    return bool(_LEANS_BACK.match(sentence.text))


def length(text: str) -> int:
    """How much there is to read: Chinese characters, and five Latin letters for two of them."""
    han = len(_HAN.findall(text))
    return han + (len(text) - han) * 2 // 5


def _stem(word: str) -> str:
    if word.isascii() and len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
