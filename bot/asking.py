"""The forms of questions in Chinese and English, by their grammar: its closed words and its order. Pure functions.

What is asked is for others to read; here it is only told that something is asked, and in which form.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.text import clean, simplified

_AUXILIARY = r"(?:is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had)(?:n['’]?t)?"
_DENIED = r"(?:is|are|was|were|do|does|did|ca|could|wo|would|should|has|have|had)n['’]?t"
_PRONOUN = r"(?:i|you|u|we|they|it|he|she|there|this|that)"
_SUBJECT = (
    r"(?:i|you|u|ya|we|they|it|he|she|there|theres?|this|that|these|those|the|an?|any|some|my|your|ur|our|its|their|his|her)"
)
# Where a clause begins: an opening or a joining word may stand before it.
_CLAUSE = r"(?:^|[,.;:!?，。；！？…-]\s*|\b(?:and|but|so|then|also|or|now|please|pls|hi|hey|hello|um|well|ok(?:ay)?)[\s,]+)"
# "how many" asks wherever it stands; another word for what is not known only with a verb that goes before its subject.
_WH_EN = (
    r"\bhow (?:much|many|long|far|big|tall|wide|deep|thick|heavy|old|often|soon|fast|late|about|come)\b"
    r"|\bhow (?!come\b|to\b|about\b)[a-z]+(?=\s*(?:$|[,.;!?，。；！？]))"  # "how loud, how bright"
    rf"|{_CLAUSE}(?:(?:in|on|at|to|from|for|by|with|of|up to) )?(?:how|what|when|where|who|whose|whom|which|why)"
    rf"(?:['’]?(?:s|re|ll|d)\b|\b(?:\s+\S+){{0,3}}?\s+{_AUXILIARY}\b|\s+(?:to|about)\b)"
    r"|^(?:how|what|who|which|why)\b"
)
# "When I opened it" tells when something was, unless it ends as a question.
_SUBORDINATE = re.compile(rf"{_CLAUSE}(?:when|where)\s+(?:i|you|we|they|it|he|she|the|my|this|that)\b")
# "Please do it now" bids, "do this come in red" asks.
_BIDS = (
    r"do (?:it|that|this|so)"
    r"(?:\s*(?:$|[,.!;，。！；])|\s+(?:now|for|and|then|please|pls|asap|thanks|already|right|quick\w*)\b)"
)
# "Have a nice day" has the order of a question; "wont it melt" has it wherever it stands.
_INVERTED = (
    rf"{_CLAUSE}(?!{_BIDS}|ha(?:ve|s|d)\s+(?!{_PRONOUN}\b)){_AUXILIARY}\s+{_SUBJECT}\b|\b{_DENIED}\s+{_PRONOUN}\b"
    rf"|^(?!{_BIDS}|ha(?:ve|s|d)\b){_AUXILIARY}\s+(?!not\b|do\b|me\b|never\b|been\b)[a-z]+\s+\S"
)
# Written without marks, a question follows what it is about: "opened it and its too small can i send it back". Behind a
# subject it does not: "as soon as you can i need it".
_NO_SUBJECT = "".join(
    rf"(?<!\b{word} )" for word in ("i", "u", "it", "we", "he", "you", "she", "they", "that", "this", "what")
)
_AMID = (
    rf"{_NO_SUBJECT}\b(?:(?:can|could|may|should|shall|will|would)\s+(?:i|we|it|they)|(?:do|did)\s+(?:i|we|they)"
    r"|does\s+(?:it|he|she))\b"
)
_TAG_EN = r",? (?:right|eh|or not)$|, (?:yes|no|ok(?:ay)?|correct)$"
_WH_ZH = (
    r"谁|什么|啥(?!都|也)|咋|怎么|怎样|如何|为何|几时|何时|多少|多久|多[长大高宽重远厚深沉快慢粗细薄亮响]|哪(?!怕)"
    r"|(?<![这好那前十])几(?!乎|次三番)"
)
_YES_NO_ZH = (
    r"吗|嘛|么\b|[没无]错吧|对吧|没有?$|不$|伐|是不是|能不能|可不可以|有没有|可以.{0,12}不|行不行|[能会]不[能会]"
    r"|(?P<a>.)不(?P=a)"
)
_ENDS = re.compile(r"[?？吗嗎呢]\s*$")
_ASKS = re.compile(rf"{_WH_ZH}|{_YES_NO_ZH}|{_WH_EN}|{_INVERTED}|{_AMID}|{_TAG_EN}")
_YES_NO = re.compile(
    rf"{_YES_NO_ZH}|^(?:and |but |so |hi,? |hey,? )*{_AUXILIARY}\b|{_AMID}|or not\b|\bok\b|{_TAG_EN}"  # "this one ok for me"
)
_WAY = re.compile(
    r"怎么|咋|如何|怎样|为什么|为啥|为何|什么时候|啥时候|几时|何时|多久|几点|哪里|哪儿"
    rf"|{_CLAUSE}(?:how (?!much|many|about)|why|when|where)|\bhow (?:to|do|can|should|long|soon|often)\b"
)
_AMOUNT = re.compile(
    r"多少|(?<![这好那前十])几(?!乎|次三番|个?(?:月|工作日|小时|星期|礼拜|周)|[天日号点时])|\bhow (?:much|many)\b"
)


def ends_as_question(text: str) -> bool:
    """Whether a text ends as a question does: with its mark, or in a particle that asks."""
    return _ENDS.search(text) is not None


def asks(text: str) -> bool:
    """Whether a text asks: by its end, by a word for what is not known, or by a verb that goes before its subject."""
    return ends_as_question(text) or has_question_words(text)


@lru_cache(4096)
def has_question_words(text: str) -> bool:
    """Whether a text has a word that asks, or the order of a question, whatever its end."""
    return _ASKS.search(_SUBORDINATE.sub(" ", _plain(text))) is not None


def asks_yes_or_no(text: str) -> bool:
    """Whether a text can be answered by yes or no."""
    return _YES_NO.search(_plain(text)) is not None


def asks_for_a_way(text: str) -> bool:
    """Whether a text asks how, why, when or where: no product is the answer."""
    return _WAY.search(_plain(text)) is not None


def asks_for_an_amount(text: str) -> bool:
    """Whether a text asks how much or how many of something, other than of days or hours."""
    return _AMOUNT.search(_plain(text)) is not None


def _plain(text: str) -> str:
    return simplified(clean(text)).lower().rstrip(" ?？!！。.")
