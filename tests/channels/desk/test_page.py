"""The desk's page in a real browser: an agent comes in, answers by keyboard, and sees what arrives."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from channels.web.pages import page_routes as shared_files
from tests.channels.desk.conftest import PERSON, Site
from tests.channels.test_pages import fits, visit
from tests.channels.web.demo import served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "locale"), [("phone", "zh-CN"), ("desktop", "en-GB")])
async def test_an_agent_answers_and_a_note_stays_apart(site: Site, size: str, locale: str) -> None:
    world = site.world
    await world.says("is it waterproof?")
    await world.says(PERSON)
    site.app.router.routes.extend(shared_files())
    with served(site.app) as address:
        async with visit(address) as visiting:
            page = await visiting.open("/desk", size, locale)
            await page.fill("#login-name", "mia")
            await page.fill("#login-password", "a long password")
            await page.keyboard.press("Enter")
            await expect(page.locator(".ticket")).to_contain_text(PERSON)
            await fits(page)
            read = asyncio.Event()

            async def slow(route: Route) -> None:
                await read.wait()
                await route.continue_()

            await page.route("**/read", slow)
            await page.locator("body").press("j")
            await page.locator("body").press("Enter")
            await expect(page.locator("#log .customer").last).to_contain_text(PERSON)
            await page.locator("#text").fill("<b>Hello</b>")
            await page.locator("[name=mode][value=note]").check(force=True)
            await expect(page.locator("#text")).to_have_value("")
            async with page.expect_response("**/read"):  # who writes before that is told stays where they write
                read.set()
            await page.locator("#text").fill("a difficult one")
            await expect(page.locator("[name=mode][value=note]")).to_be_checked()
            await page.locator("[name=mode][value=reply]").check(force=True)
            await expect(page.locator("#text")).to_have_value("<b>Hello</b>")
            await page.locator("#text").press("Enter")
            await expect(page.locator("#log .agent .bubble")).to_have_text("<b>Hello</b>")
            await expect(page.locator("#text")).to_have_value("")
            await page.click("#draft-ask")
            await expect(page.locator("#draft")).to_contain_text("answer to is it waterproof?")
            await page.locator("[name=mode][value=note]").check(force=True)
            await page.locator("#draft .button:not(.quiet)").click()
            await expect(page.locator("[name=mode][value=reply]")).to_be_checked()
            await expect(page.locator("#text")).to_have_value("answer to is it waterproof?")
            await fits(page)
    assert [text for agent, text in await world.heard() if agent] == ["<b>Hello</b>"]
