"""Conditions of flows: `slots.confirmed is true and not slots.order_number in ["A", "B"]`.

The language is the part of Rasa's CALM conditions (pypred) that flows use: `and`, `or`, `not`, brackets, the comparisons
`is`, `is not`, `=`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `contains`, `matches` (a regular expression), and the
namespaces `slots` and `context`. A name without a value is null; null is smaller than nothing and greater than nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import BadContent

Values = Mapping[str, Mapping[str, Any]]
Evaluate = Callable[[Values], Any]

NAMESPACES = ("slots", "context")
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<symbol>==|!=|<=|>=|[=<>()\[\],])"""
    r"""|(?P<word>[A-Za-z_][\w.]*))"""
)
_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "none": None, "undefined": None}


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. `names` are the slots and context values that it reads, such as `slots.confirmed`."""

    text: str
    names: frozenset[str]
    evaluate: Evaluate

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        """Whether it is true of these values."""
        return bool(self.evaluate({"slots": slots, "context": context}))


def compile_condition(text: str) -> Condition:
    """Read a condition. Raises BadContent (without a place) that names the word it stumbled over."""
    parser = _Parser(text)
    evaluate = parser.any_of()
    if parser.token is not None:
        raise parser.error(f"{parser.token!r} is not expected here")
    return Condition(text, frozenset(parser.names), evaluate)


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadContent(f"condition {text!r}: {text[position:].strip()!r} is not understood.")
        yield match.group().strip()
        position = match.end()


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = _tokens(text)
        self.names: set[str] = set()
        self.token: str | None = None
        self._advance()

    def error(self, what: str) -> BadContent:
        return BadContent(f"condition {self._text!r}: {what}.", remedy="Write it like `slots.confirmed is true`.")

    def any_of(self) -> Evaluate:
        parts = [self._all_of()]
        while self._taken("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda values: any(part(values) for part in parts)

    def _all_of(self) -> Evaluate:
        parts = [self._negated()]
        while self._taken("and"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else lambda values: all(part(values) for part in parts)

    def _negated(self) -> Evaluate:
        if self._taken("not"):
            inner = self._negated()
            return lambda values: not inner(values)
        return self._comparison()

    def _comparison(self) -> Evaluate:
        left = self._operand()
        operator = self._operator()
        if operator is None:
            return left
        right = self._operand()
        compare = _COMPARISONS[operator]
        return lambda values: compare(left(values), right(values))

    def _operator(self) -> str | None:
        if self._taken("is"):
            return "is not" if self._taken("not") else "is"
        if self._taken("not"):
            if not self._taken("in"):
                raise self.error("after a value, `not` needs `in`")
            return "not in"
        if self.token is not None and self.token.lower() in _COMPARISONS:
            return self._advance().lower()
        return None

    def _operand(self) -> Evaluate:
        if self.token is None:
            raise self.error("a value is missing at the end")
        token = self._advance()
        if token == "(":  # noqa: S105 - a bracket
            inner = self.any_of()
            self._close(")")
            return inner
        if token == "[":  # noqa: S105
            return self._list()
        if token[0] in "\"'":
            return _constant(token[1:-1])
        if token.lower() in _LITERALS:
            return _constant(_LITERALS[token.lower()])
        if token.lstrip("-")[:1].isdigit():
            return _constant(float(token))
        return self._name(token)

    def _list(self) -> Evaluate:
        items: list[Evaluate] = []
        while self.token is not None and self.token != "]":  # noqa: S105
            items.append(self._operand())
            self._taken(",")
        self._close("]")
        return lambda values: [item(values) for item in items]

    def _name(self, token: str) -> Evaluate:
        namespace, _, name = token.partition(".")
        if namespace not in NAMESPACES or not name:
            raise self.error(f'{token!r} is no value; did you mean slots.{token} or "{token}"')
        self.names.add(token)
        return lambda values: values[namespace].get(name)

    def _close(self, bracket: str) -> None:
        if not self._taken(bracket):
            raise self.error(f"{bracket!r} is missing")

    def _taken(self, token: str) -> bool:
        if self.token is None or self.token.lower() != token:
            return False
        self._advance()
        return True

    def _advance(self) -> str:
        current = self.token or ""
        self.token = next(self._rest, None)
        return current


def _constant(value: Any) -> Evaluate:
    return lambda values: value


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def comparable(left: Any, right: Any) -> bool:
        try:
            return left is not None and right is not None and compare(left, right)
        except TypeError:
            return False

    return comparable


def _within(left: Any, right: Any) -> bool:
    return right is not None and any(_equal(left, item) for item in right)


def _contains(left: Any, right: Any) -> bool:
    return left is not None and right is not None and right in left


def _matches(left: Any, right: Any) -> bool:
    return left is not None and re.fullmatch(str(right), str(left)) is not None


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": _equal,
    "=": _equal,
    "==": _equal,
    "is not": lambda left, right: not _equal(left, right),
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": _within,
    "not in": lambda left, right: not _within(left, right),
    "contains": _contains,
    "matches": _matches,
}
