"""What EventBridge refuses of changes of a rule: overlaps, managed rules, quotas."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from conftest import REGION
from refusals import refused

PATTERN = '{"source": ["a"]}'
OTHER_BUS = "other"


@pytest.fixture
def events(client):
    """An EventBridge client with the rule `rule`."""
    events = client("events")
    events.put_rule(Name="rule", EventPattern=PATTERN)
    return events


def target(name):
    return {"Id": name, "Arn": "arn:aws:sqs:us-east-1:111122223333:queue"}


def codes(*calls):
    """Makes the calls at once; the code of each error, or None."""

    def code(call):
        try:
            call()
        except ClientError as error:
            return error.response["Error"]["Code"]
        return None

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(code, calls))


def test_changes_of_one_rule_that_overlap(events, account):
    arn = f"arn:aws:events:{REGION}:{account}:rule/rule"
    found = codes(
        lambda: events.put_rule(Name="rule", EventPattern=PATTERN),
        lambda: events.put_targets(Rule="rule", Targets=[target("one")]),
        lambda: events.remove_targets(Rule="rule", Ids=["two"]),
        lambda: events.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}]),
        lambda: events.disable_rule(Name="rule"),
    )
    assert None in found and "ConcurrentModificationException" in found
    assert set(found) == {None, "ConcurrentModificationException"}


def test_changes_of_different_rules_do_not_disturb_each_other(events):
    def change(name):
        return lambda: events.put_rule(Name=name, EventPattern=PATTERN)

    assert codes(*[change(f"rule-{number}") for number in range(5)]) == [None] * 5


def test_one_after_the_other_passes(events):
    for number in range(3):
        events.put_targets(Rule="rule", Targets=[target(f"t{number}")])
        events.put_rule(Name="rule", EventPattern=PATTERN)
    assert len(events.list_targets_by_rule(Rule="rule")["Targets"]) == 3


@pytest.mark.parametrize("operation", ["PutRule", "DeleteRule", "PutTargets", "RemoveTargets", "TagResource"])
def test_the_same_as_a_fault(events, control, account, operation):
    calls = {
        "PutRule": lambda: events.put_rule(Name="rule", EventPattern=PATTERN),
        "DeleteRule": lambda: events.delete_rule(Name="rule"),
        "PutTargets": lambda: events.put_targets(Rule="rule", Targets=[target("one")]),
        "RemoveTargets": lambda: events.remove_targets(Rule="rule", Ids=["one"]),
        "TagResource": lambda: events.tag_resource(
            ResourceARN=f"arn:aws:events:{REGION}:{account}:rule/rule", Tags=[{"Key": "a", "Value": "b"}]
        ),
    }
    code = "ConcurrentModificationException"
    control.post(
        "faults", service="events", operation=operation, account=account, mode="error", code=code, message="x"
    )
    with refused("x", code=code):
        calls[operation]()
    calls[operation]()


def test_tags_of_a_rule_that_exists_are_ignored(events, account):
    events.put_rule(Name="new", EventPattern=PATTERN, Tags=[{"Key": "a", "Value": "first"}])
    events.put_rule(Name="new", EventPattern=PATTERN, Tags=[{"Key": "a", "Value": "second"}])
    arn = f"arn:aws:events:{REGION}:{account}:rule/new"
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "first"}]


@pytest.mark.parametrize(
    "call",
    [
        lambda events: events.put_targets(Rule="nobody", Targets=[target("one")]),
        lambda events: events.remove_targets(Rule="nobody", Ids=["one"]),
        lambda events: events.describe_rule(Name="nobody"),
    ],
)
def test_a_rule_that_is_not_there(events, call):
    with refused("Rule nobody does not exist on EventBus default.", code="ResourceNotFoundException"):
        call(events)


def test_a_target_that_is_not_there_is_a_failed_entry(events):
    events.put_targets(Rule="rule", Targets=[target("one")])
    answer = events.remove_targets(Rule="rule", Ids=["one", "two"])
    assert answer["FailedEntryCount"] == 1
    [entry] = answer["FailedEntries"]
    assert (entry["TargetId"], entry["ErrorCode"]) == ("two", "ResourceNotFoundException")
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == []


def test_tags_of_what_is_not_a_rule(events):
    with refused("is not valid", code="ValidationException"):
        events.tag_resource(
            ResourceARN="arn:aws:events:us-east-1:1:other/x", Tags=[{"Key": "a", "Value": "b"}]
        )
    bus = events.create_event_bus(Name=OTHER_BUS)["EventBusArn"]
    events.tag_resource(ResourceARN=bus, Tags=[{"Key": "a", "Value": "b"}])
    events.put_rule(Name="rule", EventPattern=PATTERN, EventBusName=OTHER_BUS)
    arn = events.describe_rule(Name="rule", EventBusName=OTHER_BUS)["Arn"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]


def test_a_rule_with_targets_stays(events):
    events.put_targets(Rule="rule", Targets=[target("one")])
    with refused("Rule can't be deleted since it has targets.", code="ValidationException"):
        events.delete_rule(Name="rule")
    events.remove_targets(Rule="rule", Ids=["one"])
    events.delete_rule(Name="rule")
    events.delete_rule(Name="rule")


def test_three_hundred_rules_a_bus_and_fewer_in_small_regions(client, account):
    events = client("events", region="eu-south-1")
    for number in range(100):
        events.put_rule(Name=f"rule-{number}", EventPattern=PATTERN)
    with refused("exceeds the maximum number allowed", code="LimitExceededException"):
        events.put_rule(Name="one-more", EventPattern=PATTERN)
    events.put_rule(Name="rule-0", EventPattern=PATTERN)
    events.create_event_bus(Name=OTHER_BUS)
    events.put_rule(Name="rule-0", EventPattern=PATTERN, EventBusName=OTHER_BUS)


def test_a_managed_rule_needs_force(events, control, account):
    control.post("managed-rule", account=account, region=REGION, rule="rule", by="guardduty.amazonaws.com")
    assert events.describe_rule(Name="rule")["ManagedBy"] == "guardduty.amazonaws.com"
    for call in (
        lambda: events.put_rule(Name="rule", EventPattern=PATTERN),
        lambda: events.put_targets(Rule="rule", Targets=[target("one")]),
        lambda: events.remove_targets(Rule="rule", Ids=["one"]),
        lambda: events.delete_rule(Name="rule"),
    ):
        with refused("managed by an AWS service", code="ManagedRuleException"):
            call()
    events.remove_targets(Rule="rule", Ids=["one"], Force=True)
    events.delete_rule(Name="rule", Force=True)
    assert events.list_rules()["Rules"] == []
