"""Answers of status 200 that say which items of a request were not done.

Only the refused items are left out of the work; the others reach the service. It knows the
operations that answer so, and nothing else of their services.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Response

Answer = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """An operation over a list: where its items and its refusals stand."""

    items: str
    name: Callable[[Any], str]
    refusal: Callable[[str, str, str], Answer]
    refusals: str
    count: str | None = None


def _by_key(key: str) -> Callable[[Any], str]:
    return lambda item: item[key]


def _itself(item: Any) -> str:
    return str(item)


def _entry(member: str) -> Callable[[str, str, str], Answer]:
    return lambda name, code, message: {member: name, "ErrorCode": code, "ErrorMessage": message}


def _account(name: str, _code: str, message: str) -> Answer:
    return {"AccountId": name, "Result": message}


def _failure(name: str, code: str, message: str) -> Answer:
    return {"arn": name, "reason": code, "detail": message}


def _batch_error(name: str, code: str, message: str) -> Answer:
    return {"Id": name, "Code": code, "Message": message, "SenderFault": True}


TARGETS = Batch("Targets", _by_key("Id"), _entry("TargetId"), "FailedEntries", "FailedEntryCount")
ACCOUNTS = Batch("AccountIds", _itself, _account, "UnprocessedAccounts")
BATCHES: dict[tuple[str, str], Batch] = {
    ("events", "PutTargets"): TARGETS,
    ("events", "RemoveTargets"): Batch(
        "Ids", _itself, _entry("TargetId"), "FailedEntries", "FailedEntryCount"
    ),
    ("guardduty", "CreateMembers"): Batch(
        "AccountDetails", _by_key("AccountId"), _account, "UnprocessedAccounts"
    ),
    ("ecs", "DescribeClusters"): Batch("clusters", _itself, _failure, "failures"),
    ("ecs", "DescribeServices"): Batch("services", _itself, _failure, "failures"),
    ("ecs", "DescribeTasks"): Batch("tasks", _itself, _failure, "failures"),
    ("sqs", "SendMessageBatch"): Batch("Entries", _by_key("Id"), _batch_error, "Failed"),
    ("sqs", "DeleteMessageBatch"): Batch("Entries", _by_key("Id"), _batch_error, "Failed"),
    ("sns", "PublishBatch"): Batch("PublishBatchRequestEntries", _by_key("Id"), _batch_error, "Failed"),
} | {
    ("guardduty", operation): ACCOUNTS
    for operation in (
        "GetMembers",
        "DeleteMembers",
        "InviteMembers",
        "DisassociateMembers",
        "StartMonitoringMembers",
        "StopMonitoringMembers",
        "GetMemberDetectors",
        "UpdateMemberDetectors",
    )
}


def check(service: str, operation: str) -> None:
    """Refuses an operation whose answers name no refused items."""
    if (service, operation) not in BATCHES:
        raise ValueError(f"{service} {operation} does not answer item by item")


def apply(
    code: str,
    message: str,
    names: list[str] | None,
    chain: HandlerChain,
    context: RequestContext,
    response: Response,
) -> None:
    """Refuses the items called `names`, or all; with all refused the service is not called."""
    batch = BATCHES[context.service.service_name, context.operation.name]
    given = context.service_request.get(batch.items) or []
    refused = [item for item in given if names is None or batch.name(item) in names]
    context.service_request[batch.items] = [item for item in given if item not in refused]
    refusals = [batch.refusal(batch.name(item), code, message) for item in refused]
    if context.service_request[batch.items]:
        context.refusals = (batch, refusals)
        return
    response.update_from(_serialized(context, _with_refusals({}, batch, refusals)))
    chain.stop()


def on_response(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """LocalStack's response handler: adds the refusals to the service's own answer."""
    pending = context.get("refusals")
    if pending and response.status_code < 300:
        response.update_from(_serialized(context, _with_refusals(dict(context.service_response), *pending)))


def _with_refusals(answer: Answer, batch: Batch, refusals: list[Answer]) -> Answer:
    answer[batch.refusals] = [*answer.get(batch.refusals, []), *refusals]
    if batch.count:
        answer[batch.count] = len(answer[batch.refusals])
    return answer


def _serialized(context: RequestContext, answer: Answer) -> Response:
    context.service_response = answer
    serializer = create_serializer(context.service, context.protocol)
    return serializer.serialize_to_response(
        answer, context.operation, context.request.headers, context.request_id
    )
