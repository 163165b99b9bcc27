"""Size, start, memory and the time of a plan, of this provider and of hashicorp/aws side by side.

It plans one GuardDuty filter against a LocalStack of its own, five times each, and prints medians. hashicorp/aws is
measured where TFGD_AWS_MIRROR names a filesystem mirror that has it.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

RUNS = 5
COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
ACCOUNT = "111122223333"

FILTER = """
resource "{prefix}guardduty_filter" "one" {{
  detector_id = "{detector}"
  name        = "{name}"
  action      = "ARCHIVE"
  rank        = 1
  finding_criteria {{
    criterion {{
      field                 = "severity"
      greater_than_or_equal = "4"
    }}
  }}
}}
"""


@dataclass
class Subject:
    """A provider to measure."""

    name: str
    prefix: str
    source: str
    binary: Path
    mirror: Path


def main() -> None:
    work = Path(tempfile.mkdtemp(prefix="guardduty-bench-"))
    server = start_server()
    try:
        ready = json.loads(server.stdout.readline())
        for subject in subjects(work):
            print_measures(subject, measure(subject, work, ready["endpoint"]))
    finally:
        server.stdin.close()
        server.wait(timeout=15)
        shutil.rmtree(work, ignore_errors=True)


def start_server() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "localstack_guardduty", "--exit-with-stdin"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def subjects(work: Path) -> list[Subject]:
    ours = Path(os.environ["TFGD_RELEASE"])
    mirror = work / "mirror"
    subprocess.run([ours, "install", mirror], check=True, stdout=subprocess.DEVNULL)
    found = [Subject("guardduty-rs/guardduty", "", "guardduty-rs/guardduty", ours, mirror)]
    aws_mirror = os.environ.get("TFGD_AWS_MIRROR")
    binaries = sorted(Path(aws_mirror).rglob("terraform-provider-aws_*")) if aws_mirror else []
    if binaries:
        source = "registry.terraform.io/hashicorp/aws"
        found.append(Subject("hashicorp/aws", "aws_", source, binaries[-1], Path(aws_mirror)))
    else:
        print("hashicorp/aws: skipped, TFGD_AWS_MIRROR names no filesystem mirror that has it")
    return found


def measure(subject: Subject, work: Path, endpoint: str) -> dict[str, float]:
    folder = work / subject.name.replace("/", "-")
    folder.mkdir()
    environment = environment_of(subject, folder, endpoint)
    detector = detector_of(endpoint)
    name = subject.prefix.replace("_", "-") + "bench"
    alias = subject.prefix.rstrip("_") or "guardduty"
    head = f'terraform {{\n  required_providers {{\n    {alias} = {{ source = "{subject.source}" }}\n  }}\n}}\n'
    text = FILTER.format(prefix=subject.prefix, detector=detector, name=name)
    (folder / "main.tf").write_text(head + text)
    tofu = os.environ["TFGD_TOFU"]
    run([tofu, "init"], folder, environment)
    schema = [timed([tofu, "providers", "schema", "-json"], folder, environment) for _ in range(RUNS)]
    run([tofu, "apply", "-auto-approve"], folder, environment)
    plans = [timed([tofu, "plan"], folder, environment) for _ in range(RUNS)]
    run([tofu, "destroy", "-auto-approve"], folder, environment)
    return {
        "binary, MB": subject.binary.stat().st_size / 1e6,
        "start to handshake, ms": statistics.median(handshake(subject.binary) for _ in range(RUNS)) * 1000,
        "tofu providers schema, s": statistics.median(seconds for seconds, _ in schema),
        "tofu plan of one filter, s": statistics.median(seconds for seconds, _ in plans),
        "provider's memory in a plan, MB": max(memory for _, memory in plans) / 1e3,
    }


def environment_of(subject: Subject, folder: Path, endpoint: str) -> dict[str, str]:
    configuration = folder / "tofurc"
    configuration.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{subject.mirror}"\n  }}\n}}\n'
    )
    return os.environ | {
        "TF_CLI_CONFIG_FILE": str(configuration),
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def detector_of(endpoint: str) -> str:
    import boto3

    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "test"}
    client = boto3.client("guardduty", endpoint_url=endpoint, region_name="us-east-1", **keys)
    return (client.list_detectors()["DetectorIds"] or [client.create_detector(Enable=True)["DetectorId"]])[0]


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed\n{done.stdout}{done.stderr}")


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of the command, and the largest memory, in kB, of a provider that ran meanwhile."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    largest = 0.0
    while process.poll() is None:
        largest = max(largest, *(memory_of(child) for child in children_of(process.pid)), 0.0)
        time.sleep(0.01)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed with {process.returncode}")
    return time.monotonic() - started, largest


def children_of(parent: int) -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()] + [
            int(pid)
            for task in Path(f"/proc/{parent}/task").iterdir()
            for pid in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def memory_of(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0.0)


def handshake(binary: Path) -> float:
    """Seconds from the start of the process to its line on stdout."""
    environment = {"TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "TF_DISABLE_PLUGIN_TLS": "1"}
    started = time.monotonic()
    process = subprocess.Popen([binary], env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    line = process.stdout.readline()
    seconds = time.monotonic() - started
    process.terminate()
    process.wait(timeout=15)
    if not line.startswith(b"1|"):
        sys.exit(f"bench: {binary} did not shake hands")
    return seconds


def print_measures(subject: Subject, measures: dict[str, float]) -> None:
    print(subject.name)
    for name, value in measures.items():
        print(f"  {name:32} {value:10.2f}")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
