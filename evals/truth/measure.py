"""Asks a shop's questions, judges the answers, and prints how many are right, wrong, abstained from and misread."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.truth.asking import Asker, open_asker, words_of
from evals.truth.cases import Answered
from evals.truth.judge import Verdict, judge
from evals.truth.oracle.make import make
from evals.truth.relations import Relation, essence, relations
from evals.truth.written import load_written, put
from evals.truth.yaml import HERE

DEMO = Path("demo/shop")
GARDEN = HERE / "shops" / "pond_and_bed"
QUESTIONS = HERE / "shops" / "pond_and_bed.questions.jsonl"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a shop is asked: how many questions, by which seed, in whose hand, how many of them dirty."""

    n: int = 400
    seed: int = 1
    hand: str = "test"
    noise: float = 0.2
    kinds: tuple[str, ...] = ()
    relations: int = 6


@dataclass(frozen=True, slots=True)
class Result:
    """One question with its answer and what it is."""

    id: str
    kind: str
    language: str
    turns: tuple[str, ...]
    noise: tuple[str, ...]
    answer: str
    cards: str
    right: str
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A relation between two answers that was looked at."""

    relation: Relation
    holds: bool
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything about a shop."""

    results: tuple[Result, ...]
    kept: tuple[Kept, ...] = ()


async def ask_all(asker: Asker, how: Settings) -> Measured:
    """Ask a shop everything, in an order that no kind or language has to itself."""
    cases = make(asker.tables, how.n, how.seed, how.kinds)
    random.Random(how.seed).shuffle(cases)
    results = []
    for case in cases:
        turns, noise = words_of(case, how.hand, how.noise)
        answered = await asker.ask(turns, case.language)
        judged = judge(case, answered, asker.tables)
        results.append(
            Result(
                case.id, case.kind, case.language, turns, noise, answered.text, answered.cards, case.right,
                judged.verdict, judged.reasons,
            )
        )  # fmt: skip
    kept = [await _keep(one, asker) for one in relations(asker.tables, how.relations, how.seed, how.hand)]
    return Measured(tuple(results), tuple(kept))


async def ask_written(asker: Asker, path: Path) -> Measured:
    """Ask the questions of a file."""
    return Measured(
        tuple(
            Result(
                one.id, one.kind, one.language, one.turns, (), answered.text, answered.cards, one.right,
                judged.verdict, judged.reasons,
            )
            for one, answered, judged in await put(load_written(path), asker)
        )
    )  # fmt: skip


async def _keep(relation: Relation, asker: Asker) -> Kept:
    first, second = [await asker.ask(said.turns, said.language) for said in (relation.first, relation.second)]
    holds = relation.holds(essence(first, asker.tables), essence(second, asker.tables))
    return Kept(relation, holds, _brief(first), _brief(second))


def _brief(answered: Answered) -> str:
    return "\n".join(filter(None, (answered.text, answered.cards)))


# ---------------------------------------------------------------- telling


def tally(results: Iterable[Result]) -> dict[str, Counter[Verdict]]:
    """Verdicts by kind."""
    found: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for result in results:
        found[result.kind][result.verdict] += 1
    return dict(found)


def figures_of(measured: Measured) -> dict[str, Any]:
    """The figures of a run: shares over all, right answers by kind and language, relations that hold."""
    results = measured.results
    n = max(len(results), 1)
    by_language = {
        language: _right([result for result in results if result.language == language])
        for language in sorted({result.language for result in results})
    }
    by_kind = {
        kind: {"n": counts.total(), **{v.value: counts[v] for v in Verdict}} for kind, counts in tally(results).items()
    }
    held: dict[str, list[bool]] = defaultdict(list)
    for one in measured.kept:
        held[one.relation.name].append(one.holds)
    return {
        "n": len(results),
        **{verdict.value: sum(r.verdict is verdict for r in results) / n for verdict in Verdict},
        "right_by_language": by_language,
        "kinds": by_kind,
        "relations": {name: sum(flags) / len(flags) for name, flags in held.items()},
    }


def _right(results: Sequence[Result]) -> float:
    return sum(result.verdict is Verdict.RIGHT for result in results) / max(len(results), 1)


def show(measured: Measured, title: str, console: Console, examples: int = 0) -> None:
    """The tables of a run, and some failures of each kind."""
    table = Table("kind", *Verdict, "zh", "en", "n", title=title)
    for kind, counts in (*tally(measured.results).items(), ("all", Counter(r.verdict for r in measured.results))):
        mine = [result for result in measured.results if kind in (result.kind, "all")]
        table.add_row(
            kind,
            *(f"{counts[verdict] / len(mine):.0%}" if mine else "-" for verdict in Verdict),
            *(f"{_right(part):.0%}" if (part := [r for r in mine if r.language == lang]) else "-" for lang in ("zh", "en")),
            str(len(mine)),
        )
    console.print(table)
    if measured.kept:
        held = Table("relation", "holds", "n", title="Relations between answers")
        names = dict.fromkeys(one.relation.name for one in measured.kept)
        for name in names:
            flags = [one.holds for one in measured.kept if one.relation.name == name]
            held.add_row(name, f"{sum(flags) / len(flags):.0%}", str(len(flags)))
        console.print(held)
    for kind in tally(measured.results):
        failed = [r for r in measured.results if r.kind == kind and r.verdict is not Verdict.RIGHT]
        for result in failed[:examples]:
            said = " // ".join(result.turns)
            console.print(
                f"[{result.verdict}] {kind}: {said}\n    <- {result.answer[:300]!r}\n    right: {result.right}; "
                f"{'; '.join(result.reasons)}",
                markup=False,
                highlight=False,
            )


def as_json(measured: Measured, about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for a file."""
    kept = [
        {"name": k.relation.name, "first": k.relation.first.turns, "second": k.relation.second.turns, "holds": k.holds,
         "answers": (k.first, k.second)}
        for k in measured.kept
    ]  # fmt: skip
    return {**about, **figures_of(measured), "results": [asdict(r) for r in measured.results], "pairs": kept}


async def measure(console: Console) -> dict[str, Any]:
    """The suite of `make eval`: the demo shop and a shop of another trade, which has questions by hand, too."""
    found: dict[str, Any] = {}
    how = Settings(n=272, relations=3)
    for name, folder, questions in (("demo", DEMO, None), ("pond_and_bed", GARDEN, QUESTIONS)):
        async with open_asker(folder) as asker:
            measured = await ask_all(asker, how)
            show(measured, f"Truth, {folder.name}", console)
            found[name] = figures_of(measured)
            if questions:
                written = await ask_written(asker, questions)
                show(written, f"Truth, {folder.name}, written by hand", console)
                found[f"{name}_written"] = figures_of(written)
    return found
