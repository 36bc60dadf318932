"""Shapes of the mouth, by the fifteen names that avatars know (`sil`, `PP`, `aa`, ...), from phonemes and sound. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from channels.stage.voice.clips import RATE, Sound, Timing

SILENT, OPEN = "sil", "aa"
# IPA symbols, and the capitals that Kokoro's alphabet has for English diphthongs.
_SHAPES = {
    "aa": "aɑɐæʌɒWI",
    "E": "eɛəɚɜɤAᵊ",
    "I": "iɪɨyᵻ",
    "O": "oɔOQY",
    "U": "uʊwɥɯ",
    "PP": "pbm",
    "FF": "fv",
    "TH": "θð",
    "DD": "tdlɾT",
    "nn": "nŋɲɳ",
    "kk": "kɡgxhç",
    "CH": "ʧʤʃʒꭧɕʨʂʐʈɖj",
    "SS": "szʦʣ",
    "RR": "ɹɻrʁ",
}
_VISEMES = {symbol: viseme for viseme, symbols in _SHAPES.items() for symbol in symbols}
# Tones and length belong to the sound before them, stress to the one after it.
_MARKS = frozenset("→↗↘↓ːʰʲ̃")
_STRESS = frozenset("ˈˌ")
# Frames of loudness, in seconds; quieter than this share of the loudest one the mouth is closed.
FRAME_S, QUIET = 0.04, 0.12


def viseme(phoneme: str) -> str:
    """The shape of one phoneme; silence for pauses and what is no sound."""
    return _VISEMES.get(phoneme, SILENT)


def track(phonemes: Iterable[tuple[str, float]], start: float = 0.0) -> list[Timing]:
    """Phonemes with the seconds that each takes, as timings from `start` on; marks lengthen their sound."""
    timings: list[Timing] = []
    stress, begun = "", start
    for phoneme, seconds in phonemes:
        end = begun + seconds
        if phoneme in _STRESS:
            stress += phoneme
        elif phoneme in _MARKS and timings:
            last = timings.pop()
            timings.append(Timing(last.start, end, last.phoneme + phoneme, last.viseme))
            start = end
        else:
            timings.append(Timing(start, end, stress + phoneme, viseme(phoneme)))
            stress, start = "", end
        begun = end
    return timings


def from_loudness(sound: Sound) -> list[Timing]:
    """Where no phonemes are known: the mouth is open while the sound is not quiet."""
    frame = int(FRAME_S * RATE)
    cut = sound[: len(sound) // frame * frame].reshape(-1, frame)
    power = np.sqrt(np.square(cut).mean(axis=1))
    timings: list[Timing] = []
    for number, is_open in enumerate(power > QUIET * power.max(initial=0.0)):
        shape, start = OPEN if is_open else SILENT, number * FRAME_S
        if timings and timings[-1].viseme == shape:
            start = timings.pop().start
        timings.append(Timing(start, (number + 1) * FRAME_S, "", shape))
    return timings
