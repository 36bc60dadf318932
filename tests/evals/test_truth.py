"""The oracle's arithmetic, its questions, and above all that the judge can fail."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import load, open_shop
from bot.commerce import Coupon, Money, Product, Promotion, Text, Variant
from bot.settings import Settings
from evals.truth.asking import moved_to, open_asker, words_of
from evals.truth.cases import (
    Amounts,
    Answered,
    Case,
    Claim,
    Either,
    Figures,
    Lacks,
    Outcome,
    Pieces,
    Shown,
    Stance,
    Total,
    Words,
)
from evals.truth.judge import Verdict, amounts, faults_of, figures, judge
from evals.truth.measure import GARDEN, QUESTIONS, Measured, Result, ask_all, figures_of
from evals.truth.measure import Settings as How
from evals.truth.names import aliases, mentioned, telling_parts
from evals.truth.noise import NOISES, in_chinese, in_english
from evals.truth.oracle.make import LANGUAGES, MAKERS, make
from evals.truth.phrasings import HANDS, Piece, text_of
from evals.truth.reckoning import BasketLine, reckon, shares
from evals.truth.relations import Essence, agree, apart, other_figures, relations, same
from evals.truth.report import page
from evals.truth.tables import Tables, plain, read_tables, state_of
from evals.truth.written import Written, failures, load_written
from evals.truth.yaml import read

NOW = datetime(2026, 4, 12, 12, tzinfo=UTC)


def product(product_id: str, name: str, *prices: str, category: str = "home/lamps", stock: int = 5) -> Product:
    """A product with one variant a price, told apart by size."""
    variants = tuple(
        Variant(f"{product_id}-{n}", Text(), f"{n} L", Money.of(price), stock) for n, price in enumerate(prices, 1)
    )
    return Product(product_id, Text(f"{name}甲", name), category, "Brand", variants)


LAMP, RUG = product("P1", "Desk Lamp", "100.00", "150.00"), product("P2", "Wool Rug", "80.00", category="home/rugs")
TABLES = Tables((LAMP, RUG), (), (), (), NOW)


def answer(text: str = "", **more: object) -> Answered:
    return Answered(text, **more)  # type: ignore[arg-type]


def case(*claims: Claim, unanswerable: bool = False) -> Case:
    return Case("x", "price", "en", (), claims, "", unanswerable=unanswerable)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def garden(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tables]:
    place: Path = tmp_path_factory.mktemp("garden")
    settings = moved_to(Settings.load(), place)
    settings = settings.model_copy(update={"knowledge": settings.knowledge.model_copy(update={"encoder": "hashing"})})
    async with open_shop(settings) as parts:
        loaded = await load(GARDEN, parts, settings)
        assert not loaded.refused
        assert [report.unknown for report in loaded.shop.files if report.unknown] == []
        yield await read_tables(GARDEN, parts.shop, datetime.now(UTC), "main")


# ---------------------------------------------------------------- the arithmetic


def offer(offer_id: str, kind: str, value: str, applies_to: str = "all", least: str = "", room: str = "") -> Promotion:
    minimum = Money.of(least) if least else None
    return Promotion(offer_id, Text(offer_id, offer_id), kind, value, applies_to, min_spend=minimum, room=room)


def test_offers_come_by_scope_and_each_takes_from_what_is_left() -> None:
    offers = [
        offer("all", "amount", "2000", least="150"),
        offer("rugs", "percent", "15", "category:home/rugs"),
        offer("lamp", "amount", "1000", "product:P1"),
        offer("live", "amount", "5000", room="main"),
        offer("gift", "gift", "a mug"),
    ]
    lines = [BasketLine(LAMP, LAMP.variants[0], 1), BasketLine(RUG, RUG.variants[0], 1)]
    reckoned = reckon(lines, offers, None, NOW)
    assert [one.name.en for one in reckoned.offers] == ["lamp", "rugs", "all"]
    assert (reckoned.goods, reckoned.paid) == (18000, 9000 + 6800 - 2000)


def test_a_minimum_is_met_by_what_the_offers_before_it_left() -> None:
    offers = [offer("all", "amount", "2000", least="80"), offer("rugs", "percent", "1", "category:home")]
    assert reckon([BasketLine(RUG, RUG.variants[0], 1)], offers, None, NOW).paid == 7920


def test_a_minimum_is_met_by_the_lines_that_are_covered() -> None:
    lines = [BasketLine(LAMP, LAMP.variants[0], 3), BasketLine(RUG, RUG.variants[0], 1)]
    assert reckon(lines, [offer("rugs", "amount", "500", "category:home/rugs", "100")], None, NOW).offers == ()


def test_percents_round_down_and_a_coupon_comes_last_up_to_its_most() -> None:
    odd = product("P3", "Cup", "9.99")
    lines = [BasketLine(odd, odd.variants[0], 1)]
    assert reckon(lines, [offer("ten", "percent", "10")], None, NOW).paid == 900
    coupon = Coupon("HALF", Text(), "percent", "50", "all", max_discount=Money(200))
    assert reckon(lines, [offer("ten", "percent", "10")], coupon, NOW).paid == 700


def test_shares_add_up() -> None:
    assert shares(100, [1, 1, 1]) == [34, 33, 33]
    assert sum(shares(777, [1999, 5, 12345])) == 777


def test_an_offer_is_over_to_come_or_running() -> None:
    day = timedelta(days=1)
    promotion = offer("x", "amount", "100")
    assert state_of(replace(promotion, starts_at=NOW + day), NOW) == "to_come"
    assert state_of(replace(promotion, ends_at=NOW), NOW) == "over"
    assert state_of(promotion, NOW) == "running"
    assert state_of(Coupon("X", Text(), "amount", "100", "all", total=3, used=3), NOW) == "over"


# ---------------------------------------------------------------- the judge


@pytest.mark.parametrize(
    ("claim", "right", "wrong"),
    [
        (Figures(frozenset({Decimal("1299.5")})), "It is ¥1,299.50.", "It is ¥1,299.00."),
        (Figures(frozenset({Decimal(30)})), "长 30cm", "长 300cm"),
        (Figures(frozenset(), as_words="free delivery"), "Free delivery", "10 off"),
        (Amounts(frozenset({Decimal(100)})), "¥100, 5 left", "¥100, or ¥150 for the large one"),
        (Amounts(frozenset({Decimal(100)})), "现价１００元", "现价 150 元"),
        (Total(Decimal("180.5")), "100 + 100 - 19.50, total ¥180.50", "180.50 before; total ¥175"),
        (Total(Decimal(90)), "¥90", "¥900"),
        (Pieces(5), "in stock, 5 left", "15 left"),
        (Pieces(5), "有货，还剩 5 件", "有货，还剩 564 件"),
        (Words((("red clay",), ("no glaze",))), "made of Red Clay", "made of plastic"),
        (Lacks(frozenset({"OTHER10"})), "SPRING is 10% off", "SPRING, and other10"),
        (Stance(("sold_out",)), "抱歉，售罄了", "有货，放心拍"),
        (Stance(("in_stock",), ("sold_out",)), "Yes, in stock", "It is in stock, no: out of stock"),
        (Stance(("over",), ("to_come",)), "这张券过期了", "还没开始"),
        (Stance(("to_come",), ("over",)), "It starts on 1 May", "It has expired"),
        (Stance(("not_sold",)), "We don't sell skis.", "Here are three for you:"),
        (Stance(("absent",)), "没有 7 号链接", "7 号链接 ¥100"),
        (Shown(frozenset({"P1"})), "The Desk Lamp", "The Desk Lamp and the Wool Rug"),
        (Shown(frozenset({"P1", "P2"}), frozenset({"P2"})), "Wool Rug, then Desk Lamp", "Desk Lamp, then Wool Rug"),
        (Shown(frozenset(), may_be_none=True), "Nothing here", "The Wool Rug perhaps?"),
        (Either((Stance(("yes",)), Words((("oak",),)))), "oak", "pine"),
    ],
)  # fmt: skip
def test_the_judge_takes_the_right_answer_and_no_other(claim: Claim, right: str, wrong: str) -> None:
    assert judge(case(claim), answer(right), TABLES).verdict is Verdict.RIGHT
    assert judge(case(claim), answer(wrong), TABLES).verdict is Verdict.WRONG


LAMP_IS_CHEAPER = Outcome("P2", "P1", (Decimal(80), Decimal(100)), higher=False)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("The Wool Rug is cheaper.", Verdict.RIGHT),
        ("The Desk Lamp is more expensive than the Wool Rug.", Verdict.RIGHT),
        ("Desk Lamp甲比Wool Rug甲贵", Verdict.RIGHT),
        ("The Desk Lamp is ¥100, the Wool Rug is ¥80.", Verdict.RIGHT),
        ("They are ¥20 apart.", Verdict.RIGHT),
        ("The Desk Lamp is cheaper than the Wool Rug.", Verdict.WRONG),
        ("Desk Lamp甲更便宜", Verdict.WRONG),
        ("The Wool Rug is ¥80. The Desk Lamp is ¥100. The Desk Lamp is cheaper.", Verdict.WRONG),
        ("The Wool Rug is ¥80.", Verdict.WRONG),
    ],
)
def test_a_comparison_has_one_winner(text: str, verdict: Verdict) -> None:
    assert judge(case(LAMP_IS_CHEAPER), answer(text), TABLES).verdict is verdict


PRICE = case(Figures(frozenset({Decimal(100)})), Amounts(frozenset({Decimal(100)})))


def test_an_answer_that_does_not_know_is_abstained_unless_it_claims_something_else() -> None:
    assert judge(PRICE, answer("Which one?", said=("utter_which_product",)), TABLES).verdict is Verdict.ABSTAINED
    apology = "I don't have that, and I'd rather not guess. Shall I ask a colleague for you?"
    assert judge(PRICE, answer(apology, said=("answer",)), TABLES).verdict is Verdict.ABSTAINED
    assert judge(PRICE, answer(f"{apology} It costs ¥150."), TABLES).verdict is Verdict.WRONG


def test_an_apology_does_not_say_that_something_is_not_sold() -> None:
    apology = "I don't have that, and I'd rather not guess. Shall I ask a colleague for you?"
    assert judge(case(Stance(("absent",))), answer(apology), TABLES).verdict is Verdict.ABSTAINED


def test_another_question_is_misread() -> None:
    assert judge(PRICE, answer("Your order number?", said=("utter_ask_order_number",)), TABLES).verdict is Verdict.MISREAD
    assert judge(PRICE, answer("Hello!", said=("utter_greet",)), TABLES).verdict is Verdict.MISREAD
    assert judge(PRICE, answer("", error="boom"), TABLES).verdict is Verdict.MISREAD
    assert judge(PRICE, answer("Hello! It is ¥100.", said=("utter_greet", "answer")), TABLES).verdict is Verdict.RIGHT


def test_of_what_nothing_answers_only_saying_so_is_right() -> None:
    asked = case(Stance(("unknown",)), Shown(frozenset({"P1"}), may_be_none=True), unanswerable=True)
    assert judge(asked, answer("That is not stated."), TABLES).verdict is Verdict.RIGHT
    assert judge(asked, answer("It is 30 mm."), TABLES).verdict is Verdict.WRONG
    assert judge(asked, answer("That is not stated. The Wool Rug has it."), TABLES).verdict is Verdict.WRONG


def test_figures_in_names_say_nothing() -> None:
    tables = replace(TABLES, products=(product("P9", "Pot 26 cm", "9.00"),))
    assert faults_of(Figures(frozenset({Decimal(26)})), answer("The Pot 26 cm is ¥9."), tables)


def test_texts_are_read_in_any_width_and_with_thousands() -> None:
    assert figures(plain("１,２９９ 和 0.5")) == {Decimal(1299), Decimal("0.5")}
    assert amounts("¥12.50, 30元, 5 left") == {Decimal("12.5"), Decimal(30)}


# ---------------------------------------------------------------- the questions


def ideal(claims: tuple[Claim, ...], tables: Tables) -> Answered:
    """An answer that holds all that is claimed and nothing else."""
    texts: list[str] = []
    for claim in claims:
        match claim:
            case Figures():
                texts.append(f"{min(claim.any_of):f}" if claim.any_of else "free delivery")
            case Total():
                texts.append(f"total ¥{claim.amount:f}")
            case Words():
                texts += [forms[0] for forms in claim.pieces]
            case Stance() if claim.any_of:
                texts.append(_STANCES[claim.any_of[0]])
            case Shown() if claim.allowed and not claim.may_be_none:
                texts.append(tables.product(min(claim.first or claim.allowed)).name.en)
            case Outcome():
                texts.append(f"{claim.figures[0]:f} and {claim.figures[1]:f}")
            case Either():
                texts.append(ideal(claim.claims[-1:], tables).text)
            case _:
                pass
    return answer(". ".join(texts))


_STANCES = {
    "in_stock": "available",
    "sold_out": "sold out",
    "absent": "there is no such thing",
    "not_sold": "we don't sell it",
    "unknown": "it is not stated",
    "over": "it has expired",
    "to_come": "not yet, it starts later",
    "running": "it is valid",
    "yes": "yes",
    "no": "no",
}


@pytest.mark.asyncio(loop_scope="module")
async def test_every_kind_is_made_and_its_right_answer_is_right_and_another_is_not(garden: Tables) -> None:
    made = make(garden, 1000, 7)
    counts = Counter((one.kind, one.language) for one in made)
    assert {kind for kind, _ in counts} == set(MAKERS)
    assert all(counts[kind, language] for kind in MAKERS for language in LANGUAGES)
    for one in made:
        said = ideal(one.claims, garden)
        judged = judge(one, said, garden)
        assert judged.verdict is Verdict.RIGHT, (one, said, judged)
        if any(isinstance(claim, Figures | Total | Outcome) for claim in one.claims):
            other = replace(said, text=re.sub(r"\d+", lambda found: str(int(found[0]) + 1117), said.text))
            changed = other.text != said.text
            assert not changed or judge(one, other, garden).verdict is Verdict.WRONG, (one, other)
        assert judge(one, answer("¥987654"), garden).verdict is not Verdict.RIGHT, one


@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_seed_asks_the_same_and_both_languages_ask_alike(garden: Tables) -> None:
    once, again = (make(garden, 300, 3) for _ in range(2))
    assert once == again
    assert [words_of(one, "test", 0.5) for one in once] == [words_of(one, "test", 0.5) for one in again]
    assert make(garden, 300, 4) != once
    ids = {language: {one.id for one in once if one.language == language} for language in LANGUAGES}
    assert len(ids["zh"] & ids["en"]) > 75


@pytest.mark.asyncio(loop_scope="module")
async def test_a_name_means_one_product(garden: Tables) -> None:
    for language in LANGUAGES:
        names: list[str] = []
        for one in garden.products:
            mine = (*aliases(one, garden, language), *telling_parts(one, garden, language))
            names += {name.lower() for name in mine}
        assert [name for name, times in Counter(names).items() if times > 1] == []
    jetty = garden.product("A01")
    assert mentioned("The Jetty Low-Iron Tank, or 豆荚桌面缸", garden) == ["A01", "A02"]
    assert "月台" in aliases(jetty, garden, "zh")


@pytest.mark.asyncio(loop_scope="module")
async def test_goods_that_the_shop_talks_of_are_not_asked_as_not_sold(garden: Tables) -> None:
    asked = {one.id for one in make(garden, 60, 1, ("not_sold",))}
    assert asked
    assert not any(good in one for one in asked for good in ("power", "cat"))


# ---------------------------------------------------------------- how they are said

_PARTS = ("line", "line_value", "joined")


@pytest.mark.parametrize("hand", HANDS)
def test_every_question_has_eight_phrasings_in_both_languages_with_all_its_places(hand: str) -> None:
    phrasings, other = read(f"phrasings/{hand}.yml"), read(f"phrasings/{HANDS[0]}.yml")
    assert phrasings.keys() == other.keys()
    for key, forms in phrasings.items():
        places = {frozenset(re.findall(r"\{(\w+)\}", form)) for language in LANGUAGES for form in forms[language]}
        places |= {frozenset(re.findall(r"\{(\w+)\}", form)) for form in other[key]["zh"]}
        assert len(places) == 1, key
        least = 4 if key in _PARTS else 8
        assert all(len(set(forms[language])) >= least for language in LANGUAGES), key


def test_the_two_hands_share_no_sentence() -> None:
    first, second = (
        {f for forms in read(f"phrasings/{h}.yml").values() for fs in forms.values() for f in fs} for h in HANDS
    )
    shared = {form for form in first & second if len(re.sub(r"\{\w+\}", "", form)) > 3}
    assert {form for form in shared if not form.startswith("{n}")} <= {"{first}，还有{second}", "{first} {second}"}


@pytest.mark.parametrize("name", NOISES)
def test_noise_keeps_what_makes_the_meaning(name: str) -> None:
    pieces = (
        Piece("请问"),
        Piece("SPROUT12", fixed=True),
        Piece("用在"),
        Piece("月台缸", True, "Jetty Tank"),
        Piece("要满多少钱呢？"),
    )
    for seed in range(20):
        noisy = NOISES[name](pieces, "zh", random.Random(seed))
        text = plain(text_of(noisy))
        assert text == plain(text_of(NOISES[name](pieces, "zh", random.Random(seed))))
        assert "SPROUT12" in text
        assert "月台缸" in text or (name == "switched" and "Jetty Tank" in text)


def test_noise_changes_something() -> None:
    zh = (Piece("请问，多少钱可以买"), Piece("12", fixed=True), Piece("个 Lamp？"))
    en = (Piece("How much would "), Piece("12", fixed=True), Piece(" lamps be altogether, please?"))
    for name, noise in NOISES.items():
        assert noise(zh, "zh", random.Random(1)) != zh, name
        if name not in ("homophones", "pinyin"):
            assert noise(en, "en", random.Random(1)) != en, name


def test_numbers_are_said_as_words() -> None:
    assert [in_chinese(n) for n in (7, 10, 12, 20, 105, 110, 1015, 2300)] == [
        "七", "十", "十二", "二十", "一百零五", "一百一十", "一千零一十五", "二千三百",
    ]  # fmt: skip
    assert [in_english(n) for n in (7, 13, 42, 105, 2300)] == [
        "seven", "thirteen", "forty-two", "one hundred five", "two thousand three hundred",
    ]  # fmt: skip


# ---------------------------------------------------------------- relations


def essence(*money: int, shown: str = "") -> Essence:
    found = frozenset(map(Decimal, money))
    return Essence(found, found, frozenset(shown.split()))


def test_relations_can_fail() -> None:
    assert same(essence(1, shown="A"), essence(1, shown="A"))
    assert not same(essence(1), essence(2))
    assert agree(essence(1, shown="A"), replace(essence(1, shown="A"), figures=frozenset({Decimal(9)})))
    assert not agree(essence(1, shown="A"), essence(1, shown="B"))
    assert other_figures(essence(1), essence(2))
    assert not other_figures(essence(1), essence())
    assert apart(essence(shown="A"), essence(shown="B"))
    assert not apart(essence(shown="A"), essence(shown="A B"))


@pytest.mark.asyncio(loop_scope="module")
async def test_every_relation_has_pairs(garden: Tables) -> None:
    pairs = list(relations(garden, 2, 1, "test"))
    assert {one.name for one in pairs} == set(read("report.yml")["relations"])
    assert all(one.first.turns != one.second.turns for one in pairs)


# ---------------------------------------------------------------- written by hand


def test_the_written_questions_are_whole() -> None:
    written = load_written(QUESTIONS)
    assert Counter(one.language for one in written) == {"zh": 30, "en": 30}
    assert len({one.id for one in written}) == 60
    for one in written:
        assert one.right and one.turns and one.checks.get("must")
        assert [re.compile(pattern) for patterns in one.checks.values() for pattern in patterns]


def test_a_written_check_can_fail() -> None:
    checks = {"must": ["12"], "must_not": ["13"], "cards_must_not": ["Rug"]}
    one = Written("x", "fact", "en", ("?",), checks, "12")
    assert failures(one, answer("12")) == []
    assert failures(one, answer("12 or 13")) == ["must_not: 13"]
    assert failures(one, answer("nothing", cards="Wool Rug")) == ["must: 12", "cards_must_not: Rug"]


# ---------------------------------------------------------------- the whole


def test_the_page_is_whole_and_fetches_nothing() -> None:
    bad = Result("x", "price", "en", ("<b>how much</b>",), (), "¥1 & more", "", "¥2", Verdict.WRONG, ("says 1",))
    html = page(Measured((bad, replace(bad, verdict=Verdict.RIGHT))), GARDEN)
    assert "Pond &amp; Bed" in html
    assert "&lt;b&gt;how much&lt;/b&gt;" in html and "<b>how much" not in html
    assert "50%" in html
    assert not re.search(r"https?://|src=|@import|\{\{", html)


async def test_a_shop_is_asked_through_the_whole_service() -> None:
    async with open_asker(GARDEN) as asker:
        measured = await ask_all(asker, How(n=8, kinds=("price", "link_product"), noise=0, relations=0))
    found = figures_of(measured)
    assert found["n"] == 8
    assert found["right"] >= 0.5
    assert set(found["kinds"]) == {"price", "link_product"}
