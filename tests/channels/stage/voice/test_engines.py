"""Every engine fulfils one contract; and what each does when something is wrong."""

import asyncio
from pathlib import Path

import httpx
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from bot.errors import BadSettings, ModelUnavailable
from channels.stage.voice import kokoro_files
from channels.stage.voice.captions import Captions
from channels.stage.voice.clips import RATE, Clip, ClipStore
from channels.stage.voice.kokoro import DURATIONS, FRAME, Kokoro, styles_in, with_durations
from channels.stage.voice.openai import OpenAISpeech
from channels.stage.voice.phonemes import Phonemes
from channels.stage.voice.speech import Engine, Speech

VOCABULARY = {symbol: number for number, symbol in enumerate("abcdefghijklmnopqrstuvwxyz ,.", 1)}


def tiny_graph(*, durations: bool = True) -> bytes:
    """The inputs and outputs of Kokoro: every token takes two frames, and the sound is the voice's first number."""
    name = DURATIONS if durations else "other"
    nodes = [
        helper.make_node("Cast", ["tokens"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["real", "nought"], ["noughts"]),
        helper.make_node("Add", ["noughts", "two"], [name]),
        helper.make_node("ReduceSum", [name], ["frames"], keepdims=0),
        helper.make_node("Mul", ["frames", "frame"], ["samples"]),
        helper.make_node("Cast", ["samples"], ["length"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["length", "one"], ["shape"]),
        helper.make_node("Slice", ["style", "zero", "one", "axis"], ["level"]),
        helper.make_node("Reshape", ["level", "one"], ["flat"]),
        helper.make_node("Mul", ["flat", "speed"], ["loud"]),
        helper.make_node("Expand", ["loud", "shape"], ["audio"]),
    ]
    constants = [
        helper.make_tensor("nought", TensorProto.FLOAT, [], [0.0]),
        helper.make_tensor("two", TensorProto.FLOAT, [], [2.0]),
        helper.make_tensor("frame", TensorProto.FLOAT, [], [float(FRAME)]),
        helper.make_tensor("one", TensorProto.INT64, [1], [1]),
        helper.make_tensor("zero", TensorProto.INT64, [1], [0]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, None]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    outputs = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, [None])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def tiny_kokoro(folder: Path) -> Kokoro:
    np.full((510, 256), 0.25, "<f4").tofile(folder / "zf_test.bin")
    return Kokoro(with_durations(tiny_graph()), VOCABULARY, styles_in(folder), str.lower)


def served(answer: httpx.Response) -> OpenAISpeech:
    server = httpx.AsyncClient(base_url="http://speech.test/v1/", transport=httpx.MockTransport(lambda _: answer))
    return OpenAISpeech(server, "tts-1")


def tone(rate: int = RATE) -> bytes:
    sound = (0.3 * np.sin(np.arange(rate) / rate * 2 * np.pi * 440)).astype(np.float32)
    content = bytearray(Clip.of("", sound).wav())
    content[24:28] = rate.to_bytes(4, "little")
    return bytes(content)


@pytest.fixture(params=["kokoro", "openai", "captions"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    makers = {
        "kokoro": lambda: tiny_kokoro(tmp_path),
        "openai": lambda: served(httpx.Response(200, content=tone())),
        "captions": Captions,
    }
    made: Engine = makers[request.param]()
    return made


async def test_what_every_engine_keeps_to(engine: Engine) -> None:
    clip = await engine.say("hello there,", "en", "zf_test")
    assert clip.text == "hello there,"
    assert clip.seconds > 0
    assert clip.sound.dtype == np.float32
    assert clip.sound.ndim == 1
    assert not len(clip.sound) or clip.seconds == pytest.approx(len(clip.sound) / RATE)
    starts = [timing.start for timing in clip.timings]
    assert starts == sorted(starts)
    assert clip.timings[0].start >= 0
    assert clip.timings[-1].end <= clip.seconds + 0.04
    assert all(timing.viseme for timing in clip.timings)


async def test_what_is_said_again_is_not_made_again(engine: Engine) -> None:
    speech = Speech({"it": (engine, {"en": "zf_test"})})
    first = [clip async for clip in speech.say("Hello there, it is ¥5.", "en", "it")]
    again = [clip async for clip in speech.say("Hello there, it is ¥5.", "en", "it")]
    assert " ".join(clip.text for clip in first) == "Hello there, it is five yuan."
    assert all(one is other for one, other in zip(first, again, strict=True))


async def test_two_who_want_the_same_wait_for_one() -> None:
    made: list[str] = []

    class Counting(Captions):
        async def say(self, clause: str, language: str, voice: str) -> Clip:
            made.append(clause)
            await asyncio.sleep(0)
            return await super().say(clause, language, voice)

    speech = Speech({"it": (Counting(), {"zh": ""})}, ClipStore())
    await asyncio.gather(*(speech.prepare("现在九十九元。", "zh", "it") for _ in range(3)))
    assert made == ["现在九十九元。"]


# ---------------------------------------------------------------- Kokoro


async def test_kokoro_gives_each_phoneme_its_frames_and_trims_the_silence_before_them(tmp_path: Path) -> None:
    async with tiny_kokoro(tmp_path) as engine:
        clip = await engine.say("abc", "en", "zf_test")
    assert [timing.phoneme for timing in clip.timings] == ["a", "b", "c"]
    assert clip.timings[0].start == pytest.approx(0.02)
    assert [timing.end - timing.start for timing in clip.timings] == pytest.approx([0.05] * 3)
    assert clip.seconds == pytest.approx(0.02 + 3 * 0.05 + 0.05)
    assert clip.sound[100] == pytest.approx(0.25)


async def test_kokoro_says_what_it_cannot_do(tmp_path: Path) -> None:
    async with tiny_kokoro(tmp_path) as engine:
        with pytest.raises(BadSettings, match=r"zf_other.*There are zf_test"):
            await engine.say("abc", "en", "zf_other")
        with pytest.raises(ModelUnavailable, match="0 phonemes"):
            await engine.say("12", "en", "zf_test")
        with pytest.raises(ModelUnavailable, match="600 phonemes"):
            await engine.say("a" * 600, "en", "zf_test")


def test_a_graph_that_is_not_kokoro_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no export of Kokoro"):
        with_durations(tiny_graph(durations=False))
    with pytest.raises(ModelUnavailable, match="cannot be run"):
        Kokoro(b"nonsense", VOCABULARY, styles_in(tmp_path), str)
    assert onnx.load_from_string(with_durations(tiny_graph())).graph.output[-1].name == DURATIONS


def test_a_voice_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    np.zeros(7, "<f4").tofile(tmp_path / "short.bin")
    with pytest.raises(BadSettings, match="holds 7 numbers"):
        styles_in(tmp_path)("short")


def test_files_are_checked_before_they_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part.bin").write_bytes(b"other weights")
    monkeypatch.setattr(kokoro_files, "_package", lambda name: tmp_path)
    with pytest.raises(BadSettings, match=r"package no_such_part is missing.*make voice"):
        monkeypatch.setattr(kokoro_files, "PARTS", ("no_such_part",))
        kokoro_files.read_graph()
    with pytest.raises(BadSettings, match="notice of pytest does not say 'Kokoro-82M'"):
        monkeypatch.setattr(kokoro_files, "PARTS", ("pytest",))
        kokoro_files.read_graph()
    monkeypatch.setattr(kokoro_files, "TERMS", ())
    with pytest.raises(BadSettings, match="have the SHA-256"):
        kokoro_files.read_graph()


# ---------------------------------------------------------------- a server


async def test_a_server_of_another_rate_is_resampled() -> None:
    clip = await served(httpx.Response(200, content=tone(48_000))).say("hi", "en", "coral")
    assert clip.seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(500), ModelUnavailable),
        (httpx.Response(429), ModelUnavailable),
        (httpx.Response(200, content=b"<html>"), ModelUnavailable),
        (httpx.Response(401, text="wrong key"), BadSettings),
        (httpx.Response(400, text="no such voice"), BadSettings),
    ],
)
async def test_what_a_server_does_wrong_is_said(answer: httpx.Response, error: type[Exception]) -> None:
    with pytest.raises(error, match="speech server"):
        await served(answer).say("hi", "en", "coral")


# ---------------------------------------------------------------- phonemes

DICTIONARY = {"hello": "hɛlO", "mug": "mʌɡ", "box": "bɑks", "steel": "stil", "X": "ɛks", "Q": "kju"}


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("Hello mug.", "hɛlO mʌɡ."),
        ("mugs", "mʌɡz"),
        ("boxes", "bɑksᵻz"),
        ("steelMug", "stil mʌɡ"),
        ("steelbox", "stilbɑks"),
        ("XQ", "ɛks kju"),
        ("好 mug，好", "<好> mʌɡ, <好>"),
    ],
)
def test_words_become_phonemes(text: str, phonemes: str) -> None:
    assert Phonemes(lambda han: f"<{han}>", DICTIONARY).of(text) == phonemes
