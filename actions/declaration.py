"""Verbs that a shop declares as data, in the file `verbs.yml` of its pack: what each takes, allows, does and says.

Texts are templates: `{order.status}` is filled in from what the verb is about (`order`, `customer`, `product`, `card`, the
customer's gift card), `{given.NAME}` from its arguments, `{entry.KIND.FIELD}` from the shop's documents that it names,
`{placed.id}` and `{placed.total}` from an order that it places. docs/shop-folder.md shows a whole one.
"""

from __future__ import annotations

import difflib
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails
from ruamel.yaml.error import YAMLError

from actions.postage import Section
from bot.errors import BadContent
from bot.yaml import read_yaml

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# What templates may begin with, by what a verb is about; `given`, `entry` and `placed` are known where they are declared.
_SUBJECTS: Mapping[str, frozenset[str]] = {
    "order": frozenset({"order", "customer", "card"}),
    "customer": frozenset({"customer", "card"}),
    "product": frozenset({"product"}),
}


class Words(Section):
    """A text in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Argument(Section):
    """One thing that a verb is given. `default` is a template; without one the argument is required.

    `choice` is one of `choices`, by its key or either of its words; `photo` the digest of a picture; `items` products with
    their quantities: a list of `{product, quantity}`, or the name of one product.
    """

    type: Literal["text", "integer", "choice", "photo", "items"] = "text"
    choices: Mapping[Name, Words] = Field(default_factory=dict)
    default: str = ""

    @model_validator(mode="after")
    def _choices_are_for_choices(self) -> Argument:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices belong to the type choice, and it needs them")
        return self


class Check(Section):
    """What has to be so: `value` is `among` these, or there is one (`known`) or none. Else it is refused by `code`."""

    value: str
    among: tuple[str, ...] | None = None
    known: bool | None = None
    code: Name
    words: Words

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Check:
        if (self.among is None) == (self.known is None):
            raise ValueError("a check has one of among and known")
        return self


class Place(Section):
    """An order of the argument `items`, at today's prices, paid by the way that `payment` names.

    A gift card pays at once; any other way leaves the order waiting for its payment.
    """

    items: Name
    payment: str
    prefix: str = "N"


class Open(Section):
    """A case for a colleague."""

    kind: Name
    text: str


class Declaration(Section):
    """One verb. One with an effect (`save`, `place`, `open`) is quoted by `summary` and said yes to before it is done.

    `entries`: documents that it reads, each kind with a template of the id. `save`: what is written into them, by kind.
    """

    about: Literal["order", "customer", "product"]
    does: Words
    arguments: Mapping[Name, Argument] = Field(default_factory=dict)
    entries: Mapping[Name, str] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    save: Mapping[Name, Mapping[Name, Any]] = Field(default_factory=dict)
    place: Place | None = None
    open: Open | None = None
    summary: Words | None = None
    done: Words

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return bool(self.save or self.place or self.open)

    @model_validator(mode="after")
    def _is_whole(self) -> Declaration:
        if self.writes != (self.summary is not None):
            raise ValueError("a verb that changes something needs a summary, and only such a one has it")
        if self.writes and self.about == "product":
            raise ValueError("a verb about a product changes nothing")
        if self.about == "product" and "product" not in self.arguments:
            raise ValueError("a verb about a product needs the argument product")
        if lacking := set(self.save) - set(self.entries):
            raise ValueError(f"save.{min(lacking)} is not among its entries")
        if self.place and self.arguments.get(self.place.items, Argument()).type != "items":
            raise ValueError(f"place.items names {self.place.items!r}, which is no argument of the type items")
        return self

    @model_validator(mode="after")
    def _templates_are_known(self) -> Declaration:
        for template in self._templates():
            for path in paths(template):
                head, _, rest = path.partition(".")
                part = rest.partition(".")[0]
                known = {"given": set(self.arguments), "entry": set(self.entries), "placed": {"id", "total"}}
                if head not in _SUBJECTS[self.about] and part not in known.get(head, ()):
                    parts = (f"{name}.{one}" for name, ones in known.items() for one in sorted(ones))
                    beginnings = ", ".join((*sorted(_SUBJECTS[self.about]), *parts))
                    raise ValueError(f"{{{path}}} is not known to a verb about: {self.about}; known: {beginnings}")
        return self

    def _templates(self) -> Iterator[str]:
        yield from self.entries.values()
        yield from (argument.default for argument in self.arguments.values())
        yield from (check.value for check in self.checks)
        yield from (value for data in self.save.values() for value in data.values() if isinstance(value, str))
        yield from (self.place.payment,) if self.place else ()
        yield from (self.open.text,) if self.open else ()
        words = (self.summary, self.done, *(check.words for check in self.checks))
        yield from (text for word in words if word for text in (word.zh, word.en))


def paths(template: str) -> list[str]:
    """The paths in a template's braces. Raises ValueError for braces that do not close."""
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


_KEYS = tuple({key for part in (Declaration, Argument, Check, Place, Open, Words) for key in part.model_fields})
_FILE: TypeAdapter[Mapping[Name, Declaration]] = TypeAdapter(Mapping[Name, Declaration])


def load_declarations(file: Path | None) -> Mapping[str, Declaration]:
    """The verbs of a file by their names; none where there is no file. Raises BadContent: file, key, what is wrong."""
    if file is None:
        return {}
    try:
        raw = read_yaml(file.read_text("utf-8"))
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    try:
        return _FILE.validate_python((raw or {}).get("verbs") or {})
    except AttributeError as error:
        raise BadContent(
            "this is no mapping.", where=str(file), remedy="Write `verbs:`, and under it each by name."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadContent(f"{message}.", where=f"{file}, verbs.{where}", remedy=_remedy(first)) from error


def _remedy(error: ErrorDetails) -> str:
    """How to mend it: the nearest right key, or where the keys are explained."""
    key = str(error["loc"][-1]) if error["loc"] else ""
    near = difflib.get_close_matches(key, _KEYS, 1) if error["type"] == "extra_forbidden" else ()
    return f"Did you mean {near[0]!r}?" if near else "docs/shop-folder.md, 'Verbs of your own', shows every key."
