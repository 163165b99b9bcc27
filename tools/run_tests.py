"""Runs every test there is, part by part, and sums them up: `run_tests.py [--only PART...]`.

Run it through `make test` or `make lint`, which prepare what the parts need. A part's whole output is in a log; after
a failure its end is shown. It knows how each runner counts, and nothing of what is tested.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Callable

import progress
from progress import Clock, Stopped, say

ROOT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 40 * 60
SHOWN_LINES = 200


@dataclass
class Count:
    """What a row of the summary says."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)


Counter = Callable[[str, bool, str], list[Count]]
"""Reads a part's name, whether it ended well, and its output."""


@dataclass
class Part:
    """One command, and how its tests are counted; with a `skip` it can't run here, for that reason.

    Neighbours that have a `lane` run beside those of other lanes: each of them leaves a core idle half of the time.
    """

    name: str
    command: list[str]
    count: Counter
    environment: dict[str, str] = field(default_factory=dict)
    skip: str = ""
    lane: str = ""


def parts() -> list[Part]:
    """Every part, the quick ones first."""
    cargo_test = ["cargo", "test", "--locked", "--workspace", "--no-fail-fast"]
    show = ["--", "--show-output"]
    threads = ["--test-threads", str(4 * (os.cpu_count() or 1))]  # most of an acceptance test's time is waiting
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return [
        Part("format", ["cargo", "fmt", "--all", "--check", "--", "--color", "never"], count_check),
        Part("tools", [*pytest, "tools/test_tools.py"], count_pytest),
        Part("clippy", "cargo clippy --locked --workspace --all-targets -- -D warnings".split(), count_check),
        Part(
            "rustdoc",
            ["cargo", "doc", "--locked", "--workspace", "--no-deps"],
            count_check,
            {"RUSTDOCFLAGS": "-D warnings"},
        ),
        Part(
            "deny",
            [os.environ["TFGD_DENY"], "--locked", "check", "bans", "licenses", "sources"],
            count_check,
        ),
        Part("docs", ["tools/docs", "--check"], count_check),
        Part("rust", [*cargo_test, *rust_targets(), *show], count_cargo, lane="rust"),
        Part("rust examples in docs", [*cargo_test, "--doc", *show], count_cargo, lane="rust"),
        Part("emulator", [*pytest, "acceptance-tests/localstack/tests"], count_pytest, lane="server"),
        Part("demo", [sys.executable, "tools/demo.py"], count_check, lane="server"),
        Part("demo, stopped and refuted", [*pytest, "tools/test_demo.py"], count_pytest, lane="server"),
        Part("acceptance", [*cargo_test, "--test", "acceptance", *show, *threads], count_cargo),
        *([] if os.environ.get("TFGD_TERRAFORM") else [terraform_is_absent()]),
    ]


def terraform_is_absent() -> Part:
    return Part("acceptance, terraform", [], count_check, skip="no terraform on PATH; the tests ran with tofu alone")


