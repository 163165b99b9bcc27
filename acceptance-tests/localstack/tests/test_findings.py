"""Findings: arrival, search, archive, samples, statistics."""

import json

import pytest
from conftest import REGION
from refusals import refused
from waiting import until


@pytest.fixture
def inject(control, account):
    """Lets a finding arrive and returns its id."""

    def send(**finding):
        return control.post("findings", account=account, region=REGION, finding=finding)["id"]

    return send


def listed(guardduty, detector, **request):
    return guardduty.list_findings(DetectorId=detector, **request)["FindingIds"]


def one(guardduty, detector, name):
    [finding] = guardduty.get_findings(DetectorId=detector, FindingIds=[name])["Findings"]
    return finding


def test_a_finding_belongs_to_the_detector_where_it_arrives(guardduty, detector, inject, account):
    name = inject(
        id="a" * 32,
        accountId="999999999999",
        region="eu-north-1",
        type="Execution:Runtime/ReverseShell",
        severity=8,
        title="title",
        resource={"resourceType": "ECSCluster", "ecsClusterDetails": {"name": "prod"}},
        service={"archived": True, "detectorId": "other", "featureName": "RuntimeMonitoring"},
    )
    finding = one(guardduty, detector, name)
    assert (finding["AccountId"], finding["Region"], finding["Id"]) == (account, REGION, "a" * 32)
    assert finding["Service"]["DetectorId"] == detector
    assert finding["Service"]["FeatureName"] == "RuntimeMonitoring"
    assert finding["Service"]["Archived"] is False
    assert finding["Resource"]["EcsClusterDetails"]["Name"] == "prod"
    assert finding["Arn"].endswith(f":{account}:detector/{detector}/finding/{name}")


def test_the_same_finding_again_is_an_update(guardduty, detector, inject):
    name = inject(id="b" * 32)
    first = one(guardduty, detector, name)
    inject(id="b" * 32)
    second = one(guardduty, detector, name)
    assert listed(guardduty, detector) == [name]
    assert (first["Service"]["Count"], second["Service"]["Count"]) == (1, 2)
    assert first["CreatedAt"] == second["CreatedAt"]
    assert first["UpdatedAt"] < second["UpdatedAt"]


def test_search_sort_and_pages(guardduty, detector, inject):
    low = inject(severity=2, type="Recon:EC2/Portscan")
    high = inject(severity=8.5)
    middle = inject(severity=5)
    at_least_5 = {"Criterion": {"severity": {"Gte": 5}}}
    assert set(listed(guardduty, detector, FindingCriteria=at_least_5)) == {high, middle}
    by_severity = {"AttributeName": "severity", "OrderBy": "DESC"}
    assert listed(guardduty, detector, SortCriteria=by_severity) == [high, middle, low]
    first = guardduty.list_findings(DetectorId=detector, SortCriteria=by_severity, MaxResults=2)
    rest = listed(guardduty, detector, SortCriteria=by_severity, NextToken=first["NextToken"])
    assert (first["FindingIds"], rest) == ([high, middle], [low])
    with refused("for filters only"):
        listed(guardduty, detector, FindingCriteria={"Criterion": {"type": {"Matches": ["*"]}}})


def test_archive_and_back(guardduty, detector, inject):
    name = inject()
    archived = {"Criterion": {"service.archived": {"Equals": ["true"]}}}
    guardduty.archive_findings(DetectorId=detector, FindingIds=[name])
    assert listed(guardduty, detector, FindingCriteria=archived) == [name]
    guardduty.unarchive_findings(DetectorId=detector, FindingIds=[name])
    assert listed(guardduty, detector, FindingCriteria=archived) == []
    guardduty.update_findings_feedback(DetectorId=detector, FindingIds=[name], Feedback="USEFUL")
    assert one(guardduty, detector, name)["Service"]["UserFeedback"] == "USEFUL"
    with refused("since no such resource found"):
        guardduty.archive_findings(DetectorId=detector, FindingIds=[name, "nobody"])


def test_statistics(guardduty, detector, inject, account):
    for severity in (8, 8, 2):
        inject(severity=severity, type=f"Test:Runtime/Severity{severity}")

    def statistics(**request):
        return guardduty.get_findings_statistics(DetectorId=detector, **request)["FindingStatistics"]

    assert statistics(FindingStatisticTypes=["COUNT_BY_SEVERITY"])["CountBySeverity"] == {"8.0": 2, "2.0": 1}
    rows = statistics(GroupBy="FINDING_TYPE")["GroupedByFindingType"]
    counts = [(row["FindingType"], row["TotalFindings"]) for row in rows]
    assert counts == [("Test:Runtime/Severity8", 2), ("Test:Runtime/Severity2", 1)]
    [row] = statistics(GroupBy="ACCOUNT")["GroupedByAccount"]
    assert (row["AccountId"], row["TotalFindings"]) == (account, 3)
    assert len(statistics(GroupBy="SEVERITY", OrderBy="ASC")["GroupedBySeverity"]) == 2
    assert len(statistics(GroupBy="DATE")["GroupedByDate"]) == 2
    assert len(statistics(GroupBy="RESOURCE")["GroupedByResource"]) == 3
    with refused("give either findingStatisticTypes or groupBy"):
        statistics()
    with refused("orderBy and maxResults go with groupBy only"):
        statistics(FindingStatisticTypes=["COUNT_BY_SEVERITY"], OrderBy="ASC")


def test_samples_are_marked_and_repeated_ones_update(guardduty, detector):
    wanted = ["CryptoCurrency:Runtime/BitcoinTool.B!DNS", "Recon:EC2/Portscan"]
    for _ in range(2):
        guardduty.create_sample_findings(DetectorId=detector, FindingTypes=wanted)
    ids = listed(guardduty, detector)
    found = guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]
    assert {finding["Type"] for finding in found} == set(wanted)
    assert len(found) == 2
    for finding in found:
        assert finding["Title"].startswith("[SAMPLE]")
        assert json.loads(finding["Service"]["AdditionalInfo"]["Value"]) == {"sample": True}
        assert finding["Service"]["Count"] == 2
    [ecs] = [finding for finding in found if "Runtime" in finding["Type"]]
    assert ecs["Resource"]["ResourceType"] == "ECSCluster"
    assert ":task/" in ecs["Resource"]["EcsClusterDetails"]["TaskDetails"]["Arn"]


def test_samples_of_every_type(guardduty, detector):
    guardduty.create_sample_findings(DetectorId=detector)
    answer = guardduty.get_findings_statistics(DetectorId=detector, GroupBy="SEVERITY")
    rows = answer["FindingStatistics"]["GroupedBySeverity"]
    assert sum(row["TotalFindings"] for row in rows) > 200
    with refused("'Made:Up/Type' is not a finding type"):
        guardduty.create_sample_findings(DetectorId=detector, FindingTypes=["Made:Up/Type"])


def test_a_sample_reaches_the_event_bus(client, guardduty, detector):
    events, sqs = client("events"), client("sqs")
    url = sqs.create_queue(QueueName="samples")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.guardduty"], "detail": {"service": {"additionalInfo": {"sample": [True]}}}}
    events.put_rule(Name="samples", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="samples", Targets=[{"Id": "queue", "Arn": arn}])
    guardduty.create_sample_findings(DetectorId=detector, FindingTypes=["Execution:Runtime/ReverseShell"])
    [message] = until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    detail = json.loads(message["Body"])["detail"]
    assert detail["type"] == "Execution:Runtime/ReverseShell"
    assert detail["title"].startswith("[SAMPLE]")
