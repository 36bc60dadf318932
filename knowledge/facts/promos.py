"""The offers of a shop: what runs now, for what, with which code, until when; what is over, what is to come. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot import claims as claims_of
from bot.commerce import Coupon, Money, Product, Promotion
from bot.offers import GIFT, SHIPPING, applies
from bot.text import normal, number_of
from bot.types import Claim, Passage
from knowledge.facts.relevance import features
from knowledge.facts.telling import Telling, of_shop
from knowledge.wording import kinds_listed, listed, moment, quoted

# How much of an offer's name must be said to mean it, where nothing asks for offers.
_NAMED = 0.6
# What is taken off as it is said: "八折" and "8.5 折" leave so many tenths, "20% off" takes so many hundredths.
_TENTHS = re.compile(r"(\d{1,2}(?:\.\d)?|[一二三四五六七八九]{1,2})\s*折")
_HUNDREDTHS = re.compile(r"(\d{1,2})\s*(?:%|percent)(?: off)?")


def running(products: Sequence[Product], telling: Telling) -> list[Passage]:
    """The promotions and coupons that run now, of these products where some are given; empty where none runs."""
    offers = [offer for offer in telling.tables.promotions if _concerns(offer.applies_to, products)]
    coupons = [coupon for coupon in telling.tables.coupons if _concerns(coupon.applies_to, products)]
    if not offers:
        return [*coupons_now(products, telling), *to_come(products, telling)]
    said = [_said(offer.name.in_(telling.language), offer.ends_at, telling) for offer in offers]
    about = products[0] if products else None
    name = quoted(about, telling.language) if about else ""
    head = telling.say(f"{name or '现在'}的活动有：", f"{name} has: " if name else "Running now: ")
    until = min((offer.ends_at for offer in offers if offer.ends_at), default=None)
    first = of_shop(
        telling,
        head + listed(said, telling.language) + telling.say("。", "."),
        "promotions",
        telling.say("优惠活动", "Promotions"),
        until,
        claims=_of_each(products, lambda product: claims_of.running(product, telling.tables.promotions)),
    )
    return [first, *(coupons_now(products, telling) if coupons else []), *to_come(products, telling)]


def to_come(products: Sequence[Product], telling: Telling) -> list[Passage]:
    """The promotions that have not begun yet, of these products where some are given: who can wait may want to."""
    others = (offer for offer in telling.tables.other_promotions if _concerns(offer.applies_to, products))
    later = sorted((o.starts_at, o) for o in others if o.starts_at is not None and o.starts_at > telling.at)
    if not later:
        return []
    said = []
    for start, offer in later:
        name, when = offer.name.in_(telling.language), moment(start, telling.language, telling.zone)
        said.append(telling.say(f"{name}（{when} 开始）", f"{name} from {when}"))
    text = telling.say(f"接下来还有：{listed(said, 'zh')}。", f"Coming up: {listed(said, 'en')}.")
    return [of_shop(telling, text, "promotions", telling.say("优惠活动", "Promotions"), later[0][0])]


def coupons_now(products: Sequence[Product], telling: Telling) -> list[Passage]:
    """The coupons that can be used now."""
    coupons = [coupon for coupon in telling.tables.coupons if _concerns(coupon.applies_to, products)]
    if not coupons:
        return []
    said = [_said(_coupon_name(coupon, telling), coupon.ends_at, telling) for coupon in coupons]
    text = telling.say(f"能用的券有：{listed(said, 'zh')}。", f"Coupons you can use: {listed(said, 'en')}.")
    until = min((coupon.ends_at for coupon in coupons if coupon.ends_at), default=None)
    claims = _of_each(products, lambda product: claims_of.usable(product, telling.tables.coupons))
    return [of_shop(telling, text, "coupons", telling.say("优惠券", "Coupons"), until, claims=claims)]


def named(plain: str, telling: Telling, meant: Sequence[Product] = ()) -> Promotion | Coupon | None:
    """The offer that a normalised text names: a coupon by its code, an offer by a word of its name that no other has, or by
    what it takes off the products that are `meant`."""
    tables = telling.tables
    for coupon in (*tables.coupons, *tables.other_coupons):
        if normal(coupon.code) in plain.replace(" ", "") and len(coupon.code) > 2:
            return coupon
    offers = (*tables.promotions, *tables.other_promotions)
    words = {offer.id: frozenset(_telling(offer.name.zh) | _telling(offer.name.en)) for offer in offers}
    counts = Counter(word for said in words.values() for word in said)
    asked = features(plain)
    found = [
        (sum(1 / counts[word] for word in words[offer.id] & asked), offer)
        for offer in offers
        if any(counts[word] == 1 for word in words[offer.id] & asked)
    ]
    best = max(found, key=lambda pair: (pair[0], pair[1].id), default=(0.0, None))[1]
    return best or _by_value(plain, offers, meant)


def _by_value(plain: str, offers: Sequence[Promotion], meant: Sequence[Product]) -> Promotion | None:
    """The one offer for these products and no others that takes off what a text says: "八折", "20% off"."""
    off = _percents(plain)
    of_these = [
        offer
        for offer in offers
        if offer.kind == "percent" and float(offer.value) in off and offer.applies_to != "all"
        if meant and all(applies(offer.applies_to, product) for product in meant)
    ]
    return of_these[0] if len(of_these) == 1 else None


def _percents(plain: str) -> set[float]:
    """How many hundredths a text says to be taken off."""
    off = {float(match.group(1)) for match in _HUNDREDTHS.finditer(plain)}
    return off | {percent for match in _TENTHS.finditer(plain) if (percent := _off(match.group(1))) is not None}


def _off(tenths: str) -> float | None:
    """How many hundredths are taken off where so many tenths are left: 20 for 八 and 8, 15 for 八五, 85 and 8.5."""
    digits = "".join(char if char in ".0123456789" else str(number_of(char) or "") for char in tenths)
    if not digits:
        return None
    return 100 - float(digits) * (1 if len(digits) == 2 and "." not in digits else 10)


def is_named(offer: Promotion, plain: str) -> bool:
    """Whether a text says most of an offer's name, and not only a word of it, or what it takes off."""
    asked = features(plain)
    if offer.kind == "percent" and float(offer.value) in _percents(plain):
        return True
    names = (_telling(name) for name in (offer.name.zh, offer.name.en))
    return any(len(words & asked) >= len(words) * _NAMED for words in names if words)


