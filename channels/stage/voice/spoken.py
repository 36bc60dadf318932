"""What stands on a screen, as it is read aloud: prices, measures, dates and codes in words. Pure.

A voice knows letters, not signs: "¥1,680" comes out as it pleases, or not at all.
"""

from __future__ import annotations

import re

from channels.stage.voice.chinese import chinese
from channels.stage.voice.english import english
from channels.stage.voice.screen import HAN, for_the_ear

_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")


def spoken(text: str, language: str) -> str:
    """`text` as it is read in `language` (`en`, otherwise Chinese): words and pauses only, no digits, signs or emoji."""
    heard = for_the_ear(text)
    return english(heard) if language == "en" else _BETWEEN_HAN.sub("", chinese(heard))
