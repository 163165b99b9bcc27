"""ECS clusters with running Fargate services, as a user would have them."""

from typing import Any

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-11111111"]}}


def cluster(ecs: Any, name: str = "prod", services: int = 1, tasks: int = 1, **tags: str) -> str:
    """A cluster with services `web-0`, `web-1`, ...; returns its ARN."""
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    arn = ecs.create_cluster(clusterName=name, tags=listed)["cluster"]["clusterArn"]
    define(ecs)
    for number in range(services):
        ecs.create_service(
            cluster=name,
            serviceName=f"web-{number}",
            taskDefinition="web",
            desiredCount=tasks,
            launchType="FARGATE",
            networkConfiguration=NETWORK,
        )
    return arn


def define(ecs: Any, family: str = "web", **changes: Any) -> str:
    """A task definition that runs on Fargate; returns its ARN."""
    request = {
        "family": family,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
        "containerDefinitions": [{"name": "web", "image": "web:1"}],
    }
    return ecs.register_task_definition(**(request | changes))["taskDefinition"]["taskDefinitionArn"]


def running(ecs: Any, cluster: str = "prod") -> list[dict[str, Any]]:
    """The cluster's running tasks as DescribeTasks shows them."""
    arns = ecs.list_tasks(cluster=cluster)["taskArns"]
    return ecs.describe_tasks(cluster=cluster, tasks=arns, include=["TAGS"])["tasks"] if arns else []


def finding(task: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A finding about a Fargate task, in the wire form that an event carries."""
    return {
        "type": "CryptoCurrency:Runtime/BitcoinTool.B!DNS",
        "severity": 8,
        "title": "A container in the ECS task is querying a domain name associated with Bitcoin activity.",
        "resource": {
            "resourceType": "ECSCluster",
            "ecsClusterDetails": {
                "name": task["clusterArn"].rpartition("/")[2],
                "arn": task["clusterArn"],
                "status": "ACTIVE",
                "tags": [],
                "taskDetails": {
                    "arn": task["taskArn"],
                    "definitionArn": task["taskDefinitionArn"],
                    "createdAt": 1795168100.12,
                    "launchType": "FARGATE",
                },
            },
        },
        "service": {
            "action": {"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "pool.example.com"}},
            "featureName": "RuntimeMonitoring",
            "resourceRole": "TARGET",
        },
    } | changes
