"""Narration: what it says hangs on the facts and on nothing else, in both languages alike, and never the same again."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import Money, Product, Text
from bot.errors import BadContent
from channels.stage.facts import Facts
from channels.stage.merchant import Merchant, Segment, read_merchant
from channels.stage.narration import WORDS, Memory, Narrator
from channels.stage.points import TOPICS, news, points, stated
from channels.stage.prompter import TablePrompter
from channels.stage.templates import LANGUAGES, Template, read_templates
from tests.channels.stage.shop import GOODS, GUITAR, NAPPY, NOW, OFFER, TENT, ZONE, facts_of, texts

products = st.sampled_from(GOODS)
languages = st.sampled_from(LANGUAGES)
seeds = st.integers(0, 50).map(str)
NARRATOR = Narrator(ZONE)


def variants(product: Product, **changes: Any) -> Product:
    return replace(product, variants=tuple(replace(variant, **changes) for variant in product.variants))


@given(products, languages, seeds)
def test_every_sentence_rests_on_what_the_tables_state(product: Product, language: str, seed: str) -> None:
    facts = facts_of(product)
    script = NARRATOR.script(facts, language, seed, 600)
    assert script
    assert all(sentence.claims and sentence.claims <= stated(facts) for sentence in script)


@given(products, languages, seeds, st.integers(20_001, 40_000))
def test_another_price_changes_every_sentence_with_it(product: Product, language: str, seed: str, minor: int) -> None:
    before, after = facts_of(product), facts_of(variants(product, price=Money(minor)))
    script = NARRATOR.script(before, language, seed, 600)
    old = [s for s in script if {"price_from", "price_to"} & {claim.aspect for claim in s.claims}]
    prompter = TablePrompter(NARRATOR, {product.id: after}, NOW)
    assert old
    assert not any(prompter.still_true(sentence.claims) for sentence in old)
    prices = {str(variant.price) for variant in product.variants}
    said = [s for s in NARRATOR.script(after, language, seed, 600) if s.topic == "price"]
    assert all(str(Money(minor)) in s.text and not any(price in s.text for price in prices) for s in said)


@given(languages, seeds)
def test_a_price_is_shown_only_by_sentences_that_claim_it(language: str, seed: str) -> None:
    facts = facts_of(TENT, promotions=())
    for sentence in NARRATOR.script(facts, language, seed, 600):
        if "¥" in sentence.text:
            assert {"price_from", "price_to"} <= {claim.aspect for claim in sentence.claims}


@given(products.filter(lambda p: p.attributes), languages, seeds, st.data())
def test_without_an_attribute_no_sentence_has_it(product: Product, language: str, seed: str, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(product.attributes))
    without = facts_of(replace(product, attributes=tuple(a for a in product.attributes if a is not gone)))
    label = gone.label.in_(language)
    assert any(label in text for text in texts(facts_of(product), language, seed))
    assert not any(label in text or gone.value.in_(language) in text for text in texts(without, language, seed))


@given(products, seeds)
def test_both_languages_state_the_same_claims(product: Product, seed: str) -> None:
    scripts = [NARRATOR.script(facts_of(product), language, seed, 900) for language in LANGUAGES]
    zh, en = ({claim for sentence in script for claim in sentence.claims} for script in scripts)
    assert zh == en


@pytest.mark.parametrize(
    ("product", "missing", "empty", "topic"),
    [
        (TENT, "description", Text(), "about"),
        (TENT, "attributes", (), "property"),
        (TENT, "warranty_months", 0, "warranty"),
        (NAPPY, "size_chart", (), "size_help"),
    ],
)
def test_what_has_no_value_has_no_sentence(product: Product, missing: str, empty: Any, topic: str) -> None:
    changed = replace(product, **{missing: empty})
    assert topic in {point.topic for point in points(facts_of(product))}
    assert topic not in {point.topic for point in points(facts_of(changed))}


def test_what_has_no_words_in_a_language_is_not_said_in_it() -> None:
    product = replace(TENT, description=Text("只有中文。", ""))
    assert any("只有中文" in text for text in texts(facts_of(product), "zh"))
    assert not any("只有中文" in text for text in texts(facts_of(product), "en"))


def test_of_a_sold_out_product_there_is_no_script() -> None:
    facts = facts_of(variants(TENT, stock=0))
    assert NARRATOR.script(facts, "en", "1") == []
    assert [point.topic for point in points(facts)] == ["sold_out"]


def test_a_product_without_a_link_is_not_called_to() -> None:
    facts = facts_of(TENT, links=[])
    assert "closing" not in {s.topic for s in NARRATOR.script(facts, "en", "1", 600)}


def test_an_offer_that_is_about_to_end_is_not_spoken_of() -> None:
    assert OFFER.ends_at is not None
    late = facts_of(TENT, at=OFFER.ends_at - timedelta(seconds=30))
    assert not {"offer", "offer_end", "to_pay"} & {point.topic for point in points(late)}
    assert {"offer", "offer_end", "to_pay"} <= {point.topic for point in points(facts_of(TENT))}


def test_one_piece_with_the_offers_is_reckoned_as_the_shop_does() -> None:
    assert facts_of(TENT).to_pay == Money(54900)
    assert facts_of(NAPPY).to_pay is None  # below the minimum, and several prices


def test_a_former_price_is_said_only_where_all_had_it() -> None:
    first, other = TENT.variants
    mixed = replace(TENT, variants=(first, replace(other, compare_at=None)))
    assert facts_of(TENT).former == Money(79900)
    assert facts_of(mixed).former is None


# ---------------------------------------------------------------- variety


def test_scripts_open_deepen_and_close_differently() -> None:
    scripts = [texts(facts_of(TENT), "zh", str(n)) for n in range(12)]
    assert len({script[0] for script in scripts}) >= 6
    assert len({script[-1] for script in scripts}) >= 4
    orders = {tuple(s.topic for s in NARRATOR.script(facts_of(TENT), "zh", str(n), 600)) for n in range(12)}
    assert len(orders) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_twice_within_ten_minutes(language: str) -> None:
    """One product for an hour, a script a minute: what is not fresh is not said, and there is enough that is."""
    narrator, heard, at = Narrator(ZONE), {}, NOW
    said = 0
    for minute in range(60):
        for sentence in narrator.script(facts_of(TENT, at=at), language, str(minute), 45, more=minute > 0):
            assert at - heard.get(sentence.text, at - timedelta(days=1)) > timedelta(minutes=10)
            heard[sentence.text] = at
            narrator.memory.note(sentence.text, at)
            at += timedelta(seconds=1)
            said += 1
        at += timedelta(seconds=30)
    assert said > 300


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 900)), max_size=60))
def test_memory_is_exact_and_bounded(notes: list[tuple[int, int]]) -> None:
    memory, at, model = Memory(timedelta(minutes=10), limit=20), NOW, dict[str, Any]()
    for word, seconds in notes:
        at += timedelta(seconds=seconds)
        memory.note(str(word), at)
        model[str(word)] = at
        assert len(memory) <= 20
        newest = sorted(model, key=lambda text: model[text])[-20:]
        for text in newest:
            if model[text] != at:
                assert memory.fresh(text, at) == (at - model[text] > timedelta(minutes=10))


# ---------------------------------------------------------------- news and other words


def test_news_tell_what_changed() -> None:
    tent = facts_of(TENT)

    def topics(after: Product, before: Facts = tent) -> list[str]:
        return [point.topic for point in news(before, facts_of(after))]

    assert topics(TENT) == []
    assert topics(variants(TENT, price=Money(49900))) == ["price_fell"]
    assert topics(variants(TENT, price=Money(69900))) == ["correction"]
    assert topics(variants(TENT, stock=2)) == ["few"]
    assert topics(variants(TENT, stock=0)) == ["sold_out"]
    assert topics(TENT, before=facts_of(variants(TENT, stock=0))) == ["back"]


def test_a_false_sentence_is_put_in_words_that_are_true() -> None:
    before, after = facts_of(TENT), facts_of(variants(TENT, price=Money(49900)))
    price = next(s for s in NARRATOR.script(before, "en", "1", 600) if s.topic == "price")
    other = NARRATOR.reword(price, after, "2")
    assert other is not None and "¥499" in other.text and other.claims <= stated(after)


def test_a_property_that_is_gone_has_no_other_words() -> None:
    before, after = facts_of(GUITAR), facts_of(replace(GUITAR, attributes=()))
    wood = next(s for s in NARRATOR.script(before, "zh", "1", 600) if s.topic == "property")
    assert NARRATOR.reword(wood, after, "2") is None


# ---------------------------------------------------------------- the merchant's words


def write(folder: Path, text: str) -> Path:
    file = folder / "words.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_merchants_words_are_said_and_their_taboos_are_not(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "segments:\n  - {product: T1, zh: '{我|我们}自己也用，{price}。', en: 'We {use|own} one, {price}.'}\n"
        "  - {product: G1, zh: 别人的, en: for another}\n"
        "must_say: [{zh: 理性消费。, en: Shop with care.}]\ntaboo: [ten MINUTES, 十分钟]\n",
    )
    narrator = Narrator(ZONE, read_merchant(file))
    zh, en = ("zh", "自己也用，¥599", "理性消费。", "十分钟"), ("en", "one, ¥599", "Shop with care.", "ten")
    for language, own, must, taboo in (zh, en):
        script = narrator.script(facts_of(TENT), language, "1", 600)
        segment = next(s for s in script if s.topic == "segment")
        assert own in segment.text and "price_from" in {claim.aspect for claim in segment.claims}
        assert must in {s.text for s in script}
        assert not any(taboo in s.text for s in script)
    assert any("ten minutes" in text for text in texts(facts_of(TENT), "en"))


def test_a_segment_whose_value_is_missing_is_not_said() -> None:
    text = Template.of("About {months}", frozenset({"months"}), "")
    narrator = Narrator(ZONE, Merchant(segments=(Segment({"en": (text,)}),)))
    assert "About 24" in texts(facts_of(TENT), "en", narrator=narrator)
    assert not any("About" in said for said in texts(facts_of(GUITAR), "en", narrator=narrator) if "month" in said)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("segments: [{zh: '{colour}'}]", "colour"),
        ("segments: [{zh: '{a|b'}]", "braces"),
        ("must_say: [{zh: '{price}'}]", "price"),
        ("must_say: [only text]", "no segment"),
        ("tabu: [x]", "tabu"),
        ("- a", "no mapping"),
    ],
)
def test_a_merchants_mistake_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(BadContent, match=wrong):
        read_merchant(write(tmp_path, text))


def test_no_word_of_a_trade_stands_in_the_templates() -> None:
    words = WORDS.read_text("utf-8").lower()
    with Path("demo/shop/categories.csv").open(encoding="utf-8") as file:
        named = {word for row in csv.DictReader(file) for cell in row.values() for word in (cell or "").lower().split("|")}
    found = {word for word in named if len(word) > 1 and re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", words)}
    assert not found


def test_every_topic_has_words_in_both_languages_enough_to_vary() -> None:
    for topic, by_language in read_templates(WORDS, TOPICS).items():
        for language in LANGUAGES:
            assert len(by_language[language]) >= 2, (topic, language)
    with pytest.raises(BadContent, match="opening"):
        read_templates(WORDS, {**TOPICS, "opening": frozenset()})
    with pytest.raises(BadContent, match="there is no topic 'thanks'"):
        read_templates(WORDS, {name: fields for name, fields in TOPICS.items() if name != "thanks"})
