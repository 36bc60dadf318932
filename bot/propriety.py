"""What a shop does not say in public: words that advertising may not use, promises, private data and secrets. Pure.

The words are data with a version (`propriety.yml`); what has a form rather than words is a pattern here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import BadContent
from bot.text import normal

WORDS: Final = Path(__file__).with_name("propriety.yml")

PROMISE: Final = re.compile(
    r"保证|承诺|一定(?:会|能|可以)|肯定(?:会|能|可以)|绝对|百分之?百|100\s*%\s*(?:能|会|会到|有效)|包您|无条件"
    r"|\bguarantee[ds]?\b|\bpromise[ds]?\b|\bdefinitely will\b|\b100% (?:sure|certain)\b|\bwithout fail\b",
    re.IGNORECASE,
)
PRIVATE: Final = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    re.compile(r"\+\d[\d ()-]{7,15}\d"),
    re.compile(r"\b[A-Z]{2}\d{10,14}(?:CN)?\b"),
    re.compile(r"[㐀-鿿]{2,8}(?:省|市|区|县)[㐀-鿿\d]{1,20}(?:路|街|道|巷|弄)\s?\d+\s?号[㐀-鿿\d-]{0,12}"),
    re.compile(r"\b\d{1,5} [A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd)\b"),
)
SECRETS: Final = (
    re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
)
# What stands within a Chinese phrase without changing it: "最 佳", "最·佳".
_WITHIN: Final = re.compile(r"(?<=[㐀-鿿])[\s·.\-_*|/~]+(?=[㐀-鿿])")


class Kind(StrEnum):
    """What is wrong with words."""

    ABSOLUTE = "absolute"
    HEALTH = "health"
    PROMISE = "promise"
    PRIVATE = "private"
    SECRETS = "secrets"


WORDED: Final = (Kind.ABSOLUTE, Kind.HEALTH)
EVERY: Final = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong, and the words that are."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Propriety:
    """The guard. `phrases` are the forbidden words by kind, as they are compared (`plain`)."""

    version: str
    phrases: Mapping[Kind, tuple[re.Pattern[str], ...]]

    def violations(self, text: str, facts: str = "", kinds: Collection[Kind] = EVERY) -> tuple[Violation, ...]:
        """All that is wrong with a text, of these kinds. Words that `facts`, texts of the shop's tables, have are allowed.

        Secrets are never allowed.
        """
        said, known = plain(text), plain(facts)
        found = [
            *(
                Violation(kind, words)
                for kind in WORDED
                for words in _matches(self.phrases[kind], said)
                if words not in known
            ),
            *(Violation(Kind.PROMISE, words) for words in _matches((PROMISE,), text) if words.lower() not in facts.lower()),
            *(Violation(Kind.PRIVATE, words) for words in _matches(PRIVATE, text) if words not in facts),
            *(Violation(Kind.SECRETS, words) for words in _matches(SECRETS, text)),
        ]
        return tuple(one for one in found if one.kind in kinds)


def plain(text: str) -> str:
    """A text as its words are compared: simplified, lower case, nothing within Chinese phrases."""
    return _WITHIN.sub("", normal(text))


@cache
def read_propriety(file: Path = WORDS) -> Propriety:
    """The guard with the words of a file. Raises BadContent for one that cannot be read, or has no version or words."""
    try:
        raw = YAML(typ="safe").load(file.read_text("utf-8"))
    except (FileNotFoundError, YAMLError) as error:
        raise BadContent(f"the words cannot be read: {error}", where=str(file)) from error
    if not isinstance(raw, dict) or not raw.get("version") or raw.keys() != {"version", *WORDED}:
        remedy = f"Write `version:` and, each with `zh:` and `en:`, {', '.join(WORDED)}."
        raise BadContent("these are no words of propriety.", where=str(file), remedy=remedy)
    return Propriety(str(raw["version"]), {kind: tuple(_patterns(raw[kind], f"{file}, {kind}")) for kind in WORDED})


def _patterns(raw: Any, where: str) -> Iterator[re.Pattern[str]]:
    for language in ("zh", "en"):
        words = raw.get(language) if isinstance(raw, dict) else None
        if not isinstance(words, list) or not words:
            raise BadContent(f"there are no words in {language}.", where=where, remedy="Write a list of them.")
        edge = "" if language == "zh" else r"(?![a-z0-9])"
        longest = sorted((re.escape(plain(str(one))) for one in words), key=len, reverse=True)
        yield re.compile(f"{'' if language == 'zh' else r'(?<![a-z0-9])'}(?:{'|'.join(longest)}){edge}")


def _matches(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[str]:
    return (match.group() for pattern in patterns for match in pattern.finditer(text))
