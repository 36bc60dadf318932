"""What comes in from Telegram, over the wire: nothing is lost, nothing is taken twice, nobody stops the others."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from bot.errors import StorageUnavailable
from bot.fakes import FakeReceiver
from bot.types import ConversationKey, Message
from tests.channels.telegram.bot_api import ANN, TOKEN, refusal
from tests.channels.telegram.conftest import Telegram, until
from tests.channels.web.conftest import jpeg, png

WEI = {"id": 88, "is_bot": False, "first_name": "伟", "language_code": "zh-hans"}
PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 90},
    {"file_id": "large", "file_unique_id": "l", "width": 1280, "height": 960},
    {"file_id": "middle", "file_unique_id": "m", "width": 320, "height": 240},
]
VOICE = {"file_id": "v", "file_unique_id": "v", "duration": 3}
GROUP = {"id": -5, "type": "group", "title": "friends"}


@dataclass
class Flaky(FakeReceiver):
    """Raises these errors first."""

    faults: Sequence[Exception] = ()
    attempts: int = 0

    async def accept(self, message: Message) -> bool:
        self.attempts += 1
        if self.attempts <= len(self.faults):
            raise self.faults[self.attempts - 1]
        return await super().accept(message)


@dataclass
class StopsAfterKeeping(FakeReceiver):
    """Keeps a message and then hangs, so that a test can kill the door at that very line."""

    answers: list[bool] = field(default_factory=list)
    stops: bool = True

    async def accept(self, message: Message) -> bool:
        self.answers.append(await super().accept(message))
        if self.stops:
            await asyncio.Event().wait()
        return self.answers[-1]


async def test_a_text_becomes_a_message(telegram: Telegram) -> None:
    number = telegram.api.say(text="Is link 3 waterproof?")
    async with telegram.running():
        await until(lambda: telegram.messages)
    message = telegram.messages[0]
    assert message.id == f"tg-{number}"
    assert message.key == ConversationKey("telegram", "", "77")
    assert (message.text, message.locale, message.author_name) == ("Is link 3 waterproof?", "en", "Ann Li")
    assert message.sent_at == datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    assert message.context.customer_token is None


async def test_messages_keep_their_order_and_are_acknowledged(telegram: Telegram) -> None:
    async with telegram.running():
        for text in ("one", "two", "three"):
            telegram.api.say(text=text)
        await until(lambda: len(telegram.messages) == 3)
        last = telegram.api.say(text="four")
        await until(lambda: last + 1 in telegram.api.offsets)
    assert [message.text for message in telegram.messages] == ["one", "two", "three", "four"]
    assert telegram.api.updates == []


async def test_a_process_killed_after_accepting_takes_the_same_message_again(telegram: Telegram) -> None:
    telegram.receiver = receiver = StopsAfterKeeping()
    number = telegram.api.say(text="yes")
    async with telegram.running():
        await until(lambda: receiver.answers)
    assert number + 1 not in telegram.api.offsets
    receiver.stops = False
    async with telegram.running():
        await until(lambda: number + 1 in telegram.api.offsets)
    assert receiver.answers == [True, False]
    assert [message.id for message in telegram.messages] == [f"tg-{number}"]


async def test_nothing_is_acknowledged_before_it_is_kept(telegram: Telegram) -> None:
    telegram.receiver.error = StorageUnavailable("the disk is full")
    number = telegram.api.say(text="hello")
    async with telegram.running():
        await until(lambda: telegram.api.polls > 2)
        assert number + 1 not in telegram.api.offsets
        telegram.receiver.error = None
        await until(lambda: number + 1 in telegram.api.offsets)
    assert [message.text for message in telegram.messages] == ["hello"]


async def test_a_fault_with_one_message_does_not_stop_the_next(telegram: Telegram) -> None:
    telegram.receiver = Flaky(faults=[KeyError("a fault of ours")])
    telegram.api.say(text="one")
    telegram.api.say(text="two")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert [message.text for message in telegram.messages] == ["two"]
    assert telegram.api.sent("sendMessage")[0].values["text"] == "Sorry, that didn't go through. Please send it again."


async def test_an_update_that_cannot_be_read_does_not_stop_the_next(telegram: Telegram) -> None:
    telegram.api.post(message={"message_id": "of a future version"})
    telegram.api.say(text="still here?")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert [message.text for message in telegram.messages] == ["still here?"]


@pytest.mark.parametrize("status", [400, 401, 409, 429, 500, 502])
async def test_a_refused_poll_is_tried_again(telegram: Telegram, status: int) -> None:
    telegram.api.poll_refusals.extend([refusal(status, "not now"), refusal(status, "not now")])
    telegram.api.say(text="hello")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert not telegram.api.poll_refusals


async def test_an_answer_without_updates_does_not_end_the_polling(telegram: Telegram) -> None:
    telegram.api.poll_refusals.append(web.json_response({"ok": True, "result": None}))
    telegram.api.say(text="hello")
    async with telegram.running():
        await until(lambda: telegram.messages)


async def test_the_largest_photo_is_kept_with_its_caption(telegram: Telegram) -> None:
    telegram.api.files = {"large": jpeg(), "small": b"no", "middle": b"no"}
    telegram.api.say(photo=PHOTO, caption="do you have this one?")
    async with telegram.running():
        await until(lambda: telegram.messages)
    message = telegram.messages[0]
    assert message.text == "do you have this one?"
    assert [photo.media_type for photo in message.photos] == ["image/jpeg"]
    assert Image.open(io.BytesIO(await telegram.store.read(message.photos[0]))).size == (128, 128)


async def test_a_photo_without_words_and_a_picture_sent_as_a_file_are_read(telegram: Telegram) -> None:
    telegram.api.files = {"large": jpeg(), "doc": jpeg()}
    telegram.api.say(photo=PHOTO)
    telegram.api.say(document={"file_id": "doc", "file_unique_id": "d", "mime_type": "image/jpeg"})
    async with telegram.running():
        await until(lambda: len(telegram.messages) == 2)
    assert [(message.text, len(message.photos)) for message in telegram.messages] == [("", 1), ("", 1)]


async def test_an_album_is_one_message_even_when_it_comes_in_parts(telegram: Telegram) -> None:
    telegram.api.files = {"large": jpeg()}
    first = telegram.api.say(photo=PHOTO, caption="any of these?", media_group_id="a1")
    async with telegram.running():
        await until(lambda: telegram.api.polls)
        telegram.api.say(photo=PHOTO, media_group_id="a1")
        last = telegram.api.say(photo=PHOTO, media_group_id="a1")
        telegram.api.say(photo=PHOTO, caption="or this", media_group_id="a2")
        await until(lambda: len(telegram.messages) == 2)
    album, other = telegram.messages
    assert (album.id, album.text, len(album.photos)) == (f"tg-{first}-{last}", "any of these?", 3)
    assert (other.text, len(other.photos)) == ("or this", 1)


async def test_an_album_arrives_without_the_picture_that_cannot_be_had(telegram: Telegram) -> None:
    telegram.api.files = {"large": jpeg()}
    gone = [{"file_id": "gone", "file_unique_id": "g", "width": 90, "height": 90}]
    video = {"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1, "duration": 1}
    telegram.api.say(photo=PHOTO, media_group_id="a1")
    telegram.api.say(photo=gone, media_group_id="a1")
    telegram.api.say(video=video, media_group_id="a1")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert len(telegram.messages[0].photos) == 1
    (told,) = telegram.api.sent("sendMessage")
    assert told.values["text"].startswith("I couldn't get that picture.")


async def test_a_download_is_tried_again(telegram: Telegram) -> None:
    telegram.api.files = {"large": jpeg()}
    telegram.api.broken_downloads = 2
    telegram.api.say(photo=PHOTO)
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert telegram.messages[0].photos


@pytest.mark.parametrize(
    ("files", "broken"),
    [
        ({}, 0),  # getFile refuses
        ({"large": b""}, 0),  # the file is gone
        ({"large": b"no picture"}, 0),
        ({"large": png(1, 20_000)}, 0),
        ({"large": b"x" * (8 * 1024 * 1024 + 1)}, 0),
        ({"large": b"x"}, 99),  # the file server is ill
    ],
)
async def test_who_sent_a_photo_that_cannot_be_had_is_told(telegram: Telegram, files: dict[str, bytes], broken: int) -> None:
    telegram.api.files, telegram.api.broken_downloads = files, broken
    telegram.api.say(photo=PHOTO, user=WEI)
    telegram.api.say(text="next")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert [message.text for message in telegram.messages] == ["next"]
    told = telegram.api.sent("sendMessage")[0].values
    assert (told["chat_id"], told["text"][:8]) == ("88", "这张图我没收到，")


async def test_a_press_sends_the_payload_and_is_acknowledged(telegram: Telegram) -> None:
    number = telegram.api.press('/order_status{"order_number": "SD2026010501"}')
    async with telegram.running():
        await until(lambda: telegram.api.sent("answerCallbackQuery"))
    message = telegram.messages[0]
    assert (message.id, message.key.user) == (f"tg-{number}", "77")
    assert message.text == '/order_status{"order_number": "SD2026010501"}'
    assert message.sent_at == telegram.clock.now()


async def test_a_press_too_old_to_be_acknowledged_is_taken_all_the_same(telegram: Telegram) -> None:
    telegram.api.refuse(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    telegram.api.press("/affirm")
    telegram.api.say(text="next")
    async with telegram.running():
        await until(lambda: len(telegram.messages) == 2)
    assert [message.text for message in telegram.messages] == ["/affirm", "next"]


@pytest.mark.parametrize(
    ("user", "text", "said", "token"),
    [
        (ANN, "/start", "Hello", None),
        (WEI, "/start", "你好", None),
        (ANN, "/start abc-DEF_123", "Hello", "abc-DEF_123"),
        (ANN, "/help", "Hello", None),
        (ANN, "/affirm", "/affirm", None),
        (ANN, "start", "start", None),
    ],
)
async def test_telegrams_own_commands(
    telegram: Telegram, user: dict[str, Any], text: str, said: str, token: str | None
) -> None:
    telegram.api.say(text=text, user=user)
    async with telegram.running():
        await until(lambda: telegram.messages)
    message = telegram.messages[0]
    assert (message.text, message.context.customer_token) == (said, token)


@pytest.mark.parametrize(("user", "words"), [(ANN, "I can only read text and photos."), (WEI, "我只看得懂文字和图片～")])
async def test_who_sends_a_voice_message_is_told_what_can_be_read(
    telegram: Telegram, user: dict[str, Any], words: str
) -> None:
    telegram.api.say(voice=VOICE, user=user)
    telegram.api.say(text="next", user=user)
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert [message.text for message in telegram.messages] == ["next"]
    assert [call.values["text"].startswith(words) for call in telegram.api.sent("sendMessage")] == [True]


async def test_the_words_under_a_video_are_read(telegram: Telegram) -> None:
    video = {"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1, "duration": 1}
    telegram.api.say(video=video, caption="does it come in red?")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert telegram.messages[0].text == "does it come in red?"


@pytest.mark.parametrize(("status", "description"), [(403, "Forbidden: bot was blocked by the user"), (429, "Too Many")])
async def test_one_chat_that_cannot_be_told_does_not_stop_the_others(
    telegram: Telegram, status: int, description: str
) -> None:
    telegram.api.refuse(status, description, **({"retry_after": 30} if status == 429 else {}))
    telegram.api.say(voice=VOICE)
    telegram.api.say(text="next", user=WEI)
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert telegram.api.sent("sendMessage") == []


async def test_groups_edits_and_notes_of_telegram_are_left_alone(telegram: Telegram) -> None:
    telegram.api.say(text="hi all", chat=GROUP)
    telegram.api.say(voice=VOICE, chat=GROUP)
    private = {"id": 77, "type": "private", "first_name": "Ann"}
    telegram.api.post(
        edited_message={"message_id": 1, "date": 1, "edit_date": 2, "chat": private, "from": ANN, "text": "yes"}
    )
    telegram.api.say(message_auto_delete_timer_changed={"message_auto_delete_time": 60})
    telegram.api.post(callback_query={"id": "q", "from": ANN, "chat_instance": "c", "inline_message_id": "i", "data": "x"})
    telegram.api.say(text="last")
    async with telegram.running():
        await until(lambda: telegram.messages)
    assert [message.text for message in telegram.messages] == ["last"]
    assert telegram.api.sent("sendMessage") == []


async def test_no_log_has_the_token(telegram: Telegram, capsys: pytest.CaptureFixture[str]) -> None:
    telegram.api.files, telegram.api.broken_downloads = {"large": b"x"}, 99
    telegram.api.refuse(500, f"Internal: no route for bot{TOKEN}")
    telegram.api.say(photo=PHOTO)
    telegram.api.say(text="next")
    async with telegram.running():
        await until(lambda: telegram.messages)
    said = capsys.readouterr()
    assert "TOKEN" in said.out + said.err
    assert TOKEN not in said.out + said.err
