"""Training Rasa on the splits: `python -m evals.rasa.train [set ...]`. A model is kept under the hash of what it is made of.

DIET learns slowly on a processor: BANKING77 takes an hour. What is trained is never trained again for the same data.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from bot.errors import StreamdeskError
from bot.settings import Settings
from evals.data import NoData
from evals.rasa.environment import HOME, ONE_THREAD, PACKAGES, Usage, rasa_command, run
from evals.rasa.splits import SPLITS, Example, Split

_LANGUAGES = {"JiebaTokenizer": "zh", "WhitespaceTokenizer": "en"}
CONFIG = Path("config.yml")
MODEL = "model.tar.gz"
# The bot's content as far as Rasa 3.6 understands it: flows are CALM's, which it does not know.
DOMAIN = Path("bot")
DATA = (Path("bot/data/nlu"), Path("bot/data/rules.yml"))


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and what training it took."""

    folder: Path
    usage: Usage

    @property
    def model(self) -> Path:
        """The model's archive."""
        return self.folder / MODEL


# ---------------------------------------------------------------- the splits


def config(split: Split, pipeline: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rasa's configuration for a split: the pipeline of config.yml with the split's tokenizer and epochs."""
    tokenizer, *rest = pipeline
    components = [
        {**part, "epochs": split.epochs, "random_seed": 13} if part["name"] == "DIETClassifier" else part for part in rest
    ]
    return {
        "recipe": "default.v1",
        "language": _LANGUAGES[split.tokenizer],
        "pipeline": [{**tokenizer, "name": split.tokenizer}, *components],
    }


def training_file(examples: Sequence[Example]) -> bytes:
    """Examples in Rasa's JSON, in which brackets of a text are brackets; in its YAML they would mark entities."""
    rows = [{"text": text, "intent": intent, "entities": []} for text, intent in examples]
    return orjson.dumps({"rasa_nlu_data": {"common_examples": rows}})


def kept(split: Split, home: Path = HOME) -> Trained | None:
    """The model of exactly this data and configuration, where it has been trained."""
    folder = _split_folder(split, home)
    note = folder / "training.json"
    return Trained(folder, Usage(**orjson.loads(note.read_bytes()))) if note.is_file() else None


def train(split: Split, home: Path = HOME) -> Trained:
    """Train Rasa on a split, on one thread. Raises NoData and RasaFailed."""
    with TemporaryDirectory(prefix="streamdesk-rasa-") as made:
        data, configuration = Path(made) / "nlu.json", Path(made) / "config.yml"
        data.write_bytes(training_file(split.train))
        configuration.write_bytes(orjson.dumps(_config(split)))  # JSON is YAML
        options = ("nlu", "--nlu", str(data), "--config", str(configuration))
        return _train(_split_folder(split, home), *options, home=home)


def _config(split: Split) -> dict[str, Any]:
    return config(split, Settings.load().pipeline)


def _split_folder(split: Split, home: Path) -> Path:
    parts = (orjson.dumps(PACKAGES), orjson.dumps(_config(split), option=orjson.OPT_SORT_KEYS), training_file(split.train))
    return home / f"{split.name}-{hashlib.sha256(b'|'.join(parts)).hexdigest()[:12]}"


# ---------------------------------------------------------------- the bot


def content() -> tuple[str, ...]:
    """The options that name the bot's content to Rasa's commands."""
    return ("--domain", str(DOMAIN), "--data", *map(str, DATA), "--config", str(CONFIG))


def bot_model(home: Path = HOME) -> Path:
    """The model of the bot's content as it is. Raises NoData where it has not been trained."""
    model = _bot_folder(home) / MODEL
    if not model.is_file():
        raise NoData("Rasa has not learned the bot's content as it is now; `python -m evals.rasa.setup` trains it.")
    return model


def train_bot(home: Path = HOME) -> Trained:
    """Train Rasa on the bot's content, responses and rules included. Raises NoData and RasaFailed.

    The first time takes some twenty minutes; later, Rasa trains only what its cache does not hold.
    """
    cache = {"RASA_CACHE_DIRECTORY": str((home / "cache").absolute()), "RASA_MAX_CACHE_SIZE": "1000"}
    return _train(_bot_folder(home), *content(), home=home, environment=cache)


def _bot_folder(home: Path) -> Path:
    """By everything that the model is made of; comments count, too."""
    folders = (DOMAIN / "data/nlu", DOMAIN / "data/responses")
    files = (
        DOMAIN / "domain.yml",
        DOMAIN / "data/rules.yml",
        *(file for folder in folders for file in folder.glob("**/*.yml")),
    )
    settings = Settings.load()
    digest = hashlib.sha256(orjson.dumps((PACKAGES, settings.language, settings.pipeline, settings.policies)))
    for file in sorted(files):
        digest.update(file.read_bytes())
    return home / f"bot-{digest.hexdigest()[:12]}"


# ---------------------------------------------------------------- both


def _train(folder: Path, *options: str, home: Path, environment: Mapping[str, str] | None = None) -> Trained:
    command = (str(rasa_command(home)), "train", *options, "--out", str(folder), "--fixed-model-name", MODEL)
    folder.mkdir(parents=True, exist_ok=True)
    usage = run(command, {**ONE_THREAD, **(environment or {})})
    (folder / "training.json").write_bytes(orjson.dumps(asdict(usage)))
    return Trained(folder, usage)


def main() -> None:
    """Train what is not trained yet, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="set", help=f"of {', '.join(SPLITS)}; all where none is named")
    names = parser.parse_args().sets or list(SPLITS)
    unknown = [name for name in names if name not in SPLITS]
    if unknown:
        parser.error(f"there is no set {unknown[0]!r}; there are {', '.join(SPLITS)}.")
    try:
        for name in names:
            split = SPLITS[name]()
            if kept(split):
                print(f"{name}: trained before", flush=True)
                continue
            print(f"{name}: {len(split.train)} examples, {split.epochs} epochs ...", flush=True)
            usage = train(split).usage
            print(f"{name}: {usage.cpu_s:.0f} s of the processor, {usage.peak / 1e9:.1f} GB", flush=True)
    except StreamdeskError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
