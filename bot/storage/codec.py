"""The nouns as JSON text and back. Decoding text of another version raises StorageUnavailable rather than guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from bot.errors import StorageUnavailable
from bot.sealing import OPEN, Sealer
from bot.types import ToCustomer, ToDesk

T = TypeVar("T")

# A reply of which we know only parts is sent to nobody: what the rest said would be lost without a word.
_BODY: TypeAdapter[ToCustomer | ToDesk] = TypeAdapter(
    Annotated[ToCustomer | ToDesk, Field(discriminator="kind")], config=ConfigDict(extra="forbid")
)


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
    """The body of a delivery, whichever it is. Raises ValueError for one that cannot be read, or only in parts."""
    try:
        return _BODY.validate_json(text)
    except ValidationError as error:  # its own words quote what was written to the customer
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise ValueError("; ".join(f"{_place(fault['loc'])}{fault['msg']}" for fault in faults)) from None


@dataclass(frozen=True, slots=True)
class Codec:
    """The nouns as they are stored: JSON text, sealed. All of it raises BadSettings where no key opens what is stored."""

    sealer: Sealer = OPEN

    def write(self, value: object) -> str:
        """A noun as it is stored."""
        return self.sealer.seal(encode(value))

    def read(self, kind: type[T], stored: str) -> T:
        """The noun of type `kind` that `write` stored. Raises StorageUnavailable for one of another version."""
        return decode(kind, self.sealer.unseal(stored))

    def read_body(self, stored: str) -> ToCustomer | ToDesk:
        """The body of a delivery. Raises ValueError for one that cannot be read, or only in parts."""
        return decode_body(self.sealer.unseal(stored))


def _place(parts: tuple[int | str, ...]) -> str:
    return f"{'.'.join(map(str, parts))}: " if parts else ""


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    # Building an adapter takes milliseconds, using one microseconds.
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
