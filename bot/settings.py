"""Settings: `config.yml`, then the environment over it. Secrets come from the environment only.

An environment variable names a key by its path: `STREAMDESK_LIVE__MERGE_WINDOW_S=20` is `live.merge_window_s`. What is
unknown, malformed or in the wrong place is refused with BadSettings, which names key, value and the nearest right key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, SecretStr, ValidationError, create_model, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.channel import Channel, LiveSettings, Section, WebSettings
from bot.errors import BadSettings
from bot.live_settings import SOURCE_PREFIX, with_sources
from bot.registered import registered_channels, registered_platforms
from bot.sealing import Sealer
from bot.text import without_password

PREFIX = "STREAMDESK_"
# Environment variables that hold secrets, and the key that each becomes. They are refused in config.yml. Those of
# channels.NAME are STREAMDESK_NAME_KEY.
SECRETS = {
    "STREAMDESK_LLM_API_KEY": "llm.api_key",
    "STREAMDESK_HOST_SECRET": "live.host_secret",
    "STREAMDESK_LINK_SECRET": "shop.link_secret",
    "STREAMDESK_SHOP_TOKEN": "shop.token",
    "STREAMDESK_CODES_PASSWORD": "shop.codes.password",
    "STREAMDESK_ACTIONS_TOKEN": "actions.token",
    "STREAMDESK_DATA_KEYS": "privacy.data_keys",
}
# Variables of ours that are no settings.
OTHER_VARIABLES = {"STREAMDESK_CONFIG", "STREAMDESK_EVAL_DATA"}
# Channels whose sections are declared here, because others than the channel read them.
_DECLARED = ("web", "live")
# The shortest secret for HMAC-SHA256, in bytes.
MIN_SECRET = 32
_DAYS = re.compile(r"([1-9]\d{0,3}) days?", re.ASCII)
T = TypeVar("T", bound="Settings")


class StorageSettings(Section):
    """Where conversations are kept."""

    url: str = "sqlite+aiosqlite:///var/streamdesk.db"


class RedisSettings(Section):
    """The Redis by which several processes share their rooms (docs/running.md); none when `url` is empty."""

    url: str = ""

    @field_validator("url")
    @classmethod
    def _of_redis(cls, url: str) -> str:
        if url and not url.startswith(("redis://", "rediss://")):
            raise ValueError("an address starts with redis:// or rediss://")
        return url


class CodeSettings(Section):
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


class ShopSettings(Section):
    """The shop's own database, its rules for after-sales work, and where the pictures of its products are kept.

    `url` may name a system of the merchant's instead (`https://…`, docs/shop-rest.md), which gets `token` with each request.
    `link_secret` signs the tokens by which the shop's site says who its customer is; it has at least 32 bytes, because
    whoever holds one token can try secrets on it for as long as they like (RFC 7518, 3.2). `pack` is the folder
    with what the shop brings over the retail defaults (bot/pack.py); a load copies it there, by default beside `pictures`.
    What somebody has proven ends after `proofs_minutes` without a word from them.
    """

    url: str = "sqlite+aiosqlite:///var/shop.db"
    pictures: Path = Path("var/pictures")
    pack: Path | None = None
    timezone: str = "Asia/Shanghai"
    token: SecretStr = SecretStr("")
    link_secret: SecretStr = SecretStr("")
    codes: CodeSettings = CodeSettings()
    proofs_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 30

    @property
    def pack_folder(self) -> Path:
        """Where the files are kept that the shop brings over the retail defaults."""
        return self.pack or self.pictures.parent / "pack"

    @property
    def models_folder(self) -> Path:
        """Where a load keeps the products in 3D: beside the pictures."""
        return self.pictures.parent / "product-models"

    @field_validator("link_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value().encode()) < MIN_SECRET:
            raise ValueError(f"a secret that signs tokens has at least {MIN_SECRET} bytes")
        return secret


class KnowledgeSettings(Section):
    """Documents, index, sentence encoder, and perhaps a cross-encoder. Paths are relative to the working directory.

    `written` is the folder of the answers that are written in the console, by default beside `index`.
    """

    index: Path = Path("var/index")
    written: Path | None = None
    chroma_url: str = ""
    encoder: str = "multilingual-e5-small"
    reranker: str = ""
    models: Path = Path("var/models")

    @property
    def written_folder(self) -> Path:
        """Where the answers are kept that are written in the console."""
        return self.written or self.index.parent / "written"


class UnderstandingSettings(Section):
    """Who says what a text means: our own classifiers, or a Rasa server (`rasa run --enable-api`) where one is named."""

    rasa_url: str = ""

    @field_validator("rasa_url")
    @classmethod
    def _http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("an address starts with http:// or https://")
        return url


class PhotoSettings(Section):
    """The photo encoder, or `none`."""

    encoder: str = "efficientnet-lite0"


class LanguageModelSettings(Section):
    """A chat model; none when `model` is empty. Prices are per million tokens."""

    model: str = ""
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: Annotated[float, Field(gt=0)] = 20
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    prompt_price: Annotated[float, Field(ge=0)] = 0
    completion_price: Annotated[float, Field(ge=0)] = 0


class ChannelSettings(Section):
    """How people reach the bot. Beside `web`, every registered channel has the section that its settings class describes."""

    web: WebSettings = WebSettings()


class LimitSettings(Section):
    """How much the doors take, as rates such as `60/minute`, and where that is counted (docs/security.md).

    `rest`: messages of one integration, or without a key of one address; `sender`: those of one of an integration's senders;
    `chat`: messages of pages at one address; `photos` and `sockets`: uploads and openings from one address. `storage`:
    memory, or the `redis://` URL that several processes share.
    """

    storage: str = "memory"
    rest: str = "6000/minute"
    sender: str = "120/minute"
    chat: str = "600/minute"
    photos: str = "60/minute"
    sockets: str = "600/minute"

    @property
    def bounds(self) -> Mapping[str, str]:
        """The rates by name."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "storage"}


