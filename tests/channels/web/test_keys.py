"""The doors for machines: who may use them, whose a sender's name is, and how much they take."""

from __future__ import annotations

import asyncio
import base64

import httpx
import pytest

from bot.channel import Integration
from bot.fakes import FakeLimits
from bot.types import Context
from channels.common import sockets
from channels.common.keys import Keys, digest, new_key
from channels.common.limiting import address_of
from tests.channels.asgi import AsgiSocket, Closed
from tests.channels.web.conftest import Web, png

MESSAGES, OTHER, WATCHER = (new_key() for _ in range(3))
INTEGRATIONS = {
    "shopfront": Integration(key_sha256=digest(MESSAGES), scopes=("messages",)),
    "partner": Integration(key_sha256=digest(OTHER), scopes=("messages", "parse")),
    "prometheus": Integration(key_sha256=digest(WATCHER), scopes=("metrics", "docs")),
}
WEBHOOK = "/webhooks/rest/webhook"
SAID = {"sender": "ann", "message": "我的订单到哪了"}


@pytest.fixture
def web() -> Web:
    """A service as it is outside the demo."""
    return Web(keys=Keys(INTEGRATIONS))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", WEBHOOK), ("POST", "/model/parse"), ("GET", "/metrics"), ("GET", "/docs"), ("GET", "/openapi.json")],
)
@pytest.mark.parametrize(
    "given",
    ["", "Bearer ", "Bearer guess", f"Bearer {digest(MESSAGES)}", "Basic ?"],
    ids=["nothing", "no key", "a guess", "the digest", "basic"],
)
async def test_without_a_key_no_machine_comes_in(
    client: httpx.AsyncClient, web: Web, method: str, path: str, given: str
) -> None:
    headers = {"Authorization": given} if given else {}
    refused = await client.request(method, path, headers=headers, json={**SAID, "text": "x"} if method == "POST" else None)
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert not web.receiver.messages


async def test_a_key_opens_what_its_scopes_name(client: httpx.AsyncClient) -> None:
    opened = {
        name: [
            (await client.post(WEBHOOK, json=SAID, headers=bearer(key))).status_code,
            (await client.post("/model/parse", json={"text": "hi"}, headers=bearer(key))).status_code,
            (await client.get("/metrics", headers=bearer(key))).status_code,
            (await client.get("/docs", headers=bearer(key))).status_code,
        ]
        for name, key in {"shopfront": MESSAGES, "partner": OTHER, "prometheus": WATCHER}.items()
    }
    assert opened == {"shopfront": [200, 403, 403, 403], "partner": [200, 200, 403, 403], "prometheus": [403, 403, 200, 200]}
    basic = base64.b64encode(f"me:{WATCHER}".encode()).decode()
    assert (await client.get("/docs", headers={"Authorization": f"Basic {basic}"})).status_code == 200


async def test_what_is_public_needs_no_key(client: httpx.AsyncClient) -> None:
    for path in ("/health", "/ready", "/webhooks/rest/", "/chat", "/room", "/sources/policies/returns.md"):
        assert (await client.get(path)).status_code == 200, path


async def test_a_senders_name_is_one_of_its_integrations(web: Web, client: httpx.AsyncClient) -> None:
    """The attack: to go on as somebody whose name one knows. Each door has its own names, and a chat's token is no name."""
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await socket.send(type="hello")
        token = (await socket.receive("welcome"))["user"]
        await socket.send(type="message", id="m1", text="hi")
        await socket.receive("accepted")
    of_chat = web.receiver.messages["m1"].key
    keys = []
    for key, sender in (
        (MESSAGES, "ann"),
        (OTHER, "ann"),
        (MESSAGES, token),
        (OTHER, f"shopfront:{token}"),
        (OTHER, ":ann"),
    ):
        answer = await client.post(WEBHOOK, json={"sender": sender, "message": "hi"}, headers=bearer(key))
        assert answer.json()[0]["recipient_id"] == sender
        keys.append(list(web.receiver.messages.values())[-1].key)
    assert len({of_chat, *keys}) == 6


async def test_an_open_door_has_names_of_its_own_too() -> None:
    web = Web(keys=Keys(INTEGRATIONS, is_open=True))
    transport = httpx.ASGITransport(web.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as client:
        for headers in ({}, bearer(MESSAGES)):
            assert (await client.post(WEBHOOK, json=SAID, headers=headers)).status_code == 200
        assert (await client.post(WEBHOOK, json=SAID, headers=bearer("guess"))).status_code == 401
    assert [message.key.user for message in web.receiver.messages.values()] == [":ann", "shopfront:ann"]


async def test_the_address_goes_along_where_it_is_a_persons() -> None:
    web = Web(keys=Keys(INTEGRATIONS, is_open=True))
    transport = httpx.ASGITransport(web.app, client=("198.51.100.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as client:
        for headers in ({}, bearer(MESSAGES)):
            await client.post(WEBHOOK, json=SAID, headers=headers)
    assert [message.context for message in web.receiver.messages.values()] == [Context(origin="198.51.100.7"), Context()]


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_as_its_person(host: str, counted: str) -> None:
    from starlette.requests import HTTPConnection

    assert address_of(HTTPConnection({"type": "http", "client": (host, 1), "headers": []})) == counted


@pytest.mark.parametrize("bound", ["rest", "sender", "photos"])
async def test_too_much_is_said_with_the_time_to_wait(web: Web, client: httpx.AsyncClient, bound: str) -> None:
    web.limits.waits = {bound: 7.2}
    if bound == "photos":
        refused = await client.post("/chat/photos", files={"photo": png()}, headers={"accept-language": "en-GB"})
    else:
        refused = await client.post(WEBHOOK, json=SAID, headers=bearer(MESSAGES))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "8")
    assert refused.json()["retry_after"] == 8
    assert not web.receiver.messages


@pytest.mark.parametrize(("locale", "said"), [("en-US", "try again in 3 s"), ("zh-CN", "请等 3 秒")])
async def test_on_a_socket_it_is_said_in_the_readers_language(locale: str, said: str) -> None:
    web = Web(limits=FakeLimits({"chat": 2.5}))
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await socket.send(type="hello", locale=locale)
        await socket.receive("welcome")
        await socket.send(type="message", id="m1", text="hi")
        refused = await socket.receive("refused")
        assert (refused["id"], refused["problem"]["status"], refused["problem"]["retry_after"]) == ("m1", 429, 3)
        assert said in refused["problem"]["text"]
    assert not web.receiver.messages


async def test_too_many_sockets_of_one_address_are_told_so_and_closed() -> None:
    web = Web(limits=FakeLimits({"sockets": 30}))
    with pytest.raises(Closed) as closed:
        async with AsgiSocket(web.app, "/chat/ws") as socket:
            await socket.send(type="hello", locale="en")
            assert "try again in 30 s" in (await socket.receive("refused"))["problem"]["text"]
            await socket.receive()
    assert closed.value.code == sockets.TRY_AGAIN_LATER


async def test_a_socket_that_says_nothing_is_closed(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HELLO_S", 0.05)
    with pytest.raises(Closed) as closed:
        async with AsgiSocket(web.app, "/chat/ws") as socket:
            async with asyncio.timeout(2):
                await socket.receive()
    assert (closed.value.code, closed.value.reason) == (sockets.POLICY_VIOLATION, "no hello within 0.05 s")
