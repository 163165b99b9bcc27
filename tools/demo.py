"""The whole path for real: `examples/ecs-guard` applied to LocalStack, then a finding that stops a Fargate task.

Run it through `make demo`, which prepares what it needs. Whatever turns out untrue ends it with one line and a
non-zero exit status. It knows nothing of our provider's code: it sees what a user and AWS would see.
"""

import json
import os
import re
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Callable, TypeVar

import inventory
from account import ACCOUNT, REGION, Account, environment
from opentofu import CommandFailed, Workspace
from progress import Clock, Stopped, say, unwind_on_signals
from server import LocalStack, ServerFailed

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "ecs-guard"
STOPPED_WITHIN_SECONDS = 30
GUARDED, OTHER = "prod", "other"
MESSAGES = 2  # the alert, and the response's report
MESSAGE_COLUMNS = 600

Value = TypeVar("Value")


class Untruth(Exception):
    """Something that the demo promises is not so."""


def main() -> int:
    unwind_on_signals()
    logs = Path(os.environ["TFGD_LOGS"])
    clock = Clock("demo")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="guardduty-demo-") as folder,
            LocalStack(logs / "localstack.log") as server,
        ):
            say(f"LocalStack with GuardDuty  ready at {server.endpoint}, {clock.seconds:.1f} s")
            show(server, Path(folder), logs)
    except Stopped as stopped:
        return complain(str(stopped), stopped.exit_status)
    except (Untruth, CommandFailed, ServerFailed, TimeoutError) as error:
        return complain(str(error), 1)
    except Exception as error:  # an AWS client refused: the line says what, the class name says who
        return complain(f"{type(error).__name__}: {error}", 1)
    say(f"demo: all of it true, {clock.seconds:.0f} s")
    return 0


def complain(text: str, status: int) -> int:
    """Prints what led to the end, and last the one line that says what is wrong."""
    *before, last = text.strip().splitlines()
    for line in before:
        print(line, file=sys.stderr)
    print(f"demo: {last}", file=sys.stderr, flush=True)
    return status


def show(server: LocalStack, folder: Path, logs: Path) -> None:
    """The story, from an account without GuardDuty to the same account again."""
    account = Account(server.endpoint)
    account.furnish()
    say("the user's own   clusters prod and other with a Fargate service each, topic with a queue behind it, bucket")
    before = inventory.take(account)

    tofu = Workspace(
        Path(os.environ["TFGD_TOFU"]),
        Path(os.environ["TFGD_PROVIDER"]),
        EXAMPLE,
        folder,
        environment(server.endpoint) | example_variables(account),
        logs,
    )
    timed("tofu init", lambda: installed(tofu))
    timed("tofu plan", lambda: summary(tofu.run("plan", "-out=plan.bin")))
    timed("tofu apply", lambda: summary(tofu.run("apply", "plan.bin")))

    made = sorted(inventory.take(account).keys() - before.keys())
    if not made:
        raise Untruth("after the apply the server holds nothing more than before")
    say(f"on the server    {len(made)} new things: {', '.join(dict.fromkeys(name.rsplit(' ', 1)[0] for name in made))}")

    watch_a_finding(server, account)

    timed("tofu plan again", lambda: no_changes(tofu))
    timed("tofu destroy", lambda: summary(tofu.run("destroy", "-auto-approve")))
    left = inventory.differences(before, inventory.take(account))
    if left:
        raise Untruth("\n".join([*left, f"after the destroy {len(left)} things are not as they were before the apply"]))
    say(f"nothing left     {len(before)} things on the server, each as it was before the apply")


def example_variables(account: Account) -> dict[str, str]:
    """What a user would write into a .tfvars file for the example."""
    values = {
        "clusters": json.dumps([GUARDED]),
        "topic_arn": account.topic_arn,
        "bucket": account.bucket,
    }
    return {f"TF_VAR_{name}": value for name, value in values.items()}


def timed(name: str, action: Callable[[], str]) -> None:
    clock = Clock(name)
    text = action().strip()
    say(f"{name:<16} {text}, {clock.seconds:.1f} s")


def installed(tofu: Workspace) -> str:
    tofu.run("init")
    return "provider installed from a filesystem mirror"


def summary(output: str) -> str:
    """The line that counts what a plan, an apply or a destroy does."""
    lines = re.findall(r"^(?:Plan:|Apply complete!|Destroy complete!).*$", output, re.MULTILINE)
    if not lines:
        raise Untruth(f"{output}\ntofu did not say what it did")
    return lines[-1].rstrip(".")


def no_changes(tofu: Workspace) -> str:
    try:
        tofu.run("plan", "-detailed-exitcode")
    except CommandFailed as error:
        raise Untruth(f"{error}\nthe second plan should have had no changes") from error
    return "no changes"


