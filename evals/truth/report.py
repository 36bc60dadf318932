"""A page for the owner of a shop: what customers ask, where the bot fails, and examples. One file, nothing fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ruamel.yaml import YAML

from evals.truth.judge import Verdict
from evals.truth.measure import Measured, Result
from evals.truth.yaml import HERE, read

_ORDER = (Verdict.RIGHT, Verdict.ABSTAINED, Verdict.MISREAD, Verdict.WRONG)
# Failures of a kind that are shown; the JSON file has all.
_EXAMPLES = 4


def page(measured: Measured, folder: Path) -> str:
    """The whole page."""
    counts = Counter(result.verdict for result in measured.results)
    by_kind = _by_kind(measured.results)
    filled = {
        "shop": escape(_shop_name(folder)),
        "summary": _summary(counts, len(measured.results)),
        "legend": "".join(
            f'<li class="{v}"><b>{_word(v)}</b> {escape(read("report.yml")[v]["means"])}</li>' for v in _ORDER
        ),
        "rows": "".join(_row(kind, results) for kind, results in by_kind),
        "kinds": "".join(_section(kind, results) for kind, results in by_kind),
        "relations": _relations(measured),
    }
    text = (HERE / "report.html").read_text("utf-8")
    for name, value in filled.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def _shop_name(folder: Path) -> str:
    about = YAML(typ="safe").load((folder / "shop.yml").read_text("utf-8"))
    return " · ".join(filter(None, (about.get("name_zh"), about.get("name_en")))) or folder.name


def _by_kind(results: Sequence[Result]) -> list[tuple[str, list[Result]]]:
    """Kinds with their results, the one with most wrong answers first: it is what an owner should know of."""
    kinds: dict[str, list[Result]] = {}
    for result in results:
        kinds.setdefault(result.kind, []).append(result)
    return sorted(kinds.items(), key=lambda item: -_share(item[1], Verdict.WRONG))


def _share(results: Sequence[Result], verdict: Verdict) -> float:
    return sum(result.verdict is verdict for result in results) / max(len(results), 1)


def _summary(counts: Counter[Verdict], total: int) -> str:
    tiles = (
        f'<div class="tile {v}"><strong>{counts[v] / max(total, 1):.0%}</strong><span>{_word(v)}</span>'
        f"<small>{counts[v]} of {total}</small></div>"
        for v in _ORDER
    )
    return "".join(tiles)


def _bar(results: Sequence[Result]) -> str:
    parts = (
        f'<i class="{v}" style="width:{_share(results, v):.2%}" title="{_word(v)} {_share(results, v):.0%}"></i>'
        for v in _ORDER
    )
    return f'<div class="bar">{"".join(parts)}</div>'


def _row(kind: str, results: Sequence[Result]) -> str:
    cells = "".join(f"<td>{_share(results, v):.0%}</td>" for v in _ORDER)
    title = f'<th><a href="#{kind}">{_title(kind)}</a></th>'
    return f'<tr>{title}<td class="wide">{_bar(results)}</td>{cells}<td>{len(results)}</td></tr>'


def _section(kind: str, results: Sequence[Result]) -> str:
    failed = [result for result in results if result.verdict is not Verdict.RIGHT]
    failed.sort(key=lambda result: -_ORDER.index(result.verdict))
    shown = "".join(_example(result) for result in failed[:_EXAMPLES])
    asked = "".join(f"<li>{escape(results[n].turns[-1])}</li>" for n in range(min(3, len(results))))
    none = "<p>Every one of these was answered rightly.</p>"
    head = f'<h3>{_title(kind)}</h3>{_bar(results)}<p class="ask">Asked, for example:</p><ul>{asked}</ul>'
    return f'<section id="{kind}">{head}{shown or none}</section>'


def _example(result: Result) -> str:
    turns = "".join(f'<p class="customer">{escape(turn)}</p>' for turn in result.turns)
    answer = "\n".join(filter(None, (result.answer, result.cards))) or "(no answer)"
    said = answer if len(answer) <= 420 else answer[:420] + "…"
    return (
        f'<article><span class="tag {result.verdict}">{_word(result.verdict)}</span>{turns}<p class="bot">{escape(said)}</p>'
        f'<p class="right">Right would be: {escape(result.right)}</p>'
        f'<p class="why">{escape("; ".join(result.reasons))}</p></article>'
    )


def _relations(measured: Measured) -> str:
    names = dict.fromkeys(one.relation.name for one in measured.kept)
    rows = []
    for name in names:
        flags = [one.holds for one in measured.kept if one.relation.name == name]
        meaning = escape(read("report.yml")["relations"][name])
        rows.append(f"<tr><th>{meaning}</th><td>{sum(flags) / len(flags):.0%}</td><td>{len(flags)}</td></tr>")
    if not rows:
        return ""
    head = "<tr><th>What should hold</th><th>holds</th><th>pairs</th></tr>"
    return f"<h2>Does the bot stay true to itself?</h2><table>{head}{''.join(rows)}</table>"


def _word(verdict: Verdict) -> str:
    return escape(read("report.yml")[verdict]["word"])


def _title(kind: str) -> str:
    return escape(read("report.yml")["kinds"].get(kind, kind.replace("_", " ").capitalize()))
