"""EventBridge as far as rules on findings need it: patterns, targets, templates, dead letters."""

import json

import pytest
from refusals import refused
from waiting import until

EVENT = {
    "id": "1",
    "detail-type": "GuardDuty Finding",
    "source": "aws.guardduty",
    "account": "111122223333",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {
        "severity": 8,
        "type": "Execution:Runtime/ReverseShell",
        "sample": True,
        "nothing": None,
        "ip": "10.0.0.7",
        "tags": [{"key": "team", "value": "red"}, {"key": "stage", "value": "test"}],
        "grid": [[1, 2], [3]],
        "empty": [],
    },
}


@pytest.fixture
def events(client):
    """An EventBridge client."""
    return client("events")


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"severity": [8]}, True),
        ({"severity": [8.0]}, True),
        ({"severity": ["8"]}, False),
        ({"severity": [{"numeric": [">=", 7, "<", 9]}]}, True),
        ({"severity": [{"numeric": [">", 8]}]}, False),
        ({"type": [{"prefix": "Execution:"}]}, True),
        ({"type": [{"suffix": {"equals-ignore-case": "REVERSESHELL"}}]}, True),
        ({"type": [{"wildcard": "*:Runtime/*"}]}, True),
        ({"type": [{"wildcard": "Execution:Runtime/ReverseShell*"}]}, True),
        ({"type": [{"wildcard": "*:EC2/*"}]}, False),
        ({"type": [{"anything-but": {"prefix": "Recon:"}}]}, True),
        ({"type": [{"anything-but": ["Execution:Runtime/ReverseShell"]}]}, False),
        ({"type": [{"equals-ignore-case": "execution:runtime/reverseshell"}]}, True),
        ({"sample": [True]}, True),
        ({"sample": [1]}, False),
        ({"severity": [True]}, False),
        ({"nothing": [None]}, True),
        ({"nothing": [{"exists": True}]}, True),
        ({"absent": [{"exists": False}]}, True),
        ({"type": [{"exists": False}]}, False),
        ({"tags": [{"exists": True}]}, False),
        ({"empty": [{"exists": False}]}, True),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"ip": [{"cidr": "10.1.0.0/16"}]}, False),
        ({"tags": {"key": ["team"], "value": ["red"]}}, True),
        ({"tags": {"key": ["team"], "value": ["test"]}}, False),
        ({"grid": [3]}, True),
        ({"$or": [{"severity": [1]}, {"sample": [True]}]}, True),
        ({"$or": [{"severity": [1]}, {"sample": [False]}]}, False),
        ({"absent": ["x"]}, False),
    ],
)
def test_what_a_pattern_matches(events, detail, expected):
    pattern = json.dumps({"source": ["aws.guardduty"], "detail": detail})
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENT))["Result"] is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "not json",
        "[]",
        "{}",
        '{"source": "aws.guardduty"}',
        '{"source": []}',
        '{"detail": {}}',
        '{"source": [["a"]]}',
        '{"source": [{"starts-with": "aws"}]}',
        '{"source": [{"prefix": "a", "suffix": "b"}]}',
        '{"source": [{"prefix": 1}]}',
        '{"source": [{"wildcard": "a**b"}]}',
        '{"source": [{"cidr": "10.0.0.0/33"}]}',
        '{"source": [{"exists": "yes"}]}',
        '{"source": [{"anything-but": []}]}',
        '{"source": [{"anything-but": ["a", 1]}]}',
        '{"detail": {"severity": [{"numeric": [">=", "7"]}]}}',
        '{"detail": {"severity": [{"numeric": ["=>", 7]}]}}',
        '{"detail": {"severity": [{"numeric": [">", 9, "<", 7]}]}}',
        '{"$or": [{"source": ["a"]}]}',
        json.dumps({"source": ["x" * 2048]}),
    ],
)
def test_malformed_patterns_are_refused_and_not_kept(events, pattern):
    with refused("Event pattern is not valid. Reason: ", code="InvalidEventPatternException"):
        events.put_rule(Name="wrong", EventPattern=pattern)
    assert events.list_rules()["Rules"] == []


def targets(count, first=0):
    arn = "arn:aws:sqs:us-east-1:111122223333:queue"
    return [{"Id": f"t{number}", "Arn": arn} for number in range(first, first + count)]


def test_a_rule_has_at_most_five_targets(events):
    events.put_rule(Name="rule", EventPattern='{"source": ["a"]}')
    with refused("exceeds the maximum number allowed", code="LimitExceededException"):
        events.put_targets(Rule="rule", Targets=targets(6))
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == []
    events.put_targets(Rule="rule", Targets=targets(5))
    with refused("exceeds the maximum number allowed", code="LimitExceededException"):
        events.put_targets(Rule="rule", Targets=targets(1, first=5))
    assert len(events.list_targets_by_rule(Rule="rule")["Targets"]) == 5
    with refused("Rule can't be deleted since it has targets", code="ValidationException"):
        events.delete_rule(Name="rule")


