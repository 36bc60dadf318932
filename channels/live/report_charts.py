"""The charts of a report as SVG, without scripts and styles of their own: colours come from the page's classes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from channels.live.report import Minute

# Bars in a chart over time; a longer show has several minutes in each.
BARS: Final = 120
WIDTH, HEIGHT, GAP = 720.0, 160.0, 0.15


def bucketed(minutes: Sequence[Minute]) -> tuple[int, list[Minute]]:
    """At most BARS minutes: how many were put together in each, and these."""
    size = max(1, -(-len(minutes) // BARS))
    groups = [minutes[start : start + size] for start in range(0, len(minutes), size)]
    return size, [
        Minute(group[0].at, sum(one.comments for one in group), sum(one.answers for one in group)) for group in groups
    ]


def time_chart(bars: Sequence[Minute], label: str) -> str:
    """Comments as bars and answers as narrower bars in front of them, with the highest number written at its height."""
    highest = max(max(one.comments, one.answers) for one in bars)
    step = WIDTH / len(bars)
    drawn = "".join(
        _bar("comments", number * step + step * GAP, step * (1 - 2 * GAP), one.comments / highest)
        + _bar("answers", number * step + step * 2 * GAP, step * (1 - 4 * GAP), one.answers / highest)
        for number, one in enumerate(bars)
    )
    return (
        f'<svg class="chart" viewBox="0 -14 {WIDTH:g} {HEIGHT + 16:g}" role="img" aria-label="{escape(label)}">'
        f'<line class="axis" x1="0" y1="0" x2="{WIDTH:g}" y2="0"/><text class="axis-text" x="0" y="-4">{highest}</text>'
        f'{drawn}<line class="axis" x1="0" y1="{HEIGHT:g}" x2="{WIDTH:g}" y2="{HEIGHT:g}"/></svg>'
    )


def share_bar(share: float) -> str:
    """A bar that is filled to a share of 0 to 1."""
    return (
        '<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="share-all" width="100" height="4"/>'
        f'<rect class="share-part" width="{share * 100:.1f}" height="4"/></svg>'
    )


def _bar(kind: str, left: float, width: float, share: float) -> str:
    height = HEIGHT * share
    return f'<rect class="{kind}" x="{left:.2f}" y="{HEIGHT - height:.2f}" width="{width:.2f}" height="{height:.2f}"/>'
