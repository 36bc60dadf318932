"""The engine without sound: it says how long a clause would take, for pages that only show it."""

from __future__ import annotations

import numpy as np

from channels.stage.pace import expected_s
from channels.stage.voice.clips import Clip, Timing
from channels.stage.voice.visemes import SILENT


class Captions:
    """`Engine` that never fails."""

    async def say(self, clause: str, language: str, voice: str) -> Clip:
        """Silence of the length of the clause."""
        seconds = expected_s(clause)
        return Clip(clause, seconds, np.zeros(0, np.float32), (Timing(0.0, seconds, clause, SILENT),))
