"""A card leads to a purchase, the shop's word reaches every conversation, and the settings say how it is paid."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.buying_parts import open_buying
from bot.errors import BadSettings
from bot.live import EventKind, RoomEvent, RoomEvents
from bot.settings import Settings
from bot.signals import Consent
from bot.storage.sql import SqlStore
from bot.suggestions import with_buttons
from bot.types import Author, Card, Mode, Reply, Say, State
from tests.bot.conftest import KEY, World, message

NOW = datetime(2026, 6, 18, tzinfo=UTC)


@pytest.mark.parametrize("sells", [True, False])
def test_a_card_has_a_button_to_buy_where_things_can_be_bought(*, sells: bool) -> None:
    reply = with_buttons(Reply("", cards=(Card("P1", "one"),)), str, Consent.GIVEN, has_orders=False, sells=sells)
    payloads = [button.payload for button in reply.cards[0].buttons]
    assert ('/buy{"product":"P1"}' in payloads) is sells
    assert len(payloads) == 2 + sells


@pytest.mark.parametrize("mode", list(Mode))
async def test_the_shops_word_reaches_the_customer_whoever_has_the_conversation(mode: Mode, world: World) -> None:
    state = State(KEY, mode=mode, slots={"product": "P1"})
    world.store._states[KEY] = state
    said = Say("utter_order_placed", {"order_number": "SD1"})
    engine, word = world.engine(), message("", "checkout/t", author=Author.SHOP, say=said)
    turn = await engine.handle(word)
    assert [reply.text for reply in turn.replies] == [world.responding.say(said, state.language, state).text]
    assert await engine.handle(word) == turn, "once, however often it is told"
    after = (await world.store.load(KEY, "")).state
    assert (after.mode, after.slots, after.stack) == (mode, state.slots, ())


async def open_with(tmp_path: Path, *, trial: bool, **environment: str) -> tuple[bool, str]:
    given = {f"STREAMDESK_BUYING__{name.upper()}": value for name, value in environment.items()}
    settings = Settings.load(environment=given)
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/d.db")
    try:
        async with open_buying(settings, store.purchases(), trial=trial) as parts:
            return parts.buying is not None, parts.provider.name if parts.provider else ""
    finally:
        await store.close()


async def test_only_a_trial_sells_without_a_provider(tmp_path: Path) -> None:
    assert await open_with(tmp_path, trial=False) == (False, "")
    assert await open_with(tmp_path, trial=True) == (True, "trial")
    assert await open_with(tmp_path, trial=True, checkout="off") == (False, "")
    link = "https://shop.example/cart/{lines}"
    assert await open_with(tmp_path, trial=False, checkout="merchant", link=link) == (True, "")
    with pytest.raises(BadSettings, match="acme"):
        await open_with(tmp_path, trial=False, payment="acme")


@pytest.mark.parametrize("link", ["", "https://shop.example/cart", "javascript:{lines}"])
def test_a_merchants_checkout_needs_a_link_that_takes_the_cart(link: str) -> None:
    with pytest.raises(BadSettings, match="lines"):
        Settings.load(environment={"STREAMDESK_BUYING__CHECKOUT": "merchant", "STREAMDESK_BUYING__LINK": link})


async def test_rooms_hear_of_events_where_there_are_rooms() -> None:
    events, heard = RoomEvents(), list[str]()
    event = RoomEvent("SD1", EventKind.ORDER_PAID, "a", "", NOW)
    await events.tell("main", event)

    async def take(room: str, event: RoomEvent) -> None:
        heard.append(f"{room} {event.id}")

    events.open(take)
    await events.tell("main", event)
    assert heard == ["main SD1"]
