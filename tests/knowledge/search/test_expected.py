"""What kind of thing a question asks for, and whether a text has one."""

from __future__ import annotations

import pytest

from knowledge.expected import holds, kinds_asked


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("寄到拉萨要多少钱", "西藏每单 26 元"),
        ("几天能退", "签收后 15 天内都可以"),
        ("店在哪里", "钟楼街 12 号"),
        ("how much is postage", "free from ¥88"),
        ("when do you close", "from 9:30 to 21:30"),
        ("where can i register", "in the settings of your account"),
    ],
)
def test_a_text_holds_what_is_asked_for(question: str, text: str) -> None:
    assert holds(kinds_asked(question), text) == 1.0
    assert holds(kinds_asked(question), "纯棉柔软" if not question.isascii() else "soft cotton") == 0.0


def test_a_question_of_no_kind_speaks_for_no_text() -> None:
    assert holds(kinds_asked("what is it made of"), "¥88") == holds(kinds_asked("what is it made of"), "soft cotton")
