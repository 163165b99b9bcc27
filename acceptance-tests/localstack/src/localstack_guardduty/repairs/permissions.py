"""Permissions on a Lambda function: overlapping calls lose changes as on AWS, and a policy has a limit.

AWS reads the policy, changes it and writes it back, with nothing that makes two calls take turns; with a
RevisionId the later one is refused. LocalStack's calls take no time, so each is given some.
"""

import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from localstack.aws.api.lambda_ import PolicyLengthExceededException
from localstack.services.lambda_ import api_utils
from localstack.services.lambda_.invocation.lambda_models import (
    Function,
    FunctionResourcePolicy,
    ResourcePolicy,
)
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.lambda_.provider import LambdaProvider

CHANGE_SECONDS = 0.02
MAX_BYTES = 20 * 1024
_writing = threading.Lock()


def install() -> None:
    """Wraps AddPermission and RemovePermission."""
    add, remove = LambdaProvider.add_permission, LambdaProvider.remove_permission

    @functools.wraps(add)
    def add_permission(self: LambdaProvider, context: Any, request: Any) -> Any:
        function, qualifier = request.get("FunctionName"), request.get("Qualifier")
        return _changed(context, function, qualifier, lambda: add(self, context, request))

    @functools.wraps(remove)
    def remove_permission(
        self: LambdaProvider,
        context: Any,
        function_name: str,
        statement_id: str,
        qualifier: str | None = None,
        **named: Any,
    ) -> Any:
        def act() -> Any:
            return remove(self, context, function_name, statement_id, qualifier, **named)

        return _changed(context, function_name, qualifier, act)

    LambdaProvider.add_permission, LambdaProvider.remove_permission = add_permission, remove_permission


def _changed(context: Any, name: str, qualifier: str | None, act: Callable[[], Any]) -> Any:
    """Lets `act` work on the policy as it was when the call arrived."""
    account, region = api_utils.get_account_and_region(name, context)
    name, qualifier = api_utils.get_name_and_qualifier(name, qualifier, context)
    function = lambda_stores[account][region].functions.get(name)
    if function is None:
        return act()
    place = qualifier or "$LATEST"
    read = _statements(function, place)
    time.sleep(CHANGE_SECONDS)
    with _writing:
        latest = _statements(function, place)
        _write(function, place, read)
        try:
            answer = act()
            _check_size(_statements(function, place))
        except Exception:
            _write(function, place, latest)
            raise
        return answer


def _statements(function: Function, place: str) -> list[Any] | None:
    permissions = function.permissions.get(place)
    return None if permissions is None else list(permissions.policy.Statement)


def _write(function: Function, place: str, statements: list[Any] | None) -> None:
    if statements is None:
        function.permissions.pop(place, None)
    else:
        policy = ResourcePolicy(Version="2012-10-17", Id="default", Statement=list(statements))
        function.permissions[place] = FunctionResourcePolicy(policy=policy)


def _check_size(statements: list[Any] | None) -> None:
    size = len(json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements or []}))
    if size > MAX_BYTES:
        raise PolicyLengthExceededException(
            f"The final policy size ({size}) is bigger than the limit ({MAX_BYTES}).", Type="User"
        )
