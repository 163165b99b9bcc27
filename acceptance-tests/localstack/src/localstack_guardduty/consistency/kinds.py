"""Which operations write, delete, read and list a kind of thing, and how each names it.

What "not found" looks like is not written here: the service itself is asked before a thing is made.
"""

from dataclasses import dataclass, field

from localstack_guardduty.consistency.names import Fields, Members


@dataclass(frozen=True)
class Read:
    """An operation that answers one thing; `whole` asks it for all there is."""

    names: Members
    whole: Members = field(default_factory=dict)
    chosen: tuple[str, str] | None = None
    """The member that is a map, and the member of the request that says which of its keys are answered."""
    is_constant: bool = False
    """The answer is the same for as long as the thing is there: only that it was not is remembered."""
    part: tuple[str, str] | None = None
    """The kind is only this entry of this map; the rest of the answer is of another kind."""


@dataclass(frozen=True)
class Listing:
    """An operation that answers many: `items` is where, `item` names one; member "" is the item itself."""

    items: str
    item: Members
    names: Members = field(default_factory=dict)
    """What of a thing the request must name, such as its detector."""
    whole: Members = field(default_factory=dict)
    count: str | None = None
    missing: tuple[str, Members] | None = None
    """Where the answer tells of things that are not there, and in which words."""


@dataclass(frozen=True)
class Refusal:
    """An operation that refuses what it does not know yet with an error of its own."""

    names: Members
    code: str
    message: str


@dataclass(frozen=True)
class Kind:
    """A kind of thing of one service."""

    service: str
    writes: dict[str, Members]
    deletes: dict[str, Members] = field(default_factory=dict)
    reads: dict[str, Read] = field(default_factory=dict)
    lists: dict[str, Listing] = field(default_factory=dict)
    answered: Members = field(default_factory=dict)
    """Where a create answers the id that it gave."""
    needs: dict[str, Members] = field(default_factory=dict)
    """Operations that cannot work yet on a thing that is not found: they answer as the first read does."""
    refusals: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    defaults: Fields = field(default_factory=dict)
    is_global: bool = False


DETECTOR = "arn:{partition}:guardduty:{region}:{account}:detector/{detector}"


def _tagged(service_arn: str, member: str = "ResourceArn") -> tuple[dict[str, Members], dict[str, Read]]:
    """TagResource and UntagResource as writes, ListTagsForResource as a read."""
    names = {member: service_arn}
    return {"TagResource": names, "UntagResource": names}, {"ListTagsForResource": Read(names)}


def _entity_list(name: str, resource: str, id_member: str) -> Kind:
    one = {"DetectorId": "{detector}", id_member: "{list}"}
    tag_writes, tag_reads = _tagged(f"{DETECTOR}/{resource}/{{list}}")
    return Kind(
        "guardduty",
        writes={f"Create{name}": {"DetectorId": "{detector}"}, f"Update{name}": one} | tag_writes,
        deletes={f"Delete{name}": one},
        reads={f"Get{name}": Read(one)} | tag_reads,
        lists={f"List{name}s": Listing(f"{id_member}s", {"": "{list}"}, names={"DetectorId": "{detector}"})},
        answered={id_member: "{list}"},
    )


