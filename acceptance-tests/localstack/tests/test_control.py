"""The control plane: faults, the log of calls, the clock, findings that cannot arrive."""

import time
import urllib.error

import pytest
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from conftest import REGION
from refusals import refused


@pytest.fixture
def fault(control, account):
    """Adds a fault for the account."""

    def add(operation, mode, service="guardduty", **more):
        return control.post(
            "faults", service=service, operation=operation, account=account, mode=mode, **more
        )

    yield add
    control.delete("faults", account=account)


def test_an_error_comes_as_often_as_it_is_meant_to(guardduty, fault):
    fault(
        "CreateDetector",
        "error",
        code="InternalServerErrorException",
        message="try again",
        status=500,
        times=2,
    )
    for _ in range(2):
        with refused("try again", code="InternalServerErrorException", status=500):
            guardduty.create_detector(Enable=True)
    assert guardduty.create_detector(Enable=True)["DetectorId"]


@pytest.mark.parametrize(
    ("service", "operation", "call"),
    [
        ("ecs", "ListClusters", lambda client: client.list_clusters()),
        ("events", "ListRules", lambda client: client.list_rules()),
        ("iam", "ListRoles", lambda client: client.list_roles()),
        ("s3", "ListBuckets", lambda client: client.list_buckets()),
        ("stepfunctions", "ListStateMachines", lambda client: client.list_state_machines()),
        ("sns", "ListTopics", lambda client: client.list_topics()),
        ("sqs", "ListQueues", lambda client: client.list_queues()),
        ("logs", "DescribeLogGroups", lambda client: client.describe_log_groups()),
        ("lambda", "ListFunctions", lambda client: client.list_functions()),
        ("cloudwatch", "DescribeAlarms", lambda client: client.describe_alarms()),
        ("kms", "ListKeys", lambda client: client.list_keys()),
        ("sts", "GetCallerIdentity", lambda client: client.get_caller_identity()),
    ],
)
def test_errors_of_any_service(client, fault, service, operation, call):
    fault(operation, "error", service=service, code="AccessDenied", message="not you", status=403)
    with refused("not you", code="AccessDenied", status=403):
        call(client(service))
    call(client(service))


def test_a_lost_answer_after_the_work(guardduty, fault):
    fault("CreateDetector", "lost")
    with pytest.raises(HTTPClientError):
        guardduty.create_detector(Enable=True)
    assert len(guardduty.list_detectors()["DetectorIds"]) == 1


def test_a_closed_connection_before_the_work(guardduty, fault):
    fault("CreateDetector", "close")
    with pytest.raises(ConnectionClosedError):
        guardduty.create_detector(Enable=True)
    assert guardduty.list_detectors()["DetectorIds"] == []


def test_no_answer_and_no_work(client, guardduty, fault):
    fault("CreateDetector", "hang", delay_seconds=3)
    with pytest.raises(ReadTimeoutError):
        client("guardduty", read_timeout=1).create_detector(Enable=True)
    assert guardduty.list_detectors()["DetectorIds"] == []


def test_a_late_answer(guardduty, fault):
    fault("ListDetectors", "delay", delay_seconds=0.5)
    start = time.monotonic()
    assert guardduty.list_detectors()["DetectorIds"] == []
    assert time.monotonic() - start >= 0.5


def test_items_that_are_not_processed(client, fault):
    events = client("events")
    events.put_rule(Name="rule", EventPattern='{"source": ["a"]}')
    arn = "arn:aws:sqs:us-east-1:111122223333:queue"
    targets = [{"Id": name, "Arn": arn} for name in ("one", "two")]
    fault(
        "PutTargets", "unprocessed", service="events", code="ConcurrentModificationException", message="busy"
    )
    answer = events.put_targets(Rule="rule", Targets=targets)
    assert answer["FailedEntryCount"] == 2
    assert {each["ErrorCode"] for each in answer["FailedEntries"]} == {"ConcurrentModificationException"}
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == []
    fault(
        "PutTargets", "unprocessed", service="events", items=["two"], code="InternalException", message="no"
    )
    answer = events.put_targets(Rule="rule", Targets=targets)
    assert [each["TargetId"] for each in answer["FailedEntries"]] == ["two"]
    assert [each["Id"] for each in events.list_targets_by_rule(Rule="rule")["Targets"]] == ["one"]


