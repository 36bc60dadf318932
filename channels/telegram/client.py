"""The Bot API over aiogram: the calls that the door needs, with our errors. The only module that loads aiogram.

The bot's token is part of every address, and some libraries' errors show the address: no error leaves here unmasked.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import aiohttp
import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.methods.base import TelegramMethod
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Update
from aiogram.utils.token import TokenValidationError
from pydantic import ValidationError

from bot.errors import BadPhoto, BadSettings, ChannelUnavailable, Undeliverable
from channels.telegram.rendering import Key, SendPhoto, SendText

log = structlog.get_logger(__name__)

# What the bot wants to hear of.
UPDATES = ["message", "callback_query"]
# How long one call, one download and one wait for updates may take, in seconds.
CALL_S = 20
DOWNLOAD_S = 15
POLL_S = 30
HTTP_SERVER_ERROR = 500
# Refusals that another attempt would meet again.
_FINAL = (TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat, TelegramEntityTooLarge)


@dataclass(frozen=True, slots=True)
class Received:
    """One update by its number. `update` is None where this version of the library cannot read it."""

    number: int
    update: Update | None


class BotApi:
    """One bot on one Bot API server."""

    def __init__(self, token: str, api_url: str = "") -> None:
        """`api_url` is another server than Telegram's own. Raises BadSettings for a token that cannot be one."""
        session = AiohttpSession(api=TelegramAPIServer.from_base(api_url) if api_url else PRODUCTION, timeout=CALL_S)
        default = DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True)
        try:
            self._bot = Bot(token, session=session, default=default)
        except TokenValidationError:
            remedy = "Copy it from BotFather: digits, a colon, letters."
            raise BadSettings("this is no bot token.", where="STREAMDESK_TELEGRAM_TOKEN", remedy=remedy) from None

    async def updates(self, offset: int, wait_s: int = POLL_S) -> list[Received]:
        """What came in from `offset` on; waits for it up to `wait_s`. Everything before `offset` is forgotten by Telegram.

        Raises ChannelUnavailable or Undeliverable.
        """
        method = _GetUpdates(offset=offset, timeout=wait_s, allowed_updates=UPDATES)
        with self._mapped():
            found = await self._bot(method, request_timeout=wait_s + CALL_S)
        if found is None:
            raise ChannelUnavailable("Telegram's answer to getUpdates has no updates in it")
        return [self._received(raw) for raw in found]

    async def send_text(self, chat: str, call: SendText) -> None:
        """Send a text. Raises ChannelUnavailable or Undeliverable."""
        with self._mapped(), _accepted():
            await self._bot.send_message(chat, call.text, reply_markup=_markup(call.keys))

    async def send_photo(self, chat: str, call: SendPhoto, picture: bytes | None) -> None:
        """Send a picture: these bytes, or where there are none what its address shows. Raises as `send_text`."""
        photo = BufferedInputFile(picture, PurePosixPath(call.photo).name) if picture is not None else call.photo
        with self._mapped(), _accepted():
            await self._bot.send_photo(chat, photo, caption=call.caption or None, reply_markup=_markup(call.keys))

    async def acknowledge(self, query_id: str) -> None:
        """Tell the customer's app that the press of a button has arrived. Raises as `send_text`."""
        with self._mapped(), _accepted():
            await self._bot.answer_callback_query(query_id)

    async def download(self, file_id: str, limit: int) -> bytes:
        """The bytes of a file. Raises BadPhoto for one that Telegram does not give or of more than `limit` bytes.

        Raises ChannelUnavailable when the server does not answer.
        """
        try:
            with self._mapped():
                file = await self._bot.get_file(file_id)
        except Undeliverable as error:
            raise BadPhoto(str(error)) from error
        if file.file_path is None or (file.file_size or 0) > limit:
            raise BadPhoto(f"has {file.file_size} bytes or no path on the server.")
        return await self._fetch(file.file_path)

    async def close(self) -> None:
        """Close the connections."""
        await self._bot.session.close()

    async def _fetch(self, path: str) -> bytes:
        target = io.BytesIO()
        try:
            await self._bot.download_file(path, target, timeout=DOWNLOAD_S)
        except aiohttp.ClientResponseError as error:  # its text has the address, and the token in it
            if error.status < HTTP_SERVER_ERROR:
                raise BadPhoto(f"the server answers {error.status}.") from None
            raise ChannelUnavailable(f"Telegram's files: {error.status}") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelUnavailable(f"Telegram's files: {type(error).__name__}") from None
        return target.getvalue()

    def _received(self, raw: dict[str, Any]) -> Received:
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
        except ValidationError:  # one update that cannot be read must not keep the others from being read
            return Received(int(raw["update_id"]), None)
        return Received(update.update_id, update)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except TelegramRetryAfter as error:
            raise ChannelUnavailable(self._masked(error), retry_after=error.retry_after) from None
        except _FINAL as error:
            raise Undeliverable(self._masked(error)) from None
        except (AiogramError, OSError) as error:
            raise ChannelUnavailable(self._masked(error)) from None
        except TypeError as error:  # aiogram looks into the description of an error that has none
            raise ChannelUnavailable(f"Telegram's error has no description ({error})") from None

    def _masked(self, error: Exception) -> str:
        return str(error).replace(self._bot.token, "TOKEN")


@contextmanager
def _accepted() -> Iterator[None]:
    """A call that the server has accepted is done, also where its answer lacks what aiogram wants to read in it.

    Said again, the customer would see it again, as often as it is said.
    """
    try:
        yield
    except ClientDecodeError as error:
        if not (isinstance(error.data, dict) and error.data.get("ok") is True):
            raise
        log.info("telegram.odd_answer", reason=type(error.original).__name__)  # its text repeats what was said


class _GetUpdates(TelegramMethod[list[dict[str, Any]] | None]):
    """getUpdates, with the updates as they came: aiogram's own refuses all of them for one that it cannot read."""

    __returning__ = list[dict[str, Any]] | None
    __api_method__ = "getUpdates"

    offset: int
    timeout: int
    allowed_updates: list[str]


def _markup(keys: tuple[Key, ...]) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(text=key.title, url=key.url or None, callback_data=key.data or None)] for key in keys]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
