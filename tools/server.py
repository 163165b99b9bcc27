"""LocalStack with our GuardDuty plugin, started for as long as a `with` block lasts.

It only speaks to the launcher of acceptance-tests/localstack, which knows how LocalStack is set up.
"""

import json
import select
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from progress import end, tail

READY_WITHIN_SECONDS = 120
END_WITHIN_SECONDS = 5


class ServerFailed(Exception):
    """LocalStack did not start, or refused what was asked of its control plane."""


class LocalStack:
    """A server on a free port of 127.0.0.1; it also ends when this process does, however that dies."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.endpoint = ""

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as errors:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "localstack_guardduty", "--exit-with-stdin"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        try:
            self.endpoint = self._ready_line()["endpoint"]
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def inject_finding(self, account: str, region: str, finding: dict[str, Any]) -> dict[str, Any]:
        """Lets GuardDuty find `finding` (camelCase, as in an event's `detail`) in an account's region."""
        body = json.dumps({"account": account, "region": region, "finding": finding}).encode()
        request = urllib.request.Request(f"{self.endpoint}/_guardduty/findings", body, method="POST")
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ServerFailed(f"LocalStack refused the finding: {error.read().decode(errors='replace')}") from error

    def _end(self) -> None:
        """Lets the launcher end by itself, as its standard input does, and ends it otherwise."""
        assert self.child.stdin is not None
        self.child.stdin.close()
        try:
            self.child.wait(END_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        end(self.child)

    def _ready_line(self) -> dict[str, Any]:
        """What the launcher says, in one line of JSON, as soon as LocalStack answers."""
        output = self.child.stdout
        assert output is not None
        readable, _, _ = select.select([output], [], [], READY_WITHIN_SECONDS)
        line = output.readline() if readable else b""
        if not line:
            raise ServerFailed(f"LocalStack did not start:\n{tail(self.log, 20)}")
        return json.loads(line)
