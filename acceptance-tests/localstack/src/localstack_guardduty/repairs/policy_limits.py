"""How large a policy on a queue, a topic or log groups may be.

LocalStack takes any. What counts as a condition of a queue's policy is read from AWS's table, which names ten
"conditions" a policy: each key of each statement counts.
"""

import functools
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from localstack.aws.api import CommonServiceException, ServiceException
from localstack.aws.api.sns import InvalidParameterException
from localstack.services.sns.provider import SnsProvider
from localstack.services.sqs.provider import SqsProvider
from localstack.utils.patch import patch
from moto.logs.exceptions import InvalidParameterException as LogsInvalidParameter
from moto.logs.models import LogsBackend

LOGS_POLICY_CHARACTERS = 5120
Statement = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What a policy of one service may hold; None is no limit."""

    bytes: int
    statements: int
    principals: int
    conditions: int | None = None
    actions: int | None = None

    def excess(self, text: str) -> str | None:
        """What is too much in the policy, in SQS's words."""
        if len(text.encode()) > self.bytes:
            return "Submitted policy is over max allowed size."
        statements = _statements(text)
        counted = [
            ("statements", len(statements), self.statements),
            ("principals", sum(1 for each in statements for _ in _principals(each)), self.principals),
            ("conditions", sum(1 for each in statements for _ in _conditions(each)), self.conditions),
        ]
        for what, count, most in counted:
            if most is not None and count > most:
                return f"{count} {what} were found in the submitted policy, max allowed is {most}"
        actions = max((len(_list(each.get("Action"))) for each in statements), default=0)
        if self.actions is not None and actions > self.actions:
            return (
                f"{actions} actions were found in a statement from the submitted policy, max allowed is "
                f"{self.actions}"
            )
        return None


QUEUE = Limits(bytes=8192, statements=20, principals=50, conditions=10, actions=7)
TOPIC = Limits(bytes=30 * 1024, statements=100, principals=200)


def install() -> None:
    """Wraps the operations that take a policy."""
    for method in ("create_queue", "set_queue_attributes"):
        _check(SqsProvider, method, lambda given: given.get("attributes") or {}, QUEUE, _over_limit)
    _check(SnsProvider, "create_topic", lambda given: given.get("attributes") or {}, TOPIC, _invalid)
    _check(SnsProvider, "set_topic_attributes", _topic_attribute, TOPIC, _invalid)

    @patch(LogsBackend.put_resource_policy)
    def put_resource_policy(put: Any, backend: LogsBackend, policy_name: str, policy_doc: str) -> Any:
        if len(policy_doc) > LOGS_POLICY_CHARACTERS:
            raise LogsInvalidParameter(
                constraint=f"Member must have length less than or equal to {LOGS_POLICY_CHARACTERS}",
                parameter="policyDocument",
                value=policy_doc,
            )
        return put(backend, policy_name, policy_doc)


def _check(
    provider: type,
    method: str,
    attributes: Callable[[dict[str, Any]], dict[str, str]],
    limits: Limits,
    error: Callable[[str], ServiceException],
) -> None:
    original = getattr(provider, method)
    signature = inspect.signature(original)

    @functools.wraps(original)
    def checked(*positional: Any, **named: Any) -> Any:
        policy = attributes(signature.bind(*positional, **named).arguments).get("Policy")
        excess = limits.excess(policy) if policy else None
        if excess:
            raise error(excess)
        return original(*positional, **named)

    setattr(provider, method, checked)


def _topic_attribute(given: dict[str, Any]) -> dict[str, str]:
    return {given["attribute_name"]: given.get("attribute_value") or ""}


def _over_limit(excess: str) -> ServiceException:
    return CommonServiceException("OverLimit", excess, 403, True)


def _invalid(excess: str) -> ServiceException:
    return InvalidParameterException(f"Invalid parameter: Policy Error: {excess}")


def _statements(text: str) -> list[Statement]:
    try:
        policy = json.loads(text)
    except ValueError:
        return []  # for the service to refuse
    return [each for each in _list(policy.get("Statement")) if isinstance(each, dict)]


def _principals(statement: Statement) -> Iterator[str]:
    principal = statement.get("Principal", [])
    for each in principal.values() if isinstance(principal, dict) else [principal]:
        yield from _list(each)


def _conditions(statement: Statement) -> Iterator[str]:
    for keys in (statement.get("Condition") or {}).values():
        yield from keys


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
