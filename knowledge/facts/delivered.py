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
    r"寄(?:到|往|去|给)?|[发送](?:到|往)|\bdelivered\b|\bto my door\b|\b(?:sent|send|shipped|ship|posted|post) to\b"
)
_EVERYTHING = re.compile(
    r"全(?:部|都)?(?:包括|算上|加上|含)|全包(?!邮)|\beverything included\b|\ball included\b|\ball[- ]in\b|\ball told\b"
)
# What is paid in the end: of one product its price, of several pieces the sum.
_IN_HAND = re.compile(r"到手")
_TIME = re.compile(r"多久|几天|什么时候|啥时候|何时|\bhow (?:long|soon|fast|many days)\b|\bwhen\b")
_MONEY = (Act.PRICE, Act.TOTAL)


def asks_of(inquiry: Inquiry) -> Asks:
    """What a question wants to know of sending: by the words of postage, or of a sum for goods that go somewhere."""
    rest = inquiry.rest
    if _TIME.search(rest):
        return Asks.NOT
    if _COUNTED_IN.search(rest):
        return Asks.BOTH
    if _POSTAGE.search(rest):
        return Asks.BOTH if has_cue(Act.TOTAL, rest) else Asks.FEE
    goes = _SENT.search(rest) or destinations(inquiry)
    of_money = any(has_cue(act, rest) for act in _MONEY)
    of_sum = has_cue(Act.TOTAL, rest) or (inquiry.pieces or 0) > 1 or len(inquiry.product_ids) > 1
    if _EVERYTHING.search(rest) or (goes and of_money) or (_IN_HAND.search(rest) and of_sum):
        return Asks.TOTAL
    return Asks.NOT


def destinations(inquiry: Inquiry) -> tuple[str, ...]:
    """The places that a question names beside its products, as ISO 3166 codes."""
    text = without_spans(inquiry.plain, [(mention.start, mention.end) for mention in inquiry.finds.products])
    return tuple(dict.fromkeys(code for place in places(text) for code in place.codes))


def fee_first(delivery: Delivery, telling: Telling) -> str:
    """The answer to whether postage is paid, which goes before the sum; empty where the sum is asked for."""
    if not _only_fee(delivery):
        return ""
    fee = _fee(delivery.sent, telling)
    return telling.say(f"{fee}：", f"{fee[:1].upper()}{fee[1:]}: ")


def with_postage(delivery: Delivery, reckoned: Bill, telling: Telling) -> str:
    """What comes after the goods: what they come to, the fee and why it is so much unless that was said, and the sum."""
    sent = delivery.sent
    if not sent.served:
        place = place_name(sent.place, telling.language)
        return telling.say(
            f"，一共 {reckoned.total}；{place}不发货", f"; in all {reckoned.total}, but we don't send to {place}"
        )
    parts = [telling.say(f"货款一共 {reckoned.total}", f"goods in total {reckoned.total}")] if reckoned.reductions else []
    parts += [] if _only_fee(delivery) else [_fee(sent, telling)]
    said = "".join(telling.say("，", ", ") + part for part in parts)
    return said + telling.say(f"，一共 {sent.total}", f"; total to pay {sent.total}")


def _only_fee(delivery: Delivery) -> bool:
    return delivery.only_fee and delivery.sent.served


def _fee(sent: Charge, telling: Telling) -> str:
    place = place_name(sent.place, telling.language) if sent.place else ""
    to = telling.say(f"寄{place}", f" to {place}") if place else ""
    why = _why(sent, telling)
    if not sent.fee.minor:
        return telling.say(f"{to}免运费{why}", f"delivery{to} is free{why}")
    return telling.say(f"{to}运费 {sent.fee}{why}", f"delivery{to} is {sent.fee}{why}")


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
