"""What buying is made of, by the settings: the checkout, and who takes the money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from actions.buying import Buying
from actions.checkouts import MerchantCheckout, OwnCheckout
from actions.trial_payments import TrialPayments
from bot.buying import Purchases
from bot.errors import BadSettings
from bot.payments import PaymentProvider
from bot.registered import registered_payments
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class BuyingParts:
    """What the verbs need, and the provider of our own checkout; None each where nothing can be bought so."""

    buying: Buying | None = None
    provider: PaymentProvider | None = None


@asynccontextmanager
async def open_buying(settings: Settings, purchases: Purchases, *, trial: bool) -> AsyncIterator[BuyingParts]:
    """Open what `buying` in the settings says. `trial`: without a provider a page says that it was paid.

    Raises BadSettings for a provider that no installed package registers.
    """
    given = settings.buying
    hold_for = timedelta(minutes=given.hold_minutes)
    if given.checkout == "merchant":
        checkout = MerchantCheckout(given.link)
        yield BuyingParts(Buying(purchases, checkout, hold_for, settings.live.default_room))
        return
    async with AsyncExitStack() as closing:
        provider = await _provider(given.payment, closing, trial=trial) if given.checkout == "own" else None
        if provider is None:
            yield BuyingParts()
            return
        own = OwnCheckout(settings.channels.web.public_url)
        yield BuyingParts(Buying(purchases, own, hold_for, settings.live.default_room), provider)


async def _provider(name: str, closing: AsyncExitStack, *, trial: bool) -> PaymentProvider | None:
    if not name:
        return TrialPayments() if trial else None
    platforms = registered_payments()
    if name not in platforms:
        known = ", ".join(platforms) or "none is installed"
        raise BadSettings(f"no payment provider {name!r}.", where="buying.payment", remedy=f"Known: {known}.")
    return await closing.enter_async_context(platforms[name].open())
