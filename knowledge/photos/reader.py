"""What a customer's photo shows, and which products look like it: the port PhotoReader."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.commerce import Product, Shop
from bot.errors import BadPhoto
from bot.ports import PhotoEncoder
from bot.types import Language, PhotoLabel, PhotoReading
from knowledge.photos.labelled import LabelledPhotos
from knowledge.photos.model import PhotoModel, learn, load_model, model_file, save_model
from knowledge.photos.naming import class_name
from knowledge.photos.network import TunedNetwork, use_network
from knowledge.photos.pictures import Digest, Lesson, Library, Pictures, Progress, catalogue_pictures
from knowledge.photos.whitening import Floats
from knowledge.wording import card, is_english

MAX_ALIKE = 3
TOP_LABELS = 3
# From what probability on a class is said without a doubt, and from what on it is one of those it may be.
SURE = 0.6
PERHAPS = 0.2


@dataclass(frozen=True, slots=True)
class PictureReport:
    """How many products can be found by a photo, and which pictures cannot be read, by path, with the reason."""

    products: int
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What pictures teach: their files where these are at hand, the lessons of those that can be read, and features with
    views, shape (views, n)."""

    files: Mapping[Digest, Path]
    lessons: tuple[Lesson, ...]
    features: Mapping[Digest, Floats]
    report: PictureReport


class CataloguePhotos:
    """`PhotoReader` learned from the pictures of the shop's products and from labelled photos, on one encoder's features."""

    def __init__(
        self,
        shop: Shop,
        encoder: PhotoEncoder,
        pictures: Path,
        cache: Path,
        models: Path,
        *,
        network: TunedNetwork | None = None,
    ) -> None:
        """`pictures` is the folder that products' picture paths are relative to; features are kept under `cache`, what is
        learned of them under `models`. `network`: which one the encoder runs where it learned from pictures of the shop."""
        self._shop = shop
        self.encoder = encoder
        self._pictures = pictures
        self._library = Library(cache, encoder)
        self._models = models
        self._network = network
        self._model: PhotoModel | None = None
        self._opening = asyncio.Lock()

    async def refresh(self, progress: Progress = lambda done, total: None) -> PictureReport:
        """Look at pictures that are new or changed, and learn anew where any is.

        A product without a picture that can be read is found by its words.
        """
        self._model, report = await self._learned(None, progress)
        return report

    async def train(self, photos: LabelledPhotos, progress: Progress = lambda done, total: None) -> PictureReport:
        """Learn from labelled photos, too, instead of those of before. Their features are kept, the photos are not.

        Photos are seen with this encoder from now on, and what others saw is forgotten.
        """
        await asyncio.to_thread(self._library.keep_labelled, photos.lessons)
        await asyncio.to_thread(use_network, self._library.folder, self._network)
        self._model, report = await self._learned(photos, progress)
        await asyncio.to_thread(self._library.forget_others)
        return report

    def seen_with(self, encoder: PhotoEncoder, network: TunedNetwork | None) -> CataloguePhotos:
        """The same shop's, of another encoder."""
        return CataloguePhotos(self._shop, encoder, self._pictures, self._library.folder, self._models, network=network)

    async def model(self) -> PhotoModel:
        """What was learned, read from its file at the first call."""
        async with self._opening:
            if self._model is None:
                self._model, _ = await self._learned(None, lambda done, total: None)
            return self._model

    async def read(self, data: bytes, language: Language) -> PhotoReading:
        """What the photo may show, and the products that look like it. Raises BadPhoto for bytes that are no picture."""
        model = await self.model()
        [features] = await self.encoder.encode([data])
        probable = _worth_saying(model.probabilities(features))
        sure = bool(probable) and next(iter(probable.values())) >= SURE
        products = {product.id: product for product in await self._shop.products()}
        labels = tuple(_label(named, probability, products) for named, probability in probable.items())
        kinds = {product.id: f"kind:{product.category}" for product in products.values()}
        found = [products[name] for name in _alike(model, features, probable, kinds) if name in products]
        cards = tuple(card(product, language, _reason(language)) for product in found[:MAX_ALIKE])
        return PhotoReading(labels, cards, tuple(one.product_id for one in cards), sure)

    async def training_set(
        self, photos: LabelledPhotos | None = None, progress: Progress = lambda done, total: None
    ) -> TrainingSet:
        """All that can be learned from, after a look at what is new. `photos` are those whose files are at hand."""
        products = await self._shop.products()
        taught = photos.lessons if photos else await asyncio.to_thread(self._library.labelled)
        photographed = frozenset(lesson.product for lesson in taught if lesson.product)
        pictures = await asyncio.to_thread(catalogue_pictures, self._pictures, products, photographed)
        files = {**pictures.files, **(photos.files if photos else {})}
        others = [lesson.digest for lesson in taught if lesson.digest not in files]
        features, unread = await self._library.features(files, others, progress)
        lessons = tuple(lesson for lesson in (*pictures.lessons, *taught) if lesson.digest in features)
        found = sum(lesson.digest in features for lesson in pictures.lessons)
        report = PictureReport(found, {**pictures.problems, **_by_path(unread, files, pictures)})
        return TrainingSet(files, lessons, features, report)

    async def _learned(self, photos: LabelledPhotos | None, progress: Progress) -> tuple[PhotoModel, PictureReport]:
        given = await self.training_set(photos, progress)
        apart = self._network.apart if self._network else frozenset()
        file = model_file(self._models, self.encoder.name, given.lessons)
        return await asyncio.to_thread(_model, file, given, apart), given.report


