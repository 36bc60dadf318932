"""Telegram and Slack as the service opens them by its settings: the real composition on the demo shop, from end to end."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import Service, open_service
from bot.errors import BadSettings
from bot.settings import Settings
from evals.bench_service import home_environment
from tests.channels.slack.slack_api import APP_TOKEN, BOT_TOKEN, CHANNEL, FakeSlack
from tests.channels.telegram.bot_api import TOKEN, FakeBotApi
from tests.channels.telegram.conftest import until

WEI = {"id": 88, "is_bot": False, "first_name": "伟", "language_code": "zh-hans"}
TELEGRAM = {"STREAMDESK_CHANNELS__TELEGRAM__ENABLED": "true"}
SLACK = {"STREAMDESK_CHANNELS__SLACK__ENABLED": "true", "STREAMDESK_CHANNELS__SLACK__CHANNEL": CHANNEL}


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


@asynccontextmanager
async def serving(home: Path, **environment: str) -> AsyncIterator[Service]:
    """The service without its web server."""
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8000), **environment})
    async with open_service(settings) as service:
        loops = [asyncio.create_task(work()) for work in (service.dispatcher.run, *service.background)]
        try:
            yield service
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)


async def test_a_customer_on_telegram_and_an_agent_in_slack(home: Path) -> None:
    # a session goes on as long as its messages are of the same hour
    telegram, slack = FakeBotApi(date=int(time.time())), FakeSlack()
    async with telegram.serving(), slack.serving():
        environment = {
            **TELEGRAM,
            **SLACK,
            "STREAMDESK_CHANNELS__TELEGRAM__API_URL": telegram.url,
            "STREAMDESK_TELEGRAM_TOKEN": TOKEN,
            "STREAMDESK_CHANNELS__SLACK__API_URL": slack.url,
            "STREAMDESK_SLACK_BOT_TOKEN": BOT_TOKEN,
            "STREAMDESK_SLACK_APP_TOKEN": APP_TOKEN,
        }

        def shown(text: str) -> bool:
            return any(text in call.values.get("text", "") for call in telegram.calls)

        async with serving(home, **environment):
            telegram.say(text="推荐一款防水的冲锋衣", user=WEI)
            await until(lambda: telegram.sent("sendPhoto"), 30)  # the first turn loads dictionaries and models
            assert telegram.sent("sendPhoto")[0].files, "the shop's pictures are uploaded from the folder of the settings"
            telegram.say(text="转人工", user=WEI)
            await until(lambda: len(slack.messages) == 2)
            root, talk = slack.messages
            assert "有顾客找人工" in str(root["blocks"]) and "伟" in str(root["blocks"])
            assert "推荐一款防水的冲锋衣" in str(talk["blocks"])
            await slack.say("您好，我是小李", root["ts"], user="U2")
            await until(lambda: shown("<b>李伟</b>（人工客服）\n您好，我是小李"))
            await slack.press(root["ts"])
            await until(lambda: shown("我回来啦"))
            await until(lambda: "机器人已经接回对话" in slack.messages[-1]["text"])


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        (TELEGRAM, "STREAMDESK_TELEGRAM_TOKEN"),
        (SLACK, "STREAMDESK_SLACK_BOT_TOKEN"),
    ],
)
async def test_a_platform_without_its_token_is_refused_by_name(home: Path, environment: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        async with serving(home, **environment):
            pass


async def test_slack_that_does_not_answer_keeps_nobody_from_the_bot(home: Path) -> None:
    tokens = {"STREAMDESK_SLACK_BOT_TOKEN": BOT_TOKEN, "STREAMDESK_SLACK_APP_TOKEN": APP_TOKEN}
    nobody = {"STREAMDESK_CHANNELS__SLACK__API_URL": "http://127.0.0.1:9/api/"}
    async with serving(home, **SLACK, **tokens, **nobody) as service:
        assert await service.store.waiting() == []
