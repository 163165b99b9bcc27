"""The server as a process: what it prints, where it listens, and that nothing of it stays."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from waiting import until

COMMAND = [sys.executable, "-m", "localstack_guardduty"]


@pytest.fixture
def start(tmp_path):
    """Starts the command in a folder for temporary files of its own."""
    started = []

    def run(*options):
        process = subprocess.Popen(
            [*COMMAND, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path)},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text()


def test_it_tells_its_place_and_ends_with_its_input(start, tmp_path):
    process = start("--exit-with-stdin", "--log", str(tmp_path / "log"))
    place = json.loads(process.stdout.readline())
    assert place["endpoint"] == f"http://127.0.0.1:{place['port']}"
    with urllib.request.urlopen(f"{place['endpoint']}/_localstack/health", timeout=5) as answer:
        services = json.load(answer)["services"]
    assert {"guardduty", "ecs", "events", "stepfunctions"} <= set(services)
    assert is_alive(place["pid"])
    process.stdin.close()
    assert process.wait(10) == 0
    assert not is_alive(place["pid"])
    assert [each.name for each in tmp_path.iterdir()] == ["log"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal(start, tmp_path, number):
    process = start()
    place = json.loads(process.stdout.readline())
    process.send_signal(number)
    assert process.wait(10) == 0
    assert not is_alive(place["pid"])
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_when_the_launcher_is_killed(start, tmp_path):
    process = start()
    place = json.loads(process.stdout.readline())
    process.kill()
    process.wait(5)
    until(lambda: not is_alive(place["pid"]))
    until(lambda: list(tmp_path.iterdir()) == [])


def test_a_port_that_is_taken(start, server):
    process = start("--port", str(server.port))
    assert process.wait(30) == 1
    assert "cannot listen: " in process.stderr.read()
    assert process.stdout.read() == ""


def test_only_127_0_0_1_listens(server):
    listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    ours = [line.split()[3] for line in listening.splitlines() if f"pid={server.pid}," in line]
    assert ours == [f"127.0.0.1:{server.port}"]


def test_a_model_that_is_missing_is_said(tmp_path):
    code = "from localstack_guardduty import gateway; gateway.use_newest_model()"
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.prefix = '{tmp_path}'; {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "run this package's install script" in run.stderr
