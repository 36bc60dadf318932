"""Which comments of a room become questions: noise is dropped, a question already asked is joined, the rest goes through.

Pure but for what it remembers; time is given.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from bot.text import clean, simplified

# A question that nobody answered for this long is asked anew.
UNANSWERED_S = 120.0
# Shorter texts answer a question of the bot's ("M", "yes") as often as they ask one; two people's are never joined.
MIN_HAN = 3
MIN_LETTERS = 8

_HAN = re.compile(r"[㐀-䶿一-鿿]")
_LAUGHTER = re.compile(r"(?:哈+|呵+|嘻+|嘿+|h+|(?:ha)+h?|(?:he)+|l+o+l+|w+|6+|1+|9+)")
# What people type to be there, not to ask.
_CHEERS = frozenset(
    re.findall(
        r"\S+",
        """
        来了 来啦 打卡 签到 前排 路过 冲 冲冲冲 冲鸭 好看 真好看 太好看了 漂亮 真漂亮 好美 美 绝了 绝绝子 爱了 爱了爱了
        想要 已买 已拍 拍了 下单了 支持 加油 主播加油 主播好 主播好美 晚上好 早上好 点赞 关注了
        nice wow omg cool great love loveit sonice beautiful pretty gorgeous amazing firsthere first done bought ordered yay
        """,
    )
)
# Questions that only what was said before or shown gives a product: while nothing is on screen, each asker means their own.
_LEANING = re.compile(
    r"这|那(?!么)|它|该|\b(?:this|that|it|its|these|those|the (?:\w+ )?one)\b"
    r"|^(?:多少钱|什么价|价格|怎么卖|还?有货|还有|什么颜色|有(?:什么|哪些)颜色|(?:有)?什么(?:尺)?码|什么材质|防水"
    r"|how much|price|in stock|any left|(?:what )?(?:colou?rs?|sizes?)|material|waterproof)[啊呀呢吗么?？!！ ]*$"
)


class Fate(StrEnum):
    """What becomes of a comment: it is noise, it joins a question, or it is a question of its own."""

    DROP = "drop"
    JOIN = "join"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Comment:
    """What a viewer said, as everybody may see it. `id` is unique in the room; `viewer` is the viewer's public name tag.

    `personal`: something of the viewer's own is masked in it. `source` is the platform that it came from; empty: our room.
    """

    id: str
    viewer: str
    name: str
    text: str
    at: datetime
    on_screen: str | None = None
    personal: bool = False
    source: str = ""


@dataclass(slots=True)
class Question:
    """A question with everybody who asked it. `replies` are the ids of the public replies to it.

    `sense` is what makes it the same as others, `topic` what it is about; both empty where unknown. `answered_at` is when
    it was told, where that is known.
    """

    first: Comment
    wording: str
    comments: list[Comment] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    sense: str = ""
    topic: str = ""
    answered_at: datetime | None = None

    @property
    def asked(self) -> int:
        """How many people asked."""
        return len({comment.viewer for comment in self.comments})

    def answered(self, reply_id: str, at: datetime | None = None) -> None:
        """This reply is one to it. Told at `at`, it counts for later askers from then on."""
        if reply_id not in self.replies:
            self.replies.append(reply_id)
            self.answered_at = at


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of a comment, and its question unless it is dropped."""

    fate: Fate
    question: Question | None = None


class Triage:
    """Remembers the questions of one room for `window_s` seconds, and longer while they are being answered."""

    def __init__(self, window_s: float) -> None:
        self._window = timedelta(seconds=window_s)
        self._patience = timedelta(seconds=max(window_s, UNANSWERED_S))
        self._by_wording: dict[tuple[str, str | None], Question] = {}
        self._by_comment: dict[str, Question] = {}
        self._by_sense: dict[str, Question] = {}

    def take(self, comment: Comment, sense: str = "", topic: str = "") -> Verdict:
        """Decide on a comment, by its words and by its `sense`: what is the same for all who ask the same, empty if unknown.

        `topic` is what a question of its own is about, where that is known.

        ASK makes a question of it; call `withdraw` when it cannot be passed on.
        """
        self._forget(comment.at)
        wording = normalised(comment.text)
        if is_noise(wording):
            return Verdict(Fate.DROP)
        if stands_alone(wording) and not _means_their_own(comment):
            question = self._by_wording.get((wording, comment.on_screen)) or self._by_sense.get(sense)
            if question and not self._over(question, comment.at):
                question.comments.append(comment)
                return Verdict(Fate.JOIN, question)
        question = Question(comment, wording, [comment], sense=sense, topic=topic)
        if not comment.personal:
            self._by_wording[wording, comment.on_screen] = question
            if sense:
                self._by_sense[sense] = question
        self._by_comment[comment.id] = question
        return Verdict(Fate.ASK, question)

    def withdraw(self, question: Question) -> None:
        """The question was not passed on, or is over: the next one who asks it asks it anew."""
        self._by_comment.pop(question.first.id, None)
        slot = (question.wording, question.first.on_screen)
        if self._by_wording.get(slot) is question:
            del self._by_wording[slot]
        if self._by_sense.get(question.sense) is question:
            del self._by_sense[question.sense]

    def restore(self, question: Question, sense: str = "") -> None:
        """The question holds again, with this sense: after a restart, or since its answer was put right.

        Where somebody has asked the same anew, that is joined.
        """
        question.sense = sense
        self._by_comment.setdefault(question.first.id, question)
        if not question.first.personal:
            self._by_wording.setdefault((question.wording, question.first.on_screen), question)
            if sense:
                self._by_sense.setdefault(sense, question)

    def questions(self) -> list[Question]:
        """All that are remembered, in the order they were asked or restored."""
        return list(self._by_comment.values())

    def question(self, comment_id: str) -> Question | None:
        """The question that began with this comment. None when it is long forgotten."""
        return self._by_comment.get(comment_id)

    def answered(self, comment_id: str, reply_id: str) -> Question | None:
        """A reply to the question that began with this comment. None when it is long forgotten."""
        question = self.question(comment_id)
        if question is not None:
            question.answered(reply_id)
        return question

    def _over(self, question: Question, now: datetime) -> bool:
        if question.replies:
            return now - (question.answered_at or question.first.at) > self._window
        return now - question.first.at > self._patience

    def _forget(self, now: datetime) -> None:
        """Drop what is too old to matter either way; questions lie in the order they were asked."""
        for question in list(islice(self._by_comment.values(), 2)):
            if now - question.first.at > self._patience:
                self.withdraw(question)


def normalised(text: str) -> str:
    """The wording that makes two comments the same: simplified, lower case, without punctuation, emoji and spaces."""
    folded = simplified(clean(text)).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN" or c == "+")


def is_noise(wording: str) -> bool:
    """Whether a normalised text only says "I am here": nothing, laughter, cheers, counting."""
    return not wording or wording in _CHEERS or bool(_LAUGHTER.fullmatch(wording))


def stands_alone(wording: str) -> bool:
    """Whether a normalised text is long enough to mean the same in two mouths; shorter ones may answer a question."""
    return len(_HAN.findall(wording)) >= MIN_HAN or len(wording) >= MIN_LETTERS


def _means_their_own(comment: Comment) -> bool:
    """Whether it is about something of the asker's own, or only the asker's own talk says which product is meant."""
    if comment.personal:
        return True
    return comment.on_screen is None and bool(_LEANING.search(simplified(clean(comment.text)).casefold()))
