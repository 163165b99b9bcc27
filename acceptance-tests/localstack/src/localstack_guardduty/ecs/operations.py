"""How a function becomes an ECS operation, and how it finds what a request names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator
from localstack.aws.api import RequestContext

from localstack_guardduty.ecs import errors
from localstack_guardduty.ecs.store import STORES, Cluster, EcsStore, Tags
from localstack_guardduty.lock import LOCK

Answer = dict[str, Any]
MAX_TAGS = 50


@dataclass
class Call:
    """One request: who asks, where, and for what."""

    account: str
    region: str
    partition: str
    request: dict[str, Any]

    @property
    def store(self) -> EcsStore:
        """The stored state of this account and region."""
        return STORES[self.account][self.region]

    def arn(self, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:{self.partition}:ecs:{self.region}:{self.account}:{resource}"

    def cluster(self) -> Cluster:
        """The active cluster that the request names, by name or ARN, or `default`."""
        name = last_part(self.request.get("cluster") or "default")
        cluster = self.store.clusters.get(name)
        if cluster is None or not cluster.is_active:
            raise errors.named("ClusterNotFoundException", "Cluster not found.")
        return cluster

    def tags(self) -> Tags:
        """The tags that the request gives a new resource."""
        return tags_from(self.request.get("tags"))

    def includes(self, what: str) -> bool:
        """Whether the request asks for an optional part of the answer."""
        return what in (self.request.get("include") or [])


Operation = Callable[[Call], Answer | None]
OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """Registers a function as the operation `name`."""

    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register


def dispatch_table() -> dict[str, Callable[[RequestContext, Any], Answer]]:
    """What LocalStack calls for each operation."""
    return {name: _serve(function) for name, function in OPERATIONS.items()}


def _serve(function: Operation) -> Callable[[RequestContext, Any], Answer]:
    def serve(context: RequestContext, request: dict[str, Any] | None) -> Answer:
        given = {name: value for name, value in (request or {}).items() if value is not None}
        report = ParamValidator().validate(given, context.operation.input_shape)
        if report.has_errors():
            raise errors.invalid(report.generate_report())
        with LOCK:
            return function(Call(context.account_id, context.region, context.partition, given)) or {}

    return serve


def last_part(name_or_arn: str) -> str:
    """`prod` of `prod` and of `arn:...:cluster/prod`."""
    return name_or_arn.rpartition("/")[2]


def tags_from(given: list[dict[str, str]] | None) -> Tags:
    """ECS's list of keys and values as a mapping."""
    tags = {tag["key"]: tag.get("value", "") for tag in given or []}
    if len(tags) > MAX_TAGS:
        raise errors.invalid(f"Too many tags: at most {MAX_TAGS} per resource.")
    return tags


def tags_to(tags: Tags) -> list[dict[str, str]]:
    """A mapping as ECS's list of keys and values."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def page[T](items: list[T], request: dict[str, Any], size: int) -> tuple[list[T], dict[str, str]]:
    """The items of the page asked for, and `{"nextToken": ...}` if there are more."""
    try:
        start = int(request.get("nextToken") or 0)
    except ValueError:
        raise errors.invalid("Invalid token.") from None
    end = start + min(request.get("maxResults") or size, 100)
    return items[start:end], {"nextToken": str(end)} if end < len(items) else {}