def test_a_fault_is_for_its_account_and_region(client, guardduty, fault):
    fault("ListDetectors", "error", region="eu-west-1", message="only there")
    assert guardduty.list_detectors()["DetectorIds"] == []
    other = client("guardduty", region="eu-west-1", account_id="999900002222")
    assert other.list_detectors()["DetectorIds"] == []
    with refused("only there", code="ThrottlingException"):
        client("guardduty", region="eu-west-1").list_detectors()


def test_cleared_faults_are_gone(guardduty, fault, control, account):
    fault("ListDetectors", "error", times=None)
    control.delete("faults", account=account)
    assert guardduty.list_detectors()["DetectorIds"] == []


def test_the_log_of_calls(client, guardduty, fault, control, account):
    control.delete("calls", account=account)
    guardduty.create_detector(Enable=True)
    with refused("already exists"):
        guardduty.create_detector(Enable=True)
    client("ecs", region="eu-west-1").list_clusters()
    fault("ListDetectors", "close")
    with pytest.raises(ConnectionClosedError):
        guardduty.list_detectors()
    calls = control.get("calls", account=account)["calls"]
    assert [
        (each["service"], each["operation"], each["region"], each["status"], each["code"]) for each in calls
    ] == [
        ("guardduty", "CreateDetector", REGION, 200, None),
        ("guardduty", "CreateDetector", REGION, 400, "BadRequestException"),
        ("ecs", "ListClusters", "eu-west-1", 200, None),
        ("guardduty", "ListDetectors", REGION, None, "close"),
    ]
    assert len(control.get("calls", account=account, service="ecs")["calls"]) == 1
    control.delete("calls", account=account)
    assert control.get("calls", account=account)["calls"] == []


def test_what_sts_is_asked_and_gives_is_in_the_log(client, control, account):
    role = {"RoleArn": f"arn:aws:iam::{account}:role/r", "RoleSessionName": "s", "ExternalId": "ticket-7"}
    given = client("sts").assume_role(**role)["Credentials"]
    with refused("is invalid", code="ValidationError"):
        client("sts").assume_role(**role | {"RoleArn": "no-role-of-any-account"})
    token = client("sts").assume_role_with_web_identity(
        RoleArn=role["RoleArn"], RoleSessionName="s", WebIdentityToken="a.b.c"
    )
    client("ecs").list_clusters()
    good, bad, *_, other = control.get("calls", account=account)["calls"]
    assert good["parameters"] == role
    assert good["answer"]["Credentials"]["SecretAccessKey"] == given["SecretAccessKey"]
    assert bad["parameters"]["RoleArn"] == "no-role-of-any-account" and "Credentials" not in bad["answer"]
    assert "parameters" not in other and "answer" not in other
    web = [each for each in control.get("calls", service="sts")["calls"] if each["account"] != account]
    [web] = [each for each in web if each["parameters"].get("RoleArn") == role["RoleArn"]]
    assert web["parameters"]["WebIdentityToken"] == "a.b.c"
    assert web["answer"]["Credentials"]["SessionToken"] == token["Credentials"]["SessionToken"]


def test_what_guardduty_does_itself_is_not_in_the_log(guardduty, control, account):
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    guardduty.create_threat_intel_set(
        DetectorId=detector, Name="list", Format="TXT", Location="s3://bucket/key", Activate=True
    )
    guardduty.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/Portscan"])
    services = {each["service"] for each in control.get("calls", account=account)["calls"]}
    assert services == {"guardduty"}


@pytest.mark.parametrize(
    ("path", "arguments", "words"),
    [
        ("faults", {"service": "ecs", "mode": "explode"}, "'explode' is none of"),
        (
            "faults",
            {"service": "ecs", "operation": "StopTask", "mode": "unprocessed"},
            "does not answer item by item",
        ),
        ("findings", {"account": "999900003333", "region": REGION, "finding": {}}, "has no detector"),
        ("coverage", {"account": "1", "region": REGION, "cluster": "c", "status": "ILL"}, "'ILL' is none of"),
        ("clock", {"rate": "fast"}, "ValueError"),
    ],
)
def test_wrong_use_of_the_control_plane(control, path, arguments, words):
    with pytest.raises(urllib.error.HTTPError) as caught:
        control.post(path, **arguments)
    assert caught.value.code == 400
    assert words in caught.value.read().decode()


def test_a_suspended_detector_finds_nothing(guardduty, control, account):
    guardduty.create_detector(Enable=False)
    with pytest.raises(urllib.error.HTTPError) as caught:
        control.post("findings", account=account, region=REGION, finding={})
    assert "is suspended" in caught.value.read().decode()
