"""Practice shops: invented ones of many trades, with what customers ask them, for learning and for saying how sure one is.

A line of a file is a shop in one language: `passages` of its rules and guides with `questions` whose `gold` names those that
answer, `nothing` that none answers, and `products` with the same of their `statements`. `references` has beside each file
what people call its products without their names, and things that the shop does not sell (`evals.linking`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

# From these the sentence encoder learns.
TRAINING = Path(__file__).with_name("training")
# From these it does not: by them it is said how sure an answer is.
CALIBRATION = Path(__file__).with_name("calibration")


@dataclass(frozen=True, slots=True)
class Told:
    """A product of a practice shop: statements as (label, text), and questions each with the numbers of what answers it."""

    shop: str
    name: str
    statements: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, frozenset[int]], ...]


def shops(folder: Path) -> list[Mapping[str, Any]]:
    """The practice shops of a folder as they are written."""
    return [shop for file in sorted(folder.glob("*.jsonl")) for shop in shops_in(file)]


def shops_in(file: Path) -> list[Mapping[str, Any]]:
    """The practice shops of one file as they are written."""
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def told_products(folder: Path) -> list[Told]:
    """The products of the practice shops of a folder."""
    return [
        Told(
            shop["shop"],
            product["name"],
            tuple((statement["label"], statement["text"]) for statement in product["statements"]),
            asked_of(product["statements"], product),
        )
        for shop in shops(folder)
        for product in shop["products"]
    ]


def asked_of(named: Sequence[Mapping[str, str]], about: Mapping[str, Any]) -> tuple[tuple[str, frozenset[int]], ...]:
    """Questions with the numbers of what answers them, then those that nothing answers."""
    numbers = {one["id"]: number for number, one in enumerate(named)}
    asked = [(row["q"], frozenset(numbers[name] for name in row["gold"])) for row in about["questions"]]
    return (*asked, *((question, frozenset()) for question in about["nothing"]))
