"""Names that are taken: what a second create of the same name answers, and one right after a delete."""

import json

import pytest
from refusals import refused
from waiting import until

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
OTHER = json.dumps({"StartAt": "B", "States": {"B": {"Type": "Succeed"}}})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
)


@pytest.fixture
def slow_clock(control):
    """A clock that stands still but for jumps."""
    rate = control.get("clock")["rate"]
    control.post("clock", rate=0)
    yield lambda seconds: control.post("clock", advance_seconds=seconds)
    control.post("clock", rate=rate)


def test_a_queue_of_the_same_name_and_attributes(client):
    sqs = client("sqs")
    attributes = {"DelaySeconds": "5", "VisibilityTimeout": "60"}
    url = sqs.create_queue(QueueName="queue", Attributes=attributes, tags={"a": "first"})["QueueUrl"]
    again = sqs.create_queue(QueueName="queue", Attributes=attributes, tags={"a": "second", "b": "c"})
    assert again["QueueUrl"] == url
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "first"}
    with refused("a different value for attribute DelaySeconds", code="QueueAlreadyExists"):
        sqs.create_queue(QueueName="queue", Attributes=attributes | {"DelaySeconds": "6"})


def test_a_queue_s_name_is_free_a_minute_after_its_deletion(client, slow_clock):
    sqs = client("sqs")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName="queue")["QueueUrl"])
    slow_clock(59)
    with refused("You must wait 60 seconds", code="AWS.SimpleQueueService.QueueDeletedRecently"):
        sqs.create_queue(QueueName="queue")
    sqs.create_queue(QueueName="other")
    client("sqs", region="eu-west-1").create_queue(QueueName="queue")
    slow_clock(1)
    sqs.create_queue(QueueName="queue")


def machine(account, **changes):
    role = f"arn:aws:iam::{account}:role/r"
    return {"name": "machine", "definition": DEFINITION, "roleArn": role} | changes


def test_a_state_machine_of_the_same_name(client, account):
    states = client("stepfunctions")
    arn = states.create_state_machine(**machine(account, tags=[{"key": "a", "value": "first"}]))[
        "stateMachineArn"
    ]
    other_role = f"arn:aws:iam::{account}:role/other"
    again = states.create_state_machine(
        **machine(account, roleArn=other_role, tags=[{"key": "a", "value": "second"}])
    )
    assert again["stateMachineArn"] == arn
    assert states.describe_state_machine(stateMachineArn=arn)["roleArn"].endswith("role/r")
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "first"}]
    for change in (
        {"definition": OTHER},
        {"type": "EXPRESS"},
        {"tracingConfiguration": {"enabled": True}},
    ):
        with refused(f"State Machine Already Exists: '{arn}'", code="StateMachineAlreadyExists"):
            states.create_state_machine(**machine(account, **change))


def test_a_state_machine_that_is_being_deleted(client, account, slow_clock):
    states = client("stepfunctions")
    arn = states.create_state_machine(**machine(account))["stateMachineArn"]
    states.delete_state_machine(stateMachineArn=arn)
    assert states.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    for call in (
        lambda: states.create_state_machine(**machine(account)),
        lambda: states.update_state_machine(stateMachineArn=arn, definition=OTHER),
        lambda: states.start_execution(stateMachineArn=arn),
    ):
        with refused(f"State Machine is being deleted: '{arn}'", code="StateMachineDeleting"):
            call()
    states.delete_state_machine(stateMachineArn=arn)
    slow_clock(30)
    with refused("State Machine Does Not Exist", code="StateMachineDoesNotExist"):
        states.describe_state_machine(stateMachineArn=arn)
    states.create_state_machine(**machine(account))
    assert states.describe_state_machine(stateMachineArn=arn)["status"] == "ACTIVE"


def test_by_itself_the_wait_is_short(client, account):
    states = client("stepfunctions")
    arn = states.create_state_machine(**machine(account))["stateMachineArn"]
    states.delete_state_machine(stateMachineArn=arn)

    def created():
        try:
            return states.create_state_machine(**machine(account))
        except states.exceptions.StateMachineDeleting:
            return None

    assert until(created, seconds=2)


def test_a_role_that_exists(client):
    iam = client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    with refused("Role with name role already exists.", code="EntityAlreadyExists", status=409):
        iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)


def test_a_role_with_policies_stays(client):
    iam, arn = client("iam"), "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="role", PolicyName="own", PolicyDocument=POLICY)
    with refused("must delete policies first", code="DeleteConflict", status=409):
        iam.delete_role(RoleName="role")
    iam.delete_role_policy(RoleName="role", PolicyName="own")
    iam.attach_role_policy(RoleName="role", PolicyArn=arn)
    with refused("must detach all policies first", code="DeleteConflict", status=409):
        iam.delete_role(RoleName="role")
    iam.detach_role_policy(RoleName="role", PolicyArn=arn)
    iam.delete_role(RoleName="role")
    with refused("role", code="NoSuchEntity", status=404):
        iam.delete_role(RoleName="role")
