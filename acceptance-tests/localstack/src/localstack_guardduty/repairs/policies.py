"""AWS's managed policies are read once, not for each account: reading takes a sixth of a second."""

import copy
from collections.abc import Callable
from typing import Any

from localstack.utils.patch import patch
from moto.iam.models import IAMBackend

Read = Callable[[IAMBackend], list[Any]]


def install() -> None:
    """Wraps how moto makes them; what LocalStack adds to them is added as before."""
    known: list[Any] = []

    @patch(IAMBackend._init_aws_policies)
    def init(read: Read, backend: IAMBackend) -> list[Any]:
        if not known:
            known.extend(read(backend))
        return [_of_account(policy, backend.account_id) for policy in known]


def _of_account(policy: Any, account: str) -> Any:
    """A policy with a count of attachments of its own; its versions never change."""
    own = copy.copy(policy)
    own.account_id = account
    return own
