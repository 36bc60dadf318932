"""Who comes in at the desk: passwords, sessions, and a limit on those who guess.

Passwords are kept as argon2id hashes (RFC 9106). A session is 256 random bits in the browser's cookie; the database has
their digest, so that whoever reads it is nobody's session.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.desk import Accounts, LoginAttempts, Role, Staff
from bot.errors import BadInput
from bot.ports import Clock

MIN_PASSWORD, MAX_PASSWORD = 10, 200
# Failures within this time count: of one name from one address, of one address, of one name from anywhere.
WINDOW = timedelta(minutes=10)
MOST = {"name_at_address": 5, "address": 20, "name": 50}
_NAME = re.compile(r"[^\W_](?:[\w .-]{0,38}[\w.])?")
_hasher = PasswordHasher()
# What a password is checked against where nobody has the name: the answer takes as long as for one who is there.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class LoginRefused(BadInput):
    """Nobody comes in with that. `status` is that of HTTP: 401, 403 for another role, 429 for too many attempts."""

    def __init__(self, status: int, what: str, remedy: str) -> None:
        self.status = status
        super().__init__(what, where="login", remedy=remedy)


def member(name: str, role: Role, password: str) -> Staff:
    """A member of the staff with a hashed password. Raises BadInput for a name or password that cannot be used."""
    if not _NAME.fullmatch(name):
        remedy = "Use 1 to 40 letters, digits, spaces, dots and hyphens; customers see it."
        raise BadInput(f"{name!r} is no name for the staff.", where="name", remedy=remedy)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        remedy = f"Choose one of {MIN_PASSWORD} to {MAX_PASSWORD} characters."
        raise BadInput(f"the password has {len(password)} characters.", where="password", remedy=remedy)
    return Staff(name, role, _hasher.hash(password))


def new_password() -> str:
    """A password that nobody guesses, of 16 characters."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets staff in and out. `lasts` is how long a session holds."""

    accounts: Accounts
    attempts: LoginAttempts
    clock: Clock
    lasts: timedelta

    async def log_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session. Raises LoginRefused.

        An attempt counts as failed before the password is looked at, so that many at once gain nothing.
        """
        now = self.clock.now()
        subjects = _subjects(name, address)
        marks = await self.attempts.note_failed_attempt(list(subjects.values()), now)
        for kind, subject in subjects.items():
            if await self.attempts.failed_attempts([subject], now - WINDOW) > MOST[kind]:
                minutes = int(WINDOW.total_seconds() // 60)
                raise LoginRefused(429, "too many failed attempts.", f"Wait {minutes} minutes, or ask the owner.")
        found = await self.accounts.member(name)
        if not await asyncio.to_thread(_fits, found.password if found else _NOBODY, password) or found is None:
            raise LoginRefused(401, "name or password is wrong.", "Check both.")
        await self.attempts.take_back(marks)
        if found.role is Role.HOST:
            raise LoginRefused(403, "hosts lead live rooms and have no desk.", "Ask the owner for the role agent.")
        token = secrets.token_urlsafe(32)
        await self.accounts.open_session(_digest(token), found.name, now + self.lasts)
        return token

    async def who(self, token: str) -> Staff | None:
        """Whose session that is, where it still holds and its member may be at the desk."""
        found = await self.accounts.session(_digest(token), self.clock.now()) if token else None
        return found if found is not None and found.role is not Role.HOST else None

    async def log_out(self, token: str) -> None:
        """End a session."""
        await self.accounts.close_session(_digest(token))


def _subjects(name: str, address: str) -> dict[str, str]:
    known = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
    return {"name_at_address": f"desk:{known}@{address}", "address": f"desk@{address}", "name": f"desk:{known}"}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _fits(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
