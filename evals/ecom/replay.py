"""ECom-Bench's tools as calls of our verbs, on a shop of our own, and that shop in the form of `reference.state`.

Its agents move an e-card's money by a tool of its own, after they cancelled, took back or placed an order. With our verbs
money never moves by itself: cancelling, returning and placing do it. So its refund is the one that a verb made before, or,
where none did, that of a price that fell; its use is the payment of the order that is placed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.declaration import load_declarations
from actions.declared import declared_verbs
from actions.policy import Policy, load_policy
from actions.registry import VERBS, ShopActions, Verb
from actions.shop import tables
from actions.shop.importers.ecombench_documents import DAYS, INVOICES, SERVICES
from actions.shop.importers.ecombench_rows import ECARD, METHODS, ecard_of, exchange_sku
from actions.shop.sql import SqlShop
from bot.fakes import MemoryStore
from bot.types import Audience, Call, ConversationKey, Language, Outcome
from evals.ecom.reference import PLACED

_ORDER = {"order_id": "order_number"}
# The verb for each tool and its action, and its arguments by the names that the tool has for them.
TOOLS: Mapping[tuple[str, str], tuple[str, Mapping[str, str]]] = {
    ("manage_urgent", ""): ("action_rush_order", _ORDER),
    ("manage_return", ""): ("action_return_items", _ORDER),
    ("manage_order", "取消"): ("action_cancel_order", _ORDER),
    ("manage_order", "修改"): ("action_change_address", {**_ORDER, "address": "line", "phone_number": "phone"}),
    ("manage_order", "增加"): ("action_place_order", {"payment": "pay_by"}),
    ("manage_exchange", "换货"): ("action_change_items", _ORDER),
    ("register_cashback_by_review", "返现"): ("action_register_cashback", _ORDER),
    ("schedule_service", ""): (
        "action_book_service",
        {
            **_ORDER,
            "service_type": "service",
            "service_time": "service_day",
            "user_name": "contact_name",
            "phone_number": "contact_phone",
        },
    ),
    ("manage_invoice", ""): (
        "action_issue_invoice",
        {**_ORDER, "invoice_type": "invoice_kind", "title": "invoice_title", "phone_number": "contact_phone"},
    ),
}
PACK = Path(__file__).with_name("pack")
# The words of its orders for our states. What it calls returned is asked for with us: the goods are on their way.
_STATUS = {
    "pending_payment": ("待付款",),
    "pending": ("已付款",),
    "processed": ("处理中",),
    "shipped": ("已发货", "运输中"),
    "delivered": ("已签收", "已送达"),
    "cancelled": ("已取消",),
    "return_requested": ("已退货",),
    "returned": ("已退货",),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the pack brings: the rules and all verbs."""

    policy: Policy
    verbs: Mapping[str, Verb]


def rules() -> Rules:
    """Those of the pack beside this file, with the retail defaults under them."""
    return Rules(load_policy(PACK / "policy.yml"), {**VERBS, **declared_verbs(load_declarations(PACK / "verbs.yml"))})


