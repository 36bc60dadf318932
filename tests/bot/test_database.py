"""Connections to PostgreSQL do not wait for ever for what has died without a word."""

from __future__ import annotations

import socket

import pytest
import sqlalchemy as sa

from bot.database import UNHEARD_S, open_engine


@pytest.mark.postgres
async def test_both_ends_notice_a_silent_death(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    try:
        for _ in range(2):  # also of a connection that was used and given back
            async with engine.connect() as connection:
                shown = (await connection.execute(sa.text("SHOW tcp_keepalives_idle"))).scalar_one()
                driver = (await connection.get_raw_connection()).driver_connection
                line = driver._transport.get_extra_info("socket")  # type: ignore[union-attr]
                assert 0 < int(shown) < UNHEARD_S
                assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
                assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNHEARD_S * 1000
    finally:
        await engine.dispose()
