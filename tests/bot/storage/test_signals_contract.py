"""What every implementation of `Signals` promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.fakes import EPOCH, MemorySignals
from bot.signals import Consent, Known, SignalKind, Signals, signal
from bot.storage.sql import SqlStore

ANN, BEN = "customer:ann", "sender:web:ben"
ASKED = signal("P1", SignalKind.QUESTION, EPOCH)
TAPPED = signal("P2", SignalKind.CLICK, EPOCH + timedelta(minutes=1))


@pytest.fixture(params=["memory", "sqlite"])
async def signals(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Signals]:
    if request.param == "memory":
        yield MemorySignals()
        return
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/desk.db")
    yield store.signals()
    await store.close()


async def test_nothing_is_kept_of_who_did_not_agree(signals: Signals) -> None:
    assert await signals.note(ANN, [ASKED], "m1") == 0
    await signals.decide(ANN, Consent.REFUSED, EPOCH)
    assert await signals.note(ANN, [ASKED], "m1") == 0
    assert await signals.known(ANN) == Known(Consent.REFUSED)


async def test_what_was_done_is_kept_once_for_each_message_and_told_oldest_first(signals: Signals) -> None:
    await signals.decide(ANN, Consent.GIVEN, EPOCH)
    assert await signals.note(ANN, [TAPPED], "m2") == 1
    assert await signals.note(ANN, [ASKED], "m1") == 1
    assert await signals.note(ANN, [ASKED], "m1") == 0, "a turn that is taken again"
    assert await signals.known(ANN) == Known(Consent.GIVEN, (ASKED, TAPPED))
    assert await signals.known(BEN) == Known(), "nobody else's"


async def test_a_refusal_deletes_and_stays(signals: Signals) -> None:
    await signals.decide(ANN, Consent.GIVEN, EPOCH)
    await signals.note(ANN, [ASKED, TAPPED], "m1")
    await signals.decide(ANN, Consent.REFUSED, EPOCH)
    assert await signals.known(ANN) == Known(Consent.REFUSED)


async def test_erasing_leaves_nothing_and_touches_nobody_else(signals: Signals) -> None:
    for person in (ANN, BEN):
        await signals.decide(person, Consent.GIVEN, EPOCH)
        await signals.note(person, [ASKED], "m1")
    assert await signals.erase([ANN]) == {"signals": 1, "consents": 1}
    assert await signals.known(ANN) == Known()
    assert (await signals.known(BEN)).signals == (ASKED,)
