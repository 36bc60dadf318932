"""Requests that tau-bench's policy forbids, made from its data: wrong states, people and items, money that is not there.

Each is refused with nothing written. Made in a fixed order, so that every run asks the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from actions.shop.importers.taubench import minor
from evals.tau.reference import type_data

# How many of each of KINDS.
EACH = 4

Tool = tuple[str, Mapping[str, Any]]
# Tools, and the state of an order in which each is allowed.
_ALLOWED = (("cancel", "pending"), ("address", "pending"), ("payment", "pending"), ("items", "pending"),
            ("return", "delivered"), ("exchange", "delivered"))  # fmt: skip
ADDRESS = {"address1": "1 Main Street", "address2": "", "city": "Austin", "state": "TX", "zip": "78701", "country": "USA"}


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A request by `user` (None: who proved nothing) after `before`, which is allowed; `kind` says what is wrong."""

    kind: str
    user: str | None
    request: Tool
    before: tuple[Tool, ...] = ()


def requests(data: type_data) -> list[Forbidden]:
    """Every kind: the states and people all, the others EACH times."""
    whole = [request for make in (_wrong_state, _not_verified, _other_people) for request in make(data)]
    return whole + [request for make in KINDS for request in islice(make(data), EACH)]


# ---------------------------------------------------------------- kinds


def _wrong_state(data: type_data) -> Iterator[Forbidden]:
    for status, tool in (
        ("processed", "cancel"),
        ("delivered", "cancel"),
        ("pending", "return"),
        ("processed", "return"),
        ("pending", "exchange"),
        ("cancelled", "exchange"),
        ("delivered", "items"),
        ("processed", "items"),
        ("delivered", "address"),
        ("processed", "address"),
        ("delivered", "payment"),
        ("cancelled", "cancel"),
    ):
        order = next(order for order in _orders(data, status) if _swap(data, order))
        yield Forbidden(f"{tool} while {status}", order["user_id"], _tool(tool, data, order))


def _not_verified(data: type_data) -> Iterator[Forbidden]:
    for tool, status in _ALLOWED:
        order = next(order for order in _orders(data, status) if _swap(data, order))
        yield Forbidden("not verified", None, _tool(tool, data, order))
    yield Forbidden("not verified", None, ("modify_user_address", {"user_id": next(iter(data["users"])), **ADDRESS}))


def _other_people(data: type_data) -> Iterator[Forbidden]:
    for tool, status in _ALLOWED:
        order = next(order for order in _orders(data, status) if _swap(data, order))
        other = next(user for user in data["users"] if user != order["user_id"])
        yield Forbidden("somebody else's order", other, _tool(tool, data, order))


def _after_the_items_were_changed(data: type_data) -> Iterator[Forbidden]:
    changeable = (order for order in _orders(data, "pending") if _swap(data, order))
    for tool, order in zip(("items", "cancel", "address", "payment"), changeable, strict=False):
        change = _tool("items", data, order)
        request = change if tool == "items" else _tool(tool, data, order)
        yield Forbidden(f"{tool} after the items were changed", order["user_id"], request, (change,))


def _second_time(data: type_data) -> Iterator[Forbidden]:
    for tool in ("return", "exchange"):
        for order in islice((order for order in _orders(data, "delivered") if _swap(data, order)), 2):
            first = _tool(tool, data, order)
            yield Forbidden(f"a second {tool}", order["user_id"], first, (first,))


def _no_reason(data: type_data) -> Iterator[Forbidden]:
    for reason, order in zip(("too slow", "", "found it cheaper", "other"), _orders(data, "pending"), strict=False):
        request = ("cancel_pending_order", {"order_id": order["order_id"], "reason": reason})
        yield Forbidden("cancel for another reason", order["user_id"], request)


def _another_product(data: type_data) -> Iterator[Forbidden]:
    for order in (order for order in _orders(data, "delivered", "pending") if _swap(data, order)):
        item = order["items"][0]
        other = next(product for number, product in data["products"].items() if number != item["product_id"])
        new = next(variant for variant, details in other["variants"].items() if details["available"])
        yield Forbidden(
            "an item of another product", order["user_id"], _swapping(order, [item["item_id"]], [new], _method(data, order))
        )


def _not_available(data: type_data) -> Iterator[Forbidden]:
    for order in _orders(data, "delivered", "pending"):
        for item in order["items"]:
            gone = [
                new for new, details in data["products"][item["product_id"]]["variants"].items() if not details["available"]
            ]
            if gone and gone[0] != item["item_id"]:
                request = _swapping(order, [item["item_id"]], gone[:1], _method(data, order))
                yield Forbidden("an item that is not available", order["user_id"], request)
                break


def _not_in_the_order(data: type_data) -> Iterator[Forbidden]:
    for order in _orders(data, "delivered"):
        held = {item["item_id"] for item in order["items"]}
        other = next(
            item["item_id"] for each in data["orders"].values() for item in each["items"] if item["item_id"] not in held
        )
        arguments = {"order_id": order["order_id"], "item_ids": [other], "payment_method_id": _paid_by(order)}
        yield Forbidden("an item that is not in the order", order["user_id"], ("return_delivered_order_items", arguments))


