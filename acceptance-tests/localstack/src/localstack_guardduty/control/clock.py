"""The emulated time that waits are measured in; it runs faster than the real one.

Timestamps in answers are real time: only durations (a list's activation) follow this clock.
"""

import threading
import time

DEFAULT_RATE = 900.0  # GuardDuty's 15 minutes of ACTIVATING pass in one second


class Clock:
    """Emulated seconds since the start: `rate` of them per real second, plus jumps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rate = DEFAULT_RATE
        self._emulated = 0.0
        self._real = time.monotonic()

    def now(self) -> float:
        """Emulated seconds since the server started."""
        with self._lock:
            return self._now()

    def set(self, rate: float | None, advance_seconds: float) -> None:
        """Changes the rate from now on (None keeps it) and jumps ahead; time never goes back."""
        if advance_seconds < 0 or (rate is not None and rate < 0):
            raise ValueError("rate and advance_seconds cannot be negative")
        with self._lock:
            self._emulated = self._now() + advance_seconds
            self._real = time.monotonic()
            if rate is not None:
                self._rate = rate

    def state(self) -> dict[str, float]:
        """What the control plane reports."""
        with self._lock:
            return {"rate": self._rate, "now_seconds": self._now()}

    def _now(self) -> float:
        return self._emulated + (time.monotonic() - self._real) * self._rate


CLOCK = Clock()
