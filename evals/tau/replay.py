"""tau-bench's tools as calls of our verbs, on a database of our own, and that database in the form that is compared."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.policy import Policy
from actions.registry import VERBS, ShopActions
from actions.shop import tables
from actions.shop.importers.taubench import order_id_of
from actions.shop.sql import SqlShop
from bot.fakes import MemoryStore
from bot.types import Audience, Call, ConversationKey, Language, Outcome
from evals.tau.reference import MODIFIED

# Its tools as our verbs; `calculate`, `think` and the catalogue's two need none, and a hand-off is the engine's.
TOOLS: Mapping[str, str] = {
    "find_user_id_by_email": "action_find_customer",
    "find_user_id_by_name_zip": "action_find_customer",
    "get_user_details": "action_list_orders",
    "get_order_details": "action_order_status",
    "cancel_pending_order": "action_cancel_order",
    "modify_pending_order_address": "action_change_address",
    "modify_pending_order_payment": "action_change_payment",
    "modify_pending_order_items": "action_change_items",
    "modify_user_address": "action_change_default_address",
    "return_delivered_order_items": "action_return_items",
    "exchange_delivered_order_items": "action_exchange_items",
}
WITHOUT_A_VERB = frozenset(
    {"calculate", "think", "get_product_details", "get_item_details", "list_all_product_types", "transfer_to_human_agents"}
)
_STATUS = {"return_requested": "return requested", "exchange_requested": "exchange requested"}


@dataclass
class Agent:
    """Who works on the shop for one customer: calls verbs as the engine does, with a yes to every summary."""

    shop: SqlShop
    policy: Policy
    verified: tuple[str, ...] = ()
    calls: int = 0
    proofs: MemoryStore = field(default_factory=MemoryStore)

    async def use(self, tool: str, arguments: Mapping[str, Any]) -> Outcome:
        """One tool. A verb that writes is quoted first, and its summary said yes to."""
        verb, given = TOOLS[tool], translated(tool, arguments)
        quote = VERBS[verb].quote
        if not quote:
            return await self.run(verb, given)
        quoted = await self.run(quote, given)
        return await self.run(verb, {**given, "quote": quoted.slots["quote"], "confirmed": True}) if quoted.ok else quoted

    async def run(self, verb: str, arguments: Mapping[str, Any]) -> Outcome:
        """One call of a verb; what it proves counts from then on."""
        self.calls += 1
        key = ConversationKey("tau", "", "agent")
        call = Call(
            verb, arguments, key, Language.EN, Audience.PRIVATE, f"{key}/{self.calls}/0", datetime.now(UTC), self.verified
        )
        outcome = await ShopActions(self.shop, self.proofs, policy=self.policy).run(call)
        self.verified = (*self.verified, *outcome.grants)
        return outcome


def translated(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a tool as our verb calls them."""
    given: dict[str, Any] = dict(arguments)
    if "order_id" in given:
        given["order_number"] = order_id_of(given.pop("order_id"))
    match tool:
        case "find_user_id_by_name_zip":
            return {"name": f"{given['first_name']} {given['last_name']}", "postal_code": given["zip"]}
        case "cancel_pending_order":
            given["cancel_reason"] = given.pop("reason")
        case "modify_pending_order_address" | "modify_user_address":
            line = ", ".join(filter(None, (given.pop("address1"), given.pop("address2"))))
            given |= {"line": line, "region": given.pop("state"), "postal_code": given.pop("zip")}
            given.pop("user_id", None)
        case "modify_pending_order_payment":
            given["new_payment_method"] = given.pop("payment_method_id")
        case "modify_pending_order_items" | "exchange_delivered_order_items":
            given |= {"items": given.pop("item_ids"), "replacements": given.pop("new_item_ids")}
            given["payment_method"] = given.pop("payment_method_id")
        case "return_delivered_order_items":
            given |= {"items": given.pop("item_ids"), "refund_method": given.pop("payment_method_id")}
    return given


async def state(shop: SqlShop) -> dict[str, Any]:
    """All orders and customers of our shop in the form of `reference.state`."""
    async with shop.transaction() as connection:

        async def rows(table: sa.Table) -> Sequence[sa.Row[Any]]:
            return (await connection.execute(sa.select(table))).all()

        orders, customers = await rows(tables.orders), await rows(tables.customers)
        lines, money = await rows(tables.order_lines), await rows(tables.payments)
        returns, cards, audit = await rows(tables.returns), await rows(tables.payment_methods), await rows(tables.audit)
    modified = {row.order_id for row in audit if row.action == "action_change_items"}
    skus = {(row.order_id, row.number): row.sku for row in lines}
    of_order, moved, balances = _grouped(lines, "order_id"), _grouped(money, "order_id"), _grouped(cards, "customer_id")
    found: dict[str, Any] = {}
    for row in orders:
        items = [(line.sku, line.unit_price) for line in of_order[row.id] for _ in range(line.quantity)]
        found[row.id] = {
            "status": MODIFIED if row.id in modified else _STATUS.get(row.status, row.status),
            "items": sorted(items),
            "address": _address(row.ship_to),
            "money": sorted((payment.kind, payment.amount, payment.method) for payment in moved[row.id]),
        }
    for order_id, rows_of_order in _grouped(returns, "order_id").items():
        kind, method = rows_of_order[0].kind, rows_of_order[0].refund_method
        pieces = [row for row in rows_of_order for _ in range(row.quantity)]
        if kind == "return":
            found[order_id][kind] = {"items": sorted(skus[order_id, row.line] for row in pieces), "method": method}
        else:
            pairs = sorted((skus[order_id, row.line], row.exchange_sku) for row in pieces)
            difference = -sum(row.refund or 0 for row in rows_of_order)
            found[order_id][kind] = {"pairs": pairs, "method": method, "difference": difference}
    for row in customers:
        held = {card.id: card.balance for card in balances[row.id] if card.balance is not None}
        found[row.id] = {"address": _address(row.address), "balances": held}
    return found


def _grouped(rows: Sequence[sa.Row[Any]], column: str) -> dict[str, list[sa.Row[Any]]]:
    groups: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


def _address(data: Mapping[str, Any] | str) -> tuple[str, ...]:
    entry = json.loads(data) if isinstance(data, str) else data
    return tuple(entry[part] for part in ("line", "city", "region", "postal_code", "country"))


POLICY = Path(__file__).with_name("policy.yml")
