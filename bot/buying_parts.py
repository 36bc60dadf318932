"""What buying is made of, by the settings: the checkout, who takes the money, and the shop's rule for postage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from actions.buying import Buying
from actions.cashier import PostageRule
from actions.checkouts import MerchantCheckout, OwnCheckout
from actions.policy import Policy
from actions.trial_payments import TrialPayments
from bot.buying import Purchases
from bot.errors import BadSettings
from bot.payments import PaymentProvider
from bot.postage import Postage
from bot.registered import registered_payments
from bot.settings import Settings
from knowledge import generation
from knowledge.postage.reader import rule_of


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


def postage_rule(policy: Policy, index: Path) -> PostageRule:
    """The rule of the shop's policy, or else the one that its documents in force say; each state of these is read once."""
    read: dict[tuple[str | None, str, str], Postage | None] = {}

    async def rule(at: datetime, currency: str) -> Postage | None:
        if policy.postage is not None:
            return policy.postage.postage()
        key = (generation.current(index), at.date().isoformat(), currency)
        if key not in read:
            read.clear()
            read[key] = await asyncio.to_thread(_of_documents, index, at, currency)
        return read[key]

    return rule


def _of_documents(index: Path, at: datetime, currency: str) -> Postage | None:
    loaded = generation.load(index)
    found = rule_of(loaded.entries, at, currency) if loaded is not None else None
    return found.postage if found is not None else None
