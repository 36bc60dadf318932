"""Labelled comments: the project's own, and public ones that are nobody's question to a shop."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bot.text import clean
from bot.understanding.training_data import load_training_data
from channels.live.gate import Said
from evals.data import data_set

HERE: Final = Path(__file__).parent
NLU: Final = Path("bot/data/nlu")
# Of every public set so many comments, drawn with this seed.
DRAWN: Final = 2_500
SEED: Final = 1
_LEARNED: Final[tuple[Literal["training", "tuning"], ...]] = ("tuning", "training")
LONGEST: Final = 100

# What the intents of the training data are in a room; those that answer a question of the bot's are none of these.
_SAID: Final = {"greet": Said.GREETING, "goodbye": Said.GREETING, "insult": Said.ABUSE} | dict.fromkeys(
    ("thank", "chitchat", "praise", "out_of_scope"), Said.CHATTER
)
_ANSWERS: Final = frozenset({"affirm", "deny", "cancel", "skip", "repeat", "correct", "challenge_bot"})
_OWN: Final = frozenset(
    {
        "delete_account",
        "update_account",
        "return_item",
        "exchange_item",
        "refund_status",
        "warranty_claim",
        "complaint",
        "order_status",
        "track_shipment",
        "cancel_order",
        "change_address",
        "change_payment",
        "change_items",
        "late_delivery",
        "missing_item",
        "wrong_item",
        "damaged_item",
        "delivered_not_received",
    }
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A comment and what it is; `language` is empty where nobody wrote it down, `source` says where it is from."""

    text: str
    said: Said
    language: str = ""
    source: str = ""


def written(half: Literal["training", "tuning", "test"]) -> list[Labelled]:
    """Comments that were written and labelled by hand for this project, by people who had not seen its code."""
    lines = (HERE / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    return [Labelled(row["text"], Said(row["label"]), row["lang"], half) for row in rows]


def learned() -> list[Labelled]:
    """What the weights are made from of the written comments: none that somebody else wrote for the test, too."""
    tested = {_plain(comment) for comment in written("test")}
    return [comment for half in _LEARNED for comment in written(half) if _plain(comment) not in tested]


def _plain(comment: Labelled) -> str:
    return clean(comment.text).casefold()


def intents() -> list[Labelled]:
    """The examples of the understanding's own training data, as what they would be in a room."""
    examples = [example for example in load_training_data(NLU).examples if example.intent not in _ANSWERS]
    return [
        Labelled(e.text, _SAID.get(e.intent, Said.PRIVATE if e.intent in _OWN else Said.SHOP), source="nlu")
        for e in examples
    ]


def public() -> list[Labelled]:
    """Comments on videos, games and songs, and offensive language. Raises NoData where the sets are missing."""
    folder = data_set("comments")
    said = Said.CHATTER
    videos = [row[-1] for path in _files(folder / "danmaku_unmarked") for row in _rows(path) if row]
    videos += [row[-1] for path in _files(folder / "danmaku_bili") for row in list(_rows(path))[1:] if row]
    games = [row[-1] for path in _files(folder / "twitch") for row in list(_rows(path))[1:] if row]
    games += [row[3] for row in list(_rows(folder / "conda" / "train.csv"))[1:]]
    songs = [row for path in _files(folder / "youtube_spam") for row in list(_rows(path))[1:]]
    offence = list(_rows(data_set("safety") / "cold_zh" / "train.csv"))[1:]
    return [
        *(Labelled(text, said, "zh", "videos") for text in _drawn(videos)),
        *(Labelled(text, said, "en", "games") for text in _drawn(games)),
        *(Labelled(row[3][:LONGEST], Said.CONTACT if row[4] == "1" else said, "en", "songs") for row in songs),
        *(Labelled(text, Said.ABUSE, "zh", "offence") for text in _drawn([row[4] for row in offence if row[3] == "1"])),
        *(Labelled(text, said, "zh", "offence") for text in _drawn([row[4] for row in offence if row[3] == "0"])),
    ]


def replayed() -> list[str]:
    """Marked comments on videos, of which nothing was learned: chatter that a room would see. Raises NoData."""
    return _drawn(
        [row[1] for path in _files(data_set("comments") / "danmaku_marked") for row in _rows(path) if len(row) > 1]
    )


def _drawn(texts: Sequence[str]) -> list[str]:
    distinct = [text for text in dict.fromkeys(texts) if 0 < len(text) <= LONGEST]
    return random.Random(SEED).sample(distinct, min(DRAWN, len(distinct)))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("**/*.csv"))


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        yield from csv.reader(lines)
