"""Names of places in texts."""

from __future__ import annotations

import pytest

from bot.text import normal
from bot.values.places import codes_of, is_within, known_places, place_name, places


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("寄到乌鲁木齐要多少", ["CN-XJ"]),
        ("two of these to Changsha, please", ["CN-HN"]),
        ("發往臺灣和澳門", ["TW", "MO"]),
        ("to the UK or Northern Ireland", ["GB", "GB-NIR"]),
        ("港澳台都寄吗", ["HK", "MO", "TW"]),
        ("Hainan, Hongkong, Germany, 马来西亚", ["CN-HI", "HK", "DE", "MY"]),
        ("a china plate, a jersey and a turkey", []),
        ("can you send it to us", []),
    ],
)
def test_places_are_found_by_name_in_both_languages(text: str, codes: list[str]) -> None:
    assert [code for place in places(normal(text)) for code in place.codes] == codes


def test_a_name_that_two_towns_sound_like_is_neither() -> None:
    assert codes_of("Suzhou") == () and codes_of("苏州") == ("CN-JS",) and codes_of("宿州") == ("CN-AH",)


def test_every_name_is_found_as_a_whole_and_every_code_has_both_names() -> None:
    for name in known_places():
        [place] = places(name)
        assert (place.start, place.end) == (0, len(name)), name
        for code in place.codes:
            assert place_name(code, "zh") != code and place_name(code, "en") != code


def test_a_place_is_in_its_country_and_in_that_which_counts_it_among_its_regions() -> None:
    assert is_within("CN-GD", "CN") and is_within("HK", "HK") and is_within("HK", "CN")
    assert not is_within("GE", "US") and not is_within("CN-GD", "HK")
