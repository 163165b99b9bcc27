"""How a Fargate task starts and stops.

It runs from its first moment, and as state only. When runtime monitoring reaches its cluster it
gets the agent's container, as GuardDuty adds it at launch; a task that runs already never changes.
"""

import random
from typing import Any

from localstack_guardduty.control.clock import CLOCK
from localstack_guardduty.ecs import errors
from localstack_guardduty.ecs.operations import Call, last_part
from localstack_guardduty.ecs.store import Cluster, Definition, Service, Task, View, new_task_id, now
from localstack_guardduty.guardduty import monitoring

LATEST_PLATFORM = "1.4.0"
AGENT_NAME = "aws-guardduty-agent"
FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


def is_fargate(cluster: Cluster, request: View) -> bool:
    """Whether launch type, strategy or the cluster's default strategy leads to Fargate."""
    if request.get("launchType"):
        return request["launchType"] == "FARGATE"
    strategy = request.get("capacityProviderStrategy") or cluster.view["defaultCapacityProviderStrategy"]
    return any(each["capacityProvider"] in FARGATE_PROVIDERS for each in strategy)


def check_network(definition: Definition, request: View) -> None:
    """The network mode awsvpc needs subnets; security groups may be left to the VPC's default."""
    if definition.view.get("networkMode") == "awsvpc" and not _subnets(request):
        raise errors.invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")


def start(call: Call, cluster: Cluster, definition: Definition, request: View, tags: dict[str, str]) -> Task:
    """Starts one Fargate task in the cluster."""
    name, time = new_task_id(), now()
    arn = task_arn(call, cluster, name)
    platform = request.get("platformVersion") or "LATEST"
    has_agent = _gets_agent(call, cluster, definition, platform)
    view = {
        "taskArn": arn,
        "clusterArn": cluster.view["clusterArn"],
        "taskDefinitionArn": definition.view["taskDefinitionArn"],
        "availabilityZone": f"{call.region}a",
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "connectivity": "CONNECTED",
        "connectivityAt": time,
        "healthStatus": "UNKNOWN",
        "launchType": "FARGATE",
        "platformVersion": LATEST_PLATFORM if platform == "LATEST" else platform,
        "platformFamily": "Linux",
        "cpu": definition.view.get("cpu"),
        "memory": definition.view.get("memory"),
        "createdAt": time,
        "pullStartedAt": time,
        "pullStoppedAt": time,
        "startedAt": time,
        "version": 1,
        "enableExecuteCommand": bool(request.get("enableExecuteCommand")),
        "ephemeralStorage": definition.view.get("ephemeralStorage") or {"sizeInGiB": 20},
        "overrides": {"containerOverrides": [], "inferenceAcceleratorOverrides": []}
        | (request.get("overrides") or {}),
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "attachments": _attachments(request),
        "containers": _containers(call, arn, definition, has_agent),
    }
    role = bool(definition.view.get("executionRoleArn"))
    task = Task(view, tags, CLOCK.now(), has_agent, role)
    cluster.tasks[name] = task
    return task


def stop(task: Task, reason: str, code: str) -> None:
    """Stops a task; one that has stopped before keeps its first reason."""
    if not task.is_running:
        return
    time = now()
    task.view |= {
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stopCode": code,
        "stoppedReason": reason,
        "stoppingAt": time,
        "stoppedAt": time,
        "executionStoppedAt": time,
        "connectivity": "DISCONNECTED",
        "version": task.view["version"] + 1,
    }
    for container in task.view["containers"]:
        container |= {"lastStatus": "STOPPED", "exitCode": 143}


def service_tags(service: Service, definition: Definition) -> dict[str, str]:
    """The tags that a service hands to its tasks."""
    source = service.request.get("propagateTags")
    return dict({"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}.get(source, {}))


def task_arn(call: Call, cluster: Cluster, name: str) -> str:
    """The ARN of a task of the cluster."""
    return call.arn(f"task/{cluster.view['clusterName']}/{name}")


def _gets_agent(call: Call, cluster: Cluster, definition: Definition, platform: str) -> bool:
    """The agent needs platform 1.4.0 or later, Linux, and a role to pull its image with."""
    system = (definition.view.get("runtimePlatform") or {}).get("operatingSystemFamily") or "LINUX"
    return (
        platform in ("LATEST", LATEST_PLATFORM)
        and system == "LINUX"
        and bool(definition.view.get("executionRoleArn"))
        and monitoring.attaches_agent(call.account, call.region, cluster.tags)
    )


def _subnets(request: View) -> list[str]:
    return ((request.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}).get("subnets") or []


def _attachments(request: View) -> list[Any]:
    address = f"10.0.{random.randint(0, 255)}.{random.randint(4, 254)}"
    details = {
        "subnetId": (_subnets(request) or ["subnet-00000000"])[0],
        "networkInterfaceId": f"eni-{random.getrandbits(68):017x}",
        "macAddress": "0a:" + ":".join(f"{random.getrandbits(8):02x}" for _ in range(5)),
        "privateDnsName": f"ip-{address.replace('.', '-')}.ec2.internal",
        "privateIPv4Address": address,
    }
    return [
        {
            "id": new_task_id(),
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]


def _containers(call: Call, task: str, definition: Definition, has_agent: bool) -> list[View]:
    images = {each["name"]: each["image"] for each in definition.view["containerDefinitions"]}
    if has_agent:
        image = f"{call.account}.dkr.ecr.{call.region}.amazonaws.com/aws-guardduty-agent-fargate:v1"
        images[f"{AGENT_NAME}-{new_task_id()[:8]}"] = image
    return [
        {
            "containerArn": call.arn(f"container/{'/'.join(task.split('/')[1:])}/{new_task_id()}"),
            "taskArn": task,
            "name": name,
            "image": image,
            "runtimeId": f"{last_part(task)}-{random.randint(10**9, 10**10 - 1)}",
            "lastStatus": "RUNNING",
            "networkBindings": [],
            "networkInterfaces": [],
            "healthStatus": "UNKNOWN",
        }
        for name, image in images.items()
    ]
