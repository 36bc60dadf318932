"""Every verb in one table. From it come the actions of the flows, their arguments' schemas and Rasa's action names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from actions import orders, verify
from actions.context import Attempts, Context
from bot.commerce import Shop
from bot.errors import BadInput
from bot.types import Call, Outcome


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing the bot can do: its arguments, and the function that does it."""

    arguments: type[BaseModel]
    run: Callable[[Context, Any], Awaitable[Outcome]]

    @property
    def description(self) -> str:
        """What it does, in one line."""
        return (self.run.__doc__ or "").partition("\n")[0]


VERBS: Mapping[str, Verb] = {
    "action_verify_order": Verb(verify.OrderProof, verify.verify_order),
    "action_order_status": Verb(orders.OrderNumber, orders.order_status),
    "action_track_shipment": Verb(orders.OrderNumber, orders.track_shipment),
    "action_refund_status": Verb(orders.OrderNumber, orders.refund_status),
}

# Actions that show or change something of one person: they are refused where others can read along.
PERSONAL = frozenset(VERBS)


class ShopActions:
    """`Actions` over the table of verbs."""

    def __init__(self, shop: Shop, attempts: Attempts, timezone: str = "Asia/Shanghai") -> None:
        """`timezone` is the shop's, for the days that customers read."""
        self._shop = shop
        self._attempts = attempts
        self._zone = ZoneInfo(timezone)

    def names(self) -> Sequence[str]:
        """The verbs' names."""
        return tuple(VERBS)

    async def run(self, call: Call) -> Outcome:
        """Run one verb. Raises BadInput for a name that is no verb or arguments that do not fit it."""
        verb = VERBS.get(call.action)
        if verb is None:
            raise BadInput(f"there is no action {call.action!r}.", remedy=f"There are {', '.join(VERBS)}.")
        try:
            arguments = verb.arguments.model_validate(call.arguments)
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{call.action}.{'.'.join(str(part) for part in first['loc'])}"
            raise BadInput(f"{first['input']!r}: {first['msg']}.", where=where) from error
        return await verb.run(Context(call, self._shop, self._attempts, self._zone), arguments)


def tool_schemas() -> list[dict[str, Any]]:
    """The verbs as tools for a language model, in the form of the OpenAI protocol."""
    return [
        {
            "type": "function",
            "function": {"name": name, "description": verb.description, "parameters": verb.arguments.model_json_schema()},
        }
        for name, verb in VERBS.items()
    ]
