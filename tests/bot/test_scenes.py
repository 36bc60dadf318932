"""Scenes as data: the defaults, a shop's own over them, what is wrong with a file and where, and the known thing beside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import check_pack
from bot.errors import BadContent
from bot.pack import SCENES, Pack
from bot.scenes import GroundKind, KnownKind, ParticleKind, PropKind, read_scenes

DEFAULTS = read_scenes(Pack().layers(SCENES))
PAGES = Path("channels/web/pages/scene")
DOCS = Path("docs/scenes.md")
PLAIN = """
scenes:
  hall:
    title: {zh: 大厅, en: A hall}
    suits: [things]
    sky: {top: "#000000", horizon: "#ffffff"}
    ground: {kind: plain, colour: "#ffffff"}
    light: {colour: "#ffffff", strength: 2, from: [1, 2, 3], ambient: 1}
    props:
      - {kind: tree, at: [1, -2], height: 3}
"""


def over_defaults(folder: Path, text: str) -> tuple[Path, ...]:
    (folder / SCENES).write_text(text, "utf-8")
    return Pack(folder).layers(SCENES)


def drawn(file: str, name: str) -> set[str]:
    """The names in one table of a page's module."""
    table = re.search(rf"const {name} = \{{(.*?)\n?\}};", (PAGES / file).read_text("utf-8"), re.S)
    assert table is not None
    return set(re.findall(r"^ {2}(\w+):", table[1], re.M)) or set(re.findall(r"(\w+)(?::\s*\w+)?\s*,?", table[1]))


def test_a_page_draws_all_that_may_be_said() -> None:
    props = drawn("nature.js", "NATURE") | {
        name.split(":")[0].strip()
        for name in re.search(r"FURNITURE = \{(.*?)\};", (PAGES / "furniture.js").read_text("utf-8"), re.S)[1].split(",")  # type: ignore[index]
        if name.strip()
    }
    assert props == set(get_args(PropKind))
    assert drawn("known.js", "KNOWN") == set(get_args(KnownKind)) == set(DEFAULTS.known)
    assert drawn("ground.js", "SURFACES") == set(get_args(GroundKind))
    assert drawn("weather.js", "KINDS") == set(get_args(ParticleKind))


def test_the_page_says_every_kind_in_the_docs() -> None:
    text = DOCS.read_text("utf-8")
    for kind in (*get_args(PropKind), *get_args(KnownKind), *get_args(GroundKind), *get_args(ParticleKind)):
        assert kind in text


def test_the_example_of_the_docs_is_laid_over_the_defaults(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert example is not None
    scenes = read_scenes(over_defaults(tmp_path, example[1]))
    assert set(scenes.scenes) == {*DEFAULTS.scenes, "stage"}
    check_pack(tmp_path)


def test_a_shop_replaces_takes_away_and_shifts_the_seasons(tmp_path: Path) -> None:
    own = PLAIN.replace("hall", "woods") + "  snow: null\nseasons: {winter: [6, 7, 8], summer: [12, 1, 2]}\n"
    scenes = read_scenes(over_defaults(tmp_path, own))
    assert scenes.scenes["woods"].title.en == "A woods"
    assert "snow" not in scenes.scenes
    assert (scenes.seasons[7], scenes.seasons[1], scenes.seasons[4]) == ("winter", "summer", "spring")


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("kind: tree", "kind: trees", 10, "props.0.kind"),
        ('top: "#000000"', "top: black", 6, "sky.top"),
        ("ambient: 1}", "ambience: 1}", 8, "ambien"),
        ("en: A hall", "fr: Une salle", 4, "title"),
        ("at: [1, -2], ", "", 10, "`at` a place"),
        ("height: 3", "height: 300", 10, "height"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, before: str, after: str, line: int, said: str) -> None:
    assert before in PLAIN
    with pytest.raises(BadContent) as caught:
        read_scenes(over_defaults(tmp_path, PLAIN.replace(before, after)))
    assert f"{SCENES}, line {line}" in caught.value.where
    assert said in str(caught.value)


def test_a_plain_scene_has_to_stay(tmp_path: Path) -> None:
    with pytest.raises(BadContent, match="no scene is plain"):
        read_scenes(over_defaults(tmp_path, "scenes: {studio: null}"))


@given(st.floats(0.005, 20), st.sampled_from(sorted(DEFAULTS.scenes)))
def test_no_known_thing_of_a_scene_is_nearer_in_size(longest: float, scene: str) -> None:
    chosen = DEFAULTS.known[DEFAULTS.beside(longest, scene) or ""]
    indoors = DEFAULTS.scenes[scene].indoors
    assert indoors or not chosen.indoors
    for other in DEFAULTS.known.values():
        if indoors or not other.indoors:
            ratio, others = chosen.size / longest, other.size / longest
            assert max(ratio, 1 / ratio) <= max(others, 1 / others)
