"""Names among other words: who is read in what people answer, and that nobody is where nobody is named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from bot.errors import BadContent
from bot.understanding.decisions import DECISIONS
from bot.understanding.entities import find_entities
from bot.understanding.names import NameReader
from bot.understanding.naming import NAMES, load_names, load_or_train_names
from bot.understanding.volunteered import address_answered, not_beside, title_answered
from tests.bot.conftest import EPOCH


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, NameReader]:
    return asyncio.run(load_or_train_names(tmp_path_factory.mktemp("models"), NAMES, DECISIONS))


# None of these names is among the examples.
@pytest.mark.parametrize("name", ["Edwina Parsloe", "Marten Holloway"])
@pytest.mark.parametrize("said", ["{}", "billed to {}", "put {} on it please", "just me, {}", "make it out to {}"])
def test_a_name_comes_out_of_any_wrapper(readers: Mapping[str, NameReader], said: str, name: str) -> None:
    text = said.format(name)
    assert title_answered(text, readers["title"].name(text)) == name


@pytest.mark.parametrize("name", ["石家庄云栖纸品有限公司", "南通市海门区小满书店"])
@pytest.mark.parametrize("said", ["{}", "户名{}", "抬头{}，税号等会发", "麻烦写{}"])
def test_an_organisation_comes_out_of_any_wrapper(readers: Mapping[str, NameReader], said: str, name: str) -> None:
    text = said.format(name)
    assert title_answered(text, readers["title"].name(text)) == name


def test_what_has_no_name_gives_none(readers: Mapping[str, NameReader]) -> None:
    assert [readers["receiver"].name(text) for text in ("", "，。", "13800000000", "?" * 300)] == [""] * 4


def test_an_address_begins_with_its_receiver(readers: Mapping[str, NameReader]) -> None:
    text = "打给你了 马建国 18600000000 山东省临沂市兰山区柳青路12号"
    said = address_answered(text, find_entities(text, {}, EPOCH.date()), readers["receiver"].name(text))
    assert said == "马建国 18600000000 山东省临沂市兰山区柳青路12号"


def test_two_names_in_one_example_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "title.yml"
    file.write_text("nlu:\n- intent: title\n  examples: |\n    - [Ann](name) and [Ben](name)\n", "utf-8")
    with pytest.raises(BadContent, match="two names"):
        load_names(file)


def test_nobody_is_called_like_a_part_of_the_place(readers: Mapping[str, NameReader]) -> None:
    text = "寄这儿 陕西省西安市雁塔区小寨东路51号沈家苑2栋301 何田田 17700002104"
    place = text.index("陕西"), text.index(" 何")
    assert readers["receiver"].name(text, [place]) == "何田田"
    assert readers["receiver"].name(text, [(0, len(text))]) == ""


def test_who_stands_far_from_the_place_gets_nothing_there() -> None:
    text = "我妈说了，先别发，改个地方，何田田收，陕西省西安市雁塔区小寨东路51号，电话17700002104，谢谢，辛苦了"
    start = text.index("陕西")
    closed = not_beside(text, start, start + len("陕西省西安市雁塔区小寨东路51号"))
    free = [text[a:b] for (_, a), (b, _) in pairwise(closed)]
    assert free == ["改个地方，何田田收，", "，电话17700002104，谢谢"]


def test_no_name_stands_in_the_sentence_behind_a_place() -> None:
    text = "Daniel Reed, 5552010002, 48 Harbor Road Apt 5, Boston, MA 02110. Hurry up"
    assert not_beside(text, 25, 63) == ((0, 0), (25, 63), (63, len(text)))
