"""Places that parcels go to: `address`, as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.types import Entity

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西"
    "|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
# A city's name: no verb belongs to it.
_NAME = "(?:(?![到成为是在至址改换寄送发])[㐀-鿿]){2,4}市"
# From a province or a city down to a street, a village or a building with its number.
_CHINESE = re.compile(
    rf"(?:(?:{_PROVINCES})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?\s*|(?<![㐀-鿿])(?={_NAME})|(?<=[到成为是在至址])(?={_NAME}))"
    r"(?:[㐀-鿿]{1,8}?(?:市|区|县|旗|州|盟)\s*)*"
    r"(?:[㐀-鿿]{1,8}?(?:镇|乡|街道)\s*)?"
    r"[㐀-鿿A-Za-z\d]{1,16}?(?:路|街|道|巷|弄|胡同|村|小区|花园|广场|大厦|新村|公寓|苑|园|城)"
    r"(?:\s*[㐀-鿿A-Za-z]{0,10}?\d[\dA-Za-z-]*\s*(?:号楼|号院|号|弄|栋|幢|座|楼|层|单元|室|门)?)*"
)
_STREET = r"street|st|road|rd|avenue|ave|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|square|sq|parkway|pkwy"
_ENGLISH = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]?\s+(?:(?!(?:on|the|in|of|to|my|an?|by|and|is|are)\b)[A-Za-z][\w'.-]*\s+){{1,4}}?(?:{_STREET})\b\.?"
    r"(?:,?\s*(?:apt|apartment|suite|unit|flat|floor|fl|#)\.?\s*#?\s*[\w-]+)?"
    r"(?:,\s*[A-Za-z][A-Za-z .'-]{1,30}?(?=,|\s+\d{5}|\s+[A-Z]{2}\b|$|[.;!?]))?"
    r"(?:,?\s+[A-Z]{2}\b)?(?:,?\s*\d{5}(?:-\d{4})?\b)?",
    re.IGNORECASE,
)


def addresses(text: str) -> Iterator[Entity]:
    """Chinese addresses from province or city to a number, English ones from the house number on."""
    for pattern in (_CHINESE, _ENGLISH):
        for match in pattern.finditer(text):
            if any(char.isdigit() for char in match.group()):
                said = match.group().rstrip(" ,，")
                yield Entity("address", said, said, match.start(), match.start() + len(said))
