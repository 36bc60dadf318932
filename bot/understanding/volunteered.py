"""What a message says of after-sales work without being asked: which items, why, what instead, how many. Pure functions.

The values are the person's own words, as the slots of the flows take them; the verbs read them against the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.text import number_of, simplified
from bot.types import Entity, SetSlot

_REASON = re.compile(
    r"(?:太|偏|有点|有些)[大小长短紧松薄厚重硬]|不(?:合适|合身|喜欢|想要|好看|舒服)|穿不[上下了]|(?:小|大|长|短)了"
    r"|买(?:多|错|重复)了|拍错|质量|瑕疵|破损|破了|坏(?:了|的)|开线|脱胶|色差|漏水|故障|用不了|发错|寄错|送错|过敏|起球|掉色"
    r"|有(?:洞|污渍|异味|划痕)"
    r"|\btoo (?:big|small|large|tight|loose|long|short|thin|heavy)\b|does ?n.?t (?:fit|work|suit)|changed? my mind"
    r"|don.?t (?:like|want|need|fit|work|suit)|\b(?:broken|faulty|damaged|defect\w*|torn|leak\w*|allerg\w+)\b"
    r"|\b(?:rash|poor quality|stopped working)\b|\bwrong (?:item|size|colou?r|product)\b",
    re.IGNORECASE,
)
# What is wanted instead follows these words.
_INSTEAD = re.compile(
    r"(?:换成?|改成?|换为|改为|换个|换一个|换件)\s*(.{1,30})$|\b(?:for|to|into|want|instead)\s+(?:an?\s+|the\s+)?(.{1,40})$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:只|就|退|换|要)\s*(?:其中)?(?:的)?\s*(\d{1,2}|[一二两三四五六七八九十])\s*(?:件|个|条|双|只|瓶|盒|包|套|支)"
    r"|\b(?:only|just)\s+(\d{1,2}|one|two|three|four|five)\b(?!\s*(?:day|week|month|time))"
    r"|\b(\d{1,2}|one|two|three|four|five)\s+of\s+(?:them|those|the)\b",
    re.IGNORECASE,
)
# Every piece, or every item of an order.
EVERY = "all"
_ENGLISH = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_ALL_OF_THEM = re.compile(
    r"^\W*(?:全部|全都|所有|都(?:要|退|换|是)?|all(?: of (?:them|it))?|every(?:thing| one)|both)\W*$", re.IGNORECASE
)
_CLAUSE = re.compile(r"[，,。；;！!？?\n]")


def volunteered(text: str, entities: Sequence[Entity]) -> Iterator[SetSlot]:
    """Values for the slots `items`, `reason`, `wanted`, `quantity`, `product` and `email`, as far as a text has them."""
    plain = simplified(text)
    products = [e for e in entities if e.kind == "product" and e.confidence > 0.5]
    if products:
        # words find the item in the order, where another product may have that name; a link number means its product
        links = {e.text for e in entities if e.kind == "link_number"}
        said = (str(e.value) if e.text in links else e.text for e in products)
        yield SetSlot("items", ", ".join(dict.fromkeys(said)))
        yield SetSlot("product", str(products[0].value))
    if reason := _clause_with(_REASON, plain):
        yield SetSlot("reason", reason)
    if wanted := _wanted(plain, [e.text for e in entities if e.kind in ("size", "color")]):
        yield SetSlot("wanted", wanted)
    if quantity := quantity_in(plain):
        yield SetSlot("quantity", quantity)
    if email := next((e.value for e in entities if e.kind == "email"), None):
        yield SetSlot("email", email)


def quantity_in(text: str) -> int | None:
    """A number of pieces that is said as one: "只退一件", "two of them"."""
    match = _COUNT.search(text)
    return _number(next(group for group in match.groups() if group)) if match else None


def quantity_answer(text: str) -> int | str | None:
    """The answer to "how many?": a number, or all."""
    if _ALL_OF_THEM.match(text):
        return EVERY
    match = re.search(r"\d{1,3}|[一二两三四五六七八九十]|\b(?:one|two|three|four|five)\b", simplified(text), re.IGNORECASE)
    return _number(match.group()) if match else None


def _wanted(text: str, named: Sequence[str]) -> str | None:
    """The size or colour that stands behind "换成" or "for a", in the words around it."""
    for clause in _CLAUSE.split(text):
        for match in _INSTEAD.finditer(clause):
            wanted = next(group for group in match.groups() if group)
            if any(simplified(name) in wanted for name in named):
                return wanted
    return None


def _number(word: str) -> int | None:
    return _ENGLISH.get(word.lower()) or number_of(word)


def _clause_with(pattern: re.Pattern[str], text: str) -> str | None:
    """The clause of a text in which a pattern is found."""
    return next((clause.strip() for clause in _CLAUSE.split(text) if pattern.search(clause)), None)
