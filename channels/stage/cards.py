"""The card of the product that the host speaks of, as its page shows it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.commerce import Promotion, Text
from channels.common.rendering import picture_url
from channels.stage.facts import Facts

_NEVER = datetime.max.replace(tzinfo=UTC)


def card(facts: Facts) -> dict[str, Any]:
    """Names in both languages, prices as a shopper reads them; empty or null is what the tables do not say.

    Of the offers that run, the one that ends first is named.
    """
    product, prices = facts.product, facts.prices
    return {
        "id": product.id,
        "name": _both(product.name),
        "picture": picture_url(product.picture),
        "link": facts.link,
        "price": str(prices[0]) if prices else "",
        "from": prices is not None and prices[0] != prices[1],
        "former": str(facts.former or ""),
        "to_pay": str(facts.to_pay or ""),
        "offer": _offer(min(facts.offers, key=lambda offer: offer.ends_at or _NEVER, default=None)),
    }


def _offer(offer: Promotion | None) -> dict[str, Any] | None:
    if offer is None:
        return None
    return {"name": _both(offer.name), "ends_at": offer.ends_at.isoformat() if offer.ends_at else None}


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.in_("zh"), "en": text.in_("en")}
