"""Alarms as the newer SDKs read them: in CBOR."""

import urllib.request
from typing import Any

import cbor2

from localstack_guardduty.launcher import Server


def test_an_alarm_with_tags_is_described_in_cbor(server: Server, account: str, client: Any) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="failed",
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Tags=[{"Key": "team", "Value": "security"}],
    )
    request = urllib.request.Request(
        f"{server.endpoint}/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        data=cbor2.dumps({"AlarmNames": ["failed"]}),
        headers={
            "smithy-protocol": "rpc-v2-cbor",
            "Content-Type": "application/cbor",
            "Accept": "application/cbor",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/monitoring/"
            "aws4_request, SignedHeaders=host, Signature=0",
        },
    )
    with urllib.request.urlopen(request) as answer:
        alarms = cbor2.loads(answer.read())["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in alarms] == ["failed"]


def test_tags_live_as_long_as_their_alarm(client: Any) -> None:
    cloudwatch = client("cloudwatch")
    alarm = {
        "AlarmName": "failed",
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsFailed",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }

    def tags() -> list[dict[str, str]]:
        return cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]

    cloudwatch.put_metric_alarm(**alarm, Tags=[{"Key": "team", "Value": "security"}])
    [made] = cloudwatch.describe_alarms(AlarmNames=["failed"])["MetricAlarms"]
    arn = made["AlarmArn"]
    assert tags() == [{"Key": "team", "Value": "security"}]
    cloudwatch.put_metric_alarm(**alarm, Tags=[{"Key": "team", "Value": "other"}])
    assert tags() == [{"Key": "team", "Value": "security"}], "those of an alarm that exists stay as they are"
    cloudwatch.delete_alarms(AlarmNames=["failed"])
    cloudwatch.put_metric_alarm(**alarm)
    assert tags() == []
