"""Operations on services; `scheduler` keeps their tasks."""

from typing import Any

from localstack_guardduty.ecs import definitions, errors, launch, scheduler
from localstack_guardduty.ecs.operations import Answer, Call, last_part, operation, page, tags_to
from localstack_guardduty.ecs.store import Cluster, Service, View, now

PAGE = 10
MAX_DESCRIBED = 10
KEPT = (
    "loadBalancers",
    "serviceRegistries",
    "networkConfiguration",
    "platformVersion",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "placementConstraints",
    "placementStrategy",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "availabilityZoneRebalancing",
)
REDEPLOYING = ("taskDefinition", "networkConfiguration", "platformVersion", "capacityProviderStrategy")
DEFAULT_DEPLOYMENT = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}


@operation("CreateService")
def create_service(call: Call) -> Answer:
    """Creates the service and starts its tasks."""
    request, cluster = call.request, call.cluster()
    name = request["serviceName"]
    if name in cluster.services and cluster.services[name].is_active:
        raise errors.invalid("Creation of service was not idempotent.")
    definition = definitions.find(call, request.get("taskDefinition") or "")
    launch.check_network(definition, request)
    time = now()
    view = {
        "serviceArn": call.arn(f"service/{cluster.view['clusterName']}/{name}"),
        "serviceName": name,
        "clusterArn": cluster.view["clusterArn"],
        "status": "ACTIVE",
        "desiredCount": request.get("desiredCount") or 0,
        "schedulingStrategy": request.get("schedulingStrategy") or "REPLICA",
        "deploymentController": request.get("deploymentController") or {"type": "ECS"},
        "createdAt": time,
        "createdBy": f"arn:{call.partition}:iam::{call.account}:root",
        "roleArn": f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/"
        "ecs.amazonaws.com/AWSServiceRoleForECS",
        "deployments": [],
        "events": [],
        "loadBalancers": [],
        "serviceRegistries": [],
        "placementConstraints": [],
        "placementStrategy": [],
        "deploymentConfiguration": dict(DEFAULT_DEPLOYMENT),
        "enableECSManagedTags": False,
        "enableExecuteCommand": False,
        "propagateTags": "NONE",
    }
    service = Service(view, call.tags(), dict(request))
    _settle_view(cluster, service)
    cluster.services[name] = service
    scheduler.deploy(call, cluster, service)
    return {"service": _view(cluster, service, with_tags=True)}


@operation("UpdateService")
def update_service(call: Call) -> Answer:
    """Scales the service, and deploys it anew when the tasks would differ or it is forced."""
    request, cluster = call.request, call.cluster()
    service = _find(cluster, request["service"])
    if service is None or not service.is_active:
        raise errors.named("ServiceNotFoundException", "Service not found.")
    redeploys = bool(request.get("forceNewDeployment"))
    for member in (*KEPT, "taskDefinition"):
        if request.get(member) is not None:
            redeploys |= member in REDEPLOYING and request[member] != service.request.get(member)
            service.request[member] = request[member]
    if request.get("desiredCount") is not None:
        service.view["desiredCount"] = request["desiredCount"]
    _settle_view(cluster, service)
    if redeploys:
        scheduler.deploy(call, cluster, service)
    else:
        scheduler.reconcile(call, cluster)
    return {"service": _view(cluster, service, with_tags=True)}


@operation("DescribeServices")
def describe_services(call: Call) -> Answer:
    """Services by name or ARN; those that do not exist are failures of the answer."""
    names, cluster = call.request["services"], call.cluster()
    if not 0 < len(names) <= MAX_DESCRIBED:
        raise errors.invalid(f"Services must contain 1 to {MAX_DESCRIBED} names.")
    found, failures = [], []
    for name in names:
        service = _find(cluster, name)
        if service is None:
            arn = call.arn(f"service/{cluster.view['clusterName']}/{last_part(name)}")
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(_view(cluster, service, call.includes("TAGS")))
    return {"services": found, "failures": failures}


@operation("ListServices")
def list_services(call: Call) -> Answer:
    """ARNs of the cluster's active services, ten a page unless told otherwise."""
    request, cluster = call.request, call.cluster()
    found = [
        service.view["serviceArn"]
        for service in cluster.services.values()
        if service.is_active
        and request.get("launchType") in (None, service.view.get("launchType"))
        and request.get("schedulingStrategy") in (None, service.view["schedulingStrategy"])
    ]
    arns, more = page(found, request, PAGE)
    return {"serviceArns": arns, **more}


@operation("DeleteService")
def delete_service(call: Call) -> Answer:
    """Deletes a service that is scaled to nothing, or any when forced."""
    cluster = call.cluster()
    service = _find(cluster, call.request["service"])
    if service is None or not service.is_active:
        raise errors.named("ServiceNotFoundException", "Service not found.")
    if service.view["desiredCount"] and not call.request.get("force"):
        raise errors.invalid("The service cannot be stopped while it is scaled above 0.")
    service.view |= {"status": "INACTIVE", "desiredCount": 0}
    scheduler.reconcile(call, cluster)
    service.view["deployments"] = []
    return {"service": _view(cluster, service, with_tags=True)}


def _settle_view(cluster: Cluster, service: Service) -> None:
    """What the answer shows of the request, with ECS's defaults."""
    request, view = service.request, service.view
    view |= {member: request[member] for member in KEPT if request.get(member) is not None}
    view["deploymentConfiguration"] = DEFAULT_DEPLOYMENT | view["deploymentConfiguration"]
    strategy = request.get("capacityProviderStrategy")
    if not request.get("launchType") and not strategy:
        strategy = cluster.view["defaultCapacityProviderStrategy"]
    if strategy:
        view["capacityProviderStrategy"] = strategy
    else:
        view["launchType"] = request.get("launchType") or "EC2"
    if launch.is_fargate(cluster, request):
        view |= {"platformVersion": request.get("platformVersion") or "LATEST", "platformFamily": "Linux"}


def _find(cluster: Cluster, name: str) -> Service | None:
    service = cluster.services.get(last_part(name))
    if service is not None and name.startswith("arn:") and name != service.view["serviceArn"]:
        return None
    return service


def _view(cluster: Cluster, service: Service, with_tags: bool) -> View:
    running = len(cluster.running(service.view["serviceName"]))
    desired = service.view["desiredCount"]
    counts: dict[str, Any] = {"runningCount": running, "pendingCount": 0}
    deployments = [each | counts | {"desiredCount": desired} for each in service.view["deployments"]]
    return (
        service.view
        | counts
        | {
            "deployments": deployments,
            "tags": tags_to(service.tags) if with_tags else [],
        }
    )
