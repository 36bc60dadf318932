"""ECom-Bench's shop in JSON, as rows of our tables.

Format: XiaoduoAILab/ECom-Bench, "ECom-Bench: Can LLM Agent Resolve Real-World E-commerce Customer Support Issues?", 2025
(arXiv 2507.05639). Everything lies under platform and shop. A product and what it may be exchanged for are variants of one
product, so that the verbs for other variants do its exchanges. What it keeps of an order beside the order (rush, review,
appointment, invoice) are documents of the shop (`entries`), by the number of the order. It counts no pieces: what is on sale
is in stock with STOCK. An order of which only the parcel is there has no lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.shop import tables
from actions.shop.importers import ecombench_documents as documents
from actions.shop.importers import ecombench_rows as of
from actions.shop.importers.json_files import read_object, read_rows
from actions.shop.importers.records import Catalogue, History, type_row
from actions.shop.importers.report import LoadReport
from actions.shop.importers.writing import Taken

_FILES = ("users_info", "products", "orders", "logistics")
_MORE = ("invoices", "register_cashback", "service", "discount")


@dataclass(frozen=True, slots=True)
class _Files:
    """The files while they are read: their content by name, and what is said of them."""

    content: Mapping[str, Mapping[str, Any]]
    report: LoadReport

    def entries(self, name: str) -> list[Mapping[str, Any]]:
        """The things of a file that lie under platform, shop and, where it has them, customer; each with its customer."""
        return list(_under(self.content[name]))

    def rows(
        self,
        name: str,
        table: str,
        entries: Iterable[Mapping[str, Any]],
        read: Callable[[Mapping[str, Any]], list[type_row]],
    ) -> list[type_row]:
        """The rows that `read` makes of the entries; what names a thing that no file has is refused, too."""
        return read_rows(self.report, name, table, entries, read, missing="is missing, or not known")


def is_ecombench(path: Path) -> bool:
    """Whether a folder holds these files."""
    return all((path / f"{name}.json").is_file() for name in _FILES)


def read_ecombench(path: Path) -> Taken:
    """Everything in the files. Raises BadDocument when one is no JSON object."""
    files = _Files({name: _object(path / f"{name}.json") for name in (*_FILES, *_MORE)}, LoadReport())
    users = list(files.content["users_info"].values())
    products, orders, parcels = (files.entries(name) for name in ("products", "orders", "logistics"))
    heads = files.rows("products.json", "products", products, lambda product: [of.product(product)])
    variants = files.rows("products.json, exchanges", "variants", products, of.variants)
    customers = files.rows("users_info.json", "customers", users, lambda user: [of.customer(user)])
    methods = files.rows("users_info.json, e-cards", "payment_methods", users, lambda user: [of.ecard(user)])
    tracks = {parcel["订单ID"]: parcel for parcel in parcels}
    placed = files.rows("orders.json", "orders", orders, lambda order: [of.order(order, tracks.get(order["订单ID"]))])
    known = {row["id"] for row in placed}
    alone = [parcel for parcel in parcels if parcel["订单ID"] not in known]
    placed += files.rows("logistics.json, orders", "orders", alone, lambda parcel: [of.order_of_parcel(parcel)])
    lines = files.rows("orders.json, products", "order_lines", orders, of.lines)
    money = files.rows("orders.json, payments", "payments", orders, of.payments)
    sent = files.rows("logistics.json", "shipments", parcels, lambda parcel: [of.parcel(parcel)])
    events = files.rows("logistics.json, tracks", "shipment_events", parcels, of.events)
    catalogue = Catalogue(heads, variants, {row["id"] for row in heads}, {row["sku"] for row in variants})
    history = (
        History(tables.customers, customers),
        History(tables.payment_methods, methods),
        History(tables.orders, placed, tables.order_lines, tuple(lines), "order_id"),
        History(tables.shipments, sent, tables.shipment_events, tuple(events), "shipment_id"),
        History(tables.payments, money),
        History(tables.entries, _documents(files, products, orders)),
    )
    return Taken(catalogue, files.report, history=history)


# ---------------------------------------------------------------- reading


def _object(file: Path) -> Mapping[str, Any]:
    """What a file holds; nothing where there is none, as of those beside the shop's own."""
    return read_object(file) if file.is_file() else {}


def _under(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for shops in content.values():
        for shop in shops.values():
            for key, entry in shop.items():
                if "商品ID" in entry:
                    yield entry
                    continue
                for order_id, of_order in entry.items():
                    fields = of_order if isinstance(of_order, dict) else {"value": of_order}
                    yield {**fields, "用户ID": key, "订单ID": order_id}


def _documents(files: _Files, products: Iterable[Mapping[str, Any]], orders: Iterable[Mapping[str, Any]]) -> list[type_row]:
    """What no other table has a place for."""
    return [
        *files.rows("orders.json, rushed", "entries", orders, documents.rushed),
        *files.rows("products.json, faults", "entries", products, documents.faults),
        *files.rows("register_cashback.json", "entries", files.entries("register_cashback"), documents.reviewed),
        *files.rows("service.json", "entries", files.entries("service"), documents.appointment),
        *files.rows("invoices.json", "entries", list(files.content["invoices"].values()), documents.invoice),
    ]
