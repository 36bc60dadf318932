"""The form of a scenario, as it stands in the YAML files beside this one.

A file is a list of scenarios. Everything that a turn expects is optional; what is written must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process
from ruamel.yaml import YAML

from bot.errors import BadContent
from bot.types import Audience, Mode

HERE = Path(__file__).parent


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Form):
    """One message and what must come of it.

    Said: `said` (`{code}` in it is the one-time code that was sent last), or the button titled `press` of the last replies,
    with `photo` (a picture of the demo shop) and `wait_minutes` before it; `customer` is who is logged in at the shop's
    site, or was (`login_ended`). `agent` is the name of the support agent who speaks instead; where it is `silent`, nobody
    does, and the clock says so. While `without` a table the shop cannot be read: that is how a turn fails.

    Expected: `commands` as `play.brief` writes them (the beginning is enough), `says` the responses in order, `contains` and
    `lacks` pieces of the replies' text, `buttons` titles among them, `cites` the document that is cited, `cards` product
    ids, `desk` what reached the agents.
    """

    said: str = ""
    press: str = ""
    photo: str = ""
    customer: str = ""
    login_ended: bool = False
    wait_minutes: float = 0
    on_screen: str | None = None
    agent: str = ""
    hand_back: bool = False
    silent: bool = False
    without: str = ""
    repeat: int = Field(1, ge=1)
    language: Literal["zh", "zh-Hant", "en", ""] = ""
    commands: tuple[str, ...] | None = None
    says: tuple[str, ...] | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    cites: str = ""
    cards: tuple[str, ...] | None = None
    desk: tuple[Literal["handoff", "forward", "handed_back"], ...] | None = None
    error: bool = False


class Row(_Form):
    """Rows of the shop's `table` where `where` holds: each has the values of `has`, and there are `count` of them."""

    table: str
    where: Mapping[str, Any]
    has: Mapping[str, Any] = Field(default_factory=dict)
    count: int = 1


class Scenario(_Form):
    """One conversation. `covers` names what it proves, `never` what no reply may hold.

    At the end: `slots`, the `flow` that is still under way (empty: none), the `mode`, `changed` the number of rows that the
    conversation added or changed in each table of the shop (in every table that is not named: none), and `rows`.
    `waits_for` says why the scenario cannot pass yet.
    """

    id: str
    language: Literal["zh", "en", "mixed"]
    covers: tuple[str, ...]
    about: str = ""
    channel: str = "web"
    room: str = ""
    audience: Audience = Audience.PRIVATE
    on_screen: str | None = None
    turns: tuple[Line, ...] = Field(min_length=1)
    never: tuple[str, ...] = ()
    slots: Mapping[str, Any] = Field(default_factory=dict)
    flow: str | None = None
    mode: Mode | None = None
    changed: Mapping[str, int] = Field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    waits_for: str = ""


def load_scenarios(folder: Path = HERE) -> list[Scenario]:
    """Every scenario under `folder`. Raises BadContent with file, scenario and the nearest right key."""
    scenarios: dict[str, Scenario] = {}
    for file in sorted(folder.glob("*.yml")):
        for raw in YAML(typ="safe").load(file.read_text("utf-8")) or ():
            scenario = _scenario(raw, file)
            if scenario.id in scenarios:
                raise BadContent(f"scenario {scenario.id!r} is written twice.", where=str(file))
            scenarios[scenario.id] = scenario
    return list(scenarios.values())


def _scenario(raw: Any, file: Path) -> Scenario:
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{file}, {raw.get('id') if isinstance(raw, dict) else raw!r}"
        place = ".".join(str(part) for part in first["loc"])
        known = [*Scenario.model_fields, *Line.model_fields, *Row.model_fields]
        nearest = process.extractOne(str(first["loc"][-1]), known) if first["type"] == "extra_forbidden" else None
        remedy = f"Did you mean {nearest[0]!r}?" if nearest else ""
        raise BadContent(f"{place}: {first['msg']}.", where=where, remedy=remedy) from error
