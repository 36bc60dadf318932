"""What is told in the room, as it is said: short, for the ear alone, with nothing but a name of who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stage import PublicAnswer
from bot.types import Audience, Claim, Language, Reply
from channels.stage.answering import LONGEST, spoken_form, utterance_of
from channels.stage.claims import ANSWER, CORRECTED, Asked
from channels.stage.cues import Priority
from tests.channels.stage.shop import NOW

WORDS = st.text(st.sampled_from("帐篷很轻。，！？；\n- 12¥.ab（）"), max_size=400)


def told(text: str, **changes: object) -> PublicAnswer:
    reply = Reply(text, audience=Audience.PUBLIC, **changes)  # type: ignore[arg-type]
    return PublicAnswer("a1", reply, NOW, "Ann", 3, "多少钱")


@given(WORDS)
def test_it_is_short_and_made_of_the_answers_own_words(text: str) -> None:
    said = spoken_form(Reply(text), "zh")
    assert sum(map(len, said)) <= LONGEST + len("。其余请看评论区。")
    own = set(text) | set("其余请看评论区。")
    assert all(set(sentence) <= own and any(map(str.isalnum, sentence)) for sentence in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("有货。官网是www.shop.com，两天到。现货。", ("有货。", "现货。")),
        ("有货。详见 https://shop.example/t1?x=1 。两天到。", ("有货。", "两天到。")),
        ("Yes. See www.shop.com for more. It is waterproof (IPX7).", ("Yes.", "It is waterproof (IPX7).")),
        ("满 300 减 40 (SAVE40)。", ("满 300 减 40。",)),
        ("用 SAVE40 再减。", ()),
        ("快递单号 123456789012。", ()),
        ("- SPF50+ 防晒霜 ¥89\n- 防晒衣 ¥199", ("SPF50+ 防晒霜 ¥89", "防晒衣 ¥199")),
        ("**¥599.50** 现货。", ("¥599.50 现货。",)),
        ("长" * 60 + "，" + "长" * 90 + "。", ("长" * 60 + "。", "其余请看评论区。")),
        ("长" * 200 + "。", ()),
        ("一二三四五六七八九十。" * 20, ("一二三四五六七八九十。",) * 10),
        ("🎉", ()),
    ],
)
def test_links_codes_and_lists(text: str, said: tuple[str, ...]) -> None:
    assert spoken_form(Reply(text), "zh") == said


def test_a_code_that_the_claims_know_is_left_out_whatever_its_form() -> None:
    claims = (Claim("", "coupons", "vip percent 10; hello9 amount 100"), Claim("", "coupon:spring", "spring amount"))
    text = "用 vip 打九折。输入 hello9 立减。spring 也行。还有货。"
    assert spoken_form(Reply(text, claims=claims), "zh") == ("还有货。",)


def test_words_for_a_voice_come_first() -> None:
    assert spoken_form(Reply("¥599（原价 ¥799）", speak="五百九十九元。"), "zh") == ("五百九十九元。",)


def test_an_answer_has_its_claims_its_language_and_who_asked() -> None:
    claims = (Claim("T1", "price:T1-G", "¥599"), Claim("T1", "span", "¥599"))
    answer = utterance_of(told("¥599. In stock.", language=Language.EN, claims=claims), 25)
    assert answer is not None
    assert (answer.id, answer.priority, answer.good_until) == ("a1", Priority.ANSWER, NOW + timedelta(seconds=25))
    for sentence in answer.sentences:
        assert (sentence.language, sentence.topic, sentence.product_id) == ("en", ANSWER, "T1")
        assert sentence.claims == frozenset(claims)
        assert sentence.asked == Asked("Ann", 3, "多少钱")


def test_what_puts_an_answer_right_goes_before_answers_and_is_never_too_late() -> None:
    right = PublicAnswer("a2", Reply("更正：¥549。", audience=Audience.PUBLIC), NOW, corrects=("a1",))
    said = utterance_of(right, 25)
    assert said is not None
    assert (said.priority, said.good_until, said.sentences[0].topic) == (Priority.CORRECTION, None, CORRECTED)
