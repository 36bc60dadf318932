"""Which product a text points at without its name: "this one", "the second one", "the blue one". Pure functions."""

from __future__ import annotations

import re

from bot.text import simplified
from bot.types import State
from bot.values.numbers import number

_DEICTIC = re.compile(
    r"这(?:个|件|款|条|双|只|台|套|瓶|支|箱|袋|包|顶|副|把|种)?|它|那(?:个|件|款|条|双|只)|刚才|上面"
    r"|(?:色|[红橙黄绿蓝紫白黑灰粉棕])的?(?:那|这)(?:个|件|款|条|双|只)"
    r"|\b(?:this|that|it|its|these|those|the (?:[a-z]+ )?ones?|the (?:jacket|dress|shirt|shoes?|bag|item|product))\b"
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_LAST = -1
_PIECES = "个件款条双只台套瓶支箱袋顶副把"
_ITEM = re.compile(
    rf"^(?:不是|不对|不|我说的是|我要退的是|我要换的是|要|退|换|就|是|还是|[，,。\s])*"
    rf"(?:第[\d一二三四五六七八九][{_PIECES}]|[^，,。？?\s]{{1,6}}(?:码|号|色)?的?(?:那|这)[{_PIECES}])(?:吧|的|啊|呀|哈|[，,。\s!！])*$"
    r"|^(?:no|sorry|actually|i mean|i meant|not that one|[,.\s])*"
    r"the\s+(?:[\w-]+\s+){0,3}(?:one|pair|item)(?:s|\s+please|[.!\s])*$"
)
_ORDINAL = re.compile(
    r"第\s*(\d|[一二两三四五六七八九])\s*(?:个|件|款|条|双|只|台|套|瓶|支|种)(?!半价|[\d免打]*折|免|问题|月|星期)"
    rf"|\b(?:the\s+|(?=\w+\s+(?:one|item|product|option)\b))({'|'.join(_ORDINALS)}|[1-9](?:st|nd|rd|th))"
    r"(?:\s+(?:one|item|product|option))?(?=\W|$)(?!\s+(?:time|day|order))"
    r"|(最后(?:那|一)(?:个|件|款|条|双|只)|\bthe last one\b)"
)


def pointed_at(text: str, state: State, on_screen: str | None) -> tuple[str, ...]:
    """The product that a text without a name points at; none where it points at nothing.

    "The second one" is that of the last products told of together; "this" and "the blue one" the product on screen when
    the message was sent, else the one spoken of last.
    """
    if listed := listed_at(text, state):
        return listed
    if not _DEICTIC.search(simplified(text).lower()):
        return ()
    return (on_screen,) if on_screen else state.product_ids[:1]


def listed_at(text: str, state: State) -> tuple[str, ...]:
    """The product whose place in the last list a text names: "the second one"; none where it names none of it."""
    place, listed = _place(simplified(text).lower()), _listed(state)
    return (listed[place - 1 if place > 0 else place],) if place and place <= len(listed) else ()


def _listed(state: State) -> tuple[str, ...]:
    """The last products that were told of together, as their cards were shown or as they were named: suggested, compared."""
    last = next((exchange.product_ids for exchange in reversed(state.recent) if len(exchange.product_ids) > 1), ())
    own_cards = bool(state.shown) and set(state.shown) <= set(last)
    return state.shown if own_cards or not last else last


def points_at_item(text: str) -> bool:
    """Whether a text says nothing but which item of an order is meant: "第二双", "40码那双", "no, the black one"."""
    return _ITEM.match(simplified(text).lower()) is not None


def _place(text: str) -> int:
    """The place in a list that a text names, from 1 on, -1 for the last; 0 for none."""
    match = _ORDINAL.search(text)
    if match is None:
        return 0
    chinese, english, last = match.groups()
    if last:
        return _LAST
    return _ORDINALS.get(english) or int(english[0]) if english else number(chinese) or 0
