"""What the host of a room is shown: one frame with all of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from bot.commerce import Money
from bot.stage import StageView
from channels.common.rendering import reply_body
from channels.live.answers import OPEN, Answers, Draft, Standing
from channels.live.links import Link
from channels.live.notes import Notes
from channels.live.shelf import Shelf

# Settled answers that are shown, the last first.
LAST: Final = 20
# The end of a queue of open answers that is shown.
MOST: Final = 60


def console(
    answers: Answers,
    notes: Notes,
    shelf: Shelf,
    now: datetime,
    *,
    links: Iterable[Link] = (),
    stage: StageView | None = None,
) -> dict[str, Any]:
    """The fields of the frame `console`: see docs/live-protocol.md. `stage` is None where the room has none."""
    drafts = answers.drafts()
    waiting = sorted(
        (draft for draft in drafts if draft.standing in OPEN), key=lambda draft: (not draft.corrects, -draft.asked, draft.at)
    )
    left = [draft for draft in drafts if draft.standing is Standing.LEFT]
    settled = [draft for draft in drafts if draft.standing in {Standing.TOLD, Standing.VETOED}]
    return {
        "mode": answers.rules.mode,
        "answers": [_draft(draft) for draft in (*waiting[:MOST], *left[: -LAST - 1 : -1], *settled[: -LAST - 1 : -1])],
        "hidden": [
            {
                "id": one.comment.id,
                "name": one.comment.name,
                "text": one.comment.text,
                "why": one.why,
                "at": _at(one.comment.at),
            }
            for one in reversed(notes.hidden.values())
        ],
        "unanswered": [
            {"id": one.id, "text": one.text, "asked": one.asked, "at": _at(one.at)}
            for one in reversed(notes.unanswered.values())
        ],
        "numbers": {
            "comments_a_minute": notes.comments_a_minute(now),
            "comments": notes.comments,
            "told": answers.counts[Standing.TOLD],
            "waiting": len(waiting),
            "left": len(left),
            "vetoed": answers.counts[Standing.VETOED],
            "hidden": notes.hidden_in_all,
            "events": dict(notes.events),
            "paid": [str(Money(minor, currency)) for currency, minor in notes.paid.items()],
        },
        "sources": [link.shown(now) for link in links],
        "shelf": list(shelf.items),
        "on_screen": shelf.on_screen,
        "stage": _stage(stage) if stage else None,
    }


def _stage(view: StageView) -> dict[str, Any]:
    return asdict(view) | {"refused": [asdict(one) | {"at": _at(one.at)} for one in reversed(view.refused)]}


def _draft(draft: Draft) -> dict[str, Any]:
    question = draft.question
    return {
        "id": draft.id,
        "state": draft.standing,
        "asked": draft.asked,
        "question": question.first.text if question else "",
        "names": list(dict.fromkeys(comment.name for comment in question.comments))[:3] if question else [],
        "at": _at(draft.at),
        "until": _at(draft.until) if draft.until else None,
        "chosen": draft.chosen,
        "edited": draft.edited,
        "corrects": list(draft.corrects),
        "void": draft.void,
        "facts": [asdict(claim) for claim in draft.reply.claims],
        **reply_body(draft.reply),
    }


def _at(moment: datetime) -> str:
    return moment.isoformat()
