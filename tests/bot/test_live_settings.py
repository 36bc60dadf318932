"""`live.sources`: each entry is validated by the class of its platform, and its secrets come from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadSettings
from bot.registered import registered_platforms
from bot.settings import Settings
from bot.workers import check_shareable
from channels.live.sources.webhook import WebhookSettings

SECRET = "a secret of thirty-two bytes ....."


def load(tmp_path: Path, sources: str, **environment: str) -> Settings:
    file = tmp_path / "config.yml"
    file.write_text(f"live: {{sources: {sources}}}", encoding="utf-8")
    return Settings.load(file, environment)


def test_our_own_are_registered() -> None:
    assert [*registered_platforms()] == ["bilibili", "tiktok", "twitch", "webhook", "youtube"]


def test_two_gateways_have_a_secret_each_that_nobody_is_shown(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "[{source: webhook, name: douyin, room: main, answers: all}, {source: webhook, name: taobao}]",
        STREAMDESK_SOURCE_DOUYIN_SECRET=SECRET,
        STREAMDESK_SOURCE_TAOBAO_SECRET=SECRET + "2",
    )
    secrets = [one.secret.get_secret_value() for one in settings.live.sources if isinstance(one, WebhookSettings)]
    assert secrets == [SECRET, SECRET + "2"]
    assert settings.live.sources[0].answers == "all"
    assert SECRET not in str(settings.masked()) and settings.masked()["live"]["sources"][1]["batches_a_minute"] == 600


@pytest.mark.parametrize(
    ("sources", "environment", "words"),
    [
        ("[{source: douyin}]", {}, ["live.sources.0.source", "douyin", "bilibili, tiktok, twitch, webhook, youtube"]),
        ("[{room: main}]", {}, ["live.sources.0.source", "None"]),
        ("[webhook]", {}, ["live.sources.0", "expected keys"]),
        ("webhook", {}, ["live.sources", "webhook"]),
        ("[{source: webhook, replyurl: x}]", {}, ["live.sources.0.replyurl", "reply_url"]),
        ("[{source: webhook, reply_url: ftp://x}]", {}, ["live.sources.0.reply_url", "ftp://x"]),
        ("[{source: webhook, name: 'Dou Yin'}]", {}, ["live.sources.0.name", "Dou Yin"]),
        ("[{source: webhook, secret: x}]", {}, ["live.sources.0.secret", "STREAMDESK_SOURCE_WEBHOOK_SECRET"]),
        ("[{source: bilibili}]", {}, ["live.sources.0.app_id"]),
        ("[{source: webhook}, {source: webhook}]", {}, ["2 entries", "webhook", "name"]),
        ("[{source: webhook}]", {"STREAMDESK_SOURCE_DOUYIN_SECRET": SECRET}, ["DOUYIN", "STREAMDESK_SOURCE_WEBHOOK_SECRET"]),
        ("[]", {"STREAMDESK_SOURCE_DOUYIN_SECRET": SECRET}, ["STREAMDESK_SOURCE_DOUYIN_SECRET", "no such entry"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, sources: str, environment: dict[str, str], words: list[str]) -> None:
    with pytest.raises(BadSettings) as refused:
        load(tmp_path, sources, **environment)
    for word in words:
        assert word in str(refused.value)


def test_a_secret_that_is_too_short_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="32 bytes") as refused:
        load(tmp_path, "[{source: webhook}]", STREAMDESK_SOURCE_WEBHOOK_SECRET="hunter2")
    assert "hunter2" not in str(refused.value)


def test_a_room_with_sources_is_of_one_process(tmp_path: Path) -> None:
    settings = load(tmp_path, "[{source: webhook}]", STREAMDESK_STORAGE__URL="postgresql+asyncpg://u@h/d")
    with pytest.raises(BadSettings, match=r"live\.sources"):
        check_shareable(2, settings)
