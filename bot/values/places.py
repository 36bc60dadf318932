"""Places that parcels go to, by their names in a text: countries, their regions and towns, as ISO 3166 codes.

The names of countries are those of the library phonenumbers; regions and towns are in `places.yml`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.text import normal

_FILE = Path(__file__).with_suffix(".yml")
# What stands after the names of some countries in the library.
_FORMAL = re.compile(r"(?:共和国|地区|特区)$| \(.*\)$")
# In English these are other words far more often; their own names are in the file, or written out.
_OTHER_WORDS = frozenset({"turkey", "jersey", "china", "chad", "guinea", "gabon"})
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class PlaceSaid:
    """A name in a text, from `start` to `end`, and the codes of what it means: of several places for a name of a group."""

    codes: tuple[str, ...]
    start: int
    end: int


def places(plain: str) -> list[PlaceSaid]:
    """The places that a text names, in their order. `plain` is as `bot.text.normal` gives it."""
    known = _names()
    return [PlaceSaid(known[match.group()], *match.span()) for match in _pattern().finditer(plain)]


def codes_of(name: str) -> tuple[str, ...]:
    """What a name alone means: codes, or none for a name that is not known."""
    return _names().get(normal(name), ())


def place_name(code: str, language: str) -> str:
    """What a place is called, in Chinese unless the language is English; the code itself where it has no name."""
    zh, en = _called().get(code, (code, code))
    return en if language == "en" else zh


def known_places() -> list[str]:
    """All names, as they are compared."""
    return list(_names())


def is_within(code: str, country: str) -> bool:
    """Whether a place is in a country, or is counted among its regions, too, in addresses: Hong Kong in China."""
    return country in (country_of(code), _also_in().get(code))


def country_of(code: str) -> str:
    """The country that a place is in, by its code."""
    return code.partition("-")[0]


@cache
def _data() -> Mapping[str, Any]:
    return dict(YAML(typ="safe").load(_FILE.read_text("utf-8")))


@cache
def _also_in() -> Mapping[str, str]:
    """Places that ISO 3166 has as countries and as regions of another one."""
    return {place["code"]: place["also_in"] for place in _data()["places"] if "also_in" in place}


@cache
def _called() -> Mapping[str, tuple[str, str]]:
    """The name of each place in Chinese and English."""
    own = {place["code"]: (place["zh"], place["en"]) for place in _data()["places"]}
    return dict(_countries()) | own


def _countries() -> Iterator[tuple[str, tuple[str, str]]]:
    from phonenumbers.geodata.locale import LOCALE_DATA  # its tables take a third of a second to load

    for code, names in LOCALE_DATA.items():
        zh, en = (_in(names, language) for language in ("zh", "en"))
        if zh and en:
            yield code, (_FORMAL.sub("", zh), _FORMAL.sub("", en))


def _in(names: Mapping[str, str], language: str) -> str:
    """A name in the library's form, where "*aa" says that it is as in that language."""
    said = names.get(language, "")
    said = names.get(said[1:], "") if said.startswith("*") else said
    return "" if said.startswith("*") else said


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Every name as `normal` gives it, and the codes that it means. What two towns share means neither."""
    data, towns = _data(), defaultdict[str, set[str]](set)
    for place in data["places"]:
        for town in place.get("towns", "").split():
            for name in (town, data["spelt"].get(town) or _sounds(town)):
                towns[normal(name)].add(place["code"])
    found = {name: tuple(codes) for name, codes in towns.items() if len(codes) == 1}
    for code, names in _called().items():
        found |= {normal(name): (code,) for name in names if normal(name) not in _OTHER_WORDS}
    for place in data["places"]:
        found |= {normal(name): (place["code"],) for name in place.get("also", ())}
    for code, others in data["countries"].items():
        found |= dict.fromkeys(others, (code,))
    return found | {name: tuple(codes) for name, codes in data["groups"].items()}


def _sounds(town: str) -> str:
    from pypinyin import lazy_pinyin  # its tables take a while to load

    return "".join(lazy_pinyin(town))


@cache
def _pattern() -> re.Pattern[str]:
    """One expression for all names, the longest first; those in letters stand as words."""
    ordered = sorted(_names(), key=lambda name: (-len(name), name))
    parts = (rf"\b{re.escape(name)}\b" if _LATIN.search(name) else re.escape(name) for name in ordered)
    return re.compile("|".join(parts))
