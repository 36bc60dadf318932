"""Several questions in one message, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.asking import asks_yes_or_no
from bot.text import without_particles
from bot.types import Entity

# Words of a question or a wish: what follows a "吗" without a stop is another one only with them.
_ANOTHER = r"[^。？！]*?(?:多久|多少|啥|怎|哪|[几幾吗嗎嘛么麼]|能|可以|有[没沒]有|是不是|要|[帮幫]|查|退|[换換])"
_JOINED = re.compile(
    r"^(.{1,24}?)[\s,，。.!！;；]+(?:and(?: also)?|also|plus|another thing[:,]?|另外|还有|顺便|再帮我|再|然后)[\s,，]*(.+)$",
    re.IGNORECASE,
)
# A question that has nothing of its own: it only asks for an answer to what stands before it.
_AND_HOW = r"(?:怎[么麼]|咋|如何)(?:弄|办|辦|搞|整|做|操作)(?:啊|呀|呢)?"
_TAG = re.compile(rf"^(?:这样|那|该|要)?(?:(?:可以|可行|行|好|对|是|成|中|有|能)(?:的|不)?[吗嗎嘛么]?|{_AND_HOW})$")
# Where one thing that is said ends and another begins.
_BOUNDARY = re.compile(
    rf"(?<=[吗嗎])\s*[，,]?\s*(?!{_AND_HOW}\W*$)(?={_ANOTHER})"
    r"|,?\s+and\s+(?:also|then|please)\s+"
    r"|(?:,?\s+(?:and|n|&)|\s*[+＋])\s+(?=(?:when|how|what|where|which|who|why|do|does|did|is|are|can|could|will|if)\b)|"
    r"[。！？!?；;\n]+|[，,]\s*(?=(?:还有|另外|顺便|然后|那|再问|而且|and also|also|plus|by the way|btw)\b"
    r"|(?:还有|另外|顺便|再问))"
    r"|\s+(?=(?:还有|另外|顺便)\S)|\.\s+(?=[A-Z])"
    r"|(?:^|(?<=\s))\d{1,2}\s*(?:[、)）]|\.(?!\d))\s*(?=\D)",
    re.IGNORECASE,
)
# Clauses that each have one of these ask for two things: "这是什么料子的，怎么洗".
_QUESTION_WORD = re.compile(
    r"什[么麼]|啥|怎|多少|多久|多大|[几幾](?:天|号|號|点|點|折|块|塊|个|個)|哪|[谁誰]|\b(?:how|what|when|where|which|who|why)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"{_QUESTION_WORD.pattern}|[吗嗎]", re.IGNORECASE)
# Behind a comma a "吗" in so many characters asks for something of its own: "能开发票吗", but not "能退吗".
_WHOLE = 5
_CLAUSE = re.compile(r"(?<=[，,])|(?<=[㐀-鿿]\s)(?=\S)")
# An opening that asks for nothing yet: "你能帮我吗", "有人在吗".
_OPENING = re.compile(r"^(?:请问|請問|您|你|[们們]|能|可以|麻烦|麻煩|[帮幫]|忙|我|[个個]|一下|吗|嗎|在|有人)+$")
# What only says what the words before it mean: "any e-scooters? like with a motor".
_GOES_ON = re.compile(
    r"^(?:like|such as|as in|i mean|meaning|e\.?g\.?)\s|^(?:比如|例如|我是说|意思是|就是说|就是那种)", re.IGNORECASE
)
# Shorter pieces belong to their neighbour; Chinese characters, or Latin letters by three.
_SHORTEST = 2
MAX_PARTS = 5
# How sure a name must be to be one product's.
NAMED = 0.5
_IT = {"zh": "这个", "en": "it"}
# From here on what stands beside a name says what is wanted, in the weights of parts.
_SAYS_MUCH = 4
_PROOFS = ("order_number", "phone_last4", "email")
# What people call such a value when they give it.
_CALLED = r"(?:我的)?(?:订单编?号码?|訂單編?號碼?|单号|單號|订单|(?:手机|手機|电话|電話)?尾[号號数]|后四位|後四位)(?:是|为)?"
_LABEL = re.compile(
    r"订单编?号码?|訂單編?號碼?|单号|單號|(?:手机|手機|电话|電話)(?:号码?|號碼?)?|尾号|尾號|后四位|後四位|我的|是|为"
    r"|\b(?:my|the|it'?s|is|order|number|no|phone|mobile|digits?|last|four|ends?|ending|in|of|and|4)\b",
    re.IGNORECASE,
)


def parts_of(text: str) -> list[str]:
    """The parts of a message, at most MAX_PARTS; more than that is taken as one."""
    pieces = [clauses.strip(" ，,") for piece in _BOUNDARY.split(text) for clauses in _asked_apart(piece)]
    parts: list[str] = []
    for piece in pieces:
        goes_on = bool(parts) and _GOES_ON.match(piece) is not None
        if _weight(piece) >= _SHORTEST and not goes_on:
            parts.append(piece)
        elif parts and _weight(piece):  # "red, small. price?"
            parts[-1] = f"{parts[-1]}, {piece}"
    parts = [piece for piece in parts if not _OPENING.match(piece)] or parts
    return parts if 1 <= len(parts) <= MAX_PARTS else [text]


def joined(text: str) -> tuple[str, str]:
    """A short beginning and what is joined to it: ("yes", "where is the other one?"). The second may be empty."""
    match = _JOINED.match(text)
    return (match.group(1), match.group(2)) if match else (text, "")


def without_values(part: str, entities: Iterable[Entity]) -> str:
    """A part without the numbers that prove an order to be someone's: they say nothing of what is wanted.

    A part that is nothing else is left as it is.
    """
    rest = _rest(part, entities)
    return rest if _weight(rest) >= _SHORTEST else part


def without_names(part: str, entities: Iterable[Entity]) -> str:
    """A part with "it" in the place of the products that it names: what is wanted is the same for each of them.

    A part that says little beside a name is left as it is: the name says what little it says about.
    """
    links = {entity.text for entity in entities if entity.kind == "link_number"}
    sure = (entity for entity in entities if entity.kind == "product" and entity.confidence > NAMED)
    named = {entity.text for entity in sure} - links - {""}
    rest = part
    for name in sorted(named, key=len, reverse=True):
        rest = re.sub(rf"(?:\b(?:the|an?) )?{re.escape(name)}", lambda match: _pronoun(match.group()), rest)
    said = rest.replace(_IT["zh"], "").replace(_IT["en"], "")
    return " ".join(rest.split()) if _weight(said) >= _SAYS_MUCH else part


def _pronoun(name: str) -> str:
    return _IT["zh"] if any(ord(char) > 0x2E80 for char in name) else f" {_IT['en']} "


def nothing_but_values(text: str, entities: Iterable[Entity]) -> bool:
    """Whether a message says only an order number or digits of a phone, perhaps with what they are."""
    proofs = [entity for entity in entities if entity.kind in _PROOFS and entity.text]
    return bool(proofs) and _weight(_LABEL.sub(" ", _rest(text, proofs))) < 1


def _asked_apart(piece: str) -> list[str]:
    """A piece before each of its clauses that asks again. Behind a comma a short "吗" goes on with what stands before."""
    parts = [""]
    for clause in _CLAUSE.split(piece):
        whole = parts[-1].endswith(" ") or len(clause) >= _WHOLE
        again = _asks(clause) if whole else _QUESTION_WORD.search(clause) is not None
        if _asks(parts[-1]) and again and not _TAG.match(clause.strip()):
            parts.append(clause)
        else:
            parts[-1] += clause
    return parts


def _asks(clause: str) -> bool:
    """Whether a clause asks for something: by a word that does, or by the form of a question ("声音大不大")."""
    return _ASKS.search(clause) is not None or asks_yes_or_no(clause)


def names_only(text: str, entities: Iterable[Entity]) -> bool:
    """Whether a part of a message says only values that prove an order, and products: it starts nothing of its own."""
    named = [e for e in entities if e.text and (e.kind in _PROOFS or (e.kind == "product" and e.confidence > NAMED))]
    rest = _LABEL.sub(" ", without(text, named)) if any(entity.kind in _PROOFS for entity in named) else text
    return _weight(without_particles(rest.lower())) < 1


def _rest(text: str, entities: Iterable[Entity]) -> str:
    """A text without values that prove an order, and what these are called in front of them."""
    for entity in entities:
        if entity.kind in _PROOFS and entity.text:
            text = re.sub(rf"(?:{_CALLED}[\s,，:：#]*)*{re.escape(entity.text)}", " ", text, flags=re.IGNORECASE)
    return " ".join(text.split()).strip(" ，,:：")


def without(text: str, entities: Iterable[Entity]) -> str:
    """A text without the words of some values."""
    for entity in entities:
        text = text.replace(entity.text, " ")
    return text


def _weight(piece: str) -> float:
    return sum(1 if ord(char) > 0x2E80 else 1 / 3 for char in piece if char.isalnum())
