"""Clips, their loudness and edges, the store, and where text is cut."""

import io
import itertools
import re
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.stage.pace import expected_s
from channels.stage.voice.clauses import LONGEST_S, clauses
from channels.stage.voice.clips import RATE, Clip, ClipStore
from channels.stage.voice.loudness import PEAK, TARGET_LUFS, faded, levelled, lufs
from channels.stage.voice.visemes import from_loudness, track


def tone(seconds: float, amplitude: float, frequency: float = 997.0) -> np.ndarray:
    at = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * at)).astype(np.float32)


def test_loudness_is_what_the_recommendation_says_of_its_own_test_tone() -> None:
    """BS.1770: a sine of 997 Hz at full scale in one channel has -3.01 LKFS."""
    assert lufs(tone(3, 1.0)) == pytest.approx(-3.01, abs=0.1)


@given(st.floats(0.02, 1.0), st.floats(0.1, 3.0))
def test_voices_are_equally_loud_and_never_clip(amplitude: float, seconds: float) -> None:
    even = levelled(tone(seconds, amplitude))
    assert lufs(even) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert np.abs(even).max() <= PEAK + 1e-6


def test_pauses_do_not_make_speech_louder() -> None:
    sound = tone(2, 0.3)
    assert lufs(np.concatenate([sound, np.zeros(4 * RATE, np.float32)])) == pytest.approx(lufs(sound), abs=0.6)


def test_silence_stays_silence() -> None:
    assert not levelled(np.zeros(RATE, np.float32)).any()


@given(st.integers(1, 5000))
def test_nothing_clicks_at_the_ends(length: int) -> None:
    soft = faded(np.ones(length, np.float32))
    assert len(soft) == length
    if length > 1:
        assert soft[0] < 0.51
        assert np.abs(np.diff(soft)).max() <= 1 / max(1, min(120, length // 2)) + 1e-6


def test_a_clip_is_a_wav_file_of_our_rate() -> None:
    with wave.open(io.BytesIO(Clip.of("a", tone(0.5, 0.5)).wav())) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getnframes()) == (RATE, 1, RATE // 2)


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.1, 4.0)), max_size=40))
def test_the_store_is_bounded_and_keeps_what_was_used_last(puts: list[tuple[int, float]]) -> None:
    store = ClipStore(limit_s=6)
    for key, seconds in puts:
        store.put(key, Clip(str(key), seconds, np.zeros(0, np.float32)))
        assert store.seconds <= 6
        assert store.get(key) is not None
    assert store.seconds == pytest.approx(sum(clip.seconds for k in range(10) if (clip := store.get(k))), abs=1e-6)


TEXTS = st.text(alphabet="好的现在九十九元满减 abc word，。,.!？：", max_size=200)


@given(TEXTS)
def test_clauses_are_the_text_in_pieces_of_a_breath(text: str) -> None:
    pieces = clauses(text)
    assert re.findall(r"\w", "".join(pieces)) == re.findall(r"\w", text)
    assert all(expected_s(piece) <= LONGEST_S + 2 for piece in pieces)


def test_the_voice_sets_in_at_the_first_comma() -> None:
    assert clauses("想要的朋友，请点三号链接，今天就发货。")[0] == "想要的朋友，"
    assert clauses("好，我们接着看这一款保温杯，现在九十九元。")[0] == "好，我们接着看这一款保温杯，"


@given(st.lists(st.tuples(st.sampled_from("ˈapʰ→ ŋɕ"), st.floats(0.025, 0.5)), min_size=1, max_size=30))
def test_the_track_has_no_gaps_and_no_overlaps(phonemes: list[tuple[str, float]]) -> None:
    timings = track(phonemes, 0.1)
    for before, after in itertools.pairwise(timings):
        assert before.end == pytest.approx(after.start)
    if timings:
        assert timings[0].start == pytest.approx(0.1)


def test_lips_follow_loudness_where_nothing_else_is_known() -> None:
    sound = np.concatenate([np.zeros(RATE // 2, np.float32), tone(0.5, 0.5)])
    shapes = from_loudness(sound)
    assert [timing.viseme for timing in shapes] == ["sil", "aa"]
    assert shapes[1].start == pytest.approx(0.5, abs=0.04)
