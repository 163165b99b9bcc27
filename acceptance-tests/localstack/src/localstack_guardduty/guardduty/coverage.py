"""Coverage of runtime monitoring: computed from the clusters and tasks that ECS has.

A cluster has a record once a Fargate task ran in it. It is healthy when the agent reports from
each running task; an agent needs ten minutes (of the emulated clock) to report.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from localstack_guardduty.control.clock import CLOCK
from localstack_guardduty.ecs.store import STORES as ECS_STORES
from localstack_guardduty.ecs.store import Cluster, Task
from localstack_guardduty.guardduty import monitoring
from localstack_guardduty.guardduty.detectors import RUNTIME
from localstack_guardduty.guardduty.operations import Answer, Call, operation
from localstack_guardduty.guardduty.pages import page
from localstack_guardduty.guardduty.store import Detector

REPORT_SECONDS = 10 * 60
STATUSES = ("HEALTHY", "UNHEALTHY")
REDEPLOY = "Agent not provisioned: service requires a new deployment"
NO_ROLE = "Agent not provisioned: TaskExecutionRole is missing"
SILENT = "Agent not reporting"
NOT_MANAGED = "Agent not provisioned: the agent is not managed for this cluster"

Resource = dict[str, Any]
Field = Callable[[Resource], Any]


def _cluster(resource: Resource) -> dict[str, Any]:
    return resource["ResourceDetails"]["EcsClusterDetails"]


# What criteria look at, and what else records are ordered by.
FIELDS: dict[str, Field] = {
    "ACCOUNT_ID": lambda resource: resource["AccountId"],
    "RESOURCE_TYPE": lambda resource: resource["ResourceDetails"]["ResourceType"],
    "COVERAGE_STATUS": lambda resource: resource["CoverageStatus"],
    "ECS_CLUSTER_NAME": lambda resource: _cluster(resource)["ClusterName"],
    "MANAGEMENT_TYPE": lambda resource: _cluster(resource)["FargateDetails"]["ManagementType"],
}
ORDERS = FIELDS | {
    "ISSUE": lambda resource: resource["Issue"],
    "UPDATED_AT": lambda resource: resource["UpdatedAt"],
}


@operation("ListCoverage")
def list_coverage(call: Call) -> Answer:
    """One record a cluster, filtered and sorted."""
    found = _sorted(_selected(call), call.request.get("SortCriteria"))
    resources, more = page(found, call.request)
    return {"Resources": resources, **more}


@operation("GetCoverageStatistics")
def get_coverage_statistics(call: Call) -> Answer:
    """Counts by resource type, by status, or both."""
    found, wanted = _selected(call), call.request["StatisticsType"]
    answer = {}
    if "COUNT_BY_RESOURCE_TYPE" in wanted:
        counts = Counter(resource["ResourceDetails"]["ResourceType"] for resource in found)
        answer["CountByResourceType"] = dict(counts)
    if "COUNT_BY_COVERAGE_STATUS" in wanted:
        answer["CountByCoverageStatus"] = dict(Counter(resource["CoverageStatus"] for resource in found))
    return {"CoverageStatistics": answer}


def _selected(call: Call) -> list[Resource]:
    criteria = (call.request.get("FilterCriteria") or {}).get("FilterCriterion") or []
    fields = [_known(FIELDS, criterion.get("CriterionKey")) for criterion in criteria]
    conditions = [criterion.get("FilterCondition") or {} for criterion in criteria]
    tests = list(zip(fields, conditions, strict=True))
    return [
        resource
        for resource in _resources(call)
        if all(_meets(field(resource), condition) for field, condition in tests)
    ]


def _resources(call: Call) -> list[Resource]:
    detector = call.detector
    if not monitoring.is_on(detector):
        return []
    clusters = ECS_STORES[call.account][call.region].clusters.values()
    return [_resource(call, cluster) for cluster in clusters if cluster.is_active and cluster.tasks]


def _resource(call: Call, cluster: Cluster) -> Resource:
    detector, name = call.detector, cluster.view["clusterName"]
    managed = monitoring.manages(detector, cluster.tags)
    issues = _issues(cluster, managed)
    status, issue = ("UNHEALTHY", issues[0]) if issues else ("HEALTHY", "")
    override = call.store.coverage_overrides.get(name)
    if override:
        status, issue = override["status"], override["issue"]
        issues = [issue] if issue else []
    return {
        "ResourceId": f"{call.account}_{name}",
        "DetectorId": detector.id,
        "AccountId": call.account,
        "ResourceDetails": {
            "ResourceType": "ECS",
            "EcsClusterDetails": {
                "ClusterName": name,
                "FargateDetails": {
                    "Issues": issues,
                    "ManagementType": "AUTO_MANAGED" if managed else "DISABLED",
                },
                "ContainerInstanceDetails": {
                    "CoveredContainerInstances": 0,
                    "CompatibleContainerInstances": 0,
                },
            },
        },
        "CoverageStatus": status,
        "Issue": issue,
        "UpdatedAt": _last_change(detector, cluster),
    }


def _last_change(detector: Detector, cluster: Cluster) -> datetime:
    """When what the record says last changed: a task came or went, or monitoring was switched."""
    times = [task.view.get("stoppedAt") or task.view["createdAt"] for task in cluster.tasks.values()]
    return max(*times, detector.features[RUNTIME].updated_at)


def _issues(cluster: Cluster, managed: bool) -> list[str]:
    if not managed:
        return [NOT_MANAGED]
    found = {issue for task in cluster.running() if (issue := _issue(task))}
    return sorted(found)


def _issue(task: Task) -> str | None:
    if task.has_agent:
        return None if CLOCK.now() >= task.started + REPORT_SECONDS else SILENT
    return REDEPLOY if task.has_execution_role else NO_ROLE


def _meets(value: str, condition: dict[str, Any]) -> bool:
    wanted, unwanted = condition.get("Equals"), condition.get("NotEquals")
    return (not wanted or value in wanted) and (not unwanted or value not in unwanted)


def _sorted(found: list[Resource], sort: dict[str, Any] | None) -> list[Resource]:
    sort = sort or {}
    key = _known(ORDERS, sort.get("AttributeName") or "ECS_CLUSTER_NAME")
    return sorted(found, key=key, reverse=sort.get("OrderBy") == "DESC")


def _known(fields: dict[str, Field], key: str | None) -> Field:
    """Refuses a key that records here do not have, like an operation that is not emulated."""
    if key not in fields:
        raise NotImplementedError(f"coverage by {key}")
    return fields[key]
