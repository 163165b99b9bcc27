"""Filters: their order, their criteria, what they archive."""

import pytest
from conftest import REGION
from refusals import refused

HIGH = {"Criterion": {"severity": {"GreaterThanOrEqual": 7}}}


def create(guardduty, detector, name, **changes):
    request = {"DetectorId": detector, "Name": name, "FindingCriteria": HIGH}
    return guardduty.create_filter(**(request | changes))["Name"]


def ranks(guardduty, detector):
    names = guardduty.list_filters(DetectorId=detector)["FilterNames"]
    return {name: guardduty.get_filter(DetectorId=detector, FilterName=name)["Rank"] for name in names}


def test_a_filter_comes_back_as_it_was_made(guardduty, detector):
    criteria = {
        "Criterion": {
            "severity": {"GreaterThanOrEqual": 7, "LessThan": 9},
            "type": {"Matches": ["*Runtime*"], "NotEquals": ["Execution:Runtime/ReverseShell"]},
            "updatedAt": {"GreaterThan": 1_700_000_000_000},
        }
    }
    create(
        guardduty,
        detector,
        "ecs",
        FindingCriteria=criteria,
        Action="ARCHIVE",
        Description="d",
        Tags={"a": "b"},
    )
    answer = guardduty.get_filter(DetectorId=detector, FilterName="ecs")
    assert (answer["Action"], answer["Description"], answer["Tags"]) == ("ARCHIVE", "d", {"a": "b"})
    found = answer["FindingCriteria"]["Criterion"]
    assert found["severity"] == {"Gte": 7, "GreaterThanOrEqual": 7, "Lt": 9, "LessThan": 9}
    assert found["type"]["Matches"] == ["*Runtime*"]
    assert found["type"]["Neq"] == found["type"]["NotEquals"] == ["Execution:Runtime/ReverseShell"]
    assert found["updatedAt"] == {"GreaterThan": 1_700_000_000_000}


def test_defaults(guardduty, detector):
    create(guardduty, detector, "plain")
    answer = guardduty.get_filter(DetectorId=detector, FilterName="plain")
    assert (answer["Action"], answer["Rank"], answer["Description"]) == ("NOOP", 1, "")


def test_an_insertion_moves_the_later_ones(guardduty, detector):
    for name in ("first", "second"):
        create(guardduty, detector, name)
    create(guardduty, detector, "between", Rank=2)
    create(guardduty, detector, "far", Rank=4)
    assert ranks(guardduty, detector) == {"first": 1, "between": 2, "second": 3, "far": 4}
    guardduty.update_filter(DetectorId=detector, FilterName="far", Rank=1)
    assert ranks(guardduty, detector) == {"far": 1, "first": 2, "between": 3, "second": 4}
    guardduty.delete_filter(DetectorId=detector, FilterName="first")
    assert ranks(guardduty, detector) == {"far": 1, "between": 2, "second": 3}


def test_a_rank_without_a_place_is_refused(guardduty, detector):
    out_of_bounds = "The request is rejected because the parameter rank is out-of-bounds."
    with refused(out_of_bounds):
        create(guardduty, detector, "second", Rank=2)
    create(guardduty, detector, "first", Rank=1)
    with refused(out_of_bounds):
        create(guardduty, detector, "third", Rank=3)
    create(guardduty, detector, "second", Rank=2)
    with refused(out_of_bounds):
        guardduty.update_filter(DetectorId=detector, FilterName="first", Rank=3, Description="not this")
    assert guardduty.get_filter(DetectorId=detector, FilterName="first")["Description"] == ""
    guardduty.update_filter(DetectorId=detector, FilterName="first", Rank=2)
    assert ranks(guardduty, detector) == {"second": 1, "first": 2}
    for rank in (0, 101):
        with refused("rank"):
            create(guardduty, detector, "none", Rank=rank)


def test_a_move_shifts_those_in_between(guardduty, detector):
    for name in ("one", "two", "three", "four"):
        create(guardduty, detector, name)
    guardduty.update_filter(DetectorId=detector, FilterName="one", Rank=3)
    assert ranks(guardduty, detector) == {"two": 1, "three": 2, "one": 3, "four": 4}
    guardduty.update_filter(DetectorId=detector, FilterName="four", Rank=2)
    assert ranks(guardduty, detector) == {"two": 1, "four": 2, "three": 3, "one": 4}


