"""What becomes of public answers by mode, and that each comes to one end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fakes import EPOCH
from bot.types import Audience, Citation, ConversationKey, Delivery, Language, Reply, ToCustomer
from channels.live.answers import OPEN, Answers, Draft, Mode, Rules, Standing
from channels.live.triage import Comment, Question

CITED = (Citation("Jacket", "Fabric", "/sources/jacket.md"),)


def draft(number: int, *, asked: int = 1, language: Language = Language.ZH, topic: str = "") -> Draft:
    key = ConversationKey("live", "main", f"viewer{number}")
    reply = Reply(f"answer {number}", citations=CITED, audience=Audience.PUBLIC, language=language)
    comments = [Comment(f"c{number}-{one}", f"v{one}", f"V{one}", f"question {number}", EPOCH) for one in range(asked)]
    question = Question(comments[0], f"question{number}", comments, topic=topic)
    delivery = Delivery(f"{key}/m/{number}", key, ToCustomer(reply))
    return Draft(f"d{number}", delivery, comments[0].id, reply, question, EPOCH, Standing.WAITING)


def later(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("mode", "standing"),
    [
        (Mode.OFF, Standing.OFF),
        (Mode.SUGGEST, Standing.SUGGESTED),
        (Mode.APPROVE, Standing.HELD),
        (Mode.VETO, Standing.COUNTING),
        (Mode.AUTO, Standing.TOLD),
    ],
)
def test_the_mode_says_what_becomes_of_an_answer(mode: Mode, standing: Standing) -> None:
    answers = Answers(Rules(mode))
    offered = answers.offer(draft(1), EPOCH)
    told = answers.due(EPOCH)
    assert offered.standing is standing
    assert told == ([offered] if mode is Mode.AUTO else [])


def test_with_veto_it_is_told_when_the_time_is_over_and_not_before() -> None:
    answers = Answers(Rules(Mode.VETO, veto_s=8))
    answers.offer(draft(1), EPOCH)
    answers.offer(draft(2), EPOCH)
    answers.veto("d2", EPOCH)
    assert answers.due(EPOCH + later(7.9)) == []
    assert [one.id for one in answers.due(EPOCH + later(8))] == ["d1"]
    assert answers.due(EPOCH + later(60)) == []


def test_what_the_host_approves_is_told_and_the_rest_is_left_over() -> None:
    answers = Answers(Rules(Mode.APPROVE, patience_s=100))
    for number in range(3):
        answers.offer(draft(number), EPOCH)
    answers.approve("d1", EPOCH + later(5))
    assert [one.id for one in answers.due(EPOCH + later(5))] == ["d1"]
    assert answers.due(EPOCH + later(101)) == []
    assert [one.standing for one in answers.drafts()] == [Standing.LEFT, Standing.TOLD, Standing.LEFT]
    answers.approve("d0", EPOCH + later(102))  # the host brings one back
    assert [one.id for one in answers.due(EPOCH + later(102))] == ["d0"]


@pytest.mark.parametrize(("language", "name"), [(Language.ZH, "主播"), (Language.EN, "Host")])
def test_other_words_are_the_hosts_and_no_source_vouches_for_them(language: Language, name: str) -> None:
    answers = Answers(Rules(Mode.APPROVE))
    answers.offer(draft(1, language=language), EPOCH)
    answers.approve("d1", EPOCH, "in my words")
    (told,) = answers.due(EPOCH)
    assert (told.reply.text, told.reply.agent, told.reply.citations, told.edited) == ("in my words", name, (), True)
    answers.offer(draft(2, language=language), EPOCH)
    answers.approve("d2", EPOCH, "answer 2")
    (same,) = answers.due(EPOCH)
    assert (same.reply.agent, same.reply.citations, same.edited) == ("", CITED, False)


def test_what_is_settled_cannot_be_decided_again() -> None:
    answers = Answers(Rules(Mode.APPROVE))
    answers.offer(draft(1), EPOCH)
    answers.approve("d1", EPOCH)
    answers.due(EPOCH)
    with pytest.raises(KeyError):
        answers.approve("d1", EPOCH)
    for name in ("d1", "unknown"):
        with pytest.raises(KeyError):
            answers.veto(name, EPOCH)


def test_a_suggestion_is_never_told() -> None:
    answers = Answers(Rules(Mode.SUGGEST, patience_s=100))
    answers.offer(draft(1), EPOCH)
    with pytest.raises(KeyError):
        answers.approve("d1", EPOCH)
    assert answers.due(EPOCH + later(1000)) == []


def test_a_stricter_mode_holds_what_still_waits_and_not_what_the_host_chose() -> None:
    answers = Answers(Rules(Mode.AUTO, per_minute=1))
    for number in range(3):
        answers.offer(draft(number), EPOCH)
    (first,) = answers.due(EPOCH)
    waiting = [one.id for one in answers.open()]
    answers.approve(waiting[0], EPOCH)
    answers.set_mode(Mode.APPROVE, EPOCH)
    assert [one.id for one in answers.due(EPOCH + later(61))] == [waiting[0]]
    assert answers.due(EPOCH + later(119)) == []
    answers.set_mode(Mode.AUTO, EPOCH + later(119))
    assert [one.id for one in answers.due(EPOCH + later(125))] == [waiting[1]]
    assert first.standing is Standing.TOLD


def test_more_askers_and_buyers_go_first() -> None:
    answers = Answers(Rules(Mode.AUTO, per_minute=1, buying=frozenset({"ask_price"})))
    answers.offer(draft(0), EPOCH)
    answers.due(EPOCH)
    answers.offer(draft(1), EPOCH)
    answers.offer(draft(2, topic="ask_price"), EPOCH)
    answers.offer(draft(3, asked=9), EPOCH)
    order = [answers.due(EPOCH + later(60 * minute))[0].id for minute in (1, 2)]
    assert order[0] == "d3"
    answers = Answers(Rules(Mode.AUTO, per_minute=1, buying=frozenset({"ask_price"})))
    answers.offer(draft(1), EPOCH)
    answers.offer(draft(2, topic="ask_price"), EPOCH)
    assert answers.due(EPOCH)[0].id == "d2"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["offer", "offer", "offer", "approve", "veto", "mode", "due"]),
        st.integers(0, 30),
        st.sampled_from(list(Mode)),
        st.floats(0, 40),
    ),
    max_size=80,
)


@given(STEPS)
def test_whatever_happens_each_is_told_at_most_once_within_the_budget_and_counted(
    steps: list[tuple[str, int, Mode, float]],
) -> None:
    answers = Answers(Rules(Mode.AUTO, per_minute=3, patience_s=60, most=5))
    now, told = EPOCH, []
    for what, number, mode, wait in steps:
        now += later(wait)
        try:
            match what:
                case "offer":
                    one = draft(number)
                    one.at = now
                    answers.offer(one, now)
                case "approve":
                    answers.approve(f"d{number}", now)
                case "veto":
                    answers.veto(f"d{number}", now)
                case "mode":
                    answers.set_mode(mode, now)
                case _:
                    told += [(now, one.id) for one in answers.due(now)]
        except KeyError:
            continue
        assert len(answers.open()) <= 2 * 5  # with the host, and in the queue
    assert len({name for _, name in told}) == len(told)
    for at, _ in told:
        assert sum(at <= other < at + later(60) for other, _ in told) <= 3
    now += later(1000)
    told += [(now, one.id) for one in answers.due(now)]
    now += later(1000)
    answers.due(now)
    assert not [one for one in answers.open() if one.standing in OPEN]
    assert answers.counts[Standing.TOLD] == len(told)
