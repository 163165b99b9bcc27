"""Keeps the tasks of services: as many as desired, all of the primary deployment.

Without container instances a service of launch type EC2 keeps none. A deployment replaces all
tasks at once.
"""

from localstack_guardduty.ecs import definitions, launch
from localstack_guardduty.ecs.operations import Call
from localstack_guardduty.ecs.store import Cluster, Service, new_deployment_id, now

MAX_EVENTS = 100
SCHEDULER = "ServiceSchedulerInitiated"


def reconcile(call: Call, cluster: Cluster) -> None:
    """Starts what is missing and stops what is too much, for each service of the cluster."""
    for service in cluster.services.values():
        running = cluster.running(service.view["serviceName"])
        wanted = service.view["desiredCount"] if launch.is_fargate(cluster, service.request) else 0
        for _ in range(wanted - len(running)):
            _start_task(call, cluster, service)
        for task in running[wanted:]:
            deployment = service.deployment["id"]
            launch.stop(task, f"Scaling activity initiated by (deployment {deployment})", SCHEDULER)


def deploy(call: Call, cluster: Cluster, service: Service) -> None:
    """A new primary deployment; the tasks of the one before are stopped."""
    definition = definitions.find(call, service.request["taskDefinition"])
    old, time, name = cluster.running(service.view["serviceName"]), now(), new_deployment_id()
    service.view["taskDefinition"] = definition.view["taskDefinitionArn"]
    deployment = {
        "id": name,
        "status": "PRIMARY",
        "taskDefinition": definition.view["taskDefinitionArn"],
        "createdAt": time,
        "updatedAt": time,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": f"ECS deployment {name} completed.",
        "failedTasks": 0,
    }
    shown = (
        "launchType",
        "platformVersion",
        "platformFamily",
        "networkConfiguration",
        "capacityProviderStrategy",
    )
    deployment |= {member: service.view[member] for member in shown if member in service.view}
    service.view["deployments"] = [deployment]
    for task in old:
        launch.stop(task, f"Scaling activity initiated by (deployment {name})", SCHEDULER)
    reconcile(call, cluster)
    _say(service, f"(service {service.view['serviceName']}) has reached a steady state.")


def _start_task(call: Call, cluster: Cluster, service: Service) -> None:
    definition = definitions.find(call, service.view["taskDefinition"])
    tags = launch.service_tags(service, definition)
    if service.request.get("enableECSManagedTags"):
        tags |= {
            "aws:ecs:clusterName": cluster.view["clusterName"],
            "aws:ecs:serviceName": service.view["serviceName"],
        }
    task = launch.start(call, cluster, definition, service.request, tags)
    task.view["group"] = f"service:{service.view['serviceName']}"
    task.view["startedBy"] = service.deployment["id"]
    _say(service, f"(service {service.view['serviceName']}) has started 1 tasks: {task.view['taskArn']}.")


def _say(service: Service, message: str) -> None:
    event = {"id": new_deployment_id().removeprefix("ecs-svc/"), "createdAt": now(), "message": message}
    service.view["events"] = [event, *service.view["events"]][:MAX_EVENTS]
