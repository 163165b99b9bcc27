"""Encrypted topics and queues: what the policy of their key must say before an event arrives."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from conftest import REGION
from waiting import until

NEEDED = ["kms:GenerateDataKey*", "kms:Decrypt"]


def allow(**changes):
    return {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": NEEDED} | changes


DENY = allow(Effect="Deny", Action="kms:Decrypt")
IF_EXISTS = {"StringEqualsIfExists": {"aws:SourceAccount": "999999999999"}}


@pytest.fixture
def encrypted(client, account):
    """Sends an event to a topic or queue whose key has some statements; says whether it arrives."""
    sns, sqs, events, kms = (client(name) for name in ("sns", "sqs", "events", "kms"))

    def new_queue(name, **attributes):
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def took(url):
        answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
        return answer.get("Messages", [])

    def new_key(statements):
        own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*"}
        document = [each | {"Resource": "*"} for each in [own, *statements]]
        policy = json.dumps({"Version": "2012-10-17", "Statement": document})
        return kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]

    def arrives(kind, *statements, key=None):
        key = key or new_key(statements)
        dead, dead_arn = new_queue("dead")
        if kind == "sns":
            arn = sns.create_topic(Name="topic", Attributes={"KmsMasterKeyId": key})["TopicArn"]
            url, queue_arn = new_queue("queue")
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
        else:
            url, arn = new_queue("queue", KmsMasterKeyId=key)
        events.put_rule(Name="rule", EventPattern='{"source": ["test"]}')
        target = {"Id": "target", "Arn": arn, "DeadLetterConfig": {"Arn": dead_arn}}
        assert events.put_targets(Rule="rule", Targets=[target])["FailedEntryCount"] == 0
        events.put_events(Entries=[{"Source": "test", "DetailType": "test", "Detail": "{}"}])
        arrived, buried = until(lambda: either(took(url), took(dead)))
        arrives.message = (arrived or buried)[0]
        return bool(arrived)

    return arrives


def either(arrived, buried):
    """Both, once one of them is there."""
    return (arrived, buried) if arrived or buried else None


@pytest.mark.parametrize(
    ("kind", "statements", "expected"),
    [
        ("sns", [], False),
        ("sqs", [], False),
        ("sns", [allow()], True),
        ("sqs", [allow()], True),
        ("sns", [allow(Action="kms:*")], True),
        ("sns", [allow(Principal="*")], True),
        ("sns", [allow(Action="kms:Decrypt")], False),
        ("sns", [allow(Action="kms:GenerateDataKey")], False),
        ("sns", [allow(Principal={"Service": "sns.amazonaws.com"})], False),
        ("sns", [allow(), DENY], False),
        ("sqs", [allow(), DENY], False),
        ("sns", [allow(Condition={"StringEquals": {"aws:SourceAccount": "ACCOUNT"}})], False),
        ("sqs", [allow(Condition={"StringEquals": {"aws:SourceAccount": "ACCOUNT"}})], True),
        ("sns", [allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}})], False),
        ("sqs", [allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}})], True),
        ("sqs", [allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/x"}})], False),
        ("sns", [allow(Condition=IF_EXISTS)], True),
        ("sqs", [allow(Condition=IF_EXISTS)], False),
        ("sns", [allow(Condition={"StringLike": {"kms:ViaService": "sns.*.amazonaws.com"}})], True),
    ],
)
def test_what_a_key_policy_must_say(encrypted, account, kind, statements, expected):
    statements = json.loads(json.dumps(statements).replace("ACCOUNT", account))
    assert encrypted(kind, *statements) is expected


@pytest.mark.parametrize("kind", ["sns", "sqs"])
def test_the_managed_key_of_the_service_lets_nobody_in(encrypted, kind):
    assert not encrypted(kind, key=f"alias/aws/{kind}")


def test_what_is_told_of_a_refusal(encrypted, client, account):
    assert not encrypted("sns")
    told = {name: each["StringValue"] for name, each in encrypted.message["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["EXHAUSTED_RETRY_CONDITION"]) == ("NO_PERMISSIONS", "NonRetryableError")
    assert "not authorized to perform kms:GenerateDataKey" in told["ERROR_MESSAGE"]
    assert told["RULE_ARN"] == f"arn:aws:events:{REGION}:{account}:rule/rule"
    now = datetime.now(UTC)

    def failed():
        answer = client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events",
            MetricName="FailedInvocations",
            Dimensions=[{"Name": "RuleName", "Value": "rule"}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Sum"],
        )
        return sum(point["Sum"] for point in answer["Datapoints"])

    assert until(failed) == 1


def test_a_key_that_is_switched_off(encrypted, client):
    kms = client("kms")
    policy = {"Version": "2012-10-17", "Statement": [allow() | {"Resource": "*"}]}
    key = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    assert not encrypted("sqs", key=key)
