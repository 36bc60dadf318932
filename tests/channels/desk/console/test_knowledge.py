"""What is loaded: the last load, what it refused, how much there is, and the documents."""

from __future__ import annotations

from datetime import timedelta

import httpx

from bot.errors import ShopUnavailable
from bot.fakes import EPOCH
from bot.loads import Complaint, KnownDocument, Load, LoadedFile
from tests.channels.desk.conftest import Site, World

KNOWLEDGE = "/desk/api/console/knowledge"
PRICE = Complaint("variants.csv", "must be an amount like 199.00", 3, "price", "cheap")
PHONE = Complaint("customers.csv", "is short", 2, "phone", "138", taken=True, private=True)
LOAD = Load(EPOCH, "/shop", (LoadedFile("variants.csv", 7, 1, 1),), (PRICE, PHONE), ("policy.yml",))


async def test_owners_alone_see_it(site: Site, mia: httpx.AsyncClient, boss: httpx.AsyncClient) -> None:
    async with site.browser() as nobody:
        assert (await nobody.get(KNOWLEDGE)).status_code == 401
        login = await nobody.post("/desk/api/login", json={"name": "hans", "password": "a long password"})
        assert login.status_code == 403 and (await nobody.get(KNOWLEDGE)).status_code == 401, "a host has no session"
    assert (await mia.get(KNOWLEDGE)).status_code == 403
    assert (await boss.get(KNOWLEDGE, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await boss.get(KNOWLEDGE)).status_code == 200


async def test_nothing_is_loaded_yet(boss: httpx.AsyncClient) -> None:
    body = (await boss.get(KNOWLEDGE)).json()
    assert (body["in_force"], body["failed"], body["earlier"], body["documents"]) == (None, None, [], [])


async def test_the_last_load_is_told_row_by_row(site: Site, boss: httpx.AsyncClient) -> None:
    await site.loads.note(LOAD)
    load = (await boss.get(KNOWLEDGE)).json()["in_force"]
    assert (load["folder"], load["at"]) == ("/shop", EPOCH.isoformat())
    assert load["files"] == [{"name": "variants.csv", "taken": 7, "kept": 1, "refused": 1, "status": ""}]
    price, phone = load["complaints"]
    assert price["file"] == "variants.csv" and price["said"] == [
        {"row": 3, "column": "price", "value": "cheap", "why": "must be an amount like 199.00", "taken": False}
    ]
    assert phone["said"][0]["value"] == "" and phone["said"][0]["taken"]
    assert (load["refused"], load["pack"]) == (1, ["policy.yml"])


async def test_a_load_that_failed_leaves_the_one_before_in_force(site: Site, boss: httpx.AsyncClient) -> None:
    await site.loads.note(Load(EPOCH, "/earlier"))
    await site.loads.note(LOAD)
    await site.loads.note(Load(EPOCH + timedelta(days=1), "/other", fault="is no shop folder."))
    body = (await boss.get(KNOWLEDGE)).json()
    assert body["in_force"]["folder"] == "/shop" and len(body["in_force"]["complaints"]) == 2
    assert (body["failed"]["folder"], body["failed"]["fault"]) == ("/other", "is no shop folder.")
    assert body["earlier"] == [{"at": EPOCH.isoformat(), "folder": "/earlier", "fault": "", "refused": 0}]


async def test_documents_say_whether_they_hold(site: Site, world: World, boss: httpx.AsyncClient) -> None:
    now, day = world.clock.now(), timedelta(days=1)
    for path, since, until in (("a", None, None), ("b", None, now), ("c", now + day, None), ("d", now - day, now + day)):
        site.known.append(KnownDocument(path, "T", ("zh",), ("qa",), "agent", since, until, 3))
    documents = (await boss.get(KNOWLEDGE)).json()["documents"]
    assert [one["holds"] for one in documents] == ["now", "over", "to_come", "now"]
    assert documents[1]["valid_until"] == now.isoformat() and documents[0]["valid_until"] == ""
    assert documents[0] | {"audience": "agent", "kinds": ["qa"], "languages": ["zh"], "passages": 3} == documents[0]


async def test_a_shop_that_does_not_answer_is_told(site: Site, boss: httpx.AsyncClient) -> None:
    counts = (await boss.get(KNOWLEDGE)).json()["counts"]
    variants = sum(len(product.variants) for product in site.shop.items)
    assert (counts["products"], counts["variants"], counts["coupons"]) == (len(site.shop.items), variants, 1)

    async def away(limit: int) -> list[str]:
        raise ShopUnavailable("it is away")

    site.shop.order_ids = away  # type: ignore[method-assign]
    body = (await boss.get(KNOWLEDGE)).json()
    assert body["counts"] is None and body["documents"] == []