class NoPhotos:
    """`PhotoReader` of a service that is set up without a photo encoder."""

    async def read(self, data: bytes, language: Language) -> PhotoReading:
        """Always raises BadPhoto."""
        raise BadPhoto("photos are not read here.", where="photos.encoder", remedy="Name an encoder in config.yml.")


def _model(file: Path, given: TrainingSet, apart: frozenset[Digest]) -> PhotoModel:
    """What is learned of these lessons, or was before."""
    if file.is_file():
        return load_model(file)
    model = learn(given.lessons, given.features, apart)
    save_model(file, model)
    return model


def _by_path(unread: Mapping[Digest, str], files: Mapping[Digest, Path], pictures: Pictures) -> dict[str, str]:
    """Problems of pictures by the path that the shop or the folder of labelled photos has for them."""
    paths = {digest: pictures.paths.get(digest, str(files[digest])) for digest in unread}
    return {paths[digest]: problem for digest, problem in unread.items()}


def _worth_saying(probable: Mapping[str, float]) -> dict[str, float]:
    """The class that it surely is, or at most TOP_LABELS that it may be; none where that says too little."""
    likely = {named: probability for named, probability in list(probable.items())[:TOP_LABELS] if probability >= PERHAPS}
    first = dict(list(likely.items())[:1])
    if sum(first.values()) >= SURE:
        return first
    return likely if sum(likely.values()) >= SURE else {}


def _alike(model: PhotoModel, features: Floats, probable: Mapping[str, float], kinds: Mapping[str, str]) -> list[str]:
    """Products that it may be by what it shows, those that look like it, then the most alike of the kind that it surely is.

    `kinds` is the kind of each product. Without repeats.
    """
    shown = [named.removeprefix("product:") for named in probable if named.startswith("product:")]
    nearest = model.gallery.nearest(features) if model.gallery else {}
    alike = [product for product, cosine in nearest.items() if model.gallery and cosine >= model.gallery.least]
    of_kind = [product for product in nearest if probable.get(kinds.get(product, ""), 0.0) >= SURE]
    return list(dict.fromkeys([*shown, *alike, *of_kind]))


def _label(named: str, probability: float, products: Mapping[str, Product]) -> PhotoLabel:
    name = class_name(named, list(products.values()))
    return PhotoLabel(name.in_(Language.ZH), name.in_(Language.EN), probability)


def _reason(language: str) -> str:
    return "looks like your photo" if is_english(language) else "和照片里的很像"
