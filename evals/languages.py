"""Measures side by side for both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from rich.console import Console
from rich.table import Table


class InALanguage(Protocol):
    """What was judged of a text in a language, `zh` or `en`."""

    @property
    def language(self) -> str: ...


T = TypeVar("T", bound=InALanguage)


def print_by_language(
    console: Console, title: str, judged: Sequence[T], measured: Callable[[Sequence[T]], Mapping[str, float]]
) -> None:
    """Print a row of measures for each language; `n` counts."""
    table = Table("language", *measured(judged), title=title, title_justify="left")
    for language in ("zh", "en"):
        figures = measured([item for item in judged if item.language == language])
        table.add_row(language, *(f"{value:.3f}" if key != "n" else str(value) for key, value in figures.items()))
    console.print(table)
