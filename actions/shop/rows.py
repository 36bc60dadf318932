"""Rows of the shop's tables as nouns, and the texts they are kept in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from actions.backoffice import Case, Entry, Payment, PaymentMethod, Record
from bot.commerce import (
    Address,
    Coupon,
    Customer,
    Money,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Promotion,
    Return,
    Shipment,
    Text,
    TrackEvent,
    Variant,
)

_PRODUCT: TypeAdapter[Product] = TypeAdapter(Product)
_ADDRESS: TypeAdapter[Address] = TypeAdapter(Address)

type_row = Row[Any]


def time_text(at: datetime | None) -> str | None:
    """A moment as it is stored: UTC to the microsecond, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def moment(text: str | None) -> datetime | None:
    """What `time_text` wrote, read back."""
    return datetime.fromisoformat(text) if text else None


def product_data(product: Product) -> dict[str, Any]:
    """A product without its variants, as the JSON of its row."""
    data: dict[str, Any] = _PRODUCT.dump_python(product, mode="json", exclude={"variants"})
    return data


def to_product(data: Mapping[str, Any], rows: Sequence[type_row]) -> Product:
    """A product from its JSON and the rows of its variants."""
    return _PRODUCT.validate_python({**data, "variants": tuple(to_variant(row) for row in rows)})


def to_variant(row: type_row) -> Variant:
    """One row of `variants`."""
    return Variant(
        sku=row.sku,
        color=Text(row.color_zh, row.color_en),
        size=row.size,
        price=Money(row.price, row.currency),
        stock=row.stock,
        compare_at=_money(row.compare_at, row.currency),
        weight_g=row.weight_g,
    )


def to_promotion(row: type_row) -> Promotion:
    """One row of `promotions`."""
    return Promotion(
        id=row.id,
        name=Text(row.name_zh, row.name_en),
        kind=row.kind,
        value=row.value,
        applies_to=row.applies_to,
        currency=row.currency,
        min_spend=_money(row.min_spend, row.currency),
        room=row.room,
        starts_at=moment(row.starts_at),
        ends_at=moment(row.ends_at),
    )


def to_coupon(row: type_row) -> Coupon:
    """One row of `coupons`."""
    return Coupon(
        code=row.code,
        name=Text(row.name_zh, row.name_en),
        kind=row.kind,
        value=row.value,
        applies_to=row.applies_to,
        currency=row.currency,
        min_spend=_money(row.min_spend, row.currency),
        max_discount=_money(row.max_discount, row.currency),
        starts_at=moment(row.starts_at),
        ends_at=moment(row.ends_at),
        per_customer=row.per_customer,
        total=row.total,
        used=row.used,
        stackable=bool(row.stackable),
    )


def to_customer(row: type_row) -> Customer:
    """One row of `customers`."""
    return Customer(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        locale=row.locale,
        level=row.level,
        points=row.points,
        created_at=datetime.fromisoformat(row.created_at),
        address=_ADDRESS.validate_python(row.address),
    )


def customer_data(customer: Customer) -> dict[str, Any]:
    """A customer as the columns of their row."""
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "locale": customer.locale,
        "level": customer.level,
        "points": customer.points,
        "created_at": time_text(customer.created_at),
        "address": address_data(customer.address),
    }


def address_data(address: Address) -> dict[str, Any]:
    """An address as the JSON of its column."""
    data: dict[str, Any] = _ADDRESS.dump_python(address, mode="json")
    return data


def to_line(row: type_row, currency: str, product_id: str, name: Text) -> OrderLine:
    """One row of `order_lines`, with what the catalogue says of its variant."""
    price, discount = Money(row.unit_price, currency), Money(row.discount, currency)
    return OrderLine(row.number, row.sku, product_id, name, row.quantity, price, discount)


def to_order(row: type_row, lines: tuple[OrderLine, ...]) -> Order:
    """One row of `orders` with its lines."""
    return Order(
        id=row.id,
        customer_id=row.customer_id,
        status=OrderStatus(row.status),
        placed_at=datetime.fromisoformat(row.placed_at),
        lines=lines,
        items_total=Money(row.items_total, row.currency),
        discount=Money(row.discount, row.currency),
        shipping_fee=Money(row.shipping_fee, row.currency),
        total=Money(row.total, row.currency),
        payment_method=row.payment_method,
        ship_to=_ADDRESS.validate_python(row.ship_to),
        coupon_code=row.coupon_code,
        points_earned=row.points_earned,
        points_used=row.points_used,
        paid_at=moment(row.paid_at),
        shipped_at=moment(row.shipped_at),
        delivered_at=moment(row.delivered_at),
        closed_at=moment(row.closed_at),
        room=row.room,
        note=row.note,
        version=row.version,
    )


def to_shipment(row: type_row, events: Sequence[type_row]) -> Shipment:
    """One row of `shipments` with the rows of its track."""
    return Shipment(
        id=row.id,
        order_id=row.order_id,
        carrier=row.carrier,
        tracking_no=row.tracking_no,
        status=row.status,
        shipped_at=moment(row.shipped_at),
        eta=moment(row.eta),
        delivered_at=moment(row.delivered_at),
        events=tuple(to_track_event(event) for event in events),
    )


