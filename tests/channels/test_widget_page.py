"""The widget in Chromium, on a merchant's page of another site."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import FrameLocator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channel import Hint
from channels.web.widget import Embedding
from tests.channels.browsers import chromium
from tests.channels.live.shop import PRODUCTS
from tests.channels.test_pages import SIZES, visit
from tests.channels.web.demo import Demo, served

pytestmark = pytest.mark.browser

HINT = Hint(zh="要帮忙看看吗？", en="Can we help?", path="/products/*", after_s=1)
# A strict policy of the merchant's: nothing inline, nothing but what docs/widget.md asks for.
POLICY = "default-src 'self'; script-src {chat}; frame-src {chat}"


@dataclass
class Shop:
    """A merchant's page, whose tag has these attributes."""

    demo: Demo
    url: str
    chat: str = ""
    attributes: str = 'data-lang="en"'

    async def page(self, request: Request) -> Response:
        tag = f'<script src="{self.chat}/widget.js" {self.attributes} async></script>'
        policy = {"Content-Security-Policy": POLICY.format(chat=self.chat)}
        words = "<p><a href=#a>Before</a></p>" * 3
        return HTMLResponse(f"<!doctype html><html lang=en><title>Shop</title>{words}{tag}", headers=policy)


@contextmanager
def shop(folder: Path, allowed: bool = True) -> Iterator[Shop]:
    """A merchant's site and a chat. Browsers take `localhost` and `127.0.0.1` for two sites."""
    made: list[Shop] = []

    async def answer(request: Request) -> Response:
        return await made[0].page(request)

    with served(Starlette(routes=[Route("/{path:path}", answer)])) as address:
        url = address.replace("127.0.0.1", "localhost")
        demo = Demo(folder / "pictures", embedding=Embedding((url,) if allowed else (), (HINT,)))
        made.append(Shop(demo, url))
        with served(demo.app) as chat:
            made[0].chat = chat
            yield made[0]


