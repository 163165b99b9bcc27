"""Requests that break the service's model are refused as AWS refuses them."""

import gzip
import http.client
import json

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from refusals import refused

from localstack_guardduty.gateway import SHARE
from localstack_guardduty.guardduty import operations, service


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


OPERATIONS_OF_THE_PLUGIN = sorted(operations.OPERATIONS)


@pytest.fixture(scope="session")
def newest():
    """The model that requests are held against, which is newer than the client's."""
    [path] = SHARE.glob("botocore-*/botocore/data/guardduty/*/service-2.json*")
    text = path.read_bytes()
    model = json.loads(gzip.decompress(text) if path.suffix == ".gz" else text)
    return ServiceModel(model, "guardduty")


def test_the_plugin_has_operations_to_walk():
    assert service.MODULES
    assert len(OPERATIONS_OF_THE_PLUGIN) > 40


@pytest.mark.parametrize("name", OPERATIONS_OF_THE_PLUGIN)
def test_every_rule_that_the_model_states_is_held(guardduty, newest, name):
    shape = newest.operation_model(name).input_shape
    call = getattr(guardduty, xform_name(name))
    for request, member in wrong(shape):
        with pytest.raises(ClientError) as caught:
            call(**request)
        answer = caught.value.response
        assert answer["Error"]["Code"] == "BadRequestException", (request, answer)
        assert member.lower() in answer["Error"]["Message"].lower(), (request, answer)


def right(shape):
    """A value that keeps all rules, with as little in it as they allow."""
    if shape.type_name == "structure":
        return {name: right(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [right(shape.member)] * shape.metadata.get("min", 0)
    if shape.type_name == "map":
        return {right(shape.key): right(shape.value)} if shape.metadata.get("min") else {}
    if shape.type_name == "string":
        if shape.name == "GuardDutyArn":
            return f"arn:aws:guardduty:us-east-1:111122223333:detector/{'a' * 32}"
        return shape.enum[0] if shape.enum else "a" * max(1, shape.metadata.get("min", 1))
    numbers = shape.metadata.get("min", 1)
    return {"boolean": True, "timestamp": 1}.get(shape.type_name, numbers)


def wrong(shape):
    """Values that break one rule each, and the member that breaks it ("" for the value itself)."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            in_url = member.serialization.get("location") == "uri"
            wire = member.serialization.get("name", name)
            if name in shape.required_members and not in_url:
                yield {key: value for key, value in right(shape).items() if key != name}, wire
            for value, inner in wrong(member):
                if value or not in_url:
                    yield right(shape) | {name: value}, inner or wire
    elif shape.type_name == "list":
        yield from ((value, "") for value in wrong_sizes(shape, lambda size: [right(shape.member)] * size))
        yield from (([value], inner) for value, inner in wrong(shape.member))
    elif shape.type_name == "map":
        one = right(shape.value)
        yield from (
            (value, "")
            for value in wrong_sizes(shape, lambda size: dict.fromkeys(map(str, range(size)), one))
        )
        yield from (({value: one}, "") for value, _ in wrong(shape.key))
        yield from (({"key": value}, inner) for value, inner in wrong(shape.value))
    elif shape.type_name == "string" and shape.enum:
        yield "NO_SUCH_VALUE", ""
    elif shape.type_name == "string":
        yield from ((value, "") for value in wrong_sizes(shape, lambda size: "a" * size))
    else:
        yield from ((value, "") for value in wrong_sizes(shape, int))


def wrong_sizes(shape, make):
    """One below the least and one above the most that the model allows."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and (least > 0 or shape.type_name in ("integer", "long", "double")):
        yield make(least - 1)
    if most is not None and most < 10_000:
        yield make(most + 1)


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
