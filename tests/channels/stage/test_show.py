"""The show gives the host something to say, from a shop's tables, and the whole stage speaks it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from channels.stage.driver import Driver
from channels.stage.show import Show
from channels.stage.state import State
from channels.stage.voice.captions import Captions
from channels.stage.voice.speech import Speech
from evals.stage.world import ROOM, open_world
from tests.channels.stage.shop import NOW, ZONE
from tests.channels.stage.test_driver import Pages, Time


async def test_the_shelf_is_told_about_and_nothing_false_or_twice() -> None:
    time = Time()
    async with open_world(NOW) as world:
        show = Show(world.shop, time, ZONE, ROOM, "zh")
        pages = Pages(time)
        speech = Speech({"shown": (Captions(), {"zh": "", "en": ""})})
        driver = Driver(
            speech, pages, time, state=State(("shown",)), tables=show.tables, listener=show.listen, sleep=time.sleep
        )
        work = [asyncio.ensure_future(driver.run()), asyncio.ensure_future(show.run(driver))]
        try:
            for _ in range(200):
                await asyncio.sleep(0.01)  # the shop is a real database, and answers in real time
                await time.pass_seconds(0.5)
                if len(pages.texts("speak")) > 6:
                    break
        finally:
            for task in work:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*work)
    told = pages.texts("speak")
    assert len(told) > 6
    assert len(set(told)) == len(told)
    assert not pages.wrong
    assert driver.state.dropped == {}
    assert time.at > NOW + timedelta(seconds=10)
