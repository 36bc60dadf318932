"""Where a purchase is paid for: at our own checkout, or at the merchant's by a link with the cart in it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from bot.buying import Purchase, lines_text


@dataclass(frozen=True, slots=True)
class OwnCheckout:
    """Our own page. `public_url` is where buyers reach us."""

    public_url: str

    def link(self, purchase: Purchase) -> str:
        return f"{self.public_url}/checkout/{purchase.token}"


@dataclass(frozen=True, slots=True)
class MerchantCheckout:
    """The merchant's own, by a template with `{lines}` (SKU:PIECES, by commas) and `{coupon}`, each percent-encoded."""

    template: str

    def link(self, purchase: Purchase) -> str:
        lines, coupon = quote(lines_text(purchase.cart.items), safe=":,"), quote(purchase.cart.coupon, safe="")
        return self.template.replace("{lines}", lines).replace("{coupon}", coupon)