def _guardduty() -> dict[str, Kind]:
    detector = {"DetectorId": "{detector}"}
    detector_writes, detector_reads = _tagged(DETECTOR)
    one = detector | {"FilterName": "{filter}"}
    filter_writes, filter_reads = _tagged(f"{DETECTOR}/filter/{{filter}}")
    return {
        "guardduty:detector": Kind(
            "guardduty",
            writes={"CreateDetector": {}, "UpdateDetector": detector} | detector_writes,
            deletes={"DeleteDetector": detector},
            reads={"GetDetector": Read(detector)} | detector_reads,
            lists={"ListDetectors": Listing("DetectorIds", {"": "{detector}"})},
            answered=detector,
        ),
        "guardduty:filter": Kind(
            "guardduty",
            writes={"CreateFilter": detector | {"Name": "{filter}"}, "UpdateFilter": one} | filter_writes,
            deletes={"DeleteFilter": one},
            reads={"GetFilter": Read(one)} | filter_reads,
            lists={"ListFilters": Listing("FilterNames", {"": "{filter}"}, names=detector)},
        ),
        "guardduty:threatintelset": _entity_list("ThreatIntelSet", "threatintelset", "ThreatIntelSetId"),
        "guardduty:ipset": _entity_list("IPSet", "ipset", "IpSetId"),
        "guardduty:threatentityset": _entity_list("ThreatEntitySet", "threatentityset", "ThreatEntitySetId"),
        "guardduty:trustedentityset": _entity_list(
            "TrustedEntitySet", "trustedentityset", "TrustedEntitySetId"
        ),
    }


def _events() -> dict[str, Kind]:
    bus = {"EventBusName?": "{bus}|arn:{partition}:events:{region}:{account}:event-bus/{bus}"}
    by_name, by_rule = {"Name": "{rule}"} | bus, {"Rule": "{rule}"} | bus
    # The ARN of a rule of the default bus does not name the bus.
    tag_writes, tag_reads = _tagged("arn:{partition}:events:{region}:{account}:rule/{rule}", "ResourceARN")
    changes = {name: by_name for name in ("PutRule", "EnableRule", "DisableRule")}
    return {
        "events:rule": Kind(
            "events",
            writes=changes | {"PutTargets": by_rule, "RemoveTargets": by_rule} | tag_writes,
            deletes={"DeleteRule": by_name},
            reads={"DescribeRule": Read(by_name), "ListTargetsByRule": Read(by_rule)} | tag_reads,
            lists={
                "ListRules": Listing("Rules", by_name, names=bus, whole={"NamePrefix": "{rule}"}),
            },
            defaults={"bus": "default"},
        )
    }


def _iam() -> dict[str, Kind]:
    role = {"RoleName": "{role}"}
    policy, attachment = role | {"PolicyName": "{policy}"}, role | {"PolicyArn": "{policy}"}
    changes = ("CreateRole", "UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy")
    changes += ("TagRole", "UntagRole")
    needing = ("UpdateRole", "UpdateAssumeRolePolicy", "TagRole", "UntagRole", "PutRolePolicy")
    needing += ("GetRolePolicy", "AttachRolePolicy", "ListRolePolicies", "ListAttachedRolePolicies")
    of_service = {
        ("stepfunctions", operation): Refusal(
            {"roleArn": "arn:{partition}:iam::{account}:role/{role}"},
            "AccessDeniedException",
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
            "to assume the provided role.",
        )
        for operation in ("CreateStateMachine", "UpdateStateMachine")
    } | {
        ("events", operation): Refusal(
            {member: "arn:{partition}:iam::{account}:role/{role}"},
            "ValidationException",
            "Provided role 'arn:{partition}:iam::{account}:role/{role}' cannot be assumed by principal "
            "'events.amazonaws.com'.",
        )
        for operation, member in (("PutRule", "RoleArn"), ("PutTargets", "Targets.RoleArn"))
    }
    return {
        "iam:role": Kind(
            "iam",
            writes={operation: role for operation in changes},
            deletes={"DeleteRole": role},
            reads={"GetRole": Read(role), "ListRoleTags": Read(role)},
            lists={"ListRoles": Listing("Roles", role)},
            needs={operation: role for operation in needing},
            is_global=True,
        ),
        "iam:trust": Kind(
            "iam",
            writes={operation: role for operation in ("CreateRole", "UpdateAssumeRolePolicy")},
            refusals=of_service,
            is_global=True,
        ),
        "iam:rolePolicy": Kind(
            "iam",
            writes={"PutRolePolicy": policy},
            deletes={"DeleteRolePolicy": policy},
            reads={"GetRolePolicy": Read(policy)},
            lists={"ListRolePolicies": Listing("PolicyNames", {"": "{policy}"}, names=role)},
            is_global=True,
        ),
        "iam:rolePolicyAttachment": Kind(
            "iam",
            writes={"AttachRolePolicy": attachment},
            deletes={"DetachRolePolicy": attachment},
            lists={
                "ListAttachedRolePolicies": Listing("AttachedPolicies", {"PolicyArn": "{policy}"}, names=role)
            },
            is_global=True,
        ),
    }


