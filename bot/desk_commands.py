"""What `streamdesk desk` does: the accounts of those who answer customers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.desk import Accounts, Role, Staff, Work
from bot.errors import BadInput
from bot.settings import Settings
from bot.storage.sql import SqlStore
from bot.types import Language

if TYPE_CHECKING:
    from channels.desk.numbers import Numbers

# Who may come in at the demo's desk.
DEMO_NAME = "Mia"


async def add(settings: Settings, name: str, role: Role, password: str) -> bool:
    """Add a member of the staff, or change one who is there. True when they are new. Raises BadInput."""
    from channels.desk.accounts import member

    added = member(name, role, password)
    async with _accounts(settings) as accounts:
        before = await accounts.member(name)
        await accounts.put_member(replace(added, work=before.work) if before else added)
    return before is None


async def set_work(
    settings: Settings, name: str, *, most: int | None, languages: Sequence[Language], skills: Sequence[str]
) -> Work:
    """Change what a member is offered; what is None or empty stays as it was.

    Returns what holds now. Raises BadInput for one who is not there.
    """
    async with _accounts(settings) as accounts:
        found = await accounts.member(name)
        if found is None:
            raise BadInput(
                f"nobody is called {name!r}.", where="desk work", remedy="`streamdesk desk list` names everybody."
            )
        before = found.work
        work = replace(
            before,
            most=before.most if most is None else most,
            languages=tuple(languages) or before.languages,
            skills=tuple(skills) or before.skills,
        )
        await accounts.set_work(name, work)
    return work


async def everybody(settings: Settings) -> list[Staff]:
    """The staff, by name."""
    async with _accounts(settings) as accounts:
        return await accounts.staff()


async def remove(settings: Settings, name: str) -> None:
    """Remove a member; their open pages close within half a minute. Raises BadInput for one who is not there."""
    async with _accounts(settings) as accounts:
        if not await accounts.remove_member(name):
            remedy = "`streamdesk desk list` names everybody."
            raise BadInput(f"nobody is called {name!r}.", where="desk remove", remedy=remedy)


async def numbers(settings: Settings, since: datetime, until: datetime) -> Mapping[str, Numbers]:
    """What customers thought of what was resolved in that time, by agent, and under the empty name for all."""
    from channels.desk.numbers import KINDS
    from channels.desk.numbers import numbers as of

    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        return of(await store.desk().happened(KINDS, since), since, until)
    finally:
        await store.close()


def line(agent: str, of: Numbers) -> str:
    """The numbers of one agent, or of all."""
    if of.mean is None or of.satisfied is None:
        return f"{agent or 'all':20} asked {of.asked:4}   rated    0"
    return f"{agent or 'all':20} asked {of.asked:4}   rated {of.count:4}   mean {of.mean:.2f}   4-5 {of.satisfied:4.0%}"


async def demo_login(settings: Settings) -> tuple[str, str] | None:
    """Name and password of a new account for the demo. None where somebody has an account already: it is said once."""
    from channels.desk.accounts import new_password

    if await everybody(settings):
        return None
    password = new_password()
    await add(settings, DEMO_NAME, Role.OWNER, password)
    return DEMO_NAME, password


@asynccontextmanager
async def _accounts(settings: Settings) -> AsyncIterator[Accounts]:
    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        yield store.desk()
    finally:
        await store.close()
