"""Products as people name them: whole names, parts of names that tell a product apart, slips of the pen and of the ear.

Pure functions over `Names`, which is compiled from the catalogue. What a part of a name is worth is measured on the shop's
own texts: a word that stands in the texts of one product names it, a word of many names nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.commerce import Product
from bot.text import normal, tokenizer
from knowledge.lexicon.grams import PLURAL, gram_set, grams, is_content, overlapping

# Where a Latin word comes to its end, with the ending of its plural.
_WORD_ENDS = re.compile(rf"{PLURAL}(?![a-z0-9])")
# Names shorter than this are none, in characters.
_HEAD = 2
# A word that stands in the texts of so many products, or of this part of all, tells nothing.
_COMMON, _COMMON_PART = 8, 1 / 8
# What may stand between two parts of one name.
_JOINTS = re.compile(r"[\s的·・-]*(?:of|the|in|size)?[\s-]*")
# From this confidence on a mention is one; from the other, one that does not say what the thing is counts beside others.
SURE, TELLING = 0.5, 0.86
_ONE = re.compile(r"\s*(?:ones?\b|[那这]?(?:款|个|台|件|只|双|条|种|把|支|瓶)|的$|的(?:呢|和|跟))")
# Shorter names are too much like other words to allow for a typing mistake, in characters.
_FUZZY_LATIN, _FUZZY_HAN = 6, 5
# Longer texts are not searched for slips: they say what they are about more than once, and each word is compared.
_SPELT_WRONG = 120
# Likeness from which a misspelt name is taken for the product, 0 to 100; syllables of a name that may be another's.
_FUZZY_SCORE = 84
_SYLLABLES = 2
# No name has more.
_LONGEST_SOUND = 32
# How sure a name is that is heard.
SOUNDS = 0.87
_LATIN = re.compile(r"[a-z0-9][a-z0-9'’+-]*")
_HAN_RUN = re.compile(r"[㐀-鿿]+")
_LATIN_RUN = re.compile(r"[a-z]+(?: [a-z]+)*")
_ARTICLES = re.compile(r"^(?:the|a|an|this|that) ")
# A sign that is made like the shop's own: letters and digits, perhaps with dashes.
_CODE = re.compile(r"(?<![a-z0-9])(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of text that names products: one, or several that are called so.

    `whole`: by a whole name. `head`: by the end of one, which says what the thing is ("pump" of "cordless pump"), or by a
    part that stands for it ("the cordless one").
    """

    product_ids: tuple[str, ...]
    start: int
    end: int
    confidence: float
    whole: bool
    head: bool = True

    @property
    def sure(self) -> bool:
        """Whether it names its product by itself: in full, by the head of its name, or by a part that tells it apart."""
        return self.whole or self.head or self.confidence >= TELLING


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that products are called, made ready for scanning texts.

    `by_head` has the names by their first two characters, longest first; `owners` whose they are; `parts` the products in
    whose names a gram stands; `worth` how well a gram tells products apart, 0 to 1; `shapes` the forms of ids and SKUs.
    """

    by_head: Mapping[str, Sequence[str]]
    owners: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, frozenset[str]]
    worth: Mapping[str, float]
    called: Mapping[str, tuple[frozenset[str], ...]]
    heads: Mapping[str, frozenset[str]]
    fuzzy: tuple[str, ...]
    sounds: Mapping[str, str]
    short_sounds: Mapping[str, str]
    shapes: frozenset[str]


def compile_names(products: Iterable[Product]) -> Names:
    """The names of products, made ready for scanning."""
    products = list(products)
    owners: defaultdict[str, list[str]] = defaultdict(list)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    called: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    heads: defaultdict[str, set[str]] = defaultdict(set)
    stands_in: Counter[str] = Counter()
    for product in products:
        for name in dict.fromkeys(names_of(product)):
            if len(name) >= _HEAD and product.id not in owners[name]:
                owners[name].append(product.id)
        for name in dict.fromkeys(said_names(product)):
            called[product.id].append(gram_set(name))
            heads[product.id] |= {gram.text for gram in grams(name)[-1:]}
            for gram in gram_set(name):
                parts[gram].add(product.id)
        stands_in.update(gram_set(all_texts(product)))
    by_head: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(owners, key=len, reverse=True):
        by_head[name[:_HEAD]].append(name)
    common = math.log(max(_COMMON, len(products) * _COMMON_PART))
    return Names(
        by_head=dict(by_head),
        owners={name: tuple(ids) for name, ids in owners.items()},
        parts={gram: frozenset(ids) for gram, ids in parts.items()},
        worth={gram: max(0.0, 1 - math.log(max(stands_in[gram], 1)) / common) for gram in parts},
        called={name: tuple(sets) for name, sets in called.items()},
        heads={name: frozenset(ends) for name, ends in heads.items()},
        fuzzy=tuple(name for name in owners if len(name) >= (_FUZZY_LATIN if name.isascii() else _FUZZY_HAN)),
        sounds=_sounds(owners, range(_SYLLABLES + 1, _LONGEST_SOUND)),
        short_sounds=_sounds(
            {name: ids for name, ids in owners.items() if len(ids) == 1}, range(_SYLLABLES, _SYLLABLES + 1)
        ),
        shapes=frozenset(_shape(code.lower()) for p in products for code in (p.id, *(v.sku for v in p.variants))),
    )


def said_names(product: Product) -> Iterator[str]:
    """The names that people say, normalised: not ids and SKUs."""
    yield from (normal(name) for name in (product.name.zh, product.name.en, *product.aliases) if name)


def kind_names(product: Product) -> Iterator[str]:
    """What a product's category is called, normalised."""
    kind = (product.category_name.zh, product.category_name.en, *product.category_aliases)
    yield from (normal(name) for name in kind if name)


