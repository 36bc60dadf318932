"""Every verb in one table. From it come the actions of the flows, their arguments' schemas and Rasa's action names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from actions import claims, coupons, customers, orders, pending, returns, verify
from actions.addresses import NewAddress
from actions.backoffice import Backoffice
from actions.context import Attempts, Context
from actions.policy import Policy, load_policy
from bot.errors import BadInput
from bot.types import Call, Outcome


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing the bot can do: its arguments, and the function that does it. A verb that writes names its quote."""

    arguments: type[BaseModel]
    run: Callable[[Context, Any], Awaitable[Outcome]]
    quote: str = ""

    @property
    def description(self) -> str:
        """What it does, in one line."""
        return (self.run.__doc__ or "").partition("\n")[0]


VERBS: Mapping[str, Verb] = {
    # finding out
    "action_verify_order": Verb(verify.OrderProof, verify.verify_order),
    "action_find_customer": Verb(customers.CustomerSearch, customers.find_customer),
    "action_list_orders": Verb(customers.OrderSearch, customers.list_orders),
    "action_order_status": Verb(orders.OrderNumber, orders.order_status),
    "action_track_shipment": Verb(orders.OrderNumber, orders.track_shipment),
    "action_refund_status": Verb(orders.OrderNumber, orders.refund_status),
    "action_coupons": Verb(coupons.Purchase, coupons.coupons),
    # what would happen: each says a summary and sets the slot `quote`
    "action_quote_cancel": Verb(pending.Cancellation, pending.quote_cancel),
    "action_quote_address": Verb(pending.AddressChange, pending.quote_address),
    "action_quote_payment": Verb(pending.PaymentChange, pending.quote_payment),
    "action_quote_items": Verb(pending.ItemsChange, pending.quote_items),
    "action_quote_return": Verb(returns.ReturnRequest, returns.quote_return),
    "action_quote_exchange": Verb(returns.ExchangeRequest, returns.quote_exchange),
    "action_quote_price_protection": Verb(claims.ProtectionClaim, claims.quote_price_protection),
    "action_quote_warranty": Verb(claims.WarrantyClaim, claims.quote_warranty),
    "action_quote_invoice": Verb(claims.InvoiceRequest, claims.quote_invoice),
    "action_quote_problem": Verb(claims.ProblemReport, claims.quote_problem),
    "action_quote_default_address": Verb(NewAddress, customers.quote_default_address),
    "action_quote_complaint": Verb(customers.Complaint, customers.quote_complaint),
    "action_quote_reminder": Verb(customers.Reminder, customers.quote_reminder),
    # doing it: each needs the quote and a yes
    "action_cancel_order": Verb(pending.ConfirmedCancellation, pending.cancel_order, quote="action_quote_cancel"),
    "action_change_address": Verb(pending.ConfirmedAddressChange, pending.change_address, quote="action_quote_address"),
    "action_change_payment": Verb(pending.ConfirmedPaymentChange, pending.change_payment, quote="action_quote_payment"),
    "action_change_items": Verb(pending.ConfirmedItemsChange, pending.change_items, quote="action_quote_items"),
    "action_return_items": Verb(returns.ConfirmedReturn, returns.return_items, quote="action_quote_return"),
    "action_exchange_items": Verb(returns.ConfirmedExchange, returns.exchange_items, quote="action_quote_exchange"),
    "action_price_protection": Verb(
        claims.ConfirmedProtectionClaim, claims.price_protection, quote="action_quote_price_protection"
    ),
    "action_warranty_claim": Verb(claims.ConfirmedWarrantyClaim, claims.warranty_claim, quote="action_quote_warranty"),
    "action_invoice": Verb(claims.ConfirmedInvoiceRequest, claims.invoice, quote="action_quote_invoice"),
    "action_report_problem": Verb(claims.ConfirmedProblemReport, claims.report_problem, quote="action_quote_problem"),
    "action_change_default_address": Verb(
        customers.ConfirmedAddress, customers.change_default_address, quote="action_quote_default_address"
    ),
    "action_complaint": Verb(customers.ConfirmedComplaint, customers.complaint, quote="action_quote_complaint"),
    "action_back_in_stock": Verb(customers.ConfirmedReminder, customers.back_in_stock, quote="action_quote_reminder"),
}

# Verbs that show or change nothing of one person; all others are refused where people can read along.
IMPERSONAL = frozenset({"action_coupons"})


class ShopActions:
    """`Actions` over the table of verbs."""

    def __init__(
        self, shop: Backoffice, attempts: Attempts, timezone: str = "Asia/Shanghai", policy: Policy | None = None
    ) -> None:
        """`timezone` is the shop's, for the days that customers read; `policy` its rules, by default those of policy.yml."""
        self._shop = shop
        self._attempts = attempts
        self._zone = ZoneInfo(timezone)
        self._policy = policy or load_policy()

    def names(self) -> Sequence[str]:
        """The verbs' names."""
        return tuple(VERBS)

    async def run(self, call: Call) -> Outcome:
        """Run one verb. Raises BadInput for a name that is no verb or arguments that do not fit it."""
        verb = VERBS.get(call.action)
        if verb is None:
            raise BadInput(f"there is no action {call.action!r}.", remedy=f"There are {', '.join(VERBS)}.")
        try:
            arguments = verb.arguments.model_validate(call.arguments)
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{call.action}.{'.'.join(str(part) for part in first['loc'])}"
            raise BadInput(f"{first['input']!r}: {first['msg']}.", where=where) from error
        return await verb.run(Context(call, self._shop, self._attempts, self._zone, self._policy), arguments)


def tool_schemas() -> list[dict[str, Any]]:
    """The verbs as tools for a language model, in the form of the OpenAI protocol."""
    return [
        {
            "type": "function",
            "function": {"name": name, "description": verb.description, "parameters": verb.arguments.model_json_schema()},
        }
        for name, verb in VERBS.items()
    ]
