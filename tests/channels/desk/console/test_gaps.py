"""Questions without an answer, and answers that owners write to them."""

from __future__ import annotations

import httpx
import pytest

from tests.channels.desk.conftest import Site, World

CONSOLE = "/desk/api/console"
YES = {"questions": ["Do you engrave?", " Do  you engrave? "], "answer": " Yes. "}


@pytest.mark.parametrize(("method", "path"), [("GET", "/gaps"), ("POST", "/written"), ("POST", "/written/w0/remove")])
async def test_owners_alone_see_and_write(
    site: Site, mia: httpx.AsyncClient, boss: httpx.AsyncClient, method: str, path: str
) -> None:
    body = {"en": YES} if method == "POST" else None
    async with site.browser() as nobody:
        assert (await nobody.request(method, CONSOLE + path, json=body)).status_code == 401
    assert (await mia.request(method, CONSOLE + path, json=body)).status_code == 403
    elsewhere = {"origin": "https://evil.example"}
    assert (await boss.request(method, CONSOLE + path, json=body, headers=elsewhere)).status_code == 403
    assert site.written.kept == {} and (await boss.request(method, CONSOLE + path, json=body)).status_code == 200


async def test_a_gap_knows_its_answer(world: World, boss: httpx.AsyncClient) -> None:
    await world.says("do you engrave")
    (gap,) = (await boss.get(f"{CONSOLE}/gaps")).json()["gaps"]
    assert gap == {"language": "en", "times": 1, "examples": ["do you engrave"], "written": ""}
    kept = (await boss.post(f"{CONSOLE}/written", json={"en": YES, "zh": None})).json()["written"]
    assert kept["en"] == {"questions": ["Do you engrave?"], "answer": "Yes."} and "zh" not in kept
    both = (await boss.get(f"{CONSOLE}/gaps")).json()
    assert both["gaps"][0]["written"] == kept["id"] and both["written"] == [kept]
    assert (await boss.post(f"{CONSOLE}/written", json=kept | {"zh": YES})).json()["written"]["id"] == kept["id"]
    assert (await boss.post(f"{CONSOLE}/written/{kept['id']}/remove", json={})).json() == {"removed": True}
    assert (await boss.post(f"{CONSOLE}/written/{kept['id']}/remove", json={})).json() == {"removed": False}


@pytest.mark.parametrize(
    "body",
    [{}, {"id": "nobody's", "en": YES}, {"en": "Yes"}, {"en": {"questions": "q", "answer": "a"}}, {"fr": YES},
     {"en": {"questions": [1], "answer": "a"}}, {"en": {"questions": ["q"], "answer": 1}}],
)  # fmt: skip
async def test_what_is_no_answer_is_refused(site: Site, boss: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await boss.post(f"{CONSOLE}/written", json=body)
    assert answer.status_code == 422 and answer.json()["remedy"] and site.written.kept == {}