class BuyingSettings(Section):
    """How a card leads to a purchase (docs/buying.md).

    `checkout`: own, a page of ours, with the provider `payment` that an installed package registers (without one nothing can
    be bought, but in the demo); merchant, the `link` with `{lines}` and `{coupon}`; or off. Pieces are held for
    `hold_minutes`; 0: not at all.
    """

    checkout: Literal["own", "merchant", "off"] = "own"
    payment: str = ""
    link: str = ""
    hold_minutes: Annotated[float, Field(ge=0, le=120)] = 10

    @model_validator(mode="after")
    def _has_a_link(self) -> Self:
        if self.checkout == "merchant" and not (self.link.startswith(("https://", "http://")) and "{lines}" in self.link):
            raise ValueError("the merchant's checkout needs `link`: https://… with {lines} in it")
        return self


class ActionSettings(Section):
    """The server of `streamdesk actions`. A Rasa server sends `token` with every call; other machines need one."""

    token: SecretStr = SecretStr("")


class RetentionSettings(Section):
    """How long what is held of people is kept (docs/privacy.md): `180 days`, or `off` for as long as nobody deletes it.

    `turns`: conversations, with their states, replies and bindings; `photos`; `tickets` that are resolved.
    """

    turns: str = "180 days"
    photos: str = "30 days"
    tickets: str = "365 days"

    @field_validator("turns", "photos", "tickets", mode="before")
    @classmethod
    def _in_days(cls, period: object) -> object:
        if period == "off" or (isinstance(period, str) and _DAYS.fullmatch(period)):
            return period
        raise ValueError("a period is written as `180 days`, from 1 to 9999, or as `off`")

    @property
    def periods(self) -> Mapping[str, timedelta]:
        """The periods that are kept to, by name."""
        given = {name: _DAYS.fullmatch(getattr(self, name)) for name in type(self).model_fields}
        return {name: timedelta(days=int(days[1])) for name, days in given.items() if days}


class PrivacySettings(Section):
    """How what people say is kept (docs/privacy.md). `data_keys` are Fernet keys, separated by commas, newest first."""

    data_keys: SecretStr = SecretStr("")
    retention: RetentionSettings = RetentionSettings()

    @field_validator("data_keys")
    @classmethod
    def _are_keys(cls, keys: SecretStr) -> SecretStr:
        Sealer.of(keys.get_secret_value())
        return keys


