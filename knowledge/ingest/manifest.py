"""`documents.csv` and front matter: what is known about documents beside their text."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import BadDocument
from knowledge.documents import AUDIENCES, Details

LANGUAGES = ("zh", "en", "both", "")
_COLUMNS = {"path", "title", "language", "products", "categories", "audience", "valid_from", "valid_until"}


@dataclass(frozen=True, slots=True)
class Calendar:
    """How dates in the shop's folder are read: days are days of `zone`; every date is moved by `shift`."""

    zone: ZoneInfo
    shift: timedelta = timedelta()


def read_manifest(path: Path) -> dict[str, Mapping[str, str]]:
    """Rows of `documents.csv` by document path; empty when there is no such file. Raises BadDocument."""
    if not path.is_file():
        return {}
    try:
        reader = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadDocument("documents.csv is not UTF-8.", where=str(path), remedy="Save it as UTF-8.") from error
    unknown = set(reader.fieldnames or ()) - _COLUMNS
    if unknown or "path" not in (reader.fieldnames or ()):
        what = f"unknown columns {sorted(unknown)}." if unknown else "there is no column `path`."
        raise BadDocument(what, where=path.name, remedy=f"The columns are {', '.join(sorted(_COLUMNS))}.")
    return {row["path"].strip(): {key: (value or "").strip() for key, value in row.items() if key} for row in reader}


def details(base: Details, fields: Mapping[str, Any], calendar: Calendar, where: str) -> Details:
    """`base` with the fields that a manifest row or front matter gives. Raises BadDocument for an impossible value."""
    language = str(fields.get("language") or base.language)
    if language not in LANGUAGES:
        raise BadDocument(f"language is {language!r}.", where=where, remedy="Write zh, en or both.")
    audience = str(fields.get("audience") or base.audience)
    if audience not in AUDIENCES:
        raise BadDocument(f"audience is {audience!r}.", where=where, remedy=f"Write one of {', '.join(AUDIENCES)}.")
    return replace(
        base,
        title=str(fields.get("title") or base.title),
        language="" if language == "both" else language,
        products=_list(fields.get("products")) or base.products,
        categories=_list(fields.get("categories")) or base.categories,
        audience=audience,
        valid_from=_moment(fields.get("valid_from"), calendar, where, day_after=False) or base.valid_from,
        valid_until=_moment(fields.get("valid_until"), calendar, where, day_after=True) or base.valid_until,
    )


def _list(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else str(value or "").split("|")
    return tuple(text for part in parts if (text := str(part).strip()))


def _moment(value: Any, calendar: Calendar, where: str, *, day_after: bool) -> datetime | None:
    """A time, or a whole day: its first moment, or with `day_after` the moment when it is over."""
    if value in (None, ""):
        return None
    try:
        moment = value if isinstance(value, date) else datetime.fromisoformat(str(value))
    except ValueError as error:
        remedy = "Write 2026-01-31 or 2026-01-31T18:00:00+08:00."
        raise BadDocument(f"{value!r} is no date.", where=where, remedy=remedy) from error
    if not isinstance(moment, datetime) or (isinstance(value, str) and len(value) == len("2026-01-31")):
        moment = datetime.combine(moment, time()) + timedelta(days=int(day_after))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=calendar.zone)
    return moment + calendar.shift
