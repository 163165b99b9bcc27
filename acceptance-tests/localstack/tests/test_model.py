"""Requests that break the service's model are refused as AWS refuses them."""

import http.client
import json

import pytest
from refusals import refused


def create_filter(guardduty, detector, **changes):
    request = {
        "DetectorId": detector,
        "Name": "high",
        "FindingCriteria": {"Criterion": {"severity": {"GreaterThanOrEqual": 7}}},
    }
    return guardduty.create_filter(**(request | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Name": "ab"}, "name has an invalid value: 2 characters is not within 3..64"),
        ({"Name": "n" * 65}, "65 characters is not within 3..64"),
        ({"Rank": 0}, "rank has an invalid value: 0 is not within 1..100"),
        ({"Rank": 101}, "101 is not within 1..100"),
        ({"Action": "DELETE"}, "'DELETE' is none of NOOP, ARCHIVE"),
        ({"Description": "d" * 513}, "513 characters is not within 0..512"),
        ({"ClientToken": "t" * 65}, "65 characters is not within 0..64"),
        ({"Tags": {}}, "0 entries is not within 1..200"),
        ({"Tags": {"k" * 129: ""}}, "129 characters is not within 1..128"),
        ({"Tags": {"k": "v" * 257}}, "257 characters is not within 0..256"),
        ({"Tags": {"aws:name": "v"}}, "does not match"),
        (
            {"FindingCriteria": {"Criterion": {"type": {"Matches": list("abcdef")}}}},
            "6 items is not within 0..5",
        ),
    ],
)
def test_limits_of_the_model(guardduty, detector, changes, words):
    with refused(words):
        create_filter(guardduty, detector, **changes)


def test_an_enum_inside_a_list(guardduty):
    with refused("features[0].name has an invalid value: 'ECS_RUNTIME_MONITORING' is none of"):
        guardduty.create_detector(
            Enable=True, Features=[{"Name": "ECS_RUNTIME_MONITORING", "Status": "ENABLED"}]
        )


def test_a_page_size_in_the_query(guardduty, detector):
    with refused("maxResults has an invalid value: 51 is not within 1..50"):
        guardduty.list_filters(DetectorId=detector, MaxResults=51)


def test_a_token_of_another_page(guardduty, detector):
    with refused("nextToken"):
        guardduty.list_filters(DetectorId=detector, NextToken="made-up")


def test_enable_is_required(guardduty):
    with refused("the required parameter enable is missing"):
        guardduty.create_detector(Tags={"a": "b"})


@pytest.mark.parametrize(
    "body",
    [
        '{"enable": "yes"}',
        '{"enable": 1}',
        '{"enable": true, "tags": ["a"]}',
        '{"enable": true, "tags": {"a": 1}}',
        '{"enable": true, "features": {}}',
        '{"enable": true, "features": [{"name": "S3_DATA_EVENTS", "state": "ENABLED"}]}',
        '{"enable": true, "clientToken": 7}',
        '{"enable": true, "unknown": 1}',
        '{"enable": tru',
        "[]",
    ],
)
def test_a_body_of_the_wrong_form(server, account, body):
    status, headers, answer = post(server, account, "/detector", body)
    assert (status, headers["x-amzn-errortype"]) == (400, "BadRequestException")
    assert answer["message"] == "The request is rejected because the JSON could not be processed."
    assert answer["type"] == "InvalidInputException"


def test_an_operation_that_is_not_emulated_is_no_success(guardduty, detector):
    with refused("GetUsageStatistics", code="InternalFailure", status=501):
        guardduty.get_usage_statistics(
            DetectorId=detector, UsageStatisticType="SUM_BY_FEATURES", UsageCriteria={}
        )


def test_operations_of_the_newest_model_are_known(server, account):
    status, _, answer = post(server, account, "/custom-detection-rule/rule", "{}")
    assert status == 501
    assert "ListCustomDetectionRules" in answer["message"]


def post(server, account, path, body):
    """A signed-looking request with any body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    scope = f"{account}/20260101/us-east-1/guardduty/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/json",
    }
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(answer.read())
