"""The widget: who may frame the chat, what the script is, and what the settings refuse."""

from __future__ import annotations

import re

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from bot.channel import Hint, WebSettings
from channels.common.pages import framed_by
from channels.web.pages import FOLDER, page_routes
from channels.web.widget import HINTS, Embedding, widget_script

SHOP = "https://shop.example"
HINT = Hint(zh="要帮忙吗？", en='</script> "help"?', path="/products/*", after_s=5)
# What the widget may weigh: the promise, and what it is held to.
MOST_BYTES = 16_000


def client(embedding: Embedding) -> httpx.AsyncClient:
    app = Starlette(routes=page_routes(None, embedding))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat.test")


def ancestors(response: httpx.Response) -> str:
    found = re.search(r"frame-ancestors ([^;]*);", response.headers["content-security-policy"])
    assert found
    return found[1]


async def test_only_the_named_sites_frame_the_chat_and_nobody_the_rest() -> None:
    async with client(Embedding((SHOP, "https://b.example:8443"))) as web:
        assert ancestors(await web.get("/chat")) == f"'self' {SHOP} https://b.example:8443"
        for path in ("/", "/room"):
            assert ancestors(await web.get(path)) == "'self'"
    async with client(Embedding()) as web:
        assert ancestors(await web.get("/chat")) == "'self'"


def test_the_rest_of_the_policy_stays() -> None:
    policy = framed_by([SHOP])["Content-Security-Policy"]
    assert policy.replace(f" {SHOP}", "") == framed_by([])["Content-Security-Policy"]


async def test_the_script_is_small_one_file_and_for_every_site() -> None:
    async with client(Embedding(hints=(HINT,))) as web:
        answer = await web.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert len(answer.content) < MOST_BYTES
    assert not re.search(r"\b(import|eval|innerHTML|document\.write)\b", answer.text)


def test_hints_are_written_into_the_script() -> None:
    source = (FOLDER / "widget.js").read_text("utf-8")
    assert source.count(HINTS) == 1
    script = widget_script(source, [HINT])
    assert HINTS not in script
    assert '"zh":"要帮忙吗？"' in script


async def test_the_demo_page_is_there_for_trial_only() -> None:
    async with client(Embedding(trial=True)) as web:
        assert (await web.get("/widget-demo")).status_code == 200
    async with client(Embedding()) as web:
        assert (await web.get("/widget-demo")).status_code == 404


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.shop.example",
        "http://shop.example",
        "https://shop.example/",
        "https://shop.example; script-src *",
        "https://shop.example\n",
        "'self'",
        "https://",
        "shop.example",
        "https://Shop.example",
    ],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="embed_origins"):
        WebSettings.model_validate({"embed_origins": [origin]})


def test_origins_from_a_file_and_from_the_environment() -> None:
    both = (SHOP, "http://localhost:3000")
    assert WebSettings.model_validate({"embed_origins": list(both)}).embed_origins == both
    assert WebSettings.model_validate({"embed_origins": ", ".join(both)}).embed_origins == both
    assert WebSettings().embed_origins == ()


@pytest.mark.parametrize("wrong", [{"en": "x"}, {"zh": "", "en": "x"}, {"after_s": 0}, {"path": "products"}, {"say": "x"}])
def test_a_hint_has_both_languages_a_path_and_a_time(wrong: dict[str, object]) -> None:
    given = wrong if "en" in wrong else {"zh": "好", "en": "x", **wrong}
    with pytest.raises(ValidationError, match="hints"):
        WebSettings.model_validate({"hints": [given]})
