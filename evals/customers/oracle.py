"""What a wish must change in the shop's tables, reckoned from rows and from the numbers of the policy alone.

Nothing here calls the code that carries wishes out. A wish comes to a tuple of `Expected` rows; a conversation ended right
when the differences between the tables before and after are exactly these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from evals.customers.book import Book, Difference, Row

Check = Callable[[Any], bool]
POLICY = Path("actions/policy.yml")


@dataclass(frozen=True, slots=True)
class Expected:
    """A row that must be added, or whose columns must become these. A value that is callable is a check.

    `key` are the columns that tell which row it is: all others must be as they were. Of a row that is added, columns that
    are not named may have any value.
    """

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any]
    is_new: bool = False

    def fits(self, found: Difference) -> bool:
        """Whether a difference is this one and nothing more."""
        if found.table != self.table or found.after is None or (found.before is None) is not self.is_new:
            return False
        after = found.after
        if any(after[name] != value for name, value in self.key.items()):
            return False
        extra = () if self.is_new else set(found.changed()) - set(self.values)
        return not extra and all(_holds(value, after[name]) for name, value in self.values.items())


def missing_and_unwanted(
    expected: Sequence[Expected], found: Sequence[Difference]
) -> tuple[list[Expected], list[Difference]]:
    """What should have changed and did not, and what did and should not have."""
    rest, missing = list(found), []
    for one in expected:
        fitting = next((difference for difference in rest if one.fits(difference)), None)
        if fitting is None:
            missing.append(one)
        else:
            rest.remove(fitting)
    return missing, rest


def policy() -> Mapping[str, Any]:
    """The policy's numbers as they stand in its file."""
    data: Mapping[str, Any] = YAML(typ="safe").load(POLICY.read_text("utf-8"))
    return data


def has(core: str) -> Check:
    """A free text says this, among other words."""
    folded = core.casefold().strip(" .。!！")
    return lambda text: folded in str(text).casefold()


def days_since(moment: str | None, now: datetime) -> int:
    """Whole days since a moment of the tables; very many where there was none."""
    return (now - datetime.fromisoformat(moment)).days if moment else 10_000


def minor(amount: float) -> int:
    """A major amount of the policy in minor units."""
    return round(amount * 100)


# ---------------------------------------------------------------- wishes


def cancelled(book: Book, order: Row, rules: Mapping[str, Any]) -> tuple[Expected, ...]:
    """The order ends, its pieces go back on the shelf, its money and points to the customer."""
    expected = [
        _order(
            order,
            status="cancelled",
            closed_at=lambda at: at is not None,
            points_used=0,
            points_earned=0,
        ),
        _audit("action_cancel_order", order),
        *_stock(book, {line["sku"]: line["quantity"] for line in _lines(book, order)}),
        *(_refund(order, method, amount, rules) for method, amount in _held(book, order).items()),
    ]
    if points := order["points_used"] - order["points_earned"]:
        customer = book.one("customers", id=order["customer_id"])
        expected.append(Expected("customers", {"id": customer["id"]}, {"points": customer["points"] + points}))
    return tuple(expected)


def returned(
    book: Book, order: Row, line: Row, quantity: int, rules: Mapping[str, Any], *, faulty: bool
) -> tuple[Expected, ...]:
    """Pieces of one line come back. By the shop's fault nothing is taken off and a colleague looks at it first.

    The reason may stand in any words of the customer's: what kind it is taken for tells in the money and the state.
    """
    goods = _paid(line, quantity)
    customer = book.one("customers", id=order["customer_id"])
    rule = rules["return_items"]
    pays = (
        not faulty and order["ship_to"]["country"] in rule["pickup_countries"] and customer["level"] not in rule["free_for"]
    )
    everything = sum(one["quantity"] for one in _lines(book, order)) == quantity
    shipping = order["shipping_fee"] if faulty and everything else 0
    refund = max(goods - (minor(rule["pickup_fee"]) if pays else 0), 0) + shipping
    looked_at = faulty or refund > minor(rules["limits"]["review_above"])
    values = {
        "quantity": quantity,
        "kind": "return",
        "reason": bool,
        "status": "requested" if looked_at else "approved",
        "refund": refund,
        "refund_method": order["payment_method"],
        "goods": goods,
        "exchange_sku": "",
    }
    return (
        _order(order, status="return_requested"),
        Expected("returns", {"order_id": order["id"], "line": line["number"]}, values, is_new=True),
        _audit("action_return_items", order),
        *([_case(order, "review", data=lambda data: bool(data["evidence"]) is faulty)] if looked_at else ()),
    )


def exchanged(book: Book, order: Row, line: Row, quantity: int, sku: str) -> tuple[Expected, ...]:
    """Pieces of one line are exchanged for another variant at the same price."""
    values = {
        "quantity": quantity,
        "kind": "exchange",
        "status": "approved",
        "refund": 0,
        "exchange_sku": sku,
        "goods": _paid(line, quantity),
    }
    return (
        _order(order, status="exchange_requested"),
        Expected("returns", {"order_id": order["id"], "line": line["number"]}, values, is_new=True),
        _audit("action_exchange_items", order),
        *_stock(book, {sku: -quantity}),
    )