def test_an_update_keeps_what_it_does_not_name(guardduty, detector):
    create(guardduty, detector, "kept", Description="before", Action="ARCHIVE")
    new = {"Criterion": {"region": {"Equals": ["eu-west-1"]}}}
    guardduty.update_filter(DetectorId=detector, FilterName="kept", FindingCriteria=new)
    answer = guardduty.get_filter(DetectorId=detector, FilterName="kept")
    assert (answer["Description"], answer["Action"]) == ("before", "ARCHIVE")
    assert list(answer["FindingCriteria"]["Criterion"]) == ["region"]
    guardduty.update_filter(DetectorId=detector, FilterName="kept", Description="")
    assert guardduty.get_filter(DetectorId=detector, FilterName="kept")["Description"] == ""


def test_a_name_is_used_once(guardduty, detector):
    create(guardduty, detector, "once")
    with refused("a filter with the given name already exists"):
        create(guardduty, detector, "once")


def test_a_client_token_makes_create_idempotent(guardduty, detector):
    for _ in range(2):
        create(guardduty, detector, "once", ClientToken="token")
    assert guardduty.list_filters(DetectorId=detector)["FilterNames"] == ["once"]
    with refused("clientToken"):
        create(guardduty, detector, "other", ClientToken="token")


def test_a_hundred_filters_and_their_pages(guardduty, detector):
    for number in range(100):
        create(guardduty, detector, f"filter-{number:03}")
    with refused("filter limit has exceeded"):
        create(guardduty, detector, "one-more")
    first = guardduty.list_filters(DetectorId=detector)
    assert len(first["FilterNames"]) == 50
    second = guardduty.list_filters(DetectorId=detector, NextToken=first["NextToken"])
    assert second["FilterNames"][-1] == "filter-099"
    assert "NextToken" not in second
    assert len(guardduty.list_filters(DetectorId=detector, MaxResults=3)["FilterNames"]) == 3


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ({"Criterion": {"resource.kind": {"Equals": ["a"]}}}, "'resource.kind' is not a field"),
        ({"Criterion": {"type": {}}}, "'type' has no condition"),
        ({"Criterion": {"type": {"Equals": []}}}, "'type' has no condition"),
        ({"Criterion": {}}, "at least one criterion"),
        ({"Criterion": {"type": {"Equals": ["t"] * 51}}}, "more than 50 values"),
    ],
)
def test_wrong_criteria(guardduty, detector, criteria, words):
    with refused(words):
        create(guardduty, detector, "wrong", FindingCriteria=criteria)


def test_a_name_with_a_space(guardduty, detector):
    with refused("name has an invalid value"):
        create(guardduty, detector, "with space")


@pytest.mark.parametrize("call", ["get_filter", "update_filter", "delete_filter"])
def test_an_unknown_filter(guardduty, detector, call):
    with refused("since no such resource found"):
        getattr(guardduty, call)(DetectorId=detector, FilterName="nobody")


FINDING = {
    "type": "CryptoCurrency:Runtime/BitcoinTool.B!DNS",
    "severity": 8,
    "resource": {
        "resourceType": "ECSCluster",
        "ecsClusterDetails": {"name": "prod", "tags": [{"key": "team", "value": "red"}]},
    },
}


@pytest.mark.parametrize(
    ("field", "condition", "archived"),
    [
        ("severity", {"GreaterThanOrEqual": 8}, True),
        ("severity", {"GreaterThan": 8}, False),
        ("severity", {"Gt": 7, "Lte": 8}, True),
        ("severity", {"Equals": ["8"]}, True),
        ("type", {"Matches": ["CryptoCurrency:*"]}, True),
        ("type", {"NotMatches": ["*DNS"]}, False),
        ("type", {"NotEquals": ["Other:Runtime/Type"]}, True),
        ("resource.ecsClusterDetails.name", {"Equals": ["prod", "test"]}, True),
        ("resource.ecsClusterDetails.name", {"Neq": ["prod"]}, False),
        ("resource.ecsClusterDetails.tags.value", {"Eq": ["red"]}, True),
        ("resource.instanceDetails.instanceId", {"Equals": ["i-1"]}, False),
        ("updatedAt", {"GreaterThan": 1_700_000_000_000}, True),
        ("updatedAt", {"LessThan": 1_700_000_000_000}, False),
    ],
)
def test_what_an_archive_filter_archives(guardduty, detector, control, account, field, condition, archived):
    criteria = {"Criterion": {field: condition}}
    create(guardduty, detector, "archive", Action="ARCHIVE", FindingCriteria=criteria)
    answer = control.post("findings", account=account, region=REGION, finding=FINDING)
    assert (answer["archived"], answer["published"]) == (archived, not archived)
    [finding] = guardduty.get_findings(DetectorId=detector, FindingIds=[answer["id"]])["Findings"]
    assert finding["Service"]["Archived"] is archived


def test_a_noop_filter_archives_nothing(guardduty, detector, control, account):
    create(guardduty, detector, "watch")
    assert not control.post("findings", account=account, region=REGION, finding=FINDING)["archived"]
