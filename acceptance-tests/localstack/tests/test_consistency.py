"""Reads that don't know yet what was written: by kind, so many of each operation, then the present."""

import json
import time
import urllib.error
import urllib.request

import cbor2
import pytest
from refusals import refused

HIGH = {"Criterion": {"severity": {"GreaterThanOrEqual": 7}}}
LOW = {"Criterion": {"severity": {"LessThan": 4}}}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
)
POLICY_OF_ROLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@pytest.fixture
def late(control, account):
    """Delays the reads of a kind in the test's account."""

    def delay(kind, **how):
        control.post("consistency", account=account, kind=kind, **how)

    yield delay
    control.delete("consistency", account=account)


def test_a_new_filter_is_not_found_so_many_times(guardduty, detector, late):
    late("guardduty:filter", reads=2)
    name = {"DetectorId": detector, "FilterName": "new"}
    guardduty.create_filter(DetectorId=detector, Name="new", FindingCriteria=HIGH)
    for _ in range(2):
        with refused("since no such resource found"):
            guardduty.get_filter(**name)
        assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == []
    assert guardduty.get_filter(**name)["Name"] == "new"
    assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == ["new"]


def test_an_update_is_seen_late_and_a_delete_on_request(guardduty, detector, late):
    name = {"DetectorId": detector, "FilterName": "one"}
    guardduty.create_filter(DetectorId=detector, Name="one", FindingCriteria=HIGH, Description="before")
    late("guardduty:filter", reads=1, after=["update", "delete"])
    guardduty.update_filter(**name, Description="between")
    guardduty.update_filter(**name, Description="after")
    assert [guardduty.get_filter(**name)["Description"] for _ in range(2)] == ["before", "after"]
    guardduty.delete_filter(**name)
    assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == ["one"]
    assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == []
    assert guardduty.get_filter(**name)["Description"] == "after"
    with refused("since no such resource found"):
        guardduty.get_filter(**name)


def test_writes_see_the_latest_state(guardduty, detector, late):
    late("*", reads=5, after=["create", "update", "delete"])
    guardduty.create_filter(DetectorId=detector, Name="one", FindingCriteria=HIGH)
    with refused("already exists"):
        guardduty.create_filter(DetectorId=detector, Name="one", FindingCriteria=HIGH)
    guardduty.update_filter(DetectorId=detector, FilterName="one", FindingCriteria=LOW)
    guardduty.delete_filter(DetectorId=detector, FilterName="one")
    guardduty.create_filter(DetectorId=detector, Name="one", FindingCriteria=HIGH)


def test_ids_that_the_service_gives(guardduty, late):
    late("guardduty:*", reads=1)
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    assert guardduty.list_detectors()["DetectorIds"] == []
    with refused("not owned"):
        guardduty.get_detector(DetectorId=detector)
    assert guardduty.list_detectors()["DetectorIds"] == [detector]
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"
    location = {"Format": "TXT", "Location": "s3://bucket/key", "Activate": False}
    made = guardduty.create_threat_intel_set(DetectorId=detector, Name="list", **location)
    one = {"DetectorId": detector, "ThreatIntelSetId": made["ThreatIntelSetId"]}
    with refused("since no such resource found"):
        guardduty.get_threat_intel_set(**one)
    assert guardduty.get_threat_intel_set(**one)["Name"] == "list"


def test_tags_and_targets_of_a_rule(client, account, late):
    events = client("events")
    arn = f"arn:aws:events:us-east-1:{account}:rule/rule"
    late("events:rule", reads=1)
    events.put_rule(Name="rule", EventPattern='{"source": ["a"]}', Tags=[{"Key": "a", "Value": "b"}])
    events.put_targets(Rule="rule", Targets=[{"Id": "one", "Arn": f"arn:aws:sqs:us-east-1:{account}:queue"}])
    for call in (
        lambda: events.describe_rule(Name="rule"),
        lambda: events.list_targets_by_rule(Rule="rule"),
        lambda: events.list_tags_for_resource(ResourceARN=arn),
    ):
        with refused("does not exist", code="ResourceNotFoundException"):
            call()
        call()
    assert events.list_rules()["Rules"] == []
    assert [rule["Name"] for rule in events.list_rules()["Rules"]] == ["rule"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "c"}])
    values = [events.list_tags_for_resource(ResourceARN=arn)["Tags"][0]["Value"] for _ in range(2)]
    assert values == ["b", "c"]


def test_a_new_role_is_unknown_to_iam_itself(client, late):
    iam = client("iam")
    late("iam:role", reads=1)
    iam.create_role(RoleName="new", AssumeRolePolicyDocument=TRUST)
    for call in (
        lambda: iam.get_role(RoleName="new"),
        lambda: iam.put_role_policy(RoleName="new", PolicyName="p", PolicyDocument=POLICY),
        lambda: iam.list_role_policies(RoleName="new"),
    ):
        with refused("new", code="NoSuchEntity", status=404):
            call()
        call()
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == []
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["new"]


