"""What is taken for what, as a picture: SVG, a row an intent as it is meant, a column an intent as it was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

# Sizes in pixels: a cell, and the room for the intents' names.
_CELL, _NAMES = 16, 180
_RIGHT, _WRONG = (33, 110, 57), (190, 40, 40)
# A cell with a single text is this dark already, of 0 to 1: it must be seen.
_FAINTEST = 0.25


def svg(true: Sequence[str], predicted: Sequence[str]) -> str:
    """The confusion matrix: green on the diagonal, red off it, as dark as the part of the intent's texts that it holds.

    The numbers of texts stand in the cells; pointing at one names both intents.
    """
    intents = sorted({*true, *predicted})
    place = {intent: number for number, intent in enumerate(intents)}
    meant = Counter(true)
    size = _NAMES + len(intents) * _CELL + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}" '
        'font-family="system-ui, sans-serif" font-size="10">',
        f"<title>{len(true)} texts: meant (rows), understood (columns)</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *(_names(intent, number) for intent, number in place.items()),
        *(
            _cell(a, b, place, times, times / meant[a])
            for (a, b), times in sorted(Counter(zip(true, predicted, strict=True)).items())
        ),
    ]
    return "\n".join([*parts, "</svg>\n"])


def _names(intent: str, number: int) -> str:
    """An intent's name before its row and, turned, above its column, and the line between it and the next."""
    middle = _NAMES + number * _CELL + _CELL / 2
    edge = _NAMES + number * _CELL
    return (
        f'<text x="{_NAMES - 6}" y="{middle + 3.5}" text-anchor="end">{escape(intent)}</text>'
        f'<text transform="translate({middle + 3.5} {_NAMES - 6}) rotate(-90)">{escape(intent)}</text>'
        f'<path d="M{_NAMES} {edge}H10000M{edge} {_NAMES}V10000" stroke="#eee"/>'
    )


def _cell(true: str, predicted: str, place: dict[str, int], times: int, part: float) -> str:
    x, y = _NAMES + place[predicted] * _CELL, _NAMES + place[true] * _CELL
    color = "rgb({} {} {})".format(*(_RIGHT if true == predicted else _WRONG))
    shade = max(_FAINTEST, part)
    return (
        f"<g><title>{escape(true)} as {escape(predicted)}: {times}</title>"
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{color}" fill-opacity="{shade:.2f}"/>'
        f'<text x="{x + _CELL / 2}" y="{y + 11.5}" text-anchor="middle" font-size="9" '
        f'fill="{"#fff" if shade > 0.5 else "#222"}">{times}</text></g>'
    )
