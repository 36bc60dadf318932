"""Secrets in texts that others read: what an error or a library says may hold an address with a ticket, or a token.

Found by their form, because nobody knows who will say them where: a library that cannot connect says to which address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "…"
# Each with what stays of it.
_SECRETS = tuple(
    (re.compile(pattern), kept)
    for pattern, kept in (
        # the query of an address or a path: Slack's socket carries its ticket there
        (r"""(?<=/)([^\s?"'<>]*)\?[^\s"'<>]+""", r"\1?" + HIDDEN),
        # user and password in an address
        (r"(?<=://)[^/@\s]+(?=@)", HIDDEN),
        # Slack's tokens
        (r"\b(x(?:ox[a-z]|app)-)[A-Za-z0-9-]+", r"\1" + HIDDEN),
        # Telegram's, as in its addresses and alone
        (r"\b(bot\d+):[A-Za-z0-9_-]+", r"\1:" + HIDDEN),
        (r"\b(\d{6,}):[A-Za-z0-9_-]{30,}", r"\1:" + HIDDEN),
        # a language model's key, a signed token
        (r"\b(sk-)[A-Za-z0-9_-]{8,}", r"\1" + HIDDEN),
        (r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", HIDDEN),
        # headers and settings
        (r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/-]{12,}=*", r"\1" + HIDDEN),
        (r"(?i)\b((?:ticket|\w*token|\w*secret|password|api_?key)=)[^\s&,;]+", r"\1" + HIDDEN),
        # a visitor's token within the key of a conversation: who has it reads what was said there
        (r"\b((?:web|live)/[^/\s]*/[A-Za-z0-9_-]{6})[A-Za-z0-9_-]{26}(?![A-Za-z0-9_-])", r"\1" + HIDDEN),
    )
)


def redacted(text: str) -> str:
    """The text without the secrets in it."""
    for pattern, kept in _SECRETS:
        text = pattern.sub(kept, text)
    return text


def redacted_values(value: Any) -> Any:
    """The same value with every text in it redacted; what is neither text, number nor a container becomes its text."""
    match value:
        case str():
            return redacted(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): redacted_values(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redacted_values(inner) for inner in value]
    return redacted(str(value))
