"""Operations on tasks."""

from localstack_guardduty.ecs import definitions, errors, launch, scheduler
from localstack_guardduty.ecs.operations import Answer, Call, last_part, operation, page, tags_from, tags_to
from localstack_guardduty.ecs.store import Cluster, Definition, Task, View

MAX_RUN_COUNT = 10
MAX_REASON_LENGTH = 1024


@operation("RunTask")
def run_task(call: Call) -> Answer:
    """Starts standalone tasks."""
    request, cluster = call.request, call.cluster()
    definition = definitions.find(call, request["taskDefinition"])
    count = request.get("count") or 1
    if count > MAX_RUN_COUNT:
        raise errors.invalid(f"Count can be no more than {MAX_RUN_COUNT}.")
    if not launch.is_fargate(cluster, request):
        raise errors.invalid("No Container Instances were found in your cluster.")
    launch.check_network(definition, request)
    started = [
        launch.start(call, cluster, definition, request, _run_task_tags(call, definition))
        for _ in range(count)
    ]
    for task in started:
        task.view["group"] = request.get("group") or f"family:{definition.view['family']}"
        task.view["startedBy"] = request.get("startedBy")
    return {"tasks": [_view(task, with_tags=True) for task in started], "failures": []}


@operation("StopTask")
def stop_task(call: Call) -> Answer:
    """Stops a task; its service starts another one."""
    cluster = call.cluster()
    task = _find(cluster, call.request["task"])
    if task is None:
        raise errors.invalid("The referenced task was not found.")
    reason = call.request.get("reason") or "Task stopped by user"
    if len(reason) > MAX_REASON_LENGTH:
        raise errors.invalid("Reason is too long.")
    launch.stop(task, reason, "UserInitiated")
    scheduler.reconcile(call, cluster)
    return {"task": _view(task, with_tags=True)}


@operation("DescribeTasks")
def describe_tasks(call: Call) -> Answer:
    """Tasks by id or ARN, also stopped ones."""
    cluster, found, failures = call.cluster(), [], []
    for name in call.request["tasks"]:
        task = _find(cluster, name)
        if task is None:
            arn = name if name.startswith("arn:") else launch.task_arn(call, cluster, name)
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(_view(task, call.includes("TAGS")))
    return {"tasks": found, "failures": failures}


@operation("ListTasks")
def list_tasks(call: Call) -> Answer:
    """ARNs of the cluster's tasks that fit; those meant to run unless STOPPED is asked for."""
    request, cluster = call.request, call.cluster()
    wanted = {
        "desiredStatus": request.get("desiredStatus") or "RUNNING",
        "launchType": request.get("launchType"),
        "startedBy": request.get("startedBy"),
    }
    if request.get("serviceName"):
        wanted["group"] = f"service:{last_part(request['serviceName'])}"
    found = [
        task.view["taskArn"]
        for task in cluster.tasks.values()
        if all(value in (None, task.view.get(member)) for member, value in wanted.items())
        and request.get("family") in (None, _family(task))
    ]
    arns, more = page(found, request, 100)
    return {"taskArns": arns, **more}


def _run_task_tags(call: Call, definition: Definition) -> dict[str, str]:
    inherited = definition.tags if call.request.get("propagateTags") == "TASK_DEFINITION" else {}
    return dict(inherited) | tags_from(call.request.get("tags"))


def _family(task: Task) -> str:
    return last_part(task.view["taskDefinitionArn"]).partition(":")[0]


def _find(cluster: Cluster, name: str) -> Task | None:
    task = cluster.tasks.get(last_part(name))
    if task is not None and name.startswith("arn:") and name != task.view["taskArn"]:
        return None
    return task


def _view(task: Task, with_tags: bool) -> View:
    return task.view | {"tags": tags_to(task.tags) if with_tags else []}
