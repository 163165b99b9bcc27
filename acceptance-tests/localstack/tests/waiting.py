"""Waits for what happens by itself, with an end."""

import time
from collections.abc import Callable
from typing import Any


def until(ready: Callable[[], Any], seconds: float = 10) -> Any:
    """The first true value of `ready`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := ready()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return value
