"""The report of a show: every figure, on turns and audits made by hand."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import Money, Text
from bot.errors import BadInput
from bot.live import EventKind, RoomEvent
from bot.types import Audience, Card, Claim, Gap, Language, Passage
from channels.live.asks import Ask, Fate, asks_of
from channels.live.clusters import clustered
from channels.live.report import ShowReport, make_report, without_answer
from channels.live.report_charts import BARS, bucketed
from channels.live.report_html import LANGUAGES, Look, file_html, part_html, words
from channels.live.spans import Span, shows, span_of
from channels.live.tally import Tally
from tests.channels.live.shows import Show, moment

WHOLE = Span(moment(-3600), moment(36000))
NOT_SOLD = Passage("店里没有卖咖啡机。", "products", "商品", live=True)


def made(show: Show, span: Span = WHOLE, missing: tuple[Gap, ...] = ()) -> ShowReport:
    return make_report("main", span, asks_of(show.turns, show.entries), show.entries, missing)


def fate(**asked: object) -> Fate:
    show = Show()
    show.ask("ann", "多久发货", **asked)  # type: ignore[arg-type]
    return asks_of(show.turns, show.entries)[0].fate


def test_every_fate_of_a_question() -> None:
    assert fate(told_after=3) is Fate.ANSWERED
    assert fate(told_after=61) is Fate.LATE
    assert fate(told_after=9, acts=("left",)) is Fate.LATE
    assert fate(acts=("held", "vetoed")) is Fate.VETOED
    assert fate(acts=("held", "withdrawn")) is Fate.TAKEN_BACK
    assert fate(acts=("held", "left")) is Fate.LEFT
    assert fate(audience=Audience.PRIVATE) is Fate.PRIVATE
    assert fate(cited=False, audience=Audience.PRIVATE, aside=True) is Fate.UNANSWERED


def test_small_talk_is_no_question() -> None:
    show = Show()
    show.ask("ann", "你好")
    assert asks_of([type(show.turns[0])(show.turns[0].message, None)], ()) == []


def test_the_same_question_is_one_with_its_number_and_times() -> None:
    show = Show()
    first = show.ask("ann", "多久发货？", 0, told_after=4)
    show.ask("bob", "多久发货", 100, told_after=10)
    show.ask("eve", "什么时候能发出", 200, told_after=60)  # told the same words
    show.ask("kim", "能开发票吗", 250, answer="可以开电子发票", told_after=2)
    show.then("joined", 0, first, "7")
    most, other = made(show).questions
    assert (most.asked, most.words, most.wordings) == (10, "多久发货？", ("多久发货？", "多久发货", "什么时候能发出"))
    assert (most.first_at, most.seconds, most.answer) == (moment(0), 10, "48 小时内发货")
    assert (other.asked, other.words) == (1, "能开发票吗")
    assert made(show).askers == 4


def test_what_asks_for_the_same_facts_is_the_same_in_both_languages_and_of_other_products_another() -> None:
    def price(product: str, value: str) -> tuple[Claim, ...]:
        return (Claim(product, f"price:{product}-M", value),)

    show = Show()
    show.ask("ann", "1号多少钱", claims=price("P1", "¥399"), answer="¥399", told_after=1)
    show.ask("bob", "how much is link 1", 5, claims=price("P1", "¥299"), answer="It is ¥299", told_after=1)
    show.ask("eve", "多少钱", 9, claims=price("P2", "¥99"), answer="¥99", told_after=1, on_screen="P2")
    show.ask("kim", "多少钱", 12, claims=price("P1", "¥299"), answer="¥299", told_after=1, on_screen="P1")
    assert [one.asked for one in made(show).questions] == [3, 1]


@given(st.lists(st.tuples(st.sampled_from(["多久发货", "包邮吗", "能退吗"]), st.booleans()), max_size=12))
def test_clusters_hold_each_question_once_and_what_is_personal_alone(asked: list[tuple[str, bool]]) -> None:
    asks = [
        Ask(str(n), text, moment(n), Fate.ANSWERED, personal=own, told_at=moment(n), answer=text)
        for n, (text, own) in enumerate(asked)
    ]
    groups = clustered(asks)
    assert sorted((ask for group in groups for ask in group), key=lambda ask: ask.at) == asks
    assert all(len({ask.words for ask in group}) == 1 for group in groups)
    assert all(len(group) == 1 for group in groups if any(ask.personal for ask in group))


def test_numbers_that_the_room_counted() -> None:
    show = Show()
    assert (made(show).comments, made(show).viewers) == (None, None)
    show.tally(0, 30, 12, order_paid=2, paid={"CNY": 59900})
    show.tally(60, 20, 19, order_paid=1, gift=4, paid={"CNY": 100})
    report = made(show)
    assert (report.comments, report.viewers, report.orders, report.paid) == (50, 19, 3, ("¥600",))


def test_minutes_without_anything_are_in_the_chart() -> None:
    show = Show()
    show.tally(5, 3)
    show.tally(125, 2)
    show.ask("ann", "多久发货", 130, told_after=1)
    shown = [(one.comments, one.answers) for one in made(show).minutes]
    assert shown == [(3, 0), (0, 0), (2, 1)]


def test_what_was_corrected_and_edited_is_counted_and_valid_again_is_not() -> None:
    show = Show()
    show.ask("ann", "多久发货", told_after=1)
    show.ask("bob", "包邮吗", 10, told_after=1, answer="包邮", acts=("edited",), by="host")
    assert (made(show).corrected, made(show).edited) == (0, 1)
    show.then("void", 20, show.subject(0))
    assert made(show).corrected == 1
    show.then("valid", 30, show.subject(0))
    assert made(show).corrected == 0


def test_agreement_is_by_kind_and_of_what_the_host_decided() -> None:
    show = Show()
    for n in range(3):
        show.ask("ann", f"运费问题{n}", topic="ask_shipping", told_after=9, by="host")
    show.ask("bob", "运费呢", topic="ask_shipping", told_after=9, by="host", acts=("edited",))
    show.ask("eve", "尺码", topic="ask_size", acts=("vetoed",))
    show.ask("kim", "发票", topic="ask_invoice", told_after=1)  # by the room itself
    shipping, size = made(show).agreement
    assert (shipping.topic, shipping.approved, shipping.edited, shipping.vetoed) == ("ask_shipping", 3, 1, 0)
    assert shipping.share == 0.75
    assert (size.vetoed, size.share) == (1, 0)


def test_products_by_interest() -> None:
    show = Show()
    show.ask("ann", "防水吗", products=("P1",), told_after=1)
    show.ask("bob", "这件起球吗", on_screen="P1", answer="不起球", told_after=1)
    show.ask("eve", "有厚一点的吗", cards=(Card("P2", "厚外套"),), answer="看这件", told_after=1)
    assert [(one.product_id, one.asked, one.shown) for one in made(show).products] == [("P1", 2, 0), ("P2", 0, 1)]


def test_lost_sales_are_what_is_sold_out_and_what_is_not_sold() -> None:
    show = Show()
    none, some = Claim("P3", "stock:P3-M", "none"), Claim("P3", "stock:P3-L", "low")
    show.ask("ann", "保温杯还有吗", claims=(none,), told_after=1)
    show.ask("bob", "保温杯别的颜色呢", claims=(none, some), told_after=1)  # one of two is there
    first = show.ask("eve", "有咖啡机吗", audience=Audience.PRIVATE, aside=True, passages=(NOT_SOLD,))
    show.ask("kim", "你好厉害", audience=Audience.PRIVATE, aside=True, cited=False)
    show.then("joined", 0, first, "2")
    assert [(one.asked, one.product_id, one.words) for one in made(show).lost] == [(3, "", "有咖啡机吗"), (1, "P3", "")]


def test_hidden_comments_by_reason() -> None:
    show = Show()
    for why in ("abuse", "contact", "abuse"):
        show.then("hidden", 1, "c", why)
    assert made(show).hidden == {"abuse": 2, "contact": 1}


def test_unanswered_questions_are_given_to_be_grouped_as_often_as_asked() -> None:
    show = Show()
    name = show.ask("ann", "可以租礼服吗", cited=False, audience=Audience.PRIVATE)
    show.then("joined", 0, name, "1")
    show.ask("bob", "多久发货", told_after=1)
    asks = asks_of(show.turns, show.entries)
    assert without_answer(asks, WHOLE) == [("可以租礼服吗", Language.ZH)] * 2
    gap = Gap("zh", 2, ("可以租礼服吗",))
    assert made(show, missing=(gap,)).missing == (gap,)


def test_only_what_lasts_is_a_candidate_for_the_faq_and_the_hosts_words_come_first() -> None:
    show = Show()
    show.ask("ann", "多久发货", told_after=1)
    show.ask("bob", "什么时候发", 5, told_after=1)
    show.ask("eve", "包邮吗", told_after=1, acts=("edited",), by="host", told="全国包邮，新疆除外")
    show.ask("f1", "多少钱", claims=(Claim("P1", "price:P1-M", "¥399"),), answer="三百九十九", told_after=1)
    show.ask("f2", "运费", answer="运费 9 元", told_after=1)
    show.ask("f3", "有货吗", claims=(Claim("P1", "stock:P1-M", "low"),), answer="有货", told_after=1)
    show.ask("f4", "能退吗", acts=("left",), answer="能退")
    show.ask("f5", "手机13800138000能收到吗", answer="能收到", told_after=1)
    show.ask("f6", "推荐一件", cards=(Card("P1", "外套"),), answer="这件", told_after=1)
    show.ask("f7", "怎么洗", answer="机洗", told_after=1)
    show.then("void", 30, show.subject(len(show.turns) - 1))
    found = [(one.wordings, one.answer, one.asked) for one in made(show).candidates]
    assert found == [(("包邮吗",), "全国包邮，新疆除外", 1), (("多久发货", "什么时候发"), "48 小时内发货", 2)]


def test_words_are_masked_and_nobody_is_named() -> None:
    show = Show()
    show.ask("Annabel", "寄到 13800138000 可以吗", cited=False, audience=Audience.PRIVATE)
    written = file_html(made(show), ZoneInfo("Asia/Shanghai"), {})
    assert "138****8000" in written
    assert "13800138000" not in written
    assert "Annabel" not in written
    assert "token-" not in written


def test_only_what_lies_in_the_span_counts() -> None:
    show = Show()
    show.ask("ann", "多久发货", 0, told_after=1)
    show.ask("bob", "包邮吗", 1000, told_after=1)
    show.tally(0, 5)
    show.tally(1000, 7)
    show.then("hidden", 0, "c", "abuse")
    report = made(show, Span(moment(900), moment(1100)))
    assert ([one.words for one in report.questions], report.comments, report.hidden) == (["包邮吗"], 7, {})


@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=40))
def test_shows_are_told_apart_by_silence(seconds: list[int]) -> None:
    found = shows(moment(second) for second in seconds)
    assert all(sum(span.has(moment(second)) for span in found) == 1 for second in seconds)
    assert all(after.since - before.until > timedelta(minutes=30) for before, after in pairwise(found))
    assert len(found) == 1 + sum(after - before > 1800 for before, after in pairwise(sorted(seconds)))


@pytest.mark.parametrize("span", [("", ""), ("2026-06-18", "x"), ("2026-06-18T19:00", "2026-06-18T20:00"),
                                  ("2026-06-18T20:00+08:00", "2026-06-18T19:00+08:00")])  # fmt: skip
def test_a_span_is_refused_by_name(span: tuple[str, str]) -> None:
    with pytest.raises(BadInput, match=r"since: .*2026-06-18T19:00:00\+08:00"):
        span_of(*span)


def test_a_tally_is_written_when_its_minute_is_over() -> None:
    tally, paid = Tally(), RoomEvent("e1", EventKind.ORDER_PAID, "a", "", moment(1), amount=Money(9900, "CNY"))
    tally.said(9, moment(10))
    tally.said(3, moment(0))  # it took longer to be read
    tally.join("c1", moment(20))
    tally.hear(paid, moment(30))
    assert tally.due(moment(59)) == []
    show = Show()
    show.entries = tally.due(moment(60))
    report = made(show)
    assert (report.comments, report.viewers, report.orders, report.paid) == (2, 9, 1, ("¥99",))
    assert [(one.subject, one.text) for one in show.entries if one.kind == "joined"] == [("c1", "1")]
    assert Tally().due(moment(1000)) == []


def test_a_long_show_has_a_chart_that_can_be_read() -> None:
    show = Show()
    for minute in range(500):
        show.tally(minute * 60, 2)
    size, bars = bucketed(made(show).minutes)
    assert size == 5
    assert len(bars) <= BARS
    assert sum(one.comments for one in bars) == 1000


def test_both_languages_say_everything() -> None:
    assert words()["zh"].keys() == words()["en"].keys()
    assert {f"fate.{one}" for one in Fate} <= words()["en"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_what_viewers_wrote_as_text(language: str) -> None:
    show = Show()
    show.ask("ann", "<img src=x onerror=alert(1)>多久发货", told_after=1, answer="<script>x</script>")
    show.ask("bob", "防水吗", products=("P1",), answer="防水", told_after=1)
    part = part_html(made(show), Look(language, ZoneInfo("UTC"), {"P1": Text("<b>外套", "<b>coat")}))
    assert not any(tag in part for tag in ("<img", "<script", "<b>coat", "<b>外套"))


def test_the_file_reaches_nothing() -> None:
    show = Show()
    show.tally(0, 3)
    show.ask("ann", "多久发货", told_after=1)
    written = file_html(made(show), ZoneInfo("UTC"), {}, "en")
    assert '<html lang="en">' in written
    assert written.count("<article") == len(LANGUAGES)
    assert not any(word in written for word in ("http", "<script", "<link", "url(", "src="))
