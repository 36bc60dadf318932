"""Any server that speaks OpenAI's `POST /v1/audio/speech`."""

from __future__ import annotations

import io
import wave
from fractions import Fraction

import httpx
import numpy as np

from bot.errors import BadSettings, ModelUnavailable
from channels.stage.voice.clips import RATE, Clip, Sound
from channels.stage.voice.visemes import from_loudness

_SETTING = "channels.stage.openai"


class OpenAISpeech:
    """`Engine` over HTTP. `server` has the address (`.../v1/`) and the key. Lips follow loudness."""

    def __init__(self, server: httpx.AsyncClient, model: str) -> None:
        self._server, self._model = server, model

    async def say(self, clause: str, language: str, voice: str) -> Clip:
        """Raises BadSettings for what the server refuses, ModelUnavailable where it fails or sends no sound."""
        body = {"model": self._model, "voice": voice, "input": clause, "response_format": "wav"}
        try:
            answer = await self._server.post("audio/speech", json=body)
        except httpx.HTTPError as error:
            raise ModelUnavailable(f"the speech server does not answer: {error!r}") from error
        if answer.status_code == 429 or answer.is_server_error:
            raise ModelUnavailable(f"the speech server answered {answer.status_code}")
        if answer.is_error:
            refused = f"model {self._model!r}, voice {voice!r}: {answer.status_code} {answer.text[:200]}"
            raise BadSettings(
                f"the speech server refused {refused}", where=_SETTING, remedy="Check the key, the model and the voices."
            )
        sound = read_wav(answer.content)
        return Clip.of(clause, sound, from_loudness(sound))


def read_wav(content: bytes) -> Sound:
    """A WAV file of 16 bits as mono sound at our rate. Raises ModelUnavailable for anything else."""
    try:
        with wave.open(io.BytesIO(content)) as reader:
            channels, width, rate = reader.getnchannels(), reader.getsampwidth(), reader.getframerate()
            raw = reader.readframes(reader.getnframes())  # a server that streams gives no true length: it is what there is
    except (wave.Error, EOFError) as error:
        raise ModelUnavailable(f"the speech server sent no WAV file: {error}") from error
    if width != 2 or not raw:
        raise ModelUnavailable(f"the speech server sent {len(raw)} bytes of {8 * width} bits; 16 bits are read")
    raw = raw[: len(raw) // (2 * channels) * 2 * channels]
    mono = np.frombuffer(raw, "<i2").reshape(-1, channels).mean(axis=1).astype(np.float32) / 32768
    return _resampled(mono, rate)


def _resampled(sound: Sound, rate: int) -> Sound:
    if rate == RATE:
        return sound
    from scipy.signal import resample_poly

    ratio = Fraction(RATE, rate)
    return np.asarray(resample_poly(sound, ratio.numerator, ratio.denominator), np.float32)