def names_of(product: Product) -> Iterator[str]:
    """Everything that stands for a product alone: names, id, SKUs, and names with the brand before them."""
    yield from said_names(product)
    yield normal(product.id)
    yield from (variant.sku.lower() for variant in product.variants)
    for part in normal(product.brand).split():
        for name in (normal(product.name.zh), normal(product.name.en)):
            if name:
                yield f"{part}{name}" if not part.isascii() else f"{part} {name}"


def mentions(names: Names, plain: str) -> list[Mention]:
    """The products named in a normalised text, in order: by whole names and by parts of them, else by likeness.

    Parts that stand near each other and have products in common name these together: of two that are called so, the one
    with the size that is said.
    """
    wholes = [
        Mention(names.owners[name], start, _word_end(plain, start + len(name)), 1.0, whole=True)
        for start, name in _exact(names, plain)
    ]
    found = [m for m in _joined(names, plain, [*wholes, *_pieces(names, plain, wholes)]) if m.confidence > SURE]
    found = [replace(mention, head=mention.head or _stands_for_it(plain, mention)) for mention in found]
    strong = [mention for mention in found if mention.whole or mention.head]
    # a word of a name that does not say what the thing is counts where it is telling, or where nothing else is named
    found = [mention for mention in found if mention in strong or not strong or mention.confidence >= TELLING]
    if len(plain) <= _SPELT_WRONG:
        taken = [(f.start, f.end) for f in found]
        single = any(len(mention.product_ids) == 1 for mention in found)
        alike = _by_short_sound(names, plain) if single else _alike(names, plain)
        found += [m for m in alike if not overlapping(m.start, m.end, taken)]
    return sorted(found, key=lambda mention: mention.start)


def _stands_for_it(plain: str, mention: Mention) -> bool:
    """Whether a part of a name stands for the whole: "the 2K one", "4K那款"."""
    return _ONE.match(plain, mention.end) is not None


def unknown_codes(names: Names, plain: str) -> list[tuple[int, int]]:
    """Where a text has signs that are made like the shop's ids or SKUs and are none of them."""
    return [
        match.span()
        for match in _CODE.finditer(plain)
        if match.group() not in names.owners and _shape(match.group()) in names.shapes and len(match.group()) > _HEAD + 1
    ]


def all_texts(product: Product) -> str:
    """Everything that the catalogue says of a product."""
    told = [text for a in product.attributes for text in (a.label.zh, a.label.en, a.value.zh, a.value.en)]
    kind = (product.category_name.zh, product.category_name.en, *product.category_aliases)
    own = (product.name.zh, product.name.en, *product.aliases, product.description.zh, product.description.en)
    return " . ".join((*own, *kind, *told))


# ---------------------------------------------------------------- whole names


def _exact(names: Names, text: str) -> Iterator[tuple[int, str]]:
    """The longest name at each place, without overlaps."""
    start = 0
    while start < len(text):
        name = next((n for n in names.by_head.get(text[start : start + _HEAD], ()) if _stands(n, text, start)), None)
        if name:
            yield start, name
        start += len(name) if name else 1


