"""What a merchant writes for the host: segments of their own, phrases that must be said and words that never are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import BadContent
from bot.text import normal
from channels.stage.points import TOPICS
from channels.stage.templates import LANGUAGES, Template, read_yaml

# Values that a product has once at most, so that it is clear which one a segment means.
ONCE = frozenset[str]().union(
    *(TOPICS[name] for name in ("closing", "about", "warranty", "colors", "sizes", "former", "to_pay", "few"))
)
_KEYS = frozenset({"segments", "must_say", "taboo"})


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of the merchant's for one product, or for all (`product_id` empty), by language."""

    texts: Mapping[str, tuple[Template, ...]]
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Merchant:
    """All that a merchant has written. `taboo` are normal forms (`bot.text.normal`) that no sentence may hold."""

    segments: tuple[Segment, ...] = ()
    must_say: tuple[Segment, ...] = ()
    taboo: tuple[str, ...] = ()

    def allows(self, text: str) -> bool:
        """Whether there is no taboo in a text."""
        return not any(phrase in normal(text) for phrase in self.taboo) if self.taboo else True


def read_merchant(file: Path) -> Merchant:
    """Read a merchant's file. Raises BadContent for keys and values that are not known.

    segments: [{product: ID or nothing, zh: text, en: text}], with {a|b} and the values of `ONCE`;
    must_say: [{zh: text, en: text}], of no product; taboo: [phrase].
    """
    raw = read_yaml(file)
    for key in raw.keys() - _KEYS:
        raise BadContent(f"nothing is read from {key!r}.", where=str(file), remedy=f"Write {', '.join(sorted(_KEYS))}.")
    return Merchant(
        segments=tuple(_segment(row, ONCE, file) for row in raw.get("segments") or ()),
        must_say=tuple(_segment(row, frozenset(), file) for row in raw.get("must_say") or ()),
        taboo=tuple(filter(None, (normal(str(phrase)) for phrase in raw.get("taboo") or ()))),
    )


def _segment(row: Any, allowed: frozenset[str], file: Path) -> Segment:
    if not isinstance(row, dict) or not row.keys() & set(LANGUAGES) or row.keys() - {*LANGUAGES, "product"}:
        remedy = "Write `zh:` and `en:`, and `product:` where it is for one only."
        raise BadContent(f"{row!r} is no segment.", where=str(file), remedy=remedy)
    texts = {tag: (Template.of(str(row[tag]), allowed, str(file)),) for tag in LANGUAGES if row.get(tag)}
    return Segment(texts, str(row.get("product") or ""))
