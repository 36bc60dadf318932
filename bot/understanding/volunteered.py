"""What a message says of after-sales work unasked: which items, why, what instead, how many, where to. Pure functions.

The values are the person's own words, as the slots of the flows take them; the verbs read them against the order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from types import MappingProxyType

from bot.asking import asks
from bot.text import simplified, without_final_particle
from bot.types import Entity, SetSlot
from bot.understanding.parts import NAMED
from bot.values.numbers import SMALL, number

_REASON = re.compile(
    r"(?:太|偏|有点|有些)[大小长短紧松薄厚重硬]|不(?:合适|合身|喜欢|想要|好看|舒服)|穿不[上下了]|(?:小|大|长|短)了"
    r"|买(?:多|错|重复)了|拍错|质量|瑕疵|破损|破了|坏(?:了|的)|开线|脱胶|色差|漏水|故障|用不了|发错|寄错|送错|过敏|"
    r"起球|掉色"
    r"|有(?:洞|污渍|异味|划痕)"
    r"|\btoo (?:big|small|large|tight|loose|long|short|thin|heavy)\b|does ?n.?t (?:fit|work|suit)|changed? my mind"
    r"|don.?t (?:like|want|need|fit|work|suit)|\b(?:brok(?:e|en)|faulty|damaged|defect\w*|torn|leak\w*|allerg\w+)\b"
    r"|\b(?:rash|poor quality|stopped working)\b|\bwrong (?:item|size|colou?r|product)\b",
    re.IGNORECASE,
)
# What is wanted instead follows these words.
_INSTEAD = re.compile(
    r"(?:换成?|改成?|换为|改为|换个|换一个|换件)\s*(.{1,30})$|\b(?:for|to|into|want|instead)\s+(?:an?\s+|"
    r"the\s+)?(.{1,40})$",
    re.IGNORECASE,
)
# A number of pieces that these words stand before is the one to send back, not what was bought.
_ONLY = re.compile(r"(?:只|就|退|换|要)\s*(?:其中)?(?:的)?\s*$|\b(?:only|just)\s+$", re.IGNORECASE)
# How many were bought says nothing of how many go back.
_BOUGHT = re.compile(r"[买拍下]|订(?![单單])|\b(?:bought|ordered|got|received|purchased|order(?:ed)? of)\b", re.IGNORECASE)
_OF_THEM = re.compile(r"^(?:only|just)\b|\bof\b", re.IGNORECASE)
# A new address begins behind these words, and may have a name and a phone around it.
_NEW_ADDRESS = re.compile(
    r"(?:改成|改为|改到|换成|换到|寄到|送到|发到|地址(?:是|为|[:：]))\s*|\b(?:to|address(?: is|:)?)\s+", re.IGNORECASE
)
# Every piece, or every item of an order.
EVERY = "all"
_ALL_OF_THEM = re.compile(
    r"^\W*(?:全部|全都|所有|都(?:要|退|换|是)?|all(?: of (?:them|it))?|every(?:thing| one)|both)\W*$", re.IGNORECASE
)
_CLAUSE = re.compile(r"[，,。；;！!？?\n]")

# What is called something ends there, too: "what happened: it leaks".
_SAID = re.compile(rf"{_CLAUSE.pattern}|[:：](?!\d)")


# Whose name an invoice bears, and the number beside it.
_COMPANY = re.compile(
    r"(?:抬头|公司名称?|公司全称|单位名称?|\b(?:company(?: name)?|title|billed? to|made out to))\s*(?:是|为|写|开|"
    r"[:：]|is\b)\s*"
    r"([^,，。;；\n]{2,60})"
    r"|((?:(?![开要我帮的给是写为])[㐀-鿿（）()]){4,28}(?:公司|集团|工作室|事务所))|"
    r"((?-i:(?:[A-Z][\w&.'-]*\s+(?:(?:and|of|&)\s+)?){1,5}(?:Ltd|LLC|Inc|GmbH|Company|Corp)\b)\.?)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:我要|帮我)?(?:开)?(?:发票)?(?:的)?(?:公司)?(?:抬头|名称|全称)?(?:就)?(?:是|为|写|开|填|[:：])*\s*"
    r"|^(?:please\s+)?(?:(?:make|bill|issue|address)(?: (?:it|the invoice))?(?: out)? to|put(?: it)? (?:under|in)"
    r"|(?:the )?(?:name|title)(?: is|:)|(?:it'?s )?(?:under|for|in the name of))\s+",
    re.IGNORECASE,
)
_TAX_ID = re.compile(
    r"(?:税号|纳税人识别号|信用代码|\b(?:vat|tax)(?:\s*(?:id|no\.?|number|reg\w*))?)\s*(?:是|为|[:：#]|"
    r"is\b)?\s*((?=[A-Za-z]*\d)[A-Za-z0-9]{6,24})\b"
    r"|(?<![A-Za-z0-9])(9[0-9A-Z]{17})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# The thing that is spoken of, where no product has that name: the shop's order tells which it is.
_THING = re.compile(
    r"(?:退|换)(?!款|货)(?:掉)?[^，,。\sA-Za-z]{0,4}?[件双条个款只套顶]([㐀-鿿]{1,6}?)(?=[，,。\sA-Za-z\d]|太|不|有|"
    r"尾号|$)"
    r"|\b(?:the|my|these|those)\s+([a-z][a-z'-]+(?:\s+[a-z'-]+){0,2}?)(?=\s+(?:please|in|from|of|for|because|phone|"
    r"as|it|they|that)\b|[,.!?]|\s*\d|\s*$)",
    re.IGNORECASE,
)
_NO_THING = re.compile(
    r"\b(?:sd|exchange|return|refund|invoice|claim|account|name|size|colou?r|shipping|delivery|zip|order|parcel|"
    r"package|phone|number|digits?|last|four|address|money|one|ones|same|item|items)\b|订单|尾号|快递"
)


# How something comes back: by post, by our pick-up, or it is asked how the fee can be saved.
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "post",
        re.compile(
            r"(?:自己|自行|我来|我去|我)(?:去)?(?:寄|邮|送)|不(?:要|用|需要)(?:你们)?(?:上门)?取件|别(?:上门)?取件|别来取"
            r"|\b(?:send|post|ship|mail|bring) (?:it|them) (?:back )?(?:myself|on my own)|\bdrop (?:it|them) off\b|"
            r"\bno pick ?-?up\b"
            r"|\b(?:don'?t|do not) (?:need|want) (?:a |the |your )?pick ?-?up|\bwithout (?:the |a )?pick ?-?up",
            re.IGNORECASE,
        ),
    ),
    (
        "ask",
        re.compile(
            r"(?:不|别|免)(?:想)?(?:扣|收|付|出)(?:这|那)?(?:个)?(?:取件费|运费|10 ?[块元]|十块)|取件费.{0,4}(?:能|"
            r"可以)?(?:省|免|不扣)"
            r"|\b(?:avoid|save|skip|without) (?:paying )?(?:the |that )?(?:pick ?-?up )?fee\b",
            re.IGNORECASE,
        ),
    ),
    (
        "pickup",
        re.compile(
            r"上门取|来取|(?:要|用)取件|\b(?:pick|collect) (?:it|them)(?: up)?\b|\buse (?:the|your) pick ?-?up", re.I
        ),
    ),
)


# The digits of a phone say nothing of why.
_DIGITS = re.compile(r"(?:尾号|后四位)\D{0,3}\d{4}|(?<!\d)\d{4}\.?(?!\d)", re.IGNORECASE)
# What is said beside names tells what is wrong from so many characters on; less ("came broken") only that something is.
_TELLING = 8
_HAN = re.compile(r"[㐀-鿿]")
# What proofs are called, and when something came, which says nothing of what is wrong.
_LABELS = re.compile(
    r"(?:我的)?(?:订单编?号?码?|单号|(?:手机|电话)?(?:尾[号数]|后四位)|手机号?|电话)(?:是|为)?"
    r"|(?:收到|拿到|到货|到手|打开|送来)(?:的时候|时|就)?"
    r"|\b(?:my|the|order|number|is|it'?s|last|four|digits?|phone|ends?|in|are|of|4)\b",
    re.IGNORECASE,
)


# What the names that were read in a text would answer, and none.
TITLE, RECEIVER = "title", "receiver"
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
# What is said to prove whose an order is.
_PROOFS = ("order_number", "phone_last4", "code")
# So many clauses before a place, and behind its own, may name who gets what goes there.
_CLAUSES_BESIDE = 2
_FULL_STOP = re.compile(r"\.\s")
# By so many characters the beginning of a place is found again.
_HEAD = 6
# A receiver's phone with what it is called.
_RECEIVER_PHONE = re.compile(
    r"(?:(?:联系)?(?:电话|手机)号?|\b(?:tel(?:ephone)?|phone|mobile)\b)?\s*[:：.]?\s*"
    r"(?<!\d)(?!\d{5}-\d{4}\b)(\+?\d[\d() -]{5,15}\d)(?!\d)",
    re.IGNORECASE,
)


# What is counted are the digits of a number: "最后四个数", "the last 4 digits".
_OF_A_NUMBER = re.compile(r"\s*(?:个|位)?\s*(?:数|号码|尾号|digits?\b|numbers?\b|figures?\b)", re.IGNORECASE)


def _weight(text: str) -> float:
    return sum(1 if ord(char) > 0x2E80 else 1 / 3 for char in text if char.isalnum())


def gives_reason(text: str) -> bool:
    """Whether a text says why something goes back, or what is wrong with it."""
    return _REASON.search(simplified(text)) is not None


def _named_thing(text: str) -> str | None:
    match = _THING.search(text)
    thing = next((group for group in match.groups() if group), None) if match else None
    return thing if thing and not _NO_THING.search(thing) else None


def invoice_title(text: str) -> str | None:
    """The name for an invoice that a text gives beside other things."""
    match = _COMPANY.search(text)
    said = next((group for group in match.groups() if group), None) if match else None
    return _LABEL.sub("", said).strip() or None if said else None


def title_answered(text: str, named: str = "") -> str:
    """The name for an invoice that an answer to the question for it says: "抬头写周文", "make it out to Ann".

    `named` is the name that was read in it for sure; empty where none was.
    """
    return named or invoice_title(text) or _LABEL.sub("", text).strip() or text


def wish_in(text: str, entities: Sequence[Entity]) -> str:
    """The words of a wish without what has a meaning of its own: names, proofs, amounts, days. Sizes and colours stay."""
    others = [
        e for e in entities if e.kind not in ("size", "color") and e.text and (e.kind != "product" or e.confidence > 0.5)
    ]
    for entity in sorted(others, key=lambda entity: -len(entity.text)):
        text = text.replace(entity.text, " ")
    return " ".join(text.split())


def volunteered(
    text: str, entities: Sequence[Entity], *, begins: bool = True, names: Mapping[str, str] = _NO_NAMES
) -> Iterator[SetSlot]:
    """Values for items, reason, wanted, quantity, new_address, product and email, as far as a text has them.

    Only a text that `begins` something names a thing by any noun; later on that may be anything. `names` are those that were
    read in it, by what they would answer.
    """
    plain = simplified(text)
    products = [e for e in entities if e.kind == "product" and e.confidence > NAMED]
    if products:
        # words find the item in the order, where another product may have that name; a link number means its product
        links = {e.text for e in entities if e.kind == "link_number"}
        said = (str(e.value) if e.text in links else e.text for e in products)
        yield SetSlot("items", ", ".join(dict.fromkeys(said)))
        yield SetSlot("product", str(products[0].value))
    elif begins and (thing := _named_thing(plain)):
        yield SetSlot("items", thing)
    if reason := _without_proofs(_clause_with(_REASON, plain) or "", entities).lstrip(" 的").rstrip():
        yield SetSlot("reason", reason)
        if problem := _problem(plain, entities):
            yield SetSlot("problem", problem)
    if way := next((way for way, pattern in _WAYS if pattern.search(plain)), None):
        yield SetSlot("return_way", way)
    if title := invoice_title(text):
        named = names.get(TITLE, "")
        yield SetSlot("invoice_title", named if named in title or title in named else title)
    if tax := _TAX_ID.search(text):
        yield SetSlot("tax_id", tax.group(1) or tax.group(2))
    if wanted := _wanted(plain, [e.text for e in entities if e.kind in ("size", "color")]):
        yield SetSlot("wanted", wanted)
    if quantity := _quantity(plain, entities):
        yield SetSlot("quantity", quantity)
    if address := next((e for e in entities if e.kind == "address"), None):
        yield SetSlot("new_address", _with_receiver(text, address, entities, names.get(RECEIVER, "")))
    if email := next((e.value for e in entities if e.kind == "email"), None):
        yield SetSlot("email", email)


def _problem(text: str, entities: Sequence[Entity]) -> str | None:
    """What is wrong in the person's words, where these tell more than that something is.

    That is every clause which proves nothing and asks nothing.
    """
    clauses = [clause.strip() for clause in _SAID.split(_without_proofs(text, entities))]
    told = [clause for clause in clauses if _weight(_LABELS.sub("", clause)) >= 1 and not asks(clause)]
    names = [simplified(entity.text) for entity in entities if entity.kind == "product" and entity.text]
    said = _LABELS.sub("", reduce(lambda rest, name: rest.replace(name, ""), names, "".join(told)))
    joint = "，" if _HAN.search(text) else ", "
    return joint.join(told) if _weight(said) >= _TELLING else None


def _without_proofs(text: str, entities: Sequence[Entity]) -> str:
    """A text without numbers of orders and digits of phones: they say nothing of why."""
    for entity in entities:
        if entity.kind == "order_number" and entity.text:
            text = text.replace(simplified(entity.text), "")
    return _DIGITS.sub("", text)


def _quantity(text: str, entities: Sequence[Entity]) -> int | None:
    """A number of pieces that is said as one to send back: "只退一件", "two of them"."""
    said = [e for e in entities if e.kind == "quantity" and not _OF_A_NUMBER.match(text[e.end :])]
    told = (e for e in said if _ONLY.search(text[: e.start]) or _OF_THEM.search(e.text))
    alone = said[0] if len(said) == 1 and not _BOUGHT.search(_clause_at(text, said[0].start)) else None
    return next((e.value for e in told), alone.value if alone else None)


def address_answered(text: str, entities: Sequence[Entity], receiver: str = "") -> str | None:
    """What an answer to the question for an address says of it, with name and phone; None where no place is in it."""
    address = next((entity for entity in entities if entity.kind == "address"), None)
    if address is None:
        return None
    text = without_final_particle(_without(("order_number",), text, entities))
    receiver = without_final_particle(receiver)
    return _to(receiver, text, address.text) if receiver in text and receiver else text.strip()


def clauses_of(text: str) -> list[str]:
    """The clauses of a text that say something, in order."""
    return [clause.strip() for clause in _CLAUSE.split(text) if _weight(clause) >= 1]


def not_beside(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The spans of a text in which nobody stands who gets what goes to the place from `start` to `end`: the place, the
    sentences behind its own, and whatever is more than two clauses away from it.
    """
    before = [match.end() for match in _CLAUSE.finditer(text[:start])]
    behind = [end + match.start() for match in _CLAUSE.finditer(text[end:])]
    first = before[-_CLAUSES_BESIDE - 1] if len(before) > _CLAUSES_BESIDE else 0
    ended = _FULL_STOP.search(text, end)
    last = min(
        behind[_CLAUSES_BESIDE] if len(behind) > _CLAUSES_BESIDE else len(text), ended.start() if ended else len(text)
    )
    return ((0, first), (start, end), (last, len(text)))


