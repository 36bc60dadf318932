"""How somebody talks: which facts are told at once, which are told wrong first, and what is asked back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from ruamel.yaml import YAML

FILE = Path(__file__).with_name("personas.yml")


class Persona(BaseModel):
    """One way to talk. Parts are probabilities, from 0 to 1.

    `opens_with`: the facts that stand in the first message. `beside` are facts that are told together with the one that was
    asked for. `wrong` is the part of conversations in which one proof is first told wrong; `asks_back` that of questions
    answered by a question before they are answered, `strays` by a word that has nothing to do with it; `greets` that of
    conversations that begin with a mere greeting. `presses` is the part of buttons that are pressed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    languages: tuple[Literal["zh", "en", "mixed"], ...] = ("zh", "en")
    opens_with: Literal["nothing", "order", "everything"] = "nothing"
    beside: bool = False
    wrong: float = Field(0, ge=0, le=1)
    asks_back: float = Field(0, ge=0, le=1)
    strays: float = Field(0, ge=0, le=1)
    greets: float = Field(0, ge=0, le=1)
    presses: float = Field(0, ge=0, le=1)


@cache
def personas() -> Mapping[str, Persona]:
    """All of them, by name."""
    return TypeAdapter(dict[str, Persona]).validate_python(YAML(typ="safe").load(FILE.read_text("utf-8")))
