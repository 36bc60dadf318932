"""What proves who somebody is does not outlive the turn that needed it: one-time codes, the last digits of a phone, signed
tokens. They are masked in what is stored; whoever reads the database or a trace later can do nothing with it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bot.types import CorrectSlot, Do, Parse, SetSlot, Turn

# The slots, arguments and entities that are proofs.
PROOFS = frozenset({"code", "phone_last4"})
MASK = "***"

_TOKEN = re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|(?<=[?&#]token=)[^\s&#]+", re.ASCII)
_SAID_CODE = re.compile(
    r"((?:验证码|驗證碼|校验码|\bcode\b|\botp\b)\D{0,12})\d(?:[\s-]?\d){3,7}(?!\d)",
    re.IGNORECASE,
)
# Not within a word: the digest of a photo and the number of an order have digits, too.
_START, _END = r"(?<![\dA-Za-z])", r"(?![\dA-Za-z])"
_MOBILE = re.compile(rf"{_START}(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{{4}}[\s-]?\d{{4}}{_END}")


def at_rest(turn: Turn) -> Turn:
    """The turn as it may be stored: its replies and outcomes as they are, everything else without proofs.

    The network address that it came from is of use to nobody afterwards either.
    """
    if turn.message.context.origin:
        turn = replace(turn, message=replace(turn.message, context=replace(turn.message.context, origin="")))
    if not _may_hold_proofs(turn):
        return turn
    hide = _hiding(turn.parse)
    context = replace(turn.message.context, customer_token=None)
    return replace(
        turn,
        message=replace(turn.message, text=hide(turn.message.text), context=context),
        parse=_each(turn.parse, hide),
        decisions=tuple(_each(decision, hide) for decision in turn.decisions),
    )


def _may_hold_proofs(turn: Turn) -> bool:
    """Most turns hold none, and need not be looked through."""
    message = turn.message
    done = (decision for decision in turn.decisions if isinstance(decision, Do))
    return (
        message.context.customer_token is not None
        or any(char.isdigit() for char in message.text)
        or _TOKEN.search(message.text) is not None
        or any(PROOFS & decision.arguments.keys() for decision in done)
    )


def without_proofs(text: str, parse: Parse | None) -> str:
    """What the customer wrote, without the proofs that were found in it."""
    return _hiding(parse)(text)


def _hiding(parse: Parse | None) -> Callable[[str], str]:
    """Masks the proofs of one message, in whatever way their digits are written, and what is one by its looks."""
    proofs = sorted(set(_proofs(parse)), key=len, reverse=True) if parse else []
    given = [re.compile(f"{_START}{_written(digits)}{_END}") for digits in proofs]

    def hide(text: str) -> str:
        text = _SAID_CODE.sub(rf"\1{MASK}", _MOBILE.sub(MASK, _TOKEN.sub(MASK, text)))
        for pattern in given:
            text = pattern.sub(MASK, text)
        return text

    return hide


def _proofs(parse: Parse) -> Iterator[str]:
    """The digits of what was given as a proof, as values and as they stand in the text."""
    said = [entity for entity in parse.entities if entity.kind in PROOFS]
    given = [command for command in parse.commands if isinstance(command, SetSlot | CorrectSlot) and command.name in PROOFS]
    for value in (*(e.value for e in said), *(e.text for e in said), *(command.value for command in given)):
        digits = "".join(char for char in str(value) if char.isdigit())
        if len(digits) >= 4:
            yield digits


def _written(digits: str) -> str:
    """A pattern for these digits, ASCII or full width, together or apart."""
    return r"[\s-]{0,3}".join(f"[{digit}{chr(ord('０') + int(digit))}]" for digit in digits)


def _each(value: Any, hide: Callable[[str], str]) -> Any:
    """The value with every text in it hidden, and every proof that is named as one."""
    if isinstance(value, str):
        return value if type(value) is not str else hide(value)
    if isinstance(value, Do):
        return replace(value, arguments={name: _argument(name, given, hide) for name, given in value.arguments.items()})
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _each(getattr(value, part.name), hide) for part in fields(value)})
    if isinstance(value, tuple | list):
        return type(value)(_each(item, hide) for item in value)
    if isinstance(value, Mapping):
        return {name: _each(item, hide) for name, item in value.items()}
    return value


def _argument(name: str, given: Any, hide: Callable[[str], str]) -> Any:
    return MASK if name in PROOFS and given else _each(given, hide)
