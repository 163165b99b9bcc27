"""Tags of clusters, services, tasks and task definitions."""

from collections.abc import Iterator

from localstack_guardduty.ecs import errors
from localstack_guardduty.ecs.operations import MAX_TAGS, Answer, Call, operation, tags_from, tags_to
from localstack_guardduty.ecs.store import Tags


@operation("TagResource")
def tag_resource(call: Call) -> None:
    """Adds tags and replaces the values of those there."""
    tags, wanted = _tags(call), tags_from(call.request["tags"])
    if len(tags | wanted) > MAX_TAGS:
        raise errors.invalid(f"Too many tags: at most {MAX_TAGS} per resource.")
    if any(key.lower().startswith("aws:") for key in wanted):
        raise errors.invalid("Tag keys with the prefix 'aws:' are reserved.")
    tags.update(wanted)


@operation("UntagResource")
def untag_resource(call: Call) -> None:
    """Removes tags; keys that are not there are ignored."""
    tags = _tags(call)
    for key in call.request["tagKeys"]:
        tags.pop(key, None)


@operation("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    """The tags of one resource."""
    return {"tags": tags_to(_tags(call))}


def _tags(call: Call) -> Tags:
    wanted = call.request["resourceArn"]
    for arn, tags in _tagged(call):
        if arn == wanted:
            return tags
    kind = wanted.partition(":ecs:")[2].split(":", 2)[-1].partition("/")[0]
    if kind == "cluster":
        raise errors.named("ClusterNotFoundException", "Cluster not found.")
    raise errors.named("ResourceNotFoundException", "The specified resource could not be found.")


def _tagged(call: Call) -> Iterator[tuple[str, Tags]]:
    for cluster in call.store.clusters.values():
        if cluster.is_active:
            yield cluster.view["clusterArn"], cluster.tags
        for service in cluster.services.values():
            if service.is_active:
                yield service.view["serviceArn"], service.tags
        for task in cluster.tasks.values():
            yield task.view["taskArn"], task.tags
    for revisions in call.store.definitions.values():
        for definition in revisions:
            yield definition.view["taskDefinitionArn"], definition.tags
