"""What is late at another desk is said in the channel, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.desk import Alarm, Due, Goal, Ticket
from bot.fakes import EPOCH
from bot.types import Language
from channels.slack.rendering import render_alarm
from tests.channels.slack.conftest import KEY, Slack

TICKET = Ticket(KEY, EPOCH, EPOCH, customer="Ann <!channel>", last_words="Mine leaks", language=Language.EN)
ALARM = Alarm("t/due/near", TICKET, Due(Goal.FIRST_ANSWER, EPOCH + timedelta(minutes=30), missed=False))
ZONE = ZoneInfo("Asia/Shanghai")


async def test_a_reminder_is_posted_once_whatever_dies_between(slack: Slack) -> None:
    for _ in range(2):  # a new desk is a new process
        await slack.desk().remind(ALARM, ZONE, "https://shop.example/desk")
    (post,) = slack.api.roots()
    shown = str(post["blocks"])
    assert "First answer is nearly due" in shown and "nobody has it yet" in shown and "https://shop.example/desk" in shown
    assert "<!channel>" not in post["text"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("missed", [True, False])
def test_every_reminder_has_words(language: Language, goal: Goal, missed: bool) -> None:
    ticket = replace(TICKET, language=language, assignee="mia")
    post = render_alarm(Alarm("a", ticket, Due(goal, EPOCH, missed)), ZONE, "")
    assert "mia" in str(post.blocks) and "20:00" in str(post.blocks) and post.notice.startswith("⏰")
