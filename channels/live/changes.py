"""What has changed in the tables since something was told, in words: `corrections.yml`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from bot.claims import NONE, Tables, offers_of, renewed
from bot.commerce import Coupon, Product, Promotion, Variant
from bot.text import traditional
from bot.types import Claim, Language

TEXTS: Final = Path(__file__).with_name("corrections.yml")
# Of more variants with different prices than these only the lowest and the highest price are told.
EACH: Final = 4
_PRICES: Final = ("price", "pay", "span")


def worded(wrong: Iterable[Claim], tables: Tables, language: Language, *, correction: bool) -> str:
    """What the tables have now where these claims are wrong, as a `correction` or as an answer of its own."""
    tongue = Tongue(language, tables)
    by_subject: dict[str, list[Claim]] = {}
    for claim in wrong:
        by_subject.setdefault(claim.subject, []).append(claim)
    said = [one for subject, claims in by_subject.items() for one in tongue.told_of(subject, claims)]
    whole = tongue.say("correction" if correction else "plain", said=tongue.text["and"].join(dict.fromkeys(said)))
    return traditional(whole) if language is Language.ZH_HANT else whole


@cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return texts


class Tongue:
    """Tells of tables in one language."""

    def __init__(self, language: Language, tables: Tables) -> None:
        self._language = "en" if language is Language.EN else "zh"
        self._tables = tables
        self.text = _texts()[self._language]

    def say(self, key: str, **values: str) -> str:
        """The wording `key` with its values."""
        return self.text[key].format(**values)

    def told_of(self, subject: str, wrong: Sequence[Claim]) -> list[str]:
        """What is to be said of a product, or of the shop, one statement a kind of claim."""
        product = self._tables.products.get(subject)
        if subject and (product is None or not product.active):
            return [self.say("gone", name=self._name(product, subject))]
        kinds = {claim.aspect.partition(":")[0] for claim in wrong}
        said: list[str] = []
        if product is not None:
            said += self._prices(product, wrong)
            said += self._stocks(product, wrong)
        said += [self._offers(product, kind) for kind in ("offers", "coupons") if kind in kinds]
        said += [self._holds(claim) for claim in wrong if claim.aspect.startswith(("offer:", "coupon:"))]
        return said

    def _name(self, product: Product | None, subject: str) -> str:
        return self.say("name", name=product.name.in_(self._language) if product else subject)

    def _prices(self, product: Product, wrong: Sequence[Claim]) -> list[str]:
        variants = _meant(product, wrong, _PRICES[:2])
        if not variants:
            spans = [claim for claim in wrong if claim.aspect == "span"]
            variants = list(product.variants) if spans else []
        groups: dict[tuple[str, str], list[Variant]] = {}
        for variant in sorted(variants, key=lambda one: one.price):
            groups.setdefault(self._amounts(product, variant), []).append(variant)
        if sum(len(group) for group in groups.values() if len(groups) > 1) > EACH:
            span = renewed(Claim(product.id, "span", ""), self._tables).value
            return [self.say("price", name=self._name(product, ""), which="", price=span)]
        return [
            self.say(
                "price" if price == pay else "pay",
                name=self._name(product, ""),
                which=self._which(product, group),
                price=price,
                pay=pay,
            )
            for (price, pay), group in groups.items()
        ]

    def _amounts(self, product: Product, variant: Variant) -> tuple[str, str]:
        price, pay = (renewed(Claim(product.id, f"{kind}:{variant.sku}", ""), self._tables) for kind in _PRICES[:2])
        return price.value, pay.value

    def _stocks(self, product: Product, wrong: Sequence[Claim]) -> list[str]:
        groups: dict[str, list[Variant]] = {}
        for variant in _meant(product, wrong, ("stock",)):
            now = renewed(Claim(product.id, f"stock:{variant.sku}", ""), self._tables).value
            groups.setdefault("none" if now == NONE else "back", []).append(variant)
        return [
            self.say(key, name=self._name(product, ""), which=self._which(product, group)) for key, group in groups.items()
        ]

    def _which(self, product: Product, variants: Sequence[Variant]) -> str:
        """The variants by name where not all of the product are meant."""
        if len(variants) == len(product.variants):
            return ""
        names = [" ".join(filter(None, (one.color.in_(self._language), one.size))) for one in variants]
        return self.say("which", which=self.text["list"].join(names))

    def _offers(self, product: Product | None, kind: str) -> str:
        held = self._tables.promotions if kind == "offers" else self._tables.coupons
        offers = offers_of(product.id if product else "", held, self._tables)
        name = self._name(product, "") if product else self.text.get("shop", "")
        if not offers:
            return self.say(f"no_{kind}", name=name)
        return self.say(kind, name=name, offers=self.text["list"].join(map(self._offer, offers)))

    def _offer(self, offer: Promotion | Coupon) -> str:
        name = self.say("offer", offer=offer.name.in_(self._language))
        return f"{name} ({offer.code})" if isinstance(offer, Coupon) else name

    def _holds(self, claim: Claim) -> str:
        kind, _, which = claim.aspect.partition(":")
        held = self._tables.promotions if kind == "offer" else self._tables.coupons
        offers = (*held, *self._tables.others)
        named = next((self._offer(offer) for offer in offers if _is(offer, which)), self.say("offer", offer=which))
        return self.say("holds" if renewed(claim, self._tables).value else "over", offer=named)


def _is(offer: Promotion | Coupon, which: str) -> bool:
    return which == (offer.code if isinstance(offer, Coupon) else offer.id)


def _meant(product: Product, wrong: Iterable[Claim], kinds: Sequence[str]) -> list[Variant]:
    """The variants of which claims of these kinds are wrong, in the product's order."""
    aspects = {claim.aspect for claim in wrong}
    return [one for one in product.variants if any(f"{kind}:{one.sku}" in aspects for kind in kinds)]
