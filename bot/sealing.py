"""What people say is sealed before it reaches the database, and opened when it is read. Pure.

The form is Fernet's: AES-128-CBC and HMAC-SHA256 over it, so that a change is noticed (github.com/fernet/spec). The first
key seals, every key opens; a new one is put in front and the old one stays until everything is sealed anew. Without keys
everything stays readable, and so does what was written before there was one.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.errors import BadSettings

if TYPE_CHECKING:  # loaded where there are keys
    from cryptography.fernet import Fernet, MultiFernet

VARIABLE = "STREAMDESK_DATA_KEYS"
# No noun in JSON, no picture and nothing that is typed begins with this character.
_SEALED = "\x02sealed:"
# Before a text that would be taken for a sealed one.
_PLAIN = "\x02plain:"
_KEY = re.compile(r"[\w-]{43}=", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with `newest` and opens with any key of `every`; without keys it leaves things as they are."""

    newest: Fernet | None = None
    every: MultiFernet | None = None

    @classmethod
    def of(cls, keys: str) -> Self:
        """A sealer with these keys, separated by commas, newest first. Raises ValueError for one that is no key."""
        given = [key.strip() for key in keys.split(",") if key.strip()]
        if not given:
            return cls()
        from cryptography.fernet import MultiFernet

        ciphers = [_cipher(key, number) for number, key in enumerate(given, 1)]
        return cls(ciphers[0], MultiFernet(ciphers))

    @property
    def seals(self) -> bool:
        """Whether there is a key."""
        return self.newest is not None

    def seal(self, text: str) -> str:
        """The text as it may be stored."""
        if self.newest is not None:
            return _SEALED + self.newest.encrypt(text.encode()).decode()
        return _PLAIN + text if text.startswith((_SEALED, _PLAIN)) else text

    def unseal(self, stored: str) -> str:
        """The text that was stored, sealed or not. Raises BadSettings where none of the keys opens it."""
        if stored.startswith(_SEALED):
            return self._opened(stored.removeprefix(_SEALED).encode()).decode()
        return stored.removeprefix(_PLAIN)

    def reseal(self, stored: str) -> str:
        """The same, sealed with the newest key; unchanged where it is already. Raises BadSettings as `unseal` does."""
        sealed = stored.startswith(_SEALED) and self._is_newest(stored.removeprefix(_SEALED).encode())
        return stored if sealed else self.seal(self.unseal(stored))

    def seal_bytes(self, data: bytes) -> bytes:
        """A picture as it may be stored: the token without its base64, which would be a third longer."""
        if self.newest is None:
            return data
        return _SEALED.encode() + base64.urlsafe_b64decode(self.newest.encrypt(data))

    def unseal_bytes(self, stored: bytes) -> bytes:
        """The picture that was stored, sealed or not. Raises BadSettings where none of the keys opens it."""
        return self._opened(_token(stored)) if stored.startswith(_SEALED.encode()) else stored

    def reseal_bytes(self, stored: bytes) -> bytes:
        """The same, sealed with the newest key."""
        sealed = stored.startswith(_SEALED.encode()) and self._is_newest(_token(stored))
        return stored if sealed else self.seal_bytes(self.unseal_bytes(stored))

    def _opened(self, token: bytes) -> bytes:
        from cryptography.fernet import InvalidToken

        if self.every is not None:
            try:
                return self.every.decrypt(token)
            except InvalidToken:
                pass
        raise BadSettings(
            "the database holds what was sealed with a key that is not given.",
            where=VARIABLE,
            remedy="Give that key, too, behind the newest; without it this is lost.",
        )

    def _is_newest(self, token: bytes) -> bool:
        from cryptography.fernet import InvalidToken

        if self.newest is None:
            return False
        try:
            self.newest.decrypt(token)
        except InvalidToken:
            return False
        return True


OPEN = Sealer()


def new_key() -> str:
    """A fresh key: 32 random bytes in base64."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _cipher(key: str, number: int) -> Fernet:
    from cryptography.fernet import Fernet

    if not _KEY.fullmatch(key):  # Fernet reads the first key of two with a space between them, and says nothing
        raise ValueError(f"key {number} is none: a key is 32 bytes in URL-safe base64 (`streamdesk privacy key` makes one)")
    return Fernet(key)


def _token(stored: bytes) -> bytes:
    return base64.urlsafe_b64encode(stored[len(_SEALED) :])
