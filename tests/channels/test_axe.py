"""What axe-core finds on every page we ship: nothing serious, at two widths, in both languages, in light and in dark.

A machine finds a part of what keeps people out, and what it finds is not a matter of taste: it is mended, never excused.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.channel import OpenChannel
from bot.commerce import Product
from bot.fakes import FakeLimits
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.live.answers import Mode, Rules
from channels.stage.claims import Sentence
from channels.web.checkout import CheckoutDoor, checkout_router
from channels.web.pages import page_routes as shared_files
from channels.web.widget import Embedding
from tests.channels.browsers import chromium
from tests.channels.desk.conftest import PERSON, Site, World, staffed
from tests.channels.live.shop import PRODUCTS
from tests.channels.live.test_host_reports import busy
from tests.channels.live.test_stage import FakeStage
from tests.channels.stage.conftest import Stage
from tests.channels.stage.test_page import OPENING
from tests.channels.test_pages import SIZES
from tests.channels.test_widget_page import shop as merchant
from tests.channels.web.demo import Demo, served
from tests.channels.web.test_checkout import FakeCashier
from tests.channels.web.test_product_page import DRAWN, LIBRARIES, page_with_scenes, product
from tests.glb import box_glb

AXE = LIBRARIES / "node_modules/axe-core/axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed here: `make test` does it, with npm"),
]
# One of them at every run, and there the pages that most people see; the others are likely to find what these find.
VISITS = [
    ("phone", "zh-CN"),
    pytest.param("phone", "en-GB", marks=pytest.mark.long),
    pytest.param("desktop", "zh-CN", marks=pytest.mark.long),
    pytest.param("desktop", "en-GB", marks=pytest.mark.long),
]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Each frame is asked by itself: of a page, axe reaches only frames of the page's own site.
ASKED = """async () => {
    const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
    const { violations } = await axe.run(document, { runOnly, iframes: false, resultTypes: ["violations"] });
    const said = (id, { target, failureSummary }) => `${id}: ${target.flat().join(" ")}: ${failureSummary}`;
    return violations.filter(one => ["serious", "critical"].includes(one.impact))
        .flatMap(one => one.nodes.map(node => said(one.id, node)));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(DRAWN) as browser:
        yield browser


@dataclass
class Sites:
    """The services that a test asks for, each on fakes and a port of its own, and the page it looks at."""

    folder: Path
    desk: Site
    page: Page
    stack: ExitStack = field(default_factory=ExitStack)

    def serve(self, app: Any) -> str:
        return self.stack.enter_context(served(app))

    def demo(self, **more: Any) -> tuple[Demo, str]:
        demo = Demo(self.folder / "pictures", **more)
        return demo, self.serve(demo.app)

    async def another(self) -> Page:
        return await self.page.context.new_page()


@contextmanager
def sites(folder: Path, desk: Site, page: Page) -> Iterator[Sites]:
    made = Sites(folder, desk, page)
    with made.stack:
        yield made


async def ask(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.keyboard.press("Enter")


async def home(at: Sites) -> None:
    await at.page.goto(at.demo()[1])
    await expect(at.page.locator("#curl")).to_contain_text("curl")


async def room(at: Sites) -> None:
    """With every kind of answer: sourced, with cards, and one for whoever asked alone; and what nobody else sees."""
    await at.page.goto(at.demo()[1] + "/room")
    for number, text in enumerate(("is it waterproof", "recommend something", "do you take bitcoin"), 1):
        await ask(at.page, text)
        await expect(at.page.locator(".answer")).to_have_count(number)
    await ask(at.page, "you idiot")
    await expect(at.page.locator(".said", has_text="idiot")).to_be_visible()


async def room_source(at: Sites) -> None:
    await room(at)
    await at.page.locator(".proof").first.click()
    await expect(at.page.locator("#source mark").first).to_be_visible()


async def room_host(at: Sites) -> None:
    await at.page.goto(at.demo()[1] + "/room")
    await at.page.click("#open-host")
    await expect(at.page.locator("#host-list button").first).to_be_visible()


async def chat(at: Sites) -> None:
    await at.page.goto(at.demo()[1] + "/chat")
    await expect(at.page.locator("#tries .choice").first).to_be_visible()


async def chat_talk(at: Sites) -> None:
    """With a source, cards, choices, and the words of an agent."""
    demo, address = at.demo()
    await at.page.goto(f"{address}/chat?product={PRODUCTS[0].id}")
    for number, text in enumerate(("is it waterproof", "recommend something", "do you take bitcoin"), 1):
        await ask(at.page, text)
        await expect(at.page.locator(".theirs")).to_have_count(number)
    demo.speak("I'll look into it.", "Mei")
    await expect(at.page.locator(".agent").last).to_be_visible()


async def source(at: Sites) -> None:
    await at.page.goto(at.demo()[1] + "/sources/products/shell.md?at=s2")
    await expect(at.page.locator(".here")).to_be_visible()


async def reference(at: Sites) -> None:
    await at.page.goto(at.demo()[1] + "/docs")
    await expect(at.page.locator("h1")).to_contain_text("API")


async def host_login(at: Sites) -> None:
    await at.page.goto(at.demo(secret="open sesame")[1] + "/host?room=main")
    await at.page.fill("#secret", "wrong")
    await at.page.keyboard.press("Enter")
    await expect(at.page.locator("#login-fault")).to_be_visible()


async def host(at: Sites) -> None:
    """With something in every part; on a phone each part is a tab of its own, which is gone through in `parts`."""
    demo, address = at.demo(rules=Rules(Mode.APPROVE))
    demo.stages.open("main", FakeStage())
    await at.page.goto(address + "/host?room=main")
    viewer = await at.another()
    await viewer.goto(address + "/room")
    for text in ("is it waterproof", "you idiot", "do you take bitcoin", "recommend something"):
        await ask(viewer, text)
    await expect(at.page.locator("#answers .row")).to_have_count(2)
    await at.page.keyboard.press("a")
    await expect(at.page.locator("#answers .row.over")).to_have_count(1)


async def report(at: Sites) -> None:
    demo, address = at.demo(secret="s3cret")
    busy(demo.past)
    await at.page.goto(address + "/host/report?room=main")
    await at.page.fill("#secret", "s3cret")
    await at.page.keyboard.press("Enter")
    await expect(at.page.locator(".report h1")).to_be_visible()


async def desk_login(at: Sites) -> None:
    at.desk.app.router.routes.extend(shared_files())
    await at.page.goto(at.serve(at.desk.app) + "/desk")
    await log_in(at.page, "mia", "a wrong password")
    await expect(at.page.locator("#login-fault")).to_be_visible()


async def desk(at: Sites) -> None:
    """An inbox with one that waits and one that is held by a colleague."""
    await into_desk(at, "/desk", "mia")
    await expect(at.page.locator(".ticket").first).to_contain_text(PERSON)


async def desk_talk(at: Sites) -> None:
    """A conversation that is held, with a note, an answer and the bot's draft."""
    await desk(at)
    await at.page.locator(".ticket").first.click()
    await at.page.locator("#acts .button").first.click()
    await at.page.locator("[name=mode][value=note]").check(force=True)
    await ask(at.page, "a difficult one")
    await expect(at.page.locator("#log .noted")).to_be_visible()
    await at.page.locator("[name=mode][value=reply]").check(force=True)
    await ask(at.page, "Hello")
    await expect(at.page.locator("#log .agent .bubble")).to_be_visible()
    await at.page.click("#draft-ask")
    await expect(at.page.locator("#draft")).to_contain_text("answer to")


async def desk_numbers(at: Sites) -> None:
    await into_desk(at, "/desk", "boss")
    await at.page.locator("#views .view").last.click()
    await expect(at.page.locator(".numbers").first).to_be_visible()


async def console(at: Sites) -> None:
    await into_desk(at, "/console", "boss")
    await expect(at.page.locator(".ticket").first).to_be_visible()


async def console_talk(at: Sites) -> None:
    await console(at)
    await at.page.locator(".ticket").first.click()
    await at.page.locator(".trace summary").first.click()
    await expect(at.page.locator(".trace").first).to_contain_text("ask_knowledge")


async def console_gaps(at: Sites) -> None:
    """A question that nobody answered, an answer that is written, and the form for one."""
    await into_desk(at, "/console#gaps", "boss")
    await at.page.locator(".lack .button").first.click()
    await at.page.locator(".write textarea:focus").fill("Yes.")
    await at.page.locator(".write [type=submit]").click()
    await expect(at.page.locator("#written .answer").first).to_be_visible()
    await at.page.locator("#written .button").first.click()
    await expect(at.page.locator(".write textarea").first).to_be_visible()


async def console_try(at: Sites) -> None:
    await into_desk(at, "/console#try", "boss")
    await at.page.fill("#try", "is this waterproof?")
    await at.page.keyboard.press("Enter")
    await expect(at.page.locator(".turn .replied")).to_be_visible()


async def console_numbers(at: Sites) -> None:
    await into_desk(at, "/console#numbers", "boss")
    await expect(at.page.locator(".sums li b").nth(1)).to_be_visible()
    await at.page.locator(".table summary").click()
    await expect(at.page.locator(".table tbody tr")).to_have_count(30)


async def console_of_an_agent(at: Sites) -> None:
    await into_desk(at, "/console", "mia")
    await expect(at.page.locator("#part a")).to_be_visible()


async def stage(at: Sites) -> None:
    show = Stage()
    await at.page.goto(at.serve(show.app) + "/stage")
    await expect(at.page.locator("#stage")).to_have_attribute("data-state", "open")
    show.say(OPENING)
    await expect(at.page.locator("#card")).to_be_visible()
    # one that stays: a caption goes when it is said
    show.say(Sentence("x" * 200, "en", topic="property", product_id="T1"))


async def in_3d(at: Sites) -> None:
    await shown_product(at, LIBRARIES)
    await expect(at.page.locator("model-viewer")).to_be_visible(timeout=20_000)


async def as_a_picture(at: Sites) -> None:
    await shown_product(at, None)
    await expect(at.page.locator("#note")).to_be_visible()


async def scene(at: Sites) -> None:
    await shown_product(at, LIBRARIES, "#scene")
    await expect(at.page.locator("#scene-why")).to_contain_text(re.compile(r"\S"), timeout=20_000)
    await expect(at.page.locator(".measure.edge")).to_have_count(3, timeout=20_000)


async def widget(at: Sites) -> None:
    """On a page of another site, with the panel open: the chat in it is a frame, and looked at, too."""
    site = at.stack.enter_context(merchant(at.folder))
    await at.page.goto(site.url)
    opener = at.page.locator("[aria-expanded]")
    await expect(opener).to_be_visible()
    await opener.click()
    await expect(at.page.frame_locator("iframe").locator("#text")).to_be_focused()


async def widget_closed(at: Sites) -> None:
    """With the hint that is shown after a while."""
    site = at.stack.enter_context(merchant(at.folder))
    await at.page.goto(site.url + "/products/1")
    await expect(at.page.get_by_text("Can we help?")).to_be_visible()


async def widget_demo(at: Sites) -> None:
    await at.page.goto(at.demo(embedding=Embedding(trial=True))[1] + "/widget-demo")
    await expect(at.page.locator("[aria-expanded]")).to_be_visible()


async def checkout(at: Sites) -> None:
    await at.page.goto(cashier(at) + "/checkout/t1")
    await expect(at.page.locator("#totals")).to_contain_text("¥")
    await at.page.locator("#pay").click()
    await expect(at.page.locator("#problem")).to_be_visible()


async def checkout_unknown(at: Sites) -> None:
    await at.page.goto(cashier(at) + "/checkout/none")
    await expect(at.page.locator("#note")).to_be_visible()


async def checkout_trial(at: Sites) -> None:
    await at.page.goto(cashier(at) + "/checkout/trial?amount=18900&currency=CNY")
    await expect(at.page.locator("#paid")).to_be_visible()


async def into_desk(at: Sites, path: str, name: str) -> None:
    await at.desk.world.says("is it waterproof?")
    await at.desk.world.says(PERSON)
    at.desk.app.router.routes.extend(shared_files())
    await at.page.goto(at.serve(at.desk.app) + path)
    await log_in(at.page, name, "a long password")


async def log_in(page: Page, name: str, password: str) -> None:
    await page.fill("#login-name", name)
    await page.fill("#login-password", password)
    await page.keyboard.press("Enter")


async def shown_product(at: Sites, libraries: Path | None, part: str = "") -> None:
    shown, models = product(), at.folder / "models"
    models.mkdir()
    colours = [variant.color.en for variant in shown.variants]
    (models / f"{shown.id}.glb").write_bytes(box_glb(0.3, 0.46, 0.14, colours))

    async def find(product_id: str) -> Product | None:
        return shown if product_id == shown.id else None

    routes = page_with_scenes(find, at.folder, libraries)
    app = web_application([OpenChannel({}, routes)], {}, Metrics(), Keys({}, is_open=True))
    await at.page.goto(f"{at.serve(app)}/product/{shown.id}{part}")


def cashier(at: Sites) -> str:
    routes = (checkout_router(CheckoutDoor(FakeCashier(), FakeLimits())), *shared_files(at.folder))
    return at.serve(web_application([OpenChannel({}, routes)], {}, Metrics(), Keys({}, is_open=True)))


Opened = Callable[[Sites], Awaitable[None]]
PAGES: tuple[Opened, ...] = (
    home, room, room_source, room_host, chat, chat_talk, source, reference, host_login, host, report, desk_login, desk,
    desk_talk, desk_numbers, console, console_talk, console_gaps, console_try, console_numbers, console_of_an_agent, stage,
    in_3d, as_a_picture, scene, widget, widget_closed, widget_demo, checkout, checkout_unknown, checkout_trial,
)  # fmt: skip


SEEN_BY_MOST = (room, chat_talk, widget, checkout, desk_talk, host, console, stage)


async def serious(page: Page) -> list[str]:
    """What axe finds in every frame of a page as it is now, in light and in dark."""
    found = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for frame in page.frames:
            if await frame.evaluate("typeof axe") == "undefined":
                await frame.evaluate(AXE.read_text("utf-8"))
            found += [f"{scheme}: {one}" for one in await frame.evaluate(ASKED)]
    return found


@pytest.mark.parametrize(
    "opened",
    [one if one in SEEN_BY_MOST else pytest.param(one, marks=pytest.mark.long) for one in PAGES],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize(("size", "locale"), VISITS)
async def test_nothing_serious(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Opened, size: str, locale: str
) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, reduced_motion="reduce", color_scheme="light"
    )
    found: list[str] = []
    desk = await staffed(World(), monkeypatch)
    with sites(tmp_path, desk, await context.new_page()) as at:
        try:
            await opened(at)
            tabs = at.page.locator(".tab:visible")
            for number in range(max(1, await tabs.count())):
                if await tabs.count():
                    await tabs.nth(number).click()
                found += await serious(at.page)
        finally:
            await context.close()  # first: a service that ends waits for its pages
    assert not found, "\n" + "\n".join(dict.fromkeys(found))
