"""How a one-time code reaches the customer: printed in the service's terminal, or by e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Protocol

import structlog

from bot.commerce import Customer
from bot.errors import BadSettings, Unavailable
from bot.types import Language

log = structlog.get_logger(__name__)

# The port where SMTP is encrypted from the start (RFC 8314).
SMTPS = 465
# From here on a server's reply is that the mailbox does not take it, now or ever (RFC 5321, 4.2.3).
PERMANENT = 550
# Subject and body of a code, by language; `{code}` is filled in.
_WORDS: Mapping[str, tuple[str, str]] = {
    Language.ZH: (
        "您的验证码",
        "您的验证码是 {code}，10 分钟内有效。\n如果不是您本人在咨询客服，请忽略，并不要告诉任何人。\n",
    ),
    Language.ZH_HANT: (
        "您的驗證碼",
        "您的驗證碼是 {code}，10 分鐘內有效。\n如果不是您本人在諮詢客服，請忽略，並不要告訴任何人。\n",
    ),
    Language.EN: (
        "Your code",
        "Your code is {code}. It holds for 10 minutes.\n"
        "If you are not talking to our support, ignore this and tell it to nobody.\n",
    ),
}


class CodeSender(Protocol):
    """Brings a code to a customer, by what is on file."""

    async def send(self, customer: Customer, code: str, language: Language) -> str:
        """Send it. Returns where it went, masked; an empty text where nothing on file can be used.

        Raises Unavailable when it could not be sent now.
        """
        ...


class ConsoleSender:
    """For trials: the code is printed where the service runs, and nobody else is told."""

    async def send(self, customer: Customer, code: str, language: Language) -> str:
        """Print it."""
        log.warning("code.printed", customer=customer.id, code=code, remedy="for trials only: set shop.codes.sender to smtp")
        return masked(customer.email or customer.phone)


class MailSender:
    """E-mail over SMTP, encrypted by STARTTLS or, on port 465, from the start."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        user: str = "",
        password: str = "",
        tls: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        """`sender` is the From address. Without `tls` nothing is encrypted: for a server on the same machine."""
        if not host or not sender:
            raise BadSettings(
                "codes by e-mail need a server and a sender.",
                where="shop.codes",
                remedy="Set shop.codes.host and shop.codes.address, or shop.codes.sender to console.",
            )
        self._host, self._port, self._timeout_s = host, port, timeout_s
        self._user, self._password = user or None, password or None
        self._from_start, self._starttls = tls and port == SMTPS, tls and port != SMTPS
        self._sender = sender

    async def send(self, customer: Customer, code: str, language: Language) -> str:
        """Send it to the e-mail address on file."""
        import aiosmtplib

        if not customer.email:
            return ""
        try:
            message = mail(self._sender, customer.email, code, language)
        except ValueError:  # a line break in the address, or none at all: it is not used
            return ""
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                timeout=self._timeout_s,
                username=self._user,
                password=self._password,
                use_tls=self._from_start,
                start_tls=self._starttls,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refused.code >= PERMANENT for refused in error.recipients):
                log.warning("code.refused", customer=customer.id, codes=[refused.code for refused in error.recipients])
                return ""
            raise Unavailable("the code could not be sent by e-mail: the server does not take it now.") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            why = str(error).replace(customer.email, masked(customer.email))  # it ends up in logs and traces
            raise Unavailable(f"the code could not be sent by e-mail: {why}") from error
        return masked(customer.email)


def mail(sender: str, to: str, code: str, language: Language) -> EmailMessage:
    """The e-mail that carries a code."""
    subject, body = _WORDS[language]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(body.format(code=code))
    return message


def masked(contact: str) -> str:
    """An e-mail address or phone number as its owner knows it and nobody else: `li***@example.com`, `*******0003`."""
    name, at, domain = contact.partition("@")
    if at:
        return f"{name[: min(2, len(name) - 1)]}***@{domain}"
    return "*" * max(len(contact) - 4, 0) + contact[-4:] if contact else ""
