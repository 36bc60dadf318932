"""What viewers are shown of a room, as fields of frames: see docs/live-protocol.md. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from channels.live.shelf import Shelf
from channels.live.triage import Comment, Question

# Names shown with a reply; the rest is a number.
NAMES: Final = 3


def digest(secret: str) -> str:
    """What everybody may know of a viewer's token, or of a delivery's id, which holds one."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def public_id(token: str, message_id: str) -> str:
    """A comment's id that is unique in the room and gives no token away."""
    return f"{digest(token)}-{message_id}"


def message_of(comment_id: str) -> str:
    """The id that whoever wrote a comment gave it, of its public one."""
    return comment_id.partition("-")[2]


def platform_token(source: str, author: str) -> str:
    """Who somebody of a platform is in our rooms. No token of our pages has this form: nobody comes in as them."""
    return f"{source}:{author}"


def source_of(token: str) -> str:
    """The source through which somebody speaks; empty for viewers of our own room."""
    source, colon, _ = token.partition(":")
    return source if colon else ""


def askers(*questions: Question) -> dict[str, Any]:
    """Who asked the questions that one reply answers."""
    comments = [comment for question in questions for comment in question.comments]
    return {
        "answers": [comment.id for comment in comments],
        "asked": len({comment.viewer for comment in comments}),
        "names": list(dict.fromkeys(comment.name for comment in comments))[:NAMES],
        "question": questions[0].first.text,
    }


def said(comment: Comment) -> dict[str, Any]:
    """A comment."""
    return {
        "type": "comment",
        "id": comment.id,
        "viewer": comment.viewer,
        "name": comment.name,
        "text": comment.text,
        "at": comment.at.isoformat(),
        "product": comment.on_screen,
    }


def name_in(history: Iterable[Mapping[str, Any]], tag: str) -> str:
    """The name under which the viewer of this tag spoke last; empty where they did not."""
    names = [str(line["name"]) for line in history if line["type"] == "comment" and line["viewer"] == tag]
    return names[-1] if names else ""


def shelf_body(shelf: Shelf) -> dict[str, Any]:
    """What is sold, and what is on screen."""
    return {"shelf": list(shelf.items), "on_screen": shelf.on_screen}
