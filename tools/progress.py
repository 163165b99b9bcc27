"""Runs a command and shows that time passes while it does.

A terminal sees one line with the seconds and the command's newest line; anything else a line every 15 seconds.
It knows nothing of what the commands are.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Mapping, NoReturn, Sequence

TELL_EVERY_SECONDS = 15
END_WITHIN_SECONDS = 10
LINE_COLUMNS = 70


CALLED_OFF = threading.Event()
"""Set, it ends what other threads run."""


class CalledOff(Exception):
    """Another thread ended what this one ran."""


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: unwinds everything, so that each `with` and `finally` cleans up what is its own.

    Not an `Exception`, so that no library takes it for a fault of its own and wraps it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.exit_status = 128 + number


def unwind_on_signals() -> None:
    """Turns the first SIGINT, SIGTERM or SIGHUP into `Stopped`; later ones don't disturb the clean-up."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)


def say(text: str) -> None:
    """Prints a line at once, also into a pipe."""
    print(text, flush=True)


class Clock:
    """The seconds since it was made, told now and then."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started = time.monotonic()
        self.told = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def tick(self, newest: str = "") -> None:
        """Tells the time, unless it is too early for that."""
        line = f"{self.name}  {self.seconds:.0f} s  {newest[:LINE_COLUMNS]}"
        if sys.stdout.isatty():
            print(f"\r\033[K{line}", end="", flush=True)
        elif self.seconds - self.told >= TELL_EVERY_SECONDS:
            self.told = self.seconds
            say(line)

    def clear(self) -> None:
        """Takes the line back from a terminal."""
        if sys.stdout.isatty():
            print("\r\033[K", end="", flush=True)


def run(
    name: str,
    command: Sequence[str | Path],
    log: Path,
    *,
    cwd: Path,
    environment: Mapping[str, str],
    limit_seconds: float,
) -> int:
    """Runs `command` with its whole output in `log` and returns its exit status.

    Past `limit_seconds` it is ended, and the status is that of `timeout`, 124; `CALLED_OFF` raises. Whatever else interrupts the wait
    ends it too: the command gets a process group of its own, and nothing of that is left.
    """
    clock = Clock(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(environment),
            start_new_session=True,
        )
        try:
            while child.poll() is None and clock.seconds < limit_seconds:
                if CALLED_OFF.is_set():
                    raise CalledOff
                clock.tick(newest_line(log))
                time.sleep(0.1)
            return 124 if child.poll() is None else child.returncode
        finally:
            end(child)
            clock.clear()


def end(child: subprocess.Popen[bytes]) -> None:
    """Ends a child and its process group: SIGTERM, and SIGKILL for what is left."""
    if child.poll() is None:
        signal_group(child, signal.SIGTERM)
        try:
            child.wait(END_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    signal_group(child, signal.SIGKILL)
    child.wait()


def signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM where only a zombie is left
        pass


def newest_line(log: Path) -> str:
    """The last line of a file that is still written to."""
    with log.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 400))
        lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def tail(log: Path, lines: int = 40) -> str:
    """The end of a log, to show after a failure."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
