"""Whether EventBridge may use the KMS key of an encrypted topic or queue.

LocalStack enforces no key policy. This knows the policy language as far as key policies use it. For a topic
EventBridge supports neither aws:SourceArn nor aws:SourceAccount: a statement that asks for them never fits.
"""

import fnmatch
import json
import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from localstack.utils.aws.arns import parse_arn, sqs_queue_url_for_arn

from localstack_guardduty.guardduty import internal

PRINCIPAL = "events.amazonaws.com"
NEEDED = ("kms:GenerateDataKey", "kms:Decrypt")
Statement = dict[str, Any]
Facts = dict[str, str]


class KeyRefused(Exception):
    """The key of the target is not for EventBridge; the text says why."""


def check(target_arn: str, rule_arn: str) -> None:
    """Raises `KeyRefused` when the target is encrypted with a key that EventBridge cannot use."""
    service = target_arn.split(":")[2]
    if service not in ("sns", "sqs"):
        return
    key = _key_of(service, target_arn)
    if not key:
        return
    if key.split(":")[-1].startswith("alias/aws/"):
        raise KeyRefused(f"the policy of the AWS managed key {key} does not let EventBridge in")
    place = parse_arn(key if key.startswith("arn:") else target_arn)
    kms = internal.client("kms", place["account"], place["region"])
    try:
        metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
        policy = json.loads(kms.get_key_policy(KeyId=metadata["KeyId"], PolicyName="default")["Policy"])
    except ClientError as error:
        raise KeyRefused(f"{key}: {error.response['Error']['Code']}") from None
    if metadata["KeyState"] != "Enabled":
        raise KeyRefused(f"the key {key} is in state {metadata['KeyState']}")
    for action in NEEDED:
        if not allows(policy, action, metadata["Arn"], _facts(service, target_arn, rule_arn)):
            raise KeyRefused(f"{PRINCIPAL} is not authorized to perform {action} on {metadata['Arn']}")


def allows(policy: dict[str, Any], action: str, key_arn: str, facts: Facts) -> bool:
    """Whether a statement lets EventBridge do `action` and none forbids it."""
    effects = {
        statement["Effect"]
        for statement in _list(policy.get("Statement"))
        if _is_for_events(statement) and _covers(statement, action, key_arn) and _holds(statement, facts)
    }
    return effects == {"Allow"}


def _key_of(service: str, arn: str) -> str | None:
    place = parse_arn(arn)
    client = internal.client(service, place["account"], place["region"])
    try:
        if service == "sns":
            return client.get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId")
        answer = client.get_queue_attributes(
            QueueUrl=sqs_queue_url_for_arn(arn), AttributeNames=["KmsMasterKeyId"]
        )
        return answer.get("Attributes", {}).get("KmsMasterKeyId")
    except ClientError:
        return None  # the delivery itself says that there is no such target


def _facts(service: str, target_arn: str, rule_arn: str) -> Facts:
    region = target_arn.split(":")[3]
    facts = {"kms:viaservice": f"{service}.{region}.amazonaws.com", "aws:principalisawsservice": "true"}
    facts |= {"aws:principalservicename": PRINCIPAL}
    if service == "sns":
        return facts | {"kms:encryptioncontext:aws:sns:topicarn": target_arn}
    return facts | {
        "kms:encryptioncontext:aws:sqs:arn": target_arn,
        "aws:sourcearn": rule_arn,
        "aws:sourceaccount": rule_arn.split(":")[4],
    }


def _is_for_events(statement: Statement) -> bool:
    if "NotPrincipal" in statement:
        return not _names_events(statement["NotPrincipal"])
    return _names_events(statement.get("Principal"))


def _names_events(principal: Any) -> bool:
    if not isinstance(principal, dict):
        return principal == "*"
    return PRINCIPAL in _list(principal.get("Service")) or "*" in _list(principal.get("AWS"))


def _covers(statement: Statement, action: str, key_arn: str) -> bool:
    if "NotAction" in statement:
        acts = not _any_like(statement["NotAction"], action.lower(), str.lower)
    else:
        acts = _any_like(statement.get("Action"), action.lower(), str.lower)
    return acts and _any_like(statement.get("Resource", "*"), key_arn)


def _any_like(patterns: Any, text: str, change: Callable[[str], str] = str) -> bool:
    return any(_like(change(pattern), text) for pattern in _list(patterns))


def _like(pattern: str, text: str) -> bool:
    """`*` and `?` as policies have them; a bracket stands for itself."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
OPERATOR = re.compile(r"(?:For(?P<set>AnyValue|AllValues):)?(?P<name>\w+?)(?P<lax>IfExists)?")


def _holds(statement: Statement, facts: Facts) -> bool:
    return all(
        _condition(operator, _list(wanted), facts.get(key.lower()))
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, wanted in keys.items()
    )


def _condition(operator: str, wanted: list[Any], value: str | None) -> bool:
    """One key of a condition; an operator that is not known never fits."""
    parts = OPERATOR.fullmatch(operator)
    name = parts["name"] if parts else operator
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in wanted]
    if name == "Null":
        return ("true" in texts) == (value is None)
    negated = "Not" in name
    test = TESTS.get(name.replace("Not", "", 1))
    if parts is None or test is None:
        return False
    if value is None:
        return bool(parts["lax"]) or negated or parts["set"] == "AllValues"
    return any(test(text, value) for text in texts) != negated


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
