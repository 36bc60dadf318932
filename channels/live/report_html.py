"""A report of a show as HTML (a part of a page, or one file that needs nothing else) and as data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from bot.commerce import Text
from channels.live.asks import Fate
from channels.live.report import Asked, Candidate, ShowReport
from channels.live.report_charts import bucketed, share_bar, time_chart

LANGUAGES: Final = ("zh", "en")
# Questions that are listed by number, and products.
LISTED: Final = 30
# What is unanswered in public: these have a list of their own.
OPEN: Final = frozenset({Fate.UNANSWERED, Fate.LEFT, Fate.VETOED, Fate.TAKEN_BACK})
_STYLE = Path(__file__).parent / "page" / "report.css"


@dataclass(frozen=True, slots=True)
class Look:
    """For whom a report is written: language, the shop's time zone, and names of products by id."""

    language: str
    zone: tzinfo
    names: Mapping[str, Text]

    def say(self, name: str, **values: object) -> str:
        """The words of this name; the name itself where there are none."""
        return words()[self.language].get(name, name).format(**values)

    def product(self, product_id: str) -> str:
        """A product's name."""
        return self.names[product_id].in_(self.language) if product_id in self.names else product_id

    def clock(self, at: datetime) -> str:
        """A time of day."""
        return f"{at.astimezone(self.zone):%H:%M}"


@cache
def words() -> dict[str, dict[str, str]]:
    """The words of reports by language and name."""
    read: dict[str, dict[str, str]] = YAML(typ="safe").load(Path(__file__).with_name("report.yml").read_text("utf-8"))
    return read


def report_json(report: ShowReport) -> bytes:
    """A report as JSON in UTF-8, with times in ISO 8601."""
    written: bytes = TypeAdapter(ShowReport).dump_json(report, indent=2)
    return written


def file_html(report: ShowReport, zone: tzinfo, names: Mapping[str, Text], first: str = "zh") -> str:
    """The report as one file, in both languages; `first` is the one that is shown until the reader chooses."""
    title = escape(f"{Look(first, zone, names).say('title')} · {report.room}")
    chosen = {language: " checked" if language == first else "" for language in LANGUAGES}
    radios = "".join(
        f'<input class="pick" type="radio" name="language" id="pick-{language}"{chosen[language]}>' for language in LANGUAGES
    )
    labels = '<label for="pick-zh">中文</label><label for="pick-en">English</label>'
    bodies = "".join(part_html(report, Look(language, zone, names)) for language in LANGUAGES)
    return (
        f'<!doctype html>\n<html lang="{first}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE.read_text('utf-8')}</style>\n"
        f'<body class="report-file">\n{radios}<nav class="languages">{labels}</nav>\n{bodies}\n</body>\n</html>\n'
    )


def part_html(report: ShowReport, look: Look) -> str:
    """The report in one language, as an element to be put into a page. Every FAQ candidate has its id in `data-faq`."""
    return (
        f'<article class="report" lang="{look.language}"><header><h1>{escape(look.say("title"))}</h1>'
        f'<p class="soft">{escape(report.room)} · {_span(report, look)}</p></header>{_numbers(report, look)}'
        f"{_part('by_minute', _time(report, look), look)}{_part('fates', _fates(report, look), look)}"
        f"{_part('by_number', _asked(report.questions[:LISTED], look), look)}"
        f"{_part('unanswered', _asked([one for one in report.questions if one.fate in OPEN], look), look)}"
        f"{_part('candidates', _list((_candidate(one, look) for one in report.candidates), 'faq'), look)}"
        f"{_part('missing', _missing(report, look), look)}{_part('products', _products(report, look), look)}"
        f"{_part('lost', _lost(report, look), look)}{_part('agreement', _agreement(report, look), look)}"
        f"{_part('hidden', _hidden(report, look), look)}"
        f'<footer class="soft">{escape(look.say("private"))}</footer></article>'
    )


def _span(report: ShowReport, look: Look) -> str:
    since, until = (at.astimezone(look.zone) for at in (report.span.since, report.span.until))
    return f"{since:%Y-%m-%d %H:%M} – " + (f"{until:%H:%M}" if since.date() == until.date() else f"{until:%Y-%m-%d %H:%M}")


def _part(name: str, body: str, look: Look) -> str:
    shown = body or f'<p class="soft">{escape(look.say("none"))}</p>'
    return f'<section data-about="{name}"><h2>{escape(look.say(name))}</h2>{shown}</section>'