def chat_in(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


async def ask(page: Page, text: str) -> None:
    await chat_in(page).locator("#text").fill(text)
    await chat_in(page).locator("#text").press("Enter")  # wherever the focus is on its way to


@pytest.mark.parametrize("size", SIZES)
async def test_a_customer_asks_on_the_merchants_page_and_is_known_after_a_reload(tmp_path: Path, size: str) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", size)
            opener = page.get_by_role("button", name="Open the chat")
            await expect(opener).to_have_attribute("aria-expanded", "false")
            await opener.click()
            await expect(chat_in(page).locator("#text")).to_be_focused()
            await expect(chat_in(page).locator("#back")).to_be_hidden()
            await ask(page, "is it waterproof")
            await expect(chat_in(page).locator(".theirs")).to_contain_text("10,000 mm")
            if folder := os.environ.get("STREAMDESK_SHOTS"):
                await page.screenshot(path=f"{folder}/widget-{size}.png")
            box = await page.get_by_role("dialog", name="Chat").bounding_box()
            assert box
            assert ((box["width"], box["height"]) == SIZES[size]) is (size == "phone")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.reload()
            await page.get_by_role("button", name="Open the chat").click()
            await expect(chat_in(page).locator(".mine")).to_have_text(re.compile("is it waterproof"))
            await ask(page, "waterproof, really")
            await expect(chat_in(page).locator(".theirs")).to_have_count(2)
            await expect(chat_in(page).locator(".theirs").last).to_contain_text("10,000 mm")
            assert len(site.demo.receiver.messages) == 2
            assert len({message.key for message in site.demo.receiver.messages.values()}) == 1


async def test_a_page_from_right_to_left_has_it_in_the_other_corner(tmp_path: Path) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", "desktop")
            opener = page.get_by_role("button", name="Open the chat")
            right = await opener.bounding_box()
            await page.evaluate("document.documentElement.dir = 'rtl'")
            left = await opener.bounding_box()
            assert right
            assert left
            assert (right["x"] + right["width"], left["x"]) == (SIZES["desktop"][0] - 20, 20)


async def test_the_demo_page_shows_it(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "pictures", embedding=Embedding(trial=True))
    with served(demo.app) as address:
        async with visit(address) as visiting:
            page = await visiting.open("/widget-demo", "phone")
            await page.get_by_role("button", name="打开客服对话").click()
            await expect(chat_in(page).locator("#text")).to_be_focused()


async def focused_in_the_panel(page: Page) -> str:
    """Return the class of what has the focus within the widget.

    The frame is a process of its own: for a moment the focus may be on its way from one to the other. Asked from here,
    time and again, as the page's policy forbids what a waiting of the page's own would evaluate.
    """
    for _ in range(1000):
        if (name := await page.evaluate("document.activeElement.shadowRoot?.activeElement?.className")) is not None:
            return str(name)
        await asyncio.sleep(0.02)
    raise AssertionError("nothing within the widget has the focus")


async def test_by_keyboard_alone(tmp_path: Path) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", "desktop")
            opener = page.get_by_role("button", name="Open the chat")
            await opener.focus()
            await page.keyboard.press("Enter")
            await expect(chat_in(page).locator("#text")).to_be_focused()
            seen = set()
            for _ in range(24):  # more than there are stops: the focus goes round in the panel
                await page.keyboard.press("Tab")
                seen.add(await focused_in_the_panel(page))
            assert "leave" in seen
            await chat_in(page).locator("#text").focus()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await expect(opener).to_be_focused()
            await expect(opener).to_have_attribute("aria-expanded", "false")


async def test_what_comes_while_it_is_closed_is_counted_and_said(tmp_path: Path) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", "desktop")
            await page.get_by_role("button", name="Open the chat").click()
            await ask(page, "bitcoin")
            await expect(chat_in(page).locator(".theirs")).to_have_count(1)
            await page.get_by_role("button", name="Close the chat").click()
            site.demo.speak("I'll look into it.", "Mei")
            await expect(page.locator(".count")).to_have_text("1")
            await expect(page).to_have_title("(1) Shop")
            await expect(page.get_by_role("status").filter(has_text="New messages: 1")).to_have_count(1)
            await page.get_by_role("button", name="Open the chat").click()
            await expect(page).to_have_title("Shop")
            await expect(page.locator(".count")).to_be_hidden()


async def test_no_other_site_may_show_it(tmp_path: Path) -> None:
    with shop(tmp_path, allowed=False) as site:
        async with chromium() as browser:
            page = await browser.new_page()
            refusals: list[str] = []
            page.on("console", lambda said: refusals.append(said.text))
            await page.clock.install()
            await page.goto(site.url)
            await page.get_by_role("button", name="Open the chat").click()
            await page.wait_for_timeout(700)
            await page.clock.run_for(11_000)
            await expect(page.get_by_role("alert")).to_have_text("The chat cannot be opened on this site.")
            assert [said for said in refusals if "frame-ancestors" in said]
            assert site.demo.hub.count() == 0


async def test_token_and_product_reach_the_conversation_and_a_logout_ends_it(tmp_path: Path) -> None:
    known = PRODUCTS[0].id
    with shop(tmp_path) as site:
        site.attributes = f'data-lang="en" data-product="{known}" data-token="a.b.c"'
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", "desktop")
            await page.get_by_role("button", name="Open the chat").click()
            await expect(chat_in(page).locator("#about")).to_be_visible()
            await ask(page, "waterproof?")
            await expect(chat_in(page).locator(".theirs")).to_have_count(1)
            await page.evaluate("Streamdesk.product('no such thing')")
            await expect(chat_in(page).locator("#about")).to_be_hidden()
            await ask(page, "waterproof!")
            await expect(chat_in(page).locator(".theirs")).to_have_count(2)
            contexts = [message.context for message in site.demo.receiver.messages.values()]
            assert [(one.customer_token, one.on_screen) for one in contexts] == [("a.b.c", known), ("a.b.c", None)]
            await page.evaluate("Streamdesk.identify(null)")
            await expect(chat_in(page).locator(".mine")).to_have_count(0)
            await ask(page, "waterproof?!")
            await expect(chat_in(page).locator(".theirs")).to_have_count(1)
            last = list(site.demo.receiver.messages.values())[-1]
            assert last.context.customer_token is None
            assert len({message.key for message in site.demo.receiver.messages.values()}) == 2


async def test_words_from_elsewhere_are_not_listened_to(tmp_path: Path) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", "desktop")
            await page.get_by_role("button", name="Open the chat").click()
            await expect(chat_in(page).locator("#text")).to_be_focused()
            await page.evaluate("postMessage({streamdesk: 'close'}, '*')")
            frame = next(one for one in page.frames if "/chat" in one.url)
            await frame.evaluate("postMessage({streamdesk: 'identify', token: 'stolen'}, '*')")
            await ask(page, "waterproof?")
            await expect(chat_in(page).locator(".theirs")).to_have_count(1)
            await expect(page.get_by_role("dialog")).to_be_visible()
            assert [one.context.customer_token for one in site.demo.receiver.messages.values()] == [None]


async def test_a_hint_is_said_once_and_only_where_it_belongs(tmp_path: Path) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/cart", "phone")
            await page.wait_for_timeout(1300)
            await expect(page.locator(".hint")).to_be_hidden()
            await page.goto(site.url + "/products/1")
            await expect(page.get_by_role("button", name="Can we help?")).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.get_by_role("button", name="Dismiss").click()
            await page.goto(site.url + "/products/2")
            await page.wait_for_timeout(1300)
            await expect(page.locator(".hint")).to_be_hidden()


async def test_one_name_is_added_to_the_page(tmp_path: Path) -> None:
    with shop(tmp_path) as site:
        async with visit("") as visiting:
            page = await visiting.open(site.url + "/", "phone")
            await expect(page.get_by_role("button", name="Open the chat")).to_be_visible()
            fresh = "[...(() => { const f = document.createElement('iframe'); document.body.append(f);"
            names = f"{fresh} const own = Object.keys(f.contentWindow); f.remove();"
            added = await page.evaluate(f"{names} return Object.keys(window).filter(key => !own.includes(key)); }})()]")
            assert [name for name in added if not re.fullmatch(r"\d+|__\w+", name)] == ["Streamdesk"]
            assert sorted(await page.evaluate("Object.keys(Streamdesk)")) == ["close", "identify", "open", "product"]
