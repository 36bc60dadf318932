"""The executor: what the tables say to an inquiry, exactly, and how sure it is that this is what was asked.

Every act has one writer; a PROPERTY may be answered by any statement of the product. Nothing here is remembered from one
question to the next but the vectors of statements, which are kept by their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.claims import spans
from bot.commerce import Coupon, Product, Variant
from bot.offers import Bill, CartLine, bill
from bot.ports import Encoder
from bot.text import normal
from bot.types import Passage
from bot.values.quantities import quantities as pieces_in
from knowledge.facts import promos, scales
from knowledge.facts.limits import for_variants, ranges_of
from knowledge.facts.prices import count_in, each, price, saving, total
from knowledge.facts.reading import OF_MONEY, Act, Inquiry, LabelAsked, cue_spans, has_cue, pieces_of
from knowledge.facts.relevance import (
    FAR,
    Corpus,
    Evidence,
    asked_dimensions,
    dimensions_by_unit,
    evidence,
    features,
    measures_alone,
    measures_asked,
    probabilities,
)
from knowledge.facts.sizes import measured, size_advice
from knowledge.facts.spaces import asked_space, in_space
from knowledge.facts.statements import Statement, is_of_sizes, is_own_weight, statements
from knowledge.facts.stock import choices, stock
from knowledge.facts.telling import Telling, told
from knowledge.facts.variants import Selection, select, several
from knowledge.facts.wishes import unwanted
from knowledge.lexicon.grams import overlapping, without_spans
from knowledge.lexicon.names import Mention
from knowledge.lexicon.quantities import quantities
from knowledge.wording import price_range, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Statements whose vectors are kept.
_KEPT = 65_536
# How sure an exact answer from the tables is, when its act has all the words of the question, and when it has none of them.
EXACT, VAGUE = 0.97, 0.7
# How much less sure an act is that only the intent speaks for.
UNSAID = 0.85
# From here on a statement is told as the answer; with a second one, where that is nearly as good.
SURE_STATEMENT, SECOND = 0.5, 0.6
# From here on one comes nearest to what is asked of a product that is named.
NEAR_STATEMENT = 0.25
# Sentences that answer so much better than any attribute that all have are compared instead.
_MUCH_BETTER = 0.3
# From here on a range that a product states may be of the measure that is asked about.
_MAY_LIMIT = 0.2
# The same where it is the only range of that measure.
_ALONE = 0.05
# So probable is, on average, an attribute that is called by its name.
_NAMED = 0.85
# So much less sure is what is stated without the unit that is asked for.
_LACKS = 0.5
# From here on a statement may say how many pieces a pack holds.
_COUNTED = 0.3
# So many of a label's words say that something else is meant by it.
_CALLED_LIKE = 0.6
# So near to a whole number a measure is a number of pieces.
_WHOLE = 1e-6
# Products that are told of at once.
MAX_PRODUCTS = 3
# From this cosine on an attribute says what is wished.
_NEAR = 0.6
_OF_PRICE = "ask_price"
# Acts that one question often has both of.
_TOGETHER = (Act.PRICE, Act.STOCK)
# Which of several is asked for.
_WHICH = re.compile(r"哪|几(?=[码号升段寸款档])|多大|\bwhich\b|\bwhat size\b")
# What somebody may weigh is not what the thing weighs: "how heavy can I be", "多重的人能坐".
_OF_WHO_USES_IT = re.compile(
    r"\bhow (?:heavy|big|large) (?:can|may|could|must|should) "
    r"(?:i|we|you|he|she|they|some(?:one|body)|(?:the|an?|my) \w+) be\b"
    r"|[我你他她人](?:最多|最重)?(?:能|可以)?(?:有)?多重|多重的?人"
    r"|\bhow much weight (?:can|does|will|could|would)\b|\bup to how (?:many|much|heavy)\b"
    r"|\b(?:max(?:imum)?|most) weight\b|\bweight (?:limit|capacity)\b|限重|最大[^，。]{0,2}重量"
)
# What stands between two things that are wanted.
_JOINING = (" and ", "还有", "再加", "外加", "和", "跟", "与", "加", " plus ", ",", "，", "、", ";", "；", " or ", "+", " ")
_SIZE_KEYS = ("fit", "size", "cut")


@dataclass(frozen=True, slots=True)
class Told:
    """What was found: passages, the products they are of, and how sure it is that they answer (0 to 1)."""

    passages: tuple[Passage, ...]
    product_ids: tuple[str, ...]
    confidence: float
    act: Act


class FactAnswers:
    """Answers from the tables of one state of a shop's catalogue."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: LRUCache[str, NDArray[np.float32]] = LRUCache(_KEPT)

    @property
    def encoder(self) -> str:
        """The name of the encoder that gives the vectors."""
        return self._encoder.name

    async def warm(self, products: Sequence[Product], language: str) -> None:
        """Encode what is told of products ahead of the first question about them, a product at a time."""
        for product in products:
            if known := statements(product, language):
                await self._encoded(known)

    async def tell(self, inquiry: Inquiry, products: Sequence[Product], telling: Telling, corpus: Corpus) -> Told | None:
        """The answer of the tables to an inquiry about products; None where they say nothing to it."""
        if products and (space := asked_space(inquiry.rest)) is not None:
            return _told(in_space(space, products[:MAX_PRODUCTS], telling), products, EXACT, Act.PROPERTY)
        inquiry = _of_a_measure(inquiry, products, telling.language)
        act = chosen_act(inquiry, products)
        if act is None or not products:
            return None
        if inquiry.label is not None:
            act = Act.PROPERTY
        if act is Act.PROPERTY:
            return await self.stated(inquiry, products, telling, corpus)
        stated = None
        if act in (Act.CHOICES, Act.SIZE) and quantities(inquiry.rest):
            stated = await self.stated(inquiry, products, telling, corpus)
            if stated is not None and stated.confidence == EXACT:
                return stated  # "for 22 kilos, which length" is answered by the one that is made for it
        if act is Act.COMPARE:
            passages = await self._compared(inquiry, products, telling, corpus)
        elif act is Act.EACH:
            passages = await self._each(inquiry, products, telling, corpus) or _price(inquiry, products, telling)
        else:
            passages = _written(act, inquiry, products, telling)
        found = _told(passages, products, self._sure(inquiry, act), act)
        if _is_said(act, inquiry) and (found is not None or act is Act.RETURNABLE):
            return found  # whether it may come back no statement of what it is like says
        # an act that has nothing to say, or that only the intent speaks for, gives way to what answers better
        stated = stated or await self.stated(inquiry, products, telling, corpus)
        competing = [one for one in (stated, found or self._next(act, inquiry, products, telling)) if one is not None]
        return max(competing, key=lambda one: one.confidence, default=None)

    def _next(self, act: Act, inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> Told | None:
        """What the next act says that is asked for in words, where one has nothing to say: of gloves without a chart "how
        many sizes can be bought" is still a question for what there is."""
        others = (one for one in inquiry.acts if one in _WRITERS and one is not act and has_cue(one, inquiry.rest))
        said = (_told(_written(one, inquiry, products, telling), products, self._sure(inquiry, one), one) for one in others)
        return next((one for one in said if one is not None), None)

    async def at_the_end(
        self, inquiry: Inquiry, products: Sequence[Product], telling: Telling, corpus: Corpus
    ) -> tuple[Passage, list[Product]] | None:
        """Which of products stands at the end of a scale that is asked for, and their order; None where no scale tells."""
        inquiry = _without_kinds(inquiry)
        if scales.is_of_price(inquiry.rest):
            least = scales.asks_for_least(inquiry.rest)
            places = scales.by_price(products) if least else scales.by_highest_price(products, telling)
        else:
            places = scales.by_statement(
                {p.id: p for p in products},
                await self._on_one_scale(inquiry, products, telling, corpus),
                asked_dimensions(inquiry.rest) | scales.dimension_of(inquiry.rest),
            )
        if len(places) < min(len(products), 2):
            return None  # of what one product alone states, no other stands behind it
        passage, ordered = scales.at_the_end(places, inquiry.rest, telling)
        return passage, [place.product for place in ordered]

    def _sure(self, inquiry: Inquiry, act: Act) -> float:
        """How much of what was said the act accounts for: what it leaves may be what the question is about."""
        if act is Act.SIZE and measured(inquiry.plain):
            return EXACT  # a person's measures ask for nothing else
        sure = VAGUE + (EXACT - VAGUE) * explained(inquiry, act)
        return sure if _is_said(act, inquiry) else sure * UNSAID

    # ------------------------------------------------------------ properties

    async def stated(self, inquiry: Inquiry, products: Sequence[Product], telling: Telling, corpus: Corpus) -> Told | None:
        """The statements of each product that answer; of several products named, only of those whose statements do."""
        found: list[Passage] = []
        sure: list[float] = []
        for product in products[:MAX_PRODUCTS]:
            ranked = await self.ranked(_asked_of(inquiry, product), product, telling.language, corpus)
            if not inquiry.named or len(products) > 1:  # how large the sizes of a kind are a table of the shop's may say
                ranked = [(probability, s) for probability, s in ranked if not is_of_sizes(s)]
            if inquiry.label is not None and inquiry.label.own:
                ranked = _labelled_first(ranked, inquiry.label.label)
            elif inquiry.label is not None:
                ranked = [(p, s) for p, s in ranked if p >= SURE_STATEMENT or may_stand_for(s, inquiry.label)]
            if fits := _fitting(inquiry, product, ranked, telling):
                found += fits
                sure.append(EXACT)
                continue
            best = [(probability, statement) for probability, statement in ranked[:2] if probability >= SURE_STATEMENT]
            if not best and len(products) == 1 and inquiry.named:
                best = [pair for pair in ranked[:1] if pair[0] >= NEAR_STATEMENT]
            if not best:
                continue
            if len(best) > 1 and best[1][0] < best[0][0] * SECOND:
                best = best[:1]
            chosen = _meant(inquiry, product, products)
            stated = [replace(s, text=for_variants(s.text, product, chosen)) for _, s in best]
            found.append(told(product, telling, _stated(product, stated, telling), "attributes"))
            sure.append(best[0][0])
        if not found:
            return None
        return _told(found, products, max(sure), Act.PROPERTY)

    async def ranked(self, text: str, product: Product, language: str, corpus: Corpus) -> list[tuple[float, Statement]]:
        """A product's statements with the probability that each answers a text, best first."""
        known, asked = statements(product, language), dimensions_by_unit(normal(text))
        if _OF_WHO_USES_IT.search(normal(text)):
            known = tuple(s for s in known if not is_own_weight(s)) or known
        measured = tuple(s for s in known if asked & {q.dimension for q in s.quantities})
        lacks = _LACKS if asked and not measured else 1.0
        known = measured or known  # "how many volts" is answered in volts
        sure = probabilities(await self.weighed(text, known, corpus), self._encoder.name)
        ranked = [(probability * lacks, s) for probability, s in zip(sure, known, strict=True)]
        alone = measures_alone(normal(text))
        answers = [s for s in known if s.label and alone & {q.dimension for q in s.quantities}]
        if len(answers) == 1:  # nothing else is asked for, and nothing else states it
            ranked = [(max(probability, _NAMED) if s is answers[0] else probability, s) for probability, s in ranked]
        return sorted(ranked, key=lambda pair: -pair[0])

    async def nearest(self, text: str, products: Sequence[Product], language: str) -> dict[str, float]:
        """The cosine of a text and the nearest statement of each product, by product id: of those whose statements are
        encoded already (`warm`), so that nobody waits until all are."""
        told = {product.id: statements(product, language) for product in products}
        ready = {name: known for name, known in told.items() if all(s.whole in self._vectors for s in known)}
        cosines = await self._cosines(text, ready)
        return {name: float(values.max()) for name, values in cosines.items()}

    async def nearness(self, wish: str, products: Sequence[Product], language: str) -> dict[str, float]:
        """How near what is stated of each product comes to a wish, by product id: the cosine of its nearest statement.

        An attribute that comes near enough, and has a word of the wish, says what is wished: a product for which it says
        something else is not near. Of what is not wanted the nearest says nothing.
        """
        told = {product.id: statements(product, language) for product in products}
        cosines = await self._cosines(wish, told)
        near = {name: float(values.max()) for name, values in cosines.items()}
        first = max(near, key=lambda name: near[name], default=None)
        if first is None or near[first] < _NEAR or unwanted(wish):
            return near
        wished = told[first][int(cosines[first].argmax())]
        says_so = bool(wished.key) and not features(wish).isdisjoint(features(wished.whole) | features(wished.other))
        others = {name for name in near if says_so and _says_else(told[name], wished)}
        return {name: FAR if name in others else value for name, value in near.items()}

    async def _cosines(self, text: str, told: Mapping[str, Sequence[Statement]]) -> dict[str, NDArray[np.float32]]:
        """The cosines of a text and of each statement of what states any."""
        query = (await self._encoder.encode_queries([text]))[0]
        return {name: await self._encoded(known) @ query for name, known in told.items() if known}

    async def weighed(self, text: str, known: Sequence[Statement], corpus: Corpus) -> list[Evidence]:
        """The evidence for each of one product's statements that it answers a text."""
        if not known:
            return []
        vectors = await self._encoded(known)
        query = (await self._encoder.encode_queries([text]))[0]
        return evidence(text, known, vectors @ query, corpus)

    async def _encoded(self, known: Sequence[Statement]) -> NDArray[np.float32]:
        import numpy as np

        vectors = {s.whole: self._vectors[s.whole] for s in known if s.whole in self._vectors}
        if missing := [text for text in dict.fromkeys(s.whole for s in known) if text not in vectors]:
            made = dict(zip(missing, await self._encoder.encode_passages(missing), strict=True))
            self._vectors.update(made)
            vectors.update(made)
        return np.stack([vectors[s.whole] for s in known])

    async def _each(self, inquiry: Inquiry, products: Sequence[Product], telling: Telling, corpus: Corpus) -> list[Passage]:
        """The price of one of what a pack holds, where the variant or a statement says how many that are."""
        product = products[0]
        selection = selection_of(inquiry, product, products)[0]
        variant = _buyable(selection.variants)
        told_of = [f"{variant.color.zh} {variant.color.en} {variant.size}"]
        ranked = await self.ranked(
            f"{inquiry.rest} {telling.say('数量 片数 净含量', 'how many pieces in a pack, count')}",
            product,
            telling.language,
            corpus,
        )
        count = count_in(inquiry.plain, variant, [*told_of, *(s.whole for p, s in ranked if p >= _COUNTED)])
        return each(product, variant, count, telling) if count else []

    # ------------------------------------------------------------ comparisons

    async def _compared(
        self, inquiry: Inquiry, products: Sequence[Product], telling: Telling, corpus: Corpus
    ) -> list[Passage]:
        if scales.is_of_price(inquiry.rest):
            return [scales.compared(scales.by_price(products), inquiry.rest, telling, of_price=True)]
        same = await self._on_one_scale(inquiry, products, telling, corpus)
        by_id = {product.id: product for product in products}
        if len({statement.product_id for statement in same}) < min(len(products), 2):
            return []
        places = [scales.Place(by_id[s.product_id], 0.0, s.text, s.label) for s in same]
        return [scales.compared(places, inquiry.rest, telling, of_price=False)]

    async def _on_one_scale(
        self, inquiry: Inquiry, products: Sequence[Product], telling: Telling, corpus: Corpus
    ) -> list[Statement]:
        """The statement of each product that says what is compared: those of the one attribute that answers best.

        Of few products sentences may say it better than any attribute; of many only one of each attribute is looked at.
        """
        asked = scales.called(inquiry.rest)
        told_of = {p.id: [s for s in statements(p, telling.language) if not is_of_sizes(s)] for p in products}
        if len(products) > MAX_PRODUCTS:
            key = await self._best_key(asked, inquiry, [s for told in told_of.values() for s in told], corpus)
            of_key = [s for told in told_of.values() for s in told if s.key and s.key == key]
            return of_key if len(of_key) > 1 else await self._by_dimension(asked, inquiry, told_of, corpus)
        ranked = {p.id: await self.ranked(asked, p, telling.language, corpus) for p in products}
        ranked = {name: [(p, s) for p, s in pairs if not is_of_sizes(s)] for name, pairs in ranked.items()}
        key = _best_shared_key(ranked, scales.dimension_of(inquiry.rest))
        by_name = {name: [pair for pair in pairs if pair[1].key == key and key] for name, pairs in ranked.items()}
        best = [pairs[0] for pairs in ranked.values() if pairs]
        by_key = sum(pairs[0][0] for pairs in by_name.values() if pairs)
        if sum(probability for probability, _ in best) > by_key + len(best) * _MUCH_BETTER:
            shared = set.intersection(*({q.dimension for q in statement.quantities} for _, statement in best))
            if shared or not asked_dimensions(inquiry.rest):
                return [statement for _, statement in best]
        found = [pairs[0] if pairs else ranked[name][0] for name, pairs in by_name.items() if pairs or ranked[name]]
        return [statement for probability, statement in found if statement.key == key or probability >= SURE_STATEMENT]

    async def _by_dimension(
        self, asked: str, inquiry: Inquiry, told_of: Mapping[str, Sequence[Statement]], corpus: Corpus
    ) -> list[Statement]:
        """What each product states of the dimension that is asked for, be it in a sentence: its likeliest statement."""
        wanted, found = scales.dimension_of(inquiry.rest), []
        for stated in told_of.values():
            known = [s for s in stated if wanted & {quantity.dimension for quantity in s.quantities}]
            sure = probabilities(await self.weighed(asked, known, corpus), self._encoder.name)
            found += [max(zip(sure, known, strict=True), key=lambda pair: pair[0])[1]] if known else []
        return found

    async def _best_key(self, asked: str, inquiry: Inquiry, told: Sequence[Statement], corpus: Corpus) -> str:
        """The attribute that answers a question best, by one statement of each; of the dimension asked for, where one is."""
        wanted = scales.dimension_of(inquiry.rest)
        examples = {s.key: s for s in told if s.key and (not wanted or wanted & {q.dimension for q in s.quantities})}
        if not examples:
            return ""
        known = list(examples.values())
        sure = probabilities(await self.weighed(asked, known, corpus), self._encoder.name)
        return max(zip(sure, [statement.key for statement in known], strict=True))[1]


def _without_kinds(inquiry: Inquiry) -> Inquiry:
    """An inquiry without the words for kinds: of "which light lasts longest" the light is no adjective."""
    rest = inquiry.rest
    for kind in inquiry.kinds:
        rest = rest.replace(inquiry.plain[kind.start : kind.end], " ")
    return replace(inquiry, rest=rest)


def _says_else(known: Sequence[Statement], wished: Statement) -> bool:
    """Whether one of a product's statements has another value for the attribute of another."""
    return any(statement.key == wished.key and statement.text != wished.text for statement in known)


def _best_shared_key(ranked: Mapping[str, Sequence[tuple[float, Statement]]], wanted: frozenset[str]) -> str:
    """The attribute whose statements are most probable over all products, of a wanted dimension where there is one.

    An attribute that is called by its name is meant whatever adjective stands beside it: "the higher weight".
    """
    by_key: dict[str, float] = {}
    fitting: set[str] = set()
    for pairs in ranked.values():
        for probability, statement in pairs:
            if statement.key:
                by_key[statement.key] = by_key.get(statement.key, 0.0) + probability
            if wanted & {quantity.dimension for quantity in statement.quantities}:
                fitting.add(statement.key)
    best = max(by_key, key=lambda name: (by_key[name], name), default="")
    if not wanted or by_key.get(best, 0.0) >= len(ranked) * _NAMED:
        return best
    return max(fitting & by_key.keys(), key=lambda name: (by_key[name], name), default=best)


def _of_a_measure(inquiry: Inquiry, products: Sequence[Product], language: str) -> Inquiry:
    """An inquiry for a measure that one of the products states, without acts for money: "how many watts each"."""
    plain = normal(inquiry.rest)
    asked = measures_asked(plain)
    slang = asked == dimensions_by_unit(plain) and inquiry.intent == _OF_PRICE and has_cue(Act.PRICE, plain)
    if not asked or slang or scales.is_of_price(plain):
        return inquiry  # "多少米" asks for money where all of it is taken for that
    stated = {q.dimension for product in products for s in statements(product, language) for q in s.quantities}
    return replace(inquiry, acts=tuple(act for act in inquiry.acts if act not in OF_MONEY)) if asked & stated else inquiry


def chosen_act(inquiry: Inquiry, products: Sequence[Product]) -> Act | None:
    """The act that an inquiry about these products is; None for what is not asked of them."""
    if not products:
        return None
    acts = inquiry.acts
    if len(products) == 1 and Act.COMPARE in acts and len(selection_of(inquiry, products[0], products)) > 1:
        # variants of one product differ in what they cost, unless something else is asked of them
        of_price = scales.is_of_price(inquiry.rest) or explained(inquiry, Act.COMPARE) == 1.0
        return Act.PRICE if of_price else Act.PROPERTY
    if len(products) > 1 and (Act.COMPARE in acts or Act.EXTREME in acts) and Act.TOTAL not in acts:
        return Act.COMPARE
    wants_pieces = inquiry.pieces is not None and inquiry.pieces > 1
    if Act.TOTAL in acts or (Act.PRICE in acts and (wants_pieces or (len(products) > 1 and inquiry.named))):
        return Act.TOTAL
    if Act.EACH in acts and (Act.PRICE in acts or explained(inquiry, Act.EACH) == 1.0):
        return Act.EACH  # "warmth per metre" is not asked of money
    if inquiry.only_values or _asks_of_values(inquiry):
        return Act.STOCK
    if not features(inquiry.rest) and not acts:
        return Act.OVERVIEW
    return next((act for act in acts if act in _WRITERS), Act.PROPERTY)


def _beside(act: Act, inquiry: Inquiry) -> tuple[Act, ...]:
    """What is asked of the same variants in the same breath: "is it in stock, and how much"."""
    return tuple(one for one in _TOGETHER if one is not act and has_cue(one, inquiry.rest)) if act in _TOGETHER else ()


def _written(act: Act, inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    """What an act says of products, with what is asked of them in the same breath."""
    some = products if act is Act.TOTAL else products[:MAX_PRODUCTS]
    return [passage for one in (act, *_beside(act, inquiry)) for passage in _WRITERS[one](inquiry, some, telling)]


def _is_said(act: Act, inquiry: Inquiry) -> bool:
    """Whether an act is what the words say, rather than what the intent makes likely."""
    if act is Act.STOCK and _asks_of_values(inquiry):
        return True
    return has_cue(act, inquiry.rest) or inquiry.only_values or act in (Act.OVERVIEW, Act.TOTAL)


def _asks_of_values(inquiry: Inquiry) -> bool:
    """Whether nothing is said but values of variants in a question that may be for what there is: "60 cm 的有吗"."""
    said = {act for act in inquiry.acts if has_cue(act, inquiry.rest)} - {Act.FIND, Act.STOCK}
    has_values = bool(inquiry.spans or inquiry.others)
    return Act.STOCK in inquiry.acts and has_values and not said and explained(inquiry, Act.STOCK) == 1.0


def explained(inquiry: Inquiry, act: Act) -> float:
    """The part of an inquiry's telling words that the act, its values and its numbers account for, 0 to 1."""
    rest = inquiry.rest
    words = features(rest)
    if not words:
        return 1.0
    named = inquiry.labels if act in (Act.COMPARE, Act.EXTREME) else ()
    spans = [*named, *cue_spans(rest, [act, *(_TOGETHER if act is Act.TOTAL else _beside(act, inquiry))])]
    left = features(without_spans(rest, [*spans, *inquiry.spans]))
    if act is Act.STOCK:  # values that no variant has are told of, too
        left -= features(" ".join(inquiry.plain[start:end] for start, end in inquiry.others))
    if act is Act.TOTAL:
        left -= features(" ".join(_of_lines(inquiry)))
    return 1 - len(left & words) / len(words)


def _of_lines(inquiry: Inquiry) -> Iterator[str]:
    """What lines to be bought are made of: what their products are, how many of them, and values said of any again."""
    yield from (kind.word for kind in inquiry.kinds if set(kind.product_ids) & set(inquiry.product_ids))
    yield from (pieces.text for pieces in pieces_in(inquiry.plain))
    yield from (inquiry.rest[start:end] for start, end in inquiry.spans)


def selection_of(inquiry: Inquiry, product: Product, products: Sequence[Product]) -> list[Selection]:
    """The variants of one of the products that an inquiry means: by what is said beside it, where several are named."""
    plain, written = inquiry.plain, inquiry.written
    spans = [(m.start, m.end) for m in inquiry.finds.products if m.product_ids[0] in {p.id for p in products}]
    if len(products) > 1 and len(spans) > 1:
        plain, written = _own_part(inquiry, product, products)
    skus = {variant.sku.lower() for variant in product.variants}
    own = [(m.start, m.end) for m in inquiry.finds.products if inquiry.plain[m.start : m.end] not in skus]
    values = [span for span in select(product, plain, written).spans if span not in own]
    own = [span for span in own if not any(a <= span[0] and span[1] <= b for a, b in values)]  # the strips of "100 strips"
    found = several(
        product, without_spans(plain, own), without_spans(written, own) if len(written) == len(plain) else written
    )
    if inquiry.carried and not any(selection.said for selection in found):
        return [replace(select(product, normal(inquiry.carried), inquiry.carried), spans=())]
    return found


def _meant(inquiry: Inquiry, product: Product, products: Sequence[Product]) -> list[Variant]:
    """The variants of one of the products of which something is asked; one is compared with all others."""
    found = selection_of(inquiry, product, products)
    if Act.COMPARE in inquiry.acts and len(found) == 1 and found[0].said:
        return list(product.variants)
    return [variant for selection in found for variant in selection.variants]


def _own_part(inquiry: Inquiry, product: Product, products: Sequence[Product]) -> tuple[str, str]:
    """The stretch of a text that belongs to one of the products named in it; the rest is blank."""
    mentions = sorted(inquiry.finds.products, key=lambda mention: mention.start)
    place = next((n for n, mention in enumerate(mentions) if mention.product_ids[0] == product.id), 0)
    cuts = [0, *(_cut(inquiry, a, b, products) for a, b in pairwise(mentions)), len(inquiry.plain)]
    start, end = cuts[place], cuts[place + 1]
    return _alone(inquiry, start, end)


def _alone(inquiry: Inquiry, start: int, end: int) -> tuple[str, str]:
    """A stretch of a text, normalised and as it is written; the rest is blank."""
    blank = [(0, start), (end, len(inquiry.plain))]
    written = inquiry.written if len(inquiry.written) == len(inquiry.plain) else inquiry.plain
    return without_spans(inquiry.plain, blank), without_spans(written, blank)


def _cut(inquiry: Inquiry, first: Mention, second: Mention, products: Sequence[Product]) -> int:
    """Where between two names the one's part ends.

    Values stand before a name or behind it: the cut is where both products have the most of those said on their side; of
    such places at a joining word, else at a stop, else at a blank.
    """
    between = inquiry.plain[first.end : second.start]
    places = [(n, place + len(sign)) for n, sign in enumerate(_JOINING) if (place := between.find(sign)) >= 0]
    places += [(len(_JOINING), place) for place in range(len(between) + 1)]
    by_id = {product.id: product for product in products}
    sides = [by_id.get(mention.product_ids[0]) for mention in (first, second)]

    def fits(place: int) -> int:
        stretches = (first.end, first.end + place), (first.end + place, second.start)
        return sum(
            len(select(product, *_alone(inquiry, *stretch)).spans)
            for product, stretch in zip(sides, stretches, strict=True)
            if product is not None
        )

    best = max(fits(place) for _, place in places)
    return first.end + min((rank, place) for rank, place in places if fits(place) == best)[1]


def missing_values(inquiry: Inquiry, selection: Selection, values: Sequence[tuple[str, int, int]]) -> list[str]:
    """The values of a colour or size that are said and that no variant has."""
    loosely = [text for text, start, end in values if not overlapping(start, end, selection.spans)]
    others = [(a, b) for a, b in inquiry.others if not any(start <= a and b <= end for start, end in selection.spans)]
    return list(dict.fromkeys([*loosely, *(inquiry.written[a:b] for a, b in others)]))


def purchase_of(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> Bill | None:
    """What is to be bought, as it costs with the offers and the coupon that is named; None where that is nothing."""
    lines = _lines_of(inquiry, products)
    return bill(lines, telling.tables.promotions, _coupon(inquiry, telling)) if lines else None


def _lines_of(inquiry: Inquiry, products: Sequence[Product]) -> list[CartLine]:
    """What is to be bought: of each product the variants meant, the cheapest in stock where none is, with its pieces."""
    lines = []
    several_products = len(products) > 1
    for product in products:
        for selection in selection_of(inquiry, product, products):
            plain = (
                _own_part(inquiry, product, products)[0]
                if several_products and len(inquiry.finds.products) > 1
                else inquiry.plain
            )
            names = [(mention.start, mention.end) for mention in inquiry.finds.products if mention.whole]
            pieces = pieces_of(plain, [*selection.spans, *names])
            pieces = pieces or _pieces_in_measure(plain, selection)
            lines.append(CartLine(product, _buyable(selection.variants), max(pieces or 1, 1)))
    return lines


def _pieces_in_measure(plain: str, selection: Selection) -> int | None:
    """How many pieces a measure is that is said of what is sold by one: "3 metres" of a cloth by the half metre are six."""
    sold = {variant.size for variant in selection.variants}
    unit = quantities(normal(next(iter(sold)))) if len(sold) == 1 else ()
    if len(unit) != 1 or not unit[0].low:
        return None
    said = (
        q for q in quantities(plain)
        if q.dimension == unit[0].dimension and q.low == q.high and not overlapping(q.start, q.end, selection.spans)
    )  # fmt: skip
    times = next((q.low / unit[0].low for q in said), 0.0)
    return round(times) if times > 1 and abs(times - round(times)) < _WHOLE else None


def _buyable(variants: Sequence[Variant]) -> Variant:
    return min(variants, key=lambda v: (v.stock <= 0, v.price))


def _labelled_first(ranked: Sequence[tuple[float, Statement]], label: str) -> list[tuple[float, Statement]]:
    """Statements with their probabilities, best first, of which one under the label that is asked for answers."""
    sure = [(max(p, _NAMED) if normal(s.label) == label else p, s) for p, s in ranked]
    return sorted(sure, key=lambda pair: -pair[0])


def _fitting(
    inquiry: Inquiry, product: Product, ranked: Sequence[tuple[float, Statement]], telling: Telling
) -> list[Passage]:
    """Whether a measure that is given is in a range that the product states of it, or which of its variants it fits.

    Where it is asked in the same breath, with the stock of these. Empty where no range is stated of it.
    """
    which = Act.SIZE in inquiry.acts or _WHICH.search(inquiry.plain) is not None
    given = [q for q in quantities(inquiry.rest) if not overlapping(q.start, q.end, inquiry.spans)]
    if not given or not (which or inquiry.asks_yes_or_no):
        return []
    measures = {q.dimension for q in given}
    stated = [
        (probability, statement, ranges)
        for probability, statement in ranked
        if statement.label and (ranges := [one for one in ranges_of(statement, product) if one.dimension in measures])
    ]
    for probability, statement, ranges in stated:
        if probability < (_MAY_LIMIT if len(stated) > 1 else _ALONE) or (which and not any(one.variants for one in ranges)):
            continue
        inside = [one for one in ranges if any(one.holds(q) for q in given)]
        text = telling.say("；", "; ").join(one.text for one in inside if one.variants) or statement.text
        said = _stated(product, [replace(statement, text=text)], telling)
        verdict = telling.say("可以。", "Yes. ") if inside else telling.say("不行。", "No. ")
        passage = told(product, telling, said if which and inside else verdict + said, "attributes")
        fitting = [variant for one in inside for variant in one.variants]
        return [passage, *(_stock_of(inquiry, product, fitting, telling) if Act.STOCK in inquiry.acts else [])]
    return []


def _stock_of(inquiry: Inquiry, product: Product, fitting: Sequence[Variant], telling: Telling) -> list[Passage]:
    """The stock of those of some variants that an inquiry means, too."""
    selection = selection_of(inquiry, product, [product])[0]
    chosen = tuple(variant for variant in fitting if variant in selection.variants)
    return stock(product, replace(selection, variants=chosen), [], telling) if chosen else []


def may_stand_for(statement: Statement, asked: LabelAsked) -> bool:
    """Whether a statement may answer for a label that its product has not: of a measure only one that is called like it.

    A warranty of months is no shelf life, and the thickness of a pane no thickness of branches.
    """
    if not asked.dimensions:
        return True
    words = features(asked.label)
    shared = len(words & features(f"{statement.whole} {statement.other}"))
    return shared >= len(words) * _CALLED_LIKE and bool(asked.dimensions & {q.dimension for q in statement.quantities})


def _asked_of(inquiry: Inquiry, product: Product) -> str:
    """What is asked of a product, with the label that is meant by a word of the shop's own for it.

    Values of its variants say of which one it is asked, and not what; what is compared of these is called by its name.
    """
    text = _without_name(inquiry, product)
    if text == inquiry.rest and inquiry.spans and features(unsaid := " ".join(without_spans(text, inquiry.spans).split())):
        text = unsaid
    if Act.COMPARE in inquiry.acts and inquiry.spans:
        text = scales.called(text)
    return text if inquiry.label is None or inquiry.label.label in text else f"{text} {inquiry.label.label}"


def _without_name(inquiry: Inquiry, product: Product) -> str:
    """What is asked of a product: the text without its name, but with others' names, which may be what it is asked about."""
    if len(inquiry.finds.product_ids) < 2 or not inquiry.named:
        return inquiry.rest
    own = [(m.start, m.end) for m in inquiry.finds.products if m.product_ids[0] == product.id]
    return " ".join(without_spans(inquiry.plain, own).split())


def _told(passages: Sequence[Passage], products: Sequence[Product], sure: float, act: Act) -> Told | None:
    return Told(tuple(passages), tuple(product.id for product in products), sure, act) if passages else None


def _stated(product: Product, best: Sequence[Statement], telling: Telling) -> str:
    """Statements as one answer: attributes with their labels, sentences as they are."""
    name = quoted(product, telling.language)
    labelled = [s for s in best if s.label]
    sentences = [s.text for s in best if not s.label]
    colon, comma = telling.say("：", ": "), telling.say("，", "; ")
    text = comma.join(f"{s.label}{colon}{s.text}" for s in labelled)
    head = telling.say(name, f"{name} – ") if labelled else telling.say(f"{name}：", f"{name}: ")
    text = f"{head}{text}{telling.say('。', '.')}" if labelled else head
    return text + telling.say("", " " if labelled and sentences else "") + telling.say("", " ").join(sentences)


# ---------------------------------------------------------------- one writer an act

Writer = Callable[[Inquiry, Sequence[Product], Telling], list[Passage]]


def _price(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    code = _coupon(inquiry, telling)
    return [
        passage
        for product in products
        for selection in selection_of(inquiry, product, products)
        for passage in price(product, selection, telling, code)
    ]


def _total(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    purchase = purchase_of(inquiry, products, telling)
    return total(purchase, telling, _coupon(inquiry, telling)) if purchase is not None else []


def _coupon(inquiry: Inquiry, telling: Telling) -> list[Coupon]:
    offer = promos.named(inquiry.plain, replace(telling, tables=replace(telling.tables, promotions=(), other_promotions=())))
    return [offer] if isinstance(offer, Coupon) and offer in telling.tables.coupons else []


def _stock(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    found = []
    for product in products:
        for selection in selection_of(inquiry, product, products):
            missing = missing_values(inquiry, selection, inquiry.values) if len(products) == 1 else []
            found += stock(product, selection, missing, telling)
    return found


def _choices(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    axis = "color" if _asks_for_colors(inquiry.plain) else ""
    found = []
    for product in products:
        selection = selection_of(inquiry, product, products)[0]
        if len(products) == 1 and (missing := missing_values(inquiry, selection, inquiry.values)):
            return stock(product, selection, missing, telling)
        if inquiry.negated and selection.said:
            chosen = {variant.sku for variant in selection.variants}
            selection = Selection(tuple(v for v in product.variants if v.sku not in chosen), said=True, spans=())
        found += choices(product, telling, selection, axis)
    return found


def _asks_for_colors(plain: str) -> bool:
    return any(word in plain for word in ("颜色", "什么色", "个色", "colour", "color"))


def _offers(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    return promos.running(products, telling)


def _saving(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    return [
        passage for product in products for passage in saving(product, selection_of(inquiry, product, products)[0], telling)
    ]


def _size(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    found = []
    for product in products:
        fit = next((a.value.in_(telling.language) for a in product.attributes if a.key in _SIZE_KEYS), "")
        if product.size_chart and (measured(inquiry.plain) or inquiry.named):
            found += size_advice(product, inquiry.plain, telling, fit)
    return found


def _warranty(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    found = []
    for product in products:
        name = quoted(product, telling.language)
        months = product.warranty_months
        if months:
            text = telling.say(f"{name}保修 {months} 个月。", f"{name} has a warranty of {months} months.")
        else:
            text = telling.say(f"{name}没有额外的保修期。", f"{name} has no extra warranty.")
        found.append(told(product, telling, text, "products"))
    return found


def _returnable(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    found = []
    for product in products:
        if not product.returnable:  # of the others the documents say how
            reason = product.final_sale_reason.in_(telling.language)
            name = quoted(product, telling.language)
            text = telling.say(f"{name}不支持无理由退货：{reason}。", f"{name} cannot be returned: {reason}.")
            found.append(told(product, telling, text, "products"))
    return found


def _overview(inquiry: Inquiry, products: Sequence[Product], telling: Telling) -> list[Passage]:
    found = []
    for product in products:
        name, span = quoted(product, telling.language), price_range(product, telling.language)
        text = telling.say(
            f"{name}，{span}。{product.description.zh or product.description.en}",
            f"{name}, {span}: {product.description.en or product.description.zh}",
        )
        found.append(told(product, telling, text, "products", claims=spans(product)))
    return found


_WRITERS: Mapping[Act, Writer] = {
    Act.PRICE: _price,
    Act.TOTAL: _total,
    Act.STOCK: _stock,
    Act.CHOICES: _choices,
    Act.OFFERS: _offers,
    Act.SAVING: _saving,
    Act.SIZE: _size,
    Act.WARRANTY: _warranty,
    Act.RETURNABLE: _returnable,
    Act.OVERVIEW: _overview,
}