def _without(kinds: Collection[str], text: str, entities: Sequence[Entity]) -> str:
    for said in (entity.text for entity in entities if entity.kind in kinds and entity.text):
        text = text.replace(said, "")
    return text


def _to(receiver: str, text: str, place: str) -> str:
    """An address that begins with who gets it, then the phone, then the place, without the words around the name."""
    phone = _RECEIVER_PHONE.search(text)
    number = phone.group(1).strip() if phone else ""
    rest = _CLAUSE.split(text.replace(phone.group(), "，", 1) if phone else text)
    kept = [_beside(receiver, part, place) for part in rest]
    between = " " if _HAN.search(text) else ", "
    where = between.join(part for part in kept if part)
    before = where.partition(place[:_HEAD])[0]
    where = where if any(char.isdigit() for char in before) else where[len(before) :] or where
    return between.join(filter(None, (receiver, number, where)))


def _beside(receiver: str, clause: str, place: str) -> str:
    """What is left of a clause without the receiver: what has a number in it, or nothing; other clauses stay."""
    if receiver not in clause:
        return clause.strip(" .")
    pieces = [piece.strip() for piece in clause.split(receiver, 1)]
    numbered = (piece for piece in pieces if any(char.isdigit() for char in piece) or place in piece)
    return " ".join(numbered)


