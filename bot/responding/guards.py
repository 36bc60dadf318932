"""The last look at a reply: prices and stock from the live tables only, no promises, nothing private."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.propriety import PRIVATE, PROMISE, SECRETS
from bot.responding.sentences import split
from bot.types import Audience, Findings, Passage, Reply
from bot.values.identifiers import NO_FORMS, OrderForms

_AMOUNT = re.compile(
    r"(?:[¥￥$€£]|HK\$|RMB\s?|CNY\s?|USD\s?)\s?(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s?(?:元|块钱|块|yuan\b|dollars?\b)"
)
_STOCK = re.compile(
    r"(?:还剩|剩余|库存|仅剩|only)\s*(\d+)|(\d+)\s*(?:件(?:库存|现货)|left\b|in stock\b|pieces? left)", re.IGNORECASE
)
_PRICE_TALK = re.compile(r"售价|价格|卖|现价|到手|原价|\bprice[ds]?\b|\bcosts?\b|\bsells?\b", re.IGNORECASE)
# Under such a heading a document says what sending costs, which no table does.
_SENDING = re.compile(r"[运邮]费|\bpostage\b|\b(?:delivery|shipping)\b", re.IGNORECASE)
MASK = "***"


def guarded(reply: Reply, findings: Findings, orders: OrderForms = NO_FORMS) -> Reply:
    """The reply without what must not leave. Its text may come back empty: then nothing in it was fit to be said.

    A reply made of evidence loses every sentence with a price, a stock number or a promise that the evidence does not give.
    In public, private data is masked unless the shop's own documents publish it (such as its telephone number). `orders` are
    the forms of the shop's order numbers.
    """
    text = reply.text
    if findings.passages:
        text = _supported(text, findings)
    for pattern in SECRETS:
        text = pattern.sub(MASK, text)
    if reply.audience is Audience.PUBLIC:
        text = _without_private(text, findings.passages, orders)
        speak = _without_private(reply.speak, findings.passages, orders)
        return replace(reply, text=text, speak=speak)
    return reply if text == reply.text else replace(reply, text=text)


def _supported(text: str, findings: Findings) -> str:
    """Only rebuilt where something is missing its evidence, so that layout survives."""
    sentences = split(text)
    bad = [sentence.text for sentence in sentences if not _is_supported(sentence.text, findings)]
    for sentence in bad:
        text = text.replace(sentence, "")
    return text.strip() if bad else text


def _is_supported(sentence: str, findings: Findings) -> bool:
    live = [passage.text for passage in findings.passages if passage.live] + [card.price for card in findings.cards]
    everything = [passage.text for passage in findings.passages] + live
    of_sending = any(sentence in passage.text and _SENDING.search(passage.location) for passage in findings.passages)
    trusted = live if _PRICE_TALK.search(sentence) and live and not of_sending else everything
    if not _numbers(_AMOUNT, sentence) <= {number for text in trusted for number in _numbers(_AMOUNT, text)}:
        return False
    if not _numbers(_STOCK, sentence) <= {number for text in live for number in _numbers(_STOCK, text)}:
        return False
    promises = {match.group().lower() for match in PROMISE.finditer(sentence)}
    return all(any(promise in text.lower() for text in everything) for promise in promises)


def _numbers(pattern: re.Pattern[str], text: str) -> set[str]:
    found = (group for match in pattern.finditer(text) for group in match.groups() if group)
    return {number.replace(",", "").removesuffix(".00") for number in found}


def _without_private(text: str, passages: Sequence[Passage], orders: OrderForms) -> str:
    published = "\n".join(passage.text for passage in passages if not passage.live)

    def masked(match: re.Match[str]) -> str:
        return match.group() if match.group() in published else MASK

    for number in reversed(orders.private(text)):
        if number.text not in published:
            text = f"{text[: number.start]}{MASK}{text[number.end :]}"
    for pattern in PRIVATE:
        text = pattern.sub(masked, text)
    return text