def test_documents_of_roles_are_seen_late_as_they_were(client, late):
    iam = client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=POLICY_OF_ROLE)
    iam.put_role_policy(RoleName="role", PolicyName="p", PolicyDocument=POLICY)
    late("iam:*", reads=1)
    iam.update_assume_role_policy(RoleName="role", PolicyDocument=POLICY_OF_ROLE.replace("events", "states"))
    iam.put_role_policy(RoleName="role", PolicyName="p", PolicyDocument=POLICY.replace("s3", "sns"))
    found = [iam.get_role(RoleName="role")["Role"]["AssumeRolePolicyDocument"] for _ in range(2)]
    services = [each["Statement"][0]["Principal"]["Service"] for each in found]
    assert services == ["events.amazonaws.com", "states.amazonaws.com"]
    wanted = {"RoleName": "role", "PolicyName": "p"}
    found = [iam.get_role_policy(**wanted)["PolicyDocument"] for _ in range(2)]
    assert [each["Statement"]["Action"] for each in found] == ["s3:*", "sns:*"]


def test_without_the_word_delete_a_deletion_is_seen_at_once(guardduty, detector, late):
    name = {"DetectorId": detector, "FilterName": "one"}
    guardduty.create_filter(DetectorId=detector, Name="one", FindingCriteria=HIGH)
    late("guardduty:filter", reads=5)
    guardduty.update_filter(**name, Description="new")
    assert guardduty.get_filter(**name)["Description"] == ""
    guardduty.delete_filter(**name)
    with refused("since no such resource found"):
        guardduty.get_filter(**name)
    assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == []


def test_a_new_role_is_not_assumed_yet(client, late):
    iam, states, events = client("iam"), client("stepfunctions"), client("events")
    late("iam:trust", reads=1)
    role = iam.create_role(RoleName="new", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    machine = {"name": "m", "definition": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'}
    with refused("is authorized to assume the provided role.", code="AccessDeniedException"):
        states.create_state_machine(**machine, roleArn=role)
    arn = states.create_state_machine(**machine, roleArn=role)["stateMachineArn"]
    events.put_rule(Name="rule", EventPattern='{"source": ["a"]}')
    targets = [{"Id": "machine", "Arn": arn, "RoleArn": role}]
    with refused("role/new' cannot be assumed by principal 'events", code="ValidationException"):
        events.put_targets(Rule="rule", Targets=targets)
    assert events.put_targets(Rule="rule", Targets=targets)["FailedEntryCount"] == 0


def test_policies_of_queues_and_topics_apart_from_the_rest(client, late):
    sqs, sns = client("sqs"), client("sns")
    url = sqs.create_queue(QueueName="queue", Attributes={"DelaySeconds": "5"})["QueueUrl"]
    topic = sns.create_topic(Name="topic")["TopicArn"]
    late("s?s:policy", reads=1)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": TRUST})
    reads = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "DelaySeconds"])["Attributes"]
        for _ in range(2)
    ]
    assert reads == [{"DelaySeconds": "5"}, {"DelaySeconds": "5", "Policy": TRUST}]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=TRUST)
    first, second = [sns.get_topic_attributes(TopicArn=topic)["Attributes"] for _ in range(2)]
    assert "__default_statement_ID" in first["Policy"] and json.loads(second["Policy"]) == json.loads(TRUST)
    assert first["TopicArn"] == topic


def test_a_new_queue(client, late):
    sqs = client("sqs")
    late("sqs:queue", reads=1)
    url = sqs.create_queue(QueueName="queue", tags={"a": "b"})["QueueUrl"]
    for call in (
        lambda: sqs.get_queue_url(QueueName="queue"),
        lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"]),
        lambda: sqs.list_queue_tags(QueueUrl=url),
    ):
        with refused("The specified queue does not exist", code="AWS.SimpleQueueService.NonExistentQueue"):
            call()
        call()
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5"})
    assert sqs.get_queue_url(QueueName="queue")["QueueUrl"] == url
    wanted = {"QueueUrl": url, "AttributeNames": ["DelaySeconds"]}
    reads = [sqs.get_queue_attributes(**wanted)["Attributes"] for _ in range(2)]
    assert reads == [{"DelaySeconds": "0"}, {"DelaySeconds": "5"}]


def test_alarms_state_machines_and_logs_policies(client, account, late):
    cloudwatch, states, logs = client("cloudwatch"), client("stepfunctions"), client("logs")
    late("*", reads=1)
    cloudwatch.put_metric_alarm(
        AlarmName="alarm",
        MetricName="m",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
    )
    found = [len(cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]) for _ in range(2)]
    assert found == [0, 1]
    cloudwatch.delete_alarms(AlarmNames=["alarm"])
    assert cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"] == []
    arn = states.create_state_machine(
        name="m",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        roleArn=f"arn:aws:iam::{account}:role/r",
    )["stateMachineArn"]
    with refused("State Machine Does Not Exist", code="StateMachineDoesNotExist"):
        states.describe_state_machine(stateMachineArn=arn)
    assert states.describe_state_machine(stateMachineArn=arn)["name"] == "m"
    logs.put_resource_policy(policyName="p", policyDocument=TRUST)
    assert [len(logs.describe_resource_policies()["resourcePolicies"]) for _ in range(2)] == [0, 1]


