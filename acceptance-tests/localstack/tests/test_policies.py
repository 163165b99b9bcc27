"""Policies: the managed ones of AWS, of each account; and roles in those of queues and topics."""

import json

ARN = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
OTHER = "444455556666"


def test_each_account_counts_its_own_attachments(client):
    here, there = client("iam"), client("iam", account_id=OTHER)
    here.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    here.attach_role_policy(RoleName="reader", PolicyArn=ARN)
    counts = [iam.get_policy(PolicyArn=ARN)["Policy"]["AttachmentCount"] for iam in (here, there)]
    assert counts == [1, 0]
    pages = there.get_paginator("list_policies").paginate(Scope="AWS")
    assert sum(len(page["Policies"]) for page in pages) > 1000


def test_a_deleted_role_stands_in_policies_by_its_id(client):
    iam, sqs, sns = client("iam"), client("sqs"), client("sns")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)["Role"]
    other = f"arn:aws:iam::{OTHER}:root"
    url, topic = sqs.create_queue(QueueName="queue")["QueueUrl"], sns.create_topic(Name="topic")["TopicArn"]

    def policy(principal, action):
        allowed = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})

    queue_policy = policy([role["Arn"], other], "sqs:SendMessage")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": queue_policy})
    topic_policy = policy(role["Arn"], "sns:Publish")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=topic_policy)

    def principals():
        of_queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        of_topic = sns.get_topic_attributes(TopicArn=topic)
        found = [json.loads(each["Attributes"]["Policy"])["Statement"] for each in (of_queue, of_topic)]
        return [statement["Principal"]["AWS"] for [statement] in found]

    assert principals() == [[role["Arn"], other], role["Arn"]]
    iam.delete_role(RoleName="reader")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    assert role["RoleId"].startswith("AROA")
    assert principals() == [[role["RoleId"], other], role["RoleId"]]
