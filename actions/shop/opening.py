"""Which shop `shop.url` names: a database of ours, or a system of the merchant's behind HTTP."""

from __future__ import annotations

from actions.shop.rest import RestShop
from actions.shop.sql import SqlShop
from bot.ports import Clock

ShopSystem = SqlShop | RestShop


async def open_shop_system(url: str, token: str = "", clock: Clock | None = None) -> ShopSystem:
    """Open the shop at `url`: `http(s)://…` over REST with `token`, any other in SQL. Raises BadSettings and Unavailable.

    `clock` is for scenarios: another time than the present.
    """
    if url.startswith(("http://", "https://")):
        return await RestShop.open(url.rstrip("/"), token)
    return await SqlShop.open(url, clock)
