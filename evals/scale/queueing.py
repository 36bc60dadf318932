"""Queues on paper: what a simulation of the same queue must come to.

Utilisation law and Little's law: Denning and Buzen, "The Operational Analysis of Queueing Network Models", ACM Computing
Surveys 10(3), 1978. M/M/c and Erlang's C: Kleinrock, "Queueing Systems", volume 1, 1975, chapter 3.
"""

from __future__ import annotations

import math


def utilisation(per_s: float, service_s: float, servers: int = 1) -> float:
    """The share of the servers' time that is busy, by the utilisation law: U = X·S / c. Above 1 it cannot be served.

    Raises ValueError where there is no server, or a rate or time is negative.
    """
    if servers < 1 or per_s < 0 or service_s < 0:
        raise ValueError(f"no queue has {servers} servers, {per_s} arrivals a second and {service_s} s of service")
    return per_s * service_s / servers


def erlang_c(per_s: float, service_s: float, servers: int) -> float:
    """The probability that who arrives at an M/M/c queue has to wait. 1 where it is saturated.

    By the recursion of Erlang's B, B(k) = a·B(k-1) / (k + a·B(k-1)), which overflows for no number of servers.
    """
    busy = utilisation(per_s, service_s, servers)
    if busy >= 1:
        return 1.0
    offered, blocked = per_s * service_s, 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - busy * (1 - blocked))


def waiting_s(per_s: float, service_s: float, servers: int) -> float:
    """The mean wait in an M/M/c queue before service begins, in seconds; infinite where it is saturated."""
    busy = utilisation(per_s, service_s, servers)
    if busy >= 1:
        return math.inf
    if busy == 0:
        return 0.0
    return erlang_c(per_s, service_s, servers) * service_s / (servers * (1 - busy))


def needed(per_s: float, service_s: float, at_most: float) -> int:
    """How many servers keep their utilisation at or below `at_most` (above 0). At least one."""
    if not at_most > 0:
        raise ValueError(f"servers cannot be kept at a utilisation of {at_most}")
    return max(1, math.ceil(utilisation(per_s, service_s) / at_most - 1e-9))