def _stands(name: str, text: str, start: int) -> bool:
    """Whether `name` stands at `start` as whole words; an English plural counts."""
    end = start + len(name)
    if not text.startswith(name, start):
        return False
    before = text[start - 1] if start else " "
    if name[0].isascii() and before.isascii() and before.isalnum():
        return False
    if not name[-1].isascii():
        return True
    return _WORD_ENDS.match(text, end) is not None


def _word_end(text: str, end: int) -> int:
    """Where the Latin word that a name ends in comes to its end: names are said in the plural, too."""
    while end < len(text) and text[end - 1].isascii() and text[end - 1].isalnum() and text[end] in "es":
        end += 1
    return end


# ---------------------------------------------------------------- parts of names


def _pieces(names: Names, plain: str, wholes: Sequence[Mention]) -> list[Mention]:
    """Grams of names outside the whole names, each with the products in whose names it stands and what it is worth."""
    spans = [(mention.start, mention.end) for mention in wholes]
    return [
        Mention(tuple(names.parts[gram.text]), gram.start, gram.end, names.worth[gram.text], whole=False)
        for gram in grams(plain)
        if gram.text in names.parts and is_content(gram.text) and not overlapping(gram.start, gram.end, spans)
    ]


def _joined(names: Names, plain: str, pieces: Sequence[Mention]) -> Iterator[Mention]:
    """Neighbouring pieces that have products in common, as one mention of these."""
    group: list[Mention] = []
    common: frozenset[str] = frozenset()
    for piece in sorted(pieces, key=lambda piece: (piece.start, piece.end)):
        shared = common & frozenset(piece.product_ids)
        if not shared and not any(part.whole for part in group):
            shared = _called_so(names, plain, piece, common)
        if group and shared and _near(plain, group[-1], piece):
            group.append(piece)
            common = shared
            continue
        if group:
            yield _as_one(names, plain, group, common)
        group, common = [piece], frozenset(piece.product_ids)
    if group:
        yield _as_one(names, plain, group, common)


def _called_so(names: Names, plain: str, piece: Mention, common: frozenset[str]) -> frozenset[str]:
    """The products that the words before a whole name tell from the one whose name it is, where theirs end in it, too.

    Of "active headphones" the active ones are meant, where "headphones" alone is another one's name.
    """
    if not piece.whole:
        return frozenset()
    name = plain[piece.start : piece.end].removesuffix("s")
    ends = {gram.text for gram in grams(name)[-1:]}
    return frozenset(product for product in common if ends & names.heads[product])


def _near(plain: str, a: Mention, b: Mention) -> bool:
    return _JOINTS.fullmatch(plain, a.end, max(b.start, a.end)) is not None


def _as_one(names: Names, plain: str, group: Sequence[Mention], common: frozenset[str]) -> Mention:
    """A group of pieces as one mention; how sure depends on what its grams are worth and how much of a name they are."""
    start, end = group[0].start, max(piece.end for piece in group)
    ids = tuple(sorted(common))
    if any(piece.whole and common & frozenset(piece.product_ids) for piece in group):
        return Mention(ids, start, end, 1.0, whole=True)
    said = {gram.text for gram in grams(plain) if start <= gram.start and gram.end <= end}
    share = max((len(said & name) / len(name) for product in ids for name in names.called[product] if name), default=0.0)
    worth = _worth(group)
    if all(plain[piece.start : piece.end].replace(".", "").isdigit() for piece in group):
        worth = 0.0  # a number names nothing by itself
    if end - start < _HEAD:
        worth = 0.0  # nor does a letter
    head = any(said & names.heads[product] for product in ids)
    sure = min(0.2 + 0.5 * min(worth, 1.2) + 0.3 * share, 0.95) if worth else 0.0
    return Mention(ids, start, end, sure, whole=False, head=head)


def _worth(group: Sequence[Mention]) -> float:
    """What the pieces are worth together; Chinese pairs that overlap share a character and count half."""
    total, last = 0.0, -1
    for piece in group:
        total += piece.confidence * (0.5 if piece.start < last else 1.0)
        last = piece.end
    return total


# ---------------------------------------------------------------- likeness


def _alike(names: Names, plain: str) -> list[Mention]:
    """The product whose name a text has with letters mistyped, with other characters of the same sound, or in pinyin."""
    return _by_sound(names, plain) or _by_short_sound(names, plain) or _misspelt(names, plain)


