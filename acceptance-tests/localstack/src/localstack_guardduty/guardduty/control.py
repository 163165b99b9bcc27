"""What a test does to GuardDuty from outside its API: findings that arrive, coverage that is said."""

from typing import Any

from localstack_guardduty.guardduty import coverage, events, findings
from localstack_guardduty.guardduty.operations import Call
from localstack_guardduty.guardduty.store import Detector
from localstack_guardduty.lock import LOCK

Arguments = dict[str, Any]


def inject_finding(arguments: Arguments) -> Arguments:
    """POST findings: `finding` arrives at the detector of `account` and `region`."""
    call = _call(arguments)
    with LOCK:
        detector = call.store.detector
        if detector is None:
            raise ValueError(f"account {call.account} has no detector in {call.region}")
        if not detector.enabled:
            raise ValueError(f"the detector of account {call.account} in {call.region} is suspended")
        finding = findings.receive(call, detector, arguments["finding"])
    events.publish(call.account, call.region, call.events)
    archived = finding["service"]["archived"]
    return {"id": finding["id"], "archived": archived, "published": bool(call.events)}


def override_coverage(arguments: Arguments) -> None:
    """POST coverage: what ListCoverage says of `cluster`, whatever runs there."""
    status = arguments["status"]
    if status not in coverage.STATUSES:
        raise ValueError(f"status '{status}' is none of {', '.join(coverage.STATUSES)}")
    override = {"status": status, "issue": arguments.get("issue", "")}
    with LOCK:
        _call(arguments).store.coverage_overrides[arguments["cluster"]] = override


def clear_coverage(arguments: Arguments) -> None:
    """DELETE coverage: back to what is computed, for `cluster` or for all."""
    with LOCK:
        overrides = _call(arguments).store.coverage_overrides
        for cluster in [arguments["cluster"]] if arguments.get("cluster") else list(overrides):
            overrides.pop(cluster, None)


def set_administrator(arguments: Arguments) -> None:
    """POST administrator: `administrator` administers this account from now on; null ends it."""
    with LOCK:
        _detector(arguments).administrator = arguments["administrator"]


def set_managed(arguments: Arguments) -> None:
    """POST managed: a policy of the organization manages `feature`."""
    with LOCK:
        _detector(arguments).managed.add(arguments["feature"])


def _detector(arguments: Arguments) -> Detector:
    detector = _call(arguments).store.detector
    if detector is None:
        raise ValueError(f"account {arguments['account']} has no detector in {arguments['region']}")
    return detector


def _call(arguments: Arguments) -> Call:
    return Call(arguments["account"], arguments["region"], "aws", {})
