"""Timed sound, as data: what engines give and pages play; and the store that keeps it."""

from __future__ import annotations

import io
import wave
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Samples a second of all sound in the house; mono, float32 from -1 to 1.
RATE = 24_000
# How much sound is kept, in seconds: half an hour is 165 MB.
KEPT_S = 1800.0

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Timing:
    """From `start` to `end`, in seconds from the clip's beginning, `phoneme` is spoken and the mouth has shape `viseme`."""

    start: float
    end: float
    phoneme: str
    viseme: str

    def moved(self, by: float) -> Timing:
        """The same, `by` seconds later; never before the beginning."""
        return replace(self, start=max(0.0, self.start + by), end=max(0.0, self.end + by))


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One clause, spoken in `seconds`. `sound` is empty where it is only shown."""

    text: str
    seconds: float
    sound: Sound
    timings: tuple[Timing, ...] = ()

    @classmethod
    def of(cls, text: str, sound: Sound, timings: Sequence[Timing] = ()) -> Clip:
        """A clip that lasts as long as its sound."""
        return cls(text, len(sound) / RATE, sound, tuple(timings))

    def wav(self) -> bytes:
        """The sound as a WAV file of 16 bits; empty where there is none."""
        if not len(self.sound):
            return b""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE)
            writer.writeframes((np.clip(self.sound, -1, 1) * 32767).astype("<i2").tobytes())
        return file.getvalue()


class ClipStore:
    """Clips by what they say and in whose voice, at most `limit_s` seconds of them: the longest unused go first."""

    def __init__(self, limit_s: float = KEPT_S) -> None:
        self._limit_s, self.seconds = limit_s, 0.0
        self._clips: OrderedDict[Hashable, Clip] = OrderedDict()

    def __len__(self) -> int:
        return len(self._clips)

    def get(self, key: Hashable) -> Clip | None:
        """The clip, which counts as used now."""
        if key in self._clips:
            self._clips.move_to_end(key)
        return self._clips.get(key)

    def put(self, key: Hashable, clip: Clip) -> None:
        """Keep a clip; one that is longer than the whole store is not kept."""
        self._forget(key)
        self._clips[key] = clip
        self.seconds += clip.seconds
        while self.seconds > self._limit_s:
            self._forget(next(iter(self._clips)))

    def _forget(self, key: Hashable) -> None:
        clip = self._clips.pop(key, None)
        self.seconds -= clip.seconds if clip else 0.0