def _by_short_sound(names: Names, plain: str) -> list[Mention]:
    """Names of two characters that a text says in others of the same sound, which are no word of the language nor of the
    shop: 云站 for 云栈."""
    found = []
    for run in _HAN_RUN.finditer(plain):
        for start in range(len(run.group()) - 1):
            said = run.group()[start : start + 2]
            name = names.short_sounds.get(_pinyin(said))
            if name is not None and name != said and said not in names.parts and not tokenizer().FREQ.get(said):
                begin = run.start() + start
                found.append(Mention(names.owners[name], begin, begin + 2, SOUNDS, whole=False))
    return found


def _misspelt(names: Names, plain: str) -> list[Mention]:
    best: tuple[float, str, int, int] | None = None
    for start, window in _windows(plain):
        match = process.extractOne(window, names.fuzzy, scorer=fuzz.ratio, score_cutoff=best[0] if best else _FUZZY_SCORE)
        if match and (best is None or match[1] > best[0]):
            best = match[1], match[0], start, start + len(window)
    if best is None:
        return []
    score, name, start, end = best
    return [Mention(names.owners[name], start, end, score / 100, whole=False)]


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Runs of one to four words, and of five to ten Chinese characters."""
    latin = list(_LATIN.finditer(text))
    for first in range(len(latin)):
        for last in range(first, min(first + 4, len(latin))):
            window = text[latin[first].start() : latin[last].end()]
            if len(window) >= _FUZZY_LATIN and window.isascii() and not _ARTICLES.match(window):
                yield latin[first].start(), window
    for run in _HAN_RUN.finditer(text):
        for length in range(_FUZZY_HAN, min(len(run.group()), 10) + 1):
            for start in range(len(run.group()) - length + 1):
                yield run.start() + start, run.group()[start : start + length]


def _sounds(owners: Mapping[str, Sequence[str]], lengths: range) -> dict[str, str]:
    """Chinese names of so many characters by how they sound, toneless, syllables apart by a blank; of two that sound alike
    the first."""
    found: dict[str, str] = {}
    for name in owners:
        if _HAN_RUN.fullmatch(name) and len(name) in lengths:
            found.setdefault(_pinyin(name), name)
    return found


@lru_cache(65_536)
def _pinyin(text: str) -> str:
    """The toneless syllables of Chinese characters, with the pairs that voice input and accents mix up made one."""
    from pypinyin import lazy_pinyin

    return " ".join(_merged_sounds(syllable) for syllable in lazy_pinyin(text))


def _merged_sounds(syllable: str) -> str:
    """zh/z, ch/c, sh/s, n/l before a vowel and the back nasals as one."""
    syllable = re.sub(r"^(z|c|s)h", r"\1", syllable)
    return re.sub(r"(?<=[aeiou])ng$", "n", syllable)


def _by_sound(names: Names, plain: str) -> list[Mention]:
    """Names of three syllables and more that a text says in other characters or in pinyin."""
    for run in _HAN_RUN.finditer(plain):
        heard = _pinyin(run.group()).split(" ")
        for length in range(min(len(heard), 8), _SYLLABLES, -1):
            for start in range(len(heard) - length + 1):
                name = names.sounds.get(" ".join(heard[start : start + length]))
                if name is not None:
                    begin = run.start() + start
                    return [Mention(names.owners[name], begin, begin + length, 0.85, whole=False)]
    spelt = {sound.replace(" ", ""): name for sound, name in names.sounds.items()} if names.sounds else {}
    for latin in _LATIN_RUN.finditer(plain):
        words = list(re.finditer(r"[a-z]+", latin.group()))
        for first in range(len(words)):
            for last in range(min(first + 5, len(words)) - 1, first - 1, -1):
                said = re.sub(r"[^a-z]", "", latin.group()[words[first].start() : words[last].end()])
                name = spelt.get(_spelt(said)) if len(said) > _FUZZY_LATIN else None
                if name is not None:
                    begin, end = latin.start() + words[first].start(), latin.start() + words[last].end()
                    return [Mention(names.owners[name], begin, end, 0.85, whole=False)]
    return []


@lru_cache(65_536)
def _spelt(letters: str) -> str:
    """Pinyin as it is typed, with the sounds merged that `_pinyin` merges. Of all ways to cut it the merged form is one."""
    merged = re.sub(r"(z|c|s)h", r"\1", letters)
    return re.sub(r"(?<=[aeiou])ng(?![aeiou])", "n", merged)


# ---------------------------------------------------------------- signs


def _shape(code: str) -> str:
    """The form of a sign: `p1001-1-m` and `p1177-2-xl` are `a9-9-a`."""
    return re.sub(r"[a-z]+", "a", re.sub(r"\d+", "9", code))
