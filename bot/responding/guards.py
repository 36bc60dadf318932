"""The last look at a reply: prices and stock from the live tables only, no promises, nothing private."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

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
_PROMISE = re.compile(
    r"保证|承诺|一定(?:会|能|可以)|肯定(?:会|能|可以)|绝对|百分之?百|100\s*%\s*(?:能|会|会到|有效)|包您|无条件"
    r"|\bguarantee[ds]?\b|\bpromise[ds]?\b|\bdefinitely will\b|\b100% (?:sure|certain)\b|\bwithout fail\b",
    re.IGNORECASE,
)
_PRIVATE = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    re.compile(r"\+\d[\d ()-]{7,15}\d"),
    re.compile(r"\b[A-Z]{2}\d{10,14}(?:CN)?\b"),
    re.compile(r"[㐀-鿿]{2,8}(?:省|市|区|县)[㐀-鿿\d]{1,20}(?:路|街|道|巷|弄)\s?\d+\s?号[㐀-鿿\d-]{0,12}"),
    re.compile(r"\b\d{1,5} [A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd)\b"),
)
_SECRETS = (
    re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
)
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
    for pattern in _SECRETS:
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
    promises = {match.group().lower() for match in _PROMISE.finditer(sentence)}
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
    for pattern in _PRIVATE:
        text = pattern.sub(masked, text)
    return text