def rust_targets() -> list[str]:
    """Names every target that has tests, but for the acceptance tests, which are a part of their own."""
    answer = subprocess.run(
        ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    targets = [target for package in json.loads(answer.stdout)["packages"] for target in package["targets"]]
    tests = sorted(target["name"] for target in targets if "test" in target["kind"] and target["name"] != "acceptance")
    return ["--lib", "--bins", "--examples", *(option for name in tests for option in ("--test", name))]


# --- counting ---


def count_check(name: str, well: bool, _output: str) -> list[Count]:
    """A check without tests of its own counts as one."""
    return [Count(name, passed=int(well), failed=int(not well))]


CARGO_HEADING = re.compile(
    r"^\s+(?:Running (?P<source>.+) \(.*/deps/(?P<binary>.+)-[0-9a-f]{16}\)|Doc-tests (?P<documented>\S+))"
)
CARGO_RESULT = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;")
SKIPPED_TEST = re.compile(r"^skipped: (.+)")


def count_cargo(name: str, well: bool, output: str) -> list[Count]:
    """One row a test binary. A test that prints `skipped: REASON` counts as skipped, though cargo calls it passed."""
    rows: list[Count] = []
    ended = True
    for line in output.splitlines():
        if heading := CARGO_HEADING.match(line):
            if not ended:
                rows[-1].failed += 1
            rows.append(Count(f"{name}: {binary_name(heading)}"))
            ended = False
        elif rows and not ended and (skipped := SKIPPED_TEST.match(line)):
            rows[-1].notes.append(skipped[1])
        elif rows and not ended and (result := CARGO_RESULT.match(line)):
            passed, failed, ignored = map(int, result.groups())
            told = len(rows[-1].notes)
            rows[-1].passed, rows[-1].failed, rows[-1].skipped = passed - told, failed, ignored + told
            ended = True
    if not ended:  # the binary died before it could sum up
        rows[-1].failed += 1
    if not well and not any(row.failed for row in rows):  # it did not even compile
        rows.append(Count(name, failed=1))
    return [row for row in rows if row.passed or row.failed or row.skipped]


def binary_name(heading: re.Match[str]) -> str:
    """A test file's name tells more than its target's, which a library may share."""
    if heading["documented"]:
        return heading["documented"]
    unit_tests = heading["source"].startswith("unittests ")
    return heading["binary"] if unit_tests else heading["source"]


PYTEST_SUMMARY = re.compile(r"^=* ?((?:\d+ \w+(?:, )?)+) in [\d.]+s", re.MULTILINE)


def count_pytest(name: str, well: bool, output: str) -> list[Count]:
    """Reads pytest's last line."""
    summaries = PYTEST_SUMMARY.findall(output)
    words = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", summaries[-1] if summaries else "")}
    failed = words.get("failed", 0) + words.get("error", 0) + words.get("errors", 0)
    count = Count(
        name,
        passed=words.get("passed", 0) + words.get("xpassed", 0),
        failed=failed if well else max(failed, 1),
        skipped=words.get("skipped", 0) + words.get("xfailed", 0),
    )
    return [count]


# --- running ---


def run_part(part: Part, logs: Path) -> list[Count]:
    if part.skip:
        say(f"{part.name}  skipped: {part.skip}")
        return [Count(part.name, skipped=1, notes=[part.skip])]
    log = logs / f"test-{re.sub('[^a-z]+', '-', part.name)}.log"
    clock = Clock(part.name)
    status = progress.run(
        part.name,
        part.command,
        log,
        cwd=ROOT,
        environment=dict(os.environ) | {"CARGO_TERM_COLOR": "never", "RUST_BACKTRACE": "0"} | part.environment,
        limit_seconds=LIMIT_SECONDS,
    )
    counts = part.count(part.name, status == 0, log.read_text(errors="replace"))
    if any(count.failed for count in counts):
        say(what_failed(log))
        say(f"{part.name}  FAILED, {clock.seconds:.0f} s; the whole output is in {log}")
    else:
        say(f"{part.name}  ok, {clock.seconds:.0f} s")
    return counts


def run_parts(chosen: list[Part], logs: Path) -> list[Count]:
    """Runs them in order, lanes beside each other."""
    counts: list[Count] = []
    for in_lanes, neighbours in groupby(chosen, lambda part: bool(part.lane)):
        lanes: dict[str, list[Part]] = {}
        for part in neighbours:
            lanes.setdefault(part.lane, []).append(part)
        if in_lanes:
            counts += run_lanes(list(lanes.values()), logs)
        else:
            counts += run_lane(lanes[""], logs)
    return counts


def run_lane(lane: list[Part], logs: Path) -> list[Count]:
    return [count for part in lane for count in run_part(part, logs)]


def run_lanes(lanes: list[list[Part]], logs: Path) -> list[Count]:
    """Signals reach the main thread alone, which therefore only waits, and calls the others off."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(run_lane, lane, logs) for lane in lanes]
        try:
            while not all(lane.done() for lane in running):
                time.sleep(0.1)
        except Stopped:
            progress.CALLED_OFF.set()
            raise
        return [count for lane in running for count in lane.result()]


def what_failed(log: Path) -> str:
    """Cargo's own sections on what failed, or the end of the log where there are none."""
    output = log.read_text(errors="replace")
    sections = re.findall(r"^failures:\n(.*?)^test result: FAILED", output, re.MULTILINE | re.DOTALL)
    return "\n".join("\n".join(sections).splitlines()[-SHOWN_LINES:]) or progress.tail(log, SHOWN_LINES)


def summary(counts: list[Count]) -> str:
    """The table by part, why something was skipped, and the line that counts them all."""
    width = max(len(count.name) for count in counts)
    lines = ["", f"{'part':<{width}}  {'passed':>7} {'failed':>7} {'skipped':>7}"]
    lines += [f"{each.name:<{width}}  {each.passed:>7} {each.failed:>7} {each.skipped:>7}" for each in counts]
    lines += [f"skipped in {each.name}: {note}" for each in counts for note in dict.fromkeys(each.notes)]
    passed, failed, skipped = (sum(getattr(each, key) for each in counts) for key in ("passed", "failed", "skipped"))
    return "\n".join([*lines, "", f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")])


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = parts()
    arguments.add_argument("--only", nargs="+", metavar="PART", choices=[part.name for part in known])
    only = arguments.parse_args().only
    progress.unwind_on_signals()
    try:
        chosen = [part for part in known if not only or part.name in only]
        counts = run_parts(chosen, Path(os.environ["TFGD_LOGS"]))
    except Stopped as stopped:
        print(f"test: {stopped}", file=sys.stderr)
        return stopped.exit_status
    say(summary(counts))
    return 1 if any(count.failed for count in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
