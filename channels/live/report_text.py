"""A report of a show as tables for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from channels.live.asks import Fate
from channels.live.report import ShowReport
from channels.live.report_html import LISTED, OPEN, Look, numbers_of


def tables(report: ShowReport, look: Look) -> Iterator[Table]:
    """The tables of a report, those without a row left out."""
    title = f"{look.say('title')} · {report.room} · {report.span.since.astimezone(look.zone):%Y-%m-%d %H:%M}"
    yield _table(title, ("", ""), [*numbers_of(report, look), *_fates(report, look)])
    asked = [
        (look.say("times", n=one.asked), one.words, look.say(f"fate.{one.fate}"), _seconds(one.seconds, look))
        for one in report.questions[:LISTED]
    ]
    columns = tuple(look.say(name) for name in ("asked", "questions", "fates", "answer_time"))
    open_ones = [(look.say("times", n=one.asked), one.words) for one in report.questions if one.fate in OPEN]
    two = (look.say("asked"), look.say("questions"))
    missing = [(look.say("times", n=gap.times), "\n".join(gap.examples)) for gap in report.missing]
    products = [(look.product(one.product_id), one.asked, one.shown) for one in report.products[:LISTED]]
    lost = [(look.say("times", n=one.asked), look.product(one.product_id) if one.product_id else one.words,
             look.say("sold_out" if one.product_id else "not_sold")) for one in report.lost]  # fmt: skip
    agreement = [(one.topic or "–", one.approved, one.edited, one.vetoed, f"{one.share:.0%}") for one in report.agreement]
    hidden = [(look.say(f"why.{why}"), number) for why, number in report.hidden.items()]
    faq = [(look.say("times", n=one.asked), one.wordings[0], one.answer) for one in report.candidates]
    for name, heads, rows in (
        ("by_number", columns, asked),
        ("unanswered", two, open_ones),
        ("candidates", (*two, look.say("answers")), faq),
        ("missing", two, missing),
        ("products", tuple(look.say(name) for name in ("product", "asked", "shown")), products),
        ("lost", (look.say("asked"), look.say("product"), ""), lost),
        ("agreement", tuple(look.say(name) for name in ("topic", "approved", "edited", "vetoed", "share")), agreement),
        ("hidden", ("", ""), hidden),
    ):
        if rows:
            yield _table(look.say(name), heads, rows)


def _fates(report: ShowReport, look: Look) -> list[tuple[str, str]]:
    return [(look.say(f"fate.{fate}"), str(report.fates[fate])) for fate in Fate if report.fates.get(fate)]


def _seconds(seconds: float | None, look: Look) -> str:
    return "–" if seconds is None else look.say("seconds", n=round(seconds))


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(*columns, title=title, title_justify="left", show_header=any(columns))
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    return table
