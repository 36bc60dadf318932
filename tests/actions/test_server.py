"""Rasa's action-server protocol: as a Rasa server speaks it, over the demo shop; what is wrong with a call is named."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
import pytest_asyncio

from actions import protocol
from actions.registry import VERBS
from actions.server import ActionServer, action_app
from bot.app import open_actions
from bot.domain import load_domain
from bot.errors import ShopUnavailable
from bot.fakes import FakeActions, FakeClock, FakeResponding
from bot.settings import Settings
from bot.types import Call, Outcome, Say
from evals.bench_service import home_environment

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER, DIGITS = "SD2610000002", "0002"
PROOF = f"order:{ORDER}"
# The slots of a conversation that has just begun, as Rasa fills them from the domain.
FIRST_SLOTS = {name: slot.initial for name, slot in load_domain().slots.items()}


def call(action: str | None, text: str, message_id: str = "", intent: str = "order_status", **slots: Any) -> dict[str, Any]:
    """A call with the fields that Rasa 3.6.21 sends."""
    return {
        "next_action": action,
        "sender_id": "ann",
        "tracker": {
            "sender_id": "ann",
            "slots": {**FIRST_SLOTS, **slots},
            "latest_message": {
                "intent": {"name": intent, "confidence": 0.98},
                "entities": [],
                "text": text,
                "message_id": message_id or uuid4().hex,
                "metadata": {},
                "intent_ranking": [{"name": intent, "confidence": 0.98}],
            },
            "latest_event_time": 1764000000.0,
            "followup_action": None,
            "paused": False,
            "events": [{"event": "action", "timestamp": 1764000000.0, "name": "action_session_start"}],
            "latest_input_channel": "rest",
            "active_loop": {},
            "latest_action": {"action_name": "action_listen"},
            "latest_action_name": "action_listen",
        },
        "version": "3.6.21",
        "domain": {"intents": [], "entities": [], "slots": {}, "responses": {}, "actions": [], "forms": {}},
    }


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://actions.test", timeout=60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """The server as `streamdesk actions` composes it, on the demo shop."""
    home = tmp_path_factory.mktemp("actions") / "home"
    shutil.copytree(demo_home, home)
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8000)})
    async with open_actions(settings) as app, client_of(app) as client:
        yield client


async def ran(client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The slots that an answer sets, and what it says."""
    response = await client.post("/webhook", json=body)
    assert response.status_code == httpx.codes.OK, response.text
    answer = response.json()
    assert set(answer) == {"events", "responses"}
    assert all(event.keys() == {"event", "timestamp", "name", "value"} for event in answer["events"])
    assert all(event["event"] == "slot" and event["name"] in FIRST_SLOTS for event in answer["events"])
    return {event["name"]: event["value"] for event in answer["events"]}, answer["responses"]


# ---------------------------------------------------------------- the shop's verbs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"订单{ORDER} 尾号{DIGITS} 到哪了", f"订单 {ORDER} 现在是"),
        (f"訂單{ORDER} 尾號{DIGITS} 到哪裡了", f"訂單 {ORDER} 現在是"),
        (f"where is order {ORDER}, last four {DIGITS}", f"Order {ORDER} is"),
    ],
)
async def test_a_proven_order_is_shown_in_the_language_of_the_message(
    shop: httpx.AsyncClient, text: str, words: str
) -> None:
    slots, [said] = await ran(shop, call("action_order_status", text, order_number=ORDER, phone_last4=DIGITS))
    assert words in said["text"]
    assert slots["verified"] == [PROOF]
    assert slots["order_verified"] is True
    assert slots["phone_last4"] is None
    assert slots["outcome"] == "done"


async def test_what_was_proven_before_needs_no_digits(shop: httpx.AsyncClient) -> None:
    slots, said = await ran(shop, call("action_track_shipment", "物流呢", order_number=ORDER, verified=[PROOF]))
    assert said
    assert slots == {"outcome": "done"}


@pytest.mark.parametrize(("text", "words"), [("我的订单", "订单号"), ("my order please", "order number")])
async def test_an_order_is_asked_for(shop: httpx.AsyncClient, text: str, words: str) -> None:
    slots, [said] = await ran(shop, call("action_order_status", text))
    assert words in said["text"]
    assert slots == {"outcome": "incomplete"}


async def test_an_order_without_proof_is_not_shown(shop: httpx.AsyncClient) -> None:
    slots, said = await ran(shop, call("action_order_status", f"查一下 {ORDER}", order_number=ORDER))
    assert "后四位" in said[-1]["text"]
    assert slots["order_verified"] is False
    assert "verified" not in slots


