"""A sample server of docs/shop-rest.md: the interface over HTTP, a shop in SQL behind it. Its OpenAPI documents it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from actions.backoffice import Backoffice, Case, Change, Entry, Payment, PaymentMethod, Record
from bot.commerce import Coupon, Customer, Order, Product, Promotion, Return, ShelfLink, Shipment
from bot.errors import BadInput, ShopUnavailable, VersionConflict

PROBLEM = "application/problem+json"


class Screen(BaseModel):
    """What a room shows from `at` on."""

    room: str
    product_id: str | None
    at: datetime


def shop_server(shop: Backoffice, token: str = "") -> FastAPI:
    """The interface over a shop. With a `token`, every request needs it."""

    def authorized(authorization: Annotated[str, Header()] = "") -> None:
        if token and not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "the token is missing or wrong")

    app = FastAPI(title="Shop for Streamdesk", version="1", dependencies=[Depends(authorized)])

    def problem(status: int) -> Any:
        async def answer(request: Request, error: Exception) -> JSONResponse:
            return JSONResponse({"status": status, "detail": str(error)}, status, media_type=PROBLEM)

        return answer

    app.add_exception_handler(VersionConflict, problem(409))
    app.add_exception_handler(BadInput, problem(422))
    app.add_exception_handler(ShopUnavailable, problem(503))

    def found(item: Any) -> Any:
        if item is None:
            raise HTTPException(404, "there is none")
        return item

    @app.get("/health")
    async def health() -> dict[str, str]:
        """The shop answers."""
        return {"status": "ok"}

    @app.get("/products")
    async def products(ids: Annotated[list[str] | None, Query(alias="id")] = None) -> list[Product]:
        """The products named by `id`, in that order and without unknown ones; without `id` all that are sold, by id."""
        return await shop.products(ids)

    @app.get("/shelf")
    async def shelf(room: str, at: datetime) -> list[ShelfLink]:
        """The links of a room that hold at a moment, by number."""
        return await shop.shelf(room, at)

    @app.get("/screen")
    async def on_screen(room: str, at: datetime) -> Screen:
        """The product that a room showed at a moment."""
        return Screen(room=room, product_id=await shop.on_screen(room, at), at=at)

    @app.put("/screen", responses={422: {"description": "There is no such product."}})
    async def show(screen: Screen) -> Screen:
        """The room shows a product from `at` on; none where `product_id` is null."""
        await shop.show(screen.room, screen.product_id, screen.at)
        return screen

    @app.get("/promotions")
    async def promotions(at: datetime | None = None, room: str = "") -> list[Promotion]:
        """Reductions without a code that hold at a moment, everywhere or in a room; without a moment all there are."""
        return await shop.promotions(at, room)

    @app.get("/coupons")
    async def coupons(at: datetime | None = None) -> list[Coupon]:
        """Reductions by code that can be redeemed at a moment; without a moment all there are."""
        return await shop.coupons(at)

    @app.get("/customers")
    async def find_customers(email: str = "", name: str = "", postal_code: str = "") -> list[Customer]:
        """Customers with this e-mail, or with this name and postal code; case does not matter. At most ten."""
        return await shop.find_customers(email=email, name=name, postal_code=postal_code)

    @app.get("/customers/{customer_id}", responses={404: {"description": "There is none."}})
    async def customer(customer_id: str) -> Customer:
        """One customer."""
        return found(await shop.customer(customer_id))

    @app.get("/customers/{customer_id}/orders")
    async def orders_of(customer_id: str, limit: int = 20) -> list[Order]:
        """A customer's orders, newest first."""
        return await shop.orders_of(customer_id, limit)

    @app.get("/customers/{customer_id}/payment-methods")
    async def payment_methods(customer_id: str) -> list[PaymentMethod]:
        """The ways to pay that a customer has on file, by id."""
        return await shop.payment_methods(customer_id)

    @app.get("/order-ids")
    async def order_ids(limit: int) -> list[str]:
        """The ids of the newest orders, newest first: the forms of order numbers are learned from them."""
        return await shop.order_ids(limit)

    @app.get("/orders/{order_id}", responses={404: {"description": "There is none."}})
    async def order(order_id: str) -> Order:
        """One order. `version` counts the changes to it."""
        return found(await shop.order(order_id))

    @app.get("/orders/{order_id}/shipments")
    async def shipments(order_id: str) -> list[Shipment]:
        """The parcels of an order with their tracks, newest first."""
        return await shop.shipments(order_id)

    @app.get("/orders/{order_id}/returns")
    async def returns(order_id: str) -> list[Return]:
        """Returns and exchanges of an order, oldest first."""
        return await shop.returns(order_id)

    @app.get("/orders/{order_id}/payments")
    async def payments(order_id: str) -> list[Payment]:
        """The money that moved on an order, oldest first."""
        return await shop.payments(order_id)

    @app.get("/orders/{order_id}/cases")
    async def cases(order_id: str) -> list[Case]:
        """What colleagues work on, about an order, oldest first."""
        return await shop.cases(order_id)

    @app.get("/entries/{kind}/{entry_id:path}", responses={404: {"description": "There is none."}})
    async def entry(kind: str, entry_id: str) -> Entry:
        """A document of the shop by kind and id, for what has no other place. `version` counts the changes to it."""
        return found(await shop.entry(kind, entry_id))

    @app.get("/orders/{order_id}/records")
    async def records(order_id: str) -> list[Record]:
        """What was done to an order, oldest first."""
        return await shop.records(order_id)

    @app.get("/purchases")
    async def purchases() -> dict[str, list[str]]:
        """The products that each customer bought, oldest first."""
        return {customer: list(bought) for customer, bought in (await shop.purchases()).items()}

    @app.get("/receipt", responses={404: {"description": "Nothing was committed under this key."}})
    async def receipt(key: str) -> dict[str, Any]:
        """The outcome that was committed under an idempotency key."""
        return dict(found(await shop.receipt(key)))

    @app.post("/changes", responses={409: {"description": "What the change was decided on is no longer so."}})
    async def commit(change: Change) -> dict[str, Any]:
        """Carry out all effects of a change in one transaction, or none; a `key` that was committed before changes nothing.

        Answers the outcome that is kept under the key.
        """
        kept: Mapping[str, Any] = await shop.commit(change)
        return dict(kept)

    return app


if __name__ == "__main__":
    import json

    print(json.dumps(shop_server(None).openapi(), indent=1, ensure_ascii=False))  # type: ignore[arg-type]