class Settings(Section):
    """All settings. The first five keys are Rasa's and are passed through to it."""

    recipe: str = "default.v1"
    assistant_id: str = "streamdesk"
    language: str = "zh"
    pipeline: list[dict[str, Any]] = Field(default_factory=list)
    policies: list[dict[str, Any]] = Field(default_factory=list)
    storage: StorageSettings = StorageSettings()
    redis: RedisSettings = RedisSettings()
    shop: ShopSettings = ShopSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    photos: PhotoSettings = PhotoSettings()
    llm: LanguageModelSettings = LanguageModelSettings()
    channels: ChannelSettings = ChannelSettings()
    live: LiveSettings = LiveSettings()
    actions: ActionSettings = ActionSettings()
    buying: BuyingSettings = BuyingSettings()
    limits: LimitSettings = LimitSettings()
    privacy: PrivacySettings = PrivacySettings()

    @property
    def sealer(self) -> Sealer:
        """What seals personal content before it is stored."""
        return Sealer.of(self.privacy.data_keys.get_secret_value())

    @classmethod
    def load(cls, path: Path | None = None, environment: Mapping[str, str] | None = None) -> Self:
        """Read `path` (default: $STREAMDESK_CONFIG or config.yml) and the environment over it. Raises BadSettings."""
        channels = registered_channels()
        model, secrets = _with_sections(cls, channels), known_secrets(channels)
        environment = os.environ if environment is None else environment
        path = path or Path(environment.get("STREAMDESK_CONFIG", "config.yml"))
        values = _read_yaml(path)
        for variable, secret in secrets.items():
            if _get(values, secret) is not None:
                raise BadSettings(
                    f"{secret} is a secret.", where=str(path), remedy=f"Set it in the environment as {variable}."
                )
        for variable, value in environment.items():
            if variable.startswith(PREFIX) and not variable.startswith(SOURCE_PREFIX) and variable not in OTHER_VARIABLES:
                _put(
                    values,
                    secrets.get(variable) or variable.removeprefix(PREFIX).lower().replace("__", "."),
                    value,
                    variable,
                )
        with_sources(values, environment, registered_platforms(), str(path))
        try:
            return model.model_validate(values)
        except ValidationError as error:
            raise _explain(error, path, model, secrets) from error

    def section(self, channel: str) -> Section:
        """What is set for a channel: `channels.NAME`, and for the live rooms `live`, which other rooms read, too."""
        section: Section = getattr(self if channel == "live" else self.channels, channel)
        return section

    def masked(self) -> dict[str, Any]:
        """Everything, ready to be printed: secrets that are set, and passwords in URLs, show as stars."""
        shown: dict[str, Any] = _without_passwords(self.model_dump(mode="json"))
        return shown


def known_secrets(channels: Mapping[str, Channel[Any]]) -> dict[str, str]:
    """Every variable that holds a secret, with the key that it becomes; each SecretStr of a channel's is one."""
    theirs = {
        f"{PREFIX}{name}_{key}".upper(): f"channels.{name}.{key}"
        for name, channel in channels.items()
        for key, info in channel.settings.model_fields.items()
        if name not in _DECLARED and info.annotation is SecretStr
    }
    return theirs | SECRETS


def _with_sections(base: type[T], channels: Mapping[str, Channel[Any]]) -> type[T]:
    """`base` with a section of `channels` for each channel whose section is not declared here."""
    sections: dict[str, Any] = {
        name: (channel.settings, Field(default_factory=dict)) for name, channel in channels.items() if name not in _DECLARED
    }
    every = create_model("ChannelSettings", __base__=ChannelSettings, **sections)
    return create_model("Settings", __base__=base, channels=(every, Field(default_factory=dict)))


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


def _explain(error: ValidationError, path: Path, model: type[Settings], secrets: Mapping[str, str]) -> BadSettings:
    """The first thing that is wrong, in words: key, value, and the nearest right key."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    secret = next((variable for variable, name in secrets.items() if name == key), "")
    if secret:  # what it is now is shown to nobody
        return BadSettings(f"{key}: {first['msg']}.", where=secret, remedy="Set another one in the environment.")
    if first["type"] != "extra_forbidden":
        return BadSettings(
            f"{key} = {_shown(first['input'])}: {first['msg']}.", where=str(path), remedy="Correct the value."
        )
    known = [name for name in _keys(model) if name not in secrets.values()]
    unknown = f"unknown key {key!r} (value {_shown(first['input'])})."
    return BadSettings(unknown, where=str(path), remedy=_nearest(key, known))


def _nearest(key: str, known: Sequence[str]) -> str:
    """What an unknown key may have been meant to be. A channel may be right and its package missing: all are named."""
    if key.startswith("channels.") and key.count(".") == 1:
        registered = ", ".join(name for name in known if name.startswith("channels.") and name.count(".") == 1)
        return f"No installed package registers such a channel. Registered: {registered}."
    from rapidfuzz import process  # only when something is wrong

    nearest = process.extractOne(key, known)
    return f"Did you mean {nearest[0]!r}?" if nearest else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        key = f"{prefix}{name}"
        yield key
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _keys(info.annotation, f"{key}.")