@pytest.mark.parametrize(("number", "digits"), [(ORDER, "9999"), ("SD2610999999", DIGITS)])
async def test_wrong_digits_and_an_unknown_order_are_refused_alike(
    shop: httpx.AsyncClient, number: str, digits: str
) -> None:
    body = call("action_order_status", "where is it", order_number=number, phone_last4=digits)
    slots, [said] = await ran(shop, body)
    assert said["text"] == "The order number and the four digits don't match. Could you check both?"
    assert (slots["outcome"], slots["phone_last4"]) == ("not_matched", None)


async def test_guessing_is_locked(shop: httpx.AsyncClient) -> None:
    for digits in ("1111", "2222", "3333", "4444", "5555", "6666"):
        body = call("action_order_status", "查", order_number="SD2610000004", phone_last4=digits)
        body["tracker"]["sender_id"] = "guesser"
        slots, said = await ran(shop, body)
    assert slots["outcome"] == "locked"
    assert said[0]["buttons"] == [{"title": "转人工", "payload": "/request_human"}]


async def test_nothing_personal_is_said_in_public(shop: httpx.AsyncClient) -> None:
    body = call("action_order_status", "where is it", order_number=ORDER, phone_last4=DIGITS, audience="public")
    slots, [said] = await ran(shop, body)
    assert ORDER not in said["text"]
    assert "verified" not in slots


async def test_every_value_that_a_verb_needs_can_be_asked_for() -> None:
    needed = {field for verb in VERBS.values() for field, info in verb.arguments.model_fields.items() if info.is_required()}
    assert {f"utter_ask_{field}" for field in needed} <= load_domain().responses


# ---------------------------------------------------------------- the engine's own


@pytest.mark.parametrize(
    ("text", "intent", "words", "source"),
    [
        ("多久发货？", "ask_shipping_time", "16:00", "发货与配送"),
        ("is the shell jacket waterproof", "ask_feature", "10000", "Ridge 3-in-1 Shell Jacket"),
    ],
)
async def test_questions_are_answered_with_their_source(
    shop: httpx.AsyncClient, text: str, intent: str, words: str, source: str
) -> None:
    _, [said, *_] = await ran(shop, call("action_answer", text, intent=intent))
    assert words in said["text"]
    assert source in said["text"]


async def test_recommended_products_are_elements(shop: httpx.AsyncClient) -> None:
    _, [said] = await ran(shop, call("action_recommend", "推荐一件200以内的防晒衣", intent="recommend"))
    assert said["elements"]
    assert all(element["title"] and "¥" in element["subtitle"] for element in said["elements"])


@pytest.mark.parametrize(("text", "words"), [("转人工", "人工"), ("a person please", "colleague")])
async def test_there_is_no_desk_behind_rasa(shop: httpx.AsyncClient, text: str, words: str) -> None:
    _, [said] = await ran(shop, call("action_hand_off", text, intent="request_human"))
    assert words in said["text"]


@pytest.mark.parametrize(
    ("text", "before", "language"),
    [
        ("你好", "en", "zh"),
        ("請問運費多少錢", "zh", "zh-Hant"),
        ("hello", "zh", "en"),
        ("👍", "en", "en"),
        ("/affirm", "zh", "zh"),
    ],
)
async def test_the_language_is_that_of_the_last_message(
    shop: httpx.AsyncClient, text: str, before: str, language: str
) -> None:
    assert await ran(shop, call("action_language", text, language=before)) == ({"language": language}, [])


async def test_every_action_of_the_rules_is_here(shop: httpx.AsyncClient) -> None:
    names = {action["name"] for action in (await shop.get("/actions")).json()}
    assert names >= {"action_answer", "action_recommend", "action_hand_off", "action_language", *VERBS}
    assert (await shop.get("/health")).json() == {"status": "ok"}


# ---------------------------------------------------------------- the protocol


class DeadShop(FakeActions):
    """Actions on a shop that does not answer."""

    async def run(self, call: Call) -> Outcome:
        raise ShopUnavailable("the shop's database is locked")


def app_over(actions: FakeActions, token: str = "") -> httpx.AsyncClient:
    return client_of(action_app(ActionServer(actions, FakeResponding(), FakeClock(), {}), token))


