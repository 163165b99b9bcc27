"""Coverage: computed from features, tags and the tasks that run."""

import fargate
import pytest
from botocore.exceptions import ClientError
from conftest import REGION
from waiting import until

AGENT = "aws-guardduty-agent"


@pytest.fixture
def ecs(client):
    """An ECS client."""
    return client("ecs")


@pytest.fixture
def monitoring(guardduty, detector):
    """Turns runtime monitoring on or off, and its agent for all Fargate clusters."""

    def turn(runtime="ENABLED", agent="DISABLED"):
        extra = [{"Name": "ECS_FARGATE_AGENT_MANAGEMENT", "Status": agent}]
        feature = {"Name": "RUNTIME_MONITORING", "Status": runtime, "AdditionalConfiguration": extra}
        guardduty.update_detector(DetectorId=detector, Features=[feature])

    return turn


def coverage(guardduty, detector, **criteria):
    """Cluster name to status, management type and issues."""
    filters = [
        {"CriterionKey": key, "FilterCondition": {"Equals": [value]}} for key, value in criteria.items()
    ]
    request = {"FilterCriteria": {"FilterCriterion": filters}} if filters else {}
    found = {}
    for resource in guardduty.list_coverage(DetectorId=detector, **request)["Resources"]:
        details = resource["ResourceDetails"]["EcsClusterDetails"]
        fargate_details = details["FargateDetails"]
        found[details["ClusterName"]] = (
            resource["CoverageStatus"],
            fargate_details["ManagementType"],
            fargate_details["Issues"],
        )
    return found


def agents(ecs, cluster="prod"):
    """For each running task, whether it has the agent's container."""
    return [
        any(container["name"].startswith(AGENT) for container in task["containers"])
        for task in fargate.running(ecs, cluster)
    ]


def test_nothing_is_covered_before_runtime_monitoring(guardduty, detector, ecs):
    fargate.cluster(ecs)
    assert coverage(guardduty, detector) == {}
    assert agents(ecs) == [False]


def test_the_agent_for_all_clusters_reports_after_ten_minutes(guardduty, detector, ecs, monitoring, control):
    monitoring(agent="ENABLED")
    control.post("clock", rate=0)
    try:
        fargate.cluster(ecs)
        assert agents(ecs) == [True]
        silent = ("UNHEALTHY", "AUTO_MANAGED", ["Agent not reporting"])
        assert coverage(guardduty, detector) == {"prod": silent}
        control.post("clock", advance_seconds=600)
        assert coverage(guardduty, detector) == {"prod": ("HEALTHY", "AUTO_MANAGED", [])}
    finally:
        control.post("clock", rate=900)


def test_running_tasks_get_the_agent_by_a_new_deployment_only(guardduty, detector, ecs, monitoring):
    fargate.cluster(ecs)
    monitoring(agent="ENABLED")
    issue = "Agent not provisioned: service requires a new deployment"
    assert coverage(guardduty, detector)["prod"] == ("UNHEALTHY", "AUTO_MANAGED", [issue])
    ecs.update_service(cluster="prod", service="web-0", forceNewDeployment=True)
    assert agents(ecs) == [True]
    until(lambda: coverage(guardduty, detector)["prod"][0] == "HEALTHY")


def test_tags_include_and_exclude(guardduty, detector, ecs, monitoring):
    monitoring(agent="DISABLED")
    fargate.cluster(ecs, "in", GuardDutyManaged="true")
    fargate.cluster(ecs, "out")
    assert (agents(ecs, "in"), agents(ecs, "out")) == ([True], [False])
    assert {name: each[1] for name, each in coverage(guardduty, detector).items()} == {
        "in": "AUTO_MANAGED",
        "out": "DISABLED",
    }
    monitoring(agent="ENABLED")
    arn = fargate.cluster(ecs, "excluded", GuardDutyManaged="false")
    assert agents(ecs, "excluded") == [False]
    ecs.untag_resource(resourceArn=arn, tagKeys=["GuardDutyManaged"])
    ecs.update_service(cluster="excluded", service="web-0", forceNewDeployment=True)
    assert agents(ecs, "excluded") == [True]


