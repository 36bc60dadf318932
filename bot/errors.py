"""The error tree. Everything that Streamdesk raises on purpose is one of these; foreign exceptions are mapped at the
boundary where they arise.

    StreamdeskError
    ├── BadInput            the caller's fault: names what, where and how to mend it (4xx at the doors)
    │   ├── BadSettings     a key or value of config.yml or the environment
    │   ├── BadContent      a file of the bot's content (domain, responses, flows, NLU data)
    │   ├── BadDocument     a file of the shop's documents or folder
    │   └── BadPhoto        bytes that are no picture we can read
    ├── NotVerified         the person has not proven who they are
    ├── Unavailable         a part that we depend on does not answer; the same call may succeed later (503)
    │   ├── StorageUnavailable
    │   ├── ModelUnavailable
    │   ├── ShopUnavailable
    │   └── ChannelUnavailable
    ├── Undeliverable       a delivery that will never arrive (blocked bot, deleted chat)
    └── VersionConflict     someone else committed this conversation first; reload and decide again

A refusal by the shop's rules is an `Outcome`, never an exception.
"""

from __future__ import annotations


class StreamdeskError(Exception):
    """Base of all errors raised on purpose."""


class BadInput(StreamdeskError):
    """Something given to us is wrong. `what` names it with its value, `where` the place, `remedy` how to mend it."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        place = f"{where}: " if where else ""
        advice = f" {remedy}" if remedy else ""
        super().__init__(f"{place}{what}{advice}")


class BadSettings(BadInput):
    """A setting is unknown, malformed or contradicts another."""


class BadContent(BadInput):
    """A file of the bot's content cannot be used."""


class BadDocument(BadInput):
    """A file of the shop cannot be read or holds something impossible."""


class BadPhoto(BadInput):
    """The bytes are no picture that can be read."""


class NotVerified(StreamdeskError):
    """Something of a customer was asked for before the person has proven to be that customer."""


class Unavailable(StreamdeskError):
    """A part that we depend on does not answer. The same call may succeed later."""


class StorageUnavailable(Unavailable):
    """The database is locked, gone or full."""


class ModelUnavailable(Unavailable):
    """The language model timed out, refused or answered nonsense."""


class ShopUnavailable(Unavailable):
    """The shop's system does not answer."""


class ChannelUnavailable(Unavailable):
    """The platform of a channel does not answer or asks to wait. `retry_after` is in seconds, where the platform said it."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Undeliverable(StreamdeskError):
    """The platform refuses this delivery for good."""


class VersionConflict(StreamdeskError):
    """The conversation was committed by someone else since it was loaded."""
