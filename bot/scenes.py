"""Scenes that products are shown in: what a file says of them, read and checked. `data/scenes.yml` has the retail defaults.

A shop's `scenes.yml` is laid over these, scene by scene; one that it sets to null is taken away. Pages draw what is said
here and nothing else, so that the kinds of props are a closed list. Lengths are metres, colours are #rrggbb.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml.error import YAMLError

from bot.errors import BadContent
from bot.yaml import read_marked

PropKind = Literal[
    "bamboo", "books", "campfire", "floorlamp", "house", "lamppost", "lightbulbs", "log", "mirror", "mountain", "palm",
    "parasol", "plant", "plate", "rock", "rug", "shelf", "sofa", "teaset", "tree", "vase", "window",
]  # fmt: skip
GroundKind = Literal["plain", "grass", "snow", "wet", "beach", "boards", "mat", "road", "track"]
StandKind = Literal["table", "desk", "bed"]
ParticleKind = Literal["snow", "rain", "fireflies"]
KnownKind = Literal["coin", "card", "cup", "hand", "bottle", "chair", "person", "door"]
Season = Literal["spring", "summer", "autumn", "winter"]

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Metres = Annotated[float, Field(gt=0, le=100)]
Place = Annotated[float, Field(ge=-200, le=200)]
# More than so many of anything, and a phone stutters.
Count = Annotated[int, Field(ge=1, le=1000)]
Month = Annotated[int, Field(ge=1, le=12)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Title(_Part):
    """What people read, in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Sky(_Part):
    """A gradient from the horizon up, and how many stars there are."""

    top: Colour
    horizon: Colour
    stars: Annotated[int, Field(ge=0, le=1000)] = 0


class Ground(_Part):
    """What the product's surroundings stand on; `hills` is how high it rolls far off."""

    kind: GroundKind
    colour: Colour
    hills: Annotated[float, Field(ge=0, le=5)] = 0


class Light(_Part):
    """One light with shadows, and how strong the light from everywhere is."""

    colour: Colour
    strength: Annotated[float, Field(ge=0, le=10)]
    source: Annotated[tuple[Place, Place, Place], Field(alias="from")]
    ambient: Annotated[float, Field(ge=0, le=5)]


class Fog(_Part):
    """What distance fades into; `density` is per metre."""

    colour: Colour
    density: Annotated[float, Field(ge=0, le=1)]


class Particles(_Part):
    """What falls or floats."""

    kind: ParticleKind
    count: Count


class Stand(_Part):
    """The piece of furniture that the product stands on: width, height and depth."""

    kind: StandKind
    size: tuple[Metres, Metres, Metres]
    colour: Colour


class Walls(_Part):
    """The wall behind everything in a room."""

    colour: Colour


class Prop(_Part):
    """One thing `at` a place [x, z], or `count` of them `around` the product, from one distance to another.

    `height` is its height, or the width of what lies flat; `above` is how high it stands or hangs; `capped`: with snow.
    """

    kind: PropKind
    at: tuple[Place, Place] | None = None
    around: tuple[Metres, Metres] | None = None
    count: Count = 1
    height: Metres
    above: Annotated[float, Field(ge=0, le=20)] = 0
    capped: bool = False


class Scene(_Part):
    """One scene. `suits` says in phrases of either language what belongs there; a scene that suits nothing is plain.

    `smallest` and `largest` bound the longest edge of the products in it.
    """

    title: Title
    suits: tuple[str, ...]
    seasons: tuple[Season, ...] = ()
    smallest: Annotated[float, Field(ge=0)] = 0
    largest: Metres = 100
    indoors: bool = False
    sky: Sky
    ground: Ground
    light: Light
    fog: Fog | None = None
    walls: Walls | None = None
    stand: Stand | None = None
    particles: Particles | None = None
    props: tuple[Prop, ...] = ()


class Known(_Part):
    """A thing whose size everybody knows: its longest edge, what it is called, and whether it is only found in rooms."""

    size: Metres
    zh: str
    en: str
    indoors: bool = False


class _File(_Part):
    seasons: dict[Season, tuple[Month, ...]] = {}
    known: dict[KnownKind, Known] = {}
    scenes: dict[str, Scene | None] = {}


@dataclass(frozen=True, slots=True)
class Scenes:
    """All scenes by name, in the order of the files; the season of each month; known things by kind; the plain scene."""

    scenes: Mapping[str, Scene]
    seasons: Mapping[int, str]
    known: Mapping[str, Known]
    plain: str

    def beside(self, longest: float, scene: str) -> str | None:
        """Which known thing of a scene is nearest in size to a product, by ratio: it shows best how large that is."""
        here = [kind for kind, known in self.known.items() if self.scenes[scene].indoors or not known.indoors]
        ratio = {kind: self.known[kind].size / longest for kind in here}
        return min(here, key=lambda kind: max(ratio[kind], 1 / ratio[kind]), default=None)


def read_scenes(files: Sequence[Path]) -> Scenes:
    """The scenes of the files, each laid over those before it. Raises BadContent with file, line and what is allowed."""
    seasons: dict[int, str] = {}
    known: dict[str, Known] = {}
    scenes: dict[str, Scene] = {}
    for file in files:
        said = _read(file)
        seasons |= {month: season for season, months in said.seasons.items() for month in months}
        known |= {str(kind): thing for kind, thing in said.known.items()}
        scenes = {**scenes, **{name: scene for name, scene in said.scenes.items() if scene is not None}}
        for name in (name for name, scene in said.scenes.items() if scene is None):
            scenes.pop(name, None)
    where = str(files[-1])
    plain = next((name for name, scene in scenes.items() if not scene.suits), None)
    if plain is None:
        raise BadContent("no scene is plain.", where=where, remedy="Keep one with `suits: []`, for what suits no other.")
    if missing := sorted(set(range(1, 13)) - set(seasons)):
        raise BadContent(f"months {missing} have no season.", where=where, remedy="Name all twelve under `seasons`.")
    return Scenes(scenes, seasons, known, plain)


def _read(file: Path) -> _File:
    try:
        content = read_marked(file.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    if not isinstance(content, dict):
        raise BadContent("this is no mapping.", where=str(file), remedy="Begin with `scenes:`.")
    try:
        said = _File.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise _bad(file, content, first["loc"], f"{_dotted(first['loc'])}: {first['msg']}", _given(first)) from error
    for name, scene in said.scenes.items():
        for number, prop in enumerate(scene.props if scene else ()):
            if (prop.at is None) == (prop.around is None):
                place = ("scenes", name, "props", number)
                raise _bad(file, content, place, "a prop stands `at` a place or `around` the product.", "Write one of both.")
    return said


def _given(error: Any) -> str:
    """What stands there, where that is short."""
    given = error["input"]
    return f"This is {given!r}." if isinstance(given, str | int | float) else "docs/scenes.md has all keys."


def _dotted(loc: Iterable[int | str]) -> str:
    return ".".join(map(str, loc))


def _bad(file: Path, content: Any, loc: Iterable[int | str], what: str, remedy: str) -> BadContent:
    return BadContent(what, where=f"{file}, line {_line(content, loc)}", remedy=remedy)


def _line(content: Any, loc: Iterable[int | str]) -> int:
    """The line of the innermost part of a path that the file has, counted from 1."""
    line = 0
    for part in loc:
        try:
            line = content.lc.item(part)[0] if isinstance(part, int) else content.lc.key(part)[0]
            content = content[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return int(line) + 1
