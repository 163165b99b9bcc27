"""What PutRule, PutTargets and TestEventPattern refuse.

Replaces LocalStack's checks: it stores malformed patterns, and part of the targets it refuses.
"""

from typing import Any

from localstack.aws.api.events import InvalidEventPatternException
from localstack.services.events import provider as events
from localstack.services.events.models import ValidationException
from localstack.services.events.provider import EventsProvider
from localstack.services.events.rule import RuleService

from localstack_guardduty.repairs import patterns
from localstack_guardduty.repairs.pattern_values import PatternError

NEED_ROLE = (":states:", ":kinesis:", ":firehose:", ":ssm:", ":ecs:")


def install() -> None:
    """Adds the checks to LocalStack's rule service and provider."""
    _check_patterns()
    _check_targets()
    events.matches_event = _matches


def _check_patterns() -> None:
    original = RuleService._validate_input

    def validate(event_pattern: str | None, schedule: str | None, bus: str | None = "default") -> None:
        original(event_pattern, schedule, bus)
        if event_pattern:
            _refusing(lambda: patterns.check(event_pattern))

    RuleService._validate_input = staticmethod(validate)


def _check_targets() -> None:
    original = EventsProvider.put_targets

    def put_targets(
        self: EventsProvider, context: Any, rule: str, targets: Any, event_bus_name: Any = None, **_: Any
    ) -> Any:
        service = self.get_rule_service(context.region, context.account_id, rule, event_bus_name)
        for target in targets:
            _check_target(target)
        failed = service.validate_targets_input(targets)
        refused = {each["TargetId"] for each in failed}
        before = dict(service.rule.targets)
        try:
            original(
                self, context, rule, [each for each in targets if each["Id"] not in refused], event_bus_name
            )
        except Exception:
            service.rule.targets.clear()
            service.rule.targets.update(before)
            raise
        return {"FailedEntryCount": len(failed), "FailedEntries": failed}

    for marked in ("operation", "expand_parameters", "pass_context"):
        setattr(put_targets, marked, getattr(original, marked))
    EventsProvider.put_targets = put_targets


def _check_target(target: dict[str, Any]) -> None:
    name = target["Id"]
    if sum(target.get(each) is not None for each in ("Input", "InputPath", "InputTransformer")) > 1:
        raise ValidationException(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
        )
    if any(service in target["Arn"] for service in NEED_ROLE) and not target.get("RoleArn"):
        raise ValidationException(f"RoleArn is required for target {name}.")


def _matches(pattern: str | None, event: Any) -> bool:
    document = events.json.loads(event) if isinstance(event, str) else event
    return _refusing(lambda: patterns.matches(pattern or "{}", document))


def _refusing(action: Any) -> Any:
    try:
        return action()
    except PatternError as error:
        raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from None
