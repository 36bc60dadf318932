"""A shop's photos, with the network that they are seen with."""

from __future__ import annotations

from pathlib import Path

from bot.commerce import Shop
from knowledge.encoders import load_photo_encoder
from knowledge.photos.network import tuned_network
from knowledge.photos.reader import CataloguePhotos


async def open_photos(
    encoder: str, shop: Shop, pictures: Path, index: Path, models: Path, *, tuned: bool = True
) -> CataloguePhotos | None:
    """With the photo encoder of this name, or the network that learned from the shop's photos unless `tuned` is False.

    None for the encoder `none`. Raises BadSettings.
    """
    network = tuned_network(index) if tuned else None
    loaded = await load_photo_encoder(encoder, models, tuned=network.file if network else "")
    return CataloguePhotos(shop, loaded, pictures, index, models, network=network) if loaded else None
