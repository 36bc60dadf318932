"""What a room was told, as the host says it: short, and nothing in it that is not for the ear. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import timedelta

from bot.stage import PublicAnswer
from bot.types import Language, Reply
from channels.stage.claims import ANSWER, CORRECTED, Asked, Sentence
from channels.stage.cues import Priority, Utterance

# So many characters are enough for the ear; a sentence that is longer by itself ends at one of its pauses before that.
LONGEST = 120

# An address is put out of the way first: it has stops of its own.
_LINK = re.compile(
    r"(?:https?://|www\.|\b[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org|shop|io)\b)[^\s，。；、！？）)]*", re.IGNORECASE | re.ASCII
)
_WAS_LINK = "\ufffc"
# Codes: of coupons by their form, of orders and parcels by more digits than an amount or a measure has. "SPF50" is none.
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4,}-?\d[A-Z0-9-]*|\d{8,}")
_IN_BRACKETS = re.compile(r"\s*[(（]([^()（）]*)[)）]")
_MARKS = re.compile(r"^\s*(?:[-*•·]|\d+[.)、](?!\d))\s*|[*_`#]{2,}|(?<!\w)[*_`](?=\S)|(?<=\S)[*_`](?!\w)")
_SENTENCE = re.compile(r".+?(?:[。！？!?]+[」』”’)）]*|\.(?=\s+[A-Z0-9¥$\"“])|\.$|；$|$)")
_PAUSE = re.compile(r"[，,；;、：:]")
_REST = {"zh": "其余请看评论区。", "en": "The rest is in the chat."}


def utterance_of(told: PublicAnswer, stale_s: float) -> Utterance | None:
    """A told answer as something to say; None where nothing of it is for the ear.

    An answer is not begun later than `stale_s` seconds after it was told; what puts a wrong one right never comes too late.
    """
    language = "en" if told.reply.language is Language.EN else "zh"
    texts = spoken_form(told.reply, language)
    if not texts:
        return None
    corrects = bool(told.corrects)
    topic, priority = (CORRECTED, Priority.CORRECTION) if corrects else (ANSWER, Priority.ANSWER)
    claims = frozenset(told.reply.claims)
    subjects = {claim.subject for claim in claims if claim.subject}
    product_id = subjects.pop() if len(subjects) == 1 else ""
    asked = Asked(told.name, told.asked, told.question)
    sentences = tuple(Sentence(text, language, claims, topic, product_id, asked) for text in texts)
    return Utterance(told.id, priority, sentences, None if corrects else told.at + timedelta(seconds=stale_s))


def spoken_form(reply: Reply, language: str) -> tuple[str, ...]:
    """The first sentences of a reply, up to about `LONGEST` characters; those with addresses or codes are left out."""
    chosen: list[str] = []
    codes = _codes(reply)
    for sentence in _sentences(reply.speak or reply.text, codes):
        if not chosen and len(sentence) > LONGEST:
            return _shortened(sentence, language)
        if sum(map(len, chosen)) + len(sentence) > LONGEST:
            break
        chosen.append(sentence)
    return tuple(chosen)


def _codes(reply: Reply) -> frozenset[str]:
    """The codes of coupons that a reply rests on: in claims by themselves, or first among the terms of each coupon."""
    claims = [(*claim.aspect.partition(":"), claim.value) for claim in reply.claims]
    named = {which for kind, _, which, _ in claims if kind == "coupon"}
    listed = {term.partition(" ")[0] for kind, _, _, value in claims if kind == "coupons" for term in value.split("; ")}
    return frozenset((named | listed) - {""})


def _sentences(text: str, codes: Collection[str]) -> Iterator[str]:
    """The sentences that can be said."""

    def kept(brackets: re.Match[str]) -> str:  # what stands in brackets, where it can be said
        return brackets.group() if _is_sayable(brackets.group(1), codes) else ""

    for line in _LINK.sub(_WAS_LINK, text).splitlines():
        plain = _MARKS.sub("", _IN_BRACKETS.sub(kept, line)).strip()
        for match in _SENTENCE.finditer(plain):
            sentence = match.group().strip()
            if any(char.isalnum() for char in sentence) and _is_sayable(sentence, codes):
                yield sentence


def _is_sayable(text: str, codes: Collection[str]) -> bool:
    return _WAS_LINK not in text and not _CODE.search(text) and not any(code in text for code in codes)


def _shortened(sentence: str, language: str) -> tuple[str, ...]:
    """A sentence up to the last pause that fits, and where the rest is. One without a pause is only shown in the room."""
    ends = [match.start() for match in _PAUSE.finditer(sentence) if match.start() <= LONGEST]
    stop = "." if language == "en" else "。"
    return (sentence[: ends[-1]] + stop, _REST[language]) if ends else ()
