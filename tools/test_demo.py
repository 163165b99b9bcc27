"""Tests of what the demo does when it can't go on: it says one line, fails, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator
from urllib.parse import urlsplit

import pytest

DEMO = Path(__file__).with_name("demo.py")
LIMIT_SECONDS = 120


class Demo:
    """A demo that runs, with temporary files and a process group of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        places = {"TMPDIR": str(self.temporary), "TFGD_LOGS": str(folder / "logs")}
        (folder / "logs").mkdir()
        self.told: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, DEMO],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | places | environment,
            start_new_session=True,
        )

    def until(self, beginning: str) -> str:
        """Reads until a line that begins so, and returns it."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.told.append(line)
            if line.startswith(beginning):
                return line
        raise AssertionError(f"it never said {beginning!r}:\n{''.join(self.told)}")

    def end(self) -> tuple[int, list[str]]:
        """Its exit status, and the lines of its complaint."""
        rest, complaint = self.process.communicate(timeout=LIMIT_SECONDS)
        self.told.append(rest)
        return self.process.returncode, complaint.splitlines()

    def expect_nothing_left(self) -> None:
        [endpoint] = re.findall(r"http://\S+?(?=,)", "".join(self.told))
        address = urlsplit(endpoint)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname or "", address.port or 0)).close()
        assert list(self.temporary.iterdir()) == []
        with pytest.raises(ProcessLookupError):
            os.killpg(self.process.pid, 0)


def with_option(folder: Path, command: str, option: str) -> str:
    """A `tofu` that adds an option of its own to one command."""
    tofu = folder / "tofu"
    lines = ["#!/bin/sh", f"[ $1 = {command} ] && set -- \"$@\" {option}", f"exec {os.environ['TFGD_TOFU']} \"$@\""]
    tofu.write_text("\n".join(lines) + "\n")
    tofu.chmod(0o755)
    return str(tofu)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Starts demos, of which none outlives the test."""
    started: list[Demo] = []

    def begin(**environment: str) -> Demo:
        started.append(Demo(tmp_path, **environment))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
            each.process.wait(LIMIT_SECONDS)


def test_ctrl_c_in_the_midst_of_the_apply_leaves_nothing(start) -> None:
    demo = start()
    demo.until("tofu plan")
    time.sleep(1)  # by now the apply writes
    os.killpg(demo.process.pid, signal.SIGINT)
    status, complaint = demo.end()
    assert (status, complaint) == (130, ["demo: stopped by SIGINT"])
    demo.expect_nothing_left()


def test_an_untruth_ends_it_with_one_line(start, tmp_path: Path) -> None:
    # A destroy that does not reach everything: the demo finds out by itself, as the CLI calls it a success.
    demo = start(TFGD_TOFU=with_option(tmp_path, "destroy", "-target=guardduty_finding_rule.alert"))
    status, complaint = demo.end()
    assert status == 1
    assert re.fullmatch(r"demo: after the destroy \d+ things are not as they were before the apply", complaint[-1])
    assert not any("Traceback" in line for line in complaint)
    demo.expect_nothing_left()


def test_a_command_that_fails_ends_it_with_its_output(start, tmp_path: Path) -> None:
    demo = start(TFGD_TOFU=with_option(tmp_path, "plan", "one-too-many"))
    status, complaint = demo.end()
    assert status == 1
    assert complaint[-1] == "demo: tofu plan failed with exit status 1"
    assert complaint[0] == "Error: Too many command line arguments"
    demo.expect_nothing_left()
