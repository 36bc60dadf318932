"""`Backoffice` over HTTP: a shop system of the merchant's own that speaks the interface of docs/shop-rest.md.

What each method promises: see `bot.commerce.Shop` and `actions.backoffice.Backoffice`. Requests that fail on the way are
made again: reads change nothing, and a change carries its idempotency key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from actions.backoffice import Case, Change, Entry, Payment, PaymentMethod, Record
from bot.commerce import Coupon, Customer, Order, Product, Promotion, Return, ShelfLink, Shipment
from bot.errors import BadInput, BadSettings, ShopUnavailable, VersionConflict

TIMEOUT_S = 10.0
# Attempts at one request, and the pause before each further one in seconds; it doubles.
ATTEMPTS = 3
PAUSE_S = 0.2

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
_PURCHASES: TypeAdapter[dict[str, list[str]]] = TypeAdapter(dict[str, list[str]])
_IDS: TypeAdapter[list[str]] = TypeAdapter(list[str])
_OUTCOME: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class RestShop:
    """A shop behind an HTTP interface."""

    def __init__(self, client: httpx.AsyncClient, pause_s: float = PAUSE_S) -> None:
        """`client` has the address, the token and the time-out; it is closed with the shop."""
        self._client = client
        self._pause_s = pause_s

    @classmethod
    async def open(cls, url: str, token: str = "") -> Self:
        """The shop at `url`. Raises BadSettings where it is none of this interface or refuses the token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        shop = cls(httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_S))
        try:
            await shop.check()
        except ShopUnavailable:
            pass  # it may come back; /ready says that it is away
        except BaseException:
            await shop.close()
            raise
        return shop

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def check(self) -> None:
        """Raise ShopUnavailable when the shop does not answer."""
        await self._send("GET", "/health")

    # ------------------------------------------------------------ catalogue and live room

    async def product(self, product_id: str) -> Product | None:
        found = await self.products([product_id])
        return found[0] if found else None

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        if product_ids is not None and not product_ids:
            return []
        return await self._list(Product, "/products", id=product_ids)

    async def shelf(self, room: str, at: datetime) -> list[ShelfLink]:
        return await self._list(ShelfLink, "/shelf", room=room, at=at.isoformat())

    async def on_screen(self, room: str, at: datetime) -> str | None:
        shown = await self._json("GET", "/screen", params={"room": room, "at": at.isoformat()})
        product_id = shown.get("product_id") if isinstance(shown, dict) else None
        return str(product_id) if product_id else None

    async def show(self, room: str, product_id: str | None, at: datetime) -> None:
        body = {"room": room, "product_id": product_id, "at": at.isoformat()}
        await self._send("PUT", "/screen", json=body)

    # ------------------------------------------------------------ offers

    async def promotions(self, at: datetime | None, room: str = "") -> list[Promotion]:
        if at is None:
            return await self._list(Promotion, "/promotions")
        return await self._list(Promotion, "/promotions", at=at.isoformat(), room=room)

    async def coupons(self, at: datetime | None) -> list[Coupon]:
        return await self._list(Coupon, "/coupons", **({} if at is None else {"at": at.isoformat()}))

    # ------------------------------------------------------------ customers and orders

    async def customer(self, customer_id: str) -> Customer | None:
        return await self._one(Customer, f"/customers/{_part(customer_id)}")

    async def find_customers(self, *, email: str = "", name: str = "", postal_code: str = "") -> list[Customer]:
        return await self._list(Customer, "/customers", email=email, name=name, postal_code=postal_code)

    async def order(self, order_id: str) -> Order | None:
        return await self._one(Order, f"/orders/{_part(order_id)}")

    async def order_ids(self, limit: int) -> list[str]:
        """See `Shop`; none where the shop's system does not tell them."""
        response = await self._send("GET", "/order-ids", params={"limit": limit}, missing=True)
        return [] if response is None else list(_read(_IDS, response.json(), "/order-ids"))

    async def orders_of(self, customer_id: str, limit: int = 20) -> list[Order]:
        return await self._list(Order, f"/customers/{_part(customer_id)}/orders", limit=limit)

    async def shipments(self, order_id: str) -> list[Shipment]:
        return await self._list(Shipment, f"/orders/{_part(order_id)}/shipments")

    async def returns(self, order_id: str) -> list[Return]:
        return await self._list(Return, f"/orders/{_part(order_id)}/returns")

    async def purchases(self) -> Mapping[str, Sequence[str]]:
        bought: dict[str, list[str]] = _read(_PURCHASES, await self._json("GET", "/purchases"), "/purchases")
        return bought

    # ------------------------------------------------------------ after-sales work

    async def payments(self, order_id: str) -> list[Payment]:
        return await self._list(Payment, f"/orders/{_part(order_id)}/payments")

    async def payment_methods(self, customer_id: str) -> list[PaymentMethod]:
        return await self._list(PaymentMethod, f"/customers/{_part(customer_id)}/payment-methods")

    async def cases(self, order_id: str) -> list[Case]:
        return await self._list(Case, f"/orders/{_part(order_id)}/cases")

    async def records(self, order_id: str) -> list[Record]:
        return await self._list(Record, f"/orders/{_part(order_id)}/records")

    async def entry(self, kind: str, entry_id: str) -> Entry | None:
        return await self._one(Entry, f"/entries/{_part(kind)}/{_part(entry_id)}")

    async def receipt(self, key: str) -> Mapping[str, Any] | None:
        response = await self._send("GET", "/receipt", params={"key": key}, missing=True)
        return None if response is None else dict(_read(_OUTCOME, response.json(), "/receipt"))

    async def commit(self, change: Change) -> Mapping[str, Any]:
        body = _CHANGE.dump_python(change, mode="json")
        response = await self._send("POST", "/changes", json=body, headers={"Idempotency-Key": _header(change.key)})
        assert response is not None  # noqa: S101 - only asked where it may be missing
        outcome: dict[str, Any] = _read(_OUTCOME, response.json(), "/changes")
        return outcome

    # ------------------------------------------------------------ inside

    async def _one(self, noun: type[Any], path: str) -> Any | None:
        response = await self._send("GET", path, missing=True)
        return None if response is None else _read(TypeAdapter(noun), response.json(), path)

    async def _list(self, noun: type[Any], path: str, **params: Any) -> list[Any]:
        given = {name: value for name, value in params.items() if value not in (None, "")}
        return list(_read(TypeAdapter(list[noun]), await self._json("GET", path, params=given), path))  # type: ignore[valid-type]

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        response = await self._send(method, path, **options)
        return response.json() if response is not None else None

    async def _send(self, method: str, path: str, *, missing: bool = False, **options: Any) -> httpx.Response | None:
        """The answer to a request; None for a 404 where that may be. Raises what the shop's errors mean to us."""
        why = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause_s * 2 ** (attempt - 1))
            try:
                response = await self._client.request(method, path, **options)
            except httpx.TransportError as error:
                why = str(error) or type(error).__name__
                continue
            if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return _answer(response, method, path, missing=missing)
            why = f"it answers {response.status_code}"
        raise ShopUnavailable(f"the shop at {self._client.base_url} does not answer {method} {path}: {why}")


