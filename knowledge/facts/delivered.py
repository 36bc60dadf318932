"""A purchase as it is sent: what a question asks of postage, where the goods go, and how the fee is told. Pure functions."""

from __future__ import annotations

import re
from enum import Enum

from bot.offers import Bill
from bot.postage import Charge
from bot.values.places import place_name, places
from knowledge.facts.reading import Act, Inquiry, has_cue
from knowledge.facts.telling import Delivery, Telling
from knowledge.lexicon.grams import without_spans


class Asks(Enum):
    """What a question about products wants to know of sending them."""

    NOT = "nothing"
    FEE = "what sending costs"
    BOTH = "what sending costs, beside what the goods do"
    TOTAL = "what all comes to when it is sent"


_POSTAGE = re.compile(
    r"运费|邮费|包邮|免邮|快递费|配送费|\bshipping\b|\bpostage\b|\bp ?& ?p\b|deliver(?:y|ed)? (?:charges?|fees?|costs?|free)"
    r"|(?:charge|pay|free|cost|incl).{0,16}\bdeliver"
)
# What is asked with the fee is the sum.
_COUNTED_IN = re.compile(
    r"[运邮]费(?:都|也)?(?:算|加|含|包)|[含带连加算]上?[运邮]|包邮(?:算上|到手)|[运邮]费.{0,4}(?:一共|总共|一起|到手)"
    r"|\b(?:incl(?:uding|uded|usive|\.)?|with|plus|and|after)(?: of)? (?:the |all )?(?:postage|shipping|delivery|p ?& ?p)\b"
    r"|\b(?:postage|shipping|delivery) (?:included|and all)\b"
)
# Words of sending or of a sum without any more to pay; they ask for a total where money is asked about.
_SENT = re.compile(
    r"到手|寄(?:到|往|去|给)?|[发送](?:到|往)|\bdelivered\b|\bto my door\b|\b(?:sent|send|shipped|ship|posted|post) to\b"
)
_EVERYTHING = re.compile(
    r"全(?:部|都)?(?:包括|算上|加上|含)|全包(?!邮)|\beverything included\b|\ball included\b|\ball[- ]in\b|\ball told\b"
)
_MONEY = (Act.PRICE, Act.TOTAL)


def asks_of(inquiry: Inquiry) -> Asks:
    """What a question wants to know of sending: by the words of postage, or of a sum for goods that go somewhere."""
    rest = inquiry.rest
    if _POSTAGE.search(rest):
        total = _COUNTED_IN.search(rest) or has_cue(Act.TOTAL, rest)
        return Asks.BOTH if total else Asks.FEE
    of_money = any(has_cue(act, rest) for act in _MONEY)
    if _EVERYTHING.search(rest) or (of_money and (_SENT.search(rest) or destinations(inquiry))):
        return Asks.TOTAL
    return Asks.NOT


def destinations(inquiry: Inquiry) -> tuple[str, ...]:
    """The places that a question names beside its products, as ISO 3166 codes."""
    text = without_spans(inquiry.plain, [(mention.start, mention.end) for mention in inquiry.finds.products])
    return tuple(dict.fromkeys(code for place in places(text) for code in place.codes))


def fee_first(sent: Charge, delivery: Delivery | None, telling: Telling) -> str:
    """The answer to whether postage is paid, which goes before the sum; empty where the sum is asked for."""
    if delivery is None or not delivery.only_fee or not sent.served:
        return ""
    if not sent.fee.minor:
        return telling.say("免运费：", "Delivery is free: ")
    return telling.say(f"运费 {sent.fee}：", f"Delivery is {sent.fee}: ")


def with_postage(sent: Charge, reckoned: Bill, telling: Telling) -> str:
    """What comes after the goods: what they come to, the fee and why it is so much, and the sum."""
    place = place_name(sent.place, telling.language) if sent.place else ""
    if not sent.served:
        return telling.say(
            f"，一共 {reckoned.total}；{place}不发货", f": {reckoned.total} in all; nothing is sent to {place}"
        )
    goods = ""
    if reckoned.reductions:
        goods = telling.say(f"，货款一共 {reckoned.total}", f", goods in total {reckoned.total}")
    fee = _fee(sent, place, telling)
    return goods + fee + telling.say(f"，一共 {sent.total}", f"; total to pay {sent.total}")


def _fee(sent: Charge, place: str, telling: Telling) -> str:
    to = telling.say(f"寄{place}", f" to {place}") if place else ""
    if not sent.fee.minor:
        return telling.say(f"，{to}免运费{_why(sent, telling)}", f", delivery{to} free{_why(sent, telling)}")
    return telling.say(f"，{to}运费 {sent.fee}{_why(sent, telling)}", f", delivery{to} {sent.fee}{_why(sent, telling)}")


def _why(sent: Charge, telling: Telling) -> str:
    """Why the fee is so much: by a coupon, the threshold and what is missing to it, or the terms of the place."""
    if sent.waived:
        return telling.say("（用免运费的优惠）", " (by the offer)")
    if sent.free_from is None:
        return ""
    if sent.missing is None:
        return telling.say(f"（满 {sent.free_from}）", f" (from {sent.free_from})")
    return telling.say(
        f"（满 {sent.free_from} 免，还差 {sent.missing}）", f" (free from {sent.free_from}, {sent.missing} to go)"
    )
