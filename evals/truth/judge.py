"""Judges an answer by its figures, its names, and that nothing else is claimed. Pure.

An answer is right when every claim holds of it. Otherwise it is abstained when it says that the bot does not know and claims
nothing wrong, misread when the bot took the question for something else (a flow, small talk, a hand-off), and wrong in all
other cases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

import bot
from evals.truth.cases import (
    Amounts,
    Answered,
    Case,
    Claim,
    Either,
    Figures,
    Lacks,
    Outcome,
    Pieces,
    Shown,
    Stance,
    Total,
    Words,
)
from evals.truth.names import full_names, mentioned, one_of
from evals.truth.tables import Tables, plain
from evals.truth.yaml import read


class Verdict(StrEnum):
    """What an answer is."""

    RIGHT = "right"
    WRONG = "wrong"
    ABSTAINED = "abstained"
    MISREAD = "misread"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and what it rests on; `reasons` is empty for a right answer."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A claim that does not hold: something is missing, or (`contrary`) something else is said in its place."""

    what: str
    contrary: bool = False


# Responses that say that the bot does not know, or not enough.
_ABSTAINS = {
    "utter_no_answer",
    "utter_nearest",
    "utter_out_of_scope",
    "utter_cannot_handle",
    "utter_ask_rephrase",
    "utter_which_product",
    "utter_which_variant",
    "utter_recommend_none",
    "utter_try_later",
}
_RESPONSES = Path(bot.__file__).parent / "data" / "responses"
# Responses that another question would have got.
_MISREADS = re.compile(
    r"utter_(?:ask_|invalid_|greet|goodbye|thanks|affirm|deny|how_are_you|chitchat|praise|insult|bot_challenge|clarify|hand_off|"
    r"internal_error|summary|flow_|order|track|refused|coupons|nothing_|not_changed|corrected|cannot_correct|repeat)|escalate"
)


def judge(case: Case, answered: Answered, tables: Tables) -> Judged:
    """What an answer to a case is."""
    if answered.error:
        return Judged(Verdict.MISREAD, (f"the turn failed: {answered.error}",))
    faults = [fault for claim in case.claims for fault in faults_of(claim, answered, tables)]
    if case.unanswerable:
        faults = [] if _abstains(answered) and not any(f.contrary for f in faults) else faults
    if not faults:
        return Judged(Verdict.RIGHT)
    return told_apart(answered, [f.what for f in faults], contrary=any(f.contrary for f in faults))


def told_apart(answered: Answered, reasons: Sequence[str], *, contrary: bool = False) -> Judged:
    """What an answer is that is not right."""
    if answered.flow or any(_MISREADS.match(name) and name not in _ABSTAINS for name in answered.said):
        return Judged(Verdict.MISREAD, tuple(reasons))
    return Judged(Verdict.ABSTAINED if _abstains(answered) and not contrary else Verdict.WRONG, tuple(reasons))


def faults_of(claim: Claim, answered: Answered, tables: Tables) -> list[Fault]:
    """Why a claim does not hold of an answer; nothing where it does."""
    text = without_apologies(plain(answered.text))
    match claim:
        case Figures():
            return _figures_faults(claim, answered, tables)
        case Amounts() | Total() | Pieces():
            return _amount_faults(claim, without_offers(without_names(text, tables), tables))
        case Words():
            found = sum(any(plain(form).lower() in text.lower() for form in forms) for forms in claim.pieces)
            wanted = " / ".join(forms[0] for forms in claim.pieces)
            return [] if found >= claim.least else [Fault(f"does not say {wanted}")]
        case Lacks():
            named = ", ".join(sorted({found.lower() for found in one_of(map(plain, claim.names)).findall(text)}))
            return [Fault(f"names {named}", contrary=True)] if named else []
        case Stance():
            return _stance_faults(claim, text)
        case Shown():
            return _shown_faults(claim, answered, tables)
        case Outcome():
            return _outcome_faults(claim, text, tables)
        case Either():
            each = [faults_of(one, answered, tables) for one in claim.claims]
            return [] if not all(each) else [Fault(" or ".join(faults[0].what for faults in each))]


def _amount_faults(claim: Amounts | Total | Pieces, text: str) -> list[Fault]:
    match claim:
        case Amounts():
            others = ", ".join(map(str, sorted(amounts(text) - claim.allowed)))
            return [Fault(f"says {others}", contrary=True)] if others else []
        case Pieces():
            counts = ", ".join(map(str, sorted(_pieces(text) - {claim.left})))
            return [Fault(f"says that {counts} are left", contrary=True)] if counts else []
        case Total():
            return _total_faults(claim, text)


def _stance_faults(claim: Stance, text: str) -> list[Fault]:
    said = [name for name in claim.never if takes(name, text)]
    if not claim.any_of or any(takes(name, text) for name in claim.any_of):
        return [Fault(f"says also that it is {name}", contrary=True) for name in said]
    return [Fault(f"does not say {' or '.join(claim.any_of)}", contrary=bool(said))]


def _figures_faults(claim: Figures, answered: Answered, tables: Tables) -> list[Fault]:
    text = plain(answered.text)
    said = figures(one_of(coupon.code for coupon in tables.coupons).sub(" ", without_names(text, tables)))
    if claim.on_cards:
        said |= figures(without_names(plain(answered.cards), tables))
    if said & claim.any_of or (claim.as_words and re.search(claim.as_words, text, re.IGNORECASE)):
        return []
    return [Fault(f"does not say {' or '.join(str(figure) for figure in sorted(claim.any_of))}")]


