"""Names of errors in Step Functions' AWS SDK integrations.

Replaces LocalStack's prefix for services whose id is an acronym: the service says `Ecs.`, as the
Java SDK spells it, where LocalStack says `ECS.`, so a state machine's Retry and Catch would differ.
"""

from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_aws_sdk as integration,
)

NAMES = {"ec2": "Ec2", "ecs": "Ecs", "iam": "Iam", "sns": "Sns", "sqs": "Sqs", "ssm": "Ssm"}


def install() -> None:
    """Adds the names to LocalStack's own."""
    integration._SERVICE_ERROR_NAMES.update(NAMES)
