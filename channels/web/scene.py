"""The scene of a product as its page draws it: /product/ID/scene."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header
from starlette.requests import Request

from bot.commerce import Product
from bot.dimensions import size_of
from bot.ports import Clock, Limits
from bot.scenes import Scenes
from bot.signals import Consent, Signals, person_of
from bot.types import ConversationKey
from channels.common.limiting import address_of, refuse_excess
from channels.common.problems import BadRequest, problem_responses
from channels.web.chat import CHANNEL, ProductReader
from channels.web.choosing import Choice, choose, taste_for
from channels.web.scenery import Scenery

# So many of the newest things that a person liked are looked at.
LIKED = 20


@dataclass(frozen=True, slots=True)
class SceneDoor:
    """What scenes are chosen with. Without `signals` nobody has a taste; months are those of `zone`."""

    scenery: Scenery
    product: ProductReader
    limits: Limits
    clock: Clock
    zone: ZoneInfo
    signals: Signals | None = None


def scene_router(door: SceneDoor) -> APIRouter:
    """The address that says which scenes suit a product, and what these look like."""
    router = APIRouter(tags=["Products"])

    @router.get("/product/{product_id}/scene", summary="A product's scene", responses=problem_responses(404, 429, 503))
    async def scene(
        product_id: str, request: Request, streamdesk_person: Annotated[str | None, Header()] = None
    ) -> dict[str, Any]:
        """The scene chosen, why, and the others that suit it. `Streamdesk-Person` is the page's own token of its person."""
        await refuse_excess(door.limits, "chat", address_of(request), request.headers.get("accept-language"))
        product = await door.product(product_id)
        if product is None:
            raise BadRequest("no such product.", key="product_id", value=product_id,
                             remedy="Name it by the product's id.", status=404)  # fmt: skip
        longest = longest_of(product)
        taste = await _taste(door, streamdesk_person) if streamdesk_person else {}
        month = _today(door).month
        choice = choose(door.scenery.scenes, await door.scenery.fits(product), longest, month, taste)
        return scene_body(door.scenery.scenes, choice, longest)

    return router


def longest_of(product: Product) -> float | None:
    """The longest stated edge in metres; None where none is stated."""
    size = size_of(product)
    return size.edges[0] / 100 if size else None


def scene_body(scenes: Scenes, choice: Choice, longest: float | None) -> dict[str, Any]:
    """What the page is told: scenes as the file has them, best first, with the known thing that stands there."""
    looks = {name: _look(scenes, name, longest) for name in choice.others}
    return {"scene": choice.scene, "reason": choice.reason.value, "scenes": looks}


def _look(scenes: Scenes, name: str, longest: float | None) -> dict[str, Any]:
    kind = scenes.beside(longest, name) if longest else None
    beside = {"kind": kind, **scenes.known[kind].model_dump(exclude={"indoors"})} if kind else None
    return {**scenes.scenes[name].model_dump(by_alias=True, exclude={"suits", "seasons"}), "beside": beside}


async def _taste(door: SceneDoor, person: str) -> dict[str, float]:
    """The taste of who looks, where they consented to be remembered: the scenes of what they liked of late."""
    if door.signals is None:
        return {}
    known = await door.signals.known(person_of(ConversationKey(CHANNEL, "", person)))
    if known.consent is not Consent.GIVEN:
        return {}
    month, liked = _today(door).month, {}
    for product_id in dict.fromkeys(one.product_id for one in reversed(known.signals[-LIKED:])):
        if product := await door.product(product_id):
            fits = await door.scenery.fits(product)
            liked[product_id] = choose(door.scenery.scenes, fits, longest_of(product), month, {}).scene
    return taste_for(known, liked)


def _today(door: SceneDoor) -> datetime:
    return door.clock.now().astimezone(door.zone)
