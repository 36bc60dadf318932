"""The entries of `live.sources`: each validated by the class of the platform that it names, secrets from the environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr, ValidationError

from bot.channel import SourceSettings
from bot.errors import BadSettings
from bot.live import LivePlatform

# STREAMDESK_SOURCE_DOUYIN_SECRET is the field `secret` of the entry whose name is `douyin`.
SOURCE_PREFIX = "STREAMDESK_SOURCE_"


def with_sources(
    values: dict[str, Any], environment: Mapping[str, str], platforms: Mapping[str, LivePlatform[Any]], path: str
) -> None:
    """Put the settings of each source in the place of its entry. Raises BadSettings.

    What is wrong beside the entries themselves is left for the settings as a whole to refuse.
    """
    live = values.get("live")
    entries = live.get("sources") if isinstance(live, dict) else None
    theirs = {name: value for name, value in environment.items() if name.startswith(SOURCE_PREFIX)}
    sources = [
        _source(entry, f"live.sources.{number}", theirs, platforms, path)
        for number, entry in enumerate(entries if isinstance(entries, list) else [])
    ]
    for variable in theirs:
        known = ", ".join(name for source in sources for name in _secrets(source)) or "none: live.sources has no such entry"
        raise BadSettings("belongs to no source.", where=variable, remedy=f"Known: {known}.")
    for name, count in Counter(source.name for source in sources).items():
        if count > 1:
            remedy = "Give each a `name` of its own."
            raise BadSettings(f"live.sources: {count} entries are called {name!r}.", where=path, remedy=remedy)
    if sources:
        values["live"] = {**values["live"], "sources": sources}


def _source(
    entry: Any, key: str, theirs: dict[str, str], platforms: Mapping[str, LivePlatform[Any]], path: str
) -> SourceSettings:
    """The settings of one entry; its secrets are taken out of `theirs`."""
    if not isinstance(entry, dict):
        remedy = "Write one as {source: webhook, room: main}."
        raise BadSettings(f"{key} = {entry!r}: expected keys and values.", where=path, remedy=remedy)
    platform = platforms.get(str(entry.get("source")))
    if platform is None:
        remedy = f"Registered: {', '.join(platforms) or 'none'}."
        raise BadSettings(f"{key}.source = {entry.get('source')!r}: no such source.", where=path, remedy=remedy)
    given = {"name": platform.name, **entry}
    for field in _secret_fields(platform.settings):
        variable = f"{SOURCE_PREFIX}{given['name']}_{field}".upper()
        if field in entry:
            remedy = f"Set it in the environment as {variable}."
            raise BadSettings(f"{key}.{field} is a secret.", where=path, remedy=remedy)
        if variable in theirs:
            given[field] = theirs.pop(variable)
    try:
        settings: SourceSettings = platform.settings.model_validate(given)
    except ValidationError as error:
        raise _explained(error, key, platform.settings, path) from error
    return settings


def _secret_fields(settings: type[SourceSettings]) -> list[str]:
    return [name for name, info in settings.model_fields.items() if info.annotation is SecretStr]


def _secrets(source: SourceSettings) -> list[str]:
    return [f"{SOURCE_PREFIX}{source.name}_{field}".upper() for field in _secret_fields(type(source))]


def _explained(error: ValidationError, key: str, settings: type[SourceSettings], path: str) -> BadSettings:
    """The first thing that is wrong. The value of a secret is shown to nobody."""
    first = error.errors()[0]
    place = ".".join((key, *map(str, first["loc"])))
    if first["type"] == "extra_forbidden":
        known = ", ".join(name for name in settings.model_fields if name not in _secret_fields(settings))
        return BadSettings(f"unknown key {place!r}.", where=path, remedy=f"Known: {known}.")
    secret = bool(first["loc"]) and str(first["loc"][0]) in _secret_fields(settings)
    shown = "" if secret or first["type"] == "missing" else f" = {first['input']!r:.80}"
    return BadSettings(f"{place}{shown}: {first['msg']}.", where=path, remedy="Correct the value.")
