"""Every verb in one table. From it come the actions of the flows, their arguments' schemas and Rasa's action names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from actions import buying, claims, coupons, customers, orders, pending, returns, verify
from actions.addresses import NewAddress
from actions.backoffice import Backoffice
from actions.codes import CodeSender, ConsoleSender
from actions.context import Attempts, Context
from actions.identity import customer_of
from actions.policy import Policy, load_policy
from bot.errors import BadInput
from bot.ports import OrderNumbers
from bot.types import Call, Outcome


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing the bot can do: its arguments, and the function that does it. A verb that writes names its quote.

    `says` are the responses of success, `slots` what it sets, `refusals` the codes it may end in: those of a verb that
    writes are its quote's and those of every write.
    """

    arguments: type[BaseModel]
    run: Callable[[Context, Any], Awaitable[Outcome]]
    says: tuple[str, ...]
    refusals: tuple[str, ...]
    slots: tuple[str, ...] = ()
    quote: str = ""
    does: str = ""

    @property
    def description(self) -> str:
        """What it does, in one line: as it says itself, or as its function does."""
        return self.does or (self.run.__doc__ or "").partition("\n")[0]


_ACCOUNT = ("public_room", "not_verified", "needs_proof")
_RULE = (*_ACCOUNT, "not_offered", "status", "times", "changed_before")
_ITEMS = ("which_items", "how_many", "quantity", "nothing_left")
_SWAP = ("which_variant", "what_instead", "no_variant", "same_item", "no_stock", "method", "balance")
_WRITE = ("not_confirmed", "confirmation_stale", "busy")


def _quote(arguments: type[BaseModel], run: Callable[[Context, Any], Awaitable[Outcome]], *refusals: str, says: str) -> Verb:
    return Verb(arguments, run, (f"utter_summary_{says}",), refusals, _quote_slots(arguments))


def _write(arguments: type[BaseModel], run: Callable[[Context, Any], Awaitable[Outcome]], quote: str, *says: str) -> Verb:
    return Verb(arguments, run, says, (*_READING[quote].refusals, *_WRITE), _quote_slots(arguments), quote)


def _quote_slots(arguments: type[BaseModel]) -> tuple[str, ...]:
    of_order = ("order_verified",) if issubclass(arguments, orders.OrderNumber) else ()
    return ("quote", "confirmed", "needs_review", *of_order)


