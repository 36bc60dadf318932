"""What tau-bench's tools do to its data, by their descriptions and the policy alone: the other side of the comparison.

Works on the JSON as it comes, in place, with amounts in cents. Pure but for that; it knows nothing of our shop.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from actions.shop.importers.taubench import minor

# An order whose items were changed is closed: "pending (item modified)".
MODIFIED = "pending (item modified)"

type_data = dict[str, Any]


class Refused(Exception):
    """The policy forbids what a tool was asked for."""


def apply(data: type_data, name: str, arguments: Mapping[str, Any]) -> bool:
    """Carry out one tool; those that only read change nothing. False, with nothing changed, where the policy forbids it."""
    if name not in WRITES:
        return True
    order_id = arguments.get("order_id")
    user_id = data["orders"][order_id]["user_id"] if order_id else arguments["user_id"]
    order, user = copy.deepcopy(data["orders"].get(order_id)), copy.deepcopy(data["users"][user_id])
    try:
        WRITES[name](data, **arguments)
    except Refused:
        data["users"][user_id] = user
        if order_id:
            data["orders"][order_id] = order
        return False
    return True


def _cancel(data: type_data, order_id: str, reason: str) -> None:
    order = _in_state(data, order_id, "pending")
    for paid in list(order["payment_history"]):
        if paid["transaction_type"] == "payment":
            _move(data, order, "refund", minor(paid["amount"]), paid["payment_method_id"])
    order["status"] = "cancelled"


def _address(data: type_data, order_id: str, **address: str) -> None:
    _in_state(data, order_id, "pending")["address"] = address


def _user_address(data: type_data, user_id: str, **address: str) -> None:
    data["users"][user_id]["address"] = address


def _payment(data: type_data, order_id: str, payment_method_id: str) -> None:
    order = _in_state(data, order_id, "pending")
    (paid,) = order["payment_history"]
    amount, before = minor(paid["amount"]), paid["payment_method_id"]
    _move(data, order, "payment", amount, payment_method_id)
    _move(data, order, "refund", amount, before)


def _items(data: type_data, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> None:
    order = _in_state(data, order_id, "pending")
    difference = 0
    for old, new in zip(item_ids, new_item_ids, strict=True):
        item = next(item for item in order["items"] if item["item_id"] == old)
        variant = data["products"][item["product_id"]]["variants"][new]
        difference += minor(variant["price"]) - minor(item["price"])
        item["item_id"], item["price"] = new, variant["price"]
    if difference:
        _move(data, order, "payment" if difference > 0 else "refund", abs(difference), payment_method_id)
    order["status"] = MODIFIED


def _return(data: type_data, order_id: str, item_ids: list[str], payment_method_id: str) -> None:
    order = _in_state(data, order_id, "delivered")
    order["status"] = "return requested"
    order["return"] = {"items": sorted(item_ids), "method": payment_method_id}


def _exchange(data: type_data, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> None:
    order = _in_state(data, order_id, "delivered")
    difference = 0
    for old, new in zip(item_ids, new_item_ids, strict=True):
        item = next(item for item in order["items"] if item["item_id"] == old)
        difference += minor(data["products"][item["product_id"]]["variants"][new]["price"]) - minor(item["price"])
    card = data["users"][order["user_id"]]["payment_methods"][payment_method_id]
    if card["source"] == "gift_card" and minor(card["balance"]) < difference:
        raise Refused
    order["status"] = "exchange requested"
    order["exchange"] = {
        "pairs": sorted(zip(item_ids, new_item_ids, strict=True)),
        "method": payment_method_id,
        "difference": difference,
    }


def _move(data: type_data, order: type_data, kind: str, cents: int, method: str) -> None:
    """A row of the order's history; a gift card follows at once."""
    order["payment_history"].append({"transaction_type": kind, "amount": f"{cents / 100:.2f}", "payment_method_id": method})
    card = data["users"][order["user_id"]]["payment_methods"].get(method)
    if card is not None and card["source"] == "gift_card":
        balance = minor(card["balance"]) + (cents if kind == "refund" else -cents)
        if balance < 0:
            raise Refused
        card["balance"] = f"{balance / 100:.2f}"


def _in_state(data: type_data, order_id: str, status: str) -> type_data:
    order: type_data = data["orders"][order_id]
    if order["status"] != status:
        raise Refused
    return order


WRITES: Mapping[str, Callable[..., None]] = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _address,
    "modify_pending_order_payment": _payment,
    "modify_pending_order_items": _items,
    "modify_user_address": _user_address,
    "return_delivered_order_items": _return,
    "exchange_delivered_order_items": _exchange,
}


def state(data: type_data) -> dict[str, Any]:
    """All orders and users in the one form in which both sides are compared."""
    found: dict[str, Any] = {}
    for number, order in data["orders"].items():
        found[number.removeprefix("#")] = {
            "status": order["status"],
            "items": sorted((item["item_id"], minor(item["price"])) for item in order["items"]),
            "address": address(order["address"]),
            "money": sorted(
                (moved["transaction_type"], minor(moved["amount"]), moved["payment_method_id"])
                for moved in order["payment_history"]
            ),
            **{name: order[name] for name in ("return", "exchange") if name in order},
        }
    for number, user in data["users"].items():
        cards = user["payment_methods"].values()
        found[number] = {
            "address": address(user["address"]),
            "balances": {card["id"]: minor(card["balance"]) for card in cards if card["source"] == "gift_card"},
        }
    return found


def address(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """An address as one line, city, region, postal code and country."""
    line = ", ".join(filter(None, (entry["address1"], entry["address2"])))
    return (line, entry["city"], entry["state"], entry["zip"], entry["country"])
