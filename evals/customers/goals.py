"""What customers want, drawn from the shop's tables: with the facts that they know, and what must come of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from evals.customers import oracle
from evals.customers.book import Book, Row
from evals.customers.oracle import Expected, days_since
from evals.customers.wordings import Wordings

Facts = Mapping[str, str]
_PROOF, _CHANGE = ("order_number", "phone_last4"), ("order_number", "phone_last4", "code")
_OPEN, _ARRIVED = ("pending_payment", "pending"), ("delivered", "completed")


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted: its facts as the customer words them, by the slot that asks for them.

    `needed` are the slots that nobody could do without, `summary` what must stand in a summary before a yes. A wish that
    only asks is served by a reply that holds all of `answer`; another by one of the product's verbs (`KINDS`).
    """

    kind: str
    facts: Facts
    needed: tuple[str, ...]
    expected: tuple[Expected, ...] = ()
    answer: tuple[str, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    photo: str = ""

    @property
    def order(self) -> str:
        """The order that it is about, or nothing."""
        return self.facts.get("order_number", "")


@dataclass(frozen=True, slots=True)
class Goal:
    """What one conversation is for. `instead` is what the first wish turns into halfway; nothing at all where `dropped`."""

    name: str
    wishes: tuple[Wish, ...]
    instead: Wish | None = None
    dropped: bool = False

    def wanted(self) -> tuple[Wish, ...]:
        """What is wanted in the end."""
        return () if self.dropped else (self.instead,) if self.instead else self.wishes

    def expected(self) -> tuple[Expected, ...]:
        """What must have changed in the end."""
        return tuple(row for wish in self.wanted() for row in wish.expected)


@dataclass(frozen=True, slots=True)
class Kind:
    """By what of the product a kind of wish is known: flows that serve it, intents on buttons, verbs that do it."""

    flows: tuple[str, ...]
    intents: tuple[str, ...]
    verbs: tuple[str, ...]


_TO_SWAP = ("change_variant", "change_items", "exchange_items"), ("change_items", "exchange_item")
KINDS: Mapping[str, Kind] = {
    "cancel": Kind(("cancel_order",), ("cancel_order",), ("action_cancel_order",)),
    "return": Kind(("return_items",), ("return_item",), ("action_return_items",)),
    "return_faulty": Kind(("return_items",), ("return_item",), ("action_return_items",)),
    "exchange": Kind(*_TO_SWAP, ("action_exchange_items",)),
    "swap": Kind(*_TO_SWAP, ("action_change_items",)),
    "address": Kind(("change_address",), ("change_address",), ("action_change_address",)),
    "invoice": Kind(("invoice",), ("invoice",), ("action_invoice",)),
    "where": Kind(("track_shipment", "late_delivery"), ("track_shipment", "late_delivery"), ("action_track_shipment",)),
    "refund": Kind(("refund_status",), ("refund_status",), ("action_refund_status",)),
    "damage": Kind(("damaged_item", "report_problem"), ("damaged_item",), ("action_report_problem",)),
    "warranty": Kind(("warranty_claim",), ("warranty_claim",), ("action_warranty_claim",)),
    "complaint": Kind(("complaint",), ("complaint",), ("action_complaint",)),
    "coupons": Kind((), ("ask_coupon",), ("action_coupons",)),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """What goals are drawn from."""

    book: Book
    rules: Mapping[str, Any]
    now: datetime
    words: Wordings
    rng: random.Random

    @property
    def tongue(self) -> str:
        """The language of names."""
        return "en" if self.words.language == "en" else "zh"

    def order(self, fits: Callable[[Row], bool], *statuses: str) -> Row:
        """Any order in one of these states that fits. Raises IndexError where there is none."""
        rows = [row for status in statuses for row in self.book.where("orders", status=status) if fits(row)]
        return self.rng.choice(rows)

    def lines(self, order: Row) -> list[Row]:
        """What is in an order."""
        return self.book.where("order_lines", order_id=order["id"])

    def product(self, line: Row) -> Row:
        """What a line is of. Raises IndexError for what has left the catalogue."""
        variant = self.book.one("variants", sku=line["sku"])
        return self.book.one("products", id=variant["product_id"])

    def any(self, name: str) -> Any:
        """One of the values that the hand has written."""
        return self.rng.choice(self.words.values(name))


# ---------------------------------------------------------------- wishes


def cancel(d: Drawing, order: Row | None = None) -> Wish:
    """An order that has not left shall not come."""
    order = order or d.order(lambda row: True, *_OPEN)
    return Wish("cancel", _facts(order), (*_CHANGE, "confirmed"), oracle.cancelled(d.book, order, d.rules))


def send_back(d: Drawing, line: Row | None = None, *, faulty: bool = False) -> Wish:
    """Pieces of one line go back: for no reason, or because they are faulty, with a photo."""
    rule = d.rules["return_items"]["reasons"]["fault" if faulty else "no_reason"]
    line = line or _line(d, rule["days"], lambda line: d.product(line)["data"]["returnable"])
    order, quantity, reason = _order_of(d, line), _quantity(d, line), d.any("fault" if faulty else "reason")
    return Wish(
        "return_faulty" if faulty else "return",
        {**_facts(order), **_item(d, line), "reason": reason, **_pieces(d, quantity)},
        (*_CHANGE, *_which(d, order, line), "evidence" if faulty else "reason", "confirmed"),
        oracle.returned(d.book, order, line, quantity, d.rules, faulty=faulty),
        summary={"order": order["id"], "pieces": [[line["number"], quantity]]},
        photo=_picture(d, line) if faulty else "",
    )


def exchange(d: Drawing, line: Row | None = None, quantity: int | None = None) -> Wish:
    """Pieces of one line that arrived shall be of another size."""
    line = line or _line(d, d.rules["exchange_items"]["days"], lambda line: bool(exchangeable(d, line)))
    order, quantity = _order_of(d, line), quantity or _quantity(d, line)
    wanted = d.rng.choice(exchangeable(d, line))
    return Wish(
        "exchange",
        {**_facts(order), **_item(d, line), "wanted": wanted["size"], "reason": d.any("misfit"), **_pieces(d, quantity)},
        (*_CHANGE, *_which(d, order, line), "wanted", "confirmed"),
        oracle.exchanged(d.book, order, line, quantity, wanted["sku"]),
        summary={"order": order["id"], "swaps": [[line["number"], quantity, wanted["sku"]]]},
    )


def swap(d: Drawing, line: Row | None = None) -> Wish:
    """A line of an order that has not left shall be of another size."""
    fits = partial(_any_line, d, fits=lambda line: bool(other_sizes(d, line)))
    order = _order_of(d, line) if line else d.order(fits, *_OPEN)
    line = line or d.rng.choice([line for line in d.lines(order) if other_sizes(d, line)])
    wanted = d.rng.choice(other_sizes(d, line))
    return Wish(
        "swap",
        {**_facts(order), **_item(d, line), "wanted": wanted["size"], **_pieces(d, line["quantity"])},
        (*_CHANGE, *_which(d, order, line), "wanted", "confirmed"),
        oracle.swapped(d.book, order, line, wanted["sku"]),
        summary={"order": order["id"], "swaps": [[line["number"], line["quantity"], wanted["sku"]]]},
    )


def address(d: Drawing, order: Row | None = None) -> Wish:
    """An order that has not left shall go elsewhere."""
    order, place = order or d.order(lambda row: True, *_OPEN), d.any("address")
    facts = {**_facts(order), "new_address": place["text"]}
    return Wish("address", facts, (*_CHANGE, "new_address", "confirmed"), oracle.readdressed(order, place))


def invoice(d: Drawing, order: Row | None = None) -> Wish:
    """An invoice for what arrived, to a company or to a person."""
    order, title = order or d.order(partial(may_invoice, d), *_ARRIVED), d.any("invoice")
    facts = {**_facts(order), "invoice_title": title["title"], "tax_id": title["tax_id"], "email": title["email"]}
    needed = ("invoice_title", *(["tax_id"] if title["tax_id"] else ()), "email")
    expected = oracle.invoiced(d.book, order, title["title"], title["tax_id"], title["email"])
    return Wish("invoice", {k: v for k, v in facts.items() if v}, (*_CHANGE, *needed, "confirmed"), expected)


def where(d: Drawing, order: Row | None = None) -> Wish:
    """Where is my order?"""
    order = order or d.order(lambda row: bool(d.book.where("shipments", order_id=row["id"])), "shipped")
    parcels = d.book.where("shipments", order_id=order["id"])
    return Wish("where", _facts(order), _PROOF, answer=tuple(parcel["tracking_no"] for parcel in parcels))


def refund(d: Drawing) -> Wish:
    """How far is my refund?"""
    order = d.order(lambda row: bool(_returns(d, row)), "return_requested", "returned")
    return Wish("refund", _facts(order), _PROOF, answer=tuple(row["id"] for row in _returns(d, order)))


def damage(d: Drawing) -> Wish:
    """Something came damaged, and a colleague shall look into it."""
    line = _line(d, d.rules["report_problem"]["hours"]["damaged"] // 24, lambda line: True)
    order, problem = _order_of(d, line), d.any("damage")
    facts = {**_facts(order), **_item(d, line), "problem": problem, "reason": problem}
    needed = (*_CHANGE, "problem", "confirmed")
    return Wish("damage", facts, needed, oracle.reported(order, problem), photo=_picture(d, line))


def warranty(d: Drawing) -> Wish:
    """Something broke within its warranty."""

    def holds(row: Row) -> bool:
        return _any_line(d, row, lambda line: _months_left(d, row, line) > 0)

    order, problem = d.order(holds, *_ARRIVED), d.any("defect")
    line = d.rng.choice([line for line in d.lines(order) if _months_left(d, order, line) > 0])
    needed = (*_CHANGE, *(["items"] if len(d.lines(order)) > 1 else ()), "problem", "evidence", "confirmed")
    facts = {**_facts(order), **_item(d, line), "problem": problem}
    return Wish("warranty", facts, needed, oracle.claimed(order, line), photo=_picture(d, line))


def complaint(d: Drawing) -> Wish:
    """Somebody is unhappy, and wants that written down."""
    order, text = d.order(lambda row: True, *_ARRIVED, "shipped"), d.any("complaint")
    facts = {**_facts(order), "complaint_text": text, "problem": text}
    return Wish("complaint", facts, ("complaint_text", "confirmed"), oracle.complained(order, text))


def coupons(d: Drawing) -> Wish:
    """Which coupons are there?"""
    running = [
        row
        for row in d.book.tables["coupons"]
        if (row["starts_at"] or "") <= d.now.isoformat() < (row["ends_at"] or "9") and row["used"] < (row["total"] or 10**9)
    ]
    return Wish("coupons", {}, (), answer=(d.rng.choice(running)["code"],))


# ---------------------------------------------------------------- goals


def draw(name: str, drawing: Drawing) -> Goal:
    """A goal of this name. Raises IndexError where the tables hold none."""
    if name in SINGLE:
        return Goal(name, (SINGLE[name](drawing),))
    return _COMPOUND[name](drawing)


def _two(d: Drawing) -> Goal:
    """Two wishes of one customer, about two orders or one."""
    first, second = d.rng.choice(((cancel, where), (where, cancel), (address, where), (where, address)))
    open_order = d.order(lambda row: bool(_of_customer(d, row, "shipped")), *_OPEN)
    shipped = d.rng.choice(_of_customer(d, open_order, "shipped"))
    of = {cancel: open_order, address: open_order, where: shipped}
    return Goal("two_wishes", (first(d, of[first]), second(d, of[second])))


def _turned(d: Drawing) -> Goal:
    """What was to go back is exchanged after all; what was to be cancelled goes elsewhere."""
    if d.rng.random() < 0.5:
        limit = d.rules["return_items"]["reasons"]["no_reason"]["days"]
        line = _line(d, limit, lambda line: d.product(line)["data"]["returnable"] and bool(exchangeable(d, line)))
        first = send_back(d, line)
        return Goal("change_of_mind", (first,), instead=exchange(d, line, int(first.facts["quantity"])))
    order = d.order(lambda row: True, *_OPEN)
    return Goal("change_of_mind", (cancel(d, order),), instead=address(d, order))


def _dropped(d: Drawing) -> Goal:
    """What was begun is left."""
    return Goal("given_up", (d.rng.choice((cancel, send_back, address))(d),), dropped=True)


SINGLE: Mapping[str, Callable[[Drawing], Wish]] = {
    "cancel": cancel,
    "return": send_back,
    "return_faulty": partial(send_back, faulty=True),
    "exchange": exchange,
    "swap": swap,
    "address": address,
    "invoice": invoice,
    "where": where,
    "refund": refund,
    "damage": damage,
    "warranty": warranty,
    "complaint": complaint,
    "coupons": coupons,
}
_COMPOUND: Mapping[str, Callable[[Drawing], Goal]] = {"two_wishes": _two, "change_of_mind": _turned, "given_up": _dropped}
GOALS = (*SINGLE, *_COMPOUND)


# ---------------------------------------------------------------- what the tables hold


def exchangeable(d: Drawing, line: Row) -> list[Row]:
    """The variants that an arrived line may be exchanged for at the same price."""
    category = d.product(line)["category"]
    closed = [name for name in d.rules["exchange_items"]["not_categories"] if f"{category}/".startswith(f"{name}/")]
    return [] if closed else other_sizes(d, line)


def other_sizes(d: Drawing, line: Row) -> list[Row]:
    """The other sizes of a line in its colour, at what was paid, with enough on the shelf."""
    own = d.book.one("variants", sku=line["sku"])
    return [
        row
        for row in d.book.where("variants", product_id=own["product_id"])
        if row["size"] != own["size"] and row["color_zh"] == own["color_zh"]
        if row["price"] == line["unit_price"] and row["stock"] >= line["quantity"]
    ]


def may_invoice(d: Drawing, order: Row) -> bool:
    """Whether an invoice can still be made."""
    rule = d.rules["invoice"]
    done = order["closed_at"] or order["delivered_at"]
    return order["payment_method"] not in rule["not_paid_by"] and days_since(done, d.now) < rule["days"] - 1


def _line(d: Drawing, days: int, fits: Callable[[Row], bool]) -> Row:
    """A line that arrived less than so many days ago, of an order of which nothing has gone back."""

    def order_fits(row: Row) -> bool:
        recent = days_since(row["delivered_at"], d.now) < days - 1
        return recent and not _returns(d, row) and _any_line(d, row, fits)

    order = d.order(order_fits, *_ARRIVED)
    return d.rng.choice([line for line in d.lines(order) if fits(line)])


def _any_line(d: Drawing, order: Row, fits: Callable[[Row], bool]) -> bool:
    """Whether a line of an order fits; an order that holds one product twice is left to other tests."""
    lines = d.lines(order)
    products = {d.product(line)["id"] for line in lines}
    return len(products) == len(lines) and any(fits(line) for line in lines)


def _months_left(d: Drawing, order: Row, line: Row) -> int:
    months = d.product(line)["data"]["warranty_months"] or 0
    return int(months * 30 - days_since(order["delivered_at"], d.now) - 15) if months else 0


def _returns(d: Drawing, order: Row) -> Sequence[Row]:
    return d.book.where("returns", order_id=order["id"])


def _of_customer(d: Drawing, order: Row, status: str) -> list[Row]:
    others = d.book.where("orders", customer_id=order["customer_id"], status=status)
    return [row for row in others if d.book.where("shipments", order_id=row["id"])]


def _order_of(d: Drawing, line: Row) -> Row:
    return d.book.one("orders", id=line["order_id"])


def _facts(order: Row) -> dict[str, str]:
    return {"order_number": order["id"], "phone_last4": order["ship_to"]["phone"][-4:]}


def _item(d: Drawing, line: Row) -> dict[str, str]:
    return {"items": d.product(line)["data"]["name"][d.tongue]}


def _pieces(d: Drawing, quantity: int) -> dict[str, str]:
    return {"quantity": str(quantity)}


def _quantity(d: Drawing, line: Row) -> int:
    return d.rng.choice((1, line["quantity"]))


def _which(d: Drawing, order: Row, line: Row) -> tuple[str, ...]:
    """What tells the pieces that are meant, as far as that is not clear by itself."""
    several = ("items",) if len(d.lines(order)) > 1 else ()
    return (*several, "quantity") if line["quantity"] > 1 else several


def _picture(d: Drawing, line: Row) -> str:
    return f"{d.product(line)['id']}.png"
