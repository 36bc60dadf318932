"""Settings: `config.yml`, then the environment over it. Secrets come from the environment only.

An environment variable names a key by its path: `STREAMDESK_LIVE__MERGE_WINDOW_S=20` is `live.merge_window_s`. What is
unknown, malformed or in the wrong place is refused with BadSettings, which names key, value and the nearest right key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import BadSettings
from bot.text import without_password

PREFIX = "STREAMDESK_"
# Environment variables that hold secrets, and the key that each becomes. They are refused in config.yml.
SECRETS = {
    "STREAMDESK_LLM_API_KEY": "llm.api_key",
    "STREAMDESK_TELEGRAM_TOKEN": "channels.telegram.token",
    "STREAMDESK_SLACK_BOT_TOKEN": "channels.slack.bot_token",
    "STREAMDESK_SLACK_APP_TOKEN": "channels.slack.app_token",
    "STREAMDESK_HOST_SECRET": "live.host_secret",
    "STREAMDESK_LINK_SECRET": "shop.link_secret",
    "STREAMDESK_SHOP_TOKEN": "shop.token",
    "STREAMDESK_CODES_PASSWORD": "shop.codes.password",
    "STREAMDESK_ACTIONS_TOKEN": "actions.token",
}
# Variables of ours that are no settings.
OTHER_VARIABLES = {"STREAMDESK_CONFIG", "STREAMDESK_EVAL_DATA"}
# The shortest secret for HMAC-SHA256, in bytes.
MIN_SECRET = 32


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


class StorageSettings(_Section):
    """Where conversations are kept."""

    url: str = "sqlite+aiosqlite:///var/streamdesk.db"


class CodeSettings(_Section):
    """How one-time codes reach customers: printed by the service (for trials), or by e-mail from `address` over SMTP.

    With `tls`, port 465 is encrypted from the start and every other one by STARTTLS.
    """

    sender: Literal["console", "smtp"] = "console"
    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: bool = True
    address: str = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    timeout_s: Annotated[float, Field(gt=0)] = 10


class ShopSettings(_Section):
    """The shop's own database, its rules for after-sales work, and where the pictures of its products are kept.

    `url` may name a system of the merchant's instead (`https://…`, docs/shop-rest.md), which gets `token` with each request.
    `link_secret` signs the tokens by which the shop's site says who its customer is; it has at least 32 bytes, because
    whoever holds one token can try secrets on it for as long as they like (RFC 7518, 3.2). `identifiers` has the
    forms of order numbers that the shop has written down; a load puts those of its folder there, by default beside
    `pictures`.
    """

    url: str = "sqlite+aiosqlite:///var/shop.db"
    pictures: Path = Path("var/pictures")
    policy: Path | None = None
    identifiers: Path | None = None
    timezone: str = "Asia/Shanghai"
    token: SecretStr = SecretStr("")
    link_secret: SecretStr = SecretStr("")
    codes: CodeSettings = CodeSettings()

    @property
    def identifiers_file(self) -> Path:
        """Where the forms of order numbers are kept that the shop has written down."""
        return self.identifiers or self.pictures.parent / "identifiers.yml"

    @field_validator("link_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value().encode()) < MIN_SECRET:
            raise ValueError(f"a secret that signs tokens has at least {MIN_SECRET} bytes")
        return secret


class KnowledgeSettings(_Section):
    """Documents, index, sentence encoder, and perhaps a cross-encoder. Paths are relative to the working directory."""

    index: Path = Path("var/index")
    chroma_url: str = ""
    encoder: str = "multilingual-e5-small"
    reranker: str = ""
    models: Path = Path("var/models")


class UnderstandingSettings(_Section):
    """Who says what a text means: our own classifiers, or a Rasa server (`rasa run --enable-api`) where one is named."""

    rasa_url: str = ""

    @field_validator("rasa_url")
    @classmethod
    def _http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("an address starts with http:// or https://")
        return url


class PhotoSettings(_Section):
    """The photo encoder, or `none`."""

    encoder: str = "efficientnet-lite0"


class LanguageModelSettings(_Section):
    """A chat model; none when `model` is empty. Prices are per million tokens."""

    model: str = ""
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: Annotated[float, Field(gt=0)] = 20
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    prompt_price: Annotated[float, Field(ge=0)] = 0
    completion_price: Annotated[float, Field(ge=0)] = 0


class WebSettings(_Section):
    """The HTTP door. `public_url` is how the outside reaches it, for links in messages."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str = "http://127.0.0.1:8000"


class TelegramSettings(_Section):
    """The Telegram bot. `api_url` is another Bot API server than Telegram's own."""

    enabled: bool = False
    token: SecretStr = SecretStr("")
    api_url: str = ""


