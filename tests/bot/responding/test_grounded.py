"""What is taken from the evidence."""

from __future__ import annotations

from dataclasses import replace

from bot.responding.grounded import citations, extract
from bot.types import Passage

LONG = (
    "每天 16:00 前付款的订单当天发货，16:00 之后付款的次日发货。直播间订单 48 小时内发货。预售商品按商品页标注的日期发货。"
    "大促期间仓库排队，可能顺延 1 到 2 天，顺延时会发短信通知。黑卡会员优先发货，其余订单按付款先后处理，不接受加急。"
)


def passage(text: str, source: str = "a.md") -> Passage:
    return Passage(text, source, "发货", "多久发货", "/sources/a.md?at=x#x")


def test_the_best_passage_answers_whatever_words_another_shares() -> None:
    second = passage("直播间买的几天发货，看这里几天发货。", "b.md")
    assert extract("直播间买的几天发货", [passage("48 小时内发货。"), second])[0].passage.source == "a.md"


def test_of_a_long_passage_the_span_that_answers_is_said() -> None:
    text = extract("直播间的订单多久发", [passage(LONG)])[0].text
    assert "48 小时" in text and "黑卡" not in text


def test_the_citation_leads_to_the_place() -> None:
    cited = citations(extract("多久发货", [passage("48 小时内发货。")])[0])[0]
    assert (cited.title, cited.location, cited.url) == ("发货", "多久发货", "/sources/a.md?at=x#x")


def test_rows_of_a_table_are_said_as_people_say_them() -> None:
    zh = passage("等级: 金卡; 年消费: 3000 元; 权益: 95 折，退货免运费")
    en = passage("Level: Gold; Spent in a year: ¥3000; Benefits: 5% off")
    assert extract("金卡有什么权益", [zh])[0].text == "金卡：年消费 3000 元，权益 95 折，退货免运费"
    assert extract("what do gold members get", [en])[0].text == "Gold: Spent in a year ¥3000, Benefits 5% off"


def test_a_table_is_said_whole_a_row_a_line() -> None:
    levels = [
        f"等级: {name}; 年消费: {spent} 元" for name, spent in (("普通", 0), ("银卡", 1000), ("金卡", 3000), ("黑卡", 9000))
    ]
    said = extract("会员有哪些等级", [passage("\n".join(levels))])[0].text
    assert said.split("\n") == ["普通：年消费 0 元", "银卡：年消费 1000 元", "金卡：年消费 3000 元", "黑卡：年消费 9000 元"]


def test_a_list_is_told_under_its_heading() -> None:
    told = replace(passage("Cut cloth, opened glue and worn hats."), heading="What stays with you")
    assert extract("can cut cloth go back", [told])[0].text.startswith("What stays with you: Cut cloth")
    said = replace(told, text="What is cut stays with you.", heading="Cut stays")
    assert extract("can cut cloth go back", [said])[0].text == "What is cut stays with you."
    asked = replace(told, heading="寄回怎么办？")
    assert extract("寄回", [asked])[0].text == told.text


def test_of_two_short_passages_that_answer_alike_both_are_told() -> None:
    first, second = replace(passage("只有一家店。"), score=0.5), replace(passage("店里可以自取。"), score=0.45)
    assert [one.text for one in extract("能去店里拿吗", [first, second])] == ["只有一家店。", "店里可以自取。"]
    assert len(extract("能去店里拿吗", [first, replace(second, score=0.2)])) == 1


def test_a_passage_that_sends_the_reader_on_is_told_with_the_other() -> None:
    first = passage("开封的不退；坏了另算，见《坏件》。")
    second = replace(passage("坏了的 40 天内拍照，免费换。", "b.md"), title="坏件", score=-3.0)
    assert [one.passage.source for one in extract("开了封坏了怎么办", [first, second])] == ["a.md", "b.md"]
    assert [one.passage.source for one in extract("开了封坏了怎么办", [first, replace(second, title="保修")])] == ["a.md"]