def _with_receiver(text: str, address: Entity, entities: Sequence[Entity], receiver: str = "") -> str:
    """An address with the name and the phone that may stand around it, without the proofs that stand beside them."""
    if receiver:
        return _to(receiver, _without(_PROOFS, text, entities), address.text)
    begins = [match.end() for match in _NEW_ADDRESS.finditer(text[: address.start])]
    said = text[begins[-1] if begins else address.start :]
    return _without(_PROOFS, said, [e for e in entities if e.start >= address.end]).strip(" ,，.。;；")


def quantity_answer(text: str) -> int | str | None:
    """The answer to "how many?": a number, or all."""
    if _ALL_OF_THEM.match(text):
        return EVERY
    match = re.search(SMALL, simplified(text), re.IGNORECASE)
    return number(match.group()) if match else None


def _wanted(text: str, named: Sequence[str]) -> str | None:
    """The size or colour that stands behind "换成" or "for a", in the words around it."""
    for clause in _CLAUSE.split(text):
        for match in _INSTEAD.finditer(clause):
            wanted = next(group for group in match.groups() if group)
            if any(simplified(name) in wanted for name in named):
                return wanted
    return None


def _clause_at(text: str, place: int) -> str:
    """The clause of a text in which a place lies."""
    starts = [match.end() for match in _CLAUSE.finditer(text, 0, place)]
    return _CLAUSE.split(text[starts[-1] if starts else 0 :])[0]


def _clause_with(pattern: re.Pattern[str], text: str) -> str | None:
    """The clause of a text in which a pattern is found."""
    return next((clause.strip() for clause in _CLAUSE.split(text) if pattern.search(clause)), None)
