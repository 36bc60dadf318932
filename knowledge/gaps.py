"""What the documents should say: questions left unanswered, grouped by meaning, the most often asked first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from bot.ports import Encoder
from bot.text import normal
from bot.types import Gap, Language

# Mean cosine distance of two groups up to which they are one: questions that one paragraph would answer.
SAME = 0.1
MAX_EXAMPLES = 3


async def gaps(questions: Sequence[tuple[str, Language]], encoder: Encoder) -> list[Gap]:
    """Group unanswered questions (text, language), most often asked first. Chinese and English are grouped apart."""
    asked: defaultdict[str, Counter[str]] = defaultdict(Counter)
    wording: dict[str, str] = {}
    for text, language in questions:
        plain = normal(text).rstrip("?？。.!！ ")
        if plain:
            wording.setdefault(plain, text)
            asked["en" if language is Language.EN else "zh"][plain] += 1
    found = []
    for language_tag, times in asked.items():
        for group in await _alike(list(times), encoder):
            most = sorted(group, key=lambda plain: (-times[plain], plain))
            examples = tuple(wording[plain] for plain in most[:MAX_EXAMPLES])
            found.append(Gap(language_tag, sum(times[plain] for plain in group), examples))
    return sorted(found, key=lambda gap: (-gap.times, gap.language, gap.examples))


async def _alike(texts: Sequence[str], encoder: Encoder) -> list[list[str]]:
    """Texts by meaning: average-linkage clustering of their vectors."""
    if len(texts) < 2:
        return [list(texts)]
    from sklearn.cluster import AgglomerativeClustering

    vectors = await encoder.encode_queries(texts)
    labels = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=SAME
    ).fit_predict(vectors)
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for text, label in zip(texts, labels, strict=True):
        groups[int(label)].append(text)
    return list(groups.values())
