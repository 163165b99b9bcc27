"""What an account holds of every kind of thing that our resources make or touch, to compare before and after.

It doesn't know which of it is ours: whatever differs after a destroy was left behind, or was taken along.
"""

import json
from typing import Any, Callable, Iterable

from account import Account

Inventory = dict[str, str]
"""A thing's kind and name -> what matters of its content."""


def take(account: Account) -> Inventory:
    """Lists everything there is now."""
    found: Inventory = {}
    for kind, list_all in KINDS.items():
        for name, content in list_all(account):
            found[f"{kind} {name}"] = json.dumps(content, sort_keys=True, default=str)
    return found


def differences(before: Inventory, after: Inventory) -> list[str]:
    """What was added, removed or changed, one line each."""
    added = [f"left behind: {name}" for name in sorted(after.keys() - before.keys())]
    removed = [f"gone: {name}" for name in sorted(before.keys() - after.keys())]
    changed = [
        f"changed: {name} from {before[name]} to {after[name]}"
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    ]
    return added + removed + changed


Found = Iterable[tuple[str, Any]]


def pages(client: Any, operation: str, key: str, **request: Any) -> Iterable[Any]:
    """All items of an operation that boto3 can paginate."""
    for page in client.get_paginator(operation).paginate(**request):
        yield from page.get(key, [])


def meaning(policy: str | None) -> Any:
    """A policy without its spelling: spaces and the order of keys are nothing that a user would miss."""
    return json.loads(policy) if policy else None


def guardduty(account: Account) -> Found:
    client = account.client("guardduty")
    for detector in pages(client, "list_detectors", "DetectorIds"):
        yield f"detector {detector}", None
        for kind, operation, key in (
            ("filter", "list_filters", "FilterNames"),
            ("threat list", "list_threat_intel_sets", "ThreatIntelSetIds"),
            ("trusted list", "list_ip_sets", "IpSetIds"),
        ):
            for name in pages(client, operation, key, DetectorId=detector):
                yield f"{kind} {name}", detector


def clusters(account: Account) -> Found:
    client = account.client("ecs")
    names = list(pages(client, "list_clusters", "clusterArns"))
    for cluster in client.describe_clusters(clusters=names, include=["TAGS"])["clusters"]:
        tags = {tag["key"]: tag["value"] for tag in cluster.get("tags", [])}
        yield cluster["clusterName"], {"tags": tags}


def services(account: Account) -> Found:
    client = account.client("ecs")
    for cluster in pages(client, "list_clusters", "clusterArns"):
        for service in pages(client, "list_services", "serviceArns", cluster=cluster):
            yield service, None


def rules(account: Account) -> Found:
    client = account.client("events")
    for bus in client.list_event_buses()["EventBuses"]:
        for rule in client.list_rules(EventBusName=bus["Name"])["Rules"]:
            targets = client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus["Name"])["Targets"]
            yield f"{bus['Name']}/{rule['Name']}", targets


def event_buses(account: Account) -> Found:
    for bus in account.client("events").list_event_buses()["EventBuses"]:
        yield bus["Name"], meaning(bus.get("Policy"))


def state_machines(account: Account) -> Found:
    for machine in pages(account.client("stepfunctions"), "list_state_machines", "stateMachines"):
        yield machine["stateMachineArn"], None


def roles(account: Account) -> Found:
    client = account.client("iam")
    for role in pages(client, "list_roles", "Roles"):
        inline = list(pages(client, "list_role_policies", "PolicyNames", RoleName=role["RoleName"]))
        attached = list(pages(client, "list_attached_role_policies", "AttachedPolicies", RoleName=role["RoleName"]))
        yield role["RoleName"], [inline, attached]


def policies(account: Account) -> Found:
    for policy in pages(account.client("iam"), "list_policies", "Policies", Scope="Local"):
        yield policy["Arn"], None


def log_groups(account: Account) -> Found:
    for group in pages(account.client("logs"), "describe_log_groups", "logGroups"):
        yield group["logGroupName"], None


def log_policies(account: Account) -> Found:
    for policy in account.client("logs").describe_resource_policies().get("resourcePolicies", []):
        yield policy["policyName"], meaning(policy.get("policyDocument"))


def queues(account: Account) -> Found:
    client = account.client("sqs")
    for url in pages(client, "list_queues", "QueueUrls"):
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        yield url, meaning(answer.get("Attributes", {}).get("Policy"))


def topics(account: Account) -> Found:
    client = account.client("sns")
    for topic in pages(client, "list_topics", "Topics"):
        attributes = client.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        yield topic["TopicArn"], meaning(attributes.get("Policy"))


def subscriptions(account: Account) -> Found:
    for subscription in pages(account.client("sns"), "list_subscriptions", "Subscriptions"):
        yield subscription["SubscriptionArn"], subscription["Endpoint"]


def alarms(account: Account) -> Found:
    for alarm in pages(account.client("cloudwatch"), "describe_alarms", "MetricAlarms"):
        yield alarm["AlarmName"], None


def buckets(account: Account) -> Found:
    client = account.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        objects = [item["Key"] for item in pages(client, "list_objects_v2", "Contents", Bucket=bucket["Name"])]
        yield bucket["Name"], objects


def functions(account: Account) -> Found:
    for function in pages(account.client("lambda"), "list_functions", "Functions"):
        yield function["FunctionName"], None


KINDS: dict[str, Callable[[Account], Found]] = {
    "GuardDuty": guardduty,
    "ECS cluster": clusters,
    "ECS service": services,
    "EventBridge rule": rules,
    "event bus": event_buses,
    "state machine": state_machines,
    "role": roles,
    "policy": policies,
    "log group": log_groups,
    "log policy": log_policies,
    "queue": queues,
    "topic": topics,
    "subscription": subscriptions,
    "alarm": alarms,
    "bucket": buckets,
    "function": functions,
}