def numbers_of(report: ShowReport, look: Look) -> list[tuple[str, str]]:
    """The numbers at the head of a report: what each is, and what it is."""
    seconds = sorted(one.seconds for one in report.questions if one.seconds is not None)
    middle = look.say("seconds", n=round(seconds[len(seconds) // 2])) if seconds else "–"
    plain: list[tuple[str, object]] = [
        ("comments", "–" if report.comments is None else report.comments),
        ("viewers", "–" if report.viewers is None else report.viewers),
        ("askers", report.askers),
        ("questions", len(report.questions)),
        ("answer_time", middle),
        ("corrected", report.corrected),
        ("edited", report.edited),
        ("orders", report.orders),
        *(("paid", amount) for amount in report.paid),
    ]
    return [(look.say(name), str(value)) for name, value in plain]


def _numbers(report: ShowReport, look: Look) -> str:
    shown = (f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in numbers_of(report, look))
    return f'<dl class="figures">{"".join(shown)}</dl>'


def _time(report: ShowReport, look: Look) -> str:
    if not report.minutes:
        return ""
    size, bars = bucketed(report.minutes)
    comments, answers = sum(one.comments for one in bars), sum(one.answers for one in bars)
    since, until = look.clock(bars[0].at), look.clock(bars[-1].at)
    label = look.say("chart", since=since, until=until, comments=comments, answers=answers)
    key = "".join(f'<span class="key-{name}">{escape(look.say(name))}</span>' for name in ("comments", "answers"))
    more = f"<span>{escape(look.say('bucket', n=size))}</span>" if size > 1 else ""
    ends = f'<p class="ends soft"><span>{since}</span><span>{until}</span></p>'
    return f'{time_chart(bars, label)}{ends}<p class="legend soft">{key}{more}</p>'


def _fates(report: ShowReport, look: Look) -> str:
    shown = [(fate, report.fates[fate]) for fate in Fate if report.fates.get(fate)]
    items = (f"<li>{_pill(fate, look)} <b>{number}</b></li>" for fate, number in shown)
    return _list(items, "pills")


def _asked(questions: Sequence[Asked], look: Look) -> str:
    most = max((one.asked for one in questions), default=1)
    return _list((_question(one, most, look) for one in questions), "asked")


def _question(one: Asked, most: int, look: Look) -> str:
    marks = [_pill(one.fate, look), *(f'<span class="pill">{escape(look.say(name))}</span>' for name in _marks(one))]
    more = [look.say("first_at", at=look.clock(one.first_at))]
    more += [look.say("seconds", n=round(one.seconds))] if one.seconds is not None else []
    answer = f'<p class="answer-text">{escape(one.answer)}</p>' if one.answer else ""
    return (
        f'<li><p class="line"><b>{escape(look.say("times", n=one.asked))}</b> '
        f'<span class="words">{escape(one.words)}</span></p>'
        f'{share_bar(one.asked / most)}<p class="soft">{" ".join(marks)} {escape(" · ".join(more))}</p>'
        f"{_others(one.wordings, look)}{answer}</li>"
    )


def _marks(one: Asked) -> list[str]:
    return [name for name, is_so in (("corrected", one.corrected), ("edited", one.edited)) if is_so]


def _others(wordings: Sequence[str], look: Look) -> str:
    """The other wordings, where there are any."""
    if len(wordings) < 2:
        return ""
    return f'<p class="soft">{escape(look.say("more_wordings"))}: {escape(" / ".join(wordings[1:]))}</p>'


def _pill(fate: Fate, look: Look) -> str:
    return f'<span class="pill {fate}">{escape(look.say(f"fate.{fate}"))}</span>'


def _candidate(one: Candidate, look: Look) -> str:
    by_host = f' <span class="pill">{escape(look.say("by_host"))}</span>' if one.edited else ""
    return (
        f'<li data-faq="{one.id}"><p class="line"><b>{escape(look.say("times", n=one.asked))}</b> '
        f'<span class="words">{escape(one.wordings[0])}</span>{by_host}</p>{_others(one.wordings, look)}'
        f'<p class="answer-text">{escape(one.answer)}</p></li>'
    )


def _missing(report: ShowReport, look: Look) -> str:
    return _list(
        (
            f'<li><p class="line"><b>{escape(look.say("times", n=gap.times))}</b> '
            f'<span class="words">{escape(" / ".join(gap.examples))}</span></p></li>'
            for gap in report.missing
        ),
        "asked",
    )


def _products(report: ShowReport, look: Look) -> str:
    rows = [(look.product(one.product_id), one.asked, one.shown) for one in report.products[:LISTED]]
    return _table(("product", "asked", "shown"), rows, look)


def _lost(report: ShowReport, look: Look) -> str:
    items = (
        f"<li><b>{escape(look.say('times', n=one.asked))}</b> "
        f"{escape(look.product(one.product_id) if one.product_id else one.words)} "
        f'<span class="pill">{escape(look.say("sold_out" if one.product_id else "not_sold"))}</span></li>'
        for one in report.lost
    )
    return _list(items, "plain")


def _agreement(report: ShowReport, look: Look) -> str:
    rows = [(one.topic or "–", one.approved, one.edited, one.vetoed, f"{one.share:.0%}") for one in report.agreement]
    return _table(("topic", "approved", "edited", "vetoed", "share"), rows, look)


def _hidden(report: ShowReport, look: Look) -> str:
    items = (f"<li>{escape(look.say(f'why.{why}'))} <b>{number}</b></li>" for why, number in report.hidden.items())
    return _list(items, "pills")


def _list(items: Iterable[str], kind: str) -> str:
    body = "".join(items)
    return f'<ol class="{kind}">{body}</ol>' if body else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], look: Look) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(look.say(name))}</th>' for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
