"""How codes reach people: over SMTP to a real server on this machine, and printed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message as Mail

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler
from aiosmtpd.smtp import SMTP, Envelope, Session
from structlog.testing import capture_logs

from actions.codes import ConsoleSender, MailSender, masked
from bot.commerce import Customer
from bot.errors import BadSettings, Unavailable
from bot.types import Language
from tests.actions.counter import customer

CUSTOMER = customer("C1")


class Arrived(MailHandler):
    """Keeps the mail that arrives; `reply` is what the server says to each recipient."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []
        self.reply = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.reply

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def arrived(port: int) -> Iterator[Arrived]:
    handler = Arrived()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    yield handler
    server.stop()


def _sender(port: int) -> MailSender:
    return MailSender("127.0.0.1", port, sender="shop@shop.example", tls=False, timeout_s=5)


@pytest.mark.parametrize(
    ("language", "words"),
    [(Language.ZH, "您的验证码是 042137"), (Language.ZH_HANT, "您的驗證碼是 042137"), (Language.EN, "Your code is 042137.")],
)
async def test_a_code_goes_by_mail(arrived: Arrived, port: int, language: Language, words: str) -> None:
    assert await _sender(port).send(CUSTOMER, "042137", language) == "c***@example.com"
    (mail,) = arrived.mails
    assert (mail["From"], mail["To"]) == ("shop@shop.example", "c1@example.com")
    assert str(make_header(decode_header(mail["Subject"]))) in ("您的验证码", "您的驗證碼", "Your code")
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes) and words in body.decode()


async def test_somebody_without_a_usable_address_is_not_reached(arrived: Arrived, port: int) -> None:
    for email in ("", "no address\r\nBcc: all@example.com"):
        stranger = Customer("C9", "王", email, "", "zh", "basic", 0, CUSTOMER.created_at, CUSTOMER.address)
        assert await _sender(port).send(stranger, "042137", Language.ZH) == ""
    assert not arrived.mails


@pytest.mark.parametrize(
    ("reply", "words"),
    [("450 4.2.1 try again, c1@example.com", "does not take it now"), ("535 5.7.8 who are you", "by e-mail")],
)
async def test_a_server_that_does_not_take_it_now_is_unavailable(
    arrived: Arrived, port: int, reply: str, words: str
) -> None:
    arrived.reply = reply
    with pytest.raises(Unavailable, match=words) as refused:
        await _sender(port).send(CUSTOMER, "042137", Language.EN)
    assert "c1@example.com" not in str(refused.value)


async def test_somebody_whose_mailbox_is_gone_is_not_reached(arrived: Arrived, port: int) -> None:
    arrived.reply = "550 5.1.1 no such user"
    with capture_logs() as logs:
        assert await _sender(port).send(CUSTOMER, "042137", Language.EN) == ""
    assert [(line["customer"], line["codes"]) for line in logs] == [("C1", [550])]
    assert not arrived.mails


async def test_a_server_that_is_away_is_unavailable(port: int) -> None:
    with pytest.raises(Unavailable, match="could not be sent by e-mail"):
        await _sender(port).send(CUSTOMER, "042137", Language.EN)


async def test_a_server_that_cannot_encrypt_is_not_given_the_code(arrived: Arrived, port: int) -> None:
    encrypting = MailSender("127.0.0.1", port, sender="shop@shop.example", timeout_s=5)
    with pytest.raises(Unavailable):
        await encrypting.send(CUSTOMER, "042137", Language.EN)
    assert not arrived.mails


def test_mail_needs_a_server_and_a_sender() -> None:
    with pytest.raises(BadSettings, match="server and a sender"):
        MailSender("", 587, sender="")


async def test_for_trials_a_code_is_printed() -> None:
    with capture_logs() as logs:
        assert await ConsoleSender().send(CUSTOMER, "042137", Language.EN) == "c***@example.com"
    assert [line["code"] for line in logs] == ["042137"]


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("li.wei@example.com", "li***@example.com"),
        ("a@example.com", "***@example.com"),
        ("+8613800001234", "**********1234"),
        ("", ""),
    ],
)
def test_contacts_are_masked(contact: str, shown: str) -> None:
    assert masked(contact) == shown