async def test_a_repeated_call_has_the_same_key_and_another_message_another() -> None:
    actions = FakeActions({"action_order_status": Outcome("action_order_status", ok=True)})
    slots = {"order_number": ORDER, "verified": [PROOF]}
    bodies = [call("action_order_status", "查", message, **slots) for message in ("m1", "m1", "m2")]
    async with app_over(actions) as client:
        for body in bodies:
            await ran(client, body)
    assert list(actions.effects) == [f"rasa//ann//m{n}/action_order_status" for n in (1, 2)]
    assert all(made.arguments["order_number"] == ORDER and made.verified == (PROOF,) for made in actions.calls)


async def test_a_shop_that_does_not_answer_is_said_to_the_customer() -> None:
    async with app_over(DeadShop({"action_order_status": Outcome("", ok=True)})) as client:
        slots, [said] = await ran(client, call("action_order_status", "查", order_number=ORDER, verified=[PROOF]))
    assert said["text"] == "utter_internal_error"
    assert slots == {"outcome": "failed"}


async def test_an_unknown_action_is_404_in_the_sdks_words(shop: httpx.AsyncClient) -> None:
    response = await shop.post("/webhook", json=call("action_fly", "飞"))
    assert response.status_code == 404
    error = "No registered action found for name 'action_fly'."
    assert response.json() == {"error": error, "action_name": "action_fly"}


async def test_a_call_without_an_action_is_answered_with_null(shop: httpx.AsyncClient) -> None:
    response = await shop.post("/webhook", json=call(None, "hi"))
    assert (response.status_code, response.json()) == (200, None)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "Invalid body request"),
        (b"{not json", "Invalid body request"),
        (b"[1]", "body"),
        (b"{}", "tracker"),
        (b'{"next_action": "action_answer", "tracker": {}}', "tracker.sender_id"),
        (b'{"next_action": 7, "tracker": {"sender_id": "ann"}}', "next_action"),
        (b'{"next_action": "action_answer", "tracker": {"sender_id": "ann", "slots": []}}', "tracker.slots"),
        (b'{"next_action": "action_answer", "tracker": {"sender_id": "ann"}}', "tracker.latest_message.message_id"),
    ],
)
async def test_what_is_wrong_with_a_call_is_named(shop: httpx.AsyncClient, body: bytes, named: str) -> None:
    response = await shop.post("/webhook", content=body)
    assert response.status_code == 400
    assert response.json().keys() == {"error", "action_name"}
    assert named in response.json()["error"]


async def test_a_value_that_does_not_fit_is_a_rejection(shop: httpx.AsyncClient) -> None:
    response = await shop.post("/webhook", json=call("action_verify_order", "查", order_number=12))
    assert response.status_code == 400
    assert response.json()["action_name"] == "action_verify_order"
    assert "order_number" in response.json()["error"]


async def test_a_packed_call_is_unpacked(shop: httpx.AsyncClient) -> None:
    body = zlib.compress(orjson.dumps(call("action_language", "hello")))
    response = await shop.post("/webhook", content=body, headers={"Content-Encoding": "deflate"})
    assert response.json()["events"][0]["value"] == "en"


@pytest.mark.parametrize("encoding", ["", "deflate"])
async def test_a_call_without_end_is_refused(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr("actions.server.MAX_BODY", 1000)
    monkeypatch.setattr(protocol, "MAX_BODY", 1000)
    body = orjson.dumps(call("action_language", "h" * 5000))
    content = zlib.compress(body) if encoding else body
    response = await shop.post("/webhook", content=content, headers={"Content-Encoding": encoding})
    assert response.status_code == 400
    assert "1,000 bytes" in response.json()["error"]


async def test_a_token_is_asked_for_where_there_is_one() -> None:
    actions = FakeActions({"action_order_status": Outcome("action_order_status", ok=True, say=(Say("utter_done"),))})
    body = call("action_order_status", "查", order_number=ORDER, verified=[PROOF])
    async with app_over(actions, token="open-sesame") as client:
        answers = [await client.post(f"/webhook{query}", json=body) for query in ("", "?token=no", "?token=open-sesame")]
    assert [answer.status_code for answer in answers] == [401, 401, 200]
    assert len(actions.calls) == 1


async def test_other_machines_are_not_served_without_a_token(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "actions", "--host", "0.0.0.0"]
    environment = {**os.environ, **home_environment(tmp_path, 8000), "STREAMDESK_ACTIONS_TOKEN": ""}
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 2
    assert "STREAMDESK_ACTIONS_TOKEN" in done.stderr
