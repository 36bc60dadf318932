"""Replies as calls of the Bot API, as data. Pure. Texts are Telegram's HTML; everything that is not ours is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

from bot.types import Button, Card, Citation, Reply
from channels.telegram.wording import Words, words_in

# Telegram's limits. Lengths are counted after the markup is read, in UTF-16 units.
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_DATA_BYTES = 64
# How much of a card's or citation's fields is shown; all of a card's together stay below MAX_CAPTION.
MAX_TITLE = 200
MAX_REASON = 400
MAX_NAME = 64
MAX_CITATIONS = 5
# Where a long text may be broken, best first.
_BREAKS = ("\n\n", "\n", "。", ". ", " ")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Key:
    """A button under a message: it sends `data` back, or opens `url`."""

    title: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class SendText:
    """A call of sendMessage."""

    text: str
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class SendPhoto:
    """A call of sendPhoto. `photo` is an address, or the path of a picture of the shop."""

    photo: str
    caption: str = ""
    keys: tuple[Key, ...] = ()


Call = SendText | SendPhoto


def render(reply: Reply, public_url: str = "") -> tuple[Call, ...]:
    """The calls that say a reply, in order: its text with picture, sources and buttons, then one call a card.

    `public_url` is where the outside reaches our pages; links to pages are left out where it is empty or a loopback address.
    """
    words = words_in(reply.language)
    calls = _with_keys(_body(reply, words, public_url), _keys(reply.buttons, public_url), words)
    return (*calls, *(_card(card, words, public_url) for card in reply.cards))


def visible_length(markup: str) -> int:
    """The length of an HTML text as Telegram counts it."""
    return _units(unescape(_TAG.sub("", markup)))


def pieces(text: str, limit: int) -> list[str]:
    """A plain text in pieces of at most `limit` units, broken between paragraphs, lines, sentences or words if possible."""
    rest, cut = text.strip(), []
    while rest:
        head = _head(rest, limit)
        if len(head) < len(rest):
            head = head[: _break(head)]
        cut.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return cut


# ---------------------------------------------------------------- text and sources


def _body(reply: Reply, words: Words, public_url: str) -> list[Call]:
    texts = _texts(reply, words, public_url)
    if not reply.image:
        return [SendText(text) for text in texts]
    if len(texts) == 1 and visible_length(texts[0]) <= MAX_CAPTION:
        return [SendPhoto(reply.image, texts[0])]
    return [SendPhoto(reply.image), *(SendText(text) for text in texts)]


def _texts(reply: Reply, words: Words, public_url: str) -> list[str]:
    name = f"<b>{escape(_cut(reply.agent, MAX_NAME))}</b>{words.agent}\n" if reply.agent else ""
    texts = [escape(piece, quote=False) for piece in pieces(reply.text, MAX_TEXT - visible_length(name))]
    texts[:1] = [f"{name}{text}" for text in texts[:1]]
    sources = "\n".join(_sources(reply.citations, words, public_url))
    if sources and texts and visible_length(texts[-1]) + visible_length(sources) + 2 <= MAX_TEXT:
        texts[-1] += f"\n\n{sources}"
    elif sources:
        texts.append(sources)
    return texts


def _sources(citations: Iterable[Citation], words: Words, public_url: str) -> list[str]:
    lines = dict.fromkeys(_source(citation, words, public_url) for citation in citations)
    return list(lines)[:MAX_CITATIONS]


def _source(citation: Citation, words: Words, public_url: str) -> str:
    label = escape(_cut(" › ".join(filter(None, (citation.title, citation.location))), MAX_TITLE), quote=False)
    url = _address(citation.url, public_url)
    what = words.superseded if citation.superseded else words.source
    return f'<i>{what}<a href="{escape(url)}">{label}</a></i>' if url else f"<i>{what}{label}</i>"


# ---------------------------------------------------------------- cards and buttons


def _card(card: Card, words: Words, public_url: str) -> Call:
    title = f"<b>{escape(_cut(card.title, MAX_TITLE), quote=False)}</b>"
    details = (_cut(card.subtitle, MAX_TITLE), _cut(card.price, MAX_NAME), _cut(card.reason, MAX_REASON))
    caption = "\n".join([title, *(escape(detail, quote=False) for detail in details if detail)])
    page = (Button(words.view, url=card.url),) if card.url else ()
    keys = _keys((*card.buttons, *page), public_url)
    return SendPhoto(card.image, caption, keys) if card.image else SendText(caption, keys)


def _with_keys(calls: list[Call], keys: tuple[Key, ...], words: Words) -> list[Call]:
    """The keys go under the last call; where nothing is said, a word of ours carries them."""
    if not keys:
        return calls
    last = calls[-1] if calls else SendText("")
    if isinstance(last, SendPhoto):
        last = replace(last, caption=last.caption or words.choose, keys=keys)
    else:
        last = replace(last, text=last.text or words.choose, keys=keys)
    return [*calls[:-1], last]


def _keys(buttons: Iterable[Button], public_url: str) -> tuple[Key, ...]:
    keys = (_key(button, public_url) for button in buttons)
    return tuple(key for key in keys if key is not None)


def _key(button: Button, public_url: str) -> Key | None:
    """None for a page that the outside cannot reach: Telegram would refuse the whole message for it."""
    title = button.title or button.payload
    if button.url:
        url = _address(button.url, public_url)
        return Key(title, url=url) if url else None
    return Key(title, data=_data(button)) if title else None


def _data(button: Button) -> str:
    """What a press sends: the payload, or where Telegram has no room for it the title, as if the customer had typed it."""
    payload = button.payload or button.title
    fits = len(payload.encode()) <= MAX_DATA_BYTES
    return payload if fits else button.title.encode()[:MAX_DATA_BYTES].decode(errors="ignore")


def _address(url: str, public_url: str) -> str:
    """A link as it works outside of this machine, or nothing."""
    try:
        absolute = urljoin(public_url, url) if url else ""
        parts = urlsplit(absolute)
        host = parts.hostname or ""
    except ValueError:  # no address at all, such as "http://["
        return ""
    reachable = parts.scheme in ("http", "https") and "." in host and not host.startswith("127.")
    return absolute if reachable else ""


# ---------------------------------------------------------------- lengths


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _head(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")


def _cut(text: str, limit: int) -> str:
    return text if _units(text) <= limit else f"{_head(text, limit - 1).rstrip()}…"


def _break(head: str) -> int:
    for mark in _BREAKS:
        position = head.rfind(mark)
        if position >= len(head) // 2:
            return position + len(mark)
    return len(head)
