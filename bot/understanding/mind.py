"""A change of mind in the middle of something: what is under way is given up, perhaps for something else. Pure functions."""

from __future__ import annotations

import re
from functools import cache

from bot.text import clean, simplified
from bot.understanding.verbs import VERBS_EN, VERBS_ZH

# Words before it that say nothing: "wait, ...", "那个，...".
_BEFORE = (
    r"(?:(?:等等|等下|等一下|稍等|啊|哦|呃|额|嗯|那个?|唉|哎呀?|不好意思|抱歉|对不起|亲|我想想|我|还是|要不|好吧|"
    r"那就|又)[，,。.…！!~\s]*)*"
)
_BEFORE_EN = (
    r"(?:(?:oh|ah|ok(?:ay)?|hm+|um+|uh|wait|hold on|hang on|actually|no|sorry|you know what|well|please|"
    r"on second thoughts?)\b[,.!…\s]*)*"
)
# Giving up whatever it is. 不要了 says why something goes back, as 改主意 may: they give nothing up.
_ANYTHING = (
    r"算了(?:算了)?(?:吧|啦)?|(?:先|就)?(?:别|不|不用|甭)(?:弄|办|搞|折腾|处理|办理|麻烦|继续)(?:了|啦)?(?:吧)?|"
    r"当我没说|不用管了"
)
_ANYTHING_EN = (
    r"never ?mind|nvm|forget (?:about )?(?:it|that|this)|scrap (?:it|that)|leave it(?: be)?|let it be|drop it|"
    r"let'?s not(?: do (?:it|that))?"
    r"|don'?t bother|(?:i(?:'ll| will| would rather|'d rather| want to)? )?keep (?:it|them|the order|"
    r"the (?:\w+ )?one)|stop (?:it|this|that)"
)
_AFTER = r"(?:了|吧|啦|哈|呀|掉)*"
_AFTER_EN = r"(?:\s+(?:any ?more|after all|then|now|please|either|at all|order|thanks|thank you|yet))*"
# What follows is wanted in its place.
_RATHER = re.compile(
    r"^(?:(?:我)?(?:还是|干脆|不如|要不|改(?:了)?主意|变卦|反悔)|改(?:成|为)?(?=换货|退货|退款|取消|换(?!成))|那就|"
    r"直接)|^(?:i(?:'d| would) (?:rather|prefer to)|rather|instead|(?:i(?:'ve| have)? )?changed my mind)\b"
    r"|\binstead\W*$",
    re.IGNORECASE,
)
# Nothing more is wanted: not this, nor what waits under it.
_ALL_DONE = re.compile(
    r"^\W*(?:(?:好的?|行|嗯|ok)[，,。\s]*)?(?:没(?:有)?(?:别的|其他|其它|什么)?(?:事|问题|需要)?(?:了|啦)|就这些|"
    r"就这样|先这样|没了|不用了|没事儿?了)(?:了|吧|啦)?[，,。！!~\s]*(?:谢+谢?你?您?|多谢|感谢|再见|拜拜|辛苦)(?:了|"
    r"啦|哈|你|您)*\W*$"
    r"|^\W*(?:谢谢|多谢)[，,。！!~\s]*(?:就这样|先这样|就这些|没事了|不用了|没别的了)(?:吧|了|啦)*\W*$"
    r"|^\W*(?:(?:ok|okay|no|great)[,.\s]+)?(?:that(?:'s| is|s|'ll be| will be) (?:all|it|everything)|"
    r"nothing (?:else|more)|i'?m (?:all )?(?:done|good|set))"
    r"(?:\s+(?:for (?:now|today)|i need(?:ed)?|from me))*[,.!\s]*(?:thanks|thank you|thx|cheers|bye|"
    r"goodbye)?(?:\s+(?:so much|a lot|bye))*\W*$",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"^\W*(?:不对|不是(?:这个|这样)?|错了|弄错了|搞错了|你搞错了|no|nope|wrong"
    r"|that'?s (?:wrong|not (?:it|right|what i (?:want|meant|asked(?: for)?))))"
    r"(?:[，,。.!！;；\s]+|$)"
)
_POLITE = re.compile(
    r"^(?:\W|谢谢你?您?|多谢|麻烦了?|不好意思|抱歉|了|吧|啦|哈|\b(?:thanks|thank you|thx|sorry|please|bye|ok|anyway|"
    r"then|for now)\b)*$",
    re.I,
)
_JOINT = re.compile(
    r"^[，,。.；;！!~\s]*(?:(?:and|but|so|then|just|please|can you|could you)\b\s*|(?:然后|就|那就|那|请|麻烦))*",
    re.IGNORECASE,
)


def given_up(text: str, flows: tuple[str, ...]) -> str | None:
    """What else a text says that gives up the business of `flows`, which call each other.

    An empty text where that is all, None where it gives nothing up.
    """
    plain = simplified(clean(text)).replace("’", "'")
    match = _giving_up(flows).match(plain)
    if match is None:
        return None
    rest = plain[match.end() :]
    if again := _giving_up(flows).match(rest):  # "算了不退了，..."
        rest = rest[again.end() :]
    if rest and rest[0].isalnum() and rest[0].isascii():  # inside of a word
        return None
    return "" if _POLITE.match(rest) else _JOINT.sub("", rest)


def denied(text: str) -> str:
    """What follows where a text begins by saying that something is wrong: "不对，我要换货". Empty for any other."""
    plain = clean(text).replace("’", "'")
    match = _DENIES.match(simplified(plain).lower())
    return plain[match.end() :] if match else ""


def rather(text: str) -> bool:
    """Whether a text wants something in the place of what is under way: "还是换货吧", "swap it instead"."""
    return _RATHER.search(simplified(clean(text)).replace("’", "'")) is not None


def all_done(text: str) -> bool:
    """Whether a text says that nothing more is wanted: "that's all, thanks"."""
    return _ALL_DONE.match(simplified(clean(text)).replace("’", "'")) is not None


@cache
def _giving_up(flows: tuple[str, ...]) -> re.Pattern[str]:
    verbs = sorted({verb for flow in flows for verb in VERBS_ZH.get(flow, "").split()}, key=len, reverse=True)
    chinese = "|".join(map(re.escape, verbs)) or "办"
    said = {verb.partition(" ")[0] for flow in flows for verb in VERBS_EN.get(flow, "").split("|")} - {""}
    stems = sorted(re.escape(verb) for verb in said or {"do"})
    objects = r"(?:\s+(?:it|that|this|them|the|my|order|return|address|invoice|claim|complaint|exchange|payment|me|back))*"
    no_longer = r"(?:(?:i|we) )?(?:do not|don'?t|no longer|won'?t|not)(?: want(?: you)? to| need to| going to)?"
    return re.compile(
        rf"{_BEFORE}(?:{_ANYTHING}|(?:先|就|请|还是)?(?:别|不|不要|不用|不想|甭|先不|先别)(?:再|给我|帮我)?(?:{chinese})(?!什么|吗|的话|可以|行){_AFTER})"
        rf"|{_BEFORE_EN}(?:{_ANYTHING_EN}|(?:{no_longer}|no) (?:{'|'.join(stems)})(?:ing)?\b{objects}){_AFTER_EN}",
        re.IGNORECASE,
    )
