"""The command `streamdesk privacy`: what is held of a person, told and deleted; and the keys that it is sealed with."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bot.errors import BadInput, BadSettings
from bot.private import write_private
from bot.sealing import VARIABLE, new_key
from bot.settings import Settings
from bot.signals import Consent, person_of
from bot.types import ConversationKey

if TYPE_CHECKING:
    from bot.ports import Locks
    from bot.storage.sql import SqlStore

privacy_app = typer.Typer(no_args_is_help=True, help="What is held of a person, and the keys that it is sealed with.")
out = Console()

# Orders of a customer whose conversations are looked for.
MAX_ORDERS = 10_000
# How long a conversation is waited for that another process handles, in seconds.
WAIT_S = 5.0
BOOKS = "Orders, payments, returns and cases are the shop's books: they stay, see docs/privacy.md."

Customer = Annotated[str, typer.Option(metavar="ID", help="A customer of the shop: all conversations where they proved it.")]
Sender = Annotated[str, typer.Option(metavar="CHANNEL:USER", help="Who writes at a channel, such as telegram:12345.")]


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is about: a customer of the shop, or a sender at a channel."""

    customer: str = ""
    channel: str = ""
    user: str = ""

    @classmethod
    def named(cls, customer: str, sender: str) -> Person:
        """The person that the options name. Raises BadInput unless it is exactly one."""
        channel, _, user = sender.partition(":")
        if bool(customer) == bool(sender) or (sender and not (channel and user)):
            remedy = "Write --customer C0001, or --sender telegram:12345."
            raise BadInput("name one person.", where=f"--customer {customer!r} --sender {sender!r}", remedy=remedy)
        return cls(customer, channel, user)


@privacy_app.command("key")
def key() -> None:
    """Make a key for STREAMDESK_DATA_KEYS and print it."""
    out.print(new_key(), highlight=False, markup=False, soft_wrap=True)


@privacy_app.command("export")
def export(
    customer: Customer = "",
    sender: Sender = "",
    to: Annotated[Path | None, typer.Option(help="A new file for it; without one it is printed.")] = None,
    photos: Annotated[Path | None, typer.Option(help="A folder for the photos themselves.")] = None,
) -> None:
    """Write everything that is held of a person as one JSON."""
    held = asyncio.run(exported(Settings.load(), Person.named(customer, sender), photos))
    text = f"{json.dumps(held, ensure_ascii=False, indent=2)}\n".encode()
    if to is None:
        sys.stdout.buffer.write(text)
        return
    _write(to, text)
    out.print(f"{len(held['conversations'])} conversations in {to}", highlight=False, soft_wrap=True)


