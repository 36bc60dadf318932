"""`WrittenAnswers` as documents in a folder of ours: one JSON file for each answer and language, read as a shop's are."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import orjson

from bot.errors import BadDocument, BadInput, BadSettings
from bot.types import Language
from bot.written import Wording, WrittenAnswer
from knowledge.index import OWN, LoadReport
from knowledge.ingest.manifest import Calendar
from knowledge.ingest.reader import read_document

# Bounds of one answer, in wordings and characters; an entry of the index is a wording with the whole answer.
MOST_WORDINGS: Final = 20
LONGEST_QUESTION: Final = 300
LONGEST_ANSWER: Final = 2_000
LANGUAGES: Final = (Language.ZH, Language.EN)
_ID = re.compile(r"[0-9a-f]{16}")


class DocumentAnswers:
    """Files of the folder that the index takes its own documents from."""

    def __init__(self, folder: Path, calendar: Calendar, reload: Callable[[], Awaitable[LoadReport]]) -> None:
        """`reload` brings the index in step with the folder (`KnowledgeBase.load_own`)."""
        self._folder = folder / OWN
        self._calendar = calendar
        self._reload = reload
        self._writing = asyncio.Lock()

    async def answers(self) -> list[WrittenAnswer]:
        """See `WrittenAnswers`."""
        return await asyncio.to_thread(self._read)

    async def write(self, answer: WrittenAnswer) -> WrittenAnswer:
        """See `WrittenAnswers`."""
        _check(answer)
        kept = WrittenAnswer(answer.wordings, answer.id or secrets.token_hex(8))
        async with self._writing:
            if answer.id and not await asyncio.to_thread(self._files, answer.id):
                remedy = "Write it as a new one: somebody has removed it."
                raise BadInput(f"{answer.id!r} is no written answer.", where="id", remedy=remedy)
            await asyncio.to_thread(self._keep, kept)
            await self._reload()
        return kept

    async def remove(self, name: str) -> bool:
        """See `WrittenAnswers`."""
        async with self._writing:
            files = await asyncio.to_thread(self._files, name)
            for file in files.values():
                await asyncio.to_thread(_unlink, file)
            if files:
                await self._reload()
        return bool(files)

    # ------------------------------------------------------------ files

    def _file(self, name: str, language: Language) -> Path:
        return self._folder / f"{name}.{language.value}.json"

    def _files(self, name: str) -> Mapping[Language, Path]:
        if not _ID.fullmatch(name):
            return {}
        named = {language: self._file(name, language) for language in LANGUAGES}
        return {language: file for language, file in named.items() if file.is_file()}

    def _read(self) -> list[WrittenAnswer]:
        names = {file.name.split(".")[0] for file in self._folder.glob("*.json")}
        found = {name: files for name in names if (files := self._files(name))}
        newest = sorted(found, key=lambda name: max(file.stat().st_mtime_ns for file in found[name].values()), reverse=True)
        return [WrittenAnswer({language: _wording(file) for language, file in found[name].items()}, name) for name in newest]

    def _keep(self, answer: WrittenAnswer) -> None:
        """All languages are checked before the first of them takes the place of what was there."""
        fresh: dict[Language, Path] = {}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for language, wording in answer.wordings.items():
                fresh[language] = self._draft(self._file(answer.id, language), wording)
            for language in LANGUAGES:
                file = self._file(answer.id, language)
                if language in fresh:
                    fresh[language].replace(file)
                else:
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        finally:
            for file in fresh.values():
                file.unlink(missing_ok=True)

    def _draft(self, file: Path, wording: Wording) -> Path:
        """A hidden file beside `file`, read on trial. Raises BadDocument, and leaves nothing then."""
        draft = file.with_name(f".{file.name}")
        try:
            with draft.open("wb") as out:
                pairs = [{"question": question, "answer": wording.answer} for question in wording.questions]
                out.write(orjson.dumps(pairs))
                out.flush()
                os.fsync(out.fileno())
            read_document(draft.parent, draft.name, {}, self._calendar)
        except BadDocument:
            draft.unlink()
            raise
        return draft


def _check(answer: WrittenAnswer) -> None:
    """Raises BadInput for nothing at all, and for what is too long or empty."""
    if not answer.wordings:
        raise BadInput("there is no answer in it.", where="answer", remedy="Write one in Chinese, English or both.")
    for language, wording in answer.wordings.items():
        where = f"the {language.value} part"
        if not 1 <= len(wording.questions) <= MOST_WORDINGS:
            what = f"{where} has {len(wording.questions)} questions."
            raise BadInput(what, where="questions", remedy=f"Write 1 to {MOST_WORDINGS}, each in a line.")
        if not all(question.strip() and len(question) <= LONGEST_QUESTION for question in wording.questions):
            remedy = f"Use 1 to {LONGEST_QUESTION} characters."
            raise BadInput(f"a question of {where} is empty or too long.", where="questions", remedy=remedy)
        if not (wording.answer.strip() and len(wording.answer) <= LONGEST_ANSWER):
            remedy = f"Use 1 to {LONGEST_ANSWER} characters."
            raise BadInput(f"the answer of {where} is empty or too long.", where="answer", remedy=remedy)


def _wording(file: Path) -> Wording:
    """Raises BadDocument for a file that somebody has spoiled."""
    try:
        pairs = orjson.loads(file.read_bytes())
        return Wording(tuple(str(pair["question"]) for pair in pairs), str(pairs[0]["answer"]))
    except (orjson.JSONDecodeError, TypeError, KeyError, IndexError) as error:
        remedy = "Mend or delete the file, and open the page again."
        raise BadDocument("it is no written answer.", where=file.name, remedy=remedy) from error


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(file.parent, error) from error


def _unwritable(folder: Path, error: OSError) -> BadSettings:
    remedy = "Let the service write there, or name another folder in knowledge.written."
    return BadSettings(f"{folder} cannot be written to: {error}", where="knowledge.written", remedy=remedy)
