"""Carrying out the effects of a change on the shop's tables, inside the transaction of the caller.

Each effect says what it finds before and leaves after, for the audit. Raises VersionConflict when an order is at another
version, a stock would fall below what is held of it, a gift card below zero, or something is used up or taken.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.backoffice import (
    Change,
    Effect,
    HoldStock,
    MoveMoney,
    MovePoints,
    MoveStock,
    OpenCase,
    PlaceOrder,
    ReturnCoupon,
    SaveEntry,
    SaveOrder,
    SaveReturn,
    SetAddress,
    UseCoupon,
)
from actions.shop import rows
from actions.shop.tables import (
    cases,
    coupons,
    customers,
    entries,
    holds,
    order_lines,
    orders,
    payment_methods,
    payments,
    returns,
    variants,
)
from bot.errors import VersionConflict

Trace = tuple[str, Any, Any]


async def carry_out(connection: AsyncConnection, change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    """Carry out all effects, each kind and row in a fixed order, so that two changes never wait for each other in a ring.

    Returns what was there before and what is there after, by the name of the thing.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for effect in sorted(change.effects, key=_lock_order):
        name, was, is_now = await _HANDLERS[effect.kind](connection, effect, change.at)
        before.setdefault(name, was)
        after[name] = is_now
    return before, after


def _lock_order(effect: Effect) -> tuple[int, str]:
    rank = list(_HANDLERS).index(effect.kind)
    if isinstance(effect, SaveEntry):
        return rank, rows.entry_key(effect.entry.kind, effect.entry.id)
    return rank, effect.sku if isinstance(effect, MoveStock | HoldStock) else ""


async def _save_order(connection: AsyncConnection, effect: SaveOrder, at: datetime) -> Trace:
    order = effect.order
    was = (await connection.execute(sa.select(orders).where(orders.c.id == order.id).with_for_update())).mappings().first()
    lines_of = sa.select(order_lines).where(order_lines.c.order_id == order.id).order_by(order_lines.c.number)
    old_lines = [dict(row) for row in (await connection.execute(lines_of)).mappings()]
    update = orders.update().where(orders.c.id == order.id, orders.c.version == order.version)
    done = await connection.execute(update.values(**rows.order_data(order), version=order.version + 1))
    if was is None or done.rowcount != 1:
        raise VersionConflict(f"order {order.id} was changed since version {order.version} was read")
    lines = [rows.line_data(order.id, line) for line in order.lines]
    if lines != old_lines:
        await connection.execute(order_lines.delete().where(order_lines.c.order_id == order.id))
        await connection.execute(order_lines.insert(), lines)
    return (
        f"order {order.id}",
        {**was, "lines": old_lines},
        {"id": order.id, **rows.order_data(order), "version": order.version + 1, "lines": lines},
    )


async def _save_return(connection: AsyncConnection, effect: SaveReturn, at: datetime) -> Trace:
    data = rows.return_data(effect.item)
    found = (await connection.execute(sa.select(returns).where(returns.c.id == effect.item.id))).mappings().first()
    if found is None:
        await connection.execute(returns.insert(), data)
    else:
        await connection.execute(returns.update().where(returns.c.id == effect.item.id).values(data))
    return f"return {effect.item.id}", dict(found) if found else None, data


async def _place_order(connection: AsyncConnection, effect: PlaceOrder, at: datetime) -> Trace:
    order, buyer = effect.order, effect.customer
    known = await connection.scalar(sa.select(customers.c.id).where(customers.c.id == buyer.id))
    if known is None:
        await _insert_new(connection, customers, rows.customer_data(buyer), f"customer {buyer.id}")
    data = {"id": order.id, **rows.order_data(order), "version": order.version or 1}
    await _insert_new(connection, orders, data, f"order {order.id}")
    lines = [rows.line_data(order.id, line) for line in order.lines]
    await connection.execute(order_lines.insert(), lines)
    return f"order {order.id}", None, {**data, "lines": lines}


async def _move_stock(connection: AsyncConnection, effect: MoveStock, at: datetime) -> Trace:
    update = variants.update().where(variants.c.sku == effect.sku).values(stock=variants.c.stock + effect.pieces)
    stock = (await connection.execute(update.returning(variants.c.stock))).scalar()
    held = await _held_by_others(connection, effect.sku, effect.hold, at) if effect.pieces < 0 else 0
    if stock is None or stock < held:
        raise VersionConflict(f"{effect.sku} has no {-effect.pieces} pieces left")
    if effect.hold:
        await connection.execute(holds.delete().where(holds.c.token == effect.hold, holds.c.sku == effect.sku))
    return f"stock {effect.sku}", stock - effect.pieces, stock


async def _hold_stock(connection: AsyncConnection, effect: HoldStock, at: datetime) -> Trace:
    # Nothing is changed: who holds or sells pieces of this variant waits here until the one before has committed.
    lock = variants.update().where(variants.c.sku == effect.sku).values(stock=variants.c.stock)
    stock = (await connection.execute(lock.returning(variants.c.stock))).scalar()
    held = await _held_by_others(connection, effect.sku, effect.hold, at)
    if stock is None or stock - held < effect.pieces:
        raise VersionConflict(f"{effect.sku} has no {effect.pieces} pieces that are free")
    over = sa.or_(holds.c.token == effect.hold, holds.c.ends_at <= rows.time_text(at))
    await connection.execute(holds.delete().where(holds.c.sku == effect.sku, over))
    row = {"token": effect.hold, "sku": effect.sku, "pieces": effect.pieces, "ends_at": rows.time_text(effect.ends_at)}
    await connection.execute(holds.insert(), row)
    return f"hold {effect.hold} {effect.sku}", None, row


