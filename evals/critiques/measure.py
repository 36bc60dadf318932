"""Plays searches with the whole service and prints how many customers are shown what they have in mind, and how soon.

python -m evals.run critiques
python -m evals.critiques.measure --n 500 --seed 2 --examples 10
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.commerce import Product
from bot.types import ConversationKey, Message, Turn
from evals.critiques.customer import Customer, Said, is_for_sale
from evals.truth.asking import Asker, open_asker
from evals.truth.measure import DEMO, GARDEN

# The bot has so many replies to show the product.
TURNS = 3


@dataclass(frozen=True, slots=True)
class Played:
    """One search: what was said, what was shown each time, and with which reply the product came; 0 where it did not."""

    language: str
    opening: str
    target: str
    said: tuple[Said, ...]
    shown: tuple[tuple[str, ...], ...]
    questions: int
    found: int


async def play(asker: Asker, n: int, seed: int) -> list[Played]:
    """So many searches with a shop, its products in turn, each in both languages as often."""
    products = [product for product in await asker.service.parts.shop.products() if is_for_sale(product)]
    order = random.Random(seed).sample(products, len(products))
    return [await _search(asker, order[k % len(order)], products, f"{seed}/{k}") for k in range(n)]


async def _search(asker: Asker, target: Product, products: Sequence[Product], name: str) -> Played:
    rng = random.Random(name)
    language = rng.choice(("zh", "en"))
    customer, by_id = Customer(target, language, rng), {product.id: product for product in products}
    key = ConversationKey("web", "", f"critique-{name}")
    said, shown, questions = [customer.opens()], [], 0
    for number in range(1, TURNS + 1):
        message = Message(f"m{number}", key, said[-1].text, datetime.now(UTC), locale="en" if language == "en" else "zh-CN")
        turn = await asker.service.engine.handle(message)
        shown.append(_cards(turn))
        buttons = [button for reply in turn.replies for button in reply.buttons]
        questions += any(button.payload.startswith("/narrow") for button in buttons)
        if target.id in shown[-1] or number == TURNS:
            found = number if target.id in shown[-1] else 0
            return Played(language, said[0].sort, target.id, tuple(said), tuple(shown), questions, found)
        last = next((cards for cards in reversed(shown) if cards), ())
        said.append(customer.goes_on([by_id[name] for name in last if name in by_id], buttons))
    raise AssertionError("a search ends with its last turn")


def _cards(turn: Turn) -> tuple[str, ...]:
    return tuple(card.product_id for reply in turn.replies for card in reply.cards)


def figures(played: Sequence[Played]) -> dict[str, Any]:
    """Shares of those who were shown the product with the first, second and third reply, or before."""
    within = {f"within_{k}": sum(0 < one.found <= k for one in played) / len(played) for k in range(1, TURNS + 1)}
    critiques = [(said, cards) for one in played for said, cards in zip(one.said[1:], one.shown[1:], strict=False)]
    unheard = sum(not cards for _, cards in critiques)
    most = max(one.questions for one in played)
    return {"n": len(played), **within, "critiques": len(critiques), "unheard": unheard, "most_questions": most}


def show(title: str, played: Sequence[Played], console: Console, examples: int = 0) -> dict[str, Any]:
    """Print the table. Returns the figures of all."""
    table = Table("", "n", *(f"shown within {k}" for k in range(1, TURNS + 1)), "critiques", "nothing shown", title=title)
    openings = sorted({one.opening for one in played})
    cuts = {
        **{name: [one for one in played if one.opening == name] for name in openings},
        **{name: [one for one in played if one.language == name] for name in ("zh", "en")},
        "all": list(played),
    }
    for name, part in cuts.items():
        row = figures(part)
        shares = (f"{row[f'within_{k}']:.0%}" for k in range(1, TURNS + 1))
        table.add_row(name, str(row["n"]), *shares, str(row["critiques"]), str(row["unheard"]))
    console.print(table)
    failed = Counter(said.sort for one in played for said, cards in zip(one.said, one.shown, strict=False) if not cards)
    console.print(f"nothing shown after: {dict(failed.most_common())}", markup=False)
    for one in [one for one in played if not one.found][:examples]:
        turns = " / ".join(f"{said.text} -> {','.join(cards)}" for said, cards in zip(one.said, one.shown, strict=True))
        console.print(f"{one.target}: {turns}", markup=False, highlight=False)
    return figures(played)


async def played_in(folder: Path, n: int, seed: int) -> list[Played]:
    """So many searches in a shop of this folder."""
    async with open_asker(folder) as asker:
        return await play(asker, n, seed)


async def measure(console: Console, n: int = 250, seed: int = 1, examples: int = 0) -> dict[str, Any]:
    """The suite of `make eval`: the demo shop and a shop of another trade, as many searches in each."""
    found: dict[str, Any] = {}
    everyone: list[Played] = []
    for folder in (DEMO, GARDEN):
        played = await played_in(folder, n, seed)
        found[folder.name] = show(f"Critiques, {folder.name}, seed {seed}", played, console, examples)
        everyone += played
    found["all"] = figures(everyone)
    console.print(f"shown within {TURNS}, all: {found['all'][f'within_{TURNS}']:.1%} of {len(everyone)}")
    return found


def main() -> None:
    """Measure with another number and seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=250, help="searches in each shop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=0, help="searches that failed, to be read")
    how = parser.parse_args()
    asyncio.run(measure(Console(width=130), how.n, how.seed, how.examples))


if __name__ == "__main__":
    main()
