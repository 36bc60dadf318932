"""A yes is a yes: what lets something be written, and everything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import load_domain
from bot.text import traditional
from bot.types import ConversationKey, Frame, RepeatReplies, SetSlot, State
from bot.understanding.assent import Assent, assent
from bot.understanding.combination import Thresholds
from bot.understanding.commands import Meaning, Reading, Situation, Vocabulary, commands_for, summary_answer
from bot.understanding.entities import find_entities
from bot.understanding.training_data import load_training_data
from tests.bot.conftest import EPOCH

FLOWS = [
    "cancel_order",
    "change_address",
    "change_payment",
    "change_items",
    "exchange_items",
    "return_items",
    "price_protection",
    "warranty_claim",
    "invoice",
    "report_problem",
    "late_delivery",
    "complaint",
    "back_in_stock",
]
DOMAIN = load_domain()
EXAMPLES = load_training_data(Path("bot/data/nlu")).examples
VOCABULARY = Vocabulary(DOMAIN, {}, Thresholds(linear=0.9, answer=0.5, flow=0.6, out_of_scope=0.8))

# What people say to agree, and what may stand around it.
CORES_ZH = [
    "确认",
    "好",
    "好的",
    "可以",
    "行",
    "嗯",
    "是的",
    "对的",
    "没问题",
    "同意",
    "就这样办",
    "确定",
    "没错",
    "ok",
    "必须的",
    "照办",
]
PARTICLES = ["", "", "呀", "啊", "哦", "啦"]
TAKE_PARTICLES = {"好", "可以", "行", "ok"}
BEFORE_ZH = ["", "", "嗯，", "好的，", "请", "麻烦", "亲，", "那就"]
AFTER_ZH = ["", "", "，谢谢", " 麻烦了", "，辛苦啦", "，快点", "谢谢亲", "🙏", "，直接提交吧"]
CORES_EN = [
    "yes",
    "yeah",
    "yep",
    "ok",
    "okay",
    "sure",
    "go ahead",
    "do it",
    "confirm",
    "sounds good",
    "that's fine",
    "of course",
    "absolutely",
    "please do",
    "correct",
    "y",
    "alright",
    "fine by me",
    "I agree",
]
BEFORE_EN = ["", "", "yes, ", "ok ", "great, ", "please "]
AFTER_EN = ["", "", " please", " thanks", ", thank you so much", " then", " pls", " 🙏", " asap"]
EMOJI = ["👍", "👌🏻", "✅", "👍👍👍", "👌 谢谢"]
NOISE = ["", "", "!", "！！", "~", "。", ".", " ", "～～", "😊"]
# What turns any of it into something else.
SPOILS_ZH = [
    "什么",
    "吗",
    "？",
    "?",
    "么？",
    "才怪",
    "，但是地址不对",
    "，如果不扣钱的话",
    "，等会儿再说",
    "，不过要换成黑色",
    "吗？我没说要",
    "个头",
    "不了吧",
    "，运费谁出",
    "，改成L码",
    "，先别动",
    "，数量写错了",
    "个鬼啊",
    "，前提是今天退款",
    "，另一件也要退",
    "，不对等一下",
]
SPOILS_EN = [
    "?",
    " what?",
    " but not today",
    ", if it costs nothing",
    " unless there is a fee",
    ", actually no",
    " but change the size",
    ", not really",
    " - how much is it?",
    " when I get my money",
    ", wait, wrong order",
    " as long as it is free",
    ", only one of them",
]
NEVER = [
    "什么好",
    "谁说可以了",
    "你确定吗",
    "你确定",
    "correct that",
    "真的可以吗",
    "是吧",
    "对吧？",
    "可不可以",
    "行不行",
    "好不好",
    "好像不对",
    "我没确认",
    "别确认",
    "应该行",
    "大概可以吧",
    "也许",
    "随便",
    "呵呵",
    "不",
    "不行",
    "不好",
    "不可以",
    "不同意",
    "算了",
    "先不办",
    "再想想",
    "转人工",
    "要扣多少钱",
    "免费我就同意",
    "不收费就行",
    "能便宜点就好",
    "啊对对对",
    "好了吗",
    "嗯？",
    "啥",
    "yeah right",
    "why not?",
    "am I sure?",
    "is that ok",
    "ok with what",
    "yes or no",
    "I guess",
    "maybe",
    "not ok",
    "no",
    "nope",
    "never mind",
    "don't",
    "sure about what",
    "yes if it's free",
    "okay, cancel that, I want a refund instead to my card",
    "👎",
    "🤔",
    "😅",
    "👍?",
    "...",
    "??",
    "嗯...",
]


@st.composite
def yeses(draw: st.DrawFn) -> str:
    pick = lambda of: draw(st.sampled_from(of))  # noqa: E731
    match pick(["zh", "zh", "zh-Hant", "en", "en", "emoji"]):
        case "emoji":
            return str(pick(EMOJI) + pick(["", "!", " "]))
        case "en":
            said = pick(BEFORE_EN) + pick(CORES_EN) + pick(AFTER_EN)
            said = pick([said, said.upper(), said.capitalize(), said + said[-1] * 2 if said[-1].isalpha() else said])
            return str(said + pick(NOISE))
        case script:
            core = pick(CORES_ZH)
            said = (
                pick(BEFORE_ZH) + core + (pick(PARTICLES) if core in TAKE_PARTICLES else "") + pick(AFTER_ZH) + pick(NOISE)
            )
            return traditional(said) if script == "zh-Hant" else str(said)


@st.composite
def others(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        said = draw(st.sampled_from(NEVER))
        return traditional(said) if draw(st.booleans()) else said
    core, spoil = draw(
        st.one_of(
            st.tuples(st.sampled_from(CORES_ZH), st.sampled_from(SPOILS_ZH)),
            st.tuples(st.sampled_from(CORES_EN), st.sampled_from(SPOILS_EN)),
        )
    )
    return core + spoil


def commands_to(text: str, flow: str, intent: str = "affirm") -> tuple[object, ...]:
    """What a reply to the summary of `flow` leads to, whatever the classifiers take it for."""
    state = State(ConversationKey("web", "", "ann"), version=3, stack=(Frame(flow, "confirm", collecting="confirmed"),))
    meaning = Meaning(intent, 1.0, "rules", ((intent, 1.0),))
    reading = Reading(text, find_entities(text, {}, EPOCH.date()), ((text, meaning),), (), text)
    return commands_for(reading, Situation(state, None, VOCABULARY))


@settings(max_examples=1500, deadline=None)
@given(yeses(), st.sampled_from(FLOWS))
def test_every_yes_counts(said: str, flow: str) -> None:
    assert commands_to(said, flow, intent="out_of_scope") == (SetSlot("confirmed", True),), said


@pytest.mark.parametrize("said", ["yes please, that's perfect, thank you!", "对，赶紧的", "just do it"])
def test_a_yes_gives_nothing_up(said: str) -> None:
    """Whatever the classifiers take it for."""
    assert commands_to(said, FLOWS[0], intent="cancel") == (SetSlot("confirmed", True),)


@settings(max_examples=2500, deadline=None)
@given(others(), st.sampled_from(FLOWS), st.sampled_from(["affirm", "thank", "deny", "order_status"]))
def test_nothing_else_is_a_yes(said: str, flow: str, intent: str) -> None:
    assert SetSlot("confirmed", True) not in commands_to(said, flow, intent), said


@settings(max_examples=500, deadline=None)
@given(yeses(), st.text(st.characters(categories=["Lo", "Ll", "Nd"]), min_size=3, max_size=12), st.sampled_from(FLOWS))
def test_a_yes_with_something_nobody_thought_of_is_none(said: str, more: str, flow: str) -> None:
    if assent(more, flow) is not Assent.YES and assent(f"好 {more}", flow) is not Assent.YES:
        assert assent(f"{said} {more}", flow) is not Assent.YES


@pytest.mark.parametrize(
    "intent", ["deny", "cancel", "skip", "request_human", "goodbye", "correct", "insult", "cancel_order"]
)
@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_that_was_written_down_for_another_intent_is_a_yes(intent: str, flow: str) -> None:
    said = [example.text for example in EXAMPLES if example.intent == intent]
    restated = {"cancel_order", "cancel"} if flow == "cancel_order" else set()
    assert said and (intent in restated or [text for text in said if assent(text, flow) is Assent.YES] == [])


@pytest.mark.parametrize(
    ("said", "flow"),
    [
        ("确认取消", "cancel_order"),
        ("取消吧", "cancel_order"),
        ("yes, cancel it", "cancel_order"),
        ("好的退吧", "return_items"),
        ("send it back please", "return_items"),
        ("换吧，谢谢", "exchange_items"),
        ("ok, issue the invoice", "invoice"),
    ],
)
def test_the_verb_of_the_flow_may_be_said_again(said: str, flow: str) -> None:
    assert assent(said, flow) is Assent.YES
    assert assent(said, "complaint") is not Assent.YES


def test_a_lone_cancel_at_the_summary_of_a_cancellation_may_mean_either() -> None:
    assert commands_to("取消", "cancel_order", "cancel") == (RepeatReplies(),)
    assert assent("取消", "return_items") is Assent.OTHER


@pytest.mark.parametrize(
    "said", ["确认什么", "什么意思", "ok?", "是吗？", "真的吗", "what do you mean", "I guess so", "嗯？"]
)
def test_who_asks_back_hears_the_summary_again(said: str) -> None:
    assert commands_to(said, "cancel_order") == (RepeatReplies(),)


@pytest.mark.parametrize("said", ["ah ok, yes, please do it for me", "是的是的，麻烦办了", "yep 就这样do"])
def test_what_leans_to_yes_is_one_where_many_people_meant_it_so(said: str) -> None:
    state = State(ConversationKey("web", "", "ann"), stack=(Frame(FLOWS[0], "confirm", collecting="confirmed"),))
    assert summary_answer(said, state, 0.9) is Assent.YES
    assert summary_answer(said, state, 0.5) is not Assent.YES


@pytest.mark.parametrize("said", ["都行", "up to you", "ok?", "好什么好", "ok but not today"])
def test_however_many_meant_it_so_some_forms_are_no_yes(said: str) -> None:
    state = State(ConversationKey("web", "", "ann"), stack=(Frame(FLOWS[0], "confirm", collecting="confirmed"),))
    assert summary_answer(said, state, 1.0) is not Assent.YES
