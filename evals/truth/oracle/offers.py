"""Offers: what they need, what they give, whether they run; and codes that do not exist."""

from __future__ import annotations

from decimal import Decimal

from bot.commerce import Coupon
from evals.truth.cases import Amounts, Case, Claim, Figures, Lacks, Slot, Stance, Utterance, Words
from evals.truth.judge import figures
from evals.truth.oracle.draw import Draw, major
from evals.truth.tables import Offer, plain, state_of

_FREE_DELIVERY = r"免运费|包邮|免邮|运费|free (?:shipping|delivery)|shipping (?:is )?free"


def needs(draw: Draw) -> Case | None:
    """From which amount an offer holds."""
    offers = [
        offer for offer in _offers(draw) if offer.min_spend and not _tells(offer, offer.min_spend.major, draw.language)
    ]
    if not offers:
        return None
    offer = draw.rng.choice(offers)
    least = major(offer.min_spend.minor, draw.tables.currency) if offer.min_spend else Decimal(0)
    asked = Utterance("needs", {"offer": Slot(_called(offer, draw.language))})
    return draw.case("needs", _id(offer), [asked], [Figures(frozenset({least})), _others(offer, draw)], f"from {least:f}")


def gives(draw: Draw) -> Case | None:
    """What an offer gives."""
    offers = [offer for offer in _offers(draw) if not _tells(offer, None, draw.language)]
    if not offers:
        return None
    offer = draw.rng.choice(offers)
    asked = Utterance("gives", {"offer": Slot(_called(offer, draw.language))})
    return draw.case("gives", _id(offer), [asked], [_gift(offer, draw), _others(offer, draw)], _in_words(offer, draw))


def state(draw: Draw) -> Case | None:
    """Whether an offer runs, is over, or is to come."""
    if not (offers := _offers(draw)):
        return None
    offer = draw.rng.choice(offers)
    is_now = state_of(offer, draw.tables.now)
    never = {"running": ("over", "to_come"), "over": ("to_come",), "to_come": ("over",)}[is_now]
    asked = Utterance("state", {"offer": Slot(_called(offer, draw.language))})
    return draw.case(
        "state", _id(offer), [asked], [Stance((is_now,), never), _others(offer, draw)], is_now.replace("_", " ")
    )


def unknown_code(draw: Draw) -> Case | None:
    """A code like the shop's that no coupon has."""
    codes = {coupon.code for coupon in draw.tables.coupons}
    if not codes:
        return None
    code = draw.rng.choice(sorted(codes))
    made = code[:2] + "QXZKVW"[draw.rng.randrange(6)] + code[2:-1] + str(draw.rng.randint(10, 99))
    if made in codes:
        return None
    asked = Utterance(draw.rng.choice(("state", "gives")), {"offer": Slot(made)})
    return draw.case("unknown_code", made, [asked], [Stance(("absent",)), Amounts(frozenset())], "there is no such code")


def _offers(draw: Draw) -> list[Offer]:
    """Offers that hold outside a room and can be called by something of their own."""
    offers: list[Offer] = [*(p for p in draw.tables.promotions if not p.room), *draw.tables.coupons]
    return [offer for offer in offers if _called(offer, draw.language)]


def _tells(offer: Offer, figure: Decimal | None, language: str) -> bool:
    """Whether what an offer is called by says a figure (None: any), so that an echo would answer."""
    said: set[Decimal] = set() if isinstance(offer, Coupon) else figures(plain(_called(offer, language)))
    return bool(said) if figure is None else figure in said


def _others(offer: Offer, draw: Draw) -> Lacks:
    """No other offer is named; one whose name is part of this one's does not count."""
    mine = f"{offer.name.zh}\n{offer.name.en}\n{_id(offer)}".lower()
    names = {name for o in draw.tables.offers() if _id(o) != _id(offer) for name in (o.name.zh, o.name.en, *_codes(o))}
    return Lacks(frozenset(name for name in names if name and name.lower() not in mine))


def _codes(offer: Offer) -> tuple[str, ...]:
    return (offer.code,) if isinstance(offer, Coupon) else ()


def _called(offer: Offer, language: str) -> str:
    return offer.code if isinstance(offer, Coupon) else offer.name.in_(language)


def _id(offer: Offer) -> str:
    return offer.code if isinstance(offer, Coupon) else offer.id


def _in_words(offer: Offer, draw: Draw) -> str:
    match offer.kind:
        case "amount":
            return f"{major(int(offer.value), draw.tables.currency):f} off"
        case "percent":
            return f"{offer.value}% off"
    return "free delivery" if offer.kind == "shipping" else offer.value


def _gift(offer: Offer, draw: Draw) -> Claim:
    if offer.kind == "amount":
        return Figures(frozenset({major(int(offer.value), draw.tables.currency)}))
    if offer.kind == "percent":
        off = Decimal(offer.value)
        return Figures(frozenset({off, 100 - off, (100 - off) / 10}))
    if offer.kind == "shipping":
        return Figures(frozenset(), as_words=_FREE_DELIVERY)
    return Words(((offer.value, *offer.value.split(" ", 1)),))