def test_an_alarm_in_cbor_as_it_was(client, server, account, late):
    cloudwatch = client("cloudwatch")
    alarm = {
        "AlarmName": "alarm",
        "MetricName": "m",
        "Namespace": "n",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Statistic": "Sum",
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(**alarm, Threshold=1)
    late("cloudwatch:alarm", reads=1, after=["update", "delete"])
    cloudwatch.put_metric_alarm(**alarm, Threshold=2)
    request = urllib.request.Request(
        f"{server.endpoint}/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        data=cbor2.dumps({"AlarmNames": ["alarm"]}),
        headers={
            "smithy-protocol": "rpc-v2-cbor",
            "Content-Type": "application/cbor",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/monitoring/"
            "aws4_request, SignedHeaders=host, Signature=0",
        },
    )

    def thresholds():
        with urllib.request.urlopen(request) as answer:
            return [each["Threshold"] for each in cbor2.loads(answer.read())["MetricAlarms"]]

    assert [thresholds() for _ in range(2)] == [[1], [2]]
    cloudwatch.delete_alarms(AlarmNames=["alarm"])
    assert [thresholds() for _ in range(2)] == [[2], []]


def test_objects(client, late):
    s3 = client("s3")
    s3.create_bucket(Bucket="late-objects")
    one = {"Bucket": "late-objects", "Key": "lists/one.txt"}
    late("s3:object", reads=1, after=["create", "update", "delete"])
    s3.put_object(**one, Body=b"1")
    with refused("Not Found", code="404", status=404):
        s3.head_object(**one)
    with refused("does not exist", code="NoSuchKey", status=404):
        s3.get_object(**one)
    assert [s3.list_objects_v2(Bucket="late-objects")["KeyCount"] for _ in range(2)] == [0, 1]
    s3.put_object(**one, Body=b"22")
    assert [s3.get_object(**one)["Body"].read() for _ in range(2)] == [b"1", b"22"]
    assert [s3.head_object(**one)["ContentLength"] for _ in range(2)] == [1, 2]


def test_clusters(client, late):
    ecs = client("ecs")
    late("ecs:cluster", reads=1)
    arn = ecs.create_cluster(clusterName="prod")["cluster"]["clusterArn"]
    first, second = [ecs.describe_clusters(clusters=["prod"]) for _ in range(2)]
    assert first["clusters"] == [] and first["failures"] == [{"arn": arn, "reason": "MISSING"}]
    assert [each["clusterArn"] for each in second["clusters"]] == [arn]
    with refused("Cluster not found.", code="ClusterNotFoundException"):
        ecs.list_tags_for_resource(resourceArn=arn)
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    assert [ecs.list_tags_for_resource(resourceArn=arn)["tags"] for _ in range(2)] == [
        [],
        [{"key": "a", "value": "b"}],
    ]


def test_for_a_time_and_for_one_region(client, guardduty, detector, late):
    late("guardduty:filter", seconds=0.5, region="us-east-1")
    guardduty.create_filter(DetectorId=detector, Name="new", FindingCriteria=HIGH)
    name, start = {"DetectorId": detector, "FilterName": "new"}, time.monotonic()
    while True:
        try:
            guardduty.get_filter(**name)
            break
        except guardduty.exceptions.BadRequestException:
            time.sleep(0.05)
    assert 0.4 <= time.monotonic() - start < 5
    other = client("guardduty", region="eu-west-1")
    there = other.create_detector(Enable=True)["DetectorId"]
    other.create_filter(DetectorId=there, Name="new", FindingCriteria=HIGH)
    assert other.get_filter(DetectorId=there, FilterName="new")["Name"] == "new"


def test_clearing_shows_everything(guardduty, detector, late, control, account):
    late("guardduty:filter", reads=100)
    guardduty.create_filter(DetectorId=detector, Name="new", FindingCriteria=HIGH)
    control.delete("consistency", account=account)
    assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == ["new"]


def test_what_is_remembered_is_not_in_the_log(guardduty, detector, late, control, account):
    late("guardduty:filter", reads=1)
    control.delete("calls", account=account)
    guardduty.create_filter(DetectorId=detector, Name="new", FindingCriteria=HIGH)
    with refused("since no such resource found"):
        guardduty.get_filter(DetectorId=detector, FilterName="new")
    calls = control.get("calls", account=account)["calls"]
    assert [(each["operation"], each["code"]) for each in calls] == [
        ("CreateFilter", None),
        ("GetFilter", "BadRequestException"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "guardduty:nothing", "reads": 1}, "'guardduty:nothing' is none of"),
        ({"kind": "*"}, "reads or seconds"),
        ({"kind": "*", "reads": 1, "after": ["never"]}, "after is a list of"),
    ],
)
def test_wrong_use(control, account, arguments, words):
    with pytest.raises(urllib.error.HTTPError) as caught:
        control.post("consistency", account=account, **arguments)
    assert words in caught.value.read().decode()
