"""Questions without an answer and the answers that owners write to them, as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.text import normal
from bot.types import Gap, Language
from bot.written import Wording, WrittenAnswer
from channels.common.problems import BadRequest
from channels.common.reading import MAX_TEXT, optional_text, refuse_unknown

Json = dict[str, Any]
LANGUAGES = (Language.ZH, Language.EN)


def gaps_body(gaps: Sequence[Gap], written: Sequence[WrittenAnswer]) -> Json:
    """Both lists; a gap has the id of the answer that was `written` to one of its wordings, or none yet."""
    known = {_plain(question): one.id for one in written for of in one.wordings.values() for question in of.questions}
    return {
        "gaps": [
            {
                "language": gap.language,
                "times": gap.times,
                "examples": list(gap.examples),
                "written": next((known[_plain(text)] for text in gap.examples if _plain(text) in known), ""),
            }
            for gap in gaps
        ],
        "written": [written_body(one) for one in written],
    }


def written_body(written: WrittenAnswer) -> Json:
    """An answer with its wordings by language."""
    parts = {
        language.value: {"questions": list(of.questions), "answer": of.answer} for language, of in written.wordings.items()
    }
    return {"id": written.id, **parts}


def written_answer(body: Mapping[str, Any]) -> WrittenAnswer:
    """`{"id", "zh": {"questions", "answer"}, "en": …}` as an answer; a language that is left out or null has none.

    Raises BadRequest for what has another form.
    """
    refuse_unknown(body, ("id", *(language.value for language in LANGUAGES)))
    parts = {language: body.get(language.value) for language in LANGUAGES}
    wordings = {language: _wording(part, language.value) for language, part in parts.items() if part is not None}
    return WrittenAnswer(wordings, optional_text(body.get("id"), "id", 64))


def _wording(part: Any, key: str) -> Wording:
    questions = part.get("questions") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(questions, list):
        raise BadRequest(
            "has no list of questions.", key=key, value=part, remedy='Send {"questions": ["…"], "answer": "…"}.'
        )
    asked = dict.fromkeys(" ".join(optional_text(one, f"{key}.questions", MAX_TEXT).split()) for one in questions)
    return Wording(tuple(filter(None, asked)), optional_text(part.get("answer"), f"{key}.answer", MAX_TEXT).strip())


def _plain(question: str) -> str:
    return normal(question).rstrip("?？。.!！ ")
