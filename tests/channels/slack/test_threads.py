"""What the desk is told, over the wire: in the right thread, readable, and once, whatever is repeated on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web

from bot.errors import BadSettings, ChannelUnavailable, Undeliverable
from bot.fakes import MemoryStore
from bot.types import ConversationKey, Delivery, Forward, Language, Photo, Reply, ToCustomer, ToDesk
from channels.slack.client import SlackApi
from tests.channels.slack.conftest import HAND_OFF, KEY, Slack
from tests.channels.slack.slack_api import APP_TOKEN, BOT_TOKEN, CHANNEL

WEB = ConversationKey("web", "", "Zx8-secret-token-of-a-browser-01")


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Mortal:
    """Bindings of a process that dies at the n-th call, before or after it is done."""

    store: MemoryStore
    die_at: int
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)

        async def call(*args: Any) -> Any:
            self._step()
            result = await method(*args)
            self._step()
            return result

        return call

    def _step(self) -> None:
        self.calls += 1
        if self.calls == self.die_at:
            raise Killed


def shown(message: dict[str, Any]) -> str:
    """The texts of a message's blocks."""
    texts = [block.get("text") or element for block in message["blocks"] for element in block.get("elements", [block])]
    assert all(text["type"] in ("plain_text", "button") for text in texts), "nobody's words are read as markup"
    return "\n".join(text["text"] if isinstance(text["text"], str) else text["text"]["text"] for text in texts)


def forward(text: str = "hello", *photos: Photo, name: str = "f1") -> Delivery:
    return Delivery(name, KEY, ToDesk(forward=Forward(text, photos)))


async def test_a_hand_off_opens_a_thread_with_what_an_agent_must_know(slack: Slack) -> None:
    ts = await slack.hand_off()
    (root,) = slack.api.roots()
    text = shown(root)
    for fact in (
        "A customer asks for a person",
        "Ann Li",
        "Telegram",
        "English",
        "P1001",
        "Why: Mine leaks",
        "Back to the bot",
    ):
        assert fact in text
    assert "Is P1001 waterproof?\nMine leaks <here> & I want a person" in text
    (talk,) = slack.api.thread(ts)
    assert "👤 Is P1001 waterproof?\n🤖 Yes, to 10,000 mm." in shown(talk)
    assert await slack.store.external("slack", KEY) == f"{CHANNEL}:{ts}"


async def test_a_customer_who_writes_chinese_is_shown_in_chinese(slack: Slack) -> None:
    handoff = replace(HAND_OFF, language=Language.ZH, customer="", recent=())
    await slack.desk().send(Delivery("d", replace(KEY, channel="live", room="main"), ToDesk(handoff=handoff)))
    (root,) = slack.api.messages
    text = shown(root)
    for fact in ("有顾客找人工", "👤 顾客 #", "直播间 main", "中文", "为什么转人工：Mine leaks", "转回机器人"):
        assert fact in text


async def test_nothing_that_only_the_customer_may_know_is_shown(slack: Slack) -> None:
    await slack.desk().send(Delivery(f"{WEB}/m1/0", WEB, ToDesk(handoff=HAND_OFF)))
    await slack.desk().send(Delivery(f"{WEB}/m2/0", WEB, ToDesk(forward=Forward("hello"))))
    assert WEB.user not in json.dumps(slack.api.messages)


async def test_later_messages_go_into_the_thread(slack: Slack) -> None:
    ts = await slack.hand_off()
    await slack.desk().send(forward("<!channel> & *hello*"))
    await slack.desk().send(Delivery("b", KEY, ToDesk(handed_back=True, language=Language.EN)))
    _, said, note = slack.api.thread(ts)
    assert shown(said) == "👤 <!channel> & *hello*"
    assert said["text"] == "👤 &lt;!channel&gt; &amp; *hello*"
    assert "The bot has the conversation again" in shown(note)


async def test_a_long_message_is_shown_whole(slack: Slack) -> None:
    ts = await slack.hand_off()
    await slack.desk().send(forward("长" * 4_000))
    assert sum(shown(message).count("长") for message in slack.api.thread(ts)) == 4_000


