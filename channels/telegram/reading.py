"""Telegram's updates as messages of ours. Pure: a photo is only named here, the door fetches it.

Only private chats are read. The pictures of an album come as updates of their own and are one message. Edits are not read:
Telegram also reports them for changes that nobody made by hand; a "yes" read a second time could confirm something twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.types import Context, ConversationKey
from bot.types import Message as Incoming
from channels.telegram.wording import words_for

if TYPE_CHECKING:  # only the client may load aiogram
    from aiogram.types import CallbackQuery, Message, Update

CHANNEL = "telegram"
_ID = "tg-"
_ASKED = re.compile(r"ask-(?P<flow>[a-z0-9_]+)(?:-(?P<product>[A-Za-z0-9_-]+))?")
# What people send that is neither text nor picture. Other messages are Telegram's own notes (pinned, renamed, ...).
_OTHER_KINDS = (
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "live_photo",
    "location",
    "paid_media",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A message for the bot. `files` are the ids of the pictures that belong to it and are still to be fetched."""

    message: Incoming
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that the bot cannot take in, from this chat."""

    chat: str
    locale: str | None


def album(update: Update | None) -> str:
    """The name of the album that an update is a part of, or nothing."""
    return (update.message.media_group_id or "") if update is not None and update.message is not None else ""


def read(updates: Sequence[Update], now: datetime) -> Said | Unreadable | None:
    """What an update says, or those of one album; None for what is not meant for the bot.

    `now` is when a button was pressed.
    """
    found = [_read(update, now) for update in updates]
    said = [part for part in found if isinstance(part, Said)]
    return _together(said) if len(said) > 1 else next(iter(said), found[0])


def _together(parts: Sequence[Said]) -> Said:
    """An album as one message. Its id names all of it: one that was cut short and comes again whole is another message."""
    first, last = parts[0].message, parts[-1].message
    text = "\n".join(part.message.text for part in parts if part.message.text)
    files = tuple(file for part in parts for file in part.files)
    return Said(replace(first, id=f"{first.id}-{last.id.removeprefix(_ID)}", text=text), files)


def _read(update: Update, now: datetime) -> Said | Unreadable | None:
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query, now)
    if update.message is not None and update.message.chat.type == "private":
        return _written(update.update_id, update.message)
    return None


def _pressed(update_id: int, query: CallbackQuery, now: datetime) -> Said | None:
    if query.message is None or query.message.chat.type != "private" or not query.data:
        return None
    message = Incoming(
        id=_id(update_id),
        key=_key(query.message.chat.id),
        text=query.data,
        sent_at=now,
        locale=query.from_user.language_code,
        author_name=query.from_user.full_name,
    )
    return Said(message)


def _written(update_id: int, message: Message) -> Said | Unreadable | None:
    locale = message.from_user.language_code if message.from_user else None
    text, file_id = message.text or message.caption or "", _picture(message)
    if not text and not file_id:
        known = any(getattr(message, kind, None) for kind in _OTHER_KINDS)
        return Unreadable(str(message.chat.id), locale) if known else None
    text, context = _command(text, locale)
    incoming = Incoming(
        id=_id(update_id),
        key=_key(message.chat.id),
        text=text,
        sent_at=message.date,
        locale=locale,
        author_name=message.from_user.full_name if message.from_user else "",
        context=context,
    )
    return Said(incoming, (file_id,) if file_id else ())


def _command(text: str, locale: str | None) -> tuple[str, Context]:
    """Telegram's own commands are a greeting in the person's language.

    `/start TOKEN` of a deep link carries a token of the shop's site; `/start ask-FLOW-PRODUCT`, the link of a live room,
    what was asked there. No token begins so: in base64 it would be no text.
    """
    command, _, argument = text.partition(" ")
    if command == "/help" or (command == "/start" and not argument.strip()):
        return words_for(locale).greeting, Context()
    if command != "/start":
        return text, Context()
    asked = _ASKED.fullmatch(argument.strip())
    if asked is None:
        return words_for(locale).greeting, Context(customer_token=argument.strip())
    return f'/start{{"flow": "{asked["flow"]}"}}', Context(on_screen=asked["product"])


def _picture(message: Message) -> str:
    """The largest size of a photo, or a picture that was sent as a file."""
    if message.photo:
        return max(message.photo, key=lambda size: size.width * size.height).file_id
    document = message.document
    if document is not None and (document.mime_type or "").startswith("image/"):
        return document.file_id
    return ""


def _id(update_id: int) -> str:
    """Telegram repeats an update under its own number until it is acknowledged."""
    return f"{_ID}{update_id}"


def _key(chat: int) -> ConversationKey:
    return ConversationKey(CHANNEL, "", str(chat))
