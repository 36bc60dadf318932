"""A bound on every public door: whoever sends more than it takes is told how long to wait."""

from __future__ import annotations

import math
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from bot.ports import Limits
from channels.common.problems import TooMany

# Whoever has one address of IPv6 has all of its /64 (RFC 6177).
_OF_ONE_PERSON = 64


def address_of(connection: HTTPConnection) -> str:
    """Where a request or WebSocket comes from, as far as it tells people apart; empty where the server does not know."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _OF_ONE_PERSON), strict=False))
    return str(address)


async def refuse_excess(limits: Limits, bound: str, who: str, locale: str | None = None) -> None:
    """Use one of `bound` up for `who`. Raises TooMany, in the language of `locale`, where there is none left."""
    wait = await limits.wait(bound, who)
    if wait:
        raise TooMany(bound, math.ceil(wait), locale)