def _too_few_new_items(data: type_data) -> Iterator[Forbidden]:
    for order in (order for order in _orders(data, "delivered", "pending") if len(order["items"]) > 1):
        if (swap := _swap(data, order)) is not None:
            items = [item["item_id"] for item in order["items"][:2]]
            yield Forbidden(
                "one new item for two", order["user_id"], _swapping(order, items, [swap[1]], _method(data, order))
            )


def _poor_gift_card(data: type_data) -> Iterator[Forbidden]:
    for order in _orders(data, "pending"):
        total = minor(order["payment_history"][0]["amount"])
        for card in _cards(data, order):
            if minor(card["balance"]) < total and card["id"] != _paid_by(order):
                arguments = {"order_id": order["order_id"], "payment_method_id": card["id"]}
                yield Forbidden(
                    "a gift card that holds too little", order["user_id"], ("modify_pending_order_payment", arguments)
                )


def _same_payment(data: type_data) -> Iterator[Forbidden]:
    for order in _orders(data, "pending"):
        arguments = {"order_id": order["order_id"], "payment_method_id": _paid_by(order)}
        yield Forbidden("the same payment method", order["user_id"], ("modify_pending_order_payment", arguments))


def _refund_elsewhere(data: type_data) -> Iterator[Forbidden]:
    for order in _orders(data, "delivered"):
        for method in data["users"][order["user_id"]]["payment_methods"].values():
            if method["source"] != "gift_card" and method["id"] != _paid_by(order):
                arguments = {
                    "order_id": order["order_id"],
                    "item_ids": [order["items"][0]["item_id"]],
                    "payment_method_id": method["id"],
                }
                yield Forbidden("a refund to another account", order["user_id"], ("return_delivered_order_items", arguments))


def _somebody_elses_money(data: type_data) -> Iterator[Forbidden]:
    for order in _orders(data, "pending", "delivered"):
        foreign = next(
            method
            for number, user in data["users"].items()
            if number != order["user_id"]
            for method in user["payment_methods"]
        )
        if order["status"] == "pending":
            arguments = {"order_id": order["order_id"], "payment_method_id": foreign}
            yield Forbidden("somebody else's payment method", order["user_id"], ("modify_pending_order_payment", arguments))
        else:
            items = [order["items"][0]["item_id"]]
            arguments = {"order_id": order["order_id"], "item_ids": items, "payment_method_id": foreign}
            yield Forbidden("somebody else's payment method", order["user_id"], ("return_delivered_order_items", arguments))


KINDS: tuple[Callable[[type_data], Iterator[Forbidden]], ...] = (
    _after_the_items_were_changed,
    _second_time,
    _no_reason,
    _another_product,
    _not_available,
    _not_in_the_order,
    _too_few_new_items,
    _poor_gift_card,
    _same_payment,
    _refund_elsewhere,
    _somebody_elses_money,
)


# ---------------------------------------------------------------- parts


def _orders(data: type_data, *statuses: str) -> Iterator[type_data]:
    """Orders in one of the states, whose customers have a way to pay on file."""
    return (order for order in data["orders"].values() if order["status"] in statuses and len(order["payment_history"]) <= 2)


def _paid_by(order: type_data) -> str:
    return str(order["payment_history"][0]["payment_method_id"])


def _cards(data: type_data, order: type_data) -> list[type_data]:
    methods = data["users"][order["user_id"]]["payment_methods"].values()
    return [method for method in methods if method["source"] == "gift_card"]


def _method(data: type_data, order: type_data) -> str:
    """A way to pay that is on file and needs no balance."""
    methods = data["users"][order["user_id"]]["payment_methods"].values()
    return next((method["id"] for method in methods if method["source"] != "gift_card"), _paid_by(order))


def _swap(data: type_data, order: type_data) -> tuple[str, str] | None:
    """An item of the order and another available one of its product; None where there is none, or no card to pay with."""
    methods = data["users"][order["user_id"]]["payment_methods"].values()
    if all(method["source"] == "gift_card" for method in methods):
        return None
    item = order["items"][0]
    others = data["products"][item["product_id"]]["variants"].items()
    new = next((new for new, details in others if details["available"] and new != item["item_id"]), None)
    return (item["item_id"], new) if new else None


def _swapping(order: type_data, old: list[str], new: list[str], method: str) -> Tool:
    tool = "modify_pending_order_items" if order["status"] == "pending" else "exchange_delivered_order_items"
    return tool, {"order_id": order["order_id"], "item_ids": old, "new_item_ids": new, "payment_method_id": method}


def _tool(name: str, data: type_data, order: type_data) -> Tool:
    """A call of a tool on an order that would be allowed were it not for what is wrong."""
    number, method = {"order_id": order["order_id"]}, _method(data, order)
    old, new = _swap(data, order) or ("", "")
    match name:
        case "cancel":
            return "cancel_pending_order", {**number, "reason": "no longer needed"}
        case "address":
            return "modify_pending_order_address", {**number, **ADDRESS}
        case "payment":
            other = next((card["id"] for card in _cards(data, order)), method)
            return "modify_pending_order_payment", {
                **number,
                "payment_method_id": method if method != _paid_by(order) else other,
            }
        case "return":
            return "return_delivered_order_items", {**number, "item_ids": [old], "payment_method_id": _paid_by(order)}
    swap = {**number, "item_ids": [old], "new_item_ids": [new], "payment_method_id": method}
    return ("modify_pending_order_items" if name == "items" else "exchange_delivered_order_items"), swap
