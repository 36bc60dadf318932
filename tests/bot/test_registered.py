"""Channels that packages register: found, validated by their own settings, opened and closed; what cannot be is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot import registered
from bot.channel import Channel, OpenChannel, Section, ServiceParts, WebSettings
from bot.errors import BadSettings
from bot.ports import Sender
from bot.registered import enabled_channels, open_channels, registered_channels
from bot.settings import Settings
from bot.types import DESK, Delivery

Register = Callable[..., None]
NOTHING = cast(ServiceParts, None)  # these channels use nothing of the service


class Mail(Section):
    """A section with a switch, a number and a secret."""

    enabled: bool = False
    every_s: int = 5
    token: SecretStr = SecretStr("")


class Nowhere:
    """`Sender` that is never asked."""

    async def send(self, delivery: Delivery) -> None:
        raise AssertionError(delivery)


def channel(name: str, *delivers_for: str, desk: bool = False, ended: list[str] | None = None) -> Channel[Any]:
    """A channel that brings these senders and notes in `ended` that it was closed."""

    @asynccontextmanager
    async def opened(settings: Mail, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
        senders: dict[str, Sender] = dict.fromkeys(delivers_for, Nowhere())
        yield OpenChannel(senders)
        (ended if ended is not None else []).append(name)

    return Channel(name, Mail, opened, desk)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Registers objects beside our own channels, as if packages had."""
    ours = registered.entry_points(group=registered.GROUP)

    def register(**objects: Any) -> None:
        for name, thing in objects.items():
            monkeypatch.setattr(f"{__name__}.{name}", thing, raising=False)
        theirs = [EntryPoint(name, f"{__name__}:{name}", registered.GROUP) for name in objects]
        monkeypatch.setattr(registered, "entry_points", lambda group: EntryPoints([*ours, *theirs]))

    return register


def load(tmp_path: Path, text: str, **environment: str) -> Settings:
    file = tmp_path / "config.yml"
    file.write_text(text, encoding="utf-8")
    return Settings.load(file, environment)


def test_our_own_are_registered() -> None:
    assert [*registered_channels()] == ["desk", "live", "slack", "stage", "telegram", "web"]


def test_none_at_all_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered, "entry_points", lambda group: EntryPoints())
    with pytest.raises(BadSettings, match=r"pip install -e \."):
        registered_channels()


# ---------------------------------------------------------------- settings


def test_a_section_is_validated_by_its_channel(register: Register, tmp_path: Path) -> None:
    register(mail=channel("mail"))
    section = load(tmp_path, "channels: {mail: {enabled: true}}", STREAMDESK_CHANNELS__MAIL__EVERY_S="7").section("mail")
    assert section == Mail(enabled=True, every_s=7)
    assert load(tmp_path, "").section("mail") == Mail()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channels: {mail: {every_s: soon}}", ["channels.mail.every_s", "soon"]),
        ("channels: {mail: {every: 5}}", ["channels.mail.every", "channels.mail.every_s"]),
        ("channels: {mail: {token: hush}}", ["channels.mail.token", "STREAMDESK_MAIL_TOKEN"]),
        (
            "channels: {mails: {enabled: true}}",
            ["'channels.mails'", "channels.mail, channels.slack, channels.stage, channels.telegram"],
        ),
    ],
)
def test_what_is_wrong_with_a_section_is_named(register: Register, tmp_path: Path, text: str, words: list[str]) -> None:
    register(mail=channel("mail"))
    with pytest.raises(BadSettings) as refused:
        load(tmp_path, text)
    for word in words:
        assert word in str(refused.value)


def test_a_secret_of_a_channel_comes_from_the_environment_and_is_masked(register: Register, tmp_path: Path) -> None:
    register(mail=channel("mail"))
    settings = load(tmp_path, "", STREAMDESK_MAIL_TOKEN="hush-hush")
    assert cast(Mail, settings.section("mail")).token.get_secret_value() == "hush-hush"
    assert "hush-hush" not in str(settings.masked())


# ---------------------------------------------------------------- what cannot be registered


def test_two_of_one_name_are_named(register: Register) -> None:
    register(mail=channel("mail"), post=channel("mail"))
    with pytest.raises(BadSettings, match=r"two channels are called 'mail': \S+:mail .* and \S+:post "):
        registered_channels()


@pytest.mark.parametrize("thing", [object(), channel("Mail"), channel("m-1"), channel("")])
def test_what_is_no_channel_is_named(register: Register, thing: object) -> None:
    register(thing=thing)
    with pytest.raises(BadSettings, match=":thing "):
        registered_channels()


def test_a_package_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("gone", "no_such_package.channel:CHANNEL", registered.GROUP)
    monkeypatch.setattr(registered, "entry_points", lambda group: EntryPoints([broken]))
    with pytest.raises(BadSettings, match=r"no_such_package\.channel:CHANNEL .*ModuleNotFoundError"):
        registered_channels()


# ---------------------------------------------------------------- opening


def test_what_is_switched_on_is_opened(register: Register) -> None:
    register(mail=channel("mail"), post=channel("post"))
    on = {"mail": Mail(enabled=True), "live": WebSettings(), "web": WebSettings()}
    chosen = [channel.name for channel, _ in enabled_channels(lambda name: on.get(name, Mail()))]
    assert chosen == ["live", "mail", "web"], "those without a switch are always on"


async def test_channels_are_closed_in_reverse() -> None:
    ended: list[str] = []
    both = [(channel(name, name, ended=ended), Mail()) for name in ("mail", "post")]
    async with AsyncExitStack() as closing:
        opened, senders = await open_channels(both, NOTHING, closing)
        assert (len(opened), [*senders]) == (2, ["mail", "post"])
        assert not ended
    assert ended == ["post", "mail"]


async def test_two_that_deliver_for_the_same_are_named() -> None:
    both = [(channel("mail", DESK, desk=True), Mail()), (channel("post", DESK, desk=True), Mail())]
    async with AsyncExitStack() as closing:
        with pytest.raises(BadSettings, match="'mail' and 'post' both deliver for 'desk'"):
            await open_channels(both, NOTHING, closing)


@pytest.mark.parametrize("odd", [channel("mail", DESK), channel("mail", "mail", desk=True)])
async def test_a_desk_is_declared_and_brought_or_neither(odd: Channel[Any]) -> None:
    async with AsyncExitStack() as closing:
        with pytest.raises(BadSettings, match="'mail' must declare"):
            await open_channels([(odd, Mail())], NOTHING, closing)


@pytest.mark.parametrize(
    ("desk", "slack", "opened"),
    [(None, False, ["desk"]), (None, True, ["slack"]), (True, True, ["desk", "slack"]), (False, False, [])],
)
def test_our_own_desk_stands_in_where_no_other_is_switched_on(desk: bool | None, slack: bool, opened: list[str]) -> None:
    channels = registered_channels()
    sections = {"desk": channels["desk"].settings(enabled=desk), "slack": channels["slack"].settings(enabled=slack)}
    chosen = enabled_channels(lambda name: sections.get(name, Mail()))
    assert [channel.name for channel, _ in chosen if channel.desk] == opened


def test_a_slack_that_hears_alarms_only_leaves_the_desk_to_ours() -> None:
    channels = registered_channels()
    slack = channels["slack"].settings.model_validate({"enabled": True, "alerts_only": True})
    sections = {"desk": channels["desk"].settings(), "slack": slack}
    chosen = enabled_channels(lambda name: sections.get(name, Mail()))
    assert {channel.name for channel, _ in chosen} >= {"desk", "slack"}
    assert [channel.name for channel, section in chosen if channel.is_desk(section)] == ["desk"]
