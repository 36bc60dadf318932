"""Coming in, staying in, and working at the desk over HTTP and its WebSocket."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.desk import Role
from bot.errors import BadInput
from channels.desk import accounts
from channels.desk.canned import DEFAULTS, read_canned
from channels.desk.entrance import COOKIE
from channels.desk.floor import IDLE
from tests.channels.asgi import AsgiSocket, Closed
from tests.channels.desk.conftest import PERSON, Site, World


async def log_in(site: Site, name: str, password: str = "a long password") -> httpx.Response:
    async with site.browser() as browser:
        return await browser.post("/desk/api/login", json={"name": name, "password": password})


async def test_a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_have(site: Site) -> None:
    answer = await log_in(site, "mia")
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 200 and "httponly" in cookie and "samesite=lax" in cookie and "path=/desk" in cookie
    assert "a long password" not in str(vars(site.world.kept)) and answer.cookies[COOKIE] not in str(vars(site.world.kept))


async def test_wrong_names_passwords_and_roles_stay_out(site: Site) -> None:
    wrong = [await log_in(site, "mia", "another password"), await log_in(site, "nobody")]
    assert [answer.status_code for answer in wrong] == [401, 401] and wrong[0].json() == wrong[1].json()
    assert (await log_in(site, "hans")).status_code == 403
    async with site.browser() as browser:
        for path in ("/tickets", "/tickets/abc", "/photos/abc"):
            assert (await browser.get(f"/desk/api{path}")).status_code == 401
        assert (await browser.post("/desk/api/tickets/abc/claim", json={"id": "1"})).status_code == 401
        assert (await browser.get("/desk/api/me")).json() == {"name": ""}


async def test_one_who_becomes_a_host_is_out_at_once(site: Site, mia: httpx.AsyncClient) -> None:
    assert (await mia.get("/desk/api/tickets")).status_code == 200
    await site.hires("mia", Role.HOST)
    assert (await mia.get("/desk/api/tickets")).status_code == 401


async def test_guessing_is_limited_and_the_limit_passes(site: Site) -> None:
    statuses = [(await log_in(site, "mia", f"guess number {n}")).status_code for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert (await log_in(site, "mia")).status_code == 429  # the right one, too: guessing must not tell
    assert (await log_in(site, "tom")).status_code == 200
    site.world.clock.pass_seconds(accounts.WINDOW.total_seconds() + 1)
    assert (await log_in(site, "mia")).status_code == 200


async def test_logging_in_rightly_uses_up_nothing(site: Site) -> None:
    assert {(await log_in(site, "mia")).status_code for _ in range(25)} == {200}


async def test_a_session_ends_in_time_and_by_logging_out(site: Site, mia: httpx.AsyncClient) -> None:
    assert (await mia.get("/desk/api/me")).json()["name"] == "mia"
    site.world.clock.pass_seconds(timedelta(hours=12).total_seconds() + 1)
    assert (await mia.get("/desk/api/tickets")).status_code == 401
    await mia.post("/desk/api/login", json={"name": "mia", "password": "a long password"})
    token = mia.cookies[COOKIE]
    await mia.post("/desk/api/logout", json={})
    async with site.browser() as thief:
        thief.cookies.set(COOKIE, token)
        assert (await thief.get("/desk/api/tickets")).status_code == 401


async def test_another_sites_page_does_nothing_with_our_cookie(site: Site, mia: httpx.AsyncClient) -> None:
    headers = {"origin": "https://evil.example"}
    assert (await mia.post("/desk/api/tickets/abc/claim", json={"id": "1"}, headers=headers)).status_code == 403
    async with AsgiSocket(
        site.app, "/desk/ws", cookie=f"{COOKIE}={mia.cookies[COOKIE]}", origin=headers["origin"]
    ) as socket:
        with pytest.raises(Closed, match="1008"):
            await socket.receive()


async def test_work_at_the_desk(world: World, mia: httpx.AsyncClient) -> None:
    photo = await world.store.save(b"picture", "image/png")
    await world.says("look", photos=(photo,))
    await world.says(PERSON)
    inbox = (await mia.get("/desk/api/tickets")).json()
    assert inbox["counts"] == {"waiting": 1, "mine": 0, "unread": 1}
    (ticket,) = inbox["tickets"]
    path = f"/desk/api/tickets/{ticket['id']}"
    assert (await mia.post(f"{path}/reply", json={"id": "r1", "text": "Hello"})).json()["ticket"]["assignee"] == "mia"
    assert (await mia.post(f"{path}/reply", json={"id": "r1", "text": "Hello"})).status_code == 200
    assert [text for agent, text in await world.heard() if agent] == ["Hello"]
    for verb, body in (("note", {"text": "hm"}), ("tag", {"tags": ["vip", " "]}), ("snooze", {"minutes": 5}), ("read", {})):
        assert (await mia.post(f"{path}/{verb}", json={"id": verb, **body})).status_code == 200, verb
    shown = (await mia.get(path)).json()
    assert {entry["kind"] for entry in shown["timeline"]} == {"customer", "bot", "agent", "note", "event"}
    assert shown["ticket"]["tags"] == ["vip"]
    picture = await mia.get(f"/desk/api/photos/{photo.digest}", params={"media_type": "image/png"})
    assert picture.content == b"picture" and picture.headers["content-type"] == "image/png"
    assert (await mia.get(f"/desk/api/photos/{photo.digest}?media_type=text/html")).status_code == 422
    assert [(await mia.get("/desk/api/tickets", params={"view": view})).json()["tickets"] != [] for view in
            ("waiting", "mine", "all", "resolved")] == [False, True, True, False]  # fmt: skip
    assert (await mia.get("/desk/api/tickets", params={"view": "all", "words": "VIP"})).json()["tickets"]


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("reply", {"id": "1", "text": " "}, 422),
        ("reply", {"text": "no id"}, 422),
        ("snooze", {"id": "1", "minutes": 0}, 422),
        ("snooze", {"id": "1", "minutes": True}, 422),
        ("assign", {"id": "1", "to": "hans"}, 422),
        ("tag", {"id": "1", "tags": "vip"}, 422),
        ("fly", {"id": "1"}, 404),
    ],
)
async def test_what_cannot_be_done_is_said(
    world: World, mia: httpx.AsyncClient, verb: str, body: dict[str, object], status: int
) -> None:
    await world.says(PERSON)
    answer = await mia.post(f"/desk/api/tickets/{(await world.ticket()).id}/{verb}", json=body)
    assert answer.status_code == status and answer.json()["remedy"]


async def test_a_colleagues_conversation_is_refused_and_an_unknown_one_is_not_there(
    world: World, site: Site, mia: httpx.AsyncClient
) -> None:
    await world.says(PERSON)
    path = f"/desk/api/tickets/{(await world.ticket()).id}"
    async with site.browser() as tom:
        await tom.post("/desk/api/login", json={"name": "tom", "password": "a long password"})
        assert (await tom.post(f"{path}/claim", json={"id": "1"})).status_code == 200
    refused = await mia.post(f"{path}/reply", json={"id": "2", "text": "Hello"})
    assert refused.status_code == 409 and refused.json()["key"] == "held_by_other"
    assert (await mia.get("/desk/api/tickets/unknown")).status_code == 404


async def test_an_open_page_sees_what_changes_and_makes_somebody_be_there(
    world: World, site: Site, mia: httpx.AsyncClient
) -> None:
    async with AsgiSocket(site.app, "/desk/ws", cookie=f"{COOKIE}={mia.cookies[COOKIE]}") as socket:
        await socket.send(type="hello")
        welcome = await socket.receive("welcome")
        assert welcome["name"] == "mia" and welcome["here"] == ["mia"]
        assert await world.says(PERSON) == ["utter_hand_off_here position=1"]
        assert (await socket.receive("ticket"))["ticket"]["last_words"] == PERSON
        world.clock.pass_seconds(IDLE.total_seconds() + 1)
        assert await world.says(PERSON) == ["utter_hand_off_absent position=1"]
        await socket.send(type="active")
        assert (await socket.receive("presence"))["here"] == ["mia"]
    assert not world.floor.present()


async def test_nobody_without_a_session_hears_what_changes(site: Site) -> None:
    async with AsgiSocket(site.app, "/desk/ws") as socket:
        with pytest.raises(Closed, match="log in first"):
            await socket.receive()


async def test_the_page_is_served_with_what_keeps_it_safe(site: Site) -> None:
    async with site.browser() as browser:
        page = await browser.get("/desk")
        assert "default-src 'self'" in page.headers["content-security-policy"] and "://" not in page.text
        for file in ("desk.js", "inbox.js", "conversation.js", "api.js", "words.js", "texts.js", "desk.css", "icons.svg"):
            assert (await browser.get(f"/desk/static/{file}")).status_code == 200


@pytest.mark.parametrize(("name", "password"), [("", "a long password"), ("<b>", "a long password"), ("mia", "short")])
def test_accounts_that_cannot_be_are_refused(name: str, password: str) -> None:
    with pytest.raises(BadInput):
        accounts.member(name, Role.AGENT, password)


def test_canned_replies_exist_in_both_languages_and_wrong_ones_are_named(tmp_path: Path) -> None:
    assert len(read_canned(DEFAULTS)) >= 5
    file = tmp_path / "canned.yml"
    for wrong in ("{", "text: 1", "- title: {zh: a}", "- {title: {zh: a, en: a}, text: {zh: '{x}', en: b}}"):
        file.write_text(wrong, "utf-8")
        with pytest.raises(BadInput, match=r"canned\.yml"):
            read_canned(file)