_READING: dict[str, Verb] = {
    # finding out
    "action_verify_order": Verb(
        verify.OrderProof,
        verify.verify_order,
        (),
        ("public_room", "locked", "needs_proof", "not_matched"),
        ("order_number", "order_verified", "order_status", "phone_last4", "digits_tried"),
    ),
    "action_send_code": Verb(
        verify.CodeRequest,
        verify.send_code,
        ("utter_code_sent", "utter_code_sent_on_file"),
        ("public_room", "locked", "needs_proof", "too_many_codes", "no_contact"),
        ("order_number", "order_verified", "order_status", "code"),
    ),
    "action_check_code": Verb(
        verify.CodeProof,
        verify.check_code,
        (),
        ("public_room", "locked", "not_matched"),
        ("order_number", "order_verified", "order_status", "code"),
    ),
    "action_find_customer": Verb(
        customers.CustomerSearch,
        customers.find_customer,
        ("utter_customer_found",),
        ("public_room", "needs_proof", "not_found"),
    ),
    "action_list_orders": Verb(
        customers.OrderSearch,
        customers.list_orders,
        ("utter_orders", "utter_order_row", "utter_orders_none"),
        _ACCOUNT,
        ("order_number",),
    ),
    "action_order_status": Verb(
        orders.OrderNumber,
        orders.order_status,
        ("utter_order_status", "utter_order_cancelled_before_payment", "utter_order_cancelled_after_payment"),
        _ACCOUNT,
        ("order_verified",),
    ),
    "action_order_address": Verb(
        orders.OrderNumber, orders.order_address, ("utter_order_address",), _ACCOUNT, ("order_verified",)
    ),
    "action_order_paid": Verb(
        orders.OrderNumber, orders.order_paid, ("utter_order_paid", "utter_order_not_paid"), _ACCOUNT, ("order_verified",)
    ),
    "action_track_shipment": Verb(
        orders.OrderNumber,
        orders.track_shipment,
        (
            "utter_track_shipment",
            "utter_track_shipment_open",
            "utter_shipment_delivered",
            "utter_shipment_late",
            "utter_order_not_shipped",
            "utter_order_waits_for_payment",
            "utter_no_shipment",
        ),
        _ACCOUNT,
        ("order_verified",),
    ),
    "action_refund_status": Verb(
        orders.OrderNumber,
        orders.refund_status,
        ("utter_refund_status", "utter_return_status", "utter_refund_none"),
        _ACCOUNT,
        ("order_verified",),
    ),
    "action_coupons": Verb(
        coupons.Purchase, coupons.coupons, ("utter_coupons", "utter_coupons_all", "utter_coupons_none"), ()
    ),
    "action_empty_cart": Verb(buying.NothingMore, buying.empty_cart, ("utter_cart_empty",), ("public_room",)),
    # what would happen: each says a summary and sets the slot `quote`
    "action_quote_cancel": Verb(
        pending.Cancellation,
        pending.quote_cancel,
        ("utter_summary_cancel_order", "utter_summary_cancel_order_unpaid"),
        (*_RULE, "reason"),
        _quote_slots(pending.Cancellation),
    ),
    "action_quote_address": _quote(
        pending.AddressChange, pending.quote_address, *_RULE, "address_incomplete", says="change_address"
    ),
    "action_quote_payment": Verb(
        pending.PaymentChange,
        pending.quote_payment,
        ("utter_summary_change_payment", "utter_summary_change_payment_paid"),
        (*_RULE, "method", "same_method", "balance"),
        _quote_slots(pending.PaymentChange),
    ),
    "action_quote_items": _quote(pending.ItemsChange, pending.quote_items, *_RULE, *_ITEMS, *_SWAP, says="change_items"),
    "action_read_reason": Verb(returns.Said, returns.read_reason, (), (), ("reason",)),
    "action_quote_return": Verb(
        returns.ReturnRequest,
        returns.quote_return,
        ("utter_summary_return", "utter_summary_return_refunded"),
        (
            *_RULE,
            *_ITEMS,
            "window",
            "final_sale",
            "excluded",
            "evidence_needed",
            "method",
        ),
        _quote_slots(returns.ReturnRequest),
    ),
    "action_quote_exchange": _quote(
        returns.ExchangeRequest,
        returns.quote_exchange,
        *_RULE,
        *_ITEMS,
        *_SWAP,
        "window",
        "final_sale",
        "excluded",
        "evidence_needed",
        says="exchange",
    ),
    "action_quote_price_protection": _quote(
        claims.ProtectionClaim,
        claims.quote_price_protection,
        *_RULE,
        *_ITEMS,
        "window",
        "excluded",
        "no_difference",
        says="price_protection",
    ),
    "action_quote_warranty": _quote(
        claims.WarrantyClaim,
        claims.quote_warranty,
        *_RULE,
        *_ITEMS,
        "no_warranty",
        "warranty_over",
        "evidence_needed",
        says="warranty",
    ),
    "action_quote_invoice": _quote(
        claims.InvoiceRequest, claims.quote_invoice, *_RULE, "window", "excluded", says="invoice"
    ),
    "action_quote_problem": _quote(claims.ProblemReport, claims.quote_problem, *_RULE, *_ITEMS, "window", says="problem"),
    "action_quote_default_address": _quote(
        NewAddress, customers.quote_default_address, *_ACCOUNT, "address_incomplete", says="default_address"
    ),
    "action_quote_complaint": _quote(customers.Complaint, customers.quote_complaint, "public_room", says="complaint"),
    "action_quote_reminder": _quote(
        customers.Reminder, customers.quote_reminder, "public_room", "no_product", "no_variant", "in_stock", says="reminder"
    ),
    "action_quote_buy": Verb(
        buying.BuyRequest,
        buying.quote_buy,
        ("utter_summary_buy", "utter_summary_buy_plain"),
        ("public_room", "not_offered", "no_product", "which_one", "given_up", "no_variant", "no_stock", "coupon"),
        _quote_slots(buying.BuyRequest),
    ),
}

