"""Lines as they stand on a page, and the paragraphs that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Lines further apart than this many line heights belong to different paragraphs.
PARAGRAPH_GAP = 0.75


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, and where it stands: distances from the top of the page, in any unit."""

    text: str
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """How high the line is."""
        return self.bottom - self.top


def is_far(before: Line, line: Line) -> bool:
    """Whether a line begins another paragraph than the one before it."""
    return line.top - before.bottom > before.height * PARAGRAPH_GAP


def joined(lines: Sequence[Line]) -> str:
    """One paragraph: a line break is a space between Latin words, and nothing between Chinese characters."""
    text = lines[0].text
    for line in (line.text for line in lines[1:]):
        listed = line[:1] in "-•·" or line[:2].rstrip(".、)").isdigit()
        glue = "\n" if listed else (" " if text[-1:].isascii() and line[:1].isascii() else "")
        text += glue + line
    return text
