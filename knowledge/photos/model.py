"""What was learned of a shop's pictures, as one file, named by a hash of what it was learned from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.photos.gallery import Gallery, fit_gallery
from knowledge.photos.head import Familiarity, Head, Samples, fit_head, samples
from knowledge.photos.pictures import Digest, Lesson
from knowledge.photos.whitening import Floats, Whitening

# Raised whenever learning makes something else of the same pictures.
_BUILD = 2


@dataclass(frozen=True, slots=True)
class PhotoModel:
    """`classes` are what the head tells apart, in the order of its probabilities; a shop with fewer than two classes has no
    head, and one without pictures of products no gallery."""

    classes: tuple[str, ...]
    head: Head | None
    gallery: Gallery | None

    def probabilities(self, features: Floats) -> dict[str, float]:
        """Classes by how probable they are for a photo with these features, shape (n,), most probable first.

        Empty where the photo is like nothing that was learned.
        """
        if self.head is None or self.head.familiar(features[None])[0] < 0:
            return {}
        found = dict(zip(self.classes, self.head.probabilities(features[None])[0].tolist(), strict=True))
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def model_file(models: Path, encoder: str, lessons: Collection[Lesson]) -> Path:
    """Where the model of these lessons is kept."""
    digest = hashlib.sha256(f"{_BUILD}\n{encoder}\n".encode())
    for lesson in sorted(lessons):
        digest.update(f"{lesson.digest}\t{lesson.named}\t{lesson.product}\n".encode())
    return models / f"photos-{digest.hexdigest()[:16]}.npz"


def learn(
    lessons: Sequence[Lesson], features: Mapping[Digest, Floats], apart: Collection[Digest] = frozenset()
) -> PhotoModel:
    """Fit everything; some seconds for some hundreds of pictures. `features` by picture, with views: shape (views, n).

    `apart` are the pictures from which the encoder did not learn where it learned from the others, see `setting_apart`.
    """
    classes = sorted({lesson.named for lesson in lessons})
    head = fit_head(taught(lessons, features, apart)) if len(classes) > 1 else None
    return PhotoModel(tuple(classes), head, _gallery(lessons, features, apart))


def taught(lessons: Sequence[Lesson], features: Mapping[Digest, Floats], apart: Collection[Digest]) -> Samples:
    """What a head learns from. A class of which nothing else is left keeps nothing apart."""
    classes = sorted({lesson.named for lesson in lessons})
    others = {lesson.named for lesson in lessons if lesson.digest not in apart}
    return samples(
        [features[lesson.digest] for lesson in lessons],
        [classes.index(lesson.named) for lesson in lessons],
        [lesson.digest in apart and lesson.named in others for lesson in lessons],
    )


def _gallery(lessons: Sequence[Lesson], features: Mapping[Digest, Floats], apart: Collection[Digest]) -> Gallery | None:
    ours = [lesson for lesson in lessons if lesson.product]
    if not ours:
        return None
    return fit_gallery(
        [features[lesson.digest] for lesson in ours],
        [lesson.product for lesson in ours],
        [features[lesson.digest] for lesson in lessons if not lesson.product],
        [lesson.digest in apart for lesson in ours],
    )


def save_model(file: Path, model: PhotoModel) -> None:
    """Write the file in one step."""
    arrays: dict[str, NDArray[np.generic]] = {"classes": np.array(model.classes, np.str_)}
    if model.head is not None:
        arrays |= _of_head(model.head)
    if model.gallery is not None:
        arrays |= _of_gallery(model.gallery)
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".new.npz")
    np.savez(written, allow_pickle=False, **arrays)
    written.rename(file)


def load_model(file: Path) -> PhotoModel:
    """The model of a file that `save_model` wrote."""
    with np.load(file) as arrays:
        head = _head(arrays) if "weights" in arrays else None
        gallery = _gallery_of(arrays) if "pictures" in arrays else None
        return PhotoModel(tuple(map(str, arrays["classes"])), head, gallery)


def _of_head(head: Head) -> dict[str, NDArray[np.generic]]:
    return {
        "head_mean": head.whitening.mean,
        "head_directions": head.whitening.directions,
        "weights": head.weights,
        "bias": head.bias,
        "known": head.known,
        "temperature": np.array(head.temperature),
        "familiar_mean": head.familiarity.mean,
        "familiar_deviation": head.familiarity.deviation,
        "familiar_least": np.array(head.familiarity.least),
    }


def _head(arrays: Mapping[str, NDArray[np.float32]]) -> Head:
    familiarity = Familiarity(arrays["familiar_mean"], arrays["familiar_deviation"], float(arrays["familiar_least"]))
    whitening = Whitening(arrays["head_mean"], arrays["head_directions"])
    temperature = float(arrays["temperature"])
    return Head(whitening, arrays["weights"], arrays["bias"], arrays["known"], temperature, familiarity)


def _of_gallery(gallery: Gallery) -> dict[str, NDArray[np.generic]]:
    return {
        "mean": gallery.whitening.mean,
        "directions": gallery.whitening.directions,
        "pictures": gallery.pictures,
        "products": np.array(gallery.products, np.str_),
        "least": np.array(gallery.least),
    }


def _gallery_of(arrays: Mapping[str, NDArray[np.generic]]) -> Gallery:
    whitening = Whitening(arrays["mean"], arrays["directions"])  # type: ignore[arg-type]
    products = tuple(map(str, arrays["products"]))
    return Gallery(whitening, arrays["pictures"], products, float(arrays["least"]))  # type: ignore[arg-type]