def _sqs() -> dict[str, Kind]:
    url = {"QueueUrl": "http://localhost/{account}/{queue}|{_url}/{account}/{queue}"}
    name = {"QueueName": "{queue}", "QueueOwnerAWSAccountId?": "{account}"}
    everything = {"AttributeNames": ["All"]}
    return {
        "sqs:queue": Kind(
            "sqs",
            writes={
                "CreateQueue": name,
                "SetQueueAttributes": url,
                "TagQueue": url,
                "UntagQueue": url,
                "AddPermission": url,
                "RemovePermission": url,
            },
            deletes={"DeleteQueue": url},
            reads={
                "GetQueueUrl": Read(name, is_constant=True),
                "GetQueueAttributes": Read(url, everything, chosen=("Attributes", "AttributeNames")),
                "ListQueueTags": Read(url),
            },
            lists={"ListQueues": Listing("QueueUrls", {"": url["QueueUrl"]})},
        ),
        "sqs:policy": Kind(
            "sqs",
            writes={
                "SetQueueAttributes": url | {"Attributes.Policy": "*"},
                "AddPermission": url,
                "RemovePermission": url,
            },
            reads={"GetQueueAttributes": Read(url, everything, part=("Attributes", "Policy"))},
        ),
    }


def _sns() -> dict[str, Kind]:
    arn = "arn:{partition}:sns:{region}:{account}:{topic}"
    topic = {"TopicArn": arn}
    tag_writes, tag_reads = _tagged(arn)
    return {
        "sns:topic": Kind(
            "sns",
            writes={"CreateTopic": {"Name": "{topic}"}, "SetTopicAttributes": topic} | tag_writes,
            deletes={"DeleteTopic": topic},
            reads={"GetTopicAttributes": Read(topic)} | tag_reads,
            lists={"ListTopics": Listing("Topics", topic)},
        ),
        "sns:policy": Kind(
            "sns",
            writes={
                "SetTopicAttributes": topic | {"AttributeName": "Policy"},
                "AddPermission": topic,
                "RemovePermission": topic,
            },
            reads={"GetTopicAttributes": Read(topic, part=("Attributes", "Policy"))},
        ),
    }


def _ecs() -> dict[str, Kind]:
    arn = "arn:{partition}:ecs:{region}:{account}:"
    cluster_arn, service_arn = f"{arn}cluster/{{cluster}}", f"{arn}service/{{cluster}}/{{service}}"
    cluster = {"cluster": f"{cluster_arn}|{{cluster}}"}
    service = {"cluster?": f"{cluster_arn}|{{cluster}}", "service": f"{service_arn}|{{service}}"}
    cluster_writes, cluster_reads = _tagged(cluster_arn, "resourceArn")
    service_writes, service_reads = _tagged(service_arn, "resourceArn")
    return {
        "ecs:cluster": Kind(
            "ecs",
            writes={
                "CreateCluster": {"clusterName": "{cluster}"},
                "UpdateCluster": cluster,
                "UpdateClusterSettings": cluster,
            }
            | cluster_writes,
            deletes={"DeleteCluster": cluster},
            reads=cluster_reads,
            lists={
                "ListClusters": Listing("clusterArns", {"": cluster_arn}),
                "DescribeClusters": Listing(
                    "clusters",
                    {"clusterName": "{cluster}"},
                    names={"clusters": [f"{cluster_arn}|{{cluster}}"]},
                    whole={"include": ["TAGS", "SETTINGS", "STATISTICS", "CONFIGURATIONS", "ATTACHMENTS"]},
                    missing=("failures", {"arn": cluster_arn, "reason": "MISSING"}),
                ),
            },
        ),
        "ecs:service": Kind(
            "ecs",
            writes={
                "CreateService": {"cluster?": cluster["cluster"], "serviceName": "{service}"},
                "UpdateService": service,
            }
            | service_writes,
            deletes={"DeleteService": service},
            reads=service_reads,
            lists={
                "ListServices": Listing(
                    "serviceArns", {"": service_arn}, names={"cluster?": cluster["cluster"]}
                ),
                "DescribeServices": Listing(
                    "services",
                    {"serviceName": "{service}"},
                    names={"cluster?": cluster["cluster"], "services": [service["service"]]},
                    whole={"include": ["TAGS"]},
                    missing=("failures", {"arn": service_arn, "reason": "MISSING"}),
                ),
            },
            defaults={"cluster": "default"},
        ),
    }


