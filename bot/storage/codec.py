"""The nouns as JSON text and back. Decoding text of another version raises StorageUnavailable rather than guessing."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.errors import StorageUnavailable
from bot.types import ToCustomer, ToDesk

T = TypeVar("T")

_BODY: TypeAdapter[ToCustomer | ToDesk] = TypeAdapter(ToCustomer | ToDesk)


def encode(value: object) -> str:
    """JSON text of a noun."""
    return _adapter(type(value)).dump_json(value).decode()


def decode(kind: type[T], text: str) -> T:
    """The noun of type `kind` in a JSON text written by `encode`."""
    try:
        value: T = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise StorageUnavailable(f"a stored {kind.__name__} cannot be read: {error}") from error
    return value


def decode_body(text: str) -> ToCustomer | ToDesk:
    """The body of a delivery, whichever it is."""
    return _BODY.validate_json(text)


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    # Building an adapter takes milliseconds, using one microseconds.
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
