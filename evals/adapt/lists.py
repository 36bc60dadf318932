"""Questions with the texts among which their answer stands, or does not: a shop's passages, a product's statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.knowledge import DOCUMENTS, answers, asker_of
from evals.practice import TRAINING, asked_of, shops
from evals.questions import load_questions


@dataclass(frozen=True, slots=True)
class Choice:
    """Texts, and questions each with the numbers of the texts that answer it; none where nothing does."""

    texts: tuple[str, ...]
    asked: tuple[tuple[str, frozenset[int]], ...]


def practice() -> list[Choice]:
    """The passages of every practice shop, and the statements of each of its products."""
    return [choice for shop in shops(TRAINING) for choice in _of_shop(shop)]


def _of_shop(shop: Mapping[str, Any]) -> Iterator[Choice]:
    yield _choice(shop["passages"], [f"{p['heading']}\n{p['text']}" for p in shop["passages"]], shop)
    for product in shop["products"]:
        told = [f"{s['label']}: {s['text']}" if s["label"] else s["text"] for s in product["statements"]]
        yield _choice(product["statements"], told, product)


def _choice(named: Sequence[Mapping[str, str]], texts: Sequence[str], about: Mapping[str, Any]) -> Choice:
    return Choice(tuple(texts), asked_of(named, about))


async def demo() -> list[Choice]:
    """The demo shop's passages and the development questions to them, a language each."""
    async with asker_of(DOCUMENTS) as asker:
        generation, _ = await asker.index.ready()
    found = []
    for language in ("zh", "en"):
        entries = [entry for entry in generation.entries if entry.language == language]
        questions = [question for question in load_questions()[0] if question.language == language]
        right = [frozenset(n for n, entry in enumerate(entries) if answers(entry, q.gold)) for q in questions]
        asked = [(q.text, numbers) for q, numbers in zip(questions, right, strict=True) if numbers or not q.gold]
        found.append(Choice(tuple(entry.searchable for entry in entries), tuple(asked)))
    return found
