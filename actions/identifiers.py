"""`identifiers.yml`: forms of order numbers that a shop writes down, over those that are learned from its orders.

    orders:
      - pattern: 'VIP[- ]?(\\d{3})'
        normal: 'VIP-{1}'       # how the shop writes it: {1} is the first group; by default as it was written
        private: false          # by default others in a room must not read it
        example: VIP-007        # shown where a number is asked for

A pattern is looked for whatever the case, and not inside a longer word.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.errors import BadDocument
from bot.values.identifiers import Declared

_KEYS = ("pattern", "normal", "private", "example")
_PLACE = re.compile(r"\{(\w+)\}")
# Longer patterns are no forms.
_MAX_PATTERN = 200


def read_identifiers(path: Path) -> tuple[Declared, ...]:
    """The forms of a file; none where it is not there. Raises BadDocument with file, line and remedy."""
    if not path.exists():
        return ()
    try:
        content = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadDocument(f"byte {error.start} is not UTF-8.", where=path.name, remedy="Save it as UTF-8.") from error
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        raise _bad(path, mark.line if mark else 0, f"this is no YAML: {error}", "Mend the place that it names.") from error
    if content is None:
        return ()
    orders = content.get("orders") if isinstance(content, CommentedMap) and set(content) == {"orders"} else None
    if not isinstance(orders, CommentedSeq):
        raise _bad(path, 0, "expected the one key `orders` with a list of forms.", "Begin it with `orders:`.")
    return tuple(_declared(path, entry, orders.lc.data[n][0]) for n, entry in enumerate(orders))


def _declared(path: Path, entry: Any, line: int) -> Declared:
    if not isinstance(entry, CommentedMap) or "pattern" not in entry:
        raise _bad(path, line, "this form has no pattern.", "Write `- pattern: '…'`.")
    for name in entry:
        if name not in _KEYS:
            raise _bad(path, entry.lc.key(name)[0], f"{name!r} is unknown.", f"A form has {', '.join(_KEYS)}.")
    pattern = _pattern(path, str(entry["pattern"]), entry.lc.value("pattern")[0])
    normal, private, example = str(entry.get("normal", "")), entry.get("private", True), str(entry.get("example", ""))
    for place in _PLACE.findall(normal):
        if place not in pattern.groupindex and not (place.isdigit() and int(place) <= pattern.groups):
            remedy = f"The pattern has {pattern.groups} groups in parentheses; {{1}} is the first."
            raise _bad(path, entry.lc.value("normal")[0], f"normal = {normal!r}: there is no group {place!r}.", remedy)
    if not isinstance(private, bool):
        raise _bad(path, entry.lc.value("private")[0], f"private = {private!r} is no yes or no.", "Write true or false.")
    if example and not pattern.fullmatch(example):
        line = entry.lc.value("example")[0]
        raise _bad(path, line, f"example = {example!r} does not have the form.", "Correct the pattern or the example.")
    return Declared(pattern, normal, private, example)


def _pattern(path: Path, written: str, line: int) -> re.Pattern[str]:
    if len(written) > _MAX_PATTERN:
        raise _bad(path, line, f"a pattern of {len(written)} signs.", f"Use at most {_MAX_PATTERN}; write two forms.")
    try:
        pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{written})(?![A-Za-z0-9])", re.IGNORECASE)
    except re.error as error:
        remedy = "Write it as a regular expression of Python, in single quotes."
        raise _bad(path, line, f"pattern = {written!r}: {error}.", remedy) from error
    if pattern.search("") or pattern.search(" "):
        raise _bad(path, line, f"pattern = {written!r} fits nothing at all.", "Have it ask for at least one digit.")
    return pattern


def _bad(path: Path, line: int, what: str, remedy: str) -> BadDocument:
    return BadDocument(what, where=f"{path.name}, line {line + 1}", remedy=remedy)