@dataclass
class Agent:
    """Who works on the shop for one customer: calls verbs as the engine does, with a yes to every summary."""

    shop: SqlShop
    rules: Rules
    user: str
    placed: str = ""
    refunded: int = 0  # minor units that verbs gave back to the e-card and no tool has asked for yet
    calls: int = 0
    proofs: MemoryStore = field(default_factory=MemoryStore)

    async def use(self, tool: str, given: Mapping[str, Any]) -> str:
        """One tool. Returns why it could not be done; empty where it was."""
        given = {**given, "order_id": self.placed or PLACED} if given.get("order_id") == PLACED else given
        match tool, given.get("action"):
            case "manage_ecard", "余额使用":
                return ""
            case "manage_ecard", "退款":
                return await self._refund(given["amount"])
            case _:
                verb, arguments = await self._translated(tool, given)
                return await self._done(verb, arguments)

    async def _done(self, verb: str, arguments: Mapping[str, Any]) -> str:
        """Quote a verb, say yes, and do it."""
        before = await self._balance()
        quoted = await self._run(self.rules.verbs[verb].quote, arguments)
        if not quoted.ok:
            return f"{verb}: {quoted.refusal}"
        outcome = await self._run(verb, {**arguments, "quote": quoted.slots["quote"], "confirmed": True})
        if not outcome.ok:
            return f"{verb}: {outcome.refusal}"
        if verb == "action_place_order":
            self.placed = (await self.shop.orders_of(self.user, limit=1))[0].id
        self.refunded += max(await self._balance() - before, 0)
        return ""

    async def _refund(self, amount: float) -> str:
        cents = round(amount * 100)
        if self.refunded < cents:
            for order in await self.shop.orders_of(self.user):
                arguments = {"order_number": order.id}
                quoted = await self._run("action_quote_price_protection", arguments)
                if quoted.ok and sum(quoted.data["refunds"].values()) == cents:
                    await self._done("action_price_protection", arguments)
                    break
        if self.refunded < cents:
            return f"no verb gave {amount} back to the e-card"
        self.refunded -= cents
        return ""

    async def _run(self, verb: str, arguments: Mapping[str, Any]) -> Outcome:
        self.calls += 1
        key = ConversationKey("ecom", "", "agent")
        proven = (f"customer:{self.user}",)
        call = Call(verb, arguments, key, Language.ZH, Audience.PRIVATE, f"{key}/{self.calls}/0", datetime.now(UTC), proven)
        actions = ShopActions(self.shop, self.proofs, policy=self.rules.policy, verbs=self.rules.verbs)
        return await actions.run(call)

    async def _balance(self) -> int:
        cards = [card.balance for card in await self.shop.payment_methods(self.user) if card.id == ecard_of(self.user)]
        return cards[0].minor if cards and cards[0] else 0

    async def _translated(self, tool: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The verb that does what a tool does, and its arguments. Raises KeyError for a tool that none does."""
        verb, names = TOOLS[tool, given.get("action", "")]
        arguments = {ours: given[theirs] for theirs, ours in names.items() if given.get(theirs) is not None}
        match verb:
            case "action_return_items":
                arguments["items"] = "all"
            case "action_register_cashback":
                arguments["evidence"] = "photo"
            case "action_place_order":
                goods = given["product_info_list"]
                arguments["goods"] = [{"product": item["product_id"], "quantity": item["quantity"]} for item in goods]
            case "action_change_items":
                arguments |= await self._exchange(given)
        return verb, arguments

    async def _exchange(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All pieces of the product, each for the other."""
        original = given["original_product_id"]
        order = await self.shop.order(given["order_id"])
        pieces = sum(line.quantity for line in order.lines if line.sku == original) if order else 0
        return {
            "items": [original] * pieces,
            "replacements": [exchange_sku(original, given["exchange_product_id"])] * pieces,
        }


async def state(shop: SqlShop, known: Sequence[str]) -> dict[str, Any]:
    """All that its tools can change, in the form of `reference.state`; an order that is not `known` is the one placed."""
    async with shop.transaction() as connection:

        async def rows(table: sa.Table) -> Sequence[sa.Row[Any]]:
            return (await connection.execute(sa.select(table))).all()

        orders, lines, cards = await rows(tables.orders), await rows(tables.order_lines), await rows(tables.payment_methods)
        entries = {row.id: row.data for row in await rows(tables.entries)}
    of_order: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for line in lines:
        of_order[line.order_id].append((line.sku.rpartition(">")[2], line.quantity, line.unit_price))
    found: dict[str, Any] = {}
    # an order of which only the parcel is there has no lines, and is none in its files
    names = {row.id: row.id if row.id in known or row.id not in of_order else PLACED for row in orders}
    for row in orders:
        if items := of_order.get(row.id):
            found[f"order {names[row.id]}"] = {
                "customer": row.customer_id,
                "status": _STATUS[row.status],
                "urgent": bool(entries.get(f"rush:{row.id}", {}).get("urgent")),
                "items": sorted(items),
                "total": row.items_total,
                "method": _method(row.payment_method),
                "to": _address(row.ship_to),
            }
    for card in cards:
        found[f"e-card {card.customer_id}"] = {"balance": card.balance}
    return found | dict(
        _document(key, data, names) for key, data in entries.items() if not key.startswith(("rush:", "fault:"))
    )


def _document(key: str, data: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    kind, _, number = key.partition(":")
    name = f"{kind} {names.get(number, number)}"
    if kind == "appointment":
        return name, {"visit": (_word(SERVICES, data["service"]), _word(DAYS, data["day"]), data["name"], data["phone"])}
    if kind == "invoice":
        return name, {"made": (data["title"], _word(INVOICES, data["type"]), data["phone"])}
    return name, {"registered": data["registered"]}


def _word(words: Mapping[str, str], code: str) -> str:
    return next(word for word, known in words.items() if known == code)


def _method(method: str) -> str:
    return ECARD if method.startswith("ecard-") else _word(METHODS, method)


def _address(data: Mapping[str, Any] | str) -> tuple[str, ...]:
    entry = json.loads(data) if isinstance(data, str) else data
    return tuple(entry[part] for part in ("name", "phone", "region", "city", "line"))
