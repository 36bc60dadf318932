"""What the host's page of reports asks the service, and the page itself in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from bot.types import Answer, Audience, Card, Claim, Turn
from channels.live.asks import Fate
from channels.live.gate import Judgement, Said
from channels.live.reporting import Reporter
from tests.channels.live.conftest import Live, enter
from tests.channels.live.shows import Show, moment
from tests.channels.test_pages import HAN, SIZES, fits, visit
from tests.channels.web.demo import Demo, served

BEARER = {"Authorization": "Bearer s3cret"}
SHOW = {"since": moment(-1).isoformat(), "until": moment(7200).isoformat()}


def busy(show: Show) -> None:
    """An hour of a show with something of everything."""
    for minute in range(60):
        show.tally(minute * 60, 5 + minute * 7 % 31, 40 + minute, order_paid=minute % 3 == 0, paid={"CNY": 19900})
    first = show.ask("ann", "多久发货？", 30, told_after=4, topic="ask_shipping")
    show.ask("bob", "什么时候能发出呀，我周五要用", 90, told_after=8, topic="ask_shipping")
    show.then("joined", 60, first, "31")
    show.ask("cy", "你们的运动鞋可以配宽一点的鞋垫吗，我脚背比较高，平时穿别家的都要大一码", 200, cited=False,
             audience=Audience.PRIVATE, aside=True)  # fmt: skip
    price = (Claim("P1001", "price:P1001-M", "¥399"),)
    show.ask("di", "1号链接多少钱", 300, answer="¥399", claims=price, told_after=90, topic="ask_price", products=("P1001",))
    show.ask("ed", "能开发票吗", 400, told_after=9, by="host", acts=("edited",), told="下单时备注抬头，电子发票当天发邮箱。",
             topic="ask_invoice")  # fmt: skip
    show.ask("fy", "保温杯还有吗", 500, claims=(Claim("P1003", "stock:P1003-M", "none"),), answer="售罄了", told_after=2)
    show.ask("gu", "有别的外套吗", 600, cards=(Card("P1001", "外套"),), answer="看这件", acts=("held", "vetoed"))
    for why in ("abuse", "contact", "contact"):
        show.then("hidden", 700, f"h-{why}", why)


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    demo = Demo(tmp_path / "pictures", secret="s3cret")
    busy(demo.past)
    return demo


@pytest.fixture
async def client(demo: Demo) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(demo.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=BEARER) as client:
        yield client


async def test_only_the_host_is_shown_anything(client: httpx.AsyncClient, demo: Demo) -> None:
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/live/main/shows", {}),
        ("GET", "/live/main/report", {"params": SHOW}),
        ("POST", "/live/main/faq", {"json": SHOW | {"candidate": "x"}}),
    ]
    for method, path, more in asked:
        for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": ""}, {"Origin": "http://evil.test"}):
            answer = await client.request(method, path, headers=headers, **more)
            assert answer.status_code == 403, (path, headers)
            assert "多久" not in answer.text
    assert not (demo.faq_folder / "documents").exists()


async def test_shows_the_last_first_and_the_report_in_each_form(client: httpx.AsyncClient, demo: Demo) -> None:
    demo.past.then("hidden", 90_000, "c", "abuse")
    listed = (await client.get("/live/main/shows")).json()["shows"]
    assert [one["since"] for one in listed] == [moment(90_000).isoformat(), moment(0).isoformat()]
    asked = {"params": listed[1] | {"form": "json"}}
    report = (await client.get("/live/main/report", **asked)).json()
    assert (report["questions"][0]["words"], report["questions"][0]["asked"], report["orders"]) == ("多久发货？", 33, 20)
    part = (await client.get("/live/main/report", params=listed[1] | {"language": "en"})).text
    assert part.startswith('<article class="report" lang="en">')
    assert "Vacuum flask 480 ml" in part  # a product by its name
    whole = (await client.get("/live/main/report", params=listed[1] | {"form": "file"})).text
    assert whole.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("wrong", "key"), [({"since": "x"}, "since"), ({"language": "fr"}, "language"), ({"form": ""}, "form")]
)
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, wrong: dict[str, str], key: str) -> None:
    answer = await client.get("/live/main/report", params=SHOW | wrong)
    assert (answer.status_code, answer.json()["key"]) == (422, key)


async def test_a_candidate_is_written_once_and_others_are_refused(client: httpx.AsyncClient, demo: Demo) -> None:
    report = (await client.get("/live/main/report", params=SHOW | {"form": "json"})).json()
    first = report["candidates"][0]["id"]
    written = [(await client.post("/live/main/faq", json=SHOW | {"candidate": first})).json() for _ in range(2)]
    assert [one["added"] for one in written] == [1, 0]
    assert "能开发票吗,下单时备注抬头" in (demo.faq_folder / written[0]["file"]).read_text("utf-8")
    refused = await client.post("/live/main/faq", json=SHOW | {"candidate": "none"})
    assert (refused.status_code, refused.json()["key"]) == (422, "candidate")
    file = demo.faq_folder / "documents"
    for one in file.iterdir():
        one.unlink()
    file.rmdir()
    file.write_text("in the way")
    refused = await client.post("/live/main/faq", json=SHOW | {"candidate": first})
    assert (refused.status_code, refused.json()["key"]) == (422, "live.faq_folder")


async def test_what_a_room_did_is_in_its_report(live: Live) -> None:
    async def turns(*_: object) -> list[Turn]:
        return [Turn(one, None, (Answer(one.text),), replies=live.receiver.reply(one)) for one in live.asked]

    async with live.viewer() as ann, live.viewer() as bob:
        await enter(ann)
        await enter(bob, "Bob")
        for viewer, text in ((ann, "多久发货呀"), (bob, "多久发货呀"), (bob, "哈哈哈")):
            await viewer.send(type="comment", id=text, text=text)
            await viewer.receive("accepted")
        await live.deliver()
        live.clock.pass_seconds(61)
        await live.teller.tick()
        await live.teller.tick()  # a minute is written down once
    reporter = Reporter(live.audit, turns, live.shop)  # type: ignore[arg-type]
    report = await reporter.report("main", await reporter.last("main"))
    assert (report.comments, report.viewers) == (3, 2)
    assert [(one.words, one.asked, one.fate) for one in report.questions] == [("多久发货呀", 2, Fate.ANSWERED)]


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
async def test_the_host_reads_a_report_and_adds_to_the_faq(demo: Demo, size: str, tmp_path: Path) -> None:
    with served(demo.app) as address:
        async with visit(address) as visiting:
            page = await visiting.open("/host/report?room=main", size, "en-US")
            await expect(page.locator("#login")).to_be_visible()
            await page.fill("#secret", "s3cret")
            await page.keyboard.press("Enter")
            await expect(page.locator(".report h1")).to_have_text("Report of a show")
            await expect(page.locator("[data-about=by_number] li").first).to_contain_text("33 ×")
            await expect(page.locator(".chart .comments")).to_have_count(60)
            await fits(page)
            await page.locator("[data-faq] button").first.click()
            await expect(page.locator("[data-faq] [role=status]").first).to_contain_text("documents/faq-from-shows.zh.csv")
            assert (demo.faq_folder / "documents/faq-from-shows.zh.csv").exists()
            async with page.expect_download() as started:
                await page.click("#download")
            file = tmp_path / "show.html"
            await (await started.value).save_as(file)
            await page.screenshot(path=tmp_path / f"page-{size}.png", full_page=True)
            await page.locator("#reports [data-do=language]").click()
            await expect(page.locator(".report h1")).to_have_text("直播报告")
            shown = await visiting.browser.new_page(viewport=dict(zip(("width", "height"), SIZES[size], strict=True)))
            await shown.emulate_media(color_scheme="dark")
            await shown.goto(file.as_uri())
            await expect(shown.locator('.report[lang="en"]')).to_be_visible()
            assert not HAN.search(await shown.locator('.report[lang="en"] h2').first.inner_text())
            await fits(shown)
            await shown.screenshot(path=tmp_path / f"file-{size}.png", full_page=True)
            await shown.get_by_text("中文", exact=True).click()
            await expect(shown.locator('.report[lang="zh"]')).to_be_visible()
            await expect(shown.locator('.report[lang="en"]')).to_be_hidden()
            await expect(shown.locator('.report[lang="zh"] h1')).to_have_text(re.compile("直播报告"))
            # The browser notes that the page was refused before it had the secret.
            visiting.problems[:] = [problem for problem in visiting.problems if "403" not in problem]


async def test_a_show_begins_with_the_first_comment_however_long_it_takes_to_read(live: Live) -> None:
    class Slow:
        async def judge(self, text: str) -> Judgement:
            live.clock.pass_seconds(2)
            return Judgement(Said.SHOP, 1.0)

    live.judge(Slow())
    async with live.viewer() as ann:
        await enter(ann)
        begun = live.clock.now()
        await ann.send(type="comment", id="1", text="多久发货呀")
        await ann.receive("accepted")
        live.clock.pass_seconds(61)
        await live.teller.tick()
    reporter = Reporter(live.audit, live.receiver, live.shop)  # type: ignore[arg-type]
    assert (await reporter.last("main")).since == begun
