"""What is loaded, as JSON: the shop's folder, how much of everything there is, the documents, and what loads refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.commerce import Shop
from bot.errors import Unavailable
from bot.loads import Complaint, KnownDocument, Load

# Orders that are counted; a shop may have any number.
MOST_ORDERS = 10_000

Json = dict[str, Any]


async def counts_of(shop: Shop) -> Json | None:
    """How much of everything the shop's tables have; None where they do not answer."""
    try:
        products = await shop.products()
        orders = await shop.order_ids(MOST_ORDERS)
        return {
            "products": len(products),
            "variants": sum(len(product.variants) for product in products),
            "promotions": len(await shop.promotions(None)),
            "coupons": len(await shop.coupons(None)),
            "orders": len(orders),
            "more_orders": len(orders) == MOST_ORDERS,
        }
    except Unavailable:
        return None


def loads_body(loads: Sequence[Load]) -> Json:
    """The load in force whole, the last one where it failed, and a line for each of the others. Pure."""
    in_force = next((load for load in loads if not load.fault), None)
    failed = loads[0] if loads and loads[0].fault else None
    return {
        "in_force": _load(in_force) if in_force else None,
        "failed": _line(failed) if failed else None,
        "earlier": [_line(load) for load in loads if load is not in_force and load is not failed],
    }


def document_body(document: KnownDocument, now: datetime) -> Json:
    """A document with whether it holds `now`. Pure."""
    return {
        "path": document.path,
        "title": document.title,
        "languages": list(document.languages),
        "kinds": list(document.kinds),
        "audience": document.audience,
        "holds": _holds(document, now),
        "valid_from": document.valid_from.isoformat() if document.valid_from else "",
        "valid_until": document.valid_until.isoformat() if document.valid_until else "",
        "passages": document.passages,
    }


def _holds(document: KnownDocument, now: datetime) -> str:
    if document.valid_until is not None and document.valid_until <= now:
        return "over"
    return "to_come" if document.valid_from is not None and document.valid_from > now else "now"


def _line(load: Load) -> Json:
    refused = sum(not one.taken for one in load.complaints) + load.more
    return {"at": load.at.isoformat(), "folder": load.folder, "fault": load.fault, "refused": refused}


def _load(load: Load) -> Json:
    by_file: defaultdict[str, list[Json]] = defaultdict(list)
    for one in load.complaints:
        by_file[one.file].append(_complaint(one))
    files = [
        {"name": file.name, "taken": file.taken, "kept": file.kept, "refused": file.refused, "status": file.status}
        for file in load.files
    ]
    complaints = [{"file": file, "said": said} for file, said in by_file.items()]
    return {**_line(load), "files": files, "complaints": complaints, "more": load.more, "pack": list(load.pack)}


def _complaint(one: Complaint) -> Json:
    return {"row": one.row, "column": one.column, "value": one.value, "why": one.why, "taken": one.taken}
