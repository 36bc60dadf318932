"""What is learned of features, without any picture: head, gallery, whitening, and the file that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.photos.gallery import fit_gallery
from knowledge.photos.head import Head, fit_head, samples
from knowledge.photos.model import PhotoModel, learn, load_model, model_file, save_model
from knowledge.photos.pictures import Digest, Lesson
from knowledge.photos.scoring import area, calibration_error, score
from knowledge.photos.whitening import Floats, fit_whitening, unit

DIMENSION = 24
VIEWS = 4


class World:
    """Classes as directions in a space: photos of a class are near its own, and nearer where there is less `noise`."""

    def __init__(self, classes: int, noise: float) -> None:
        self.chance = np.random.default_rng(5)
        self.directions = unit(self.chance.normal(size=(classes, DIMENSION)))
        self.noise = noise

    def photos(self, shown: Sequence[int]) -> list[Floats]:
        """Photos of these classes, each with its views, which are nearer to it than other photos."""
        middles = self.directions[list(shown)] + self.chance.normal(size=(len(shown), DIMENSION)) * self.noise
        jitter = self.chance.normal(size=(len(shown), VIEWS, DIMENSION)) * self.noise / 4
        jitter[:, 0] = 0
        return [unit(rows) for rows in middles[:, None] + jitter + 0.5]


def taught(world: World, shown: Sequence[int]) -> Head:
    return fit_head(samples(world.photos(shown), shown))


def first_views(photos: Sequence[Floats]) -> Floats:
    return np.stack([views[0] for views in photos])


@pytest.mark.parametrize("classes", [2, 5])
def test_a_head_knows_its_classes_as_surely_as_it_says(classes: int) -> None:
    world = World(classes, 0.28)
    head = taught(world, [number % classes for number in range(40 * classes)])
    shown = np.arange(500) % classes
    probabilities = head.probabilities(first_views(world.photos(shown.tolist())))
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    right = probabilities.argmax(axis=1) == shown
    assert right.mean() > 0.6
    assert calibration_error(probabilities.max(axis=1), right) < 0.08


def test_what_nobody_taught_is_not_familiar() -> None:
    world = World(8, 0.08)
    head = taught(world, [number % 6 for number in range(120)])
    known, unknown = first_views(world.photos([0, 1, 2, 3, 4, 5] * 20)), first_views(world.photos([6, 7] * 60))
    assert area(head.familiar(known), head.familiar(unknown)) > 0.95
    assert (head.familiar(known) > 0).mean() > 0.85
    assert (head.familiar(unknown) > 0).mean() < 0.3


def test_a_class_with_a_single_picture_is_learned_by_its_views() -> None:
    world = World(4, 0.05)
    head = taught(world, [0, 1, 2, 3])
    probabilities = head.probabilities(first_views(world.photos([0, 1, 2, 3])))
    assert probabilities.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_neighbours_are_left_out_together() -> None:
    world = World(2, 0.1)
    taken = samples(world.photos([0] * 6 + [1]), [0] * 6 + [1])
    assert taken.parts.reshape(7, VIEWS)[:6].tolist() == [[part] * VIEWS for part in (0, 0, 1, 1, 2, 2)]
    assert taken.parts.reshape(7, VIEWS)[6].tolist() == [0, 1, 2, 0]
    assert taken.judged.sum() == 6 + VIEWS


def test_a_gallery_finds_a_product_by_any_of_its_pictures() -> None:
    world = World(6, 0.03)
    gallery = fit_gallery(world.photos([0, 1, 2, 3, 4]), ["a", "b", "c", "d", "a"])
    photos = first_views(world.photos([0, 1, 2, 3, 4]))
    assert [next(iter(gallery.nearest(photo))) for photo in photos] == ["a", "b", "c", "d", "a"]
    stranger = gallery.nearest(first_views(world.photos([5]))[0])
    assert list(stranger.values()) == sorted(stranger.values(), reverse=True)
    assert max(stranger.values()) < gallery.least < min(max(gallery.nearest(photo).values()) for photo in photos)


def test_the_threshold_is_the_shops_own() -> None:
    """Products that look alike need more likeness than those that do not."""
    apart, alike = World(6, 0.05), World(6, 0.05)
    alike.directions = unit(alike.directions[:1] + alike.directions * 0.3)
    products = list("abcdef")
    assert fit_gallery(alike.photos(range(6)), products).least != fit_gallery(apart.photos(range(6)), products).least


def test_one_picture_alone_is_a_gallery() -> None:
    [photo] = World(1, 0.1).photos([0])
    gallery = fit_gallery([photo], ["a"])
    assert gallery.nearest(photo[0])["a"] >= gallery.least


def test_what_all_pictures_share_says_nothing() -> None:
    rows = np.concatenate(World(3, 0.1).photos([0, 1, 2] * 10))
    assert np.allclose(fit_whitening(rows)(rows), fit_whitening(rows + 7)(rows + 7), atol=1e-2)
    assert np.allclose(np.linalg.norm(fit_whitening(rows)(rows), axis=1), 1, atol=1e-5)


def test_pictures_that_are_all_the_same_are_nowhere() -> None:
    rows = np.ones((4, DIMENSION), np.float32)
    assert np.isfinite(fit_whitening(rows)(rows)).all()


LESSONS = tuple(Lesson(Digest(f"{n}"), f"kind:{n % 3}", f"P{n}" if n % 2 else "") for n in range(12))


def learned() -> tuple[PhotoModel, list[Floats]]:
    photos = World(3, 0.1).photos([n % 3 for n in range(12)])
    return learn(LESSONS, {lesson.digest: views for lesson, views in zip(LESSONS, photos, strict=True)}), photos


def test_a_model_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    model, photos = learned()
    save_model(tmp_path / "deeper" / "model.npz", model)
    again = load_model(tmp_path / "deeper" / "model.npz")
    for views in photos:
        assert again.probabilities(views[0]) == model.probabilities(views[0])
        assert model.gallery and again.gallery
        assert again.gallery.nearest(views[0]) == model.gallery.nearest(views[0])
        assert again.gallery.least == model.gallery.least


def test_too_little_to_learn_from_is_no_error(tmp_path: Path) -> None:
    nothing = learn((), {})
    save_model(tmp_path / "model.npz", nothing)
    assert load_model(tmp_path / "model.npz") == nothing == PhotoModel((), None, None)
    [photo] = World(1, 0.1).photos([0])
    single = learn(LESSONS[1:2], {LESSONS[1].digest: photo})
    assert single.probabilities(photo[0]) == {}
    assert single.gallery is not None


def test_a_model_is_named_by_what_it_was_learned_from(tmp_path: Path) -> None:
    def named(*lessons: Lesson, encoder: str = "e") -> Path:
        return model_file(tmp_path, encoder, lessons)

    assert named(*LESSONS) == named(*reversed(LESSONS))
    others = {named(*LESSONS[1:]), named(*LESSONS, encoder="f"), named(replace(LESSONS[0], named="kind:9"), *LESSONS[1:])}
    assert len({named(*LESSONS), *others}) == 4


def test_scores_say_what_is_taken_for_what() -> None:
    model, photos = learned()
    assert model.head is not None
    features, shown = first_views(photos), [lesson.named for lesson in LESSONS]
    larger = dict.fromkeys(model.classes, "all")
    scores = score(model.head, model.classes, features, shown, features[:0], larger=larger)
    assert (scores.accuracy, scores.coarse, scores.rejection, scores.confusions) == (1.0, 1.0, None, ())
    wrong = ["kind:1" if named == "kind:0" else named for named in shown]
    scores = score(model.head, model.classes, features, wrong, -features, larger={named: named for named in model.classes})
    assert scores.confusions == (("kind:1", "kind:0", 4),)
    assert scores.accuracy == pytest.approx(8 / 12)
    assert scores.coarse is None
    assert scores.rejection == 1.0


def test_calibration_error_is_the_mean_distance_from_the_truth() -> None:
    assert calibration_error(np.full(100, 0.75, np.float32), np.arange(100) % 4 > 0) < 0.1
    assert calibration_error(np.full(10, 0.9, np.float32), np.zeros(10, bool)) == pytest.approx(0.9)