async def test_pictures_are_uploaded_into_the_thread(slack: Slack) -> None:
    ts = await slack.hand_off()
    photo = await slack.store.save(b"\x89PNG of a leak", "image/png")
    await slack.desk().send(forward("", photo))
    _, said, picture = slack.api.thread(ts)
    assert shown(said) == "👤 🖼️ ×1"
    assert slack.api.uploads[picture["files"][0]["id"]][1] == b"\x89PNG of a leak"


async def test_a_picture_that_is_not_kept_any_more_keeps_no_words_back(slack: Slack) -> None:
    ts = await slack.hand_off()
    await slack.desk().send(forward("look", Photo("0" * 64, "image/png")))
    assert "look" in shown(slack.api.thread(ts)[-1])


async def test_a_new_hand_off_opens_a_thread_of_its_own(slack: Slack) -> None:
    first = await slack.hand_off()
    await slack.desk().send(Delivery("second", KEY, ToDesk(handoff=HAND_OFF)))
    await slack.desk().send(forward())
    _, second = slack.api.roots()
    assert (len(slack.api.thread(first)), len(slack.api.thread(second["ts"]))) == (1, 2)


async def test_words_without_a_thread_begin_one(slack: Slack) -> None:
    await slack.desk().send(forward("still here"))
    (root,) = slack.api.roots()
    assert await slack.store.external("slack", KEY) == f"{CHANNEL}:{root['ts']}"


# ---------------------------------------------------------------- once


@pytest.mark.parametrize("lost", range(4))
async def test_a_lost_answer_doubles_nothing(slack: Slack, lost: int) -> None:
    photos = [await slack.store.save(name, "image/jpeg") for name in (b"one", b"two")]
    deliveries = [Delivery("h", KEY, ToDesk(handoff=HAND_OFF)), forward("look", *photos)]
    slack.api.lost.extend(number == lost for number in range(5))
    desk, failures = slack.desk(), 0
    while deliveries:
        try:
            await desk.send(deliveries[0])
            del deliveries[0]
        except ChannelUnavailable:
            failures += 1
            deliveries[0] = replace(deliveries[0], attempt=2)
    assert failures == 1
    (root,) = slack.api.roots()
    thread = slack.api.thread(root["ts"])
    assert [len(message.get("files", ())) for message in thread] == [0, 0, 1, 1]
    assert await slack.store.external("slack", KEY) == f"{CHANNEL}:{root['ts']}"


async def test_a_process_that_dies_at_any_step_doubles_nothing(slack: Slack) -> None:
    deaths = 0
    for die_at in range(1, 100):
        slack.api.messages.clear()
        slack.store = MemoryStore()
        mortal, api = Mortal(slack.store, die_at), slack.client()
        deliveries = [Delivery("h", KEY, ToDesk(handoff=HAND_OFF)), forward("look")]
        slack.store, store = mortal, slack.store  # type: ignore[assignment]
        try:
            for delivery in deliveries:
                await slack.desk(api).send(delivery)
        except Killed:
            deaths += 1
        slack.store = store
        for delivery in deliveries:  # the next process finds both in the outbox, as first attempts
            await slack.desk(api).send(delivery)
        (root,) = slack.api.roots()
        assert ["look" in shown(message) for message in slack.api.thread(root["ts"])] == [False, True], die_at
        assert await slack.store.external("slack", KEY) == f"{CHANNEL}:{root['ts']}", die_at
        if deaths < die_at:
            break
    assert deaths >= 12


async def test_what_arrived_is_found_behind_other_messages(slack: Slack) -> None:
    slack.api.lost.append(True)
    desk, delivery = slack.desk(), Delivery("h", KEY, ToDesk(handoff=HAND_OFF))
    with pytest.raises(ChannelUnavailable):
        await desk.send(delivery)
    for number in range(250):
        await slack.api.say(f"colleagues talk {number}", None)
    await desk.send(delivery)
    assert sum("blocks" in message for message in slack.api.roots()) == 1


# ---------------------------------------------------------------- what may go wrong


@pytest.mark.parametrize("refused", [False, True])
async def test_a_deleted_thread_goes_on_in_a_new_one(slack: Slack, refused: bool) -> None:
    ts = await slack.hand_off()
    await slack.api.delete(ts)
    if refused:
        slack.api.refuse("chat.postMessage", "thread_not_found")
    slack.api.messages.clear()
    await slack.desk().send(forward("is anybody there?"))
    await slack.desk().send(forward("hello?", name="f2"))
    (root,) = slack.api.roots()
    assert "is anybody there?" in shown(root) and len(slack.api.thread(root["ts"])) == 1
    assert await slack.store.external("slack", KEY) == f"{CHANNEL}:{root['ts']}"


