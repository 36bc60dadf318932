"""Who may look at conversations in the console, and what they see of each turn."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from bot.types import Citation, Outcome, Reply, Say
from channels.desk.console.trace import MOST_TEXT, turn_body
from tests.channels.desk.conftest import BEN, PERSON, Site, World

CONSOLE = "/desk/api/console"
READ = ("/conversations", "/conversations/1")


@pytest.mark.parametrize("path", READ)
async def test_owners_alone_come_in(site: Site, mia: httpx.AsyncClient, boss: httpx.AsyncClient, path: str) -> None:
    async with site.browser() as nobody:
        assert (await nobody.get(CONSOLE + path)).status_code == 401
    assert (await mia.get(CONSOLE + path)).status_code == 403
    assert (await boss.get(CONSOLE + path, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await boss.get(CONSOLE + path)).status_code in (200, 404)


async def test_the_list_is_searched_and_filtered(world: World, boss: httpx.AsyncClient) -> None:
    await world.says("is it waterproof?")
    await world.says(PERSON)
    await world.says("哪里退货", BEN)

    async def found(**params: str) -> list[str]:
        answer = (await boss.get(f"{CONSOLE}/conversations", params=params)).json()
        return [one["asked"] for one in answer["conversations"]]

    assert await found() == ["哪里退货", PERSON]
    assert await found(words="WATERPROOF") == [PERSON] and await found(words="no such words") == []
    assert await found(became="handed_over") == [PERSON] and await found(became="answered") == []
    last = (await boss.get(f"{CONSOLE}/conversations")).json()["conversations"][0]["last_at"]
    assert await found(before=last) == [PERSON]
    for wrong in ({"became": "x"}, {"before": "yesterday"}, {"words": "w" * 201}):
        assert (await boss.get(f"{CONSOLE}/conversations", params=wrong)).status_code == 422, wrong


async def test_a_conversation_has_the_trace_of_each_turn(world: World, boss: httpx.AsyncClient) -> None:
    await world.says("is it waterproof?")
    (listed,) = (await boss.get(f"{CONSOLE}/conversations")).json()["conversations"]
    (turn,) = (await boss.get(f"{CONSOLE}/conversations/{listed['id']}")).json()["turns"]
    assert turn["read"]["commands"] == [{"kind": "ask_knowledge", "values": {"text": "is it waterproof?"}}]
    assert turn["found"][0] | {"title": "Fake", "source": "fake.md"} == turn["found"][0]
    assert turn["decided"][0]["kind"] == "answer" and turn["said"][0]["text"] == "answer to is it waterproof?"
    assert "ann" not in str(listed["id"]) and (await boss.get(f"{CONSOLE}/conversations/99")).status_code == 404


async def test_a_trace_is_bounded_and_plain(world: World) -> None:
    await world.says("x")
    (turn,) = [one for of in (await world.store.traces().talks(),) for one in await world.store.traces().talk(of[0].name)]
    long = replace(
        turn,
        outcomes=(Outcome("a", False, {"price": 0, "lines": ({"sku": "S" * 999},), "none": ()}, refusal="too_late"),),
        replies=(Reply("yes", citations=(Citation("T", url="/sources/t.md"),)),),
        decisions=(Say("utter_a", {"flow": Say("utter_b"), "n": 2}),),
    )
    body = turn_body(long)
    assert body["became"] == "answered" and body["said"][0]["citations"][0]["url"] == "/sources/t.md"
    assert body["decided"] == [{"kind": "say", "values": {"response": "utter_a", "args": "flow: response: utter_b, n: 2"}}]
    (done,) = body["done"]
    assert (
        done["refusal"] == "too_late" and set(done["data"]) == {"price", "lines"} and len(done["data"]["lines"]) == MOST_TEXT
    )


async def test_the_page_keeps_to_this_machine(site: Site) -> None:
    async with site.browser() as browser:
        page = await browser.get("/console")
    assert page.status_code == 200 and "default-src 'self'" in page.headers["content-security-policy"]
    assert "http://" not in page.text and "https://" not in page.text
