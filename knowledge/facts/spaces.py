"""Does a thing fit into a space that somebody names ("under a 40 cm shelf"), by the dimensions that are stated. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.commerce import Product
from bot.dimensions import Size, size_of, stated_edges
from bot.types import Passage
from knowledge.facts.telling import Telling, told
from knowledge.lexicon.quantities import quantities
from knowledge.wording import quoted

_FILE = Path(__file__).with_name("spaces.yml")
_MM = 10


@dataclass(frozen=True, slots=True)
class Space:
    """What somebody says of a space: one to three measures in centimetres, longest first."""

    measures: tuple[float, ...]

    def __str__(self) -> str:
        return _written(self.measures)


def asked_space(plain: str) -> Space | None:
    """The space that a normalised text asks about, whether something goes there; None where it asks no such thing."""
    lengths = [quantity for quantity in quantities(plain) if quantity.dimension == "length" and quantity.low > 0]
    if not lengths or not any(form.search(plain) for form in _forms()):
        return None
    several = stated_edges(plain)
    return Space(several) if len(lengths) == 1 and several else Space((lengths[0].low / _MM,)) if len(lengths) == 1 else None


def in_space(space: Space, products: Sequence[Product], telling: Telling) -> list[Passage]:
    """Of each product whether it goes there, with the figures; where no dimensions are stated, that it cannot be said."""
    return [told(product, telling, _answer(space, product, telling), "attributes") for product in products]


def _answer(space: Space, product: Product, telling: Telling) -> str:
    size, name = size_of(product), quoted(product, telling.language)
    if size is None:
        zh = f"店里没有写明{name}的尺寸，所以说不准放不放得进 {space}。"
        return telling.say(zh, f"{name} has no stated dimensions, so I cannot say whether it fits {space}.")
    stated = telling.say(f"{name}的尺寸是 {size.text.zh}", f"{name} measures {size.text.en}")
    verdict = _verdict(space, size, telling)
    two = telling.say("店里只写明了这两边。", "The shop states only these two.") if len(size.edges) == 2 else ""
    return telling.say(f"{verdict}{stated}。{two}", f"{verdict} {stated}. {two}".strip())


def _verdict(space: Space, size: Size, telling: Telling) -> str:
    """Yes whichever way it lies, yes one way, or no; the shortest edges are what has to go through."""
    edges, room = size.edges, space.measures
    shortest = edges[-min(len(room), len(edges)) :]
    too_long = [edge for edge, most in zip(shortest, room[: len(shortest)], strict=True) if edge > most]
    if too_long:
        over = f"{too_long[0]:g} cm"
        return telling.say(f"放不下：有一边是 {over}，超过 {space}。", f"No: one edge of {over} is more than {space}.")
    if edges[0] <= room[-1]:
        tight = edges[0] == room[-1]
        return telling.say("刚好放得下，没有空余。" if tight else "放得下，怎么放都行。",
                           "Just, with nothing to spare." if tight else "Yes, whichever way it lies.")  # fmt: skip
    return _turned(edges, shortest, space, telling)


def _turned(edges: Sequence[float], shortest: Sequence[float], space: Space, telling: Telling) -> str:
    """That it fits if it is turned the right way, and which that is."""
    if len(space.measures) > 1:
        zh = f"转到合适的方向放得下：{_written(shortest)} 对着 {space}。"
        return telling.say(zh, f"Yes, turned the right way: {_written(shortest)} within {space}.")
    upright = [edge for edge in edges if edge > space.measures[0]]
    flat = [edge for edge in edges if edge <= space.measures[0]]
    return telling.say(
        f"要看怎么放：{_listed(upright, ' 和 ')} 的边超过 {space}，换成 {_listed(flat, ' 或 ')} 的边就放得下。",
        f"Only one way: its {_listed(upright, ' and ')} is more than {space}, its {_listed(flat, ' or ')} is not.",
    )


def _listed(edges: Sequence[float], joining: str) -> str:
    return joining.join(f"{edge:g} cm" for edge in dict.fromkeys(edges))


def _written(edges: Sequence[float]) -> str:
    return " × ".join(f"{edge:g}" for edge in edges) + " cm"


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    """Going there with a measure before the place, and a measured place with going there behind it."""
    raw = YAML(typ="safe").load(_FILE.read_text("utf-8"))
    zh, en = raw["places_zh"], rf"\b(?:{raw['places_en']})\b"
    return tuple(
        re.compile(form)
        for form in (
            rf"(?:{raw['into_zh']})[^，。？]*\d[^，。？]*(?:{zh})",
            rf"(?:{raw['into_zh']})[^，。？]*(?:{zh})[^，。？]*\d",
            rf"\d.*?(?:{zh}).*?(?:{raw['there_zh']})|(?:{zh}).{{0,8}}?\d.*?(?:{raw['there_zh']})",
            rf"{raw['into_en']}[^,?]*\d[^,?]*{en}|{raw['into_en']}[^,?]*{en}[^,?]*\d",
            rf"\d[^?]*{en}.*{raw['there_en']}|{en}[^?]{{0,16}}\d.*{raw['there_en']}",
        )
    )