def _answer(response: httpx.Response, method: str, path: str, *, missing: bool) -> httpx.Response | None:
    """An answer that is no failure of the shop's system, or what it means."""
    match response.status_code:
        case status if status < httpx.codes.BAD_REQUEST:
            return response
        case httpx.codes.NOT_FOUND if missing:
            return None
        case httpx.codes.CONFLICT:
            raise VersionConflict(_detail(response))
        case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN:
            what = f"the shop refuses {method} {path}: {_detail(response)}."
            raise BadSettings(what, where="shop.url", remedy="Set STREAMDESK_SHOP_TOKEN.")
    raise BadInput(f"the shop refuses {method} {path}: {_detail(response)}", remedy="See docs/shop-rest.md.")


def _detail(response: httpx.Response) -> str:
    """What a problem body (RFC 9457) says, or the status."""
    try:
        body = response.json()
    except ValueError:
        return f"status {response.status_code}"
    detail = body.get("detail") if isinstance(body, dict) else None
    return str(detail or f"status {response.status_code}")


def _read(adapter: TypeAdapter[Any], content: Any, path: str) -> Any:
    """A body as our nouns. What has another form is as good as no answer."""
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ShopUnavailable(f"the shop's answer to {path} has another form: {where}: {first['msg']}") from error


def _part(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="") or "-"


def _header(value: str) -> str:
    """A value that may stand in a header, which takes ASCII only."""
    return quote(value, safe="/:#-._~")
