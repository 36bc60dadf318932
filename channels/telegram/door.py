"""The door of Telegram: updates in by long polling, replies out.

In: an update is forgotten by Telegram only when the next poll asks for the one after it, and that happens after the
message is kept here. A process that dies in between gets the update again, and the receiver knows it by its id.

Out: Telegram has no idempotency. What was said is remembered per delivery, so that in this process a reply of several calls
goes on where it stopped and a delivery that was completed is not said again. Two things can still double: the one call whose
answer was lost on the network, and the replies that a process had said but not yet noted as delivered when it died.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import structlog
from cachetools import LRUCache

from bot.errors import BadInput, ChannelUnavailable, StreamdeskError, Unavailable, Undeliverable
from bot.ports import Clock, Photos, Receiver
from bot.types import Delivery, Photo, ToCustomer
from channels.common.photos import MAX_PHOTO, keep_photo
from channels.telegram.client import BotApi, Received
from channels.telegram.pictures import PictureLoader, no_pictures
from channels.telegram.reading import Said, Unreadable, album, read
from channels.telegram.rendering import Call, SendPhoto, SendText, render
from channels.telegram.wording import words_for

if TYPE_CHECKING:  # only the client may load aiogram
    from aiogram.types import Update

log = structlog.get_logger(__name__)

# Waits after a failed poll, in seconds: doubling from the first to the last.
FIRST_RETRY_S = 1.0
LAST_RETRY_S = 30.0
# Attempts at a photo before the customer is asked to send it again, and the pause between them, in seconds.
PHOTO_ATTEMPTS = 3
PHOTO_RETRY_S = 0.5
# How long the pictures of one album may take to come in, in seconds.
ALBUM_S = 0.5
# Deliveries whose progress is remembered.
MAX_REMEMBERED = 4_096


class TelegramDoor:
    """`Sender` of the Telegram channel, and the loop that brings its messages in."""

    def __init__(
        self,
        token: str,
        receiver: Receiver,
        photos: Photos,
        clock: Clock,
        *,
        api_url: str = "",
        public_url: str = "",
        picture: PictureLoader = no_pictures,
    ) -> None:
        """`api_url` is another Bot API server than Telegram's own, `public_url` where the outside reaches our pages.

        `picture` gives the bytes of the shop's pictures. Raises BadSettings for a token that cannot be one.
        """
        self._api = BotApi(token, api_url)
        self._receiver = receiver
        self._photos = photos
        self._clock = clock
        self._public_url = public_url
        self._picture = picture
        self._offset = 0
        self._said: LRUCache[str, int] = LRUCache(MAX_REMEMBERED)

    async def aclose(self) -> None:
        """Close the connections. `run` must have been stopped."""
        await self._api.close()

    # ------------------------------------------------------------ out

    async def send(self, delivery: Delivery) -> None:
        """Deliver. Raises ChannelUnavailable (with `retry_after` where Telegram asks to wait) or Undeliverable."""
        if not isinstance(delivery.body, ToCustomer):
            raise Undeliverable("Telegram delivers replies to customers only")
        calls = render(delivery.body.reply, self._public_url)
        for number in range(self._said.get(delivery.id, 0), len(calls)):
            await self._call(delivery.key.user, calls[number])
            self._said[delivery.id] = number + 1

    async def _call(self, chat: str, call: Call) -> None:
        if isinstance(call, SendText):
            await self._api.send_text(chat, call)
        else:
            await self._show(chat, call)

    async def _show(self, chat: str, call: SendPhoto) -> None:
        """Send a picture; where there is none or Telegram refuses it, what was to stand under it."""
        outside = call.photo.startswith(("http://", "https://"))
        picture = None if outside else await asyncio.to_thread(self._picture, call.photo)
        if outside or picture is not None:
            try:
                await self._api.send_photo(chat, call, picture)
            except Undeliverable as error:
                if not call.caption:
                    raise
                log.info("telegram.picture_refused", photo=call.photo, reason=str(error))
            else:
                return
        if call.caption:
            await self._api.send_text(chat, SendText(call.caption, call.keys))

    # ------------------------------------------------------------ in

    async def run(self) -> None:
        """Take in updates until cancelled."""
        wait = FIRST_RETRY_S
        while True:
            try:
                await self._poll()
                wait = FIRST_RETRY_S
            except StreamdeskError as error:
                asked = error.retry_after if isinstance(error, ChannelUnavailable) else None
                log.warning("telegram.poll_failed", error=str(error), retry_s=asked or wait)
                await asyncio.sleep(asked or wait)
                wait = min(LAST_RETRY_S, wait * 2)

    async def _poll(self) -> None:
        for updates in await self._updates():
            if updates[0].update is None:
                log.error("telegram.unreadable_update", update=updates[0].number)
            else:
                await self._take_or_apologise([received.update for received in updates if received.update is not None])
            self._offset = updates[-1].number + 1

    async def _updates(self) -> list[list[Received]]:
        """What came in, one by one; the parts of an album together."""
        received = await self._api.updates(self._offset)
        if received and album(received[-1].update):  # the rest of it may still be on its way: ask for the same once more
            await asyncio.sleep(ALBUM_S)
            received = await self._api.updates(self._offset, wait_s=0)
        return [list(parts) for _, parts in groupby(received, lambda part: album(part.update) or part.number)]

    async def _take_or_apologise(self, updates: Sequence[Update]) -> None:
        """Bring in one update, or those of one album. Raises Unavailable when they must be taken again."""
        update = updates[0]
        try:
            await self._take(updates)
        except Unavailable:
            raise
        except Exception:  # a fault of ours with one message must not stop the others
            log.exception("telegram.update_failed", update=update.update_id)
            event = update.callback_query or update.message
            if event is not None and event.from_user is not None:
                await self._tell(str(event.from_user.id), words_for(event.from_user.language_code).failed)

    async def _take(self, updates: Sequence[Update]) -> None:
        found = read(updates, self._clock.now())
        if isinstance(found, Unreadable):
            await self._tell(found.chat, words_for(found.locale).text_only)
        elif found is not None:
            await self._accept(found)
        pressed = updates[0].callback_query
        if pressed is not None:
            await self._acknowledge(pressed.id)

    async def _accept(self, said: Said) -> None:
        photos = [photo for photo in [await self._photo(file, said) for file in said.files] if photo is not None]
        if photos or not said.files:
            await self._receiver.accept(replace(said.message, photos=tuple(photos)))

    async def _photo(self, file_id: str, said: Said) -> Photo | None:
        """A picture of a message; None where it cannot be had, and the customer is asked to send it again."""
        try:
            return await keep_photo(self._photos, await self._download(file_id))
        except BadInput as error:
            log.info("telegram.photo_refused", message=said.message.id, reason=str(error))
            await self._tell(said.message.key.user, words_for(said.message.locale).photo_failed)
            return None

    async def _download(self, file_id: str) -> bytes:
        """The bytes of a file. Raises BadInput when it cannot be had: one file must not stop the messages behind it."""
        reason = ""
        for _ in range(PHOTO_ATTEMPTS):
            try:
                return await self._api.download(file_id, MAX_PHOTO)
            except ChannelUnavailable as error:
                reason = str(error)
                await asyncio.sleep(PHOTO_RETRY_S)
        raise BadInput(f"the file was not given in {PHOTO_ATTEMPTS} attempts: {reason}")

    async def _tell(self, chat: str, text: str) -> None:
        """Say a word of the channel's own. Raises ChannelUnavailable when Telegram is not there at all."""
        try:
            await self._api.send_text(chat, SendText(text))
        except Undeliverable as error:
            log.info("telegram.not_told", chat=chat, reason=str(error))
        except ChannelUnavailable as error:
            if error.retry_after is None:
                raise
            log.info("telegram.not_told", chat=chat, reason=str(error))  # too many to this chat: others must not wait

    async def _acknowledge(self, query_id: str) -> None:
        """Stop the clock on the pressed button. It is an ornament: the press itself is kept already."""
        try:
            await self._api.acknowledge(query_id)
        except (ChannelUnavailable, Undeliverable) as error:
            log.info("telegram.not_acknowledged", reason=str(error))