def test_no_agent_without_an_execution_role(guardduty, detector, ecs, monitoring):
    monitoring(agent="ENABLED")
    ecs.create_cluster(clusterName="prod")
    fargate.define(ecs, "bare", executionRoleArn=None)
    ecs.run_task(
        cluster="prod", taskDefinition="bare", launchType="FARGATE", networkConfiguration=fargate.NETWORK
    )
    assert agents(ecs) == [False]
    issue = "Agent not provisioned: TaskExecutionRole is missing"
    assert coverage(guardduty, detector)["prod"][2] == [issue]


def test_filters_sorting_pages_and_counts(guardduty, detector, ecs, monitoring):
    monitoring()
    fargate.cluster(ecs, "in", GuardDutyManaged="true")
    fargate.cluster(ecs, "out")
    ecs.create_cluster(clusterName="empty")
    until(lambda: coverage(guardduty, detector)["in"][0] == "HEALTHY")
    assert set(coverage(guardduty, detector, COVERAGE_STATUS="HEALTHY")) == {"in"}
    assert set(coverage(guardduty, detector, ECS_CLUSTER_NAME="out")) == {"out"}
    assert set(coverage(guardduty, detector, MANAGEMENT_TYPE="AUTO_MANAGED")) == {"in"}
    assert coverage(guardduty, detector, RESOURCE_TYPE="EKS") == {}
    first = guardduty.list_coverage(DetectorId=detector, MaxResults=1, SortCriteria={"OrderBy": "DESC"})
    assert first["Resources"][0]["ResourceDetails"]["EcsClusterDetails"]["ClusterName"] == "out"
    second = guardduty.list_coverage(DetectorId=detector, MaxResults=1, NextToken=first["NextToken"])
    assert len(second["Resources"]) == 1
    counts = guardduty.get_coverage_statistics(
        DetectorId=detector, StatisticsType=["COUNT_BY_RESOURCE_TYPE", "COUNT_BY_COVERAGE_STATUS"]
    )["CoverageStatistics"]
    assert counts["CountByResourceType"] == {"ECS": 2}
    assert counts["CountByCoverageStatus"] == {"HEALTHY": 1, "UNHEALTHY": 1}


def test_what_records_here_do_not_have_is_refused(guardduty, detector, monitoring):
    monitoring()
    by_agent = [{"CriterionKey": "AGENT_VERSION", "FilterCondition": {"Equals": ["1.0"]}}]
    for request in [
        {"FilterCriteria": {"FilterCriterion": by_agent}},
        {"SortCriteria": {"AttributeName": "EKS_CLUSTER_NAME"}},
    ]:
        with pytest.raises(ClientError) as refusal:
            guardduty.list_coverage(DetectorId=detector, **request)
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_looking_at_coverage_does_not_change_it(guardduty, detector, ecs, monitoring):
    monitoring(agent="ENABLED")
    fargate.cluster(ecs)
    until(lambda: coverage(guardduty, detector)["prod"][0] == "HEALTHY")
    first = guardduty.list_coverage(DetectorId=detector)["Resources"]
    assert guardduty.list_coverage(DetectorId=detector)["Resources"] == first


def test_coverage_that_a_test_sets(guardduty, detector, ecs, monitoring, control, account):
    monitoring(agent="ENABLED")
    fargate.cluster(ecs)
    place = {"account": account, "region": REGION, "cluster": "prod"}
    control.post("coverage", **place, status="UNHEALTHY", issue="Agent exited")
    assert coverage(guardduty, detector)["prod"] == ("UNHEALTHY", "AUTO_MANAGED", ["Agent exited"])
    control.delete("coverage", **place)
    until(lambda: coverage(guardduty, detector)["prod"][0] == "HEALTHY")
