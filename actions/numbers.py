"""The port OrderNumbers over a shop: forms are learned from its newest orders, and what else has a code is none of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from bot.commerce import Shop
from bot.errors import Unavailable
from bot.types import Entity
from bot.values.identifiers import Declared, OrderForms, order_forms

log = structlog.get_logger(__name__)

# Forms are read again after so many seconds; for a number of no known form after fewer.
FORMS_FOR_S, UNKNOWN_FOR_S = 60.0, 5.0
# Orders from which forms are learned.
SAMPLE = 2_000


class ShopOrderNumbers:
    """`OrderNumbers` of a shop's own orders and of what it has written down."""

    def __init__(self, shop: Shop, declared: Sequence[Declared] = ()) -> None:
        self._shop = shop
        self._declared = tuple(declared)
        self._forms = order_forms((), self._declared)
        self._learned_from: tuple[list[str], list[str]] | None = None
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    @property
    def forms(self) -> OrderForms:
        """The forms as they were last read."""
        return self._forms

    def private(self, text: str) -> list[Entity]:
        """The order numbers in a text that others must not read, by the forms as they are now."""
        return self.forms.private(text)

    async def refreshed(self, *, unknown: bool = False) -> OrderForms:
        """The forms, read anew where they are old. A shop that does not answer has the forms that it had."""
        async with self._reading:  # once, however many ask at the moment when the forms are old
            if time.monotonic() - self._read_at > (UNKNOWN_FOR_S if unknown else FORMS_FOR_S):
                self._read_at = time.monotonic()
                try:
                    await self._read()
                except Unavailable as error:
                    log.warning("numbers.unavailable", error=str(error))
                    self._read_at += UNKNOWN_FOR_S - FORMS_FOR_S
            return self._forms

    async def _read(self) -> None:
        ids = await self._shop.order_ids(SAMPLE)
        codes = [coupon.code for coupon in await self._shop.coupons(datetime.now(UTC))]
        for product in await self._shop.products():
            codes += (product.id, *(variant.sku for variant in product.variants))
        if (ids, codes) != self._learned_from:
            self._forms = order_forms(ids, self._declared, codes)
            self._learned_from = ids, codes
