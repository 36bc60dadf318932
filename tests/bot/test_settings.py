"""Settings: what is wrong is named with key, value and the nearest right one; secrets come from the environment only."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadSettings
from bot.registered import registered_channels
from bot.settings import Settings, known_secrets

SECRETS = known_secrets(registered_channels())


def load(tmp_path: Path, text: str = "", **environment: str) -> Settings:
    file = tmp_path / "config.yml"
    file.write_text(text, encoding="utf-8")
    return Settings.load(file, environment)


def test_the_shipped_file_is_sound_and_says_the_defaults(tmp_path: Path) -> None:
    shipped = Settings.load(Path("config.yml"), {})
    passed_on = {"recipe", "language", "pipeline", "policies"}  # Rasa's own
    assert shipped.model_dump(exclude=passed_on) == load(tmp_path).model_dump(exclude=passed_on)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    values = load(tmp_path).model_dump()
    channels = values.pop("channels")
    assert values == Settings().model_dump(exclude={"channels"})
    assert channels == {
        name: registered_channels()[name].settings().model_dump() for name in ("web", "desk", "slack", "stage", "telegram")
    }


def test_the_environment_wins(tmp_path: Path) -> None:
    settings = load(tmp_path, "live: {merge_window_s: 5}", STREAMDESK_LIVE__MERGE_WINDOW_S="30")
    assert settings.live.merge_window_s == 30


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("liv: {}", ["liv", "live"]),
        ("live: {merge_windows: 5}", ["live.merge_windows", "5", "live.merge_window_s"]),
        ("channels: {telegram: {enable: true}}", ["channels.telegram.enable", "channels.telegram.enabled"]),
        ("live: {merge_window_s: soon}", ["live.merge_window_s", "soon", "config.yml"]),
        ("channels: {web: {port: 99999}}", ["channels.web.port", "99999"]),
        ("live: [1, 2", ["YAML", "config.yml"]),
        ("- 1", ["list", "config.yml"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(BadSettings) as refused:
        load(tmp_path, text)
    for word in words:
        assert word in str(refused.value)


def test_an_unknown_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"live\.merge_window_s"):
        load(tmp_path, STREAMDESK_LIVE__MERGE_WINDOWS="3")


def test_a_secret_that_can_be_guessed_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="at least 32 bytes") as refused:
        load(tmp_path, STREAMDESK_LINK_SECRET="hunter2-hunter2")
    assert "STREAMDESK_LINK_SECRET" in str(refused.value)
    assert "hunter2" not in f"{refused.value} {refused.value.__cause__}"
    assert load(tmp_path, STREAMDESK_LINK_SECRET="").shop.link_secret.get_secret_value() == ""


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"gone\.yml"):
        Settings.load(tmp_path / "gone.yml", {})


@pytest.mark.parametrize(("variable", "key"), SECRETS.items())
def test_a_secret_in_the_file_is_refused(tmp_path: Path, variable: str, key: str) -> None:
    *sections, name = key.split(".")
    text = f"{name}: hush"
    for section in reversed(sections):
        text = f"{section}: {{{text}}}"
    with pytest.raises(BadSettings, match=variable):
        load(tmp_path, text)


@pytest.mark.parametrize("variable", SECRETS)
def test_secrets_are_read_from_the_environment_and_masked(tmp_path: Path, variable: str) -> None:
    settings = load(tmp_path, **{variable: "hush-hush" * 4 + "hush-hu="})  # long enough, and a key by its form
    assert settings.model_dump() != load(tmp_path).model_dump()
    assert "hush-hush" not in str(settings.masked())
    assert "hush-hush" not in repr(settings)


def test_the_password_of_a_database_is_masked(tmp_path: Path) -> None:
    settings = load(tmp_path, STREAMDESK_STORAGE__URL="postgresql+asyncpg://desk:hush-hush@127.0.0.1:5432/desk")
    assert settings.masked()["storage"]["url"] == "postgresql+asyncpg://desk:***@127.0.0.1:5432/desk"