def _telling(name: str) -> set[str]:
    """The words of an offer's name that may tell it from others: pairs of characters and longer Latin words."""
    return {
        word
        for word in features(name)
        if (len(word) > 1 if not word.isascii() else len(word) > 2 or (word.isdigit() and len(word) > 1))
    }


def about(
    offer: Promotion | Coupon, telling: Telling, meant: Sequence[Product] = (), sold: Iterable[Product] = ()
) -> Passage:
    """What an offer is, whether it holds now, from when or until when, and what it asks for.

    Where products are `meant` that it does not cover, that it does not, and which of those `sold` it does.
    """
    holds = offer in telling.tables.promotions or offer in telling.tables.coupons
    said = _about(offer, telling)
    if meant and not any(applies(offer.applies_to, product) for product in meant):
        said = replace(said, text=_not_for(offer, telling, meant, sold) + said.text)
    return replace(said, claims=claims_of.holding(offer, holds=holds))


def _not_for(offer: Promotion | Coupon, telling: Telling, meant: Sequence[Product], sold: Iterable[Product]) -> str:
    """That an offer does not cover what is meant, but what it does, by the names of their kinds."""
    language = telling.language
    theirs = quoted(meant[0], language) if len(meant) == 1 else kinds_listed(meant, language)
    covered = kinds_listed((product for product in sold if applies(offer.applies_to, product)), language)
    only = telling.say(f"，只能用于{covered}", f", only to {covered}") if covered else ""
    return telling.say(f"不能，{theirs}不适用{only}。", f"No, it does not apply to {theirs}{only}. ")


