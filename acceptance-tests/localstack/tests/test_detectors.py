"""Detectors and their features."""

import pytest
from refusals import refused

ON_BY_DEFAULT = {
    "FLOW_LOGS",
    "CLOUD_TRAIL",
    "DNS_LOGS",
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "AI_PROTECTION",
}


def features(guardduty, detector):
    """Feature names to status, with `FEATURE/ADDITIONAL` for additional configurations."""
    answer = guardduty.get_detector(DetectorId=detector)
    found = {}
    for feature in answer["Features"]:
        found[feature["Name"]] = feature["Status"]
        for extra in feature.get("AdditionalConfiguration", []):
            found[f"{feature['Name']}/{extra['Name']}"] = extra["Status"]
    return found


def test_a_new_detector_has_every_feature_but_runtime_monitoring_and_the_analyst(guardduty, detector, account):
    found = features(guardduty, detector)
    assert {name for name, status in found.items() if status == "ENABLED"} == ON_BY_DEFAULT
    answer = guardduty.get_detector(DetectorId=detector)
    assert answer["Status"] == "ENABLED"
    assert answer["FindingPublishingFrequency"] == "SIX_HOURS"
    assert account in answer["ServiceRole"]
    assert len(detector) == 32


def test_unlisted_features_are_on_and_listed_ones_as_listed(guardduty):
    wanted = [
        {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"},
        {
            "Name": "RUNTIME_MONITORING",
            "Status": "ENABLED",
            "AdditionalConfiguration": [{"Name": "ECS_FARGATE_AGENT_MANAGEMENT", "Status": "ENABLED"}],
        },
    ]
    detector = guardduty.create_detector(Enable=True, Features=wanted)["DetectorId"]
    found = features(guardduty, detector)
    assert found["S3_DATA_EVENTS"] == "DISABLED"
    assert found["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"] == "ENABLED"
    assert found["RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"] == "DISABLED"
    assert found["EKS_AUDIT_LOGS"] == "ENABLED"
    assert found["EKS_RUNTIME_MONITORING"] == "DISABLED"


def test_an_update_keeps_what_it_does_not_name(guardduty, detector):
    extra = [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]
    guardduty.update_detector(
        DetectorId=detector,
        Features=[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": extra}],
    )
    before = features(guardduty, detector)
    guardduty.update_detector(
        DetectorId=detector,
        FindingPublishingFrequency="ONE_HOUR",
        Features=[
            {
                "Name": "RUNTIME_MONITORING",
                "Status": "ENABLED",
                "AdditionalConfiguration": [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}],
            }
        ],
    )
    changed = {"RUNTIME_MONITORING/EKS_ADDON_MANAGEMENT": "ENABLED"}
    assert features(guardduty, detector) == before | changed
    guardduty.update_detector(DetectorId=detector, Enable=False)
    answer = guardduty.get_detector(DetectorId=detector)
    assert (answer["Status"], answer["FindingPublishingFrequency"]) == ("DISABLED", "ONE_HOUR")


def test_only_what_changes_gets_a_new_time(guardduty, detector):
    def times():
        return {
            each["Name"]: each["UpdatedAt"]
            for each in guardduty.get_detector(DetectorId=detector)["Features"]
        }

    before = times()
    both = [
        {"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"},
        {"Name": "EKS_AUDIT_LOGS", "Status": "ENABLED"},
    ]
    guardduty.update_detector(DetectorId=detector, Features=both)
    after = times()
    assert {name for name in before if before[name] != after[name]} == {"RDS_LOGIN_EVENTS"}


def test_one_detector_an_account_and_region(client, guardduty, detector):
    with refused("a detector already exists for the current account"):
        guardduty.create_detector(Enable=True)
    elsewhere = client("guardduty", region="eu-west-1")
    assert elsewhere.list_detectors()["DetectorIds"] == []
    other = elsewhere.create_detector(Enable=True)["DetectorId"]
    assert guardduty.list_detectors()["DetectorIds"] == [detector]
    with refused("not owned by the current account"):
        guardduty.get_detector(DetectorId=other)


@pytest.mark.parametrize("call", ["get_detector", "update_detector", "delete_detector", "list_filters"])
def test_an_unknown_detector_is_not_owned(guardduty, call):
    with refused("because the input detectorId is not owned by the current account") as answer:
        getattr(guardduty, call)(DetectorId="0" * 32)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == "BadRequestException"
    assert answer["Type"] == "InvalidInputException"


def test_both_runtime_monitorings_are_refused(guardduty, detector):
    runtime = {"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}
    eks = {"Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED"}
    with refused("cannot be used together"):
        guardduty.update_detector(DetectorId=detector, Features=[runtime, eks])
    guardduty.update_detector(DetectorId=detector, Features=[runtime])
    with refused("cannot be enabled while"):
        guardduty.update_detector(DetectorId=detector, Features=[eks])


@pytest.mark.parametrize(
    ("feature", "extra"),
    [
        ("EKS_AUDIT_LOGS", "ECS_FARGATE_AGENT_MANAGEMENT"),
        ("EKS_RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT"),
        ("RUNTIME_MONITORING", "RDS_DATA_RISK"),
    ],
)
def test_additional_configuration_of_another_feature_is_refused(guardduty, detector, feature, extra):
    before = features(guardduty, detector)
    wanted = {
        "Name": feature,
        "Status": "ENABLED",
        "AdditionalConfiguration": [{"Name": extra, "Status": "ENABLED"}],
    }
    with refused("additionalConfiguration"):
        guardduty.update_detector(DetectorId=detector, Features=[wanted])
    assert features(guardduty, detector) == before


def test_a_client_token_makes_create_idempotent(guardduty):
    first = guardduty.create_detector(Enable=True, ClientToken="token-1")["DetectorId"]
    assert guardduty.create_detector(Enable=True, ClientToken="token-1")["DetectorId"] == first
    with refused("clientToken"):
        guardduty.create_detector(Enable=False, ClientToken="token-1")
    guardduty.delete_detector(DetectorId=first)
    assert guardduty.create_detector(Enable=True, ClientToken="token-1")["DetectorId"] != first


def test_deprecated_data_sources_are_the_same_features(guardduty):
    detector = guardduty.create_detector(Enable=True, DataSources={"S3Logs": {"Enable": False}})["DetectorId"]
    assert features(guardduty, detector)["S3_DATA_EVENTS"] == "DISABLED"
    sources = guardduty.get_detector(DetectorId=detector)["DataSources"]
    assert sources["S3Logs"]["Status"] == "DISABLED"
    assert sources["Kubernetes"]["AuditLogs"]["Status"] == "ENABLED"


def test_deleting_a_detector_deletes_what_is_under_it(guardduty, detector):
    criteria = {"Criterion": {"severity": {"GreaterThanOrEqual": 7}}}
    guardduty.create_filter(DetectorId=detector, Name="high", FindingCriteria=criteria)
    guardduty.create_sample_findings(DetectorId=detector, FindingTypes=["Execution:Runtime/ReverseShell"])
    guardduty.delete_detector(DetectorId=detector)
    assert guardduty.list_detectors()["DetectorIds"] == []
    fresh = guardduty.create_detector(Enable=True)["DetectorId"]
    assert guardduty.list_filters(DetectorId=fresh)["FilterNames"] == []
    assert guardduty.list_findings(DetectorId=fresh)["FindingIds"] == []


def test_an_administrator_decides_over_a_member_account(guardduty, detector, account, control):
    assert "Administrator" not in guardduty.get_administrator_account(DetectorId=detector)
    control.post("administrator", account=account, region="us-east-1", administrator="111122223333")
    found = guardduty.get_administrator_account(DetectorId=detector)["Administrator"]
    assert found["AccountId"] == "111122223333"
    wanted = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    with refused("a member account cannot change its features"):
        guardduty.update_detector(DetectorId=detector, Features=wanted)
    with refused("a member account cannot delete its detector"):
        guardduty.delete_detector(DetectorId=detector)


def test_a_policy_of_the_organization_decides_over_a_feature(guardduty, detector, account, control):
    control.post("managed", account=account, region="us-east-1", feature="S3_DATA_EVENTS")
    wanted = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    with refused("managed by GUARDDUTY_POLICY"):
        guardduty.update_detector(DetectorId=detector, Features=wanted)