VERBS: Mapping[str, Verb] = _READING | {
    # doing it: each needs the quote and a yes
    "action_cancel_order": _write(
        pending.ConfirmedCancellation,
        pending.cancel_order,
        "action_quote_cancel",
        "utter_order_cancelled",
        "utter_order_cancelled_unpaid",
        "utter_review_follows",
    ),
    "action_change_address": _write(
        pending.ConfirmedAddressChange, pending.change_address, "action_quote_address", "utter_address_changed"
    ),
    "action_change_payment": _write(
        pending.ConfirmedPaymentChange,
        pending.change_payment,
        "action_quote_payment",
        "utter_payment_changed",
        "utter_review_follows",
    ),
    "action_change_items": _write(
        pending.ConfirmedItemsChange,
        pending.change_items,
        "action_quote_items",
        "utter_items_changed",
        "utter_review_follows",
    ),
    "action_return_items": _write(
        returns.ConfirmedReturn,
        returns.return_items,
        "action_quote_return",
        "utter_return_created",
        "utter_return_created_refunded",
        "utter_return_requested",
        "utter_review_follows",
    ),
    "action_exchange_items": _write(
        returns.ConfirmedExchange,
        returns.exchange_items,
        "action_quote_exchange",
        "utter_exchange_created",
        "utter_exchange_requested",
        "utter_review_follows",
    ),
    "action_price_protection": _write(
        claims.ConfirmedProtectionClaim,
        claims.price_protection,
        "action_quote_price_protection",
        "utter_price_protection_granted",
        "utter_review_follows",
    ),
    "action_warranty_claim": _write(
        claims.ConfirmedWarrantyClaim, claims.warranty_claim, "action_quote_warranty", "utter_warranty_claimed"
    ),
    "action_invoice": _write(claims.ConfirmedInvoiceRequest, claims.invoice, "action_quote_invoice", "utter_invoice_sent"),
    "action_report_problem": _write(
        claims.ConfirmedProblemReport, claims.report_problem, "action_quote_problem", "utter_problem_reported"
    ),
    "action_change_default_address": _write(
        customers.ConfirmedAddress,
        customers.change_default_address,
        "action_quote_default_address",
        "utter_default_address_changed",
    ),
    "action_complaint": _write(
        customers.ConfirmedComplaint, customers.complaint, "action_quote_complaint", "utter_complaint_received"
    ),
    "action_back_in_stock": _write(
        customers.ConfirmedReminder, customers.back_in_stock, "action_quote_reminder", "utter_reminder_set"
    ),
    "action_buy": _write(buying.ConfirmedBuy, buying.buy, "action_quote_buy", "utter_checkout_ready"),
}

# Verbs that show or change nothing of one person; all others are refused where people can read along.
IMPERSONAL = frozenset({"action_coupons", "action_read_reason"})

