"""A role that is deleted stands in the policies of queues and topics with its id from then on, as on AWS.

AWS keeps a role in a policy by its id and shows the ARN for as long as there is such a role, so that a new
role of the same name is not let in. LocalStack keeps the ARN.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from localstack.services.sns.models import sns_stores
from localstack.services.sqs.models import sqs_stores
from localstack.utils.patch import patch
from moto.iam.models import IAMBackend

Attributes = dict[str, Any]


def install() -> None:
    """Adds to how moto deletes a role."""

    @patch(IAMBackend.delete_role)
    def delete_role(delete: Callable[[IAMBackend, str], None], backend: IAMBackend, role_name: str) -> None:
        role = backend.get_role(role_name)
        delete(backend, role_name)
        for attributes in _attributes():
            policy = attributes.get("Policy")
            if policy and role.arn in policy:
                attributes["Policy"] = json.dumps(_renamed(json.loads(policy), role.arn, role.id))


def _attributes() -> Iterator[Attributes]:
    """Those of all queues and topics of all accounts."""
    for account in list(sqs_stores.values()):
        for store in list(account.values()):
            yield from (queue.attributes for queue in list(store.queues.values()))
    for account in list(sns_stores.values()):
        for store in list(account.values()):
            yield from (topic["attributes"] for topic in list(store.topics.values()))


def _renamed(policy: Any, arn: str, name: str) -> Any:
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        named = principal.get("AWS") if isinstance(principal, dict) else None
        if named == arn:
            principal["AWS"] = name
        elif isinstance(named, list):
            principal["AWS"] = [name if each == arn else each for each in named]
    return policy
