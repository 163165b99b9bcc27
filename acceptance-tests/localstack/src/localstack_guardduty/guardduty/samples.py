"""Sample findings: one of each type asked for, marked so that no responder takes it for real.

Asking twice for a type is an update of the sample that is there.
"""

import csv
import functools
import json
import uuid
from importlib import resources
from typing import Any

from localstack_guardduty.guardduty import errors, findings
from localstack_guardduty.guardduty.operations import Call, operation

MARK = "[SAMPLE]"


@operation("CreateSampleFindings")
def create_sample_findings(call: Call) -> None:
    """One sample of each given type; of every type when none is given."""
    detector = call.detector
    wanted = call.request.get("FindingTypes") or list(catalogue())
    for name in wanted:
        if name not in catalogue():
            raise errors.invalid("findingTypes", f"'{name}' is not a finding type")
    for name in wanted:
        findings.receive(call, detector, _sample(call, name))


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """Finding types with their usual severity and resource type."""
    text = resources.files(__package__).joinpath("finding_types.csv").read_text()
    return {row["type"]: row for row in csv.DictReader(text.splitlines())}


def _sample(call: Call, name: str) -> findings.Finding:
    known = catalogue()[name]
    resource = known["resource_type"]
    title = f"{MARK} {name} involving a generated {resource}."
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, f"{call.account}/{call.region}/{name}").hex,
        "type": name,
        "severity": int(known["severity"]),
        "title": title,
        "description": title,
        "resource": {"resourceType": resource} | _resource_details(call, resource),
        "service": {
            "additionalInfo": {
                "sample": True,
                "value": json.dumps({"sample": True}, separators=(",", ":")),
                "type": "default",
            },
        }
        | ({"featureName": "RuntimeMonitoring"} if ":Runtime/" in name else {}),
    }


def _resource_details(call: Call, resource: str) -> dict[str, Any]:
    if resource == "ECSCluster":
        return {"ecsClusterDetails": _cluster(call)}
    if resource == "Instance":
        return {"instanceDetails": {"instanceId": "i-99999999", "instanceType": "m3.xlarge", "tags": []}}
    if resource == "AccessKey":
        details = {"accessKeyId": "GeneratedFindingAccessKeyId", "userName": "GeneratedFindingUserName"}
        return {"accessKeyDetails": details}
    if resource == "S3Bucket":
        return {"s3BucketDetails": [{"name": "bucketName", "arn": "arn:aws:s3:::bucketName"}]}
    return {}


def _cluster(call: Call) -> dict[str, Any]:
    base = f"arn:{call.partition}:ecs:{call.region}:{call.account}"
    name = "GeneratedFindingECSClusterName"
    task = uuid.uuid5(uuid.NAMESPACE_URL, f"{base}/{name}").hex
    return {
        "name": name,
        "arn": f"{base}:cluster/{name}",
        "status": "ACTIVE",
        "activeServicesCount": 1,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 1,
        "tags": [],
        "taskDetails": {
            "arn": f"{base}:task/{name}/{task}",
            "definitionArn": f"{base}:task-definition/GeneratedFindingTaskDefinition:1",
            "version": "1",
            "startedBy": "ecs-svc/0000000000000000000",
            "group": "service:GeneratedFindingService",
            "launchType": "FARGATE",
            "tags": [],
            "volumes": [],
            "containers": [{"name": "GeneratedFindingContainer", "image": "GeneratedFindingImage"}],
        },
    }
