"""What speaks for each way to answer a question, as numbers that `weighing` weighs. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.values.ranges import given_measures
from knowledge.facts.answers import Told, explained
from knowledge.facts.delivered import Asks
from knowledge.facts.reading import Act, Inquiry, acts_of, has_cue
from knowledge.lexicon.lexicon import Lexicon
from knowledge.wanting import may_wish, wishes_first
from knowledge.weighing import odds

# Acts of one source that are asked for in ways of their own.
_APART = (Act.TOTAL, Act.EACH, Act.SAVING, Act.CHOICES, Act.EXTREME, Act.CODE, Act.RETURNABLE)


def of_told(told: Told, inquiry: Inquiry, *, resumed: bool) -> Mapping[str, float]:
    """For what the tables say: that the act is said, and how much of the words it accounts for; of a statement how probable
    it is. `resumed`: the last question goes on."""
    if told.act is Act.PROPERTY:
        asked = {act for act in acts_of(inquiry.rest, "") if act is not Act.FIND}
        return {
            "sure": odds(told.confidence),
            "another act": float(bool(asked)),
            "label": float(inquiry.label is not None),
            "resumed": float(resumed),
            "measure": float(not inquiry.asks_yes_or_no and bool(given_measures(inquiry.plain))),
            **_of_words(inquiry),
        }
    said = float(has_cue(told.act, inquiry.rest))
    share = explained(inquiry, told.act)
    apart = {told.act.value: 1.0} if told.act in _APART else {}
    return {
        **apart,
        "said": said,
        "explained": share,
        "said and explained": said * share,
        "sure": odds(told.confidence),
        "only values": float(inquiry.only_values),
        "resumed": float(resumed),
        "pieces": float(inquiry.pieces is not None),
        "label": float(inquiry.label is not None),
        **_of_words(inquiry),
    }


def of_documents(inquiry: Inquiry, sure: float, meant: Mapping[str, float], *, looked_up: bool) -> Mapping[str, float]:
    """For what the documents say. `looked_up`: a table of theirs has a row for what is given."""
    return {
        "any": odds(sum(meant.values())) if meant else 0.0,
        "sure": odds(sure),
        "looked up": float(looked_up),
        "kinds": float(bool(inquiry.kinds)),
        "products": float(bool(inquiry.product_ids)),
        "finds": float(has_cue(Act.FIND, inquiry.rest)),
        **_of_words(inquiry),
    }


@dataclass(frozen=True, slots=True)
class Goods:
    """What speaks for products or against them, whichever: `first` and `may` say whether they are wished for (`wanting`),
    `evidence` what all ways of goods share."""

    first: bool
    may: bool
    evidence: Mapping[str, float]


def goods_of(inquiry: Inquiry, meant: Mapping[str, float], lexicon: Lexicon) -> Goods:
    """What an inquiry says of goods. `meant`: how probable each product is meant, where none is named."""
    evidence = {
        "kinds": float(bool(inquiry.kinds)),
        "likely": max(meant.values(), default=0.0),
        "linked": float(bool(meant)),
        "any": odds(sum(meant.values())) if meant else 0.0,
        "finds": float(has_cue(Act.FIND, inquiry.rest)),
        "strange": lexicon.strange(inquiry.plain),
        **_of_words(inquiry),
    }
    return Goods(wishes_first(inquiry, lexicon), may_wish(inquiry), evidence)


def of_wish(inquiry: Inquiry, goods: Goods, *, names_offer: bool) -> Mapping[str, float]:
    """For products that are wished for."""
    return {
        "first": float(goods.first),
        "may": float(goods.may),
        "offer": float(names_offer),
        "yes or no": float(inquiry.asks_yes_or_no),
        "several": float(any(kind.several for kind in inquiry.kinds)),
        "label": float(inquiry.label is not None),
        "products": float(len(inquiry.product_ids) > 1),
        "cues": float(any(has_cue(act, inquiry.rest) for act in (Act.PRICE, Act.STOCK, Act.TOTAL))),
        **goods.evidence,
    }


def of_linked(meant: Mapping[str, float], goods: Goods) -> Mapping[str, float]:
    """For the products that are likeliest meant and not named."""
    return {"meant": odds(max(meant.values(), default=0.0)), **goods.evidence}


def of_unsold(goods: Goods, *, is_denied: bool) -> Mapping[str, float]:
    """For its not being sold. `is_denied`: nothing in the shop is called so."""
    return {"denied": float(is_denied), "first": float(goods.first), **goods.evidence}


def of_postage(asks: Asks) -> Mapping[str, float]:
    """For what sending costs."""
    return {asks.value: 1.0}


def _of_words(inquiry: Inquiry) -> Mapping[str, float]:
    return {
        "named": float(inquiry.named),
        "firm": float(inquiry.firm),
        "values": float(bool(inquiry.spans)),
        "asks": float(inquiry.asks),
    }
