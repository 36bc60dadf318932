"""The thing that somebody asks to buy, by the form of the sentence, and what is said where it is not sold. Pure."""

from __future__ import annotations

import re

from bot.types import Passage
from knowledge.facts.relevance import features
from knowledge.facts.telling import Telling, of_shop
from knowledge.lexicon.lexicon import Lexicon
from knowledge.wording import KINDS_NAMED, kinds_listed, listed

# What follows these words is the thing asked for, up to a preposition or the end.
_EN = re.compile(
    r"\b(?:sell|selling|stock|stocking|carry|carrying|got|have|get|buy|i'?m after|looking for|need|want|find"
    r"|offer|(?:you|u|guys)\s+(?:do|make|keep))\s+(?:me\s+)?(?:any"
    r"|some|an?|the|you|your|my)?\b\s*"
    r"(?P<thing>[a-z][a-z' -]*?)(?=\s+(?:for|with|in|from|that|which|under|below|at|of|to|on|here|please|or|and"
    r"|online)\b|[,.?!;]|$)"
)
_EN_WHICH = re.compile(
    r"^(?:what|which|any)\s+(?:(?:kind|sort|type|brand)s? of )?(?P<thing>[a-z][a-z' -]*?)\s+(?:do|have|can|are)\s+"
    r"(?:you|u|ya|they|there)\b"
)
_EN_FIRST = re.compile(
    r"^(?P<thing>[a-z][a-z' -]*?)(?:\s+(?:with|for|in|that|which)\b[^,?]*)?\s*[,?]\s*(?:do|have|got|can|is|are|any|you)\b"
)
_ZH = (
    re.compile(r"卖(?P<thing>[㐀-鿿a-z0-9]{2,10}?)的?(?:吗|么|没有?|不|呢|$|[?？,，。!！\s])"),
    re.compile(
        r"(?:有没有|有木有|有无|卖不卖|卖|有|想买|要买|想要|买|找|求购?|想入|搞|来)(?:个|一个|一只|一台|一款|一把|一张|一双|点|些|一些)?(?P<thing>[㐀-鿿a-z0-9]{2,10}?)(?:卖的?|出售|吗|么|没有?|不|呢|啊|呀|$|[?？,，。!！\s])"
    ),
    re.compile(
        r"^(?P<thing>[㐀-鿿a-z0-9]{2,10}?)有(?:些)?(?:啥|什么|哪些|几)(?:种|款|样)?(?:色号?|颜色|号|牌子|口味|规格|尺寸|型号)?"
    ),
    re.compile(r"^(?P<thing>[㐀-鿿a-z0-9]{2,10}?)(?:都|还)?上(?:架|新)(?:了|过)?(?:没有?|吗|么|不|呢|$|[?？])"),
    re.compile(
        r"^(?P<thing>[㐀-鿿a-z0-9]{2,10}?)(?:你家|你们|咱家|这里|店里)?(?:有没有|有没得|有得|有|卖不卖|卖)(?:卖|货|的)*(?:吗|么|没|不|呢|$|[?？])"
    ),
    # "do you do sofas": a verb of any trade, said of the shop
    re.compile(r"^(?P<thing>[㐀-鿿a-z0-9]{2,10}?)(?:你们?家?|咱们?家?|店里)(?:做不做|[做出进])(?:吗|么|没|不|呢|$|[?？])"),
    re.compile(r"(?:你们?家?|咱们?家?|店里)(?:做不做|[做出进])(?P<thing>[㐀-鿿a-z0-9]{2,10}?)(?:吗|么|没有?|不|呢|$|[?？])"),
)
# Leading words of a phrase that are no part of the thing.
_AFTER = re.compile(
    r"[吗么嘛呢啊呀吧]$|(?:这|那)?(?:一)?(?:类|种|些)(?:的)?(?:商品|东西|产品|货|物件)?$|(?:之类|什么)的?$"
    r"|\b(?:or so|and such|and the like)$"
)
_BEFORE = re.compile(r"^(?:你们?家?|咱们?家?|店里|这里|请问|还|都|也|卖|有|人|(?:the|an?|any|some|your|my)\b)\s*")
# A phrase with a word of question or of size, or with a measure, in it is no thing.
_NO_THING = re.compile(
    r"(?<![a-z\d])\d+(?:\.\d+)?(?=[㐀-鿿])|哪|什么|啥|[几多]少?|点|货|码|东西|\b(?:anything|something|nothing|things?|stuff|it|this|that|one|them|em|'em|those|these|what|which|any|size|colou?r|in|question|refund|return|exchange|invoice|discount)\b"
)
_SHELVED = re.compile(r"上(?:架|新)(?:了|过)?(?:没有?|吗|么|不|呢|$|[?？])")
# The words of such questions beside the thing.
_FORM = re.compile(
    r"上架|上新|卖|买|求购?|入手|找|来|搞|你们?家?|店里?|\b(?:sell(?:ing)?|buy|stock(?:ing)?|carry(?:ing)?|find|after|u|ya|guys|do|make|keep)\b|[做出进]"
)

