"""Task definitions: families with numbered revisions."""

from typing import Any

from localstack_guardduty.ecs import errors
from localstack_guardduty.ecs.operations import Answer, Call, operation, page, tags_to
from localstack_guardduty.ecs.store import Definition, now

COPIED = (
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "ephemeralStorage",
    "runtimePlatform",
)


@operation("RegisterTaskDefinition")
def register_task_definition(call: Call) -> Answer:
    """Adds a revision to the family."""
    request = call.request
    family, fargate = request["family"], "FARGATE" in (request.get("requiresCompatibilities") or [])
    if fargate and not (request.get("cpu") and request.get("memory")):
        raise errors.client("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    if fargate and request.get("networkMode") != "awsvpc":
        raise errors.client("Fargate only supports network mode ‘awsvpc’.")
    revisions = call.store.definitions.setdefault(family, [])
    number = len(revisions) + 1
    view = {name: request[name] for name in COPIED if request.get(name) is not None} | {
        "taskDefinitionArn": call.arn(f"task-definition/{family}:{number}"),
        "family": family,
        "revision": number,
        "status": "ACTIVE",
        "containerDefinitions": [_container(each) for each in request["containerDefinitions"]],
        "compatibilities": ["EC2", "FARGATE"] if fargate else ["EC2"],
        "registeredAt": now(),
    }
    view = {"volumes": [], "placementConstraints": []} | view
    revisions.append(Definition(view, call.tags()))
    return {"taskDefinition": view, "tags": tags_to(call.tags())}


@operation("DescribeTaskDefinition")
def describe_task_definition(call: Call) -> Answer:
    """A revision, also one that was deregistered."""
    definition = find(call, call.request["taskDefinition"])
    tags = {"tags": tags_to(definition.tags)} if call.includes("TAGS") else {}
    return {"taskDefinition": definition.view, **tags}


@operation("ListTaskDefinitions")
def list_task_definitions(call: Call) -> Answer:
    """ARNs, of all families whose name begins so, in one status."""
    prefix, status = call.request.get("familyPrefix") or "", call.request.get("status") or "ACTIVE"
    arns = [
        definition.view["taskDefinitionArn"]
        for family, revisions in sorted(call.store.definitions.items())
        for definition in revisions
        if (not prefix or family == prefix) and definition.view["status"] == status
    ]
    if call.request.get("sort") == "DESC":
        arns.reverse()
    selected, more = page(arns, call.request, 100)
    return {"taskDefinitionArns": selected, **more}


@operation("DeregisterTaskDefinition")
def deregister_task_definition(call: Call) -> Answer:
    """Marks a revision INACTIVE; running tasks go on."""
    definition = find(call, call.request["taskDefinition"])
    definition.view |= {"status": "INACTIVE", "deregisteredAt": now()}
    return {"taskDefinition": definition.view}


def find(call: Call, name: str) -> Definition:
    """By ARN, `family:revision`, or `family` for the latest active revision."""
    family, _, revision = name.rpartition("/")[2].partition(":")
    if name.startswith("arn:"):
        family, _, revision = name.partition(":task-definition/")[2].partition(":")
    revisions = call.store.definitions.get(family, [])
    if not revision:
        active = [each for each in revisions if each.view["status"] == "ACTIVE"]
        if active:
            return active[-1]
    elif revision.isdigit() and 0 < int(revision) <= len(revisions):
        return revisions[int(revision) - 1]
    raise errors.client("Unable to describe task definition.")


def _container(given: dict[str, Any]) -> dict[str, Any]:
    defaults = {
        "cpu": 0,
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "portMappings": [],
    }
    return defaults | given
