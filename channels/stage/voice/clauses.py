"""Cuts spoken text into what is synthesised at once: the first piece short, so that the voice sets in soon. Pure."""

from __future__ import annotations

import re

from channels.stage.pace import expected_s

# In seconds of speech: a piece that is shorter is joined with the next one, and none is longer.
SHORTEST_S, LONGEST_S = 1.2, 6.0
# While a piece is heard the next one is made, at about two thirds of the time that it lasts: it may be so much longer.
GROWTH = 1.3

_PIECES = re.compile(r"[^,，、;；:：.。!！?？…]+[,，、;；:：.。!！?？…]*\s*")
_WORDS = re.compile(r"[A-Za-z'-]+[^\w]*|.", re.DOTALL)


def clauses(text: str) -> list[str]:
    """The pieces of a text, in order; together they are the text, but for spaces at their ends.

    The first ends at the first comma that leaves more than a word before it; later ones may grow.
    """
    pieces: list[str] = []
    for piece in (part for whole in _PIECES.findall(text) for part in _bounded(whole)):
        if pieces and expected_s(pieces[-1] + piece) <= _room(pieces):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return [piece.strip() for piece in pieces]


def _room(pieces: list[str]) -> float:
    """How long the last piece may become."""
    if expected_s(pieces[-1]) < SHORTEST_S:
        return LONGEST_S
    return min(LONGEST_S, GROWTH * expected_s(pieces[-2])) if len(pieces) > 1 else 0.0


def _bounded(piece: str) -> list[str]:
    """The piece, cut between words where it is longer than a breath."""
    parts = [""]
    for word in _WORDS.findall(piece):
        if expected_s(parts[-1] + word) > LONGEST_S:
            parts.append("")
        parts[-1] += word
    return parts
