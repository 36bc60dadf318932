"""What things cost: one piece, several lines, and what is saved. All through `bot.offers`. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot import claims as claims_of
from bot.commerce import Coupon, Money, Product, Promotion, Variant
from bot.offers import Bill, CartLine, bill
from bot.text import normal
from bot.types import Claim, Passage
from knowledge.facts.delivered import fee_first, with_postage
from knowledge.facts.telling import Telling, of_shop, told
from knowledge.facts.variants import Selection, described
from knowledge.wording import listed, quoted

# "一片", "per diaper": what one is asked for; "25 ml × 10": how many there are.
_ONE_OF = re.compile(r"[一每]([片包粒颗块张支袋枚条抽瓶罐个件双只盒])|\b(?:per|each|every|one) ([a-z]+?)s?\b")
_MULTIPLIED = re.compile(r"[×x*]\s*(\d+)")
# Prices of more groups of variants than these are told as a span.
_GROUPS = 6


def price(product: Product, selection: Selection, telling: Telling, coupons: Sequence[Coupon] = ()) -> list[Passage]:
    """The price of the variants asked for, what it was, and what one piece costs with the offers; empty without variants."""
    variants = selection.variants
    if not variants:
        return []
    name = _named(product, selection, telling)
    low, high = min(v.price for v in variants), max(v.price for v in variants)
    if low == high:
        text = telling.say(f"{name}现在 {low}", f"{name} is {low}")
        text += _was(variants, low, telling)
        text += _with_offers(bill([CartLine(product, variants[0])], telling.tables.promotions, coupons), telling)
    else:
        text = _by_variant(product, variants, telling, name)
    if not any(v.stock > 0 for v in variants):
        text += telling.say("，目前没有货", ", sold out at the moment")
    until = _until(variants, telling, product)
    return [
        told(product, telling, text + telling.say("。", "."), "variants", until, claims=_claims(product, variants, telling))
    ]


def total(reckoned: Bill, telling: Telling, coupons: Sequence[Coupon] = ()) -> list[Passage]:
    """What a purchase costs, line by line, with what each offer takes off, and with postage where it is sent.

    `coupons` are those that were to be used for it.
    """
    lines, delivery = reckoned.lines, telling.tables.delivery
    said = [_line(line, telling) for line in lines]
    text = listed(said, telling.language) if len(said) == 1 else telling.say(" + ", " + ").join(said)
    if len(lines) > 1 or lines[0].quantity > 1:
        text += f" = {reckoned.goods}"
    for taken in reckoned.reductions:
        offer = taken.offer.name.in_(telling.language)
        text += telling.say(f"，「{offer}」减 {taken.off}", f", less {taken.off} (“{offer}”)")
    if delivery is not None:
        text = fee_first(delivery, telling) + text + with_postage(delivery, reckoned, telling)
    elif reckoned.reductions:
        text += telling.say(f"，一共 {reckoned.total}", f": {reckoned.total} in all")
    for coupon in coupons:
        if all(taken.offer is not coupon for taken in reckoned.taken):
            text += telling.say(
                f"；券 {coupon.code} 这单用不了{_why(coupon, reckoned, telling)}",
                f"; {coupon.code} can't be used here{_why(coupon, reckoned, telling)}",
            )
    gifts = [gift.name.in_(telling.language) for gift in reckoned.gifts]
    if gifts:
        text += telling.say(f"，另有{listed(gifts, 'zh')}", f", plus {listed(gifts, 'en')}")
    short = [line for line in lines if line.variant.stock < line.quantity]
    for line in short:
        which = f"{line.product.name.in_(telling.language)} {described(line.variant, telling.language)}".strip()
        text += telling.say(
            f"；{which} 现在只有 {line.variant.stock} 件", f"; only {line.variant.stock} of {which} in stock"
        )
    title = telling.say("合计", "Total")
    ends = [t.offer.ends_at for t in reckoned.taken if t.offer.ends_at]
    claims = [claim for line in lines for claim in claims_of.prices(line.product, [line.variant])]
    claims += [claim for line in lines for claim in claims_of.running(line.product, telling.tables.promotions)]
    claims += [claim for coupon in coupons for claim in claims_of.holding(coupon, holds=True)]
    until = min(ends, default=None)
    return [of_shop(telling, text + telling.say("。", "."), "variants", title, until, claims=tuple(dict.fromkeys(claims)))]


def each(product: Product, variant: Variant, count: int, telling: Telling) -> list[Passage]:
    """What one of the `count` pieces in a variant costs."""
    one = Money(round(variant.price.minor / count), variant.price.currency)
    which = described(variant, telling.language)
    name = quoted(product, telling.language) + (telling.say(which, f" ({which})") if which else "")
    text = telling.say(
        f"{name} {variant.price} ÷ {count} ≈ {one} 一个。", f"{name}: {variant.price} ÷ {count} ≈ {one} each."
    )
    return [told(product, telling, text, "variants", claims=claims_of.prices(product, [variant]))]


def count_in(plain: str, variant: Variant, texts: Sequence[str]) -> int | None:
    """How many pieces a variant holds, by the first text that says so beside the noun asked for or beside its own value."""
    asked = _ONE_OF.search(plain)
    nouns = [noun for noun in (asked.groups() if asked else ()) if noun]
    for text in texts:
        said = normal(text)
        for noun in nouns:
            match = re.search(rf"(\d+)\s*{re.escape(noun)}|{re.escape(noun)}s?\s*[:：]?\s*(\d+)(?!\s*[a-z])", said)
            if match:
                return int(next(group for group in match.groups() if group)) or None
    own = [re.escape(normal(part)) for part in (variant.size, variant.color.en, variant.color.zh) if part]
    for text in texts[1:]:
        for value in own:
            match = re.search(rf"(?<![a-z0-9]){value}(?![a-z0-9])\D{{0,8}}?(\d+)", normal(text))
            if match:
                return int(match.group(1)) or None
    for text in texts[1:]:
        match = _MULTIPLIED.search(normal(text))
        if match:
            return int(match.group(1)) or None
    return None


def saving(product: Product, selection: Selection, telling: Telling) -> list[Passage]:
    """How far the price is below the crossed-out one; empty where there is none."""
    reduced = [v for v in selection.variants if v.compare_at is not None and v.compare_at > v.price]
    if not reduced:
        return []
    first = min(reduced, key=lambda v: v.price)
    before = first.compare_at or first.price
    off = before - first.price
    name = quoted(product, telling.language)
    return [
        told(
            product,
            telling,
            telling.say(
                f"{name}原价 {before}，现在 {first.price}，便宜 {off}。",
                f"{name} was {before} and is {first.price} now: {off} less.",
            ),
            "variants",
            claims=claims_of.prices(product, [first]),
        )
    ]


def _line(line: CartLine, telling: Telling) -> str:
    which = described(line.variant, telling.language) if len(line.product.variants) > 1 else ""
    name = line.product.name.in_(telling.language) + (telling.say(f" {which}", f" ({which})") if which else "")
    return f"{name} {line.variant.price} × {line.quantity}" if line.quantity > 1 else f"{name} {line.variant.price}"


def _named(product: Product, selection: Selection, telling: Telling) -> str:
    """The product, with what tells the variant where one was asked for."""
    name = quoted(product, telling.language)
    if not selection.said or len(product.variants) < 2 or len(selection.variants) > 1:
        return name
    which = described(selection.variants[0], telling.language)
    return telling.say(f"{name}{which} ", f"{name} in {which}") if which else name


def _was(variants: Sequence[Variant], price: Money, telling: Telling) -> str:
    before = {v.compare_at for v in variants if v.compare_at and v.compare_at > price}
    if len(before) != 1:
        return ""
    [crossed_out] = before
    return telling.say(f"（原价 {crossed_out}）", f" (was {crossed_out})")


def _with_offers(reckoned: Bill, telling: Telling) -> str:
    names = [taken.offer.name.in_(telling.language) for taken in reckoned.reductions]
    text = ""
    if names:
        quotes = [telling.say(f"「{name}」", f"“{name}”") for name in names]
        text = telling.say(f"，参加{''.join(quotes)}后 {reckoned.total}", f", {reckoned.total} with {listed(quotes, 'en')}")
    gifts = [gift.name.in_(telling.language) for gift in reckoned.gifts]
    return text + (telling.say(f"，{listed(gifts, 'zh')}", f"; {listed(gifts, 'en')}") if gifts else "")


def _by_variant(product: Product, variants: Sequence[Variant], telling: Telling, name: str) -> str:
    """`A 36" ¥599, 40" ¥699`, each price with the variants that have it, what they have in common said once."""
    groups: dict[Money, list[Variant]] = {}
    for variant in sorted(variants, key=lambda v: v.price):
        groups.setdefault(variant.price, []).append(variant)
    low, high = min(groups), max(groups)
    if len(groups) > _GROUPS:
        return telling.say(f"{name}{low} 到 {high}，看规格", f"{name} costs {low} to {high}, by variant")
    said = [f"{_common(found, telling)} {amount}".strip() for amount, found in groups.items()]
    return telling.say(f"{name}：", f"{name}: ") + telling.say("；", "; ").join(said)


def _common(variants: Sequence[Variant], telling: Telling) -> str:
    """What variants of one price are called together: `black S/M/L`."""
    by_color: dict[str, list[str]] = {}
    for variant in variants:
        by_color.setdefault(variant.color.in_(telling.language), []).append(variant.size)
    sizes = {tuple(names) for names in by_color.values()}
    if len(sizes) == 1:
        colors = "/".join(color for color in by_color if color)
        return " ".join(part for part in (colors, "/".join(filter(None, next(iter(sizes))))) if part)
    return telling.say("、", ", ").join(
        f"{color} {'/'.join(filter(None, names))}".strip() for color, names in by_color.items()
    )


def _why(coupon: Coupon, reckoned: Bill, telling: Telling) -> str:
    if coupon.min_spend is not None and reckoned.total < coupon.min_spend:
        return telling.say(f"（要满 {coupon.min_spend}）", f" (from {coupon.min_spend})")
    return ""


def _claims(product: Product, variants: Sequence[Variant], telling: Telling) -> tuple[Claim, ...]:
    """What a told price rests on: where it is one price for all, what is paid with the offers is told as well."""
    claimed = claims_of.prices(product, variants)
    if len({variant.price for variant in variants}) == 1:
        claimed += claims_of.payable(product, variants, telling.tables.promotions)
    if not any(variant.stock > 0 for variant in variants):
        claimed += claims_of.stocks(product, variants)
    return claimed


def _until(variants: Sequence[Variant], telling: Telling, product: Product) -> datetime | None:
    """Until when the price told holds: the first end of an offer in it."""
    reckoned = bill([CartLine(product, variants[0])], telling.tables.promotions)
    ends = [t.offer.ends_at for t in reckoned.reductions if isinstance(t.offer, Promotion) and t.offer.ends_at]
    return min(ends, default=None)