async def _held_by_others(connection: AsyncConnection, sku: str, hold: str, at: datetime) -> int:
    """Pieces in living holds. The variant's row is locked: a statement after that sees what was committed before it."""
    living = (holds.c.sku == sku, holds.c.token != hold, holds.c.ends_at > rows.time_text(at))
    return int(await connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(holds.c.pieces), 0)).where(*living)) or 0)


async def _move_points(connection: AsyncConnection, effect: MovePoints, at: datetime) -> Trace:
    update = customers.update().where(customers.c.id == effect.customer_id)
    credited = update.values(points=customers.c.points + effect.points).returning(customers.c.points)
    points = (await connection.execute(credited)).scalar()
    if points is None:
        raise VersionConflict(f"customer {effect.customer_id} is gone")
    return f"points {effect.customer_id}", points - effect.points, points


async def _move_money(connection: AsyncConnection, effect: MoveMoney, at: datetime) -> Trace:
    payment = effect.payment
    data = rows.payment_data(payment)
    await connection.execute(payments.insert(), data)
    if payment.status != "review":
        minor = payment.amount.minor if payment.kind == "refund" else -payment.amount.minor
        card = sa.and_(payment_methods.c.id == payment.method, payment_methods.c.balance.is_not(None))
        update = payment_methods.update().where(card).values(balance=payment_methods.c.balance + minor)
        balance = (await connection.execute(update.returning(payment_methods.c.balance))).scalar()
        if balance is not None and balance < 0:
            raise VersionConflict(f"{payment.method} does not hold {payment.amount}")
        data = data if balance is None else {**data, "balance": balance}
    return f"payment {payment.id}", None, data


async def _return_coupon(connection: AsyncConnection, effect: ReturnCoupon, at: datetime) -> Trace:
    update = coupons.update().where(coupons.c.code == effect.code, coupons.c.used > 0).values(used=coupons.c.used - 1)
    used = (await connection.execute(update.returning(coupons.c.used))).scalar()
    return f"coupon {effect.code}", None if used is None else used + 1, used


async def _use_coupon(connection: AsyncConnection, effect: UseCoupon, at: datetime) -> Trace:
    left = sa.or_(coupons.c.total.is_(None), coupons.c.used < coupons.c.total)
    update = coupons.update().where(coupons.c.code == effect.code, left).values(used=coupons.c.used + 1)
    used = (await connection.execute(update.returning(coupons.c.used))).scalar()
    if used is None:
        raise VersionConflict(f"the coupon {effect.code} is used up")
    return f"coupon {effect.code}", used - 1, used


async def _set_address(connection: AsyncConnection, effect: SetAddress, at: datetime) -> Trace:
    here = customers.c.id == effect.customer_id
    was = (await connection.execute(sa.select(customers.c.address).where(here))).scalar()
    data = rows.address_data(effect.address)
    await connection.execute(customers.update().where(here).values(address=data))
    return f"address {effect.customer_id}", was, data


async def _open_case(connection: AsyncConnection, effect: OpenCase, at: datetime) -> Trace:
    data = rows.case_data(effect.case)
    await connection.execute(cases.insert(), data)
    return f"case {effect.case.id}", None, data


async def _save_entry(connection: AsyncConnection, effect: SaveEntry, at: datetime) -> Trace:
    entry = effect.entry
    key, data, version = rows.entry_key(entry.kind, entry.id), dict(entry.data), entry.version + 1
    name = f"{entry.kind} {entry.id}"
    if entry.version == 0:
        await _insert_new(connection, entries, {"id": key, "kind": entry.kind, "data": data, "version": version}, name)
        return name, None, data
    was = (await connection.execute(sa.select(entries.c.data).where(entries.c.id == key).with_for_update())).scalar()
    update = entries.update().where(entries.c.id == key, entries.c.version == entry.version)
    if (await connection.execute(update.values(data=data, version=version))).rowcount != 1:
        raise VersionConflict(f"{name} was changed since version {entry.version} was read")
    return name, was, data


async def _insert_new(connection: AsyncConnection, table: sa.Table, data: dict[str, Any], name: str) -> None:
    """Raises VersionConflict where the row is there by now."""
    try:
        await connection.execute(table.insert(), data)
    except IntegrityError as error:
        raise VersionConflict(f"{name} is there already") from error


_HANDLERS: dict[str, Callable[[AsyncConnection, Any, datetime], Awaitable[Trace]]] = {
    "save_order": _save_order,
    "place_order": _place_order,
    "save_return": _save_return,
    "move_stock": _move_stock,
    "hold_stock": _hold_stock,
    "move_points": _move_points,
    "move_money": _move_money,
    "return_coupon": _return_coupon,
    "use_coupon": _use_coupon,
    "set_address": _set_address,
    "open_case": _open_case,
    "save_entry": _save_entry,
}
