"""Slack's messages as the desk understands them. Pure.

Messages come as JSON, live in events and later in a thread's history, in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from channels.slack.wording import is_hand_back

# Messages that a person wrote: plain, also sent to the channel, with files, and /me.
_WRITTEN = {"", "thread_broadcast", "file_share", "me_message"}
# What begins a note among colleagues.
NOTE = "//"
_MARKUP = re.compile(r"<([@#!]?)([^>|]*)(?:\|([^>]*))?>")
_MENTION = re.compile(r"<@(\w+)>")


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread by its channel and the `ts` of its first message. `str(thread)` is the form that is stored."""

    channel: str
    ts: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True)
class Said:
    """An agent's message in a thread, or the press of the button, which `hands_back` the conversation without words.

    Colleagues are named in `text` by their ids, as <@U123>; see `with_names`.
    """

    thread: Thread
    ts: str
    user: str
    text: str = ""
    has_files: bool = False
    hands_back: bool = False

    @property
    def id(self) -> str:
        """The same whenever and however often Slack tells of it."""
        return f"slack-{self.thread.channel}-{self.ts}"

    @property
    def sent_at(self) -> datetime:
        """When it was sent."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def is_note(self) -> bool:
        """Whether it stays among colleagues."""
        return self.text.startswith(NOTE)


@dataclass(frozen=True, slots=True)
class Changed:
    """An agent's message in a thread was edited, or `deleted`."""

    thread: Thread
    user: str
    deleted: bool


def read_event(event: Mapping[str, Any]) -> Said | Changed | None:
    """What a message event says; None for what is not an agent's word in a thread."""
    channel = str(event.get("channel", ""))
    match event.get("subtype", ""):
        case "message_changed":
            new, old = event.get("message") or {}, event.get("previous_message") or {}
            edited = "edited" in new and new.get("text") != old.get("text")
            return _changed(channel, old, deleted=False) if edited else None
        case "message_deleted":
            return _changed(channel, event.get("previous_message") or {}, deleted=True)
    return read_message(channel, event)


def read_message(channel: str, message: Mapping[str, Any]) -> Said | None:
    """An agent's message in a thread; None for others: of bots, outside threads, the first of a thread, Slack's notes."""
    if not _is_reply_of_person(message):
        return None
    thread, text = Thread(channel, str(message["thread_ts"])), _text(message).strip()
    return Said(thread, str(message["ts"]), str(message["user"]), text, bool(message.get("files")), is_hand_back(text))


def read_press(body: Mapping[str, Any]) -> Said:
    """The press of the button "Back to the bot", as Slack's `block_actions` tell it."""
    message = body["message"]
    thread = Thread(str(body["channel"]["id"]), str(message.get("thread_ts") or message["ts"]))
    return Said(thread, str(body["actions"][0]["action_ts"]), str(body["user"]["id"]), hands_back=True)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A text with the names of colleagues in place of their ids."""
    return _MENTION.sub(lambda mention: f"@{names[mention[1]]}" if mention[1] in names else mention[0], text)


def mentioned(text: str) -> list[str]:
    """The ids of the colleagues that a text names."""
    return _MENTION.findall(text)


def _is_reply_of_person(message: Mapping[str, Any]) -> bool:
    thread, ts = message.get("thread_ts"), message.get("ts")
    written = message.get("subtype", "") in _WRITTEN and not message.get("bot_id") and bool(message.get("user"))
    return written and bool(thread) and thread != ts


def _changed(channel: str, before: Mapping[str, Any], *, deleted: bool) -> Changed | None:
    said = read_message(channel, before)
    return Changed(said.thread, said.user, deleted) if said is not None and said.text and not said.is_note else None


# ---------------------------------------------------------------- texts


def _text(message: Mapping[str, Any]) -> str:
    """The words as the agent saw them: from the blocks of Slack's editor where there are any, which know their emoji."""
    blocks = message.get("blocks") or ()
    if blocks and all(block.get("type") == "rich_text" for block in blocks):
        return "\n".join(_lines(element) for block in blocks for element in block.get("elements", ()))
    return unescape(_MARKUP.sub(_plain, str(message.get("text", ""))))


def _plain(markup: re.Match[str]) -> str:
    sign, target, label = markup[1], markup[2], markup[3] or ""
    match sign:
        case "@":
            return f"<@{target}>"
        case "#":
            return f"#{label or target}"
        case "!":
            return label or f"@{target}"
    return _link(target, label)


def _lines(element: Mapping[str, Any]) -> str:
    parts = element.get("elements", ())
    if element.get("type") == "rich_text_list":
        ordered = element.get("style") == "ordered"
        marks: Iterable[str] = (f"{number}. " if ordered else "• " for number in range(1, len(parts) + 1))
        return "\n".join(f"{mark}{_lines(part)}" for mark, part in zip(marks, parts, strict=True))
    return "".join(_leaf(part) for part in parts)


def _leaf(part: Mapping[str, Any]) -> str:
    match part.get("type"):
        case "link":
            return _link(str(part.get("url", "")), str(part.get("text", "")))
        case "emoji":
            codes = str(part.get("unicode", ""))
            return "".join(chr(int(code, 16)) for code in codes.split("-")) if codes else f":{part.get('name', '')}:"
        case "user":
            return f"<@{part.get('user_id', '')}>"
        case "broadcast":
            return f"@{part.get('range', '')}"
    return str(part.get("text") or part.get("fallback") or part.get("value") or "")


def _link(url: str, label: str) -> str:
    plain = url.removeprefix("mailto:").removeprefix("tel:")
    return plain if label in ("", url, plain) or plain.partition("://")[2] == label else f"{label} ({plain})"