@privacy_app.command("delete")
def delete(
    customer: Customer = "",
    sender: Sender = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is held of a person, but the shop's books. It cannot be undone."""
    person = Person.named(customer, sender)
    if not yes:
        typer.confirm(f"Delete what is held of {customer or sender}?", abort=True)
    conversations, gone = asyncio.run(deleted(Settings.load(), person))
    out.print(f"Conversations: {conversations}", highlight=False)
    for table, rows in sorted(gone.items()):
        out.print(f"  {table}: {rows}", highlight=False)
    out.print(BOOKS, highlight=False, soft_wrap=True)


@privacy_app.command("rotate")
def rotate() -> None:
    """Seal everything with the newest key. A service may run meanwhile; afterwards older keys are of no use any more."""
    rows = asyncio.run(rotated(Settings.load()))
    out.print(f"Sealed anew: {rows} rows.", highlight=False)


def not_sealed(settings: Settings) -> str:
    """What is to be said of a service that has no key; empty where it has one."""
    if settings.sealer.seals:
        return ""
    return f"What people say is kept unencrypted: no {VARIABLE}. `streamdesk privacy key` prints a key for it.\n"


# ---------------------------------------------------------------- what they do


async def exported(settings: Settings, person: Person, photos: Path | None = None) -> dict[str, Any]:
    """Everything that is held of a person; with `photos` their photos are written there."""
    async with _open(settings) as (store, _):
        holdings, references = store.holdings(), await _references(settings, person)
        keys = await _conversations(store, person, references.get("orders", ()))
        tastes = {name: await _taste(store, name) for name in _persons(person, keys)}
        held = [await holdings.export(key) for key in keys]
        if photos is not None:
            for digest, media_type in _photos(held):
                _write(photos / f"{digest}.{media_type.rpartition('/')[2]}", await holdings.photo(digest))
    who = person.customer or f"{person.channel}:{person.user}"
    return {"person": who, "shop": references, "tastes": tastes, "conversations": held}


async def deleted(settings: Settings, person: Person) -> tuple[int, Counter[str]]:
    """Delete what is held of a person. Returns how many conversations, and rows by table.

    Raises BadSettings while a service runs on an embedded database, whose states it remembers, and BadInput while a process
    of a shared one has a message of theirs in hand.
    """
    from bot.storage.sole import sole_service

    gone: Counter[str] = Counter()
    with sole_service(settings.storage.url):
        async with _open(settings) as (store, locks):
            holdings, references = store.holdings(), await _references(settings, person)
            keys = await _conversations(store, person, references.get("orders", ()))
            for conversation in keys:
                async with locks.hold(conversation):
                    if await holdings.is_handled(conversation, datetime.now(UTC)):
                        raise BadInput("a message of theirs is being handled.", where=str(conversation), remedy="Try again.")
                    gone["room_audit"] += await _redact(store, conversation)
                    gone += await holdings.erase(conversation)
            gone.update(await store.signals().erase(_persons(person, keys)))
            if person.customer:  # their orders stay in the books, and are of no use to suggestions from now on
                await store.signals().decide(f"customer:{person.customer}", Consent.REFUSED, datetime.now(UTC))
            await holdings.scrub()
    return len(keys), +gone


async def rotated(settings: Settings) -> int:
    """Seal everything with the newest key. Returns how many rows were not. Raises BadSettings without a key."""
    if not settings.sealer.seals:
        raise BadSettings("there is no key.", where=VARIABLE, remedy="`streamdesk privacy key` makes one.")
    async with _open(settings) as (store, _):
        holdings = store.holdings()
        rows = await holdings.seal_anew()
        await holdings.scrub()
    return rows


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[SqlStore, Locks]]:
    from bot.locks import LocalLocks
    from bot.storage.advisory import AdvisoryLocks
    from bot.storage.sql import SqlStore

    async with AsyncExitStack() as closing:
        store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
        closing.push_async_callback(store.close)
        if not store.shared:
            yield store, LocalLocks()
            return
        locks = AdvisoryLocks.open(settings.storage.url, wait_s=WAIT_S)
        closing.push_async_callback(locks.close)
        yield store, locks


async def _references(settings: Settings, person: Person) -> dict[str, list[str]]:
    """What the shop's books have of a customer, by reference: their orders, and what recommendations learn from."""
    from actions.shop.opening import open_shop_system

    if not person.customer:
        return {}
    shop = await open_shop_system(settings.shop.url, settings.shop.token.get_secret_value())
    try:
        orders = [order.id for order in await shop.orders_of(person.customer, MAX_ORDERS)]
        return {"orders": orders, "purchases": list((await shop.purchases()).get(person.customer, ()))}
    finally:
        await shop.close()


async def _conversations(store: SqlStore, person: Person, orders: Iterable[str]) -> list[ConversationKey]:
    if not person.customer:
        return await store.holdings().of_sender(person.channel, person.user)
    return await store.holdings().of_proofs([f"customer:{person.customer}", *(f"order:{order}" for order in orders)])


def _persons(person: Person, keys: Iterable[ConversationKey]) -> list[str]:
    """The names under which signals of a person are kept: their own, and those of the senders of their conversations."""
    own = f"customer:{person.customer}" if person.customer else f"sender:{person.channel}:{person.user}"
    return list(dict.fromkeys([own, *map(person_of, keys)]))


async def _taste(store: SqlStore, name: str) -> dict[str, Any]:
    known = await store.signals().known(name)
    told = [{"product": s.product_id, "kind": s.kind, "weight": s.weight, "at": s.at.isoformat()} for s in known.signals]
    return {"consent": known.consent, "signals": told}


async def _redact(store: SqlStore, key: ConversationKey) -> int:
    """Take what was answered to them in a live room, and what was done with their comments, out of its audit."""
    if not key.room:
        return 0
    subjects = set(_public_names(await store.holdings().export(key), key))
    return await store.audit().redact(key.room, subjects, datetime.now(UTC))


def _public_names(held: dict[str, Any], key: ConversationKey) -> Iterator[str]:
    """The names under which a room's audit has a viewer's comments and the answers to them."""
    from channels.live.frames import digest, public_id

    for turn in held["turns"]:
        message = turn["message_id"]
        yield public_id(key.user, message)
        yield from (digest(f"{key}/{message}/{number}") for number in range(len(turn["turn"]["replies"])))


def _photos(held: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(photo["digest"], photo["media_type"]) for one in held for photo in one["photos"]}


def _write(file: Path, data: bytes) -> None:
    try:
        write_private(file, data)
    except OSError as error:
        raise BadInput(f"this cannot be written: {error}.", where=str(file), remedy="Name a new file.") from error
