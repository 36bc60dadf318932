"""Kokoro-82M on this machine's processor: phonemes in, sound and the length of every phoneme out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadSettings, ModelUnavailable
from channels.stage.voice.clips import RATE, Clip, Sound
from channels.stage.voice.visemes import track

# The output of the graph that holds how many frames each token takes, and a frame in samples: 25 ms.
DURATIONS = "/encoder/Clip_output_0"
FRAME = 600
# Rows of a voice: one for each number of tokens.
LONGEST = 508
# Silence that is left before and after the words, in seconds; the model gives up to half a second.
LEAD_S, TAIL_S = 0.02, 0.15
SPEED = 1.0

Style = NDArray[np.float32]


class Kokoro:
    """`Engine` over an ONNX graph with the inputs tokens, style and speed. One clause at a time, on one thread."""

    def __init__(
        self,
        graph: bytes,
        vocabulary: Mapping[str, int],
        styles: Callable[[str], Style],
        phonemes: Callable[[str], str],
    ) -> None:
        """`graph` has the output `DURATIONS` (see `with_durations`); `styles` gives a voice by name, 510 x 1 x 256.

        Raises ModelUnavailable for a graph that cannot be run.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises types of its own for each thing that can be wrong
            raise ModelUnavailable(f"the graph of Kokoro cannot be run: {error}") from error
        self._vocabulary, self._styles, self._phonemes = vocabulary, styles, phonemes
        self._thread = ThreadPoolExecutor(1, "kokoro")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def rehearse(self, clause: str, voice: str) -> None:
        """Speak to nobody: the first time, tables are built and memory is taken, which no viewer should wait for."""
        self._speak(clause, voice, None)

    async def say(self, clause: str, language: str, voice: str) -> Clip:
        """A clause with its phonemes' times. Cancelled, the graph is left at its next node.

        Raises BadSettings for a voice that is not there, ModelUnavailable where nothing can be said.
        """
        import onnxruntime

        run = onnxruntime.RunOptions()
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._speak, clause, voice, run)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            run.terminate = True
            work.cancel()
            raise

    def _speak(self, clause: str, voice: str, run: Any) -> Clip:
        symbols = [symbol for symbol in self._phonemes(clause) if symbol in self._vocabulary]
        if not 0 < len(symbols) <= LONGEST:
            raise ModelUnavailable(f"{clause[:80]!r} has {len(symbols)} phonemes; from 1 to {LONGEST} can be spoken")
        tokens = [0, *(self._vocabulary[symbol] for symbol in symbols), 0]
        inputs = {
            "tokens": np.array([tokens], np.int64),
            "style": self._styles(voice)[len(symbols)].reshape(1, -1),
            "speed": np.array([SPEED], np.float32),
        }
        try:
            sound, frames = self._session.run([self._session.get_outputs()[0].name, DURATIONS], inputs, run)
        except Exception as error:  # as above
            raise ModelUnavailable(f"Kokoro broke off: {error}") from error
        return _clip(clause, symbols, sound.ravel(), frames.ravel())


def _clip(clause: str, symbols: list[str], sound: Sound, frames: NDArray[Any]) -> Clip:
    """Sound and timings without the silence of the first token and of the last."""
    seconds = [float(count) * FRAME / RATE for count in frames]
    lead, tail = max(0.0, seconds[0] - LEAD_S), max(0.0, seconds[-1] - TAIL_S)
    trimmed = sound[round(lead * RATE) : len(sound) - round(tail * RATE)]
    timings = track(zip(symbols, seconds[1:-1], strict=True), seconds[0] - lead)
    return Clip.of(clause, trimmed, timings)


def with_durations(graph: bytes) -> bytes:
    """The graph with the lengths of the tokens among its outputs. Raises ModelUnavailable where it reckons none."""
    import onnx

    model = onnx.load_from_string(graph)
    if not any(DURATIONS in node.output for node in model.graph.node):
        raise ModelUnavailable(f"the graph reckons no {DURATIONS}: it is no export of Kokoro that we know")
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATIONS))
    return bytes(model.SerializeToString())


def styles_in(folder: Path) -> Callable[[str], Style]:
    """Voices by name, from the folder with their files `NAME.bin`, each read once."""
    read: dict[str, Style] = {}

    def style(name: str) -> Style:
        if name not in read:
            read[name] = _read_style(folder, name)
        return read[name]

    return style


def _read_style(folder: Path, name: str) -> Style:
    there = sorted(file.stem for file in folder.glob("*.bin"))
    if name not in there:
        remedy = f"There are {', '.join(there)}." if there else "Fetch them: `make voice`."
        raise BadSettings(f"there is no voice {name!r} in {folder}.", where="channels.stage.voices.kokoro", remedy=remedy)
    values = np.fromfile(folder / f"{name}.bin", "<f4")
    if values.size != 510 * 256:
        raise BadSettings(
            f"{name}.bin holds {values.size:,} numbers, not 510 x 256.", where=str(folder), remedy="Fetch it anew."
        )
    return values.reshape(510, 1, 256).astype(np.float32)
