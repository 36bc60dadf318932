"""The web server as the service uses it: a signal ends it, and what comes after it is not cut off by the same signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn


class WebServer(uvicorn.Server):
    """uvicorn raises a signal again once it has stopped; accepted messages would then have no time to be handled."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop at SIGINT and SIGTERM, at the second SIGINT without waiting; afterwards signals mean what they did."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {name: signal.signal(name, self.handle_exit) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
