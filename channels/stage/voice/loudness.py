"""Even loudness and soft edges. Pure.

Loudness is that of ITU-R BS.1770-4 (K weighting, blocks of 400 ms, absolute and relative gate), as EBU R 128 uses it.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from channels.stage.voice.clips import RATE, Sound

# What voices are levelled to, in LUFS, as EBU R 128 has it: speech that loud keeps below the highest peak. And the most that
# is added, so that breath stays breath.
TARGET_LUFS, PEAK, MOST_DB = -23.0, 0.89, 18.0
FADE_S = 0.005
_BLOCK_S, _OVERLAP = 0.4, 0.75
_ABSOLUTE_LUFS, _RELATIVE_LU = -70.0, -10.0
_OFFSET = -0.691


def levelled(sound: Sound) -> Sound:
    """The sound at `TARGET_LUFS`, as far as `PEAK` and `MOST_DB` allow; silence as it is."""
    loudness = lufs(sound)
    if loudness == -math.inf:
        return sound
    gain = 10 ** (min(TARGET_LUFS - loudness, MOST_DB) / 20)
    return (sound * min(gain, PEAK / float(np.abs(sound).max()))).astype(np.float32)


def faded(sound: Sound, seconds: float = FADE_S) -> Sound:
    """The sound with a straight rise and fall at its ends, so that nothing clicks where clips meet."""
    length = min(int(seconds * RATE), len(sound) // 2)
    ramp = np.linspace(0, 1, length, endpoint=False, dtype=np.float32)
    shape = np.ones(len(sound), np.float32)
    shape[:length] = ramp
    shape[len(sound) - length :] = ramp[::-1]
    return (sound * shape).astype(np.float32)


def lufs(sound: Sound) -> float:
    """The integrated loudness of mono sound at `RATE`, in LUFS; -inf for silence. Shorter than a block, it is one block."""
    powers = _block_powers(_weighted(sound))
    loud = powers[_loudness(powers) > _ABSOLUTE_LUFS]
    if not len(loud):
        return -math.inf
    gate = float(_loudness(loud.mean())) + _RELATIVE_LU
    return float(_loudness(loud[_loudness(loud) > gate].mean()))


def _loudness(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET + 10 * np.log10(power))


def _block_powers(weighted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean square of each block; blocks overlap by three quarters."""
    block = int(_BLOCK_S * RATE)
    if len(weighted) <= block:
        return np.array([np.square(weighted).mean() if len(weighted) else 0.0])
    windows = np.lib.stride_tricks.sliding_window_view(np.square(weighted), block)
    return np.asarray(windows[:: int(block * (1 - _OVERLAP))].mean(axis=1))


def _weighted(sound: Sound) -> NDArray[np.float64]:
    from scipy.signal import lfilter

    weighted = sound.astype(np.float64)
    for numerator, denominator in _k_weighting():
        weighted = lfilter(numerator, denominator, weighted)
    return weighted


@cache
def _k_weighting() -> tuple[tuple[list[float], list[float]], ...]:
    """The two filters of BS.1770 for our rate: its high shelf, and its high pass.

    The recommendation tabulates them for 48 kHz; they are bilinear transforms of these analogue ones (frequency, Q, gain).
    """
    return _high_shelf(1681.974450955533, 0.7071752369554196, 3.999843853973347), _high_pass(
        38.13547087602444, 0.5003270373238773
    )


def _high_shelf(frequency: float, q: float, gain_db: float) -> tuple[list[float], list[float]]:
    k = math.tan(math.pi * frequency / RATE)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    scale = 1 + k / q + k * k
    numerator = [(high + band * k / q + k * k) / scale, 2 * (k * k - high) / scale, (high - band * k / q + k * k) / scale]
    return numerator, [1.0, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]


def _high_pass(frequency: float, q: float) -> tuple[list[float], list[float]]:
    k = math.tan(math.pi * frequency / RATE)
    scale = 1 + k / q + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]