# What a refusal's code means.
REFUSALS: Mapping[str, str] = {
    "public_room": "others can read along; the person is shown the way to a private chat",
    "not_verified": "the order or the account is not proven to be the person's, or is not there",
    "needs_proof": "another proof is needed first",
    "not_matched": "the proof is wrong, or there is no such order",
    "not_found": "no account, or several, with these details",
    "locked": "too many wrong proofs",
    "too_many_codes": "as many codes were sent as may be for now",
    "no_contact": "nothing is on file that a code could be sent to",
    "not_offered": "the shop's policy has no such service",
    "status": "not in this state of the order",
    "times": "done as often as it may be",
    "changed_before": "closed by something that was done to the order before",
    "reason": "not for this reason",
    "window": "too late",
    "final_sale": "this product cannot be returned or exchanged so",
    "excluded": "this product, or this reason for it, is not covered",
    "evidence_needed": "a photo is needed",
    "which_items": "it is not clear which items; the ones of the order are named",
    "how_many": "the customer has several pieces of it, and it is not clear how many",
    "quantity": "not so many pieces",
    "nothing_left": "every piece is in a return or exchange already",
    "which_variant": "not one new variant for each item",
    "which_one": "it is not clear which variant is to be bought; those in stock are named",
    "given_up": "the customer wants to buy nothing, when asked which one",
    "coupon": "no such coupon, or it takes nothing off this cart",
    "what_instead": "it is not said what is wanted instead; what is in stock is named",
    "no_variant": "the product has no such size or colour; what is in stock is named",
    "same_item": "the same as ordered",
    "no_stock": "the new variant is sold out",
    "method": "this way to pay or to be refunded cannot be used",
    "same_method": "paid that way already",
    "balance": "the gift card does not hold enough",
    "address_incomplete": "no address can be read from it",
    "no_difference": "the price did not fall",
    "no_warranty": "the product has none",
    "warranty_over": "the warranty has ended",
    "no_product": "no product is called that",
    "in_stock": "it can be bought now",
    "not_confirmed": "no yes; the summary is said again",
    "confirmation_stale": "the yes was to another plan; the new summary is said, and `quote` is the new one",
    "busy": "others keep changing the order; nothing is written, the same call may succeed later",
}


class ShopActions:
    """`Actions` over the table of verbs."""

    def __init__(
        self,
        shop: Backoffice,
        attempts: Attempts,
        timezone: str = "Asia/Shanghai",
        policy: Policy | None = None,
        *,
        codes: CodeSender | None = None,
        link_secret: str = "",
        numbers: OrderNumbers | None = None,
        verbs: Mapping[str, Verb] = VERBS,
        buying: buying.Buying | None = None,
    ) -> None:
        """`timezone` is the shop's, for the days that customers read; `policy` its rules, by default those of policy.yml.

        `codes` brings one-time codes to customers, by default to the terminal. `link_secret` signs the tokens of the shop's
        site; without one, no token counts. `numbers` has the forms of order numbers; without, they must come as they are.
        `verbs` are all that may be called, ours and those that the shop declares; `buying` where things can be bought.
        """
        self._shop = shop
        self._attempts = attempts
        self._codes = codes or ConsoleSender()
        self._link_secret = link_secret
        self._numbers = numbers
        self._buying = buying
        self._zone = ZoneInfo(timezone)
        self._policy = policy or load_policy()
        self.verbs = verbs

    def names(self) -> Sequence[str]:
        """The verbs' names."""
        return tuple(self.verbs)

    async def run(self, call: Call) -> Outcome:
        """Run one verb. Raises BadInput for a name that is no verb or arguments that do not fit it."""
        verb = self.verbs.get(call.action)
        if verb is None:
            raise BadInput(f"there is no action {call.action!r}.", remedy=f"There are {', '.join(self.verbs)}.")
        try:
            arguments = verb.arguments.model_validate(await self._given(call))
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{call.action}.{'.'.join(str(part) for part in first['loc'])}"
            raise BadInput(f"{first['input']!r}: {first['msg']}.", where=where) from error
        context = Context(call, self._shop, self._attempts, self._codes, self._zone, self._policy, self._buying)
        return await verb.run(context, arguments)

    async def _given(self, call: Call) -> Mapping[str, Any]:
        """The arguments of a call, its order number as the shop writes it."""
        number = call.arguments.get("order_number")
        if not isinstance(number, str) or self._numbers is None:
            return call.arguments
        return {**call.arguments, "order_number": (await self._numbers.refreshed()).normal(number)}

    def identify(self, token: str, at: datetime) -> str | None:
        """The proof that a token of the shop's site gives at that time; None where it gives none."""
        customer = customer_of(token, self._link_secret, at)
        return f"customer:{customer}" if customer else None


def tool_schemas() -> list[dict[str, Any]]:
    """The verbs as tools for a language model, in the form of the OpenAI protocol."""
    return [
        {
            "type": "function",
            "function": {"name": name, "description": verb.description, "parameters": verb.arguments.model_json_schema()},
        }
        for name, verb in VERBS.items()
    ]
