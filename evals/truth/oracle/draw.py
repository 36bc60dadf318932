"""What every maker draws with, and how names and figures become slots."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.commerce import EXPONENTS, Product, Variant
from evals.truth.cases import Amounts, Case, Claim, Figures, Slot, Utterance
from evals.truth.names import called, kind_words
from evals.truth.reckoning import BasketLine, reckon, taken_off
from evals.truth.tables import Tables, covers, highest, lowest, state_of, values_of


@dataclass(frozen=True, slots=True)
class Draw:
    """A shop, a language, and chance: `rng` chooses what is asked, `naming` how it is called.

    There are two of them so that both languages can ask for the same.
    """

    tables: Tables
    language: str
    rng: random.Random
    naming: random.Random

    def case(
        self, kind: str, about: str, turns: Sequence[Utterance | Sequence[Utterance]], claims: Iterable[Claim], right: str
    ) -> Case:
        """A case of what was drawn."""
        said = tuple((turn,) if isinstance(turn, Utterance) else tuple(turn) for turn in turns)
        return Case(f"{kind}:{about}", kind, self.language, said, tuple(claims), right, self.naming.getrandbits(32))

    def named(self, product: Product) -> Slot:
        """A product as somebody calls it."""
        name = called(product, self.tables, self.language, self.naming)
        return Slot(name, product.name.in_("en" if self.language == "zh" else "zh"), fixed=len(name) < 5)

    def kind(self) -> tuple[list[Product], Slot] | None:
        """A category with at least two products, and a word for it."""
        kinds = self.tables.categories()
        category = self.rng.choice(sorted(kinds))
        words = kind_words(category, self.tables, self.language)
        return (
            (kinds[category], label(self.naming.choice(words), self.language))
            if words and len(kinds[category]) > 1
            else None
        )

    def product(self) -> Product:
        """Any product."""
        return self.rng.choice(self.tables.products)

    def variant(self) -> tuple[Product, Variant] | None:
        """A variant that can be told from its siblings."""
        product = self.product()
        variant = self.rng.choice(product.variants)
        return (product, variant) if values_of(product, variant, self.language) else None

    def value(self, product: Product, variant: Variant) -> Slot:
        """A variant as somebody tells it from the others."""
        return Slot((" " if self.language == "en" else "").join(values_of(product, variant, self.language)))


Maker = Callable[[Draw], Case | None]


def label(text: str, language: str) -> Slot:
    """A label or a kind as it stands within a sentence: `UPF rating`, but `weight`."""
    inside = language == "en" and text[1:2].islower()
    return Slot(text[0].lower() + text[1:] if inside else text)


def major(minor: int, currency: str) -> Decimal:
    """Minor units as a figure that people read."""
    return (Decimal(minor) / Decimal(10) ** EXPONENTS.get(currency, 2)).normalize() + 0


def price_of(variant: Variant) -> Decimal:
    """A variant's price as a figure."""
    return major(variant.price.minor, variant.price.currency)


def price_claims(product: Product, variants: Sequence[Variant], tables: Tables) -> tuple[Claim, ...]:
    """The price of some variants of a product (the lowest and the highest), and no amount that is not theirs."""
    prices = {price_of(variant) for variant in variants}
    ends = sorted({min(prices), max(prices)})
    return *(Figures(frozenset({end}), on_cards=len(variants) > 1) for end in ends), Amounts(
        sayable(product, variants, tables)
    )


def sayable(product: Product, variants: Sequence[Variant], tables: Tables) -> frozenset[Decimal]:
    """Amounts that may be said of variants: prices now, before and with the offers, and the offers' own figures."""
    currency = tables.currency
    found: set[int] = set()
    for variant in variants:
        found.add(variant.price.minor)
        found.add(reckon([BasketLine(product, variant, 1)], tables.promotions, None, tables.now).paid)
        if variant.compare_at:
            found |= {variant.compare_at.minor, variant.compare_at.minor - variant.price.minor}
        for offer in tables.offers():
            if covers(offer, product) and state_of(offer, tables.now) == "running":
                off = taken_off(offer, variant.price.minor)
                found |= {off, variant.price.minor - off}
                found |= {offer.min_spend.minor} if offer.min_spend else set()
                found |= {int(offer.value)} if offer.kind == "amount" else set()
    return frozenset(major(minor, currency) for minor in found)


def same_price(product: Product) -> bool:
    """Whether all variants of a product cost the same."""
    return lowest(product) == highest(product)
