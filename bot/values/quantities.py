"""Numbers of pieces: `quantity`, a whole number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.types import Entity
from bot.values.numbers import ENGLISH, number

_PIECES = (
    "件|个|条|双|只|瓶|盒|包|套|支|台|箱|袋|顶|副|把|张|罐|桶|根|本"
    "|组|对|卷|枚|份|筒|听|提|扎|板|块(?!钱)|床|盆|株|团|饼|架|辆|盏|匹|捆|轴|坛|颗"
)
_WORDS = "|".join(list(ENGLISH)[:9])
# "仨" and "俩" have their measure word in them.
_IN_ONE = {"俩": 2, "仨": 3}
_TOGETHER = re.compile("(?<![我你他她们哥姐兄妹])[俩仨](?![人口个月])")
_COUNT = (
    re.compile(
        rf"(?<![第这那哪每几\d.满])(\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})\s*(?:{_PIECES})"
        r"(?!月|小时|星期|礼拜|工作日|人|问题|事|装|起|码|号|字|链接|包邮|半价|[免打]折|折(?:[扣后价上算]|(?![㐀-鿿])))"
    ),
    re.compile(
        rf"\b(\d{{1,2}}|{_WORDS})\s*(?:pcs|pieces?|pairs?|units?|of (?:them|those|these|the))\b"
        rf"|\b(?:only|just)\s+(\d{{1,2}}|{_WORDS})\b(?!\s*(?:day|week|month|time|hour|minute|question|%|cm|kg))",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\d.])(?<![a-z])(\d{1,2})\s*[x×*]\s+(?=[^\s\d]|\d+[-/])", re.IGNORECASE),
    re.compile(r"(?<=[\w㐀-鿿\s])(?<![\da-z])(?<!\d\s)[x×*]\s*(\d{1,2})(?![\d.]|\s*(?:cm|mm|x|×)|-\d)", re.IGNORECASE),
)


def quantities(text: str) -> Iterator[Entity]:
    """How many pieces a text speaks of: "两件", "2 pcs", "one of them", "x3". "第二件" and "三个月" are none."""
    for pattern in _COUNT:
        for match in pattern.finditer(text):
            group = next(n for n, said in enumerate(match.groups(), 1) if said)
            if value := number(match.group(group)):
                yield Entity("quantity", value, match.group(), match.start(), match.end())
    for match in _TOGETHER.finditer(text):
        yield Entity("quantity", _IN_ONE[match.group()], match.group(), match.start(), match.end())
