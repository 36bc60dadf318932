"""Our own checkout: a page for each purchase, what it costs to where, the way to the provider, and the provider's callback.

Who has the token in the address has the checkout: it is told to the buyer's conversation alone. No numbers of cards come
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import phonenumbers
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.buying import Recipient
from bot.commerce import Money, Text
from bot.errors import VersionConflict
from bot.payments import Cashier, View
from bot.ports import Limits
from channels.common.limiting import address_of, refuse_excess
from channels.common.pages import page
from channels.common.problems import BadRequest, problem_responses
from channels.common.reading import optional_text, parse_object, read_body, refuse_unknown
from channels.common.rendering import picture_url

FOLDER = Path(__file__).parent / "pages"
MAX_BODY = 16 * 1024
# What a callback of a provider may hold, in bytes.
MAX_CALLBACK = 256 * 1024
_RECIPIENT = ("name", "phone", "line", "city", "region", "postal_code", "country", "email")
_NEEDED = ("name", "phone", "line", "city")


@dataclass(frozen=True, slots=True)
class CheckoutDoor:
    """What the checkout is served with."""

    cashier: Cashier
    limits: Limits


def checkout_router(door: CheckoutDoor) -> APIRouter:
    """The pages /checkout/TOKEN and /checkout/trial, what they ask for, and the callback of the payment provider."""
    router = APIRouter(tags=["Checkout"])
    router.add_api_route("/checkout/trial", page(FOLDER / "trial.html"), include_in_schema=False, response_model=None)
    router.add_api_route("/checkout/{token}", page(FOLDER / "checkout.html"), include_in_schema=False, response_model=None)

    @router.post("/checkout/{token}/totals", summary="What it costs", responses=problem_responses(404, 422, 429, 503))
    async def totals(token: str, request: Request) -> dict[str, Any]:
        """The checkout, with postage where the body says to where."""
        given = await _body(door, request)
        recipient = _recipient(given) if given.get("region") or given.get("city") else None
        view = await door.cashier.view(token, recipient)
        if view is None:
            raise _unknown(token)
        return view_body(view)

    @router.post("/checkout/{token}/pay", summary="Begin to pay", responses=problem_responses(404, 409, 422, 429, 503))
    async def pay(token: str, request: Request) -> dict[str, str]:
        """The address at which the total is paid, which must be the one that was shown: `total` in minor units."""
        given = await _body(door, request)
        recipient, total = _whole(_recipient(given)), _total(given)
        try:
            address = await door.cashier.start(token, recipient, total)
        except VersionConflict as error:
            raise BadRequest(str(error), key="total", remedy="Show what it costs now.", status=409) from error
        if address is None:
            raise _unknown(token)
        return {"url": address}

    @router.post("/payments/callback", summary="A payment provider's word", responses=problem_responses(422, 503))
    async def callback(request: Request) -> Response:
        """Taken as often as it is sent, and counted once."""
        await door.cashier.callback(dict(request.headers), await read_body(request, MAX_CALLBACK))
        return Response(status_code=204)

    return router


async def _body(door: CheckoutDoor, request: Request) -> dict[str, Any]:
    await refuse_excess(door.limits, "chat", address_of(request), request.headers.get("accept-language"))
    given = parse_object(await read_body(request, MAX_BODY))
    refuse_unknown(given, (*_RECIPIENT, "total", "currency"))
    return given


def _recipient(given: dict[str, Any]) -> Recipient:
    texts = {key: " ".join(optional_text(given.get(key), key).split()) for key in _RECIPIENT}
    country = texts["country"].upper() or "CN"
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise BadRequest("is no country.", key="country", value=country, remedy="Give its two letters (ISO 3166).")
    return Recipient(**{**texts, "country": country})


def _whole(to: Recipient) -> Recipient:
    """Raises BadRequest for what a parcel cannot be sent to; the phone is in E.164 then."""
    for key in _NEEDED:
        if not getattr(to, key):
            raise BadRequest("is missing.", key=key, remedy="Fill it in.")
    try:
        number = phonenumbers.parse(to.phone, to.country)
        is_one = phonenumbers.is_possible_number(number)
    except phonenumbers.NumberParseException:
        is_one = False
    if not is_one:
        raise BadRequest("is no phone number.", key="phone", value=to.phone, remedy="Give the whole number.")
    if to.email and "@" not in to.email:
        raise BadRequest("is no e-mail address.", key="email", value=to.email, remedy="Mend it, or leave it empty.")
    phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Recipient(to.name, phone, to.line, to.city, to.region, to.postal_code, to.country, to.email)


def _total(given: dict[str, Any]) -> Money:
    total, currency = given.get("total"), optional_text(given.get("currency"), "currency")
    if not isinstance(total, int) or isinstance(total, bool):
        raise BadRequest("is no amount.", key="total", value=total, remedy="Give minor units, as /totals does.")
    return Money(total, currency)


def _unknown(token: str) -> BadRequest:
    return BadRequest("no such checkout.", key="token", remedy="Open the address from the chat.", status=404)


def view_body(view: View) -> dict[str, Any]:
    """A checkout as its page reads it: amounts as texts, and the total in minor units as well."""
    return {
        "lines": [
            {
                "name": _both(line.name),
                "details": _both(line.details),
                "pieces": line.pieces,
                "price": str(line.price),
                "costs": str(line.costs),
                "picture": picture_url(line.picture),
            }
            for line in view.lines
        ],
        "goods": str(view.goods),
        "offers": [{"name": _both(name), "off": str(off) if off.minor else ""} for name, off in view.offers],
        "reduced": str(view.reduced),
        "postage": str(view.postage) if view.postage is not None else None,
        "free": view.postage is not None and not view.postage.minor,
        "total": view.total.minor if view.total is not None else None,
        "total_text": str(view.total) if view.total is not None else None,
        "currency": view.goods.currency,
        "served": view.served,
        "state": view.state,
        "held_until": view.held_until.isoformat(),
        "language": view.language,
        "order_id": view.order_id,
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.in_("zh"), "en": text.in_("en")}
