"""Answers taken word for word from the evidence: the sentences that answer, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.asking import ends_as_question
from bot.responding.sentences import Kind, Sentence, kind_of, leans_back, length, score, split
from bot.text import normal, titles_in, words
from bot.types import Citation, Language, Passage

# An answer has one to three sentences, and another is added only while the whole stays short (see sentences.length).
MAX_SENTENCES = 3
# A passage of so few sentences is said whole while it is short enough.
ENOUGH, WHOLE, MOST = 60, 110, 140
# A row of a table as the index writes it out.
_ROW = re.compile(r"[^:;\n]+: [^;\n]+(?:; [^:;\n]+: [^;\n]+)+")
_HAN = re.compile(r"[㐀-鿿]")
# Scores of relevance that are no further apart say the same.
_CLOSE = 0.1
# Live facts said at once.
MAX_LIVE = 3


@dataclass(frozen=True, slots=True)
class Extract:
    """The words that answer, and the passage they are from."""

    text: str
    passage: Passage


def extract(question: str, passages: Sequence[Passage], likeness: Mapping[str, float] | None = None) -> list[Extract]:
    """What to say, best first: live facts, then the best span of the best passage of a document, where there is one.

    `likeness` has the cosine of the question and each of the sentences that `choices` names.
    """
    live = [Extract(passage.text, passage) for passage in passages if passage.live][:MAX_LIVE]
    spans = (Extract(_headed(_told(_span(question, passage, likeness or {})), passage), passage)
             for passage in passages if not passage.live)  # fmt: skip
    best = list(islice((span for span in spans if span.text), 2))
    return live + (best if _alike(best) or _refers(best) else best[:1])


def _refers(best: Sequence[Extract]) -> bool:
    """Whether what is said sends the reader on to the second passage: "see “Missing parts”"."""
    if len(best) < 2:
        return False
    return not {normal(best[1].passage.title), normal(best[1].passage.heading)}.isdisjoint(titles_in(best[0].text))


def _alike(best: Sequence[Extract]) -> bool:
    """Whether the two best passages are short, stand in one document, and are about equally good: both are told."""
    if len(best) < 2:
        return False
    (first, second), longest = best, max(length(extracted.text) for extracted in best)
    close = first.passage.score - second.passage.score <= _CLOSE
    return close and first.passage.source == second.passage.source and longest <= ENOUGH


def choices(passages: Sequence[Passage]) -> list[str]:
    """The sentences of the best passage of a document, where only some of them are to be said."""
    best = next((passage for passage in passages if not passage.live), None)
    sentences = _sentences(best) if best is not None else []
    return [sentence.text for sentence in sentences] if best and not _said_whole(sentences) else []


def citations(extracted: Extract) -> list[Citation]:
    """Where an extract comes from, then where older documents say otherwise."""
    passage = extracted.passage
    quote = "" if passage.live else extracted.text.split("\n", 1)[0]
    older = [Citation(p.title, p.location, p.url, valid_until=p.valid_until, superseded=True) for p in passage.older]
    return [Citation(passage.title, passage.location, passage.url, quote, passage.valid_until), *older]


def joined(extracts: Sequence[Extract], language: Language) -> str:
    """Extracts as one text."""
    return ("\n" if len(extracts) > 1 else "").join(extracted.text for extracted in extracts)


def _headed(text: str, passage: Passage) -> str:
    """What a passage says, behind the heading under which it stands, where that says something that the text does not.

    A list under "What cannot be returned" says nothing without it.
    """
    heading = passage.heading.strip()
    if not text or not heading or ends_as_question(heading):
        return text
    said = set(words(text))
    if all(word in said for word in words(heading)):
        return text
    return f"{heading}{': ' if heading.isascii() else '：'}{text}"


def _answer_part(passage: Passage) -> str:
    """The text without the question that a pair starts with: its location ends with that question."""
    first, _, rest = passage.text.partition("\n")
    return rest if rest and passage.location.endswith(first) else passage.text


def _sentences(passage: Passage) -> list[Sentence]:
    return split(_answer_part(passage))


def _said_whole(sentences: Sequence[Sentence]) -> bool:
    """Whether all that a passage says is said: it is short, or a list, which is only understood whole."""
    short = sum(length(sentence.text) for sentence in sentences) <= WHOLE and len(sentences) <= MAX_SENTENCES
    return short or _is_list(sentences)


def _span(question: str, passage: Passage, likeness: Mapping[str, float]) -> str:
    """One to three neighbouring sentences around the best one."""
    sentences = _sentences(passage)
    if not sentences:
        return ""
    if _said_whole(sentences):
        return _joined(sentences[: 8 if _is_list(sentences) else MAX_SENTENCES])
    scores = score(sentences, question, [likeness.get(sentence.text) for sentence in sentences])
    best = max(range(len(sentences)), key=lambda n: (scores[n], -n))
    first, last = best, best
    while first > 0 and leans_back(sentences[first]) and last - first + 1 < MAX_SENTENCES:
        first -= 1
    more = kind_of(question) is Kind.STEPS
    while last + 1 < len(sentences) and last - first + 1 < MAX_SENTENCES:
        following = _joined(sentences[first : last + 2])
        wanted = more or leans_back(sentences[last + 1]) or length(_joined(sentences[first : last + 1])) < ENOUGH
        if not wanted or length(following) > MOST:
            break
        last += 1
    return _joined(sentences[first : last + 1])


def _told(text: str) -> str:
    """Rows of a table, written out as `column: value; column: value`, as people say them: first value, then the rest."""
    return "\n".join(_row(line) if _ROW.fullmatch(line) else line for line in text.split("\n"))


def _row(line: str) -> str:
    (_, name), *facts = (fact.split(": ", 1) for fact in line.split("; "))
    english = line.isascii() or not _HAN.search(line)
    rest = (", " if english else "，").join(f"{column} {value}" for column, value in facts)
    return f"{name}: {rest}" if english else f"{name}：{rest}"


def _is_list(sentences: Sequence[Sentence]) -> bool:
    """Whether most of a passage is a list or a table, which is only understood whole."""
    marked = sum(_is_item(sentence) for sentence in sentences)
    return marked >= 2 and marked * 2 >= len(sentences)


def _is_item(sentence: Sentence) -> bool:
    text = sentence.text
    return text.startswith("- ") or text[:3].rstrip(". ").isdigit() or _ROW.fullmatch(text) is not None


def _joined(sentences: Sequence[Sentence]) -> str:
    text = sentences[0].text
    for sentence in sentences[1:]:
        if _is_item(sentence):
            text += "\n"
        elif text[-1].isascii():
            text += " "
        text += sentence.text
    return text
