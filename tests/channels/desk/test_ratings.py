"""What the customer thought: asked once a hand-off, changed at will, counted by agent and period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import EventKind, TicketEvent, TicketState
from bot.fakes import EPOCH
from bot.types import Mode
from channels.desk.numbers import Numbers, numbers
from channels.desk.timeline import timeline
from tests.channels.desk.conftest import ANN, PERSON, TOM, Site, World


async def resolved(world: World) -> str:
    """A hand-off that was answered and resolved. Returns the name of its rating."""
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(), "Hello")
    await world.desk.resolve(name, world.act())
    await world.flush()
    return (await world.ticket()).rating_name


async def buttons(world: World) -> Sequence[str]:
    replies = (await world.store.load(ANN, "none")).state.last_replies
    return [button.payload for button in replies[-1].buttons]


async def test_who_was_answered_is_asked_once_a_hand_off(world: World) -> None:
    of = await resolved(world)
    assert [text for _, text in await world.heard()][-2:] == ["utter_hand_off_back", "utter_rate"]
    assert await buttons(world) == [f"/rate {of} {stars}" for stars in range(1, 6)]
    ticket = (await world.ticket()).id
    await world.desk.reply(ticket, world.act(), "One more thing")
    await world.desk.resolve(ticket, world.act())
    await world.flush()
    assert "utter_rate" not in [text for _, text in await world.heard()]
    await resolved(world)
    assert "utter_rate" in [text for _, text in await world.heard()], "a new hand-off is another"


async def test_an_act_that_comes_again_asks_all_the_same_and_once(world: World) -> None:
    await world.says(PERSON)
    name, act = (await world.ticket()).id, world.act()
    await world.desk.reply(name, world.act(), "Hello")
    for _ in range(3):
        await world.desk.resolve(name, act)
    assert [text for _, text in await world.heard()].count("utter_rate") == 1


@pytest.mark.parametrize("verb", ["resolve", "give_back"])
async def test_who_was_not_answered_or_given_back_is_not_asked(world: World, verb: str) -> None:
    await world.says(PERSON)
    name = (await world.ticket()).id
    if verb == "give_back":
        await world.desk.reply(name, world.act(), "Hello")
    await getattr(world.desk, verb)(name, world.act())
    assert "utter_rate" not in [text for _, text in await world.heard()]


async def test_a_rating_is_kept_changed_and_opens_nothing(world: World) -> None:
    of = await resolved(world)
    assert await world.says("4") == ["utter_rated stars=4"], "typed, as long as the buttons stand there"
    assert await world.says("what is new?") == ["answer to what is new?"]
    world.clock.pass_seconds(30 * 24 * 3600)
    assert await world.says(f"/rate {of} 2") == ["utter_rated stars=2"]
    ticket = await world.ticket()
    assert (ticket.stars, ticket.state, ticket.unread) == (2, TicketState.RESOLVED, 0)
    assert (await world.store.load(ANN, "none")).state.mode is Mode.BOT
    _, turns, events = await world.desk.conversation(ticket.id)
    assert [entry["text"] for entry in timeline(turns, events) if entry.get("event") == "rated"] == ["4", "2"]


async def test_a_comment_is_announced_and_only_then_taken_for_one(world: World) -> None:
    of = await resolved(world)
    await world.says(f"/rate {of} 5")
    assert await world.says("where is my parcel?") == ["answer to where is my parcel?"]
    assert await world.says(f"/rate {of} comment") == ["utter_rate_comment"]
    assert await world.says("Mia was quick") == ["utter_rate_noted"]
    assert await world.says("thanks") == ["answer to thanks"]
    await world.says(f"/rate {of} comment")
    assert await world.says("/cancel") == ["utter_rate_enough"]
    ticket = await world.ticket()
    assert (ticket.stars, ticket.comment, ticket.state) == (5, "Mia was quick", TicketState.RESOLVED)


async def test_a_late_rating_counts_for_its_own_hand_off_while_another_is_open(world: World) -> None:
    of = await resolved(world)
    await world.says(PERSON)
    name = (await world.ticket()).id
    await world.desk.reply(name, world.act(TOM), "Hello again")
    assert await world.says(f"/rate {of} 1") == ["utter_rated stars=1"]
    ticket = await world.ticket()
    assert (ticket.stars, ticket.state, ticket.unread) == (0, TicketState.CLAIMED, 0)
    found = numbers(await world.kept.happened(tuple(EventKind), EPOCH), EPOCH, EPOCH + timedelta(days=9))
    assert found["mia"] == Numbers(1, 1, 1.0, 0.0) and "tom" not in found


async def test_a_rating_that_nobody_asked_for_is_not_kept(world: World) -> None:
    await resolved(world)
    await world.says("/rate 0123456789abcdef 5")
    assert (await world.ticket()).stars == 0
    assert EventKind.RATED not in [event.kind for event in await world.kept.events((await world.ticket()).id)]


ratings = st.lists(
    st.tuples(st.sampled_from(["mia", "tom"]), st.integers(0, 20), st.lists(st.integers(1, 5), max_size=3)), max_size=12
)


@given(ratings, st.integers(0, 10), st.integers(0, 10))
def test_numbers_are_those_of_the_last_ratings_in_the_period(
    made: list[tuple[str, int, list[int]]], first: int, days: int
) -> None:
    events = []
    for number, (agent, day, stars) in enumerate(made):
        at = EPOCH + timedelta(days=day)
        events.append(TicketEvent(f"a{number}", f"t{number}", EventKind.ASKED, at, agent, "f" * 16))
        later = at + timedelta(days=40)
        events += [
            TicketEvent(f"r{number}/{n}", f"t{number}", EventKind.RATED, later, text=f"{'f' * 16} {one}")
            for n, one in enumerate(stars)
        ]
    found = numbers(events, EPOCH + timedelta(days=first), EPOCH + timedelta(days=first + days))
    within = [(agent, stars[-1] if stars else 0) for agent, day, stars in made if first <= day < first + days]
    for name in ("", "mia", "tom"):
        mine = [stars for agent, stars in within if name in ("", agent)]
        given_ = [stars for stars in mine if stars]
        if not mine:
            assert name not in found or found[name] == Numbers(0, 0, None, None)
            continue
        share = sum(stars in (4, 5) for stars in given_) / len(given_) if given_ else None
        assert found[name] == Numbers(len(mine), len(given_), sum(given_) / len(given_) if given_ else None, share)


async def test_the_desk_shows_rating_and_numbers(site: Site, mia: httpx.AsyncClient) -> None:
    of = await resolved(site.world)
    await site.world.says(f"/rate {of} 4")
    (shown,) = (await mia.get("/desk/api/tickets?view=resolved")).json()["tickets"]
    assert shown["stars"] == 4
    line = {"asked": 1, "count": 1, "mean": 4.0, "satisfied": 1.0}
    assert (await mia.get("/desk/api/numbers?days=1")).json()["numbers"] == [{"agent": "", **line}, {"agent": "mia", **line}]
    assert (await mia.get("/desk/api/numbers?days=0")).status_code == 422
    async with site.browser() as stranger:
        assert (await stranger.get("/desk/api/numbers")).status_code == 401
