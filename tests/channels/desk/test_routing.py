"""Who is offered what, and how long one waits: pure, and through the real desk."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import EventKind, Role, Staff, Ticket, TicketEvent, Work
from bot.fakes import EPOCH
from bot.types import ConversationKey, Language
from channels.desk import routing
from channels.desk.routing import LAPSES, Agent
from tests.channels.desk.conftest import BEN, PERSON, TOM, Site, World

SKILLS = ("returns", "sizes")
works = st.builds(
    Work,
    most=st.integers(0, 3),
    languages=st.lists(st.sampled_from(Language), max_size=2).map(tuple),
    skills=st.lists(st.sampled_from(SKILLS), max_size=2, unique=True).map(tuple),
)
desks = st.lists(st.tuples(works, st.integers(0, 4)), max_size=5).map(
    lambda made: [Agent(f"agent{number}", work, load) for number, (work, load) in enumerate(made)]
)
tickets = st.builds(
    lambda minutes, language, tags: (EPOCH + timedelta(minutes=minutes), language, tags),
    st.integers(0, 60),
    st.sampled_from(Language),
    st.lists(st.sampled_from((*SKILLS, "angry")), max_size=2, unique=True).map(tuple),
)
queues = st.lists(tickets, max_size=10).map(
    lambda made: [
        Ticket(ConversationKey("web", "", str(number)), at, at, language=language, tags=tags)
        for number, (at, language, tags) in enumerate(made)
    ]
)
NOW = EPOCH + timedelta(hours=2)


@given(queues, desks)
def test_nobody_is_offered_more_than_they_have_room_for_or_what_they_cannot_answer(
    queue: list[Ticket], desk: list[Agent]
) -> None:
    made = routing.offers(queue, desk, NOW)
    given_to, by_name = Counter(made.values()), {agent.name: agent for agent in desk}
    assert all(count <= by_name[name].room for name, count in given_to.items())
    for ticket in queue:
        fits = routing.able(ticket.language, ticket.tags, desk)
        if ticket.id in made:
            assert made[ticket.id] in {agent.name for agent in fits}
        else:  # it waits only while everybody who fits is full
            assert all(agent.room == given_to[agent.name] for agent in fits)


@given(queues, desks)
def test_offers_that_stand_are_not_made_again(queue: list[Ticket], desk: list[Agent]) -> None:
    made = routing.offers(queue, desk, NOW)
    offered = [replace(one, offered_to=made.get(one.id, ""), offered_at=NOW if one.id in made else None) for one in queue]
    assert routing.offers(offered, desk, NOW + LAPSES / 2) == {}


def _ticket(**fields: object) -> Ticket:
    return Ticket(ConversationKey("web", "", "ann"), EPOCH, EPOCH, **fields)  # type: ignore[arg-type]


def test_whoever_has_least_to_do_is_first_and_a_lapsed_offer_goes_to_another() -> None:
    desk = [Agent("mia", Work(), 2), Agent("tom", Work(), 1)]
    assert routing.chosen_for(_ticket(), desk) == "tom"
    lapsed = _ticket(offered_to="tom", offered_at=EPOCH)
    assert routing.offers([lapsed], desk, EPOCH + LAPSES) == {lapsed.id: "mia"}
    assert routing.offers([lapsed], desk[1:], EPOCH + LAPSES) == {}, "nobody else is there: the offer stays"
    assert routing.offers([lapsed], desk[:1], EPOCH) == {lapsed.id: "mia"}, "tom has left"


def test_a_chinese_agent_reads_both_scripts_and_no_english() -> None:
    work = Work(languages=(Language.ZH,))
    assert [routing.speaks(work, language) for language in (Language.ZH, Language.ZH_HANT, Language.EN)] == [1, 1, 0]


def _handled(number: int, minutes: float) -> list[TicketEvent]:
    end = EPOCH + timedelta(minutes=minutes)
    claimed = TicketEvent(f"c{number}", f"t{number}", EventKind.CLAIMED, EPOCH)
    return [claimed, replace(claimed, id=f"a{number}", kind=EventKind.ANSWERED, at=end - timedelta(seconds=1)),
            TicketEvent(f"r{number}", f"t{number}", EventKind.RESOLVED, end)]  # fmt: skip


def test_handling_is_measured_from_claim_to_end_and_what_is_open_is_not() -> None:
    events = [*_handled(1, 4), *_handled(2, 8), TicketEvent("x", "t3", EventKind.CLAIMED, EPOCH)]
    assert routing.handling_times(events) == [timedelta(minutes=4), timedelta(minutes=8)]


@pytest.mark.parametrize(
    ("position", "loads", "measured", "minutes"),
    [
        (2, [1], 5, 15),  # twelve: beyond ten in steps of five
        (1, [1], 5, 6),
        (1, [1], 4, None),  # too few to tell
        (1, [0], 5, None),  # somebody has room
        (3, [1, 1], 5, 9),
        (1, [], 5, None),
        (50, [1], 5, None),  # five hours
    ],
)
def test_minutes_come_from_what_was_measured_or_not_at_all(
    position: int, loads: list[int], measured: int, minutes: int | None
) -> None:
    desk = [Agent(f"a{number}", Work(most=1), load) for number, load in enumerate(loads)]
    assert routing.wait_minutes(position, desk, [timedelta(minutes=6)] * measured) == minutes


async def test_a_hand_off_is_offered_claimed_and_with_everybody_busy_waits_for_measured_minutes(world: World) -> None:
    world.present = True
    await world.kept.put_member(Staff("mia", Role.AGENT, "", Work(most=1)))
    for number in range(routing.FEWEST_MEASURED):
        key = ConversationKey("web", "", f"before{number}")
        assert await world.says(PERSON, key) == ["utter_hand_off_here position=1"]
        await world.offering.offer()
        ticket = await world.ticket(key)
        assert ticket.offered_to == "mia"
        await world.desk.claim(ticket.id, world.act())
        assert (await world.ticket(key)).offered_to == ""
        world.clock.pass_seconds(299)
        await world.desk.resolve(ticket.id, world.act())
        await world.flush()
    await world.says(PERSON, BEN)
    await world.desk.claim((await world.ticket(BEN)).id, world.act())
    assert await world.says(PERSON) == ["utter_hand_off_soon minutes=5 position=1"]
    await world.offering.offer()
    assert (await world.ticket()).offered_to == "", "mia has no room"
    await world.desk.release((await world.ticket(BEN)).id, world.act())
    await world.offering.offer()
    assert (await world.ticket(BEN)).offered_to == "mia", "in the order of the queue"


async def test_who_is_away_is_offered_nothing_and_is_not_said_to_be_there(site: Site, mia: httpx.AsyncClient) -> None:
    world = site.world
    world.floor.touched("mia")
    assert (await mia.post("/desk/api/away", json={"away": True})).json() == {"away": True}
    assert (await mia.get("/desk/api/me")).json()["away"] is True
    assert await world.says(PERSON) == ["utter_hand_off_absent position=1"]
    await world.offering.offer()
    assert (await world.ticket()).offered_to == ""
    await mia.post("/desk/api/away", json={"away": False})
    await world.offering.offer()
    assert (await world.ticket()).offered_to == "mia"
    (shown,) = (await mia.get("/desk/api/tickets")).json()["tickets"]
    assert shown["offered_to"] == "mia"
    assert (await mia.post("/desk/api/away", json={"away": "yes"})).status_code == 422
    await world.desk.claim(shown["id"], world.act(TOM))  # an offer keeps nobody from it
