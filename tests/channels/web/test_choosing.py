"""Which scene: what suits and has room, tipped by season and consented taste, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.pack import SCENES, Pack
from bot.scenes import read_scenes
from bot.signals import Consent, Known, SignalKind, signal
from channels.web.choosing import SEASON, SUITS, TASTE, Reason, choose, taste_for

DEFAULTS = read_scenes(Pack().layers(SCENES))
NAMES = sorted(DEFAULTS.scenes)
NOW = datetime(2026, 6, 18, tzinfo=UTC)
fits = st.dictionaries(st.sampled_from(NAMES), st.floats(-1, 1))
longest = st.none() | st.floats(0.005, 20)
months = st.integers(1, 12)
tastes = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1))


@given(fits, longest, months, tastes)
def test_only_what_suits_and_has_room(
    fit: dict[str, float], size: float | None, month: int, taste: dict[str, float]
) -> None:
    choice = choose(DEFAULTS, fit, size, month, taste)
    assert choice.scene == choice.others[0]
    assert choice.others[-1] == DEFAULTS.plain
    assert len(set(choice.others)) == len(choice.others)
    for name in choice.others[:-1]:
        assert fit[name] >= SUITS
        assert size is None or DEFAULTS.scenes[name].smallest <= size <= DEFAULTS.scenes[name].largest
    assert (choice.reason is Reason.PLAIN) == (choice.scene == DEFAULTS.plain)


@given(fits, longest, months, tastes)
def test_season_and_taste_only_tip_the_balance(
    fit: dict[str, float], size: float | None, month: int, taste: dict[str, float]
) -> None:
    choice = choose(DEFAULTS, fit, size, month, taste)
    best = max((fit[name] for name in choice.others[:-1]), default=None)
    assert best is None or best - fit[choice.scene] <= 2 * SEASON + TASTE + 1e-9
    plain = choose(DEFAULTS, fit, size, month, {})
    assert plain.reason is not Reason.TASTE
    assert set(plain.others) == set(choice.others)
    assert (choice.reason is Reason.TASTE) == (choice.scene != plain.scene)


@given(months)
def test_the_season_decides_between_equals(month: int) -> None:
    choice = choose(DEFAULTS, {"snow": 0.4, "beach": 0.4}, None, month, {})
    season = DEFAULTS.seasons[month]
    expected = {"winter": "snow", "summer": "beach"}.get(season)
    assert expected is None or choice.scene == expected


def test_a_taste_decides_between_scenes_that_suit_about_as_well() -> None:
    fit = {"desk": 0.40, "living": 0.42}
    assert choose(DEFAULTS, fit, 0.2, 6, {}).scene == "living"
    tipped = choose(DEFAULTS, fit, 0.2, 6, {"desk": 1.0})
    assert (tipped.scene, tipped.reason) == ("desk", Reason.TASTE)


def test_only_what_was_agreed_to_and_liked_is_taste() -> None:
    did = (signal("a", SignalKind.CART, NOW), signal("b", SignalKind.LIKE, NOW), signal("c", SignalKind.NOT_THIS, NOW))
    liked = {"a": "desk", "b": "woods", "c": "snow"}
    assert taste_for(Known(Consent.UNASKED, did), liked) == taste_for(Known(Consent.REFUSED, did), liked) == {}
    shares = taste_for(Known(Consent.GIVEN, did), liked)
    assert set(shares) == {"desk", "woods"}
    assert abs(sum(shares.values()) - 1) < 1e-9 and shares["desk"] > shares["woods"]
