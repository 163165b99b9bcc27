"""Findings: how one arrives, is archived or published, and the operations that read and change them.

A finding is kept in its wire form, which is also the `detail` of its event. One whose id is there
already is an update of it: its count grows.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from localstack_guardduty.guardduty import criteria, errors, filters, wire
from localstack_guardduty.guardduty.events import FINDING
from localstack_guardduty.guardduty.operations import Answer, Call, operation
from localstack_guardduty.guardduty.pages import page
from localstack_guardduty.guardduty.store import Detector, iso, new_id, now

STATISTICS_SIZE = 25

Finding = dict[str, Any]


def receive(call: Call, detector: Detector, given: Finding) -> Finding:
    """Stores a finding in the detector and, unless a filter archives it, publishes its event."""
    finding = _complete(call, detector, given)
    earlier = detector.findings.get(finding["id"])
    if earlier:
        finding["createdAt"] = earlier["createdAt"]
        finding["service"]["count"] = earlier["service"]["count"] + 1
    finding["service"]["archived"] = filters.archives(detector, finding)
    detector.findings[finding["id"]] = finding
    if not finding["service"]["archived"]:
        call.events.append({"DetailType": FINDING, "Detail": json.dumps(finding), "Time": now()})
    return finding


def _complete(call: Call, detector: Detector, given: Finding) -> Finding:
    """The finding with what every finding has; whose it is follows from where it arrives."""
    time, name = iso(now()), given.get("id") or new_id()
    defaults = {
        "schemaVersion": "2.0",
        "type": "Execution:Runtime/ReverseShell",
        "severity": 8,
        "title": given.get("type", "Finding"),
        "description": given.get("title", "Finding"),
        "resource": {"resourceType": "Instance"},
        "createdAt": time,
        "updatedAt": time,
    }
    service = {
        "serviceName": "guardduty",
        "action": {},
        "additionalInfo": {"value": "{}", "type": "default"},
        "eventFirstSeen": time,
        "eventLastSeen": time,
        "count": 1,
    }
    owned = {
        "accountId": call.account,
        "region": call.region,
        "partition": call.partition,
        "id": name,
        "arn": f"{detector.arn}/finding/{name}",
        "service": service | given.get("service", {}) | {"detectorId": detector.id},
    }
    return defaults | given | owned


@operation("ListFindings")
def list_findings(call: Call) -> Answer:
    """Ids of the findings that meet the criteria, latest change first unless told otherwise."""
    found = _sorted(_matching(call), call.request.get("SortCriteria"))
    ids, more = page([finding["id"] for finding in found], call.request)
    return {"FindingIds": ids, **more}


@operation("GetFindings")
def get_findings(call: Call) -> Answer:
    """The findings with the given ids; ids of no finding are passed over."""
    stored = call.detector.findings
    found = [stored[name] for name in call.request["FindingIds"] if name in stored]
    if call.request.get("SortCriteria"):
        found = _sorted(found, call.request["SortCriteria"])
    return {"Findings": [wire.finding_to_api(finding) for finding in found]}


@operation("ArchiveFindings")
def archive_findings(call: Call) -> None:
    """Marks findings as archived; their events are out already."""
    _each(call, lambda finding: finding["service"].update(archived=True))


@operation("UnarchiveFindings")
def unarchive_findings(call: Call) -> None:
    """Takes findings out of the archive."""
    _each(call, lambda finding: finding["service"].update(archived=False))


@operation("UpdateFindingsFeedback")
def update_findings_feedback(call: Call) -> None:
    """Keeps the user's opinion with each finding."""
    _each(call, lambda finding: finding["service"].update(userFeedback=call.request["Feedback"]))


@operation("GetFindingsStatistics")
def get_findings_statistics(call: Call) -> Answer:
    """Counts by severity, or grouped by one property."""
    request, found = call.request, _matching(call)
    group = request.get("GroupBy")
    if bool(group) == bool(request.get("FindingStatisticTypes")):
        raise errors.invalid("groupBy", "give either findingStatisticTypes or groupBy")
    if not group:
        if request.get("OrderBy") or request.get("MaxResults"):
            raise errors.invalid("orderBy", "orderBy and maxResults go with groupBy only")
        counts = Counter(str(float(finding["severity"])) for finding in found)
        return {"FindingStatistics": {"CountBySeverity": dict(counts)}}
    rows, more = page(_grouped(found, group, request.get("OrderBy")), request, STATISTICS_SIZE)
    member = {"FINDING_TYPE": "FindingType"}.get(group, group.capitalize())
    return {"FindingStatistics": {f"GroupedBy{member}": rows}, **more}


def _matching(call: Call) -> list[Finding]:
    wanted = criteria.parse(call.request.get("FindingCriteria"), patterns_allowed=False)
    return [finding for finding in call.detector.findings.values() if criteria.matches(wanted, finding)]


def _sorted(found: list[Finding], sort: dict[str, Any] | None) -> list[Finding]:
    sort = sort or {}
    path = (sort.get("AttributeName") or "updatedAt").split(".")
    descending = sort.get("OrderBy", "ASC" if sort.get("AttributeName") else "DESC") == "DESC"

    def key(finding: Finding) -> tuple[bool, str, float, str]:
        node: Any = finding
        for name in path:
            node = node.get(name) if isinstance(node, dict) else None
        number = float(node) if isinstance(node, (int, float)) else 0.0
        return node is not None, "" if number else str(node), number, finding["id"]

    return sorted(found, key=key, reverse=descending)


def _each(call: Call, change: Callable[[Finding], None]) -> None:
    stored = call.detector.findings
    for name in call.request["FindingIds"]:
        if name not in stored:
            raise errors.no_such_resource()
    for name in call.request["FindingIds"]:
        change(stored[name])


def _grouped(found: list[Finding], group: str, order: str | None) -> list[Answer]:
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        groups.setdefault(json.dumps(GROUP_KEYS[group](finding), default=str), []).append(finding)
    rows = [
        GROUP_KEYS[group](members[0])
        | {
            "TotalFindings": len(members),
            "LastGeneratedAt": datetime.fromisoformat(max(each["updatedAt"] for each in members)),
        }
        for members in groups.values()
    ]
    return sorted(rows, key=lambda row: row["TotalFindings"], reverse=order != "ASC")


def _day(finding: Finding) -> datetime:
    return datetime.fromisoformat(finding["updatedAt"]).replace(hour=0, minute=0, second=0, microsecond=0)


def _resource_id(finding: Finding) -> str:
    resource = finding["resource"]
    cluster = resource.get("ecsClusterDetails") or {}
    instance = resource.get("instanceDetails") or {}
    return cluster.get("arn") or instance.get("instanceId") or finding["arn"]


GROUP_KEYS: dict[str, Callable[[Finding], Answer]] = {
    "ACCOUNT": lambda finding: {"AccountId": finding["accountId"]},
    "DATE": lambda finding: {"Date": _day(finding), "Severity": float(finding["severity"])},
    "FINDING_TYPE": lambda finding: {"FindingType": finding["type"]},
    "RESOURCE": lambda finding: {
        "AccountId": finding["accountId"],
        "ResourceId": _resource_id(finding),
        "ResourceType": finding["resource"]["resourceType"],
    },
    "SEVERITY": lambda finding: {"Severity": float(finding["severity"])},
}
