"""Runs one LocalStack server with this plugin as a child process, and leaves nothing of it behind.

It knows the environment LocalStack needs without Docker, not what is emulated.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

READY_SECONDS = 60
STOP_SECONDS = 2
LOG_TAIL_LINES = 30
FREE_PORT_ATTEMPTS = 3
PORT_TAKEN = "cannot listen:"


class StartError(Exception):
    """The server did not become ready; the text says why and ends with its log's tail."""


class Server:
    """A LocalStack server on 127.0.0.1; use it as a context manager."""

    def __init__(self, port: int = 0, log: Path | None = None) -> None:
        self.port = port
        self._attempts = 1 if port else FREE_PORT_ATTEMPTS
        self._folder = Path(tempfile.mkdtemp(prefix="localstack-guardduty-"))
        self._log_path = log or self._folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id of the server itself."""
        assert self._process is not None
        return self._process.pid

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the child and waits until it answers; raises `StartError` when it does not."""
        for attempt in range(1, self._attempts + 1):
            if self._attempts > 1:
                self.port = free_port()
            try:
                return self._start()
            except StartError as error:
                # Somebody may have taken the free port before the child did.
                if attempt == self._attempts or PORT_TAKEN not in str(error):
                    raise

    def _start(self) -> None:
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "localstack.runtime.main"],
                env=environment(self.port, self._folder),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for the launcher, which then stops the child
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise StartError(f"LocalStack ended with {self._process.returncode}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StartError(f"LocalStack was not ready after {READY_SECONDS} s\n{self.log_tail()}")
            time.sleep(0.1)

    def wait(self, seconds: float) -> int | None:
        """The child's exit code if it ends within `seconds`, else None."""
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ends the child (SIGTERM, then SIGKILL after two seconds) with its own, and removes its folder."""
        if self._process is not None:
            self._process.terminate()
            self.wait(STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # also a Lambda function that still runs
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log_tail(self) -> str:
        """The last lines of the server's log."""
        lines = self._log_path.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_guardduty/server", timeout=2) as answer:
                return json.load(answer) == {"pid": self.pid}
        except (OSError, ValueError):
            return False


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(port: int, folder: Path) -> dict[str, str]:
    """What LocalStack needs to run without Docker, without network and inside `folder` only."""
    kept = ("PATH", "LANG", "LC_ALL", "TZ", "LS_LOG", "DEBUG")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(Path(__file__).parent.parent),  # the child's plugin is this one
        "PYTHONDONTWRITEBYTECODE": "1",
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(folder / "localstack"),
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"localhost:{port}",
        "SQS_ENDPOINT_STRATEGY": "off",
        "LAMBDA_RUNTIME_EXECUTOR": "host",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "GUARDDUTY_PARENT_PID": str(os.getpid()),
    }