def swapped(book: Book, order: Row, line: Row, sku: str) -> tuple[Expected, ...]:
    """A whole line of an order that has not left becomes another variant at the same price."""
    quantity = line["quantity"]
    return (
        _order(order),
        Expected("order_lines", {"order_id": order["id"], "number": line["number"]}, {"sku": sku}),
        _audit("action_change_items", order),
        *_stock(book, {sku: -quantity, line["sku"]: quantity}),
    )


def readdressed(order: Row, address: Mapping[str, str]) -> tuple[Expected, ...]:
    """The order goes to another place: who, phone and place are those that were said."""

    def is_it(found: Mapping[str, str]) -> bool:
        place = _plain(found["region"] + found["city"] + found["line"])
        wanted = [_plain(part) for part in (address["region"], address["city"], address["line"])]
        return (
            all(part in place for part in wanted)
            and len(place) <= sum(map(len, wanted)) + len(_plain(address.get("postal", "")))
            and found["name"] == address["name"]
            and found["phone"].lstrip("+") == address["phone"].lstrip("+")
        )

    return (_order(order, ship_to=is_it), _audit("action_change_address", order))


def invoiced(book: Book, order: Row, title: str, tax_id: str, email: str) -> tuple[Expected, ...]:
    """A colleague makes an invoice for what was paid."""
    amount = sum(_held(book, order).values())

    def is_it(data: Mapping[str, Any]) -> bool:
        return (data["title"], data["tax_id"], data["email"], data["amount"]) == (title, tax_id, email, amount)

    return (_order(order), _case(order, "invoice", data=is_it), _audit("action_invoice", order))


def claimed(order: Row, line: Row) -> tuple[Expected, ...]:
    """A colleague gets the warranty claim with its photo; the problem in any words, as the wish has told it already."""
    case = _case(order, "warranty", line=line["number"], sku=line["sku"], text=bool, data=lambda d: bool(d["evidence"]))
    return (_order(order), case, _audit("action_warranty_claim", order))


def reported(order: Row, problem: str) -> tuple[Expected, ...]:
    """A colleague gets the report of something that came damaged."""
    case = _case(order, "problem", text=has(problem), data=lambda data: data["problem"] == "damaged")
    return (_order(order), case, _audit("action_report_problem", order))


def complained(order: Row, text: str) -> tuple[Expected, ...]:
    """A colleague gets the complaint; the order need not be named."""
    named: Check = lambda found: found in ("", order["id"])  # noqa: E731 - a check in one line
    return (
        Expected("cases", {"kind": "complaint"}, {"text": has(text), "order_id": named}, is_new=True),
        Expected("audit", {"action": "action_complaint"}, {"order_id": named}, is_new=True),
    )


# ---------------------------------------------------------------- parts


def _order(order: Row, **values: Any) -> Expected:
    return Expected("orders", {"id": order["id"]}, {**values, "version": order["version"] + 1})


def _audit(action: str, order: Row) -> Expected:
    return Expected("audit", {"action": action, "order_id": order["id"]}, {}, is_new=True)


def _case(order: Row, kind: str, **values: Any) -> Expected:
    key = {"kind": kind, "order_id": order["id"], "customer_id": order["customer_id"]}
    return Expected("cases", key, values, is_new=True)


def _stock(book: Book, moves: Mapping[str, int]) -> list[Expected]:
    shelf = {sku: book.where("variants", sku=sku) for sku in moves}
    return [
        Expected("variants", {"sku": sku}, {"stock": shelf[sku][0]["stock"] + pieces})
        for sku, pieces in moves.items()
        if shelf[sku]
    ]


def _refund(order: Row, method: str, amount: int, rules: Mapping[str, Any]) -> Expected:
    waits = amount > minor(rules["limits"]["review_above"])
    values = {"kind": "refund", "amount": amount, "method": method, "status": "review" if waits else "started"}
    return Expected("payments", {"order_id": order["id"]}, values, is_new=True)


def _lines(book: Book, order: Row) -> list[Row]:
    return book.where("order_lines", order_id=order["id"])


def _held(book: Book, order: Row) -> dict[str, int]:
    held: dict[str, int] = {}
    for row in book.where("payments", order_id=order["id"]):
        held[row["method"]] = held.get(row["method"], 0) + (row["amount"] if row["kind"] == "payment" else -row["amount"])
    return {method: amount for method, amount in held.items() if amount}


def _paid(line: Row, quantity: int) -> int:
    """What was paid for the first `quantity` pieces of a line: their part of its discount is rounded down."""
    return int(line["unit_price"] * quantity - line["discount"] * quantity // line["quantity"])


def _holds(wanted: Any, found: Any) -> bool:
    return bool(wanted(found)) if callable(wanted) else wanted == found


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum() and sign not in "省市")
