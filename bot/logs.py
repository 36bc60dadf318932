"""What operators read: one line an event on standard error, as text for a terminal and as JSON for everything else.

An exception shows as where it was raised and what it says: variables hold tokens and what customers wrote, and source lines
tell nothing that file and line do not. Nothing leaves here unredacted.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from bot.redaction import redacted, redacted_values

_STACKS = ExceptionDictTransformer(show_locals=False, use_rich=False)


def configure_logs(level: int = logging.INFO) -> None:
    """Send structlog's events and the libraries' own records to standard error, from `level` on."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [structlog.processors.ExceptionRenderer(_STACKS), _redacted]
    if terminal:
        last += [_exception_as_text, structlog.dev.ConsoleRenderer()]
    else:
        last.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def exception_text(error: BaseException) -> str:
    """An exception and what led to it, for people: files, lines, functions and messages, without secrets."""
    return redacted(_text(_STACKS((type(error), error, error.__traceback__))))


def _redacted(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redacted_values(value) for key, value in event.items()}


def _exception_as_text(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "exception" in event:
        event["exception"] = _text(event["exception"])
    return event


def _text(stacks: Sequence[dict[str, Any]]) -> str:
    """The stacks of an exception, what was raised first on top; those of a group after it."""
    lines: list[str] = []
    for stack in reversed(stacks):
        lines += [f"  {frame['filename']}:{frame['lineno']} in {frame['name']}" for frame in stack["frames"]]
        lines.append(f"{stack['exc_type']}: {stack['exc_value']}")
        lines += [f"  {note}" for note in stack["exc_notes"]]
        lines += [_text(inner) for inner in stack["exceptions"]]
    return "\n".join(lines)
