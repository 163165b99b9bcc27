"""From a finding to what it sets off: rule, targets, state machine, stopped task."""

import io
import json
import zipfile

import fargate
import pytest
from conftest import REGION
from waiting import until

ROLE_POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
FINDINGS = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]})


@pytest.fixture
def role(client):
    """The ARN of a role."""
    return client("iam").create_role(RoleName="response", AssumeRolePolicyDocument=ROLE_POLICY)["Role"]["Arn"]


@pytest.fixture
def rule(client):
    """Makes a rule on findings with one target."""

    def make(target, pattern=FINDINGS, name="findings"):
        events = client("events")
        events.put_rule(Name=name, EventPattern=pattern)
        answer = events.put_targets(Rule=name, Targets=[{"Id": "target", **target}])
        assert answer["FailedEntryCount"] == 0, answer

    return make


@pytest.fixture
def queue(client):
    """A queue: its ARN, and a function that takes what is in it."""
    return new_queue(client, "queue")


def new_queue(client, name):
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def take():
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0, MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in answer.get("Messages", [])]

    return arn, take


def inject(control, account, finding):
    answer = control.post("findings", account=account, region=REGION, finding=finding)
    assert answer["published"]
    return answer["id"]


STOP_TASK = {
    "QueryLanguage": "JSONPath",
    "StartAt": "Describe",
    "States": {
        "Describe": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:ecs:describeTasks",
            "Parameters": {
                "Cluster.$": "$.detail.resource.ecsClusterDetails.arn",
                "Tasks.$": "States.Array($.detail.resource.ecsClusterDetails.taskDetails.arn)",
            },
            "ResultPath": "$.described",
            "Next": "Runs",
        },
        "Runs": {
            "Type": "Choice",
            "Choices": [
                {
                    "Variable": "$.described.Tasks[0].LastStatus",
                    "StringEquals": "RUNNING",
                    "Next": "Stop",
                }
            ],
            "Default": "Nothing",
        },
        "Nothing": {"Type": "Succeed"},
        "Stop": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:ecs:stopTask",
            "Parameters": {
                "Cluster.$": "$.detail.resource.ecsClusterDetails.arn",
                "Task.$": "$.detail.resource.ecsClusterDetails.taskDetails.arn",
                "Reason.$": "States.Format('GuardDuty {} {}', $.detail.type, $.detail.id)",
            },
            "ResultPath": "$.stopped",
            "Retry": [
                {
                    "ErrorEquals": ["Ecs.ThrottlingException", "ThrottlingException"],
                    "IntervalSeconds": 1,
                    "MaxAttempts": 3,
                }
            ],
            "Next": "Tell",
        },
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {
                "TopicArn": "TOPIC",
                "Subject": "stopped",
                "Message": {"finding.$": "$.detail.id", "reason.$": "$.stopped.Task.StoppedReason"},
            },
            "End": True,
        },
    },
}


def test_a_finding_stops_its_task_through_step_functions(
    client, control, account, detector, role, rule, queue
):
    ecs, states, sns = client("ecs"), client("stepfunctions"), client("sns")
    fargate.cluster(ecs, "prod", tasks=2)
    fargate.cluster(ecs, "other")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    arn, take = queue
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    definition = json.dumps(STOP_TASK).replace("TOPIC", topic)
    machine = states.create_state_machine(name="stop", definition=definition, roleArn=role)["stateMachineArn"]
    rule({"Arn": machine, "RoleArn": role})
    other = fargate.running(ecs, "other")
    task, untouched = fargate.running(ecs)

    finding = inject(control, account, fargate.finding(task))

    [body] = until(take)
    reason = f"GuardDuty CryptoCurrency:Runtime/BitcoinTool.B!DNS {finding}"
    assert json.loads(json.loads(body)["Message"]) == {"finding": finding, "reason": reason}
    [stopped] = ecs.describe_tasks(cluster="prod", tasks=[task["taskArn"]])["tasks"]
    assert (stopped["lastStatus"], stopped["stoppedReason"]) == ("STOPPED", reason)
    [execution] = states.list_executions(stateMachineArn=machine)["executions"]
    until(lambda: states.describe_execution(executionArn=execution["executionArn"])["status"] == "SUCCEEDED")
    assert fargate.running(ecs, "other") == other
    now_running = {each["taskArn"] for each in fargate.running(ecs)}
    assert untouched["taskArn"] in now_running
    assert task["taskArn"] not in now_running
    assert len(now_running) == 2


