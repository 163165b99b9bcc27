"""Clusters."""

from localstack_guardduty.ecs import errors
from localstack_guardduty.ecs.operations import Answer, Call, last_part, operation, page, tags_to
from localstack_guardduty.ecs.store import STORES, Cluster

DEFAULT_SETTINGS = [{"name": "containerInsights", "value": "disabled"}]


@operation("CreateCluster")
def create_cluster(call: Call) -> Answer:
    """Creates the cluster; one that is there already is answered as it is."""
    request = call.request
    name = request.get("clusterName") or "default"
    cluster = call.store.clusters.get(name)
    if cluster is None or not cluster.is_active:
        cluster = Cluster(
            view={
                "clusterArn": call.arn(f"cluster/{name}"),
                "clusterName": name,
                "status": "ACTIVE",
                "settings": list(DEFAULT_SETTINGS),
                "capacityProviders": request.get("capacityProviders") or [],
                "defaultCapacityProviderStrategy": request.get("defaultCapacityProviderStrategy") or [],
            },
            tags=call.tags(),
        )
        _change(cluster, request)
        call.store.clusters[name] = cluster
    return {"cluster": _view(cluster) | {"tags": tags_to(cluster.tags)}}


@operation("DescribeClusters")
def describe_clusters(call: Call) -> Answer:
    """Clusters by name or ARN; those that do not exist are failures of the answer."""
    found, failures = [], []
    for name in call.request.get("clusters") or ["default"]:
        cluster = call.store.clusters.get(last_part(name))
        if cluster is None or (name.startswith("arn:") and name != cluster.view["clusterArn"]):
            arn = name if name.startswith("arn:") else call.arn(f"cluster/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            tags = tags_to(cluster.tags) if call.includes("TAGS") else []
            statistics = _statistics(cluster) if call.includes("STATISTICS") else []
            found.append(_view(cluster) | {"tags": tags, "statistics": statistics})
    return {"clusters": found, "failures": failures}


@operation("ListClusters")
def list_clusters(call: Call) -> Answer:
    """ARNs of the active clusters."""
    arns = [cluster.view["clusterArn"] for cluster in call.store.clusters.values() if cluster.is_active]
    selected, more = page(arns, call.request, 100)
    return {"clusterArns": selected, **more}


@operation("UpdateCluster")
def update_cluster(call: Call) -> Answer:
    """Changes settings and configuration."""
    cluster = call.cluster()
    _change(cluster, call.request)
    return {"cluster": _view(cluster)}


@operation("UpdateClusterSettings")
def update_cluster_settings(call: Call) -> Answer:
    """Changes settings by name."""
    cluster = call.cluster()
    settings = {each["name"]: each for each in cluster.view["settings"]}
    settings |= {each["name"]: each for each in call.request["settings"]}
    cluster.view["settings"] = list(settings.values())
    return {"cluster": _view(cluster)}


@operation("PutClusterCapacityProviders")
def put_cluster_capacity_providers(call: Call) -> Answer:
    """Replaces the cluster's capacity providers and its default strategy."""
    cluster = call.cluster()
    cluster.view["capacityProviders"] = call.request["capacityProviders"]
    cluster.view["defaultCapacityProviderStrategy"] = call.request["defaultCapacityProviderStrategy"]
    return {"cluster": _view(cluster)}


@operation("DeleteCluster")
def delete_cluster(call: Call) -> Answer:
    """Deletes an empty cluster; it stays describable as INACTIVE."""
    cluster = call.cluster()
    if any(service.is_active for service in cluster.services.values()):
        message = "The Cluster cannot be deleted while Services are active."
        raise errors.named("ClusterContainsServicesException", message)
    if cluster.running():
        message = "The Cluster cannot be deleted while Tasks are active."
        raise errors.named("ClusterContainsTasksException", message)
    cluster.view["status"] = "INACTIVE"
    return {"cluster": _view(cluster)}


def _change(cluster: Cluster, request: Answer) -> None:
    for member in ("settings", "configuration", "serviceConnectDefaults"):
        if request.get(member) is not None:
            cluster.view[member] = request[member]


def _view(cluster: Cluster) -> Answer:
    return cluster.view | {
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": len(cluster.running()) + cluster.ec2_tasks,
        "pendingTasksCount": 0,
        "activeServicesCount": sum(service.is_active for service in cluster.services.values()),
        "statistics": [],
    }


def _statistics(cluster: Cluster) -> list[dict[str, str]]:
    """Counts by launch type, as texts; those of services on container instances are left out."""
    counts = {
        "runningEC2TasksCount": cluster.ec2_tasks,
        "runningFargateTasksCount": len(cluster.running()),
        "pendingEC2TasksCount": 0,
        "pendingFargateTasksCount": 0,
        "activeFargateServiceCount": sum(service.is_active for service in cluster.services.values()),
    }
    return [{"name": name, "value": str(value)} for name, value in counts.items()]


def set_ec2_tasks(arguments: Answer) -> None:
    """POST ec2-tasks: how many tasks run on container instances of a cluster."""
    clusters = STORES[str(arguments["account"])][str(arguments["region"])].clusters
    clusters[str(arguments["cluster"])].ec2_tasks = int(arguments["count"])
