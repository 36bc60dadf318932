"""Numbers for Prometheus, fed from the one trace record."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from bot.types import Turn

# Upper bounds in seconds: from a cached answer to a language model at its time-out.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts turns, their phases, what understood them and what went wrong. `observe` takes microseconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._turns = Counter(
            "streamdesk_turns", "Messages handled.", ("channel", "language", "stage", "mode"), registry=self.registry
        )
        self._failed = Counter(
            "streamdesk_turns_failed", "Turns that ended in an error.", ("channel",), registry=self.registry
        )
        self._seconds = Histogram(
            "streamdesk_turn_seconds", "Duration of a turn's phases.", ("phase",), buckets=SECONDS, registry=self.registry
        )

    def observe(self, turn: Turn) -> None:
        """Count a turn that is safe in the database."""
        parse = turn.parse
        language, stage = (parse.language.value, parse.stage) if parse else ("", "")
        self._turns.labels(turn.message.key.channel, language, stage, turn.mode.value).inc()
        if turn.error:
            self._failed.labels(turn.message.key.channel).inc()
        for phase, milliseconds in turn.timings.items():
            self._seconds.labels(phase).observe(milliseconds / 1000)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A gauge whose value is read when it is asked for. `name` without the prefix `streamdesk_`."""
        Gauge(f"streamdesk_{name}", meaning, registry=self.registry).set_function(read)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
