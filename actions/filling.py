"""Templates of declared verbs, filled in: for people in their language, for documents as plain data. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from actions.backoffice import Entry
from actions.declaration import Words
from actions.plans import Terms
from actions.words import ORDER_STATUS, word
from bot.commerce import Attribute, Money, OrderStatus, Text

# What templates are filled in from: by the first part of a path.
Scope = dict[str, Any]
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of the choices of an argument, with its words."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """So many pieces of a product, as the customer names it."""

    product: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(ge=1, le=99)] = 1


def resolve(path: str, scope: Mapping[str, Any]) -> Any:
    """What a path such as `order.ship_to.phone` leads to; None where there is nothing.

    Of a document a part is a field of its data, of the `attributes` of a product the one with that key.
    """
    found: Any = scope
    for part in path.split("."):
        if isinstance(found, Entry):
            found = found.data.get(part)
        elif isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, tuple):
            found = next((one.value for one in found if isinstance(one, Attribute) and one.key == part), None)
        else:
            found = None if part.startswith("_") else getattr(found, part, None)
    return found


def data_of(template: Any, scope: Scope) -> Any:
    """A template as data: a lone path gives its value as plain JSON, a text with paths in it a text, others themselves."""
    if not isinstance(template, str):
        return template
    alone = _FIELD.fullmatch(template)
    return _plain(resolve(alone[1], scope)) if alone else text_of(template, scope)


def text_of(template: str, scope: Scope) -> str:
    """A template as a text for machines."""
    return _FIELD.sub(lambda field: _machine_text(resolve(field[1], scope)), template)


def in_words(words: Words, scope: Scope, terms: Terms) -> str:
    """A template for people, in their language."""
    template = words.en if terms.language == "en" else words.zh
    return _FIELD.sub(lambda field: _shown(resolve(field[1], scope), terms), template)


def _plain(value: Any) -> Any:
    if isinstance(value, Chosen):
        return value.key
    if isinstance(value, Money):
        return value.minor
    if isinstance(value, OrderStatus):
        return value.value
    if isinstance(value, Text):
        return value.zh or value.en
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [asdict(one) for one in value]
    return value


def _machine_text(value: Any) -> str:
    plain = _plain(value)
    return "" if plain is None else str(plain)


def _shown(value: Any, terms: Terms) -> str:
    if isinstance(value, Chosen):
        return value.en if terms.language == "en" else value.zh
    if isinstance(value, OrderStatus):
        return word(ORDER_STATUS, value, terms.language)
    if isinstance(value, Text):
        return terms.text(value)
    if isinstance(value, datetime):
        return terms.date(value)
    if isinstance(value, tuple):
        return terms.listed(f"{item.product} × {item.quantity}" for item in value)
    return "" if value is None else str(value)
