"""Tags of whatever has an ARN under the detector: the detector, filters and lists."""

from localstack_guardduty.guardduty import errors, lists
from localstack_guardduty.guardduty.operations import Answer, Call, operation

MAX_TAGS = 50


@operation("TagResource")
def tag_resource(call: Call) -> None:
    """Adds tags and replaces the values of those there."""
    tags = _tags(call)
    wanted = call.request["Tags"]
    if len(tags | wanted) > MAX_TAGS:
        raise errors.limit_exceeded("tags per resource", MAX_TAGS)
    tags.update(wanted)


@operation("UntagResource")
def untag_resource(call: Call) -> None:
    """Removes tags; keys that are not there are ignored."""
    tags = _tags(call)
    for key in call.request["TagKeys"]:
        tags.pop(key, None)


@operation("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    """The tags of one resource."""
    return {"Tags": _tags(call)}


def _tags(call: Call) -> dict[str, str]:
    """The tags of the resource that the request's ARN names, to read or to change."""
    detector = call.store.detector
    arn = call.request["ResourceArn"]
    if detector is None or not (arn == detector.arn or arn.startswith(f"{detector.arn}/")):
        raise errors.not_owned()
    if arn == detector.arn:
        return detector.tags
    kind, _, name = arn.removeprefix(f"{detector.arn}/").partition("/")
    if kind == "filter":
        for saved in detector.filters:
            if saved.name == name:
                return saved.tags
    for entity_list in lists.in_detector(detector):
        if (entity_list.kind.resource, entity_list.id) == (kind, name):
            return entity_list.tags
    raise errors.no_such_resource()