# "Something to clean my boots", "I want to grind beans": whatever is named behind it is not what is wanted.
FOR_IT = re.compile(
    r"\b(?:(?:some|any)thing|smth|sth) (?:to|for)\b[^,.;?!]*$"
    r"|\b(?:wanna|gonna|(?:want|need|like|have|going|trying) to)\s+"
    r"(?!(?:buy|get|have|order|see|find|pick|choose|try|know|ask|return|exchange|swap|go|look)\b)[a-z]+\s+"
    r"(?:(?:my|the|some|an?|our|his|her|their)\s+)?$"
    r"|(?:想|用来|拿来|打算)(?![买要看找换拍入问退个一有])[㐀-鿿]{1,2}$"
)


def thing_asked(plain: str) -> str:
    """The thing that a normalised text asks to buy; empty where its form asks for none."""
    for pattern in (_EN_WHICH, _EN, _EN_FIRST, *_ZH):
        for match in pattern.finditer(plain):
            if FOR_IT.search(plain[: match.start("thing")]):
                continue
            thing = match.group("thing").strip()
            while (cut := _BEFORE.match(thing)) and cut.end() < len(thing):
                thing = thing[cut.end() :]
            thing = _AFTER.sub("", thing).strip()
            if "的" in thing[:-1]:  # what it is like stands before it
                thing = thing[thing.rfind("的", 0, -1) + 1 :]
            if len(thing) > 1 and features(thing) and not thing.endswith("的") and not _NO_THING.search(thing):
                return thing
    return ""


def asks_for_nothing_else(plain: str, thing: str) -> bool:
    """Whether a normalised text says nothing beside the form that asks to buy a thing: "need e-readers", "卖口琴不"."""
    return not features(_FORM.sub(" ", plain.replace(thing, " ")))


def on_the_shelf(plain: str) -> bool:
    """Whether a normalised text asks if a thing is put up for sale, by a verb that is said of no order."""
    return _SHELVED.search(plain) is not None and bool(thing_asked(plain))


def not_sold(thing: str, lexicon: Lexicon, nearest: tuple[str, ...], telling: Telling) -> Passage:
    """That the shop does not sell a thing, called so or without a name, with kinds that it sells: the nearest, if any."""
    language = telling.language
    said = listed(nearest[:KINDS_NAMED], language) if nearest else kinds_listed(lexicon.products.values(), language)
    if nearest:
        text = telling.say(f"店里没有卖{thing}，相近的有{said}。", f"We don't sell {thing}. The nearest we have: {said}.")
    else:
        called = thing or telling.say("这样的商品", "anything like that")
        text = telling.say(f"店里没有卖{called}。我们卖的是{said}等。", f"We don't sell {called}. We have {said} and more.")
    return of_shop(telling, text, "products", telling.say("商品", "Products"))