def test_the_same_finding_again_finds_nothing_to_stop(client, control, account, detector, role, rule):
    ecs, states = client("ecs"), client("stepfunctions")
    fargate.cluster(ecs)
    machine = stop_only(states, role)
    rule({"Arn": machine, "RoleArn": role})
    [task] = fargate.running(ecs)
    finding = fargate.finding(task, id="f" * 32)
    inject(control, account, finding)
    until(lambda: len(ended(states, machine)) == 1)
    inject(control, account, finding)
    until(lambda: len(ended(states, machine)) == 2)
    assert {each["status"] for each in ended(states, machine)} == {"SUCCEEDED"}


def stop_only(states, role):
    """The machine above without its message and without its retries."""
    definition = json.loads(json.dumps(STOP_TASK).replace('"Next": "Tell"', '"End": true'))
    del definition["States"]["Tell"], definition["States"]["Stop"]["Retry"]
    request = {"name": "stop", "definition": json.dumps(definition), "roleArn": role}
    return states.create_state_machine(**request)["stateMachineArn"]


def ended(states, machine):
    executions = states.list_executions(stateMachineArn=machine)["executions"]
    return [each for each in executions if each["status"] != "RUNNING"]


def test_a_refused_stop_fails_the_execution(client, control, account, detector, role, rule):
    ecs, states = client("ecs"), client("stepfunctions")
    fargate.cluster(ecs)
    machine = stop_only(states, role)
    rule({"Arn": machine, "RoleArn": role})
    fault = {"service": "ecs", "operation": "StopTask", "account": account, "mode": "error"}
    control.post("faults", **fault, code="AccessDeniedException", message="no ecs:StopTask for you")
    [task] = fargate.running(ecs)
    inject(control, account, fargate.finding(task))
    [execution] = until(lambda: ended(states, machine))
    assert execution["status"] == "FAILED"
    details = states.describe_execution(executionArn=execution["executionArn"])
    assert details["error"] == "Ecs.AccessDeniedException"
    assert "no ecs:StopTask for you" in details["cause"]


@pytest.mark.parametrize("kind", ["sqs", "sns", "bus", "logs"])
def test_an_event_reaches_each_kind_of_target(client, control, account, detector, rule, queue, role, kind):
    ecs = client("ecs")
    fargate.cluster(ecs)
    arn, take = queue
    received = take
    if kind == "sqs":
        rule({"Arn": arn})
    elif kind == "sns":
        topic = client("sns").create_topic(Name="topic")["TopicArn"]
        client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        rule({"Arn": topic})
    elif kind == "bus":
        events = client("events")
        bus = events.create_event_bus(Name="security")["EventBusArn"]
        events.put_rule(Name="all", EventBusName="security", EventPattern=json.dumps({"account": [account]}))
        events.put_targets(Rule="all", EventBusName="security", Targets=[{"Id": "queue", "Arn": arn}])
        rule({"Arn": bus, "RoleArn": role})
    else:
        logs = client("logs")
        logs.create_log_group(logGroupName="/aws/events/findings")
        rule({"Arn": f"arn:aws:logs:{REGION}:{account}:log-group:/aws/events/findings"})

        def received():
            found = logs.filter_log_events(logGroupName="/aws/events/findings")["events"]
            return [event["message"] for event in found]

    [task] = fargate.running(ecs)
    finding = inject(control, account, fargate.finding(task))
    [body] = until(received)
    event = json.loads(body)
    assert event["detail"]["id"] == finding
    assert event["detail-type"] == "GuardDuty Finding"
    assert event["source"] == "aws.guardduty"
    assert (event["account"], event["region"], event["resources"]) == (account, REGION, [])


def test_a_function_in_python_is_a_target(client, control, account, detector, rule, queue, role):
    ecs, functions = client("ecs"), client("lambda")
    fargate.cluster(ecs)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("alert.py", "def handle(event, _):\n    print('saw', event['detail']['id'])\n")
    arn = functions.create_function(
        FunctionName="alert",
        Runtime="python3.13",
        Handler="alert.handle",
        Role=role,
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]
    functions.get_waiter("function_active_v2").wait(FunctionName="alert", WaiterConfig={"Delay": 1})
    rule({"Arn": arn})
    [task] = fargate.running(ecs)
    finding = inject(control, account, fargate.finding(task))

    def logged():
        try:
            events = client("logs").filter_log_events(logGroupName="/aws/lambda/alert")["events"]
        except client("logs").exceptions.ResourceNotFoundException:
            return False
        return any(f"saw {finding}" in event["message"] for event in events)

    until(logged, seconds=20)
