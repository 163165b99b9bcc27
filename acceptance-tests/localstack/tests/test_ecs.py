"""ECS: services keep their tasks, tasks end when they are stopped."""

import fargate
import pytest
from conftest import REGION
from refusals import refused


@pytest.fixture
def ecs(client):
    """An ECS client."""
    return client("ecs")


def service(ecs, name="web-0", **request):
    [found] = ecs.describe_services(cluster="prod", services=[name], **request)["services"]
    return found


def test_a_service_starts_its_tasks(ecs, account):
    fargate.cluster(ecs, tasks=2)
    tasks = fargate.running(ecs)
    assert len(tasks) == 2
    deployment = service(ecs)["deployments"][0]
    for task in tasks:
        assert task["lastStatus"] == task["desiredStatus"] == "RUNNING"
        assert (task["launchType"], task["platformVersion"]) == ("FARGATE", "1.4.0")
        assert (task["group"], task["startedBy"]) == ("service:web-0", deployment["id"])
        assert task["createdAt"] and task["startedAt"]
        assert f":{account}:task/prod/" in task["taskArn"]
    assert (service(ecs)["runningCount"], deployment["runningCount"], deployment["status"]) == (
        2,
        2,
        "PRIMARY",
    )


def test_a_stopped_task_is_replaced_and_stays_describable(ecs):
    fargate.cluster(ecs)
    [task] = fargate.running(ecs)
    ecs.stop_task(cluster="prod", task=task["taskArn"], reason="GuardDuty says so")
    [stopped] = ecs.describe_tasks(cluster="prod", tasks=[task["taskArn"]])["tasks"]
    assert (stopped["lastStatus"], stopped["stoppedReason"]) == ("STOPPED", "GuardDuty says so")
    assert stopped["stoppedAt"] and stopped["stopCode"] == "UserInitiated"
    [replacement] = fargate.running(ecs)
    assert replacement["taskArn"] != task["taskArn"]
    assert ecs.list_tasks(cluster="prod", desiredStatus="STOPPED")["taskArns"] == [task["taskArn"]]
    ecs.stop_task(cluster="prod", task=task["taskArn"], reason="again")
    [same] = ecs.describe_tasks(cluster="prod", tasks=[task["taskArn"]])["tasks"]
    assert same["stoppedReason"] == "GuardDuty says so"


def test_looking_at_a_task_does_not_change_it(ecs):
    fargate.cluster(ecs)
    [first] = fargate.running(ecs)
    for _ in range(5):
        assert fargate.running(ecs) == [first]


def test_a_new_deployment_replaces_the_tasks(ecs):
    fargate.cluster(ecs, tasks=2)
    before = service(ecs)
    old = {task["taskArn"] for task in fargate.running(ecs)}
    ecs.update_service(cluster="prod", service="web-0", forceNewDeployment=True)
    after = service(ecs)
    tasks = fargate.running(ecs)
    assert len(tasks) == 2
    assert not old & {task["taskArn"] for task in tasks}
    assert after["deployments"][0]["id"] != before["deployments"][0]["id"]
    assert after["deployments"][0]["createdAt"] > before["deployments"][0]["createdAt"]
    assert {task["startedBy"] for task in tasks} == {after["deployments"][0]["id"]}
    ecs.get_waiter("services_stable").wait(cluster="prod", services=["web-0"])


def test_scaling_keeps_the_deployment(ecs):
    fargate.cluster(ecs, tasks=1)
    before = service(ecs)["deployments"][0]["id"]
    for count in (3, 1, 0):
        ecs.update_service(cluster="prod", service="web-0", desiredCount=count)
        assert len(fargate.running(ecs)) == count
    assert service(ecs)["deployments"][0]["id"] == before


def test_another_task_definition_is_another_deployment(ecs):
    fargate.cluster(ecs)
    arn = fargate.define(ecs)
    assert arn.endswith(":2")
    ecs.update_service(cluster="prod", service="web-0", taskDefinition=arn)
    assert [task["taskDefinitionArn"] for task in fargate.running(ecs)] == [arn]


def test_run_task_on_fargate_without_security_groups(ecs):
    ecs.create_cluster(clusterName="prod")
    fargate.define(ecs)
    answer = ecs.run_task(
        cluster="prod",
        taskDefinition="web",
        launchType="FARGATE",
        networkConfiguration=fargate.NETWORK,
        count=2,
        startedBy="me",
        tags=[{"key": "a", "value": "b"}],
    )
    assert answer["failures"] == []
    assert {task["startedBy"] for task in answer["tasks"]} == {"me"}
    [task, _] = fargate.running(ecs)
    assert (task["group"], task["tags"]) == ("family:web", [{"key": "a", "value": "b"}])
    details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
    assert details["networkInterfaceId"].startswith("eni-")
    ecs.stop_task(cluster="prod", task=task["taskArn"])
    assert len(fargate.running(ecs)) == 1


