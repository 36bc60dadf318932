"""The section `postage` of a shop's rules: what sending costs, by amount and by place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.postage import Band, Postage, Zone
from bot.values.places import codes_of, known_places

Amount = Annotated[Decimal, Field(ge=0)]
# From which amount on sending costs what, in major units: {0: 9, 99: 0}.
Fees = Mapping[Amount, Amount]


class Section(BaseModel):
    """A part of a shop's rules: what is not known is refused, and nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ZoneRule(Section):
    """Places with terms of their own: `fees` in the place of the general ones, `on_top` of those, or not `served`."""

    places: tuple[str, ...] = Field(min_length=1)
    fees: Fees = Field(default_factory=dict)
    on_top: Amount | None = None
    served: bool = True

    @model_validator(mode="after")
    def _has_terms(self) -> ZoneRule:
        terms = (bool(self.fees), self.on_top is not None, not self.served)
        if sum(terms) != 1:
            raise ValueError("a zone has one of fees, on_top and served: false")
        if self.fees:
            _begins_at_nothing(self.fees)
        return self

    @model_validator(mode="after")
    def _places_are_known(self) -> ZoneRule:
        for name in self.places:
            if not codes_of(name):
                near = difflib.get_close_matches(name.lower(), known_places(), 1)
                raise ValueError(f"no country, region or town is known as {name!r}" + (f": {near[0]}?" if near else ""))
        return self

    def zone(self) -> Zone:
        """As the reckoning has it."""
        codes = tuple(dict.fromkeys(code for name in self.places for code in codes_of(name)))
        return Zone(codes, _bands(self.fees), self.on_top, self.served)


class PostageRule(Section):
    """What sending costs: `fees` by amount, `zones` with terms of their own.

    `counts`: amounts are what is paid after reductions, or the goods before. `not_counting`: `category:PATH` or `product:ID`
    of goods that do not help to reach an amount.
    """

    fees: Fees
    zones: tuple[ZoneRule, ...] = ()
    counts: Literal["paid", "goods"] = "paid"
    not_counting: tuple[Annotated[str, Field(pattern=r"^(?:category|product):\S+$")], ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> PostageRule:
        _begins_at_nothing(self.fees)
        codes = [code for zone in self.zones for code in zone.zone().places]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice} is in two zones")
        return self

    def postage(self) -> Postage:
        """As the reckoning has it."""
        return Postage(_bands(self.fees), tuple(zone.zone() for zone in self.zones), self.counts, self.not_counting)


def _begins_at_nothing(fees: Fees) -> None:
    if Decimal(0) not in fees:
        raise ValueError("fees need one from 0 on, such as {0: 9, 99: 0}")


def _bands(fees: Fees) -> tuple[Band, ...]:
    return tuple(Band(least, fee) for least, fee in sorted(fees.items()))