def to_track_event(row: type_row) -> TrackEvent:
    """One row of `shipment_events`."""
    return TrackEvent(datetime.fromisoformat(row.at), Text(row.place_zh, row.place_en), Text(row.text_zh, row.text_en))


def to_return(row: type_row, currency: str) -> Return:
    """One row of `returns`."""
    return Return(
        id=row.id,
        order_id=row.order_id,
        line=row.line,
        quantity=row.quantity,
        kind=row.kind,
        reason=row.reason,
        status=row.status,
        requested_at=datetime.fromisoformat(row.requested_at),
        refund=_money(row.refund, currency),
        refund_method=row.refund_method,
        refunded_at=moment(row.refunded_at),
        exchange_sku=row.exchange_sku,
        goods=_money(row.goods, currency),
    )


def order_data(order: Order) -> dict[str, Any]:
    """An order as the columns of its row, without its lines and its version."""
    return {
        "customer_id": order.customer_id,
        "status": order.status.value,
        "placed_at": time_text(order.placed_at),
        "paid_at": time_text(order.paid_at),
        "shipped_at": time_text(order.shipped_at),
        "delivered_at": time_text(order.delivered_at),
        "closed_at": time_text(order.closed_at),
        "currency": order.total.currency,
        "items_total": order.items_total.minor,
        "discount": order.discount.minor,
        "coupon_code": order.coupon_code,
        "shipping_fee": order.shipping_fee.minor,
        "total": order.total.minor,
        "payment_method": order.payment_method,
        "points_earned": order.points_earned,
        "points_used": order.points_used,
        "ship_to": address_data(order.ship_to),
        "room": order.room,
        "note": order.note,
    }


def line_data(order_id: str, line: OrderLine) -> dict[str, Any]:
    """An order line as the columns of its row."""
    amounts = {"unit_price": line.unit_price.minor, "discount": line.discount.minor}
    return {"order_id": order_id, "number": line.number, "sku": line.sku, "quantity": line.quantity, **amounts}


def return_data(item: Return) -> dict[str, Any]:
    """A return as the columns of its row."""
    return {
        "id": item.id,
        "order_id": item.order_id,
        "line": item.line,
        "quantity": item.quantity,
        "kind": item.kind,
        "reason": item.reason,
        "status": item.status,
        "requested_at": time_text(item.requested_at),
        "refund": item.refund.minor if item.refund else None,
        "refund_method": item.refund_method,
        "refunded_at": time_text(item.refunded_at),
        "exchange_sku": item.exchange_sku,
        "goods": item.goods.minor if item.goods else None,
    }


def to_payment(row: type_row) -> Payment:
    """One row of `payments`."""
    return Payment(
        id=row.id,
        order_id=row.order_id,
        kind=row.kind,
        amount=Money(row.amount, row.currency),
        method=row.method,
        at=datetime.fromisoformat(row.at),
        status=row.status,
        reason=row.reason,
        line=row.line,
    )


def payment_data(payment: Payment) -> dict[str, Any]:
    """A payment as the columns of its row."""
    return {
        "id": payment.id,
        "order_id": payment.order_id,
        "kind": payment.kind,
        "amount": payment.amount.minor,
        "currency": payment.amount.currency,
        "method": payment.method,
        "at": time_text(payment.at),
        "status": payment.status,
        "reason": payment.reason,
        "line": payment.line,
    }


def to_payment_method(row: type_row) -> PaymentMethod:
    """One row of `payment_methods`."""
    return PaymentMethod(row.id, row.customer_id, row.kind, _money(row.balance, row.currency))


def to_case(row: type_row) -> Case:
    """One row of `cases`."""
    return Case(
        id=row.id,
        kind=row.kind,
        opened_at=datetime.fromisoformat(row.opened_at),
        order_id=row.order_id,
        line=row.line,
        sku=row.sku,
        customer_id=row.customer_id,
        text=row.text,
        status=row.status,
        data=row.data,
    )


def case_data(case: Case) -> dict[str, Any]:
    """A case as the columns of its row."""
    return {
        "id": case.id,
        "kind": case.kind,
        "opened_at": time_text(case.opened_at),
        "order_id": case.order_id,
        "line": case.line,
        "sku": case.sku,
        "customer_id": case.customer_id,
        "text": case.text,
        "status": case.status,
        "data": dict(case.data),
    }


def entry_key(kind: str, entry_id: str) -> str:
    """Under which a document is kept: ids are of a kind."""
    return f"{kind}:{entry_id}"


def entry_row(kind: str, entry_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A document that is imported, as the columns of its row."""
    return {"id": entry_key(kind, entry_id), "kind": kind, "data": dict(data), "version": 1}


def to_entry(row: type_row) -> Entry:
    """One row of `entries`."""
    return Entry(row.kind, row.id.removeprefix(f"{row.kind}:"), row.data, row.version)


def to_record(row: type_row) -> Record:
    """One row of `audit`."""
    return Record(row.key, row.action, row.actor, datetime.fromisoformat(row.at), row.why)


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