async def test_a_request_to_wait_says_for_how_long(slack: Slack) -> None:
    slack.api.refuse("chat.postMessage", "ratelimited", 429, **{"Retry-After": "7"})
    with pytest.raises(ChannelUnavailable) as raised:
        await slack.desk().send(forward())
    assert raised.value.retry_after == 7


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "text": "no JSON"},
        {"status": 503, "text": "<html>maintenance</html>", "content_type": "text/html"},
        {"status": 200, "text": "<html>log in</html>", "content_type": "application/json"},
        {"status": 200, "text": '{"ok": false, "error": "internal_error"}', "content_type": "application/json"},
        {"status": 200, "text": '{"ok": false, "error": "not_in_channel"}', "content_type": "application/json"},
        {"status": 200, "text": '{"ok": false, "error": "token_revoked"}', "content_type": "application/json"},
    ],
)
async def test_what_can_be_mended_is_tried_again_later(slack: Slack, answer: dict[str, Any]) -> None:
    slack.api.refusals["chat.postMessage"].append(web.Response(**answer))
    with pytest.raises(ChannelUnavailable) as raised:
        await slack.desk().send(forward())
    assert raised.value.retry_after is None
    await slack.desk().send(forward())
    assert len(slack.api.messages) == 1


async def test_a_server_that_is_not_there_is_tried_again_later(slack: Slack) -> None:
    slack.api.url = "http://127.0.0.1:9/api/"
    with pytest.raises(ChannelUnavailable):
        await slack.desk().send(forward())
    with pytest.raises(ChannelUnavailable):
        await slack.desk().check()


async def test_a_message_that_slack_can_never_take_is_undeliverable(slack: Slack) -> None:
    slack.api.refuse("chat.postMessage", "invalid_blocks")
    with pytest.raises(Undeliverable, match="invalid_blocks"):
        await slack.desk().send(forward())


async def test_replies_to_customers_are_no_business_of_the_desk(slack: Slack) -> None:
    with pytest.raises(Undeliverable):
        await slack.desk().send(Delivery("d", KEY, ToCustomer(Reply("hi"))))


def test_only_the_client_loads_slacks_libraries() -> None:
    code = (
        "import sys, channels.slack, channels.slack.reading, channels.slack.rendering, channels.slack.wording;"
        "sys.exit('slack_sdk' in sys.modules or 'slack_bolt' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------- settings


async def test_good_settings_pass(slack: Slack) -> None:
    await slack.desk().check()


@pytest.mark.parametrize(
    ("bot", "app", "variable"),
    [("", APP_TOKEN, "BOT"), (APP_TOKEN, BOT_TOKEN, "BOT"), (BOT_TOKEN, "", "APP"), (BOT_TOKEN, BOT_TOKEN, "APP")],
)
async def test_tokens_that_are_missing_or_mixed_up_are_named(bot: str, app: str, variable: str) -> None:
    with pytest.raises(BadSettings, match=f"^STREAMDESK_SLACK_{variable}_TOKEN: this is not"):
        SlackApi(bot, app)


@pytest.mark.parametrize(("bot", "app", "variable"), [("xoxb-old", APP_TOKEN, "BOT"), (BOT_TOKEN, "xapp-old", "APP")])
async def test_tokens_that_slack_refuses_are_named_and_not_repeated(slack: Slack, bot: str, app: str, variable: str) -> None:
    with pytest.raises(BadSettings, match=f"^STREAMDESK_SLACK_{variable}_TOKEN: Slack does not accept") as raised:
        await slack.desk(slack.client(bot, app)).check()
    assert "-old" not in str(raised.value)


async def test_missing_scopes_are_named(slack: Slack) -> None:
    slack.api.scopes = "chat:write, users:read"
    with pytest.raises(BadSettings, match="lacks the scope files:write"):
        await slack.desk().check()


async def test_a_channel_without_the_app_is_named(slack: Slack) -> None:
    with pytest.raises(BadSettings, match=r"channels\.slack\.channel = 'C9'"):
        await slack.desk(channel="C9").check()
    with pytest.raises(BadSettings, match=r"channels\.slack\.channel is empty"):
        slack.desk(channel="")