def _about(offer: Promotion | Coupon, telling: Telling) -> Passage:
    name = _coupon_name(offer, telling) if isinstance(offer, Coupon) else offer.name.in_(telling.language)
    table = "coupons" if isinstance(offer, Coupon) else "promotions"
    title = telling.say("优惠券", "Coupons") if isinstance(offer, Coupon) else telling.say("优惠活动", "Promotions")
    if offer.ends_at is not None and offer.ends_at <= telling.at:
        when = moment(offer.ends_at, telling.language, telling.zone)
        return of_shop(
            telling,
            telling.say(
                f"{name}已经结束了（到 {when} 为止），现在用不了。",
                f"{name} has ended (it ran until {when}) and can't be used any more.",
            ),
            table,
            title,
        )
    if offer.starts_at is not None and offer.starts_at > telling.at:
        when = moment(offer.starts_at, telling.language, telling.zone)
        return of_shop(
            telling,
            telling.say(
                f"{name}还没开始，{when} 开始{_gives(offer, telling)}。",
                f"{name} has not started yet: it starts on {when}{_gives(offer, telling)}.",
            ),
            table,
            title,
            offer.starts_at,
        )
    if isinstance(offer, Coupon) and offer.total is not None and offer.used >= offer.total:
        return of_shop(telling, telling.say(f"{name}已经领完了。", f"{name} is used up."), table, title)
    text = telling.say(f"{name}现在可以用{_gives(offer, telling)}", f"{name} can be used now{_gives(offer, telling)}")
    if offer.ends_at is not None:
        text += telling.say(
            f"，到 {moment(offer.ends_at, telling.language, telling.zone)} 为止",
            f", until {moment(offer.ends_at, telling.language, telling.zone)}",
        )
    if isinstance(offer, Coupon) and offer.per_customer:
        text += telling.say(f"，每人 {offer.per_customer} 次", f", {offer.per_customer} per customer")
    return of_shop(telling, text + telling.say("。", "."), table, title, offer.ends_at)


def _gives(offer: Promotion | Coupon, telling: Telling) -> str:
    """What an offer takes off or gives, from which amount, and up to which, as far as its table says it."""
    said = []
    if offer.kind == "percent":
        said.append(telling.say(f"减 {offer.value}%", f"{offer.value}% off"))
    elif offer.kind == "amount":
        said.append(
            telling.say(f"减 {Money(int(offer.value), offer.currency)}", f"{Money(int(offer.value), offer.currency)} off")
        )
    elif offer.kind == GIFT:
        said.append(telling.say(f"送{offer.value}", f"a gift of {offer.value}"))
    elif offer.kind == SHIPPING:
        said.append(telling.say("免运费", "free shipping"))
    if offer.min_spend is not None:
        said.append(telling.say(f"满 {offer.min_spend}", f"from {offer.min_spend}"))
    if isinstance(offer, Coupon) and offer.max_discount is not None:
        said.append(telling.say(f"最多减 {offer.max_discount}", f"at most {offer.max_discount} off"))
    return telling.say(f"（{'，'.join(said)}）", f" ({', '.join(said)})") if said else ""


def _coupon_name(coupon: Coupon, telling: Telling) -> str:
    name = coupon.name.in_(telling.language)
    if coupon.min_spend is None:
        return telling.say(f"{name}（券码 {coupon.code}）", f"{name} (code {coupon.code})")
    return telling.say(
        f"{name}（满 {coupon.min_spend} 可用，券码 {coupon.code}）", f"{name} from {coupon.min_spend} (code {coupon.code})"
    )


def _said(name: str, until: datetime | None, telling: Telling) -> str:
    if until is None:
        return name
    when = moment(until, telling.language, telling.zone)
    return telling.say(f"{name}（到 {when}）", f"{name} until {when}")


def _of_each(products: Sequence[Product], claims: Callable[[Product | None], tuple[Claim, ...]]) -> tuple[Claim, ...]:
    """What is claimed of each of the products, or of the shop where there is none."""
    of_whom: Sequence[Product | None] = products or [None]
    return tuple(claim for product in of_whom for claim in claims(product))


def _concerns(scope: str, products: Sequence[Product]) -> bool:
    return not products or any(applies(scope, product) for product in products)
