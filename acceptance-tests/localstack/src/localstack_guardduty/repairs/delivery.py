"""How an event goes to a rule's targets: retried as its policy says, then to the dead-letter queue.

Replaces LocalStack's delivery, which tries once, uses no dead-letter queue, serves disabled rules, and asks
no key whether EventBridge may use it. What fails for good is counted as FailedInvocations of the rule.
"""

import json
import threading
import time
import uuid
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to
from localstack.services.events import target as targets
from localstack.services.events.models import Rule
from localstack.services.events.provider import EventsProvider, is_archive_arn
from localstack.utils.aws.arns import parse_arn, sqs_queue_url_for_arn
from localstack.utils.aws.client_types import ServicePrincipal

from localstack_guardduty.control.clock import CLOCK
from localstack_guardduty.guardduty import internal
from localstack_guardduty.repairs import key_policies, patterns

DEFAULT_ATTEMPTS = 185
DEFAULT_AGE_SECONDS = 86_400
LONGEST_PAUSE_SECONDS = 600
POLL_SECONDS = 0.01
Event = dict[str, Any]


class Undeliverable(Exception):
    """No further attempt is made; carries what the dead-letter queue is told."""

    def __init__(self, code: str, message: str, condition: str, retries: int) -> None:
        super().__init__(message)
        self.code, self.condition, self.retries = code, condition, retries


def install() -> None:
    """Replaces the provider's delivery, and how it calls its targets."""
    EventsProvider._process_rules = _process_rule
    targets.TargetSender._initialize_client = _client
    targets.StatesTargetSender.send_event = _start_execution


def _process_rule(
    provider: EventsProvider, rule: Rule, region: str, account_id: str, event: Event, trace: Any
) -> None:
    if rule.state == "DISABLED" or not patterns.matches(rule.event_pattern or "{}", event):
        return
    for target in list(rule.targets.values()):
        if is_archive_arn(target["Arn"]):
            provider._put_to_archive(region, account_id, archive_target_id=target["Id"], event=event)
            continue
        sender = provider._target_sender_store[f"{rule.arn}-{target['Id']}"]
        arguments = (sender, rule, target, dict(event), trace)
        threading.Thread(target=_deliver, args=arguments, daemon=True).start()


def _deliver(sender: targets.TargetSender, rule: Rule, target: Event, event: Event, trace: Any) -> None:
    try:
        _attempt(sender, target.get("RetryPolicy") or {}, event, trace)
    except Undeliverable as failure:
        _count(rule, "FailedInvocations")
        dead_letter_queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letter_queue:
            _bury(dead_letter_queue, rule, target, event, failure)


def _count(rule: Rule, metric: str) -> None:
    """Adds one to a metric of the rule."""
    dimensions = [{"Name": "RuleName", "Value": rule.name}]
    internal.client("cloudwatch", rule.account_id, rule.region).put_metric_data(
        Namespace="AWS/Events",
        MetricData=[{"MetricName": metric, "Dimensions": dimensions, "Value": 1, "Unit": "Count"}],
    )


def _attempt(sender: targets.TargetSender, policy: Event, event: Event, trace: Any) -> None:
    """Sends the event; a failure that may pass is followed by pauses that double."""
    most = policy.get("MaximumRetryAttempts", DEFAULT_ATTEMPTS)
    deadline = CLOCK.now() + policy.get("MaximumEventAgeInSeconds", DEFAULT_AGE_SECONDS)
    retries, pause = 0, 1
    while True:
        try:
            if not sender.target.get("RoleArn"):
                key_policies.check(sender.target["Arn"], sender.rule_arn)
            sender.process_event(dict(event), trace)
            return
        except Exception as error:
            code, message, may_pass = _explain(error)
        if not may_pass:
            raise Undeliverable(code, message, "NonRetryableError", retries)
        if retries >= most:
            raise Undeliverable(code, message, "MaximumRetryAttempts", retries)
        if CLOCK.now() + pause > deadline:
            raise Undeliverable(code, message, "MaximumEventAgeInSeconds", retries)
        _sleep(pause)
        retries, pause = retries + 1, min(2 * pause, LONGEST_PAUSE_SECONDS)


def _explain(error: Exception) -> tuple[str, str, bool]:
    """The dead-letter queue's error code, the message, and whether another attempt may succeed."""
    if isinstance(error, key_policies.KeyRefused):
        return "NO_PERMISSIONS", str(error), False
    if not isinstance(error, ClientError):
        return "INTERNAL_ERROR", str(error), not isinstance(error, (ValueError, NotImplementedError))
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    if "Throttl" in code or "TooManyRequests" in code:
        return "THROTTLING", str(error), True
    if "NotFound" in code or "NonExistent" in code or "DoesNotExist" in code:
        return "NO_RESOURCE", str(error), False
    if "AccessDenied" in code or status == 403:
        return "NO_PERMISSIONS", str(error), False
    return "SDK_CLIENT_ERROR", str(error), status >= 500


def _bury(arn: str, rule: Rule, target: Event, event: Event, failure: Undeliverable) -> None:
    """Puts the event as it came into the dead-letter queue, with the reason as attributes."""
    try:
        key_policies.check(arn, rule.arn)
    except key_policies.KeyRefused:
        return
    place = parse_arn(arn)
    attributes = {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": str(failure),
        "EXHAUSTED_RETRY_CONDITION": failure.condition,
        "RETRY_ATTEMPTS": str(failure.retries),
    }
    clients = connect_to(aws_access_key_id=place["account"], region_name=place["region"])
    sqs = clients.sqs.request_metadata(source_arn=rule.arn, service_principal=ServicePrincipal.events)
    body = {name: value for name, value in event.items() if name != "event-bus-name"}
    sqs.send_message(
        QueueUrl=sqs_queue_url_for_arn(arn),
        MessageBody=json.dumps(body),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


def _client(sender: targets.TargetSender) -> Any:
    """A client without retries of its own: the target's policy counts them."""
    once = Config(retries={"max_attempts": 0})
    principal, role = ServicePrincipal.events, sender.target.get("RoleArn")
    if role:
        clients = connect_to.with_assumed_role(
            role_arn=role, service_principal=principal, region_name=sender.region, config=once
        )
    else:
        clients = connect_to(aws_access_key_id=sender.account_id, region_name=sender.region, config=once)
    client = clients.get_client(sender.service)
    client = client.request_metadata(service_principal=principal, source_arn=sender.rule_arn)
    sender._register_client_hooks(client)
    return client


def _start_execution(sender: targets.StatesTargetSender, event: Any, _trace: Any) -> None:
    """Names the execution by itself: LocalStack takes the event's id, which a transformer removes."""
    sender.service = "stepfunctions"
    sender.client.start_execution(
        stateMachineArn=sender.target["Arn"], name=str(uuid.uuid4()), input=targets.to_json_str(event)
    )


def _sleep(seconds: float) -> None:
    """Sleeps by the emulated clock."""
    end = CLOCK.now() + seconds
    while CLOCK.now() < end:
        time.sleep(POLL_SECONDS)