class SlackSettings(_Section):
    """The agents' desk in Slack. `channel` is where hand-offs open their threads."""

    enabled: bool = False
    channel: str = ""
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    api_url: str = ""


class ChannelSettings(_Section):
    """How people reach the bot."""

    web: WebSettings = WebSettings()
    telegram: TelegramSettings = TelegramSettings()
    slack: SlackSettings = SlackSettings()


class LiveSettings(_Section):
    """Live rooms. `default_room` is the one whose links are meant where people write from no room, as in the chat page."""

    default_room: str = "main"
    merge_window_s: Annotated[float, Field(ge=0)] = 20
    history: Annotated[int, Field(ge=0, le=1000)] = 50
    host_secret: SecretStr = SecretStr("")


class ActionSettings(_Section):
    """The server of `streamdesk actions`. A Rasa server sends `token` with every call; other machines need one."""

    token: SecretStr = SecretStr("")


class Settings(_Section):
    """All settings. The first five keys are Rasa's and are passed through to it."""

    recipe: str = "default.v1"
    assistant_id: str = "streamdesk"
    language: str = "zh"
    pipeline: list[dict[str, Any]] = []
    policies: list[dict[str, Any]] = []
    storage: StorageSettings = StorageSettings()
    shop: ShopSettings = ShopSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    photos: PhotoSettings = PhotoSettings()
    llm: LanguageModelSettings = LanguageModelSettings()
    channels: ChannelSettings = ChannelSettings()
    live: LiveSettings = LiveSettings()
    actions: ActionSettings = ActionSettings()

    @classmethod
    def load(cls, path: Path | None = None, environment: Mapping[str, str] | None = None) -> Self:
        """Read `path` (default: $STREAMDESK_CONFIG or config.yml) and the environment over it. Raises BadSettings."""
        environment = os.environ if environment is None else environment
        path = path or Path(environment.get("STREAMDESK_CONFIG", "config.yml"))
        values = _read_yaml(path)
        for secret in SECRETS.values():
            if _get(values, secret) is not None:
                variable = next(name for name, key in SECRETS.items() if key == secret)
                raise BadSettings(
                    f"{secret} is a secret.", where=str(path), remedy=f"Set it in the environment as {variable}."
                )
        for variable, value in environment.items():
            if variable.startswith(PREFIX) and variable not in OTHER_VARIABLES:
                _put(
                    values,
                    SECRETS.get(variable) or variable.removeprefix(PREFIX).lower().replace("__", "."),
                    value,
                    variable,
                )
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _explain(error, path) from error

    def masked(self) -> dict[str, Any]:
        """Everything, ready to be printed: secrets that are set, and passwords in URLs, show as stars."""
        shown: dict[str, Any] = _without_passwords(self.model_dump(mode="json"))
        return shown


def _without_passwords(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_passwords(inner) for key, inner in value.items()}
    return without_password(value) if isinstance(value, str) else value


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(
            f"no such file: {path}.", remedy="Start in the project's folder or set STREAMDESK_CONFIG."
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadSettings(f"this is no valid YAML: {error}", where=str(path)) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise BadSettings(f"expected keys and values, found {type(values).__name__}.", where=str(path))
    return values


def _get(values: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(values, dict):
            return None
        values = values.get(part)
    return values


def _put(values: dict[str, Any], key: str, value: str, variable: str) -> None:
    *sections, last = key.split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise BadSettings(f"{section!r} is no section.", where=variable, remedy="Unset the variable.")
    values[last] = value


def _explain(error: ValidationError, path: Path) -> BadSettings:
    """The first thing that is wrong, in words: key, value, and the nearest right key."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    secret = next((variable for variable, name in SECRETS.items() if name == key), "")
    if secret:  # what it is now is shown to nobody
        return BadSettings(f"{key}: {first['msg']}.", where=secret, remedy="Set another one in the environment.")
    if first["type"] != "extra_forbidden":
        return BadSettings(
            f"{key} = {_shown(first['input'])}: {first['msg']}.", where=str(path), remedy="Correct the value."
        )
    from rapidfuzz import process  # only when something is wrong

    known = list(_keys(Settings))
    nearest = process.extractOne(key, known)
    remedy = f"Did you mean {nearest[0]!r}?" if nearest else ""
    return BadSettings(f"unknown key {key!r} (value {_shown(first['input'])}).", where=str(path), remedy=remedy)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        key = f"{prefix}{name}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield key
            yield from _keys(info.annotation, f"{key}.")
        elif key not in SECRETS.values():
            yield key
