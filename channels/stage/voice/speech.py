"""Text in, timed sound out, clause by clause, by whichever engine is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Protocol

from channels.stage.voice.clauses import clauses
from channels.stage.voice.clips import Clip, ClipStore
from channels.stage.voice.loudness import faded, levelled
from channels.stage.voice.spoken import spoken

# The voice of an engine for each language.
Voices = Mapping[str, str]


class Engine(Protocol):
    """Speaks one clause at a time."""

    async def say(self, clause: str, language: str, voice: str) -> Clip:
        """The clause, words and pauses only, in a voice. Cancelled, it stops soon and can be asked again.

        Raises BadSettings for a voice that it does not have, and ModelUnavailable where it cannot speak now.
        """
        ...


class Speech:
    """The voices of the house. What was said is kept, by words, voice and engine, and not made twice."""

    def __init__(self, engines: Mapping[str, tuple[Engine, Voices]], kept: ClipStore | None = None) -> None:
        self._engines = engines
        self._turns = {name: asyncio.Lock() for name in engines}
        self._kept = ClipStore() if kept is None else kept

    async def say(self, text: str, language: str, engine: str) -> AsyncIterator[Clip]:
        """A text as it stands on the screen, spoken by the engine of this name: a clip a clause, each when it is ready.

        The clips follow each other without a gap. Raises what the engine raises.
        """
        for clause in clauses(spoken(text, language)):
            yield await self._clip(clause, language, engine)

    async def prepare(self, text: str, language: str, engine: str) -> None:
        """Make the clips of a text that are not there yet, and keep them."""
        async for _ in self.say(text, language, engine):
            pass

    async def _clip(self, clause: str, language: str, name: str) -> Clip:
        """One at a time for each engine, so that what is being made in advance is waited for and not made twice."""
        engine, voices = self._engines[name]
        key = (clause, language, voices[language], name)
        async with self._turns[name]:
            clip = self._kept.get(key)
            if clip is None:
                clip = _finished(await engine.say(clause, language, voices[language]))
                self._kept.put(key, clip)
        return clip


def _finished(clip: Clip) -> Clip:
    """As loud as all others and soft at both ends."""
    return replace(clip, sound=faded(levelled(clip.sound))) if len(clip.sound) else clip