def _total_faults(claim: Total, text: str) -> list[Fault]:
    marked = {
        Decimal(found[1].replace(",", ""))
        for found in re.finditer(rf"(?:{_TOTAL})[^\d。；;\n]{{0,16}}({_NUMBER})", text, re.IGNORECASE)
    }
    said = marked or figures(text)
    if claim.amount in said:
        return []
    return [Fault(f"does not come to {claim.amount}", contrary=bool(marked))]


def _shown_faults(claim: Shown, answered: Answered, tables: Tables) -> list[Fault]:
    named = mentioned(plain(answered.text), tables)
    shown = list(dict.fromkeys((*named, *answered.card_ids)))
    others = [product_id for product_id in shown if product_id not in claim.allowed]
    if others:
        return [Fault(f"names {', '.join(_title(other, tables) for other in others[:3])}", contrary=True)]
    if not shown:
        return [] if claim.may_be_none else [Fault("names no product")]
    wrong_first = claim.first and shown[0] not in claim.first
    return [Fault(f"names {_title(shown[0], tables)} first", contrary=True)] if wrong_first else []


def _outcome_faults(claim: Outcome, text: str, tables: Tables) -> list[Fault]:
    verdicts = [said for sentence in re.split(r"[。！？!?；;\n]|\. ", text) if (said := _comes_out(sentence, claim, tables))]
    if claim.loser in verdicts:
        return [Fault("says that it is the other one", contrary=True)]
    numbers = figures(without_names(text, tables))
    if claim.winner in verdicts or numbers >= set(claim.figures) or abs(claim.figures[0] - claim.figures[1]) in numbers:
        return []
    return [Fault("does not say which of the two, nor by what figures")]


_LESS = r"便宜|更低|低|较低|更轻|更短|更小|更少|更薄|cheaper|less|lower|lighter|shorter|smaller|fewer|lowest|cheapest"
_MORE = r"贵|更高|高|较高|更重|更长|更大|更多|更厚|dearer|pricier|more|higher|heavier|longer|larger|bigger|costlier|highest"


def _comes_out(sentence: str, claim: Outcome, tables: Tables) -> str | None:
    """Who of the two a sentence says is the one that was asked for."""
    found = re.search(rf"({_LESS})|({_MORE})", without_names(sentence, tables, keep=True), re.IGNORECASE)
    named = [product_id for product_id in mentioned(sentence, tables) if product_id in (claim.winner, claim.loser)]
    if not found or not named:
        return None
    first = named[0]
    second = claim.loser if first == claim.winner else claim.winner
    return first if bool(found[2]) is claim.higher else second


def _abstains(answered: Answered) -> bool:
    text = plain(answered.text)
    return any(name in _ABSTAINS for name in answered.said) or without_apologies(text) != text or takes("unknown", text)


def _title(product_id: str, tables: Tables) -> str:
    return next((p.name.in_("zh") for p in tables.products if p.id == product_id), product_id)


# ---------------------------------------------------------------- reading a text

_NUMBER = r"(?<![\d.])\d+(?:,\d{3})*(?:\.\d+)?"
_TOTAL = r"合计|一共|总共|总价|总计|共计|应付|实付|到手|折后|最后|total|altogether|in all|comes? to|pay"
_MONEY = re.compile(rf"(?:¥|￥|\$|€|£|rmb|cny) ?({_NUMBER})|({_NUMBER}) ?(?:元|块|rmb|cny|yuan)(?![a-z])", re.IGNORECASE)

_LEFT = re.compile(r"(?:剩|剩余|库存)[^\d\n]{0,4}(\d+)|(\d+) ?(?:件|left|in stock|pieces|units)", re.IGNORECASE)


def figures(text: str) -> set[Decimal]:
    """All numbers of a text."""
    return {Decimal(found.replace(",", "")) for found in re.findall(_NUMBER, text)}


def amounts(text: str) -> set[Decimal]:
    """All amounts of money of a text."""
    return {Decimal((before or after).replace(",", "")) for before, after in _MONEY.findall(plain(text))}


def _pieces(text: str) -> set[int]:
    """All numbers of pieces that a text says are left."""
    return {int(before or after) for before, after in _LEFT.findall(text)}


def takes(stance: str, text: str) -> bool:
    """Whether a text takes a stand."""
    return re.search(read("stances.yml")[stance], text, re.IGNORECASE | re.MULTILINE) is not None


def without_names(text: str, tables: Tables, *, keep: bool = False) -> str:
    """A text without the full names of products, whose numbers and words say nothing. `keep`: their place stays."""
    return full_names(tables).sub(lambda found: "\x00" * len(found[0]) if keep else " ", text)


def without_offers(text: str, tables: Tables) -> str:
    """A text without the names of offers, whose numbers are no answer to what somebody pays."""
    return _offer_names(tables).sub(" ", text)


@cache
def _offer_names(tables: Tables) -> re.Pattern[str]:
    return one_of({plain(name) for offer in tables.offers() for name in (offer.name.zh, offer.name.en)})


def without_apologies(text: str) -> str:
    """A text without the sentences by which the bot says that it has no answer: they state nothing about the shop."""
    return _apologies().sub(" ", text)


@cache
def _apologies() -> re.Pattern[str]:
    """Those sentences, from the bot's own responses: an answer from the documents may end in one without its name."""
    found: set[str] = set()
    for file in sorted(_RESPONSES.glob("*.yml")):
        responses = YAML(typ="safe").load(file.read_text("utf-8")).get("responses") or {}
        found |= {form["text"] for name, forms in responses.items() if name in _ABSTAINS for form in forms if "text" in form}
    return one_of(plain(text) for text in found if "{" not in text)
