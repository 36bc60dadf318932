"""Reading photos by what a shop's pictures taught."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from bot.commerce import Product, Text
from bot.errors import BadPhoto
from bot.types import Language
from knowledge.encoders import load_photo_encoder
from knowledge.photos.labelled import read_labelled
from knowledge.photos.reader import CataloguePhotos
from tests.knowledge.photos.pictures import Layout, noise, picture

SHAPES = {"disc": Text("圆盘", "Discs"), "bar": Text("长条", "Bars"), "frame": Text("框", "Frames")}
DEMO = Path("demo/shop/pictures")
DRAWN = {"jackets": (1001, 1002), "dresses": (1021, 1022), "audio": (1131,)}
COLOURS = ("red", "blue", "green", "black")


class Shelf:
    """Of `Shop` what reading photos asks for."""

    def __init__(self, products: Sequence[Product]) -> None:
        self.all = list(products)

    async def products(self, ids: Collection[str] | None = None) -> list[Product]:
        return [product for product in self.all if ids is None or product.id in ids]


class Shop:
    """A shop of discs, bars and frames in four colours, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.encoder = Layout()
        self.shelf = Shelf([self._put(shape, colour) for shape in SHAPES for colour in COLOURS])

    def _put(self, shape: str, colour: str) -> Product:
        name = f"{shape}-{colour}"
        (self.folder / "pictures").mkdir(exist_ok=True)
        (self.folder / "pictures" / f"{name}.png").write_bytes(picture(shape, colour))
        kind = SHAPES[shape]
        return Product(name, Text(name, name), f"shapes/{shape}", "", (), category_name=kind, picture=f"pictures/{name}.png")

    def photos(self) -> CataloguePhotos:
        """A reader as after a start."""
        shelf, pictures = self.shelf, self.folder / "pictures"
        return CataloguePhotos(shelf, self.encoder, pictures, self.folder / "index", self.folder / "models")  # type: ignore[arg-type]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def test_a_photo_shows_a_kind_of_the_shop_and_finds_its_product(shop: Shop) -> None:
    photos = shop.photos()
    assert (await photos.refresh()).products == 12
    reading = await photos.read(picture("bar", "blue", 300, "JPEG"), Language.EN)
    assert (reading.labels[0].label_zh, reading.labels[0].label_en) == ("长条", "Bars")
    assert reading.sure
    assert reading.product_ids[0] == "bar-blue"
    assert [card.product_id for card in reading.cards] == list(reading.product_ids)
    assert not any("%" in card.reason for card in reading.cards)


async def test_what_shows_nothing_gets_no_label_and_no_product(tmp_path: Path) -> None:
    """On the real network's features, of some of the demo shop's pictures."""
    encoder = await load_photo_encoder("efficientnet-lite0", Path("var/models"))
    shop = Shelf([_drawn(kind, number) for kind, numbers in DRAWN.items() for number in numbers])
    photos = CataloguePhotos(shop, encoder, DEMO, tmp_path, tmp_path)  # type: ignore[arg-type]
    for nothing in (noise(200), noise(1)):
        reading = await photos.read(nothing, Language.ZH)
        assert (reading.labels, reading.cards, reading.sure) == ((), (), False)
    for product in shop.all:
        reading = await photos.read((DEMO / product.picture).read_bytes(), Language.ZH)
        assert product.id in reading.product_ids
        assert [label.label_zh for label in reading.labels] in ([product.category], [])
    with pytest.raises(BadPhoto):
        await photos.read(b"no picture", Language.ZH)


def _drawn(kind: str, number: int) -> Product:
    return Product(f"P{number}", Text(), kind, "", (), category_name=Text(kind, kind), picture=f"P{number}.png")


async def test_a_photo_is_looked_at_once_and_a_picture_never_again(shop: Shop) -> None:
    await shop.photos().refresh()
    learned = list((shop.folder / "models").iterdir())
    before = shop.encoder.seen
    photos = shop.photos()
    await photos.read(picture("disc", "red"), Language.EN)
    assert shop.encoder.seen == before + 1
    assert list((shop.folder / "models").iterdir()) == learned, "read from its file, by what it was learned from"


async def test_a_changed_picture_is_learned_anew(shop: Shop) -> None:
    await shop.photos().refresh()
    (shop.folder / "pictures" / "bar-blue.png").write_bytes(picture("bar", "orange"))
    photos = shop.photos()
    assert (await photos.read(picture("bar", "orange"), Language.EN)).product_ids[0] == "bar-blue"


async def test_labelled_photos_teach_further_classes_and_further_pictures_of_products(shop: Shop) -> None:
    folder = shop.folder / "photos"
    for named, shape, colours in (("disc-red", "disc", ("brown", "purple")), ("Pink_Frames", "frame", ("pink", "magenta"))):
        (folder / named).mkdir(parents=True)
        for colour in colours:
            (folder / named / f"{colour}.png").write_bytes(picture(shape, colour))
    report = await shop.photos().train(read_labelled(folder, shop.shelf.all))
    assert report.problems == {}
    (folder / "disc-red" / "brown.png").unlink()  # the photos themselves are not needed any more
    photos = shop.photos()
    assert {"product:disc-red", "label:Pink_Frames", "kind:shapes/disc"} < set((await photos.model()).classes)
    reading = await photos.read(picture("disc", "brown"), Language.EN)
    assert reading.product_ids[0] == "disc-red"
    assert (await photos.refresh()).problems == {}, "a load keeps what was taught"
    assert "label:Pink_Frames" in (await photos.model()).classes


async def test_a_product_that_is_gone_is_not_shown(shop: Shop) -> None:
    photos = shop.photos()
    await photos.refresh()
    shop.shelf.all = [product for product in shop.shelf.all if product.id != "bar-blue"]
    assert "bar-blue" not in (await photos.read(picture("bar", "blue"), Language.EN)).product_ids


async def test_a_shop_without_pictures_says_that_it_is_not_sure(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.shelf = Shelf([])
    reading = await shop.photos().read(picture("bar", "blue"), Language.EN)
    assert (reading.labels, reading.cards) == ((), ())
