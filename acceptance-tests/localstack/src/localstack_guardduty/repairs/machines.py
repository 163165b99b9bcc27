"""A state machine that is deleted is DELETING for a while, in which its name is taken.

LocalStack removes it at once.
"""

import functools
from collections.abc import Callable
from typing import Any

from localstack.aws.api.stepfunctions import StateMachineDeleting, StateMachineDoesNotExist
from localstack.services.stepfunctions.provider import StepFunctionsProvider
from localstack.utils.aws.arns import stepfunctions_state_machine_arn

from localstack_guardduty.control.clock import CLOCK

DELETING_SECONDS = 30
_deleting: dict[str, tuple[dict[str, Any], float]] = {}
"""ARN -> what DescribeStateMachine answers, and until which emulated second."""


def install() -> None:
    """Wraps the operations that meet a state machine which is being deleted."""
    delete = StepFunctionsProvider.delete_state_machine
    describe = StepFunctionsProvider.describe_state_machine

    @functools.wraps(delete)
    def delete_state_machine(
        self: StepFunctionsProvider, context: Any, state_machine_arn: str, **named: Any
    ) -> Any:
        try:
            known = describe(self, context, state_machine_arn)
            _deleting[state_machine_arn] = (known | {"status": "DELETING"}, CLOCK.now() + DELETING_SECONDS)
        except StateMachineDoesNotExist:
            pass
        return delete(self, context, state_machine_arn, **named)

    @functools.wraps(describe)
    def describe_state_machine(
        self: StepFunctionsProvider, context: Any, state_machine_arn: str, **named: Any
    ) -> Any:
        return _known(state_machine_arn) or describe(self, context, state_machine_arn, **named)

    StepFunctionsProvider.delete_state_machine = delete_state_machine
    StepFunctionsProvider.describe_state_machine = describe_state_machine
    _refuse("create_state_machine", _of_new)
    for method in ("update_state_machine", "start_execution", "start_sync_execution"):
        _refuse(method, lambda _context, named: named["state_machine_arn"])


def _known(arn: str) -> dict[str, Any] | None:
    known, until = _deleting.get(arn, ({}, 0.0))
    return known if CLOCK.now() < until else None


def _refuse(method: str, arn_of: Callable[[Any, dict[str, Any]], str]) -> None:
    original = getattr(StepFunctionsProvider, method)

    @functools.wraps(original)
    def refusing(self: StepFunctionsProvider, context: Any, *positional: Any, **named: Any) -> Any:
        given = named | ({"request": positional[0]} if positional else {})
        arn = arn_of(context, given)
        if _known(arn):
            raise StateMachineDeleting(f"State Machine is being deleted: '{arn}'")
        return original(self, context, *positional, **named)

    setattr(StepFunctionsProvider, method, refusing)


def _of_new(context: Any, given: dict[str, Any]) -> str:
    return stepfunctions_state_machine_arn(given["request"]["name"], context.account_id, context.region)
