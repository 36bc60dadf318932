"""The console's page in a real browser, at two widths."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.fakes import EPOCH
from bot.loads import Complaint, KnownDocument, Load, LoadedFile
from bot.shows import Show
from channels.web.pages import page_routes as shared_files
from tests.channels.desk.conftest import PERSON, Site
from tests.channels.desk.console.test_shows import SHOW, Reports
from tests.channels.test_pages import fits, visit
from tests.channels.web.demo import served

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize(("size", "locale"), [("phone", "zh-CN"), ("desktop", "en-GB")])


@asynccontextmanager
async def console(site: Site, size: str, locale: str, name: str = "boss", part: str = "") -> AsyncIterator[Page]:
    """The console as `name` sees it once they are in, and where to look at pictures of it (SHOTS), the whole page."""
    site.app.router.routes.extend(shared_files())
    with served(site.app) as address:
        async with visit(address) as visiting:
            page = await visiting.open(f"/console{part}", size, locale)
            await page.fill("#login-name", name)
            await page.fill("#login-password", "a long password")
            await page.keyboard.press("Enter")
            await expect(page.locator("#console")).to_be_visible()
            yield page
            await fits(page)


async def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it."""
    if folder := os.environ.get("SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@BOTH
async def test_an_owner_reads_why_the_bot_said_so(site: Site, size: str, locale: str) -> None:
    await site.world.says("is it <b>waterproof</b>?")
    await site.world.says(PERSON)
    async with console(site, size, locale) as page:
        await expect(page.locator(".ticket")).to_have_count(1)
        await shoot(page, f"talks-{size}")
        await page.locator(".views .view").nth(3).press("Enter")
        await expect(page.locator(".ticket")).to_contain_text(PERSON)
        await page.fill("#words", "nobody said this")
        await expect(page.locator(".talks .none")).to_be_visible()
        await page.fill("#words", "")
        await page.locator(".ticket").press("Enter")
        await expect(page.locator(".turn")).to_have_count(2)
        await expect(page.locator(".asked").first).to_contain_text("is it <b>waterproof</b>?")
        await page.locator(".trace summary").first.press("Enter")
        await expect(page.locator(".trace").first).to_contain_text("ask_knowledge")
        await expect(page.locator(".trace q").first).to_be_visible()
        await shoot(page, f"talk-{size}")
        await page.go_back()
        await expect(page.locator(".ticket")).to_have_count(1)


@BOTH
async def test_an_owner_writes_mends_and_removes_an_answer(site: Site, size: str, locale: str) -> None:
    await site.world.says("do you <i>engrave</i>?")
    async with console(site, size, locale, part="#gaps") as page:
        await expect(page.locator(".lack .asked")).to_have_text("do you <i>engrave</i>?")
        await shoot(page, f"gaps-{size}")
        await page.locator(".lack .button").press("Enter")
        await page.locator(".write textarea:focus").fill("<b>Yes</b>, for free.")
        await fits(page)
        await shoot(page, f"write-{size}")
        await page.locator(".write [type=submit]").press("Enter")
        await expect(page.locator("#written .answer")).to_have_text("<b>Yes</b>, for free.")
        await expect(page.locator("#written .mark.answered")).to_be_visible()
        await shoot(page, f"written-{size}")
        await page.locator("#written .button").first.click()
        await page.locator(".write textarea").nth(0).fill("刻字吗")
        await page.locator(".write textarea").nth(1).fill("可以，免费。")
        await page.locator(".write [type=submit]").click()
        await expect(page.locator("#written .answer")).to_have_count(2)
        await page.locator("#written .button").last.click()
        await page.locator("#written .button").last.click()
        await expect(page.locator("#written .lack")).to_have_count(0)
        await expect(page.locator(".lack .asked")).to_have_count(1)
    assert site.written.kept == {}


@BOTH
async def test_an_owner_sees_what_is_loaded(site: Site, size: str, locale: str) -> None:
    price = Complaint("variants.csv", "must be an <b>amount</b> like 199.00", 3, "price", "cheap")
    files = (LoadedFile("variants.csv", 7, 0, 1), LoadedFile("documents/faq.csv", 4, status="unchanged"))
    await site.loads.note(Load(EPOCH, "/shops/earlier"))
    await site.loads.note(Load(EPOCH, "/shops/a-shop", files, (price,)))
    now = site.world.clock.now()
    site.known.append(KnownDocument("faq.csv", "<i>FAQ</i>", ("en", "zh"), ("qa",), "agent", None, now, 4))
    async with console(site, size, locale, part="#knowledge") as page:
        await expect(page.locator(".lead").first).to_contain_text("/shops/a-shop")
        await expect(page.locator("#complaints li li")).to_contain_text("must be an <b>amount</b> like 199.00")
        await page.locator("#files summary").press("Enter")
        await expect(page.locator("#files tbody tr")).to_have_count(2)
        await expect(page.locator("#documents .asked")).to_have_text("<i>FAQ</i>")
        await expect(page.locator("#documents .mark")).to_have_count(6)
        await expect(page.locator("#earlier")).to_contain_text("/shops/earlier")
        await shoot(page, f"knowledge-{size}")


@BOTH
async def test_an_owner_opens_the_report_of_a_show(site: Site, size: str, locale: str) -> None:
    site.shows.open(Reports([SHOW, Show("<i>two</i>", EPOCH, EPOCH)]))
    async with console(site, size, locale, part="#shows") as page:
        await expect(page.locator("#shows li")).to_have_count(2)
        await expect(page.locator("#shows li").last).to_contain_text("<i>two</i>")
        await shoot(page, f"shows-{size}")
        await fits(page)
        await page.locator("#shows a").first.press("Enter")
        await expect(page).to_have_title(f"main {SHOW.since.isoformat()} {SHOW.until.isoformat()} {locale[:2]}")


@BOTH
async def test_an_owner_tries_a_message_and_nothing_is_kept(site: Site, size: str, locale: str) -> None:
    async with console(site, size, locale, part="#try") as page:
        await page.fill("#try", "is <b>this</b> waterproof?")
        await page.keyboard.press("Enter")
        await expect(page.locator(".turn .replied")).to_have_text("answer to is <b>this</b> waterproof?")
        await expect(page.locator(".trace q")).to_be_visible()
        await shoot(page, f"try-{size}")
    assert list(await site.world.store.traces().talks()) == []


@BOTH
async def test_an_owner_sees_the_numbers(site: Site, size: str, locale: str) -> None:
    await site.world.says("is it waterproof?")
    await site.world.says(PERSON)
    async with console(site, size, locale, part="#numbers") as page:
        await expect(page.locator(".sums li b").nth(1)).to_have_text("1")
        await expect(page.locator(".bar-unanswered")).to_have_count(1)
        await expect(page.locator(".bar-handed_over")).to_have_count(1)
        await page.locator(".table summary").press("Enter")
        await expect(page.locator(".table tbody tr")).to_have_count(30)
        await shoot(page, f"numbers-{size}")


async def test_an_agent_is_shown_the_way_to_the_desk(site: Site) -> None:
    async with console(site, "phone", "en-GB", name="mia") as page:
        await expect(page.locator("#part")).to_contain_text("The console is for owners.")
        await expect(page.locator("#part a")).to_have_attribute("href", "/desk")
        await expect(page.locator("#tabs")).to_be_hidden()


async def test_the_desk_shows_owners_the_way_to_the_console(site: Site) -> None:
    async with console(site, "desktop", "en-GB") as page:
        # A request that a page leaves behind counts as one that failed: both have all they ask for before they are left.
        await expect(page.locator(".talks .none")).to_be_visible()
        await page.goto(re.sub("/console.*", "/desk", page.url), wait_until="networkidle")
        await page.click("#console")
        await expect(page.locator("#tabs")).to_be_visible()
