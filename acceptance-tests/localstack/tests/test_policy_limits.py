"""What the policies of queues, topics and log groups may hold."""

import json

import pytest
from refusals import refused


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(arn, number=0, **changes):
    allowed = {"Sid": f"s{number}", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    return allowed | {"Action": "sqs:SendMessage", "Resource": arn} | changes


@pytest.fixture
def queue(client):
    """A queue's URL and ARN."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def too_much(arn):
    conditions = [{"ArnEquals": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": "1"}}] * 6
    principals = [f"arn:aws:iam::{number:012}:root" for number in range(51)]
    actions = [f"sqs:{name}" for name in "ABCDEFGH"]
    return {
        "21 statements were found": policy(*[statement(arn, number) for number in range(21)]),
        "51 principals were found": policy(statement(arn, Principal={"AWS": principals})),
        "12 conditions were found": policy(
            *[statement(arn, number, Condition=each) for number, each in enumerate(conditions)]
        ),
        "8 actions were found in a statement": policy(statement(arn, Action=actions)),
        "Submitted policy is over max allowed size.": policy(statement(arn, Sid="s" * 8192)),
    }


@pytest.mark.parametrize("words", too_much("arn:aws:sqs:us-east-1:1:queue"))
def test_the_policy_of_a_queue(client, queue, words):
    sqs, (url, arn) = client("sqs"), queue
    large = too_much(arn)[words]
    with refused(words, code="OverLimit", status=403):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": large})
    with refused(words, code="OverLimit", status=403):
        sqs.create_queue(QueueName="other", Attributes={"Policy": large})
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])


def test_a_policy_that_just_fits(client, queue):
    sqs, (url, arn) = client("sqs"), queue
    full = policy(*[statement(arn, number) for number in range(20)])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": full})
    names = [f"{arn}-{number}" for number in range(40)]
    one = policy(statement(arn, Condition={"ArnEquals": {"aws:SourceArn": names}}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": one})


def test_the_policy_of_a_topic(client):
    sns = client("sns")
    arn = sns.create_topic(Name="topic")["TopicArn"]

    def put(*statements):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy(*statements))

    put(*[statement(arn, number, Action="sns:Publish") for number in range(100)])
    with refused("101 statements were found", code="InvalidParameter"):
        put(*[statement(arn, number) for number in range(101)])
    with refused("over max allowed size", code="InvalidParameter"):
        put(statement(arn, Sid="s" * 30 * 1024))


def test_ten_policies_on_log_groups(client):
    logs = client("logs")
    for number in range(10):
        logs.put_resource_policy(policyName=f"policy-{number}", policyDocument=policy())
    with refused("Resource limit exceeded.", code="LimitExceededException"):
        logs.put_resource_policy(policyName="one-more", policyDocument=policy())
    logs.put_resource_policy(policyName="policy-0", policyDocument=policy())
    with refused("less than or equal to 5120", code="InvalidParameterException"):
        logs.put_resource_policy(policyName="policy-0", policyDocument=policy({"Sid": "s" * 5120}))
    client("logs", region="eu-west-1").put_resource_policy(policyName="there", policyDocument=policy())