def _others() -> dict[str, Kind]:
    machine_arn = "arn:{partition}:states:{region}:{account}:stateMachine:{machine}"
    machine = {"stateMachineArn": machine_arn}
    machine_writes, machine_reads = _tagged(machine_arn, "resourceArn")
    alarm_arn = "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}"
    alarm_writes, alarm_reads = _tagged(alarm_arn, "ResourceARN")
    stored = {"Bucket": "{bucket}", "Key": "{key}"}
    function = {"FunctionName": "{function}|arn:{partition}:lambda:{region}:{account}:function:{function}"}
    return {
        "states:stateMachine": Kind(
            "stepfunctions",
            writes={"CreateStateMachine": {"name": "{machine}"}, "UpdateStateMachine": machine}
            | machine_writes,
            deletes={"DeleteStateMachine": machine},
            reads={"DescribeStateMachine": Read(machine)} | machine_reads,
            lists={"ListStateMachines": Listing("stateMachines", {"name": "{machine}"})},
        ),
        "cloudwatch:alarm": Kind(
            "cloudwatch",
            writes={"PutMetricAlarm": {"AlarmName": "{alarm}"}} | alarm_writes,
            deletes={"DeleteAlarms": {"AlarmNames": ["{alarm}"]}},
            reads=alarm_reads,
            lists={
                "DescribeAlarms": Listing(
                    "MetricAlarms", {"AlarmName": "{alarm}"}, names={"AlarmNames?": ["{alarm}"]}
                )
            },
        ),
        "s3:object": Kind(
            "s3",
            writes={"PutObject": stored, "PutObjectTagging": stored, "DeleteObjectTagging": stored},
            deletes={"DeleteObject": stored},
            reads={
                "HeadObject": Read(stored),
                "GetObject": Read(stored),
                "GetObjectTagging": Read(stored),
            },
            lists={
                name: Listing(
                    "Contents", {"Key": "{key}"}, {"Bucket": "{bucket}"}, {"Prefix": "{key}"}, count
                )
                for name, count in (("ListObjects", None), ("ListObjectsV2", "KeyCount"))
            },
            is_global=True,
        ),
        "lambda:policy": Kind(
            "lambda",
            writes={"AddPermission": function, "RemovePermission": function},
            reads={"GetPolicy": Read(function)},
        ),
        "logs:resourcePolicy": Kind(
            "logs",
            writes={"PutResourcePolicy": {"policyName": "{policy}"}},
            deletes={"DeleteResourcePolicy": {"policyName": "{policy}"}},
            lists={"DescribeResourcePolicies": Listing("resourcePolicies", {"policyName": "{policy}"})},
        ),
    }


KINDS: dict[str, Kind] = _guardduty() | _events() | _iam() | _sqs() | _sns() | _ecs() | _others()
