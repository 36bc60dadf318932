"""The host's console in a real browser, at the width of a phone and of a desktop, beside a viewer's page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.stage import Act
from channels.live.answers import Mode, Rules
from tests.channels.browsers import chromium
from tests.channels.live.test_stage import FakeStage
from tests.channels.test_pages import HAN, SIZES, Visit, fits, visit
from tests.channels.web.demo import Demo, served

pytestmark = pytest.mark.browser


async def test_the_host_decides_what_viewers_see_by_keys_alone(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "pictures", Rules(Mode.APPROVE))
    with served(demo.app) as address:
        async with visit(address) as visiting:
            host = await visiting.open("/host?room=main", "desktop", "en-US")
            ann = await visiting.open("/room", "phone", "en-US")
            await expect(host.locator("#answers-none")).to_be_visible()
            for text in ("is it waterproof", "recommend something for the rain", "is the lining waterproof too"):
                await ann.fill("#text", text)
                await ann.keyboard.press("Enter")
            await expect(host.locator("#answers .row")).to_have_count(3)
            await expect(host.locator("#answers .row").first).to_contain_text("asked by 1")
            await expect(ann.locator(".answer")).to_have_count(0)
            await host.keyboard.press("a")
            await expect(ann.locator(".answer")).to_contain_text("10,000 mm")
            await expect(host.locator("#answers .chosen")).to_contain_text("recommend something")
            await host.keyboard.press("v")
            await expect(host.locator("#answers .chosen")).to_contain_text("is the lining waterproof too")
            await host.keyboard.press("e")
            await host.keyboard.press("Control+A")
            await host.keyboard.type("The lining keeps a light shower out.")
            await host.keyboard.press("Control+Enter")
            await expect(ann.locator(".answer")).to_have_count(2)
            await expect(ann.locator(".answer").last).to_contain_text("a light shower")
            await expect(ann.locator(".answer").last.locator(".proof")).to_have_count(0)
            await expect(host.locator("#answers .row.over")).to_have_count(3)
            await fits(host)


@pytest.mark.parametrize("size", SIZES)
async def test_hidden_unknown_and_the_screen_are_the_hosts_too(tmp_path: Path, size: str) -> None:
    demo = Demo(tmp_path / "pictures")
    with served(demo.app) as address:
        async with visit(address) as visiting:
            host, ann, bob = [await visiting.open(path, size, "en-US") for path in ("/host?room=main", "/room", "/room")]

            async def part(name: str) -> None:
                if size == "phone":
                    await host.locator(".tab", has_text=name).click()

            for text in ("you idiot", "do you take bitcoin"):
                await ann.fill("#text", text)
                await ann.keyboard.press("Enter")
            await part("Nobody knows")
            await expect(host.locator("#unanswered .row")).to_contain_text("do you take bitcoin")
            await fits(host)
            await host.get_by_role("button", name="Answered aloud").click()
            await expect(host.locator("#unanswered .row")).to_have_count(0)
            await part("Hidden")
            await expect(host.locator("#hidden .row")).to_contain_text("Abuse")
            await expect(bob.locator("#stream")).not_to_contain_text("idiot")
            await fits(host)
            await host.get_by_role("button", name="Show it").click()
            await expect(bob.locator("#stream")).to_contain_text("you idiot")
            await expect(ann.locator(".said", has_text="you idiot")).to_have_count(1)
            await part("Product on screen")
            before = await bob.locator("#stage h1").inner_text()
            await host.locator("#shelf button:enabled").first.click()
            await expect(bob.locator("#stage h1")).not_to_have_text(before)
            await fits(host)
            shown = """[...document.querySelectorAll('[data-t]')].filter(one => one.checkVisibility())
                .map(one => one.textContent)"""
            assert [word for word in await host.evaluate(shown) if HAN.search(word)] == ["中文"]
            await host.locator(".bar [data-do=language]").click()
            await expect(host.locator("h2:visible").last).to_have_text("屏幕上的商品")
            await fits(host)


async def test_the_secret_opens_the_console(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "pictures", secret="open sesame")
    with served(demo.app) as address:
        async with chromium() as browser:
            host = await Visit(browser, address).open("/host?room=main", "phone")
            await expect(host.locator("#login")).to_be_visible()
            await expect(host.locator("#login-fault")).to_be_hidden()
            for secret, opens in (("wrong", False), ("open sesame", True)):
                await host.fill("#secret", secret)
                await host.keyboard.press("Enter")
                await expect(host.locator("#console" if opens else "#login-fault")).to_be_visible()
            await host.select_option("#mode", "approve")
            await host.reload()
            await host.fill("#secret", "open sesame")
            await host.keyboard.press("Enter")
            await expect(host.locator("#mode")).to_have_value("approve")
            await fits(host)


@pytest.mark.parametrize("size", SIZES)
async def test_the_virtual_host_is_driven_by_buttons_and_keys(tmp_path: Path, size: str) -> None:
    demo, stage = Demo(tmp_path / "pictures"), FakeStage()
    demo.stages.open("main", stage)
    with served(demo.app) as address:
        async with visit(address) as visiting:
            host = await visiting.open("/host?room=main", size, "en-US")
            if size == "phone":
                await host.locator(".tab", has_text="Virtual host").click()
            panel = host.locator("#stage")
            await expect(panel.locator("#stage-now")).to_have_text("A mug.")
            await expect(panel).to_contain_text("too late 1")
            await expect(panel.locator(".refused")).to_contain_text("absolute claim")
            await fits(host)
            await panel.get_by_role("button", name="I speak").click()
            await expect(panel).to_contain_text("A person has the microphone")
            for key in "nsmw":
                await host.keyboard.press(key)
            await host.keyboard.type("We are back soon.")
            await host.keyboard.press("Enter")
            await expect(panel.locator("input")).to_have_value("")
            await host.keyboard.type("The best!")
            await host.keyboard.press("Enter")
            await expect(panel.locator("input")).to_have_value("The best!")  # it was not taken
            assert stage.acts == [Act.TAKE, Act.SKIP, Act.STOP, Act.GIVE] and stage.said == ["We are back soon."]
            await host.locator(".bar [data-do=language]").click()
            await expect(host.locator("#stage-part h2")).to_have_text("虚拟主播")
            await fits(host)


async def test_a_room_without_a_stage_has_no_panel(tmp_path: Path) -> None:
    with served(Demo(tmp_path / "pictures").app) as address:
        async with visit(address) as visiting:
            host = await visiting.open("/host?room=main", "desktop", "en-US")
            await expect(host.locator("#answers-none")).to_be_visible()
            await expect(host.locator("#stage-part")).to_be_hidden()
