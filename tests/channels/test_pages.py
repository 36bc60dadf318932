"""The pages in a real browser, at the width of a phone and of a desktop, in both languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.types import Audience, Reply
from tests.channels.browsers import chromium
from tests.channels.live.shop import PRODUCTS
from tests.channels.web.conftest import jpeg
from tests.channels.web.demo import Demo, card, served

pytestmark = pytest.mark.browser

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
HAN = re.compile(r"[一-鿿]")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[Demo, str]]:
    demo = Demo(tmp_path / "pictures")
    with served(demo.app) as address:
        yield demo, address


@dataclass
class Visit:
    """Pages in one browser, and everything that went wrong in them."""

    browser: Browser
    address: str
    problems: list[str] = field(default_factory=list)

    async def open(self, path: str, size: str, locale: str = "zh-CN", context: BrowserContext | None = None) -> Page:
        width, height = SIZES[size]
        context = context or await self.browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        page.on("requestfailed", lambda request: self.problems.append(request.url))
        await page.goto(self.address + path)
        return page


@asynccontextmanager
async def visit(address: str) -> AsyncIterator[Visit]:
    async with chromium() as browser:
        visiting = Visit(browser, address)
        yield visiting
        assert visiting.problems == []


async def fits(page: Page) -> None:
    """Nothing runs out of the window sideways, and every control says what it is."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    nameless = """[...document.querySelectorAll("button, a, input, textarea")].filter(one => one.checkVisibility()
        && !one.ariaHidden && !one.textContent.trim() && !one.ariaLabel && !one.labels?.[0]?.textContent.trim())
        .map(one => one.outerHTML)"""
    assert await page.evaluate(nameless) == []


@pytest.mark.parametrize("size", SIZES)
async def test_a_viewer_asks_in_the_room_and_opens_the_source(demo: tuple[Demo, str], size: str) -> None:
    async with visit(demo[1]) as visiting:
        ann, bob = await visiting.open("/room", size), await visiting.open("/room", size, "en-US")
        await expect(ann.locator("#stage h1")).to_contain_text(re.compile(r"\S"))
        await expect(bob.locator("#viewers")).to_have_text("2 watching")
        await ann.fill("#text", "这件防水吗？")
        await ann.keyboard.press("Enter")
        await bob.fill("#text", "这件防水吗")
        await bob.keyboard.press("Enter")
        answer = bob.locator(".answer")
        await expect(answer).to_have_count(1)
        await expect(answer).to_contain_text("10000 mm")
        await expect(answer).to_contain_text("2 people asked")
        await ann.locator(".proof").click()
        await expect(ann.locator("#source main")).to_contain_text("接缝全压胶")
        await expect(ann.locator("#source mark").first).to_be_in_viewport()
        await fits(ann)
        await fits(bob)


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_bought_in_the_room_begins_in_the_private_chat_and_once(demo: tuple[Demo, str], size: str) -> None:
    async with visit(demo[1]) as visiting:
        page = await visiting.open("/room", size, "en-US")
        await page.wait_for_load_state("networkidle")  # a picture that a page leaves behind counts as one that failed
        await page.locator("#stage").get_by_role("link", name="Buy").click()
        await expect(page.locator(".mine").first).to_contain_text("Buy")
        await page.wait_for_load_state("networkidle")
        await page.reload()
        await page.wait_for_load_state("networkidle")
        await expect(page.locator(".mine").first).to_contain_text("Buy")
        await fits(page)
    bought = [message for message in demo[0].receiver.messages.values() if message.text.startswith("/buy")]
    assert [(message.key.channel, PRODUCTS[0].id in message.text) for message in bought] == [("web", True)]


LONG = (
    "Cloudridge three-in-one shell jacket with a zip-out fleece liner",
    "云岭三合一可拆卸抓绒内胆防风防水户外登山冲锋衣加厚款",
    "W" * 60,
)


@pytest.mark.parametrize("cards", [2, 3])
@pytest.mark.parametrize("size", SIZES)
async def test_cards_in_the_room_are_seen_whole(demo: tuple[Demo, str], size: str, cards: int) -> None:
    shown = tuple(
        replace(card(PRODUCTS[n].id, english=True), title=f"{n}. {LONG[n]}", subtitle=LONG[1], reason=LONG[n])
        for n in range(cards)
    )
    demo[0].receiver.reply = lambda message: (Reply("All of these:", cards=shown, audience=Audience.PUBLIC),)
    async with visit(demo[1]) as visiting:
        page = await visiting.open("/room", size, "en-US")
        await page.fill("#text", "which one")
        await page.keyboard.press("Enter")
        await expect(page.locator(".answer .product")).to_have_count(cards)
        beyond = """([...document.querySelectorAll("#stream, #stream .cards")].flatMap(list =>
            [...list.querySelectorAll("*")]
                .filter(one => one.getBoundingClientRect().right > list.getBoundingClientRect().right + 0.5)
                .map(one => `${one.className} in ${list.className}`)))"""
        assert await page.evaluate(beyond) == []
        for scrolling in ("#scroll", "#stream", "#stream .cards"):
            assert await page.locator(scrolling).evaluate("one => one.scrollWidth <= one.clientWidth"), scrolling
        for seen in (".answer-head", ".answer .product >> nth=-1", "#stage h1"):  # all of it at once, on a phone, too
            await expect(page.locator(seen)).to_be_in_viewport(ratio=1)
        await fits(page)


@pytest.mark.parametrize("size", SIZES)
async def test_the_host_puts_a_product_on_everyones_screen(demo: tuple[Demo, str], size: str) -> None:
    async with visit(demo[1]) as visiting:
        host, viewer = await visiting.open("/room", size), await visiting.open("/room", size)
        before = await viewer.locator("#stage h1").inner_text()
        await host.click("#open-host")
        await host.locator("#host-list button:enabled").first.click()
        await expect(viewer.locator("#stage h1")).not_to_have_text(before)
        await host.click("#clear")
        await expect(viewer.locator("#stage .idle")).to_be_visible()
        await fits(host)


@pytest.mark.parametrize("size", SIZES)
async def test_the_private_chat_keeps_what_was_said(demo: tuple[Demo, str], size: str) -> None:
    async with visit(demo[1]) as visiting:
        page = await visiting.open("/chat", size, "en-US")
        await page.fill("#text", "do you take bitcoin")
        await page.keyboard.press("Enter")
        await expect(page.locator(".theirs")).to_contain_text("I don’t have that in our documents.")
        await page.get_by_role("button", name="Talk to a person").click()
        await expect(page.locator(".mine")).to_have_count(2)
        await expect(page.locator(".theirs")).to_have_count(2)
        demo[0].speak("I'll look into it.", "Mei")
        await expect(page.locator(".agent").last).to_contain_text("I'll look into it.")
        await expect(page.locator("#status")).to_have_text("Mei is helping you")
        await page.reload()
        await expect(page.locator(".mine")).to_have_count(2)
        assert await page.locator(".agent .bubble").all_inner_texts() == ["I'll look into it."] * 2
        await fits(page)


async def test_what_is_personal_leads_from_the_room_to_the_chat(demo: tuple[Demo, str]) -> None:
    async with visit(demo[1]) as visiting:
        page = await visiting.open("/room", "phone")
        await page.fill("#text", "我的快递到哪了")
        await page.keyboard.press("Enter")
        link = page.locator(".answer-text a")
        await expect(link).to_have_text("私聊客服")
        await expect(link).to_have_attribute("href", "http://127.0.0.1/chat?room=main&ask=track_shipment")
        await fits(page)


async def test_who_comes_from_a_room_finds_the_question_typed_and_not_sent(demo: tuple[Demo, str]) -> None:
    async with visit(demo[1]) as visiting:
        page = await visiting.open("/chat?room=main&ask=track_shipment", "phone")
        await expect(page.locator("#text")).to_have_value("我的快递到哪了")
        await expect(page.locator(".mine")).to_have_count(0)
        await page.keyboard.press("Tab")
        await page.locator("#text").press("Enter")
        await expect(page.locator(".mine")).to_have_count(1)
        unknown = await visiting.open("/chat?ask=/affirm", "phone")
        await expect(unknown.locator("#text")).to_have_value("")


@pytest.mark.parametrize("size", SIZES)
async def test_a_photo_finds_what_looks_like_it(demo: tuple[Demo, str], size: str) -> None:
    async with visit(demo[1]) as visiting:
        page = await visiting.open("/chat", size)
        photo = {"name": "coat.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
        await page.set_input_files("#file", photo)  # type: ignore[arg-type]
        await expect(page.locator("#previews img")).to_have_count(1)
        await fits(page)
        await page.locator("#say button[type=submit]").click()
        await expect(page.locator(".mine .sent-photo")).to_have_count(1)
        await expect(page.locator(".product")).to_have_count(4)
        await fits(page)


async def test_a_photo_that_is_none_is_refused_in_words(demo: tuple[Demo, str]) -> None:
    async with chromium() as browser:  # the refusal is an HTTP error, which the browser notes in its console
        page = await Visit(browser, demo[1]).open("/chat", "phone")
        await page.set_input_files("#file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})  # type: ignore[arg-type]
        await expect(page.locator(".toast")).to_contain_text("这张照片用不了：请换一张 8 MB 以内的 JPG")
        await expect(page.locator("#previews img")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_said_without_a_line_is_sent_once_it_is_back(demo: tuple[Demo, str], size: str) -> None:
    async with chromium() as browser:  # the lost line is what is tested, and shows in the console
        page = await Visit(browser, demo[1]).open("/chat", size)
        await expect(page.locator("#line")).to_be_hidden()
        await page.route_web_socket(re.compile(r".*/chat/ws"), lambda socket: socket.close())
        await page.reload()
        await expect(page.locator("#line")).to_have_text("连接断开，正在重连……")
        await page.fill("#text", "这件防水吗")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine .fate")).to_have_text("等待发送")
        again = await Visit(browser, demo[1]).open("/chat", size, context=page.context)
        await page.close()
        await expect(again.locator(".theirs")).to_contain_text("10000 mm")
        await expect(again.locator(".mine .fate")).to_have_text("")
        assert [message.text for message in demo[0].receiver.messages.values()] == ["这件防水吗"]


@pytest.mark.parametrize("path", ["/", "/room", "/chat"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_page_speaks_both_languages(demo: tuple[Demo, str], path: str, size: str) -> None:
    async with visit(demo[1]) as visiting:
        page = await visiting.open(path, size)
        await expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
        await page.locator("[data-do=language]").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.wait_for_timeout(200)
        shown = "[...document.querySelectorAll('[data-t]')].filter(one => one.checkVisibility()).map(one => one.textContent)"
        words = await page.evaluate(shown)
        assert words
        assert [word for word in words if HAN.search(word) and word != "中文"] == []
        await fits(page)
