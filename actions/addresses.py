"""Addresses as customers write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pydantic import BaseModel

from actions.plans import Refusal
from bot.commerce import Address
from bot.text import clean
from bot.types import Say

_PHONE = re.compile(r"(?<!\d)\+?\d(?:[\d\s()-]{5,15}\d)(?!\d)")
_HAN = re.compile(r"[㐀-鿿]")
_REGION = re.compile(
    r"^\s*((?:内蒙古|广西|西藏|宁夏|新疆)(?:[壮回]族|维吾尔)?(?:自治区)?|(?:香港|澳门)(?:特别行政区)?|[一-鿿]{2,3}省|(?:北京|上海|天津|重庆)市?)"
)
_CITY = re.compile(r"^\s*([一-鿿]{2,7}?(?:市|地区|自治州|盟))")
_LABEL = re.compile(
    r"^(?:收货人|收件人|姓名|联系人|电话|手机号?|收货地址|地址|name|phone|address)\s*[:：]\s*", re.IGNORECASE
)
# The hundred most common surnames (Ministry of Public Security, 2020): some six in seven people have one of them.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾"
    "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_LONGEST_NAME = 3
# Names from other languages have dots between their parts.
_CHINESE_NAME = re.compile(r"[一-鿿·]{2,4}(?:先生|女士)?|[一-鿿]{1,8}(?:·[一-鿿]{1,8})+")
# What a part of a Chinese address has that small talk around it has not.
_OF_A_PLACE = re.compile(r"[省市区县镇乡村路街道巷弄号园苑楼室栋幢座厦组屯]|\d")
_POSTAL = re.compile(r"(?<![\dA-Za-z])(\d{5,6}(?:-\d{4})?)(?![\dA-Za-z])")


class NewAddress(BaseModel):
    """A new address: as one text in `new_address`, or in parts; a part that is missing stays as it was."""

    new_address: str | None = None
    name: str | None = None
    phone: str | None = None
    line: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


def merged_address(new: NewAddress, old: Address) -> Address | Refusal:
    """The old address with what is new; the refusal `address_incomplete` when there is no street to deliver to."""
    if new.new_address:
        read = read_address(new.new_address, old)
        return read or Refusal("address_incomplete", Say("utter_refused_address"))
    parts = new.model_dump(exclude={"new_address"}, include=set(NewAddress.model_fields), exclude_none=True)
    return replace(old, **parts) if parts else Refusal("address_incomplete", Say("utter_refused_address"))


def read_address(text: str, old: Address) -> Address | None:
    """An address from free text: name, phone and place in any order, parted by spaces, commas or lines.

    Name, phone and country stay as they were where the text has none. None when no place is left in it.
    """
    parts = [_LABEL.sub("", clean(part)) for part in re.split(r"[,，;；。！!?？\n]", text)]
    phone = ""
    for number, part in enumerate(parts):
        found = _PHONE.search(part)
        if found and not phone and sum(char.isdigit() for char in found.group()) >= 7:
            phone = re.sub(r"[^\d+]", "", found.group())
            parts[number] = f"{part[: found.start()]}\0{part[found.end() :]}"
    chinese = bool(_HAN.search(text))
    pieces = [piece.strip() for part in parts for piece in (re.split(r"[\s\0]+", part) if chinese else part.split("\0"))]
    pieces = [_LABEL.sub("", piece) for piece in pieces if _LABEL.sub("", piece)]
    pieces = pieces if chinese else _without_talk_before(pieces)
    named = [piece for piece in pieces if _is_name(piece, chinese=chinese)] if len(pieces) > 1 else []
    if not phone and not _LABEL.search(text):  # beside a phone stands a name; without one it may be small talk
        named = [piece for piece in named if (_sounds_like_a_name(piece) if chinese else piece[0].isupper())]
    name = next(iter(named), "")
    pieces = [piece for piece in pieces if piece != name]
    known = replace(old, name=name or old.name, phone=phone or old.phone)
    if chinese:
        pieces = _within(pieces, _OF_A_PLACE)
    return _chinese("".join(pieces), known) if chinese else _western(pieces, known)


def address_text(address: Address, language: str) -> str:
    """An address as it is written on a parcel, with name and phone."""
    between = ", " if language == "en" else " "
    return between.join((address.name, address.phone, place_text(address, language)))


def place_text(address: Address, language: str) -> str:
    """Where an address is, without who is there."""
    if language == "en":
        return ", ".join(filter(None, (address.line, address.city, f"{address.region} {address.postal_code}".strip())))
    return f"{address.region}{address.city if address.city != address.region else ''}{address.line}"


def _is_name(piece: str, *, chinese: bool) -> bool:
    if chinese:
        return bool(_CHINESE_NAME.fullmatch(piece)) and not re.search(r"[省市区县镇路街号室楼]", piece)
    return bool(re.fullmatch(r"[^\W\d_][^\W\d_.'-]*(?: [^\W\d_][^\W\d_.'-]*){1,3}", piece)) and not re.search(
        r"\b(?:road|street|avenue|lane|drive|city|st|rd|ave)\b", piece, re.IGNORECASE
    )


def _sounds_like_a_name(piece: str) -> bool:
    """Whether a Chinese piece begins with a common surname and is no word: 周文 is a name, 谢谢 and 方便 are none."""
    import jieba

    jieba.initialize()
    return piece[0] in _SURNAMES and len(piece) <= _LONGEST_NAME and not jieba.get_FREQ(piece)


def _within(pieces: list[str], place: re.Pattern[str]) -> list[str]:
    """The pieces from the first to the last that has a sign of a place: what stands around them is said to us."""
    places = [number for number, piece in enumerate(pieces) if place.search(piece)]
    return pieces[places[0] : places[-1] + 1] if places else []


def _without_talk_before(pieces: list[str]) -> list[str]:
    """Western pieces without those in small letters before the first name or number: "no bother at all, Ann Lee, 9 …"."""
    begins = (n for n, piece in enumerate(pieces) if piece[0].isupper() or any(char.isdigit() for char in piece))
    first = next(begins, 0)
    return pieces[first:] if any(piece[0].isupper() for piece in pieces[first:]) else pieces


def _is_country(text: str) -> bool:
    """Whether a text is the English name of a country, or its code of two letters, by the Unicode CLDR."""
    named = {name.casefold() for code, name in _territories().items() if code.isalpha()}
    return text.casefold() in named or (text.isupper() and text in _territories())


@cache
def _territories() -> Mapping[str, str]:
    from babel import Locale

    return Locale("en").territories


def _chinese(text: str, known: Address) -> Address | None:
    postal = _POSTAL.search(text)
    place = _without_particle(text.replace(postal.group(), "", 1) if postal else text)
    region = _REGION.match(place)
    rest = place[region.end() :] if region else place
    city = _CITY.match(rest)
    line = rest[city.end() :] if city else rest
    if len(line) < 3 or not re.search(r"[路街道巷弄村镇乡号园区苑楼室栋座厦组屯\d]", line):
        return None
    municipality = (
        region.group(1).removesuffix("市") if region and not city and region.group(1)[:2] in "北京上海天津重庆" else ""
    )
    return replace(
        known,
        line=line,
        city=city.group(1) if city else municipality or ("" if region else known.city),
        region=region.group(1) if region else "" if city else known.region,
        postal_code=postal.group(1) if postal else "",
    )


def _without_particle(place: str) -> str:
    """A place without the particle that ends what is said: "…西户吧", but not "…旁边的网吧"."""
    import jieba.posseg

    last = jieba.posseg.lcut(place[-_LONGEST_NAME:])[-1:]
    return place[: -len(last[0].word)] if last and last[0].flag == "y" else place


def _western(pieces: list[str], known: Address) -> Address | None:
    """Street, city, region with postal code: the order in which such addresses are written."""
    if not pieces or not any(char.isdigit() for char in " ".join(pieces)):
        return None
    country = known.country
    if len(pieces) > 2 and not any(char.isdigit() for char in pieces[-1]) and _POSTAL.search(pieces[-2]):
        behind = pieces.pop()  # "OR 97205, thanks"
        country = behind if _is_country(behind) else country
    postal = _POSTAL.search(pieces[-1]) if len(pieces) > 1 else None
    region = ""
    if postal:
        last = pieces.pop()
        before, behind = last[: postal.start()].strip(), last[postal.end() :].strip()
        region = before or behind  # "OR 97205. Hurry", "10115 Berlin"
    city = pieces.pop() if len(pieces) > 1 else ""
    return replace(
        known,
        line=", ".join(pieces),
        city=city or known.city,
        region=region or ("" if city else known.region),
        postal_code=postal.group(1) if postal else "" if city else known.postal_code,
        country=country,
    )
