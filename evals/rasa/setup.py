"""Rasa with the bot's content, from nothing: `python -m evals.rasa.setup`.

Makes the environment under var/rasa, has Rasa validate the content, trains it where the model of this content is missing,
and talks to it: a Rasa server with our action server behind it, on the demo shop in a temporary folder.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from rich.console import Console

from bot.errors import StreamdeskError, Unavailable
from evals.bench_load import WEBHOOK, door
from evals.bench_service import actions, load_home, rasa
from evals.data import NoData
from evals.rasa.environment import install, rasa_command, run
from evals.rasa.train import bot_model, content, train_bot

# What is asked, and words that the answer must hold. Payloads are Rasa's way to say intent and values at once; they have no
# language, and are answered in that of the message before.
TALK = (
    ("你是机器人吗", "智能助手"),
    ("are you a robot?", "a bot, not a person"),
    ("多久发货？", "16:00"),
    ("when will my order ship?", "16:00"),
    ('/order_status{"order_number": "SD2610000002"}', "last four digits"),
    ('/order_status{"order_number": "SD2610000002", "phone_last4": "0002"}', "SD2610000002 is"),
    ('/track_shipment{"order_number": "SD2610000002"}', "SD2610000002 is still being prepared"),
)


@asynccontextmanager
async def conversation(home: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The door of a Rasa with the bot's content, its actions on the shop in `home`. Raises NoData and Unavailable."""
    command, model = rasa_command(), bot_model()
    async with actions(home) as server, rasa(command, model, home, server.url) as service, door(service.url) as client:
        yield client


async def ask(client: httpx.AsyncClient, sender: str, text: str) -> list[dict[str, Any]]:
    """The replies to one message. Raises Unavailable where Rasa answers with an error."""
    response = await client.post(WEBHOOK, json={"sender": sender, "message": text})
    if response.status_code != httpx.codes.OK:
        raise Unavailable(f"Rasa answered {text!r} with {response.status_code}: {response.text[:500]}")
    replies: list[dict[str, Any]] = response.json()
    return replies


def prepare(console: Console) -> None:
    """Environment, validation and model. Raises NoData and RasaFailed."""
    console.print("Rasa's environment ...")
    install()
    console.print("Validating the bot's content ...")
    run((str(rasa_command()), "data", "validate", *content()))
    try:
        bot_model()
    except NoData:
        console.print("Training Rasa on the bot's content: some twenty minutes ...")
        usage = train_bot().usage
        console.print(f"Trained: {usage.cpu_s:.0f} s of the processor, at most {usage.peak / 1e9:.1f} GB")


async def talk(console: Console, messages: Sequence[tuple[str, str]] = TALK) -> int:
    """Ask everything in one conversation. Returns how many answers lack their words."""
    wrong = 0
    with TemporaryDirectory(prefix="streamdesk-rasa-") as folder:
        home = Path(folder)
        await load_home(home)
        async with conversation(home) as client:
            for text, word in messages:
                said = "\n".join(reply.get("text", "") for reply in await ask(client, "setup", text))
                right = word in said
                wrong += not right
                console.print(f"[bold]{text}[/]\n{said or '(nothing)'}", highlight=False)
                if not right:
                    console.print(f"[red]{word!r} is missing.[/]")
    return wrong


def main() -> None:
    """Everything; where Python 3.10 is missing, says so and ends well."""
    console = Console()
    try:
        prepare(console)
        wrong = asyncio.run(talk(console))
    except NoData as missing:
        console.print(f"skipped: {missing}")
        return
    except StreamdeskError as error:
        sys.exit(f"Error: {error}")
    if wrong:
        sys.exit(f"Error: {wrong} of {len(TALK)} answers are not what they should be.")
    console.print(f"All {len(TALK)} answers are right.")


if __name__ == "__main__":
    main()
