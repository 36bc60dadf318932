"""The command `streamdesk recommend`: what is suggested to a person, and why."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.errors import BadInput
from bot.settings import Settings
from bot.types import Findings, Language, Need

if TYPE_CHECKING:
    from knowledge.recommend.recommender import Ranking
    from knowledge.recommend.tastes import Taste

out = Console()
# Candidates that are printed with their features.
MOST = 20


def recommend(
    user: Annotated[str, typer.Option(metavar="ID", help="A customer (C0001), or a sender at a channel (web:abc).")],
    need: Annotated[str, typer.Argument(help="What is wanted, in their words; without it what suits them.")] = "",
    language: Annotated[Language, typer.Option(help="The language of names and reasons.")] = Language.EN,
    explain: Annotated[bool, typer.Option("--explain", help="Print signals, candidates and their features, too.")] = False,
) -> None:
    """What a person would be suggested now."""
    taste, found = asyncio.run(recommended(Settings.load(), need_of(user, need, language)))
    if explain:
        out.print(_signals(taste))
    if isinstance(found, Findings):
        out.print(_cards(found))
        return
    if explain:
        out.print(_features(found, language))
    out.print(_cards(Findings(cards=tuple(found.card(product) for product in found.products[:3]))))


def need_of(user: str, text: str, language: Language) -> Need:
    """The need of a person named as at the command line. Raises BadInput where nobody is."""
    channel, colon, sender = user.partition(":")
    if not user or (colon and not (channel and sender)):
        raise BadInput("name one person.", where=f"--user {user!r}", remedy="Write --user C0001, or --user web:abc.")
    now = datetime.now(UTC)
    if colon:
        return Need(text, language, asked_at=now, person=f"sender:{user}")
    return Need(text, language, customer_id=user, asked_at=now, person=f"customer:{user}")


async def recommended(settings: Settings, need: Need) -> tuple[Taste, Ranking | Findings]:
    """The person's taste and what is found for them. Raises BadInput for a customer whom the shop does not know."""
    from bot.app import open_shop
    from bot.storage.sql import SqlStore
    from knowledge.recommend.tastes import taste_of

    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        signals = store.signals()
        async with open_shop(settings, signals=signals) as parts:
            if need.customer_id and await parts.shop.customer(need.customer_id) is None:
                remedy = "Name one of its customers, or a sender as CHANNEL:USER."
                raise BadInput("the shop has no such customer.", where=f"--user {need.customer_id}", remedy=remedy)
            return await taste_of(need, parts.shop, signals), await parts.recommender.ranking(need)
    finally:
        await store.close()


def _signals(taste: Taste) -> Table:
    table = Table("when", "kind", "product", "weight", title=f"signals, oldest first (consent: {taste.consent})")
    for one in taste.signals:
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", one.kind, one.product_id, f"{one.weight:+.1f}")
    return table


def _features(ranking: Ranking, language: Language) -> Table:
    names = list(next(iter(ranking.features.values()), {}))
    title = f"candidates, best first ({min(MOST, len(ranking.products))} of {len(ranking.products)})"
    table = Table("product", "name", *names, "sum", title=title)
    for product in ranking.products[:MOST]:
        features = ranking.features[product.id]
        shown = (f"{features[name]:+.3f}" for name in names)
        table.add_row(product.id, product.name.in_(language), *shown, f"{sum(features.values()):+.3f}")
    return table


def _cards(found: Findings) -> Table:
    table = Table("", "product", "name", "price", "why", title="suggested")
    for place, card in enumerate(found.cards, 1):
        table.add_row(str(place), card.product_id, card.title, card.price, card.reason)
    return table
