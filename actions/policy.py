"""The shop's rules for after-sales work, as data: windows, who pays, what is excluded, when a person decides.

One schema for every shop: `actions/policy.yml` is ours. A section that a policy leaves out is work that the shop does not
offer. Amounts are written in major units ("10.00") and hold in the currency of the order at hand.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from ruamel.yaml.error import YAMLError

from actions.postage import Amount, PostageRule, Section
from bot.commerce import OrderStatus, Text
from bot.errors import BadContent
from bot.yaml import read_yaml

POLICY = Path(__file__).with_name("policy.yml")

# The refusals that a rule can end in. A policy may word each; `bot/data/responses/aftersales.yml` words the others.
Code = Literal[
    "not_offered",
    "status",
    "window",
    "times",
    "changed_before",
    "reason",
    "final_sale",
    "excluded",
    "evidence_needed",
    "method",
    "same_method",
    "same_item",
    "no_warranty",
    "warranty_over",
]
Work = Literal[
    "cancel_order",
    "change_address",
    "change_payment",
    "change_items",
    "return_items",
    "exchange_items",
    "price_protection",
    "warranty_claim",
    "invoice",
    "report_problem",
]


Count = Annotated[int, Field(ge=1)]


# What a wording may have filled in, by code; the codes that are not here know nothing to fill in.
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "status": frozenset({"status", "order_number"}),
    "window": frozenset({"days", "hours", "until"}),
    "times": frozenset({"order_number", "product"}),
    "changed_before": frozenset({"order_number"}),
    "reason": frozenset({"reasons"}),
    "final_sale": frozenset({"product", "reason"}),
    "excluded": frozenset({"product", "reason"}),
    "method": frozenset({"methods"}),
    "same_method": frozenset({"payment_method"}),
    "no_warranty": frozenset({"product"}),
    "warranty_over": frozenset({"product", "until"}),
}


class Document(Section):
    """A document that rules rest on: its title and its file in either language."""

    title: Text
    file: Text


class Reason(Section):
    """Why a rule says no, in both languages, with `{placeholders}`; `document` names what it rests on."""

    zh: str
    en: str
    document: str = ""


class Rule(Section):
    """What every kind of work has: when it is open. `times` per order; `not_after`: closed once this was done."""

    statuses: tuple[OrderStatus, ...]
    times: Count | None = None
    not_after: tuple[Work, ...] = ()
    refusals: Mapping[Code, Reason] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> Rule:
        for code, reason in self.refusals.items():
            known = PLACEHOLDERS.get(code, frozenset())
            for name in re.findall(r"\{(\w*)\}", reason.zh + reason.en):
                if name not in known:
                    raise ValueError(
                        f"{{{name}}} in refusals.{code} is not known; known: {', '.join(sorted(known)) or 'none'}"
                    )
        return self


class TimedRule(Rule):
    """Open for so many days, counted from the day after; None: for ever."""

    days: Count | None = None


class CancelRule(Rule):
    """Cancelling. `reasons`: the only ones that count; empty: any, or none."""

    reasons: tuple[str, ...] = ()


class ItemsRule(Rule):
    """Other variants in place of those ordered. `same_variant`: an item may be replaced by its like.

    `paid_by`: what may pay or receive a difference: original, the way the order was paid; on_file, any way on file.
    `even`: what comes instead costs what the other did, whatever its price is.
    """

    same_variant: bool = False
    even: bool = False
    paid_by: tuple[Literal["original", "on_file"], ...] = ("original", "on_file")


class ReturnReason(Section):
    """One reason of the shop's: how long it holds, who pays, what it asks for.

    `kinds` are those of the reasons that people give which count as this one (fault, wrong_item, not_as_described, misfit,
    unwanted, late, allergy). Of what was read as no kind `words` in a text tell it; the one without words has all others.
    `days` run from the day after delivery. `despite_final_sale`: holds for what cannot be returned otherwise. `categories`:
    only for these. `reviewed`: a person looks before it is approved. `same_variant`: the like may be sent in exchange.
    """

    name: Text
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    days: Count | None = None
    pays: Literal["customer", "shop"] = "shop"
    evidence: bool = False
    reviewed: bool = False
    despite_final_sale: bool = False
    categories: tuple[str, ...] = ()
    same_variant: bool = False


class ReturnRule(Rule):
    """Sending back. `pickup_fee` per order where the customer pays, not for the levels of `free_for`.

    `unopened` categories may come back while nobody opened them, whatever the catalogue says. `refund_to`: original is the
    way it was paid, gift_card any gift card on file. `send_within` days after the request, to `address`. `refunded`: once
    the pieces were checked, or at the request where nobody looks at it first.
    """

    reasons: Mapping[str, ReturnReason]
    pickup_fee: Amount = Decimal(0)
    pickup_countries: tuple[str, ...] = ()
    free_for: tuple[str, ...] = ()
    unopened: tuple[str, ...] = ()
    refund_to: tuple[Literal["original", "gift_card"], ...] = ("original",)
    refunded: Literal["checked", "requested"] = "checked"
    send_within: int = 7
    address: Text = Field(default_factory=Text)


class ExchangeRule(ItemsRule, TimedRule):
    """Another size or colour. `fees` for the first, second ... exchange of a line; the last one holds for all later ones.

    `not_categories` cannot be exchanged; what the catalogue calls final sale only `final_sale_times` a line.
    `same_variant` and `paid_by` as with ItemsRule.
    """

    fees: tuple[Amount, ...] = (Decimal(0),)
    not_categories: tuple[str, ...] = ()
    final_sale_times: int = 0


class ProtectionRule(TimedRule):
    """The price fell after the purchase. `days` run from payment; `not_tags` are products that are not covered."""

    not_tags: tuple[str, ...] = ()


class WarrantyRule(Rule):
    """Repairs for as long as the catalogue says. `replaced_within` months after delivery it is replaced instead."""

    evidence: bool = True
    replaced_within: int = 0
    next_step: Text = Field(default_factory=Text)


class InvoiceRule(TimedRule):
    """Invoices for what was paid, less what was paid by the kinds in `not_paid_by`."""

    not_paid_by: tuple[str, ...] = ()


class ProblemRule(Rule):
    """Reports of what went wrong with a parcel; `hours` after the delivery scan, by kind of problem."""

    hours: Mapping[Literal["missing", "wrong", "damaged", "not_received"], int] = Field(default_factory=dict)


class Limits(Section):
    """Above `review_above` a person releases the money."""

    review_above: Amount | None = None


class Payments(Section):
    """`kinds` may pay without being on file. `refund_days`: working days until the money is there, least and most."""

    kinds: tuple[str, ...] = ()
    refund_days: Mapping[str, tuple[int, int]] = Field(default_factory=dict)
    names: Mapping[str, Text] = Field(default_factory=dict)


class Identity(Section):
    """What a person has to prove before an order is shown (`read`) or changed (`change`).

    digits: its number and the last four digits of the phone on it; code: beyond that, a one-time code. A token of the shop's
    site does for both. `lookup_proves`: whoever knows the e-mail, or name and postal code, counts as the customer.
    """

    read: Literal["digits", "code"] = "digits"
    change: Literal["digits", "code"] = "code"
    lookup_proves: bool = False

    @model_validator(mode="after")
    def _changing_asks_for_no_less(self) -> Identity:
        if self.read == "code" and self.change == "digits":
            raise ValueError("identity.change is digits, but identity.read is code: changing asks for less than reading")
        return self


class Policy(Section):
    """All rules of one shop."""

    identity: Identity = Identity()
    limits: Limits = Limits()
    payments: Payments = Payments()
    documents: Mapping[str, Document] = Field(default_factory=dict)
    cancel_order: CancelRule | None = None
    change_address: Rule | None = None
    change_payment: Rule | None = None
    change_items: ItemsRule | None = None
    return_items: ReturnRule | None = None
    exchange_items: ExchangeRule | None = None
    price_protection: ProtectionRule | None = None
    warranty_claim: WarrantyRule | None = None
    invoice: InvoiceRule | None = None
    report_problem: ProblemRule | None = None
    postage: PostageRule | None = None

    @model_validator(mode="after")
    def _documents_are_known(self) -> Policy:
        for work, rule in self:
            for code, reason in rule.refusals.items() if isinstance(rule, Rule) else ():
                if reason.document and reason.document not in self.documents:
                    known = ", ".join(self.documents) or "none"
                    raise ValueError(f"{work}.refusals.{code}.document is {reason.document!r}; documents: {known}")
        return self

    @model_validator(mode="after")
    def _one_reason_is_for_all_others(self) -> Policy:
        if self.return_items and sum(not reason.words for reason in self.return_items.reasons.values()) != 1:
            raise ValueError("return_items.reasons needs exactly one reason without words: the one that no word tells")
        return self


def load_policy(own: Path | None = None) -> Policy:
    """The retail defaults, with the rules of a shop's own file in the place of theirs; one that is null there is none.

    Raises BadContent: file, key, and the nearest right key.
    """
    file, raw = POLICY, _read(POLICY)
    if own is not None:
        file, raw = own, {**raw, **_read(own)}
    try:
        return Policy.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        place = f"{file}, {where}" if where else str(file)
        if first["type"] == "extra_forbidden":
            raise BadContent("this key is not known.", where=place, remedy=_nearest(first["loc"])) from error
        message = first["msg"].removeprefix("Value error, ")
        raise BadContent(f"{message} (here: {_short(first['input'])}).", where=place) from error


def figures(policy: Policy) -> dict[str, str]:
    """What each rule says in figures: windows, times, fees, limits; without its words. For reading by people."""
    return {work: told for work, rule in policy if isinstance(rule, Section) and (told := _figures(rule))}


def _figures(rule: Section) -> str:
    found = []
    for name, value in rule:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            found.append(f"{name} {value}")
        elif isinstance(value, Mapping):
            within = {key: _figures(one) if isinstance(one, Section) else str(one) for key, one in value.items()}
            counted = [f"{key}: {told}" for key, told in within.items() if told and any(char.isdigit() for char in told)]
            found += [f"{name} ({'; '.join(counted)})"] if counted and name != "refusals" else []
        elif isinstance(value, tuple) and value and all(isinstance(one, Decimal) for one in value):
            found.append(f"{name} {', '.join(map(str, value))}")
    return ", ".join(found)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        raw = read_yaml(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadContent("there is no such file.", where=str(file), remedy="Write it like actions/policy.yml.") from error
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    if not isinstance(raw or {}, dict):
        raise BadContent("this is no mapping of rules.", where=str(file), remedy="Write it like actions/policy.yml.")
    return raw or {}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _nearest(path: Sequence[int | str]) -> str:
    """Which key was meant, or all that there are."""
    keys = _keys(path[:-1])
    near = difflib.get_close_matches(str(path[-1]), keys, 1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(keys)}."


def _keys(path: Sequence[int | str]) -> list[str]:
    """The keys that the schema knows at a place."""
    schema: Any = TypeAdapter(Policy).json_schema()
    node, definitions = schema, schema["$defs"]
    for part in path:
        node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        choices = [node, *node.get("anyOf", ())]
        named = [choice["$ref"].rpartition("/")[2] for choice in choices if "$ref" in choice]
        node = definitions[named[0]] if named else node
    return list(node.get("properties", ()))
