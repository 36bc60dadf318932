"""Which products look like a photo: pictures of products, several of each, and from what likeness on they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from knowledge.photos.whitening import Floats, Whitening, fit_whitening, unit


@dataclass(frozen=True, slots=True)
class Gallery:
    """`pictures`, whitened, shape (places, dimensions); `products`, whose each is; `least`, the cosine from which on one
    is shown."""

    whitening: Whitening
    pictures: Floats
    products: tuple[str, ...]
    least: float

    def nearest(self, features: Floats) -> dict[str, float]:
        """Each product's likeness to the photo with these features, shape (n,), most like first."""
        likeness = (self.pictures @ self.whitening(features)).tolist()
        best: dict[str, float] = {}
        for product, cosine in zip(self.products, likeness, strict=True):
            best[product] = max(cosine, best.get(product, -1.0))
        return dict(sorted(best.items(), key=lambda item: (-item[1], item[0])))


def fit_gallery(
    pictures: Sequence[Floats], products: Sequence[str], others: Sequence[Floats] = (), apart: Sequence[bool] = ()
) -> Gallery:
    """Of pictures of products, each with its views, shape (views, n), the picture itself first.

    `others` are pictures with their views that are no product's, from which the whitening learns, too. A picture has two
    places: its own and the mean of its views. The threshold is the one that tells best, on views that were left out, a
    product that is in the gallery from one that is not; on those of pictures that are `apart`, where the encoder itself
    learned from the others.
    """
    whitening = fit_whitening(np.concatenate([*pictures, *others]))
    placed = [whitening(views) for views in pictures]
    own = np.array(products)
    positive, negative = _likeness(placed, own, apart if any(apart) else [True] * len(placed))
    return Gallery(whitening, _places(placed), (*products, *products), _telling(positive, negative))


def _places(placed: Sequence[Floats]) -> Floats:
    """The pictures themselves, then the means of their views."""
    return np.concatenate(
        [np.stack([views[0] for views in placed]), unit(np.stack([views.mean(axis=0) for views in placed]))]
    )


def _likeness(placed: Sequence[Floats], products: NDArray[np.str_], judged: Sequence[bool]) -> tuple[Floats, Floats]:
    """Of every second view of the pictures that are judged: its likeness to its product, placed by its other views, and to
    the most alike other product."""
    places, owners = _places([views[::2] for views in placed]), np.tile(products, 2)
    positive, negative = [], []
    for product, views in compress(zip(products, placed, strict=True), judged):
        likeness = views[1::2] @ places.T
        positive.append(likeness[:, owners == product].max(axis=1))
        negative.append(likeness[:, owners != product].max(axis=1, initial=-1.0))
    return np.concatenate(positive), np.concatenate(negative)


def _telling(positive: Floats, negative: Floats) -> float:
    """The threshold with the largest difference between the parts of both that reach it (Youden's index).

    It lies in the middle of the gap that it is in.
    """
    found = np.unique(np.concatenate([positive, negative]))
    cuts = np.concatenate([found[:1], (found[:-1] + found[1:]) / 2])
    kept = [(positive >= cut).mean() - (negative >= cut).mean() for cut in cuts]
    return float(cuts[int(np.argmax(kept))])
