"""Tags of everything under a detector."""

import pytest
from refusals import refused


@pytest.fixture
def arns(guardduty, detector, account):
    """ARNs of a detector, a filter and a list."""
    base = f"arn:aws:guardduty:us-east-1:{account}:detector/{detector}"
    criteria = {"Criterion": {"severity": {"Equals": ["8"]}}}
    guardduty.create_filter(DetectorId=detector, Name="tagged", FindingCriteria=criteria)
    name = guardduty.create_threat_intel_set(
        DetectorId=detector, Name="list", Format="TXT", Location="s3://bucket/key", Activate=False
    )["ThreatIntelSetId"]
    return {"detector": base, "filter": f"{base}/filter/tagged", "list": f"{base}/threatintelset/{name}"}


@pytest.mark.parametrize("kind", ["detector", "filter", "list"])
def test_tags_are_added_changed_and_removed(guardduty, arns, kind):
    arn = arns[kind]
    guardduty.tag_resource(ResourceArn=arn, Tags={"team": "red", "stage": "test"})
    guardduty.tag_resource(ResourceArn=arn, Tags={"team": "blue"})
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "blue", "stage": "test"}
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["stage", "unknown"])
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "blue"}
    others = {
        guardduty.list_tags_for_resource(ResourceArn=each)["Tags"].get("team") for each in arns.values()
    }
    assert others == {"blue", None}


def test_tags_show_in_the_object_itself(guardduty, detector, arns):
    guardduty.tag_resource(ResourceArn=arns["detector"], Tags={"a": "1"})
    guardduty.tag_resource(ResourceArn=arns["filter"], Tags={"b": "2"})
    assert guardduty.get_detector(DetectorId=detector)["Tags"] == {"a": "1"}
    assert guardduty.get_filter(DetectorId=detector, FilterName="tagged")["Tags"] == {"b": "2"}


def test_arns_of_nothing(guardduty, arns):
    with refused("since no such resource found"):
        guardduty.list_tags_for_resource(ResourceArn=f"{arns['detector']}/filter/nobody")
    with refused("not owned by the current account"):
        guardduty.tag_resource(ResourceArn=arns["detector"][:-1] + "_", Tags={"a": "b"})


def test_at_most_fifty_tags(guardduty, arns):
    guardduty.tag_resource(ResourceArn=arns["detector"], Tags={f"key{number}": "" for number in range(50)})
    with refused("the limit of 50 tags per resource"):
        guardduty.tag_resource(ResourceArn=arns["detector"], Tags={"another": ""})
