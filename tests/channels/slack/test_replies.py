"""What agents say in threads, over the wire: to the right customer, once, in order, and only what is meant for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import ChannelUnavailable, StorageUnavailable
from bot.fakes import EPOCH, FakeReceiver
from bot.types import Author, ConversationKey, Delivery, Message, ToDesk
from tests.channels.slack.conftest import HAND_OFF, KEY, Slack
from tests.channels.slack.slack_api import CHANNEL
from tests.channels.telegram.conftest import until

OTHER = ConversationKey("web", "", "somebody-else")


@dataclass
class Faulty(FakeReceiver):
    """Raises these errors first. After keeping a message it hangs while `hangs`, so that the desk can be killed there."""

    faults: list[Exception] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)
    hangs: bool = False

    async def accept(self, message: Message) -> bool:
        if self.faults:
            raise self.faults.pop(0)
        self.answers.append(await super().accept(message))
        if self.hangs:
            await asyncio.Event().wait()
        return self.answers[-1]


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "block_id": "b", "elements": list(elements)}]


async def test_a_reply_in_the_thread_is_the_agents_message(slack: Slack) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        ts = await slack.api.say("Hi Ann, I am looking into it.", thread)
        await until(lambda: slack.api.pending == 0)
    (message,) = slack.said
    assert (message.id, message.key) == (f"slack-{CHANNEL}-{ts}", KEY)
    assert (message.author, message.author_name) == (Author.AGENT, "Mia Chen")
    assert (message.text, message.hand_back) == ("Hi Ann, I am looking into it.", False)
    assert message.sent_at - EPOCH < timedelta(seconds=1)


async def test_what_slack_repeats_is_one_message(slack: Slack) -> None:
    slack.receiver = receiver = Faulty()
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.say("Hi", thread)
        await slack.api.press(thread)
        await until(lambda: len(slack.said) == 2 and slack.api.pending == 0)
        before = len(receiver.answers)
        await slack.api.repeat(acknowledged=True)
        await until(lambda: len(receiver.answers) >= before + 2)
    assert receiver.answers.count(True) == len(slack.said) == 2


async def test_two_agents_in_one_thread_keep_their_order_and_names(slack: Slack) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        for number in range(6):
            await slack.api.say(f"{number}", thread, user="U1" if number % 2 else "U2")
        await until(lambda: len(slack.said) == 6)
    assert [message.text for message in slack.said] == ["0", "1", "2", "3", "4", "5"]
    assert [message.author_name for message in slack.said[:2]] == ["李伟", "Mia Chen"]


async def test_every_thread_is_its_own_customers(slack: Slack) -> None:
    first, second = await slack.hand_off(), await slack.hand_off(OTHER)
    async with slack.running():
        await slack.api.say("for somebody else", second)
        await slack.api.say("for Ann", first)
        await until(lambda: len(slack.said) == 2)
    assert {message.text: message.key for message in slack.said} == {"for Ann": KEY, "for somebody else": OTHER}


async def test_the_thread_of_an_earlier_hand_off_still_reaches_the_customer(slack: Slack) -> None:
    first = await slack.hand_off()
    await slack.desk().send(Delivery("second", KEY, ToDesk(handoff=HAND_OFF)))
    async with slack.running():
        await slack.api.say("one more thing", first)
        await until(lambda: slack.said)
    assert slack.said[0].key == KEY


@pytest.mark.parametrize("text", ["back to the bot", "Back to the bot.", "转回机器人", "轉回機器人！", " BACK  TO THE BOT"])
async def test_typing_it_gives_the_conversation_back(slack: Slack, text: str) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.say(text, thread)
        await until(lambda: slack.said)
    assert slack.said[0].hand_back


async def test_the_button_gives_the_conversation_back(slack: Slack) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.press(thread, user="U2")
        await until(lambda: slack.api.acknowledged)
    (message,) = slack.said
    assert (message.hand_back, message.key, message.author_name) == (True, KEY, "李伟")


@pytest.mark.parametrize(
    ("text", "blocks", "read"),
    [
        ("a &lt;b&gt; &amp; c", None, "a <b> & c"),
        ("see <https://shop.example/a|our page>", None, "see our page (https://shop.example/a)"),
        ("see <https://shop.example/a>", None, "see https://shop.example/a"),
        ("<mailto:a@shop.example|a@shop.example>", None, "a@shop.example"),
        ("<@U2> and <#C2|returns> and <!here>", None, "@李伟 and #returns and @here"),
        ("<@U9> knows", None, "@Support knows"),
        (
            "done :+1:",
            rich(
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "done ", "style": {"bold": True}},
                        {"type": "emoji", "name": "+1", "unicode": "1f44d-1f3fb"},
                        {"type": "emoji", "name": "shop-logo"},
                        {"type": "text", "text": " "},
                        {"type": "link", "url": "https://shop.example"},
                        {"type": "text", "text": " "},
                        {"type": "user", "user_id": "U2"},
                    ],
                }
            ),
            "done 👍🏻:shop-logo: https://shop.example @李伟",
        ),
        (
            "Two ways:",
            rich(
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "Two ways:"}]},
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": part}]}
                        for part in ("send", "swap")
                    ],
                },
            ),
            "Two ways:\n1. send\n2. swap",
        ),
    ],
)
async def test_customers_read_what_the_agent_saw(
    slack: Slack, text: str, blocks: list[dict[str, Any]] | None, read: str
) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.say(text, thread, **({"blocks": blocks} if blocks else {}))
        await until(lambda: slack.said)
    assert slack.said[0].text == read


async def test_what_is_not_meant_for_customers_stays_in_slack(slack: Slack) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.say("lunch?", None)
        other = await slack.api.say("a thread of ours", None)
        await slack.api.say("yes", other)
        await slack.api.say("look", other, subtype="file_share", files=[{"id": "F9", "name": "label.pdf"}])
        await slack.api.say("// she called before", thread, subtype="file_share", files=[{"id": "F9", "name": "call.mp3"}])
        await slack.api.say("automatic", thread, bot_id="B7")
        await slack.api.say("Mia joined", thread, subtype="channel_join")
        await slack.api.say("shown in the channel, too", thread, subtype="thread_broadcast")
        await until(lambda: slack.api.pending == 0)
    assert [message.text for message in slack.said] == ["shown in the channel, too"]
    assert slack.api.whispers == []


@pytest.mark.parametrize(
    ("user", "edited", "deleted"), [("U1", "as you first sent", "already has"), ("U2", "改之前", "收不回来")]
)
async def test_agents_are_told_that_edits_and_deletions_reach_nobody(
    slack: Slack, user: str, edited: str, deleted: str
) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        ts = await slack.api.say("Your parcel left yesturday", thread, user=user)
        await until(lambda: len(slack.said) == 1)  # before that an edit is still in time
        note = await slack.api.say("// difficult", thread, user=user)
        await slack.api.edit(ts, "Your parcel left yesturday", by_hand=False)
        await slack.api.edit(note, "// very difficult")
        await slack.api.delete(note)
        await slack.api.edit(ts, "Your parcel left yesterday")
        await until(lambda: len(slack.api.whispers) == 1)
        await slack.api.delete(ts)
        await until(lambda: len(slack.api.whispers) == 2 and slack.api.pending == 0)
    assert [message.text for message in slack.said] == ["Your parcel left yesturday"]
    first, second = slack.api.whispers
    assert edited in first["text"] and deleted in second["text"]
    assert (first["user"], first["thread_ts"]) == (user, thread)


async def test_agents_are_told_that_files_stay_in_slack(slack: Slack) -> None:
    thread = await slack.hand_off()
    files = [{"id": "F9", "name": "label.pdf"}]
    async with slack.running():
        await slack.api.say("your label", thread, subtype="file_share", files=files)
        await slack.api.say("", thread, subtype="file_share", files=files)
        await until(lambda: len(slack.api.whispers) == 2 and slack.api.pending == 0)
    assert [message.text for message in slack.said] == ["your label"]
    assert all("do not reach the customer" in whisper["text"] for whisper in slack.api.whispers)


async def test_a_hint_that_cannot_be_given_harms_nothing(slack: Slack) -> None:
    thread = await slack.hand_off()
    slack.api.refuse("chat.postEphemeral", "ratelimited", 429)
    async with slack.running():
        await slack.api.say("your label", thread, subtype="file_share", files=[{"id": "F9", "name": "label.pdf"}])
        await until(lambda: slack.api.acknowledged)
    assert [message.text for message in slack.said] == ["your label"]


@pytest.mark.parametrize("error", ["user_not_found", "missing_scope"])
async def test_an_agent_whose_name_slack_withholds_still_gets_through(slack: Slack, error: str) -> None:
    thread = await slack.hand_off()
    slack.api.refuse("users.info", error)
    async with slack.running():
        await slack.api.say("Hi", thread)
        await until(lambda: slack.said)
    assert slack.said[0].author_name == "Support"


# ---------------------------------------------------------------- nothing lost, nothing twice


async def test_nothing_is_acknowledged_before_it_is_kept(slack: Slack) -> None:
    thread = await slack.hand_off()
    slack.receiver.error = StorageUnavailable("the disk is full")
    async with slack.running():
        await slack.api.say("Hi", thread)
        await slack.api.say("Still there?", thread)
        await until(lambda: slack.api.calls.count("conversations.replies") > 2)
        assert (slack.said, slack.api.acknowledged) == ([], set())
        slack.receiver.error = None
        await until(lambda: len(slack.said) == 2)
        await slack.api.repeat()
        await until(lambda: slack.api.pending == 0)
    assert [message.text for message in slack.said] == ["Hi", "Still there?"]


async def test_a_process_killed_after_keeping_takes_the_same_message_again(slack: Slack) -> None:
    slack.receiver = receiver = Faulty(hangs=True)
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.say("Hi", thread)
        await until(lambda: receiver.answers)
    assert slack.api.acknowledged == set()
    receiver.hangs = False
    async with slack.running():
        await slack.api.repeat()
        await until(lambda: slack.api.pending == 0)
    assert receiver.answers[0] and not any(receiver.answers[1:]) and len(slack.said) == 1


async def test_what_was_said_while_nobody_listened_is_taken_up(slack: Slack) -> None:
    thread, other = await slack.hand_off(), await slack.hand_off(OTHER)
    await slack.api.say("// busy today", thread)
    await slack.api.say("I am back", thread)
    await slack.api.say("back to the bot", thread)
    await slack.api.say("hello you", other, user="U2")
    async with slack.running():
        await until(lambda: len(slack.said) == 3)
        await slack.api.say("live again", other)
        await until(lambda: len(slack.said) == 4)
    said = {message.text: message for message in slack.said}
    assert list(said)[-1] == "live again" and set(said) == {"I am back", "back to the bot", "hello you", "live again"}
    assert said["back to the bot"].hand_back


async def test_what_is_older_than_a_day_stays_unsaid(slack: Slack) -> None:
    thread = await slack.hand_off()
    await slack.api.say("yesterday's news", thread)
    slack.clock.time += timedelta(hours=25)
    async with slack.running():
        await until(lambda: "conversations.history" in slack.api.calls)
        await slack.api.say("today's", thread)
        await until(lambda: slack.said)
    assert [message.text for message in slack.said] == ["today's"]


async def test_a_dropped_connection_comes_back_and_nothing_between_is_lost(slack: Slack) -> None:
    thread = await slack.hand_off()
    async with slack.running():
        connections = slack.api.connections
        await slack.api.hang_up()
        await slack.api.say("between two connections", thread)
        await until(lambda: slack.api.connections > connections and slack.said)
        await slack.api.say("and after", thread)
        await until(lambda: len(slack.said) == 2)
    assert [message.text for message in slack.said] == ["between two connections", "and after"]


async def test_slack_down_at_the_start_is_waited_for(slack: Slack) -> None:
    thread = await slack.hand_off()
    slack.api.refuse("apps.connections.open", "internal_error", 500)
    slack.api.refuse("conversations.history", "ratelimited", 429)
    await slack.api.say("Hi", thread)
    async with slack.running():
        await until(lambda: slack.said)


async def test_an_agent_who_replied_before_the_thread_was_known_gets_through(slack: Slack) -> None:
    slack.api.lost.append(True)
    delivery = Delivery("h", KEY, ToDesk(handoff=HAND_OFF))
    async with slack.running() as desk:
        with pytest.raises(ChannelUnavailable):
            await desk.send(delivery)
        await slack.api.say("I have it", slack.api.roots()[0]["ts"])
        await until(lambda: slack.api.pending == 0)
        assert slack.said == []
        await desk.send(replace(delivery, attempt=2))
        await until(lambda: slack.said)
    assert slack.said[0].text == "I have it"


async def test_a_fault_with_one_message_does_not_stop_the_next(slack: Slack) -> None:
    slack.receiver = Faulty(faults=[KeyError("a fault of ours")])
    thread = await slack.hand_off()
    async with slack.running():
        await slack.api.say("one", thread)
        await slack.api.say("two", thread)
        await until(lambda: slack.said and slack.api.whispers)
    assert "two" in [message.text for message in slack.said]  # the first, too, where the thread was read again
    assert slack.api.whispers[0]["text"] == "That did not reach the customer. Please send it again."


async def test_no_log_has_a_token(
    slack: Slack, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    thread = await slack.hand_off()
    slack.api.refuse("apps.connections.open", "invalid_auth")
    slack.receiver.error = StorageUnavailable("the disk is full")
    async with slack.running():
        await slack.api.say("Hi", thread)
        await until(lambda: slack.api.calls.count("conversations.replies") > 1)
    said = capsys.readouterr()
    assert "disk is full" in said.out + said.err
    assert all(secret not in said.out + said.err + caplog.text for secret in ("xoxb-", "xapp-"))