def test_clusters_and_their_tags(ecs):
    arn = ecs.create_cluster(clusterName="prod", tags=[{"key": "a", "value": "1"}])["cluster"]["clusterArn"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    [bare] = ecs.describe_clusters(clusters=["prod"])["clusters"]
    [tagged] = ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"]
    assert (bare["tags"], tagged["tags"]) == ([], [{"key": "b", "value": "2"}])
    missing = ecs.describe_clusters(clusters=["nobody"])
    assert (missing["clusters"], missing["failures"][0]["reason"]) == ([], "MISSING")
    with refused("Cluster not found.", code="ClusterNotFoundException"):
        ecs.tag_resource(resourceArn=arn.replace("prod", "nobody"), tags=[{"key": "a", "value": ""}])


def test_counts_by_launch_type_are_told_when_asked_for(ecs, control, account):
    fargate.cluster(ecs, tasks=2)
    control.post("ec2-tasks", account=account, region=REGION, cluster="prod", count=3)
    [bare] = ecs.describe_clusters(clusters=["prod"])["clusters"]
    [counted] = ecs.describe_clusters(clusters=["prod"], include=["STATISTICS"])["clusters"]
    assert (bare["runningTasksCount"], bare["statistics"]) == (5, [])
    counts = {each["name"]: each["value"] for each in counted["statistics"]}
    assert (counts["runningFargateTasksCount"], counts["runningEC2TasksCount"]) == ("2", "3")


def test_services_come_in_pages(ecs):
    fargate.cluster(ecs, services=12, tasks=0)
    first = ecs.list_services(cluster="prod")
    second = ecs.list_services(cluster="prod", nextToken=first["nextToken"])
    assert (len(first["serviceArns"]), len(second["serviceArns"])) == (10, 2)
    described = ecs.describe_services(cluster="prod", services=first["serviceArns"])["services"]
    assert [each["serviceArn"] for each in described] == first["serviceArns"]
    with refused("Services must contain 1 to 10 names", code="InvalidParameterException"):
        ecs.describe_services(cluster="prod", services=first["serviceArns"] + second["serviceArns"])


def test_a_cluster_is_deleted_when_it_is_empty(ecs):
    fargate.cluster(ecs)
    with refused("while Services are active", code="ClusterContainsServicesException"):
        ecs.delete_cluster(cluster="prod")
    with refused("scaled above 0", code="InvalidParameterException"):
        ecs.delete_service(cluster="prod", service="web-0")
    ecs.delete_service(cluster="prod", service="web-0", force=True)
    assert fargate.running(ecs) == []
    assert service(ecs)["status"] == "INACTIVE"
    ecs.delete_cluster(cluster="prod")
    assert ecs.list_clusters()["clusterArns"] == []
    with refused("Cluster not found.", code="ClusterNotFoundException"):
        ecs.list_tasks(cluster="prod")


def test_refusals(ecs):
    ecs.create_cluster(clusterName="prod")
    fargate.define(ecs)
    with refused("The referenced task was not found.", code="InvalidParameterException"):
        ecs.stop_task(cluster="prod", task="0" * 32)
    with refused("Unable to describe task definition.", code="ClientException"):
        ecs.describe_task_definition(taskDefinition="nobody")
    with refused("Network Configuration must be provided", code="InvalidParameterException"):
        ecs.run_task(cluster="prod", taskDefinition="web", launchType="FARGATE")
    with refused("No Container Instances were found", code="InvalidParameterException"):
        ecs.run_task(cluster="prod", taskDefinition="web", networkConfiguration=fargate.NETWORK)
    with refused("Missing required parameter", code="InvalidParameterException"):
        ecs.stop_task(cluster="prod")
    with refused("DescribeContainerInstances", code="InternalFailure", status=501):
        ecs.describe_container_instances(cluster="prod", containerInstances=["a"])


def test_task_definitions(ecs):
    first, second = fargate.define(ecs), fargate.define(ecs)
    assert ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["taskDefinitionArn"] == second
    ecs.deregister_task_definition(taskDefinition=second)
    assert ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"] == [first]
    assert ecs.describe_task_definition(taskDefinition=second)["taskDefinition"]["status"] == "INACTIVE"


def test_account_settings(ecs):
    ecs.put_account_setting_default(name="guardDutyActivate", value="on")
    settings = ecs.list_account_settings(name="guardDutyActivate", effectiveSettings=True)["settings"]
    assert [each["value"] for each in settings] == ["on"]


def test_accounts_and_regions_are_apart(client, ecs):
    fargate.cluster(ecs)
    assert client("ecs", region="eu-west-1").list_clusters()["clusterArns"] == []
    assert client("ecs", account_id="999900001111").list_clusters()["clusterArns"] == []
