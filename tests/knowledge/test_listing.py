"""What owners see of the documents in force."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.loads import KnownDocument
from knowledge.documents import Details, Entry, Kind
from knowledge.generation import FileState
from knowledge.listing import known_documents

UNTIL = datetime(2026, 8, 12, tzinfo=UTC)


def entry(kind: Kind, language: str, details: Details) -> Entry:
    return Entry("b.md", 0, "words", language, kind=kind, details=details)


def test_documents_are_told_by_path_with_all_their_languages_and_kinds() -> None:
    details = Details("Returns", valid_until=UNTIL, audience="agent")
    entries = (entry("text", "zh", details), entry("row", "en", details), entry("text", "", details))
    files = {"b.md": FileState("", details, entries, ()), "a.md": FileState("", Details("Empty"), (), ())}
    empty, returns = known_documents(files)
    assert empty == KnownDocument("a.md", "Empty", (), (), Details("Empty").audience, None, None, 0)
    assert returns == KnownDocument("b.md", "Returns", ("en", "zh"), ("row", "text"), "agent", None, UNTIL, 3)
