"""Which scene a product is shown in: by what it is, how large, the season and, with consent, the viewer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.scenes import Scene, Scenes
from bot.signals import Consent, Known

# From how well on a scene suits a product (see `scenery.py`): below it two shops' products of another use begin.
SUITS = 0.19
# What the season and a taste add at most: either tips the balance between scenes that suit about as well, and no more.
SEASON = 0.04
TASTE = 0.06


class Reason(StrEnum):
    """Why a scene was chosen: it suits the product best, only this season or this viewer made it so, or nothing suits."""

    USE = "use"
    SEASON = "season"
    TASTE = "taste"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Choice:
    """The scene, why, and every scene that would do, best first; the plain one is the last of them."""

    scene: str
    reason: Reason
    others: tuple[str, ...]


def choose(
    scenes: Scenes, fits: Mapping[str, float], longest: float | None, month: int, taste: Mapping[str, float]
) -> Choice:
    """The scene for a product whose longest edge is `longest` metres (None: nobody knows), in a month (1 to 12).

    `fits` is how well each scene suits it, `taste` the viewer's share of each scene (0 to 1; empty: nothing may be used).
    """
    fitting = [
        name
        for name, scene in scenes.scenes.items()
        if scene.suits and fits.get(name, 0) >= SUITS and (longest is None or scene.smallest <= longest <= scene.largest)
    ]
    if not fitting:
        return Choice(scenes.plain, Reason.PLAIN, (scenes.plain,))
    season = {name: SEASON * _in_season(scenes.scenes[name], scenes.seasons[month]) for name in fitting}
    by_use = _ordered(fitting, fits)
    by_season = _ordered(fitting, {name: fits[name] + season[name] for name in fitting})
    by_all = _ordered(fitting, {name: fits[name] + season[name] + TASTE * taste.get(name, 0) for name in fitting})
    reason = Reason.TASTE if by_all[0] != by_season[0] else Reason.SEASON if by_season[0] != by_use[0] else Reason.USE
    return Choice(by_all[0], reason, (*by_all, scenes.plain))


def taste_for(known: Known, liked: Mapping[str, str]) -> dict[str, float]:
    """The share that each scene has in what a person liked; empty unless they consented. `liked`: product -> its scene."""
    if known.consent is not Consent.GIVEN:
        return {}
    weights: dict[str, float] = {}
    for one in known.signals:
        if one.weight > 0 and one.product_id in liked:
            weights[liked[one.product_id]] = weights.get(liked[one.product_id], 0) + one.weight
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _in_season(scene: Scene, season: str) -> int:
    return 0 if not scene.seasons else 1 if season in scene.seasons else -1


def _ordered(names: Iterable[str], scores: Mapping[str, float]) -> list[str]:
    """Best first; of equals the one that the files name first."""
    return sorted(names, key=lambda name: -scores[name])