def watch_a_finding(server: LocalStack, account: Account) -> None:
    """Lets GuardDuty find something in one task, and watches what becomes of it and of its neighbour."""
    [task], [neighbour] = account.tasks(GUARDED), account.tasks(OTHER)
    finding = finding_about(task, account)
    say(f"finding          {finding['type']}, severity {finding['severity']}, in {short(task)} of {GUARDED}")
    clock = Clock("finding")
    answer = server.inject_finding(ACCOUNT, REGION, finding)
    if not answer.get("published"):
        raise Untruth(f"GuardDuty kept the finding for itself instead of publishing it: {answer}")

    stopped = wait_for("the task to be STOPPED", lambda: stopped_task(account, task))
    say(f"stopped          {short(task)} of {GUARDED} is STOPPED, {clock.seconds:.1f} s after the finding")
    reason = stopped.get("stoppedReason", "")
    if finding["id"] not in reason:
        raise Untruth(f"the task was stopped with the reason {reason!r}, which does not name finding {finding['id']}")
    say(f"reason           {reason}")

    say(f"execution        {wait_for('an execution that has ended', lambda: ended_execution(account))}")
    still = account.task(OTHER, neighbour["taskArn"])
    if still["lastStatus"] != "RUNNING" or still["desiredStatus"] != "RUNNING":
        raise Untruth(f"the task of cluster {OTHER} is {still['lastStatus']}: {still.get('stoppedReason')}")
    say(f"untouched        {short(neighbour)} of {OTHER} is {still['lastStatus']}")
    heard: list[str] = []
    for message in wait_for(f"{MESSAGES} messages in the queue", lambda: messages_about(account, finding, heard)):
        say(f"message          {message[:MESSAGE_COLUMNS]}")


def short(task: dict[str, Any]) -> str:
    return f"task {task['taskArn'].rsplit('/', 1)[-1][:8]}"


def finding_about(task: dict[str, Any], account: Account) -> dict[str, Any]:
    """The reference finding, told of this account, cluster and task."""
    finding = json.loads((ROOT / "tools" / "finding.json").read_text())
    [detector] = account.client("guardduty").list_detectors()["DetectorIds"]
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    identifier = uuid.uuid4().hex
    finding |= {
        "accountId": ACCOUNT,
        "region": REGION,
        "id": identifier,
        "arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{detector}/finding/{identifier}",
        "createdAt": now,
        "updatedAt": now,
    }
    finding["service"] |= {"detectorId": detector, "eventFirstSeen": now, "eventLastSeen": now}
    cluster = finding["resource"]["ecsClusterDetails"]
    cluster |= {"name": GUARDED, "arn": account.cluster_arns[GUARDED], "activeServicesCount": 1, "runningTasksCount": 1}
    details = cluster["taskDetails"]
    details |= {
        "arn": task["taskArn"],
        "definitionArn": task["taskDefinitionArn"],
        "createdAt": task["createdAt"].timestamp(),
        "startedAt": task["startedAt"].timestamp(),
        "startedBy": task["startedBy"],
        "group": task["group"],
    }
    [container] = details["containers"]
    container |= {"id": f"{short(task)[5:]}-1", "image": task["containers"][0].get("image", container["image"])}
    return finding


def stopped_task(account: Account, task: dict[str, Any]) -> dict[str, Any] | None:
    now = account.task(GUARDED, task["taskArn"])
    return now if now["lastStatus"] == "STOPPED" else None


def ended_execution(account: Account) -> str | None:
    """How the one execution of the one state machine went, once it has ended."""
    client = account.client("stepfunctions")
    [machine] = client.list_state_machines()["stateMachines"]
    executions = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    if not executions or executions[0]["status"] == "RUNNING":
        return None
    if [each["status"] for each in executions] != ["SUCCEEDED"]:
        found = client.describe_execution(executionArn=executions[0]["executionArn"])
        cause = f"{found.get('error')} {found.get('cause')}"
        raise Untruth(f"of {len(executions)} executions of {machine['name']} the last is {found['status']}: {cause}")
    return f"{machine['name']} SUCCEEDED"


def messages_about(account: Account, finding: dict[str, Any], heard: list[str]) -> list[str] | None:
    """The messages behind the topic that tell of the finding: the alert for people, and the response's report."""
    answer = account.client("sqs").receive_message(QueueUrl=account.queue_url, MaxNumberOfMessages=10)
    bodies = [" ".join(message["Body"].split()) for message in answer.get("Messages", [])]
    heard += [body for body in bodies if finding["type"] in body]
    return heard if len(heard) >= MESSAGES and any(finding["id"] in body for body in heard) else None


def wait_for(what: str, probe: Callable[[], Value | None]) -> Value:
    """Asks again until there is an answer, for a bounded time."""
    clock = Clock(f"waiting for {what}")
    while clock.seconds < STOPPED_WITHIN_SECONDS:
        if answer := probe():
            clock.clear()
            return answer
        clock.tick()
        time.sleep(0.1)
    clock.clear()
    raise Untruth(f"waited {STOPPED_WITHIN_SECONDS} s in vain for {what}")


if __name__ == "__main__":
    sys.exit(main())
