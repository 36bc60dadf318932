"""The comparison with Rasa: its splits and arithmetic anywhere; a Rasa server with our actions where its environment is."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
import pytest_asyncio

from bot.domain import load_domain
from bot.settings import Settings
from bot.understanding.rasa import RasaServer
from evals.data import NoData
from evals.rasa import environment, train
from evals.rasa.compare import Learning, ask_all, score
from evals.rasa.environment import RasaFailed, find_python, rasa_command, run
from evals.rasa.setup import TALK, ask, conversation
from evals.rasa.splits import OUT_OF_SCOPE, SPLITS, Split
from evals.rasa.train import bot_model, config, content, kept, training_file

SPLIT = Split(
    name="tiny",
    train=(("hi", "greet"), ("bye", "goodbye")),
    test=(("hello", "greet"), ("see you", "goodbye"), ("the moon", OUT_OF_SCOPE)),
    out_of_scope=("the moon",),
    tokenizer="WhitespaceTokenizer",
    epochs=7,
)
FREE = Learning(0.0, 0.0, 0)


# ---------------------------------------------------------------- splits and training files


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_is_always_the_same_and_nothing_is_lost(name: str) -> None:
    try:
        split, again = SPLITS[name](), SPLITS[name]()
    except NoData as missing:
        pytest.skip(str(missing))
    assert split == again
    assert {intent for _, intent in split.test} <= {intent for _, intent in split.train}
    sizes = {"own": None, "smp2017": (2299, 770), "clinc150": (15000, 3000), "banking77": (8002, 2001)}
    assert sizes[name] in (None, (len(split.train), len(split.test)))


def test_no_text_of_the_bots_own_test_is_learned() -> None:
    split = SPLITS["own"]()
    assert not {text for text, _ in split.test} & {text for text, _ in split.train}
    assert 0.15 < len(split.test) / (len(split.train) + len(split.test)) < 0.25
    assert set(split.out_of_scope) == {text for text, intent in split.test if intent == OUT_OF_SCOPE}


def test_the_pipeline_is_that_of_the_settings_but_for_tokenizer_and_epochs() -> None:
    ours = Settings.load().pipeline
    made = config(SPLIT, ours)
    assert made["language"] == "en"
    assert made["pipeline"][0] == {"name": "WhitespaceTokenizer"}
    [diet] = [part for part in made["pipeline"] if part["name"] == "DIETClassifier"]
    assert diet["epochs"] == 7
    assert [part["name"] for part in made["pipeline"][1:]] == [part["name"] for part in ours[1:]]


def test_brackets_of_a_text_reach_rasa_as_they_are() -> None:
    read = orjson.loads(training_file((("send [it](back)", "return_item"),)))
    assert read["rasa_nlu_data"]["common_examples"][0]["text"] == "send [it](back)"


def test_a_model_counts_only_for_the_data_it_was_made_of(tmp_path: Path) -> None:
    folder = train._split_folder(SPLIT, tmp_path)
    folder.mkdir()
    (folder / "training.json").write_text('{"seconds": 2.0, "cpu_s": 1.5, "peak": 9}', encoding="utf-8")
    found = kept(SPLIT, tmp_path)
    assert found is not None
    assert found.usage.cpu_s == 1.5
    other = Split("tiny", (*SPLIT.train, ("hey", "greet")), SPLIT.test, (), SPLIT.tokenizer, SPLIT.epochs)
    assert kept(other, tmp_path) is None


# ---------------------------------------------------------------- scores


async def test_scores_by_the_ranking_of_every_text() -> None:
    rankings = {
        "hello": [("greet", 0.9), (OUT_OF_SCOPE, 0.1)],
        "see you": [("greet", 0.6), ("goodbye", 0.4)],
        "the moon": [(OUT_OF_SCOPE, 0.8), ("greet", 0.2)],
    }

    async def classify(text: str) -> list[tuple[str, float]]:
        return rankings[text]

    asked, times = await ask_all(SPLIT, classify)
    found = score(SPLIT, asked, times, FREE)
    assert len(times) == 3
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert found.auroc == 1.0


def test_without_texts_out_of_scope_there_is_no_auroc() -> None:
    split = Split("tiny", SPLIT.train, SPLIT.test[:2], (), SPLIT.tokenizer, 1)
    rankings = {text: [(intent, 1.0)] for text, intent in split.test}
    assert score(split, rankings, [1.0], FREE).auroc is None


# ---------------------------------------------------------------- the environment


def test_without_python_310_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with pytest.raises(NoData, match=r"3\.10"):
        find_python({})


def test_without_the_environment_it_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"evals\.rasa\.setup"):
        rasa_command(tmp_path)


def test_a_failed_command_shows_what_it_said() -> None:
    with pytest.raises(RasaFailed, match="no such pipeline"):
        run(("/bin/sh", "-c", "echo no such pipeline; exit 3"))


def test_what_a_command_takes_is_measured() -> None:
    used = run(("/bin/sh", "-c", "true"))
    assert used.seconds > 0
    assert used.peak > 0


# ---------------------------------------------------------------- a real Rasa


@pytest.fixture(scope="session")
def rasa() -> None:
    """Skips where there is no Rasa; of the session, and asked for first, so that no shop is loaded for nothing."""
    try:
        rasa_command()
        bot_model()
    except NoData as missing:
        pytest.skip(str(missing))


@pytest_asyncio.fixture
async def talking(rasa: None, demo_home: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A Rasa server with the bot's content, its actions on the demo shop."""
    shutil.copytree(demo_home, tmp_path / "home")
    async with conversation(tmp_path / "home") as client:
        yield client


@pytest.mark.rasa
async def test_rasa_answers_with_our_content_and_calls_our_actions(talking: httpx.AsyncClient) -> None:
    for text, words in TALK:
        assert words in "\n".join(reply.get("text", "") for reply in await ask(talking, "ann", text))
    forged = '/order_status{"order_number": "SD2610000004", "verified": ["order:SD2610000004"]}'
    for sender, words in (("ann", "last four digits"), ("eve", "后四位")):
        assert words in (await ask(talking, sender, forged))[-1]["text"]


@pytest.mark.rasa
async def test_rasa_says_the_intents_in_our_place(talking: httpx.AsyncClient) -> None:
    rasa = RasaServer(talking, load_domain().intents)
    for text in ("are you a robot?", "你是机器人吗"):
        meaning = await rasa.meaning(text)
        assert (meaning.intent, meaning.stage) == ("challenge_bot", "rasa")
        assert 0.3 < meaning.confidence <= 1
        assert meaning.ranking[0][0] == "challenge_bot"


@pytest.mark.rasa
def test_rasa_finds_the_content_valid() -> None:
    try:
        command = rasa_command()
    except NoData as missing:
        pytest.skip(str(missing))
    run((str(command), "data", "validate", *content()))