def test_a_state_machine_needs_a_role(events):
    events.put_rule(Name="rule", EventPattern='{"source": ["a"]}')
    machine = "arn:aws:states:us-east-1:111122223333:stateMachine:stop"
    with refused("RoleArn is required for target", code="ValidationException"):
        events.put_targets(Rule="rule", Targets=[{"Id": "machine", "Arn": machine}])
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == []


def test_a_wrong_arn_fails_that_target_only(events):
    events.put_rule(Name="rule", EventPattern='{"source": ["a"]}')
    answer = events.put_targets(Rule="rule", Targets=[*targets(1), {"Id": "wrong", "Arn": "queue"}])
    assert (answer["FailedEntryCount"], answer["FailedEntries"][0]["TargetId"]) == (1, "wrong")
    assert [each["Id"] for each in events.list_targets_by_rule(Rule="rule")["Targets"]] == ["t0"]


@pytest.fixture
def delivered(client, events):
    """Sends an event through a target with the given settings and returns what a queue receives."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="rule", EventPattern='{"source": ["test"]}')

    def send(detail, **target):
        answer = events.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn, **target}])
        assert answer["FailedEntryCount"] == 0
        events.put_events(Entries=[{"Source": "test", "DetailType": "test", "Detail": json.dumps(detail)}])
        [message] = until(
            lambda: sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")
        )
        return message

    send.queue = arn
    return send


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('"Severity <severity> of <type>, <sample>"', "Severity 8 of T, true"),
        ('{"text": "severity <severity>, zero <zero>, <absent>."}', {"text": "severity 8, zero 0, ."}),
        (
            '{"severity": <severity>, "zero": <zero>, "sample": <sample>}',
            {"severity": 8, "zero": 0, "sample": True},
        ),
        ('{"type": <type>, "list": <list>, "no": <no>}', {"type": "T", "list": [1, "a"], "no": False}),
        ('{"title": "<title>"}', {"title": 'He said "no"'}),
    ],
)
def test_input_templates(delivered, template, expected):
    detail = {
        "severity": 8,
        "zero": 0,
        "type": "T",
        "sample": True,
        "no": False,
        "list": [1, "a"],
        "title": 'He said "no"',
    }
    paths = {name: f"$.detail.{name}" for name in [*detail, "absent"]}
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    assert json.loads(delivered(detail, InputTransformer=transformer)["Body"]) == expected


def test_input_and_input_path(delivered):
    assert json.loads(delivered({"a": 1}, Input='{"fixed": 1}')["Body"]) == {"fixed": 1}
    assert json.loads(delivered({"a": 1}, InputPath="$.detail")["Body"]) == {"a": 1}


def attributes(message):
    return {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}


def test_an_event_for_nobody_goes_to_the_dead_letter_queue(delivered, account):
    missing = f"arn:aws:sqs:us-east-1:{account}:missing"
    message = delivered({"a": 1}, Id="dead", Arn=missing, DeadLetterConfig={"Arn": delivered.queue})
    assert json.loads(message["Body"])["detail"] == {"a": 1}
    told = attributes(message)
    assert told["RULE_ARN"] == f"arn:aws:events:us-east-1:{account}:rule/rule"
    assert (told["TARGET_ARN"], told["ERROR_CODE"]) == (missing, "NO_RESOURCE")
    assert told["EXHAUSTED_RETRY_CONDITION"] == "NonRetryableError"


def test_throttling_is_retried_as_the_policy_says(client, delivered, control, account):
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    fault = {"service": "sns", "operation": "Publish", "account": account, "mode": "error", "times": None}
    control.post("faults", **fault, code="ThrottlingException", message="slow down")
    message = delivered(
        {"a": 1},
        Id="dead",
        Arn=topic,
        DeadLetterConfig={"Arn": delivered.queue},
        RetryPolicy={"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
    )
    control.delete("faults", account=account)
    told = attributes(message)
    assert (told["ERROR_CODE"], told["RETRY_ATTEMPTS"]) == ("THROTTLING", "2")
    assert told["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_a_disabled_rule_delivers_nothing(client, events, delivered):
    events.put_rule(Name="off", EventPattern='{"source": ["test"]}', State="DISABLED")
    url = client("sqs").create_queue(QueueName="off")["QueueUrl"]
    arn = delivered.queue.replace(":queue", ":off")
    events.put_targets(Rule="off", Targets=[{"Id": "off", "Arn": arn}])
    delivered({"a": 1})
    assert "Messages" not in client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)
